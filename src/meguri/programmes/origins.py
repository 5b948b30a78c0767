"""Where a document comes from: the template, the city that published it, what that city had changed, how it went there.

A programme that has ended goes out as a template with its results, so that the next city sees them before it starts.
Results name nobody: sums of the town's own accounts, and counts of people only where they are not few. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final

from msgspec import Meta

from meguri.programmes.findings import Findings, declare_error, found
from meguri.programmes.parts import Code, Part, Text, Yen

RESULTS_WRONG = declare_error(
    "results_disagree",
    ja="手本の実績が合いません: {what}。受け取った文書をそのまま使うか、実績を消してください。",
    en="The results of the template disagree: {what}. Please take the document as it came, or remove its results.",
)
People = Annotated[int, Meta(ge=10, le=10**9)]
"""Fewer are not told: nobody stands out of a group of ten."""
Units = Annotated[int, Meta(ge=0, le=10**9)]
SHORT_MOST: Final = 1_000
Short = Annotated[str, Meta(max_length=SHORT_MOST)]


class Results(Part, frozen=True, kw_only=True):
    """How a programme went, counted when it had ended. What is not told was too few people, or does not apply.

    Issued = spent + expired + unspent; `to_bank_yen`: benefits that passed no wallet; `cost_yen`: what it took to run.
    """

    counted_on: date
    issued_yen: Yen
    spent_yen: Yen
    expired_yen: Yen
    unspent_yen: Yen
    to_bank_yen: Yen = 0
    receivers: People | None = None
    payers: People | None = None
    units_applied: Units | None = None
    units_drawn: Units | None = None
    units_paid: Units | None = None
    cost_yen: Yen | None = None

    @property
    def delivered_yen(self) -> int:
        """What reached its purpose: spent in shops, or sent to people's bank accounts."""
        return self.spent_yen + self.to_bank_yen

    @property
    def cost_bp(self) -> int | None:
        """What it cost to deliver 100 yen, in 1/100 yen; None where no cost is known or nothing was delivered."""
        if self.cost_yen is None or not self.delivered_yen:
            return None
        return self.cost_yen * 10_000 // self.delivered_yen


class Changed(Part, frozen=True, kw_only=True):
    """A value that the city had changed of its own template, as text; empty where it was not stated."""

    path: Annotated[str, Meta(min_length=1, max_length=300)]
    before: Short = ""
    after: Short = ""


class Origin(Part, frozen=True, kw_only=True):
    """Whose rules a document took over: the template it was made from, the city that published them, how they went."""

    template: Code
    city: Text
    year: int
    changed: tuple[Changed, ...] = ()
    results: Results | None = None


def wrong_results(origin: Origin | None) -> Findings:
    """Results that cannot be: somebody mended them on the way."""
    results = origin.results if origin else None
    if results is not None:
        yield from (found(RESULTS_WRONG, "origin.results", what=what) for what in _disagreements(results))


def _disagreements(results: Results) -> Iterator[str]:
    if results.issued_yen != results.spent_yen + results.expired_yen + results.unspent_yen:
        yield "issued_yen ≠ spent_yen + expired_yen + unspent_yen"
    for name, units in (("units_drawn", results.units_drawn), ("units_paid", results.units_paid)):
        if units is not None and (results.units_applied is None or units > results.units_applied):
            yield f"{name} > units_applied"
