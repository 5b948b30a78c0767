"""What may be asked of settlement. Answers are frozen; payees are pseudonyms, accounts stay in the vault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum

from meguri.programmes import queries as programmes
from meguri.settlement.models import (
    Payout,
    PayoutLine,
    PayoutState,
    RunState,
    SettlementRun,
    SettlementStatement,
    StatementLine,
    TransferFile,
)
from meguri.settlement.payouts import in_closing_period, of_year, year_before
from meguri.settlement.rules import FAULTS, Activity, Due, outliers
from meguri.settlement.statement import Named, StatementPart, StatementView
from meguri.settlement.takings import payables, takings
from meguri.words.clock import JST, midnight
from meguri.words.period import FiscalYear

NOBODY = Named("", "")


@dataclass(frozen=True, slots=True)
class RunView:
    """One settlement up to `cutoff`. `since`: the cutoff before. `payouts_…` count benefits and returned ones too."""

    id: UUID
    since: datetime | None
    cutoff: datetime
    state: str
    made_by: UUID | None
    made_at: datetime
    statements_count: int
    takings_yen: int
    payouts_count: int
    payouts_yen: int
    pay_on: date | None
    approval: UUID | None
    approved_by: UUID | None
    approved_at: datetime | None
    file_digest: str
    sent_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_because: str


@dataclass(frozen=True, slots=True)
class PayoutView:
    """What one payee is paid by bank. `fault` says why it was left out of the file; `held_because` why it waits."""

    id: UUID
    run: UUID
    number: int
    payee: UUID
    payee_kind: str
    amount_yen: int
    state: str
    pay_on: date
    fault: str
    fault_text: Named
    held_because: str
    carried_into: UUID | None
    handed_at: datetime | None
    returned_at: datetime | None
    returned_because: str


@dataclass(frozen=True, slots=True)
class FileView:
    """The bank's file without its contents. `digest`: SHA-256 of its bytes, to compare with what the bank took."""

    id: UUID
    run: UUID
    digest: str
    transfers_count: int
    amount_yen: int
    pay_on: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SettlementPreview:
    """What a run would do: takings by shop, and what else is already payable. Nothing has moved."""

    run: RunView
    takings: tuple[tuple[Due, Activity], ...]
    waiting: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """What the town owes by bank now. `since`: the earliest cutoff whose payouts are unpaid; none: all is unsettled.

    `takings_yen` of it no run has settled yet. `pay_on`: the next day on which something is planned to be paid.
    """

    yen: int
    takings_yen: int
    since: datetime | None
    pay_on: date | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An approved run, its file, and the payouts that are not in it."""

    run: RunView
    file: FileView
    left_out: tuple[PayoutView, ...]


@dataclass(frozen=True, slots=True)
class FundTotals:
    """One fund's yen in one run: settled with shops, and in the bank's file (benefits included, returned ones not)."""

    run: UUID
    cutoff: datetime
    fund: UUID
    settled_yen: int
    ordered_yen: int


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What moved on one day in Japan, in yen; refunds and returns are positive numbers."""

    on: date
    paid_yen: int
    refunded_yen: int
    settled_yen: int
    benefits_yen: int
    paid_out_yen: int
    returned_yen: int


def run_view(row: SettlementRun) -> RunView:
    names = RunView.__dataclass_fields__
    return RunView(**{name: getattr(row, name) for name in names})


def payout_view(row: Payout) -> PayoutView:
    ja, en = FAULTS.get(row.fault, ("", ""))
    return PayoutView(
        id=row.id, run=row.run_id, number=row.number, payee=row.payee, payee_kind=row.payee_kind,
        amount_yen=row.amount_yen, state=row.state, pay_on=row.pay_on, fault=row.fault, fault_text=Named(ja, en),
        held_because=row.held_because, carried_into=row.carried_into_id, handed_at=row.handed_at,
        returned_at=row.returned_at, returned_because=row.returned_because,
    )


def file_view(row: TransferFile) -> FileView:
    return FileView(
        id=row.id, run=row.run_id, digest=row.digest, transfers_count=row.transfers_count, amount_yen=row.amount_yen,
        pay_on=row.pay_on, made_at=row.made_at,
    )


def runs(municipality: int, *, limit: int = 50) -> tuple[RunView, ...]:
    """Settlements, latest cutoff first."""
    rows = SettlementRun.objects.filter(municipality=municipality).order_by("-cutoff")
    return tuple(run_view(row) for row in rows[:limit])


def run(run_id: UUID, *, municipality: int) -> RunView | None:
    row = SettlementRun.objects.filter(id=run_id, municipality=municipality).first()
    return run_view(row) if row else None


def run_of_cutoff(cutoff: datetime, *, municipality: int) -> RunView | None:
    """The settlement that was made up to exactly this cutoff; one only looked at is none."""
    rows = SettlementRun.objects.filter(municipality=municipality, cutoff=cutoff).exclude(state=RunState.PREVIEWED)
    row = rows.first()
    return run_view(row) if row else None


