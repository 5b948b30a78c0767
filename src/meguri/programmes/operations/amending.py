"""A running programme's document changes: drafted, judged, approved by a second person, in force then or from a day on.

The programme goes on under the version in force until the approval, or until the start that was approved with it. What
an amendment may not do stands in `programmes.amendments` and `programmes.starting`; it is asked when the approval is
sought, and once more when it is given. One that waits for its start is the only one: no other is made meanwhile.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from meguri.parties import operations as parties
from meguri.parties.rules import Both, digest_of, require
from meguri.programmes import queries
from meguri.programmes.findings import Finding
from meguri.programmes.models import Programme, ProgrammeState, TermsVersion
from meguri.programmes.operations.beginning import put_into_force
from meguri.programmes.operations.drafting import current_version, locked_programme, refuse_errors
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED, announce
from meguri.programmes.operations.reserving import change_budget, reserve_budget
from meguri.programmes.starting import takings_at
from meguri.programmes.terms import ProgrammeTerms, digest, from_tree, write_terms
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare

ACTION = "programme.approve_amendment"
REASON_MOST = 2_000

AMENDMENT_PROPOSED = declare(
    "amendment_proposed",
    ja="この事業の変更案は、いま承認を待っています。直すには、先に承認の求めを取り下げてください。",
    en="An amendment of this programme waits for its approval. Withdraw the request to work on it.",
)
AMENDMENT_NOT_PROPOSED = declare(
    "amendment_not_proposed",
    ja="承認を待っている変更案はありません。", en="No amendment of this programme waits for approval.",
)
AMENDMENT_MISSING = declare(
    "amendment_missing", status=404,
    ja="この事業に変更案はありません。", en="Nobody works on an amendment of this programme.",
)
AMENDMENT_CHANGES_NOTHING = declare(
    "amendment_changes_nothing", status=422,
    ja="いまの文書と同じです。変えるところを変えてから保存してください。",
    en="This is the document in force. Change something before you keep it.",
)
AMENDMENT_UNREASONED = declare(
    "amendment_unreasoned", status=422,
    ja="変更の理由を{most}文字以内で書いてください。", en="Please say why, in at most {most} characters.",
)
AMENDMENT_TAKES = declare(
    "amendment_takes", status=422,
    ja="この変更は、すでに持っている人や約束した人から取り上げるのでできません({count}件)。まず「{path}」: {first:ja}",
    en="This would take from people who hold or were promised something ({count}). First, “{path}”: {first:en}",
)
AMENDMENT_WAITS = declare(
    "amendment_waits",
    ja="{day}から施行される変更が、承認されて待っています。次の変更は、その施行のあとにするか、先にその変更を取りやめてください。",
    en="An approved amendment waits for its start on {day}. Make the next one after it, or withdraw that one first.",
)
START_IS_OVER = declare(
    "amendment_start_over", status=422,
    ja="施行日({day})が過ぎています。先の日を選ぶか、空けて承認と同時の施行にしてください。",
    en="The start ({day}) is over. Choose a later day, or leave it empty: then it rules from its approval.",
)


@transaction.atomic
def draft_amendment(
    *, programme: UUID, terms: ProgrammeTerms, reason: str, by: Actor, at: datetime, starts_at: datetime | None = None
) -> None:
    """Keep a document as what a running programme shall become. A draft may be wrong; it is judged when submitted.

    `starts_at`: from when it shall rule; None: from its approval.
    Order: lock the programme, ask the permission, write its next version.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_unreasoned`,
    `amendment_start_over`, `amendment_waits`, `amendment_proposed`, `amendment_changes_nothing`.
    """
    kept = locked_programme(programme, by)
    _require_own(kept, by)
    if not 1 <= len(reason.strip()) <= REASON_MOST:
        raise AMENDMENT_UNREASONED.refusal(field="reason", most=REASON_MOST)
    _refuse_past(starts_at, at=at)
    waiting = waiting_version(kept)
    if waiting is not None and waiting.approval is not None:
        raise _busy(waiting)
    if digest(terms) == current_version(kept).digest:
        raise AMENDMENT_CHANGES_NOTHING.refusal()
    values = {
        "document": json.loads(write_terms(terms, "json")), "digest": digest(terms), "reason": reason.strip(),
        "drafted_by": by.party, "drafted_at": at, "starts_at": starts_at,
    }  # fmt: skip
    newest = TermsVersion.objects.filter(programme=kept).aggregate(number=Max("number"))["number"]
    TermsVersion.objects.update_or_create(
        programme=kept, launched_at=None, withdrawn_at=None, defaults=values,
        create_defaults={**values, "id": uuid7(at), "municipality": by.municipality, "number": newest + 1},
    )


@transaction.atomic
def drop_amendment(*, programme: UUID, by: Actor) -> None:
    """The makers give a draft up; a proposed one is withdrawn first. Raises as `submit_amendment`."""
    _, version = _draft(programme, by=by)
    version.delete()


@transaction.atomic
def submit_amendment(*, programme: UUID, by: Actor, at: datetime) -> UUID:
    """Ask a checker to put the amendment into force as it is now; gives the approval's id.

    Order: lock the programme, ask the permission, judge the document, then what it would take, propose its digest.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_missing`,
    `amendment_waits`, `amendment_proposed`, `amendment_start_over`, `programme_has_errors`, `amendment_takes`.
    """
    kept, version = _draft(programme, by=by)
    _refuse_past(version.starts_at, at=at)
    _, after = judge(kept, version)
    version.approval = parties.propose(
        ACTION, object_id=kept.id, digest=_digest(version, after), department=kept.department,
        note=version.reason[:400], by=by, at=at,
    )  # fmt: skip
    version.save(update_fields=["approval"])
    return version.approval


@transaction.atomic
def withdraw_amendment(*, programme: UUID, by: Actor, at: datetime) -> None:
    """The makers take the request back; the draft may change again.

    Raises Refusal `programme_unknown`, `not_allowed`, `amendment_not_proposed`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.amend", department=kept.department, municipality=kept.municipality)
    version, approval = _proposed(kept)
    parties.withdraw(approval, by=by, at=at)
    _back_to_draft(version)


