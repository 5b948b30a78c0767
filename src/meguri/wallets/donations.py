"""What may be done with causes and donations: a cause listed by two officers, a donation made, undone, passed on.

The money leaves the wallet when the donation is made and lies, lot by lot, on an account of the donation itself. For a
day it can be undone; then it becomes payable to the cause's receiver and leaves the town with the next settlement.
Undoing and passing on use up one key: whoever is second finds it used. Only granted value can be donated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import KEY_REUSED, Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties import queries as people
from meguri.parties.rules import Both, digest_of, require
from meguri.programmes import queries as programmes
from meguri.wallets import donation_rules as rules
from meguri.wallets.lots import lots_of
from meguri.wallets.models import Cause, Donation
from meguri.wallets.operations import WALLET_SUSPENDED, locked_wallet
from meguri.words.actor import Actor
from meguri.words.ids import named_id, uuid7
from meguri.words.period import day_start

APPROVED_AS: Final = "cause.approve"
PASSED_AT_ONCE: Final = 1_000
ONE_DAY: Final = timedelta(days=1)


# --- causes ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose_cause(
    *, name: Both, purpose: Both, receiver: UUID, receiver_kind: str, first: date, last: date, by: Actor, at: datetime
) -> UUID:
    """Write a cause down and ask for its approval. `receiver`: a registered organisation, or the town's fund as one.

    Order: permission, what was written, the receiver, the row, the approval.
    Raises Refusal `not_allowed`, `cause_text_missing`, `cause_period_wrong`, `cause_receiver_unknown`.
    """
    require(by, "cause.make", department=by.department, municipality=by.municipality)
    if not all(part.strip() for part in (name.ja, name.en, purpose.ja, purpose.en)):
        raise rules.CAUSE_TEXT_MISSING.refusal(field="name_ja")
    if last < first:
        raise rules.CAUSE_PERIOD_WRONG.refusal(field="last_day")
    if people.sponsor(receiver, municipality=by.municipality) is None:
        raise rules.CAUSE_RECEIVER_UNKNOWN.refusal(field="receiver")
    row = Cause(
        id=uuid7(at), municipality=by.municipality, department=by.department, name_ja=name.ja.strip(),
        name_en=name.en.strip(), purpose_ja=purpose.ja.strip(), purpose_en=purpose.en.strip(), receiver=receiver,
        receiver_kind=receiver_kind, opens_at=day_start(first), ends_at=day_start(last + ONE_DAY), made_by=by.party,
        made_at=at,
    )  # fmt: skip
    row.approval = parties.propose(
        APPROVED_AS, object_id=row.id, digest=_digest(row), department=row.department, by=by, at=at
    )
    row.save(force_insert=True)
    return row.id


@transaction.atomic
def approve_cause(cause: UUID, *, by: Actor, at: datetime) -> None:
    """The second officer's yes: from its first day on people can give to it.

    Raises Refusal `cause_unknown`, and as `parties.approve`.
    """
    row = _locked_cause(cause, municipality=by.municipality)
    parties.approve(row.approval, _digest(row), by=by, at=at)
    row.approved_at = at
    row.save(update_fields=["approved_at"])


@transaction.atomic
def close_cause(cause: UUID, *, by: Actor, at: datetime, reason: str = "") -> None:
    """The maker takes the proposal back, or (with a reason) the checker sends it back: nothing is listed.

    Raises Refusal `cause_unknown`, `cause_decided`, and as `parties.reject` and `parties.withdraw`.
    """
    row = _locked_cause(cause, municipality=by.municipality)
    if row.approved_at is not None:
        raise rules.CAUSE_DECIDED.refusal()
    if reason:
        parties.reject(row.approval, by=by, at=at, note=reason)
    else:
        parties.withdraw(row.approval, by=by, at=at)
    row.delete()


# --- donations -------------------------------------------------------------------------------------------------------


@transaction.atomic
def donate(
    *, cause: UUID, holder: UUID, purse_kind: UUID, expires_at: datetime | None, amount_yen: int, request: str,
    by: Actor, at: datetime,
) -> UUID:
    """Give yen of one purse to a cause; gives the donation's id. Sent again under the same `request` it is the same.

    Order: permission, the wallet's row (locked), the donation made before, the cause, the terms, one posting, the row.
    Raises Refusal `not_allowed`, `wallet_unknown`, `wallet_suspended`, `cause_unknown`, `cause_closed`,
    `donation_not_permitted`, `donation_paid_value`, `donation_amount_wrong`, `insufficient`, `key_reused`.
    """
    require(by, "donation.give", owner=holder)
    if locked_wallet(holder, municipality=by.municipality).suspended_at is not None:
        raise WALLET_SUSPENDED.refusal()
    number = named_id(f"donation:{by.municipality}:{holder}:{request}")
    if (made := Donation.objects.filter(id=number, municipality=by.municipality).first()) is not None:
        if (made.cause_id, made.purse_kind, made.expires_at, made.yen) != (cause, purse_kind, expires_at, amount_yen):
            raise KEY_REUSED.refusal()
        return number
    found = Cause.objects.filter(id=cause, municipality=by.municipality, approved_at__isnull=False).first()
    if found is None:
        raise rules.CAUSE_UNKNOWN.refusal()
    if not rules.is_open(found, at=at):
        raise rules.CAUSE_CLOSED.refusal(limit="period")
    kind = programmes.rules_in_force(by.municipality, at).purse_kinds.get(purse_kind)
    until = rules.require_donatable(kind, expires_at=expires_at, amount_yen=amount_yen, at=at)
    assert kind is not None  # noqa: S101 - a kind that is not there gives nothing
    lots = lots_of(holder, kind, expires_at=expires_at, amount_yen=amount_yen, municipality=by.municipality)
    leg = Leg(Account(holder, AccountRole.WALLET), _put_aside(number), amount_yen, tuple(lots))
    posting = Posting(
        key=f"donate:{number}", template="donate", legs=(leg,), at=at, by=str(by.role),
        about=_about(number, cause=cause, programme=kind.programme),
    )  # fmt: skip
    given = ledger.post(posting, municipality=by.municipality).posting
    Donation.objects.create(
        id=number, municipality=by.municipality, cause=found, holder=holder, programme=kind.programme,
        purse_kind=purse_kind, part=kind.part, yen=amount_yen, expires_at=expires_at, made_at=at, until=until,
        given=given,
    )  # fmt: skip
    return number


@transaction.atomic
def undo_donation(donation: UUID, *, by: Actor, at: datetime) -> None:
    """The giver has it back, whole, into the same lots, within a day. Again is the same.

    Order: the donation's row (locked), permission, its time, one posting under the donation's own key.
    Raises Refusal `donation_unknown`, `not_allowed`, `donation_final`.
    """
    row = Donation.objects.select_for_update().filter(id=donation, municipality=by.municipality).first()
    if row is None or row.holder != by.party:
        raise rules.DONATION_UNKNOWN.refusal()
    require(by, "donation.give", owner=row.holder)
    if row.outcome == Donation.UNDONE:
        return
    if row.outcome or row.until <= at:
        raise rules.DONATION_FINAL.refusal(limit="until")
    posting = _closing(row, "undo_donation", to=Account(row.holder, AccountRole.WALLET), by=by, at=at)
    _close(row, ledger.post(posting, municipality=row.municipality), outcome=Donation.UNDONE, at=at)


@transaction.atomic
def pass_on(*, by: Actor, at: datetime) -> int:
    """Make a batch of donations payable that can be undone no more; gives how many. For a task, again and again.

    Order: permission, the rows (those that somebody is about to close are left), one batch of postings, the rows.
    """
    require(by, "donation.pass_on")
    due = Donation.objects.filter(municipality=by.municipality, until__lte=at, outcome="").order_by("until", "id")
    rows = list(due.select_related("cause").select_for_update(skip_locked=True, of=("self",))[:PASSED_AT_ONCE])
    receivers = {row.cause.receiver for row in rows}
    roles = (AccountRole.PAYABLE, AccountRole.PAID_OUT)
    ledger.open_accounts([Account(each, role) for each in receivers for role in roles], municipality=by.municipality)
    postings = [
        _closing(row, "pass_donation", to=Account(row.cause.receiver, AccountRole.PAYABLE), by=by, at=at)
        for row in rows
    ]
    answers = ledger.post_batch(postings, municipality=by.municipality)
    passed = [(row, made) for row, made in zip(rows, answers, strict=True) if isinstance(made, Verdict)]
    for row, made in passed:
        _close(row, made, outcome=Donation.PASSED, at=at)
    return len(passed)


def _closing(row: Donation, template: str, *, to: Account, by: Actor, at: datetime) -> Posting:
    """What ends a donation: all of it, lot by lot as it was put aside, goes to one account, and its key is used up."""
    entries = books.entries(row.given, municipality=row.municipality)
    return Posting(
        key=f"{template}:{row.id}", template=template, at=at, by=str(by.role), once=f"donation:{row.id}",
        legs=tuple(Leg(_put_aside(row.id), to, entry.amount, (entry.credit_lot,)) for entry in entries),
        about=_about(row.id, cause=row.cause_id, programme=row.programme),
    )  # fmt: skip


def _close(row: Donation, made: Verdict, *, outcome: str, at: datetime) -> None:
    row.ended, row.ended_at, row.outcome = made.posting, at, outcome
    row.save(update_fields=["ended", "ended_at", "outcome"])


def _put_aside(donation: UUID) -> Account:
    """Where the money of a donation lies while it can be undone."""
    return Account(donation, AccountRole.HELD)


def _about(donation: UUID, *, cause: UUID, programme: UUID) -> Mapping[str, str]:
    return {"programme": str(programme), "donation": str(donation), "cause": str(cause)}


def _locked_cause(cause: UUID, *, municipality: int) -> Cause:
    row = Cause.objects.select_for_update().filter(id=cause, municipality=municipality).first()
    if row is None:
        raise rules.CAUSE_UNKNOWN.refusal()
    return row


def _digest(row: Cause) -> str:
    return digest_of({
        "name": [row.name_ja, row.name_en], "purpose": [row.purpose_ja, row.purpose_en],
        "receiver": str(row.receiver), "receiver_kind": row.receiver_kind,
        "opens": int(row.opens_at.timestamp()), "ends": int(row.ends_at.timestamp()),
    })  # fmt: skip
