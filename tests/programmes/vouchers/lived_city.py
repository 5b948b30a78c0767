"""A shipped template launched in an invented town, with shops of every class, tills and wallets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes.operations import ExpiryRun, Launched, expire_programme, measure_tightness
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.vouchers import operations, queries
from meguri.tills import operations as tills
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor
from tests.programmes.builders import put
from tests.programmes.vouchers.lived_town import LivedTown

VALUE = "日経平均株価 終値 42580.27"
NAMED = Both("抽選日前日の日経平均株価の終値", "the Nikkei 225's close on the eve of the draw")


def adapted(name: str, changes: Mapping[str, Any]) -> ProgrammeTerms:
    """A template with a few values changed, as a town of its size would."""
    tree: Any = to_tree(templates()[name])
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


@dataclass
class City(LivedTown):
    """A town that took over another city's programme. `sales`: the opened rounds by their code."""

    terms: ProgrammeTerms = field(kw_only=True)
    made: Launched = field(init=False)
    sales: dict[str, UUID] = field(default_factory=dict)

    @property
    def maker(self) -> Actor:
        return self.officer("maker", "commerce")

    @property
    def checker(self) -> Actor:
        return self.officer("checker", "commerce")

    def store(
        self, size_class: str = "small", *, floor_area: int = 80, head_office: bool = True, trade: str = "58"
    ) -> UUID:
        """A shop with an open till."""
        merchant = parties.register_merchant(
            name_ja="店", name_en="Shop", head_office=head_office, by=self.system, at=self.at
        )
        entry = parties.ShopEntry(
            name_ja="店", name_en="Shop", trade=trade, area="中町", size_class=size_class, floor_area=floor_area
        )
        shop = parties.register_shop(entry, by=self.system, at=self.at, merchant=merchant)
        tills.open_till(shop, municipality=self.municipality)
        measure_tightness(by=self.maker, at=self.at)  # as every night does after shops joined
        return shop

    def person(self, **facts: Any) -> Actor:
        """Somebody of the register, with a wallet."""
        person = super().person(**facts)
        return self.with_wallet(person)

    def with_wallet(self, person: Actor) -> Actor:
        assert person.party is not None
        open_wallet(person.party, by=self.system, at=self.at)
        return person

    def open_round(self, code: str, *, at: datetime) -> UUID:
        self.sales[code] = operations.open_sale(
            programme=self.made.programme, round_code=code, by=self.checker, at=at, value_named=NAMED
        )
        return self.sales[code]

    def draw(self, code: str, *, at: datetime) -> None:
        operations.close_applications(sale=self.sales[code], by=self.checker, at=at)
        operations.draw_lottery(sale=self.sales[code], public_value=VALUE, by=self.checker, at=at)

    def buy(self, code: str, person: Actor, units: int = 1, *, at: datetime) -> operations.Purchased:
        """First come, first served."""
        return operations.buy_at_once(sale=self.sales[code], units=units, by=person, at=at)

    def pay(self, person: Actor, shop: UUID, yen: int, *, at: datetime) -> dict[str, int]:
        """Which purses paid how much."""
        assert person.party is not None
        asked = tills.ask_at_shop(
            by=person, at=at, holder=person.party, shop=shop, amount_yen=yen, request=str(uuid4())
        )
        return {kind.code: part for kind, part in tills.pay(asked).parts}

    def page(self, code: str) -> queries.SalePage:
        return queries.sale_page(self.sales[code], municipality=self.municipality)

    def expire(self, *, at: datetime) -> ExpiryRun:
        return expire_programme(programme=self.made.programme, by=self.system, at=at)


def found(name: str, changes: Mapping[str, Any] | None = None, *, at: datetime) -> City:
    """Found a town and launch the template in it."""
    city = City(at=at, terms=adapted(name, changes or {}))
    city.open()
    city.made = city.launch(city.terms)
    return city
