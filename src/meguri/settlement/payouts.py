"""From what is payable to who is paid: one payout a payee and run, exact by lot, nothing spoken for twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from meguri.ledger import queries as books
from meguri.parties import queries as parties
from meguri.settlement.models import (
    PayeeKind,
    Payout,
    PayoutLine,
    PayoutState,
    RunState,
    SettlementRun,
    SettlementStatement,
)
from meguri.settlement.rules import Due, pay_day, uncovered
from meguri.settlement.takings import duties, payables, shops_among
from meguri.words.clock import midnight
from meguri.words.ids import uuid7
from meguri.words.period import FiscalYear

_DONE = (RunState.APPROVED, RunState.SENT, RunState.WITHDRAWN)
_WAITS_FOR_APPROVAL = Q(payout__state=PayoutState.PAYABLE, payout__run__state=RunState.RUN)
_WAITS_FOR_THE_BANK = Q(payout__state=PayoutState.ORDERED)


def unspoken_for(municipality: int) -> tuple[Due, ...]:
    """What is payable now and in no payout that still waits for its approval or for the bank to get its file.

    A payout that was left out of an approved file (no account, held), or whose file was withdrawn, speaks for nothing:
    its yen come again.
    """
    rows = (
        PayoutLine.objects.filter(_WAITS_FOR_APPROVAL | _WAITS_FOR_THE_BANK, municipality=municipality)
        .values_list("payout__payee", "lot").annotate(yen=Sum("amount_yen"))
    )
    covered = {(payee, lot): yen for payee, lot, yen in rows}
    rest = (uncovered(due, covered) for due in payables(municipality))
    return tuple(due for due in rest if due.lots)


def plan_payouts(run: SettlementRun, *, at: datetime) -> list[Payout]:
    """Write the payouts of a run for all that is payable. Order: rows, lines, statements, what is carried over."""
    dues = unspoken_for(run.municipality)
    kinds = payee_kinds([due.owner for due in dues], municipality=run.municipality)
    made = [
        Payout(
            id=uuid7(at), municipality=run.municipality, run=run, number=number, payee=due.owner,
            payee_kind=kinds[due.owner], amount_yen=due.yen, pay_on=pay_day(at),
        )
        for number, due in enumerate(dues, 1)
    ]
    Payout.objects.bulk_create(made, batch_size=2000)
    PayoutLine.objects.bulk_create(
        [line for payout, due in zip(made, dues, strict=True) for line in _lines(payout, due, at=at)], batch_size=5000
    )
    _tell_statements(run, made)
    _carry_over(made, run)
    return made


def _lines(payout: Payout, due: Due, *, at: datetime) -> Iterable[PayoutLine]:
    return (
        PayoutLine(
            id=uuid7(at), municipality=payout.municipality, payout=payout, lot=lot.lot, fund=lot.fund,
            purse_kind=lot.purse_kind, amount_yen=lot.yen,
        )
        for lot in due.lots
    )


def payee_kinds(owners: Sequence[UUID], *, municipality: int) -> dict[UUID, PayeeKind]:
    """What each payee is: a shop has takings in the books, a sponsor stands among the parties, others hold benefits."""
    shops = shops_among(list(owners), municipality=municipality)
    sponsors = {sponsor.id for sponsor in parties.sponsors(municipality)}
    return {
        owner: PayeeKind.SHOP if owner in shops else PayeeKind.SPONSOR if owner in sponsors else PayeeKind.HOLDER
        for owner in owners
    }


def _tell_statements(run: SettlementRun, made: Sequence[Payout]) -> None:
    """Let the run's statements name the payout that pays them."""
    by_payee = {payout.payee: payout for payout in made}
    statements = list(SettlementStatement.objects.filter(run=run))
    for statement in statements:
        statement.payout = by_payee.get(statement.shop)
    SettlementStatement.objects.bulk_update(statements, ["payout"], batch_size=2000)


def _carry_over(made: Sequence[Payout], run: SettlementRun) -> None:
    """Payouts left out of earlier files, and returned ones, hand their statements (and a hold) to the new payout."""
    by_payee = {payout.payee: payout for payout in made}
    earlier = Payout.objects.select_for_update().filter(municipality=run.municipality, payee__in=list(by_payee))
    left_out = list(earlier.filter(state=PayoutState.PAYABLE, run__state__in=_DONE).order_by("id"))
    for payout in left_out:
        follower = by_payee[payout.payee]
        payout.state, payout.carried_into = PayoutState.CARRIED, follower
        follower.held_because = payout.held_because or follower.held_because
        follower.held_by = payout.held_by or follower.held_by
    Payout.objects.bulk_update(left_out, ["state", "carried_into"], batch_size=2000)
    Payout.objects.bulk_update(made, ["held_because", "held_by"], batch_size=2000)
    followed = [*left_out, *earlier.filter(state=PayoutState.RETURNED)]
    statements = list(SettlementStatement.objects.filter(payout__in=followed))
    for statement in statements:
        statement.payout = by_payee[statement.shop]
    SettlementStatement.objects.bulk_update(statements, ["payout"], batch_size=2000)


def year_before(run: SettlementRun) -> FiscalYear:
    """The fiscal year that had ended on a run's transfer day."""
    assert run.pay_on is not None  # noqa: S101 - an approved run has its day
    return FiscalYear(FiscalYear.of(run.pay_on).year - 1)


def in_closing_period(run: SettlementRun) -> bool:
    """Whether a run's yen leave the town's account in the closing period of the year before, which is not closed."""
    assert run.pay_on is not None  # noqa: S101 - as above
    year, closed = year_before(run), books.year_ends(municipality=run.municipality).closed
    return midnight(run.pay_on) in year.closing_period and (closed is None or closed < year.year)


def of_year(payouts: Iterable[Payout], year: FiscalYear, *, municipality: int) -> tuple[UUID, ...]:
    """Those that pay nothing but duties which arose by the end of the year and have not been paid yet."""
    lines: dict[Payout, list[PayoutLine]] = {payout: [] for payout in payouts}
    for line in PayoutLine.objects.filter(payout__in=lines).select_related("payout"):
        lines[line.payout].append(line)
    due = duties({payout.payee for payout in lines}, municipality=municipality, before=year.closing_period.start)
    return tuple(
        payout.id for payout, own in lines.items()
        if all(line.amount_yen <= due.get((payout.payee, line.lot), 0) for line in own)
    )


def document(run: SettlementRun, payouts: Sequence[Payout]) -> dict[str, Any]:
    """What an approval binds: every payee, amount and lot of the run. The cutoff as the database gives it back: in UTC,
    whatever zone it was asked for in.
    """
    lines: dict[UUID, list[tuple[int, int]]] = {}
    for line in PayoutLine.objects.filter(payout__in=payouts).order_by("lot"):
        lines.setdefault(line.payout_id, []).append((line.lot, line.amount_yen))
    return {
        "run": str(run.id), "cutoff": run.cutoff.astimezone(UTC).isoformat(),
        "payouts": [
            [payout.number, str(payout.payee), payout.payee_kind, payout.amount_yen, lines[payout.id]]
            for payout in sorted(payouts, key=lambda payout: payout.number)
        ],
    }
