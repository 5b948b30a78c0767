"""A sponsor says when its money comes; the town records that it came, and by that the fund is loaded.

What was announced is a promise and no money: nothing can be granted from it. The return of what is left goes the way of
every budget (`return_appropriation`, at the latest with the year's end).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from meguri.parties.operations.members import require_manager
from meguri.parties.rules import require
from meguri.programmes.models import Fund, SponsorDeposit
from meguri.programmes.operations.budgets import FUND_UNKNOWN, appropriate_budget
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

YEN_MOST: Final = 10**10
WAITING_MOST: Final = 24

DEPOSIT_UNKNOWN = declare(
    "deposit_unknown", status=404, ja="この入金の予定は見つかりません。", en="There is no such announced deposit."
)
DEPOSIT_SETTLED = declare(
    "deposit_settled",
    ja="この入金の予定は、もう記録済みか取り下げられています。", en="This deposit was recorded or withdrawn already.",
)
DEPOSIT_WRONG = declare(
    "deposit_wrong", status=422,
    ja="金額は1円から{most}円まで、予定日は今日以降にしてください。",
    en="Let the sum be 1 to {most} yen and the day today or later.",
)
DEPOSITS_TOO_MANY = declare(
    "deposits_too_many",
    ja="予定は{most}件までです。届いたものの記録を町に頼むか、どれかを取り下げてください。",
    en="Up to {most} deposits can be announced. Please have some recorded, or withdraw one.",
)


@transaction.atomic
def announce_deposit(*, fund: UUID, yen: int, due_on: date, by: Actor, at: datetime) -> UUID:
    """Say that a sum comes into one's own fund by a day.

    Order: lock the fund, so that announcements are counted one by one; permission, the sum, the count, the row.
    Raises Refusal `fund_unknown`, `not_allowed`, `sponsor_manager_needed`, `deposit_wrong`, `deposits_too_many`.
    """
    kept = Fund.objects.select_for_update(no_key=True).filter(id=fund, municipality=by.municipality).first()
    if kept is None:
        raise FUND_UNKNOWN.refusal()
    require(by, "budget.announce", owner=_payer(kept))
    require_manager(by)
    if not 1 <= yen <= YEN_MOST or due_on < day(at):
        raise DEPOSIT_WRONG.refusal(field="due_on" if 1 <= yen <= YEN_MOST else "yen", most=YEN_MOST)
    waiting = SponsorDeposit.objects.filter(fund=kept, recorded_at=None, withdrawn_at=None)
    if waiting.count() >= WAITING_MOST:
        raise DEPOSITS_TOO_MANY.refusal(most=WAITING_MOST)
    row = SponsorDeposit.objects.create(
        id=uuid7(at), municipality=by.municipality, fund=kept, yen=yen, due_on=due_on, announced_at=at
    )
    return row.id


@transaction.atomic
def withdraw_deposit(deposit: UUID, *, by: Actor, at: datetime) -> None:
    """The sponsor takes an announcement back. Raises Refusal `deposit_unknown`, `not_allowed`, `deposit_settled`."""
    row = _open(deposit, by)
    require(by, "budget.announce", owner=_payer(row.fund))
    require_manager(by)
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])


@transaction.atomic
def record_deposit(deposit: UUID, *, arrived_on: date, by: Actor, at: datetime) -> UUID:
    """The money is on the town's account: load the fund by it; gives the appropriation's id.

    Order: lock the announcement, so that it is recorded once; then as `appropriate_budget`, which asks the permission.
    Raises Refusal `deposit_unknown`, `deposit_settled`, and as `appropriate_budget`.
    """
    row = _open(deposit, by)
    made = appropriate_budget(
        fund=row.fund_id, amount_yen=row.yen, reason=f"協賛金の入金(予定日 {row.due_on.isoformat()})",
        decided_on=arrived_on, by=by, at=at,
    )  # fmt: skip
    row.arrived_on, row.recorded_at, row.recorded_by, row.appropriation = arrived_on, at, by.party, made
    row.save(update_fields=["arrived_on", "recorded_at", "recorded_by", "appropriation"])
    return made


def _open(deposit: UUID, by: Actor) -> SponsorDeposit:
    rows = SponsorDeposit.objects.select_for_update(of=("self",)).select_related("fund")
    row = rows.filter(id=deposit, municipality=by.municipality).first()
    if row is None:
        raise DEPOSIT_UNKNOWN.refusal()
    if row.recorded_at is not None or row.withdrawn_at is not None:
        raise DEPOSIT_SETTLED.refusal()
    return row


def _payer(fund: Fund) -> UUID | None:
    """The sponsor that pays a fund; none for a department's."""
    try:
        return UUID(fund.payer)
    except ValueError:
        return None
