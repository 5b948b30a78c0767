"""Four eyes: what one person made, another one approves, and the approval binds exactly those bytes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.parties.models import Approval, Outcome
from meguri.parties.queries.approvals import ApprovalView, approval_view
from meguri.parties.rules import require
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

APPROVAL_UNKNOWN = declare(
    "approval_unknown", status=404, ja="この承認依頼は見つかりません。", en="There is no such request for approval."
)
APPROVAL_CLOSED = declare(
    "approval_closed",
    ja="この承認依頼はすでに処理されています({outcome})。", en="This request has already been dealt with ({outcome}).",
)
APPROVAL_OPEN = declare(
    "approval_open",
    ja="同じものへの承認依頼がまだ開いています。取り下げてから出し直してください。",
    en="A request for the same object is still open. Please withdraw it first.",
)
CHECKER_IS_MAKER = declare(
    "checker_is_maker", status=403,
    ja="自分で起票したものは承認できません。別の承認者に頼んでください。",
    en="You made this yourself, so another person must approve it.",
)
DIGEST_DIFFERS = declare(
    "digest_differs",
    ja="起票のあとで内容が変わっています。今の内容をもう一度確かめ、起票し直してください。",
    en="The contents have changed since they were submitted. Please look again and have them submitted anew.",
)


@transaction.atomic
def propose(
    action: str, *, object_id: UUID, digest: str, by: Actor, at: datetime, department: str = "", note: str = ""
) -> UUID:
    """Ask for the approval of an object as it is now; gives the approval's id.

    `action` is the permission its checker must hold (such as `programme.launch`), `digest` the object's SHA-256
    (`rules.digest_of`). The same proposal again by the same person is the same approval.
    Raises Refusal `not_allowed` or `approval_open`.
    """
    require(by, "approval.propose", department=department)
    fresh = Approval(
        id=uuid7(at), municipality=by.municipality, department=department, action=action, object_id=object_id,
        digest=digest, made_by=by.party, made_at=at, note=note,
    )
    Approval.objects.bulk_create([fresh], ignore_conflicts=True)  # an open one stays what it is
    kept = Approval.objects.get(municipality=by.municipality, action=action, object_id=object_id, outcome="")
    if (kept.digest, kept.made_by) != (digest, by.party):
        raise APPROVAL_OPEN.refusal()
    return kept.id


def _locked(approval: UUID, municipality: int) -> Approval:
    found = Approval.objects.select_for_update().filter(id=approval, municipality=municipality).first()
    if found is None:
        raise APPROVAL_UNKNOWN.refusal()
    if found.outcome:
        raise APPROVAL_CLOSED.refusal(outcome=found.outcome)
    return found


def _judge(found: Approval, outcome: Outcome, *, by: Actor, at: datetime, note: str = "") -> ApprovalView:
    found.outcome, found.checked_by, found.checked_at = outcome, by.party, at
    found.note = f"{found.note}\n{note}".strip() if note else found.note
    found.save(update_fields=["outcome", "checked_by", "checked_at", "note"])
    return approval_view(found)


@transaction.atomic
def approve(approval: UUID, digest: str, *, by: Actor, at: datetime, note: str = "") -> ApprovalView:
    """Approve what was proposed, if it still is what was proposed. `digest` is computed anew from the object.

    Order: lock the approval, ask the permission, compare persons, compare digests, write the judgement. The caller
    acts in the same transaction.
    Raises Refusal `approval_unknown`, `approval_closed`, `not_allowed`, `checker_is_maker`, `digest_differs`.
    """
    found = _locked(approval, by.municipality)
    require(by, found.action, department=found.department)
    if by.party is None or by.party == found.made_by:
        raise CHECKER_IS_MAKER.refusal()
    if digest != found.digest:
        raise DIGEST_DIFFERS.refusal()
    return _judge(found, Outcome.APPROVED, by=by, at=at, note=note)


@transaction.atomic
def reject(approval: UUID, *, by: Actor, at: datetime, note: str) -> ApprovalView:
    """Send it back with a reason. Raises Refusal as `approve`, digests apart."""
    found = _locked(approval, by.municipality)
    require(by, found.action, department=found.department)
    if by.party is None or by.party == found.made_by:
        raise CHECKER_IS_MAKER.refusal()
    return _judge(found, Outcome.REJECTED, by=by, at=at, note=note)


@transaction.atomic
def withdraw(approval: UUID, *, by: Actor, at: datetime) -> ApprovalView:
    """The maker, or another maker of the department, takes a proposal back.

    Raises Refusal `approval_unknown`, `approval_closed`, `not_allowed`.
    """
    found = _locked(approval, by.municipality)
    require(by, "approval.propose", department=found.department)
    return _judge(found, Outcome.WITHDRAWN, by=by, at=at)
