"""From the books' verdicts to statements: what was moved, told to each shop as payments less refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from meguri.ledger.rules import Verdict
from meguri.settlement.models import SettlementRun, SettlementStatement, StatementLine
from meguri.settlement.rules import Activity, Due
from meguri.words.ids import uuid7


@dataclass(frozen=True, slots=True)
class Settled:
    """A shop's takings as they were due and as the books moved them."""

    due: Due
    activity: Activity
    verdict: Verdict


def write_statements(
    run: SettlementRun, settled: Sequence[Settled], *, at: datetime
) -> list[SettlementStatement]:
    """One statement and its lines for each shop settled."""
    told = told_before([one.due.owner for one in settled], municipality=run.municipality)
    made = [_statement(run, one, told=told.get(one.due.owner, Activity()), at=at) for one in settled]
    SettlementStatement.objects.bulk_create(made, batch_size=2000)
    lines = [
        line for row, one in zip(made, settled, strict=True) for line in _lines(row, one, at=at)
    ]
    StatementLine.objects.bulk_create(lines, batch_size=5000)
    return made


def told_before(shops: Sequence[UUID], *, municipality: int) -> dict[UUID, Activity]:
    """What earlier statements have told each shop already."""
    rows = (
        SettlementStatement.objects.filter(municipality=municipality, shop__in=list(shops)).values_list("shop")
        .annotate(Sum("payments_count"), Sum("payments_yen"), Sum("refunds_count"))
    )
    return {shop: Activity(*sums) for shop, *sums in rows}


def _statement(run: SettlementRun, one: Settled, *, told: Activity, at: datetime) -> SettlementStatement:
    """Refunds are what payments are more than the takings: the two sides of one sum, so it always adds up."""
    new = one.activity.less(told)
    gross = sum(taken.amount for taken in one.verdict.taken)
    return SettlementStatement(
        id=uuid7(at), municipality=run.municipality, run=run, shop=one.due.owner, payments_count=new.payments,
        payments_yen=new.payments_yen, refunds_count=new.refunds, refunds_yen=new.payments_yen - gross,
        gross_yen=gross, fee_yen=0, net_yen=gross, posting=one.verdict.posting,
    )


def _lines(row: SettlementStatement, one: Settled, *, at: datetime) -> list[StatementLine]:
    """By the lot in which the shop held the yen; each lot is one leg."""
    kinds = {lot.lot: lot for lot in one.due.lots}
    return [
        StatementLine(
            id=uuid7(at), municipality=row.municipality, statement=row, lot=taken.debit_lot,
            fund=kinds[taken.debit_lot].fund, purse_kind=kinds[taken.debit_lot].purse_kind, amount_yen=taken.amount,
        )
        for taken in one.verdict.taken
    ]