def owed(municipality: int, *, at: datetime) -> Owed:
    """What shops and other payees wait for at this moment: takings not yet settled, and what is settled and unpaid."""
    unsettled = sum(due.yen for due, _ in takings(municipality, cutoff=at))
    settled = sum(due.yen for due in payables(municipality))
    waiting = [PayoutState.PAYABLE, PayoutState.ORDERED]
    unpaid = Payout.objects.filter(municipality=municipality, state__in=waiting)
    billed = SettlementStatement.objects.filter(  # follows its yen from a returned payout into the next
        municipality=municipality, payout__state__in=[*waiting, PayoutState.RETURNED]
    )
    first = [rows.aggregate(first=Min("run__cutoff"))["first"] for rows in (unpaid, billed)]
    planned = Payout.objects.filter(
        Q(state=PayoutState.PAYABLE, run__state=RunState.RUN, held_because="")
        | Q(state__in=[PayoutState.ORDERED, PayoutState.SENT]),
        municipality=municipality, pay_on__gte=at.astimezone(JST).date(),
    ).exclude(run__state=RunState.WITHDRAWN)
    return Owed(
        yen=unsettled + settled, takings_yen=unsettled,
        since=min((cutoff for cutoff in first if cutoff), default=None) if settled else None,
        pay_on=planned.aggregate(first=Min("pay_on"))["first"],
    )


def file(run_id: UUID, *, municipality: int) -> FileView | None:
    """The bank's file of an approved run."""
    row = TransferFile.objects.filter(run_id=run_id, municipality=municipality).first()
    return file_view(row) if row else None


def payouts(
    *, municipality: int, run: UUID | None = None, payee: UUID | None = None, states: Iterable[str] = (),
    limit: int = 1000,
) -> tuple[PayoutView, ...]:
    """Payouts of a run in its order, or of a payee or state, newest first."""
    rows = Payout.objects.filter(municipality=municipality)
    if run is not None:
        rows = rows.filter(run_id=run)
    if payee is not None:
        rows = rows.filter(payee=payee)
    if chosen := list(states):
        rows = rows.filter(state__in=chosen)
    return tuple(payout_view(row) for row in rows.order_by("number" if run is not None else "-id")[:limit])


def to_confirm(run_id: UUID, *, municipality: int) -> tuple[int, int]:
    """How many payouts of a run an approval would order, and their yen: what the approver reads and types."""
    ready = Payout.objects.filter(
        municipality=municipality, run_id=run_id, state=PayoutState.PAYABLE, held_because=""
    ).aggregate(count=Count("id"), yen=Sum("amount_yen"))
    return int(ready["count"]), int(ready["yen"] or 0)


@dataclass(frozen=True, slots=True)
class YearDuties:
    """What of an approved run pays duties of the fiscal year before: the hand-over may date it into that year."""

    year: FiscalYear
    payouts_count: int
    yen: int


def duties_of_year_before(run_id: UUID, *, municipality: int) -> YearDuties | None:
    """What the hand-over of an approved run may date into the year that ended; None outside its closing period."""
    row = SettlementRun.objects.filter(id=run_id, municipality=municipality, state=RunState.APPROVED).first()
    if row is None or not in_closing_period(row):
        return None
    year, ordered = year_before(row), Payout.objects.filter(run=row, state=PayoutState.ORDERED)
    found = set(of_year(ordered, year, municipality=municipality))
    return YearDuties(year, len(found), sum(each.amount_yen for each in ordered if each.id in found)) if found else None


def fund_totals(municipality: int, *, fund: UUID | None = None) -> tuple[FundTotals, ...]:
    """What each run settled and ordered of each fund, latest cutoff first: a funder's account of its yen."""
    settled = StatementLine.objects.filter(municipality=municipality)
    ordered = PayoutLine.objects.filter(
        municipality=municipality, payout__state__in=[PayoutState.ORDERED, PayoutState.SENT]
    )
    if fund is not None:
        settled, ordered = settled.filter(fund=fund), ordered.filter(fund=fund)
    sums: dict[tuple[datetime, UUID, UUID], list[int]] = {}
    for row in settled.values_list("statement__run__cutoff", "statement__run", "fund").annotate(Sum("amount_yen")):
        sums.setdefault(row[:3], [0, 0])[0] = row[3]
    for row in ordered.values_list("payout__run__cutoff", "payout__run", "fund").annotate(Sum("amount_yen")):
        sums.setdefault(row[:3], [0, 0])[1] = row[3]
    latest = sorted(sums, key=lambda place: (-place[0].timestamp(), str(place[2])))
    return tuple(FundTotals(run, cutoff, of_fund, *sums[cutoff, run, of_fund]) for cutoff, run, of_fund in latest)


def standing_out(run_id: UUID, *, municipality: int) -> tuple[PayoutView, ...]:
    """Payouts of a run that are far larger than the others, for the approver's second look."""
    of_run = payouts(municipality=municipality, run=run_id, limit=1_000_000)
    return tuple(of_run[place] for place in outliers([payout.amount_yen for payout in of_run]))


