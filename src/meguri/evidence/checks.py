"""Invariants of evidence that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from uuid import UUID

from meguri.evidence.flows import MoneyFigures
from meguri.evidence.queries import money_by_fund
from meguri.ledger.queries import trial_balance


def evidence_matches_the_books(municipality: int) -> list[str]:
    """Every fund's figures, added up from its movements, are to the yen what the trial balance says."""
    told = {fund: roles_of(figures) for fund, figures in money_by_fund(municipality).items()}
    books: dict[UUID, dict[str, int]] = {}
    for row in trial_balance(municipality=municipality):
        if row.fund is not None:
            place = _PLACES.get(row.role, str(row.role))
            of_fund = books.setdefault(row.fund, {})
            of_fund[place] = of_fund.get(place, 0) + row.amount
    return [
        f"fund {fund}, {place}: books {books.get(fund, {}).get(place, 0)}, evidence {told.get(fund, {}).get(place, 0)}"
        for fund in books.keys() | told.keys()
        for place in books.get(fund, {}).keys() | told.get(fund, {}).keys()
        if books.get(fund, {}).get(place, 0) != told.get(fund, {}).get(place, 0)
    ]


_PLACES = {"shop": "waiting", "payable": "waiting"}


def roles_of(figures: MoneyFigures) -> dict[str, int]:
    """What the roles' balances must be if the figures are right (yen; outside roles are negative)."""
    return {
        "appropriation": -figures.budget_yen, "cash_received": -figures.paid_in_yen, "fund": figures.left_yen,
        "wallet": figures.unspent_yen, "waiting": figures.waiting_yen, "paid_out": figures.banked_yen,
        "expired": figures.kept_yen,
    }