@transaction.atomic
def send_amendment_back(*, programme: UUID, note: str, by: Actor, at: datetime) -> None:
    """The checker sends the amendment back with a reason.

    Raises Refusal `programme_unknown`, `not_allowed`, `amendment_not_proposed`, `checker_is_maker`.
    """
    kept = locked_programme(programme, by)
    require(by, ACTION, department=kept.department, municipality=kept.municipality)
    version, approval = _proposed(kept)
    parties.reject(approval, by=by, at=at, note=note)
    _back_to_draft(version)


@transaction.atomic
def approve_amendment(*, programme: UUID, by: Actor, at: datetime) -> int:
    """The checker puts the amendment into force, now or from the start that it names; gives the version's number.

    Order: lock the programme; permission; judge the document and what it would take once more, because people may hold
    more than when it was submitted; approve, which refuses the maker and a changed document; the version, and what
    follows from it if it rules now; tell the tills; last, post or set apart the budget, so that the books are locked
    for the shortest time.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_not_proposed`,
    `amendment_start_over`, `programme_has_errors`, `amendment_takes`, `checker_is_maker`, `digest_differs`,
    `insufficient`.
    """
    kept = locked_programme(programme, by)
    require(by, ACTION, department=kept.department, municipality=kept.municipality)
    _require_running(kept)
    version, approval = _proposed(kept)
    _refuse_past(version.starts_at, at=at)
    before, after = judge(kept, version)
    parties.approve(approval, _digest(version, after), by=by, at=at)
    version.launched_by, version.approved_at = by.party, at
    if version.starts_at is None:
        put_into_force(kept, version, before=before, since=at, by=by, at=at)
        change_budget(before, after, programme=kept, number=version.number, by=by, at=at)
        return version.number
    version.save(update_fields=["launched_by", "approved_at"])
    announce(kept.municipality, at=at)
    reserve_budget(before, after, programme=kept, version=version, by=by, at=at)
    return version.number


def _require_own(kept: Programme, by: Actor) -> None:
    """A running programme of the actor's own department."""
    require(by, "programme.amend", department=kept.department, municipality=kept.municipality)
    _require_running(kept)


def _require_running(kept: Programme) -> None:
    if kept.state != ProgrammeState.LAUNCHED:
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=kept.state)


def waiting_version(kept: Programme) -> TermsVersion | None:
    """The version that is to follow the one in force; a draft's first version is none.

    Raises Refusal `programme_not_launched`.
    """
    _require_running(kept)
    return TermsVersion.objects.filter(programme=kept, launched_at=None, withdrawn_at=None, number__gt=1).first()


def _busy(waiting: TermsVersion) -> Refusal:
    """Why nobody may work on the amendment that waits: for its approval, or for its start."""
    if waiting.approved_at is None or waiting.starts_at is None:
        return AMENDMENT_PROPOSED.refusal()
    return AMENDMENT_WAITS.refusal(day=day(waiting.starts_at).isoformat())


def _refuse_past(starts_at: datetime | None, *, at: datetime) -> None:
    if starts_at is not None and starts_at <= at:
        raise START_IS_OVER.refusal(field="starts_on", day=day(starts_at).isoformat())


def _digest(version: TermsVersion, terms: ProgrammeTerms) -> str:
    """What an approval binds: the document, and the start where it names one."""
    own = digest(terms)
    return own if version.starts_at is None else digest_of({"document": own, "starts_at": version.starts_at})


def _draft(programme: UUID, *, by: Actor) -> tuple[Programme, TermsVersion]:
    """The programme, locked, and the amendment that its makers work on."""
    kept = locked_programme(programme, by)
    _require_own(kept, by)
    version = waiting_version(kept)
    if version is None:
        raise AMENDMENT_MISSING.refusal()
    if version.approval is not None:
        raise _busy(version)
    return kept, version


def _proposed(kept: Programme) -> tuple[TermsVersion, UUID]:
    version = waiting_version(kept)
    if version is None or version.approval is None or version.approved_at is not None:
        raise AMENDMENT_NOT_PROPOSED.refusal()
    return version, version.approval


def _back_to_draft(version: TermsVersion) -> None:
    version.approval = None
    version.save(update_fields=["approval"])


def judge(kept: Programme, version: TermsVersion) -> tuple[ProgrammeTerms, ProgrammeTerms]:
    """The document in force and the one that shall follow, which must be sound and take nothing.

    Raises Refusal `programme_has_errors`, `amendment_takes`.
    """
    before, after = from_tree(current_version(kept).document), from_tree(version.document)
    refuse_errors(after)
    standing = queries.standing(kept.id, municipality=kept.municipality)
    refuse_takings(takings_at(before, after, standing=standing, start=version.starts_at))
    return before, after


def refuse_takings(found: tuple[Finding, ...]) -> None:
    """Raise Refusal `amendment_takes`, with every taking among its facts, unless there is none."""
    if found:
        first = found[0]
        raise AMENDMENT_TAKES.refusal(
            field=first.path, count=len(found), path=first.path,
            first=Both(first.sentence("ja"), first.sentence("en")), takings=found,
        )
