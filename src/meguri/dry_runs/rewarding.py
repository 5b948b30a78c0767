"""Points for payments in a dry run: people hold money that they paid for, and each night rewards the day's payments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from meguri.dry_runs.hall import Hall
from meguri.dry_runs.people import Person
from meguri.dry_runs.way import Anew, first_and_last
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.dry_run import Due
from meguri.programmes.operations import reward_payments
from meguri.programmes.parts import GrantByPayment
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.vouchers import operations
from meguri.words.period import FiscalYear
from meguri.words.refusal import Refusal

UNIT_YEN, UNITS_MOST = 5_000, 40
"""What everybody who takes part charges: money of the dry run's own, bought at once, without any premium."""
BEFORE = timedelta(days=1)
CODE = "dry-run-money"


def paid_value(grant: GrantByPayment | GrantByCampaign, *, department: str, until: date) -> ProgrammeTerms:
    """Paid value to pay with: a voucher without premium, sold on the eve of the rewards."""
    first, last = grant.window.first_day - BEFORE, until
    tree: dict[str, Any] = to_tree(templates()["nagasaki-2023"])
    tree |= {"code": CODE, "department": department, "sources": []}
    days = {"first_day": first, "last_day": last}
    tree["funds"] = [{**each, "fiscal_year": FiscalYear.of(first).year} for each in tree["funds"]]
    tree["obtaining"] = {
        **tree["obtaining"], "unit_price_yen": UNIT_YEN, "max_units": UNITS_MOST,
        "face": [{"purse": "paid", "yen": UNIT_YEN}], "rounds": [{
            "code": "only", "name": {"ja": "先着", "en": "First come"}, "units": 10**6, "allocation": "first_come",
            "purchase": days,
        }],
    }  # fmt: skip
    tree["spending"] = {**tree["spending"], "window": days}
    tree["expiry"] = {"kind": "on", "last_day": last}
    tree["refunds"] = {**tree["refunds"], "shop_claims_until": last}
    return from_tree(tree)


@dataclass
class Rewarding:
    """The rewards as they are lived."""

    hall: Hall
    grant: GrantByPayment | GrantByCampaign
    takers: Sequence[Person]
    until: date  # the last day on which their money is good: that of the rewards, or of their longer life to come
    sale: UUID | None = None
    rewarded: int = 0
    cut: int = 0

    def live(self) -> None:
        if self.hall.today == self.grant.window.first_day - BEFORE:
            self._charge()
        if isinstance(self.grant, GrantByCampaign):
            return  # its points come with the payments themselves
        if self.grant.window.first_day < self.hall.today <= self.grant.window.last_day + timedelta(days=2):
            run = self.hall.desk(partial(
                reward_payments, programme=self.hall.made.programme, by=self.hall.system, at=self.hall.at(3)
            ))
            self.rewarded += run.payments if run else 0
            self.cut += run.cut if run else 0

    def amend(self, anew: Anew) -> None:
        assert isinstance(anew.terms.obtaining, GrantByPayment | GrantByCampaign)  # noqa: S101 - how value is obtained stands as launched
        self.grant = anew.terms.obtaining

    def counts(self) -> dict[str, int]:
        return {"rewarded": self.rewarded, "rewards_cut": self.cut}

    def due(self, day: date) -> Iterator[Due]:
        yield from first_and_last(
            self.grant.window, day, ja="支払いへのポイント", en="points for payments", who="residents"
        )

    def _charge(self) -> None:
        made = self.hall.launch(paid_value(self.grant, department=self.hall.terms.department, until=self.until))
        self.sale = operations.open_sale(
            programme=made.programme, round_code="only", by=self.hall.checker, at=self.hall.at(12)
        )
        for person in self.takers:
            self.hall.ask(partial(self._buy, person, sale=self.sale))

    def _buy(self, person: Person, *, sale: UUID) -> operations.Purchased | Refusal:
        return operations.buy_at_once(
            sale=sale, units=UNITS_MOST, by=self.hall.resident(person.id), at=self.hall.at(13)
        )
