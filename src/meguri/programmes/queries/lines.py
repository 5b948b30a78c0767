"""The funds in the shape of the city's books: one line for each budget line, source and grant rate, at any moment."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from meguri.ledger import queries as books
from meguri.programmes.models import Fund
from meguri.programmes.queries.money import PLACES, Budget


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """All funds of one fiscal year, budget line (会計・款・項・目・節), source and grant rate; their yen together."""

    fiscal_year: int
    line: tuple[str, str, str, str, str]
    source_ja: str
    source_en: str
    grant_rate_bp: int
    funds: tuple[UUID, ...]
    budget: Budget


def budget_lines(
    municipality: int, *, effective_until: datetime | None = None, known_at: datetime | None = None
) -> tuple[BudgetLine, ...]:
    """The statement of all funds as the books had it: of what counts before `effective_until`, what was known by then.

    Every fund stands in exactly one line, so the lines add up to the ledger. At the end of 31 March the yen reserved
    are what holders may still spend, and what is left covers nothing yet: both are next year's question.
    """
    rows = books.trial_balance_at(municipality=municipality, effective_until=effective_until, known_at=known_at)
    sums: dict[UUID, dict[str, int]] = {}
    for row in rows:
        if row.fund is not None and row.role in PLACES:
            places = sums.setdefault(row.fund, {})
            places[PLACES[row.role]] = places.get(PLACES[row.role], 0) + row.amount
    by_line = attrgetter(
        "fiscal_year", "account", "kan", "kou", "moku", "setsu", "source_ja", "source_en", "grant_rate_bp"
    )
    funds = sorted(Fund.objects.filter(municipality=municipality), key=lambda fund: (by_line(fund), fund.id))
    return tuple(_line(group, sums) for group in (list(same) for _, same in groupby(funds, by_line)))


def _line(funds: list[Fund], sums: dict[UUID, dict[str, int]]) -> BudgetLine:
    first = funds[0]
    budgets = [astuple(Budget(**sums.get(fund.id, {}))) for fund in funds]
    return BudgetLine(
        fiscal_year=first.fiscal_year, line=(first.account, first.kan, first.kou, first.moku, first.setsu),
        source_ja=first.source_ja, source_en=first.source_en, grant_rate_bp=first.grant_rate_bp,
        funds=tuple(fund.id for fund in funds), budget=Budget(*map(sum, zip(*budgets, strict=True))),
    )  # fmt: skip