def statements(
    *, municipality: int, at: datetime, run: UUID | None = None, shop: UUID | None = None, limit: int = 1000
) -> tuple[StatementView, ...]:
    """Statements with their parts: of a run (largest first) or of a shop (newest first)."""
    rows = SettlementStatement.objects.filter(municipality=municipality).select_related("run", "payout")
    if run is not None:
        rows = rows.filter(run_id=run)
    if shop is not None:
        rows = rows.filter(shop=shop)
    order = ("-net_yen", "shop") if run is not None else ("-run__cutoff",)
    return _statements(rows.order_by(*order)[:limit], municipality=municipality, at=at)


def statement(statement_id: UUID, *, municipality: int, at: datetime) -> StatementView | None:
    """One statement. The caller decides who may see it: its shop, the accounting office."""
    rows = SettlementStatement.objects.filter(municipality=municipality, id=statement_id)
    found = _statements(rows.select_related("run", "payout"), municipality=municipality, at=at)
    return found[0] if found else None


def _statements(
    rows: QuerySet[SettlementStatement], *, municipality: int, at: datetime
) -> tuple[StatementView, ...]:
    found = list(rows)
    lines: dict[UUID, list[StatementLine]] = {}
    for line in StatementLine.objects.filter(statement__in=found).order_by("fund", "purse_kind", "lot"):
        lines.setdefault(line.statement_id, []).append(line)
    names = _Names(municipality, at=at)
    return tuple(_statement(row, tuple(names.part(line) for line in lines.get(row.id, ()))) for row in found)


class _Names:
    """What funds, purse kinds and programmes are called; what is not known stays without a name."""

    def __init__(self, municipality: int, *, at: datetime) -> None:
        self.kinds = programmes.rules_in_force(municipality, at).purse_kinds
        self.funds = {fund.id: fund for fund in programmes.funds(municipality)}
        self.programmes = {
            each.id: Named(each.name_ja, each.name_en) for each in programmes.programmes(municipality)
        }

    def part(self, line: StatementLine) -> StatementPart:
        fund = self.funds.get(line.fund)
        kind = self.kinds.get(line.purse_kind) if line.purse_kind else None
        return StatementPart(
            fund=line.fund, fund_name=Named(fund.name_ja, fund.name_en) if fund else NOBODY,
            purse_kind=line.purse_kind, purse_name=Named(kind.name_ja, kind.name_en) if kind else NOBODY,
            programme=fund.programme if fund else None, family=fund.family if fund else "", yen=line.amount_yen,
            programme_name=self.programmes.get(fund.programme, NOBODY) if fund else NOBODY,
        )


def _statement(row: SettlementStatement, parts: tuple[StatementPart, ...]) -> StatementView:
    return StatementView(
        id=row.id, run=row.run_id, shop=row.shop, since=row.run.since, cutoff=row.run.cutoff,
        payments_count=row.payments_count, payments_yen=row.payments_yen, refunds_count=row.refunds_count,
        refunds_yen=row.refunds_yen, gross_yen=row.gross_yen, fee_yen=row.fee_yen, net_yen=row.net_yen,
        posting=row.posting, payout=row.payout_id, payout_state=row.payout.state if row.payout else "",
        pay_on=row.payout.pay_on if row.payout else row.run.pay_on, parts=parts,
    )


_DAYS = """
SELECT (e.effective_at AT TIME ZONE %(zone)s)::date,
       sum(e.amount) FILTER (WHERE p.template = 'pay'),
       sum(e.amount) FILTER (WHERE p.template = 'refund_payment'),
       sum(e.amount) FILTER (WHERE p.template = 'settle'),
       sum(e.amount) FILTER (WHERE p.template = 'pay_benefit' AND c.role = 'payable'),
       sum(e.amount) FILTER (WHERE p.template = 'pay_out'),
       sum(e.amount) FILTER (WHERE p.template = 'return_payout')
  FROM ledger.entry e
  JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
  JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
  JOIN ledger.lot o ON (o.municipality_id, o.id) = (e.municipality_id, e.debit_lot) AND o.unit = 'money'
 WHERE e.municipality_id = %(municipality)s AND e.effective_at >= %(start)s AND e.effective_at < %(end)s
   AND p.template IN ('pay', 'refund_payment', 'settle', 'pay_benefit', 'pay_out', 'return_payout')
 GROUP BY 1 ORDER BY 1
"""


def day_totals(municipality: int, *, first: date, last: date) -> tuple[DayTotals, ...]:
    """What moved from `first` to `last` (both included), one row for each day on which something did."""
    wanted: dict[str, int | str | datetime] = {
        "municipality": municipality, "zone": JST.key, "start": midnight(first),
        "end": midnight(last + timedelta(days=1)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, wanted)
        return tuple(DayTotals(row[0], *(int(yen or 0) for yen in row[1:])) for row in cursor.fetchall())
