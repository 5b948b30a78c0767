"""A small invented town for tests: three programmes in force, two shops, two residents with wallets.

Everything is made by the rooms' own operations, so a test starts where a real day would.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.rules import PurseKindView
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms
from meguri.tills.operations import open_till
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor, ActorRole

AT = datetime(2025, 11, 12, 3, 0, tzinfo=UTC)
BEFORE = datetime(2025, 4, 2, 0, 0, tzinfo=UTC)
_numbers = itertools.count(20_000)


@dataclass
class Town:
    """Ids of the town's parts; `give` puts money into a wallet as a grant from the programme's fund would."""

    municipality: int
    at: datetime = AT
    holder: UUID = field(default_factory=uuid4)
    other: UUID = field(default_factory=uuid4)
    small_shop: UUID = field(default_factory=uuid4)
    large_shop: UUID = field(default_factory=uuid4)
    clerk: UUID = field(default_factory=uuid4)
    makers: dict[str, Actor] = field(default_factory=dict)
    checkers: dict[str, Actor] = field(default_factory=dict)

    def actor(
        self, role: ActorRole, *, party: UUID | None = None, department: str = "", shop: UUID | None = None
    ) -> Actor:
        return Actor(self.municipality, role, party or uuid4(), department, shop)

    @property
    def resident(self) -> Actor:
        return self.actor(ActorRole.RESIDENT, party=self.holder)

    @property
    def at_small_shop(self) -> Actor:
        return self.actor(ActorRole.CLERK, party=self.clerk, shop=self.small_shop)

    @property
    def at_large_shop(self) -> Actor:
        return self.actor(ActorRole.CLERK, party=self.clerk, shop=self.large_shop)

    def kind(self, code: str) -> PurseKindView:
        rules = queries.rules_in_force(self.municipality, self.at)
        return next(kind for kind in rules.purse_kinds.values() if kind.code == code)

    def give(self, code: str, yen: int, *, holder: UUID | None = None) -> None:
        """Put yen of a purse kind into a wallet, straight from its (here: one) fund."""
        kind = self.kind(code)
        fund = kind.fund_order[0]
        who = self.actor(ActorRole.SYSTEM)
        wallet = Account(holder or self.holder, AccountRole.WALLET)
        lot = programmes.open_lot(purse_kind=kind.id, fund=fund, holder=wallet.owner, obtained_at=self.at, by=who)
        funder = next(f for f in queries.funds(municipality=self.municipality) if f.id == fund).funder
        if funder == "buyers":
            leg, template = Leg(Account(fund, AccountRole.CASH_RECEIVED), wallet, yen, (lot,)), "sell_voucher"
        else:
            own = ledger.fund_lot(fund, municipality=self.municipality)
            leg = Leg(Account(fund, AccountRole.FUND), wallet, yen, (own,), credit_lot=lot)
            template = "grant_points"
        posting = Posting(key=f"give:{uuid4()}", template=template, legs=(leg,), at=self.at, by="test")
        ledger.post(posting, municipality=self.municipality)


def found_town(documents: Iterable[ProgrammeTerms] | None = None, *, at: datetime = BEFORE) -> Town:
    """Found the town: shops and residents first, then the programmes of the documents (none: the three shipped ones),
    drafted, submitted and launched `at` a moment before their days.
    """
    town = Town(municipality=next(_numbers))
    ledger.open_municipality(
        municipality=town.municipality, code=f"town-{town.municipality}", name_ja="試験町", name_en="Test Town",
        kind="rehearsal",
    )  # fmt: skip
    system = town.actor(ActorRole.SYSTEM)
    for shop, name, size, area in (
        (town.small_shop, "八百屋まるは", "small", 80),
        (town.large_shop, "大市マート", "large", 3000),
    ):
        entry = parties.ShopEntry(
            name_ja=name, name_en=name, trade="58", area="minato", size_class=size, floor_area=area
        )
        parties.register_shop(entry, by=system, at=BEFORE, shop=shop)
        open_till(shop, municipality=town.municipality)
    people = [
        parties.ResidentEntry(
            birth_date=date(1980, 5, 5), ward="minato", moved_in=date(2000, 1, 1), household_number=f"h{number}", id=who
        )
        for number, who in enumerate((town.holder, town.other))
    ]
    parties.register_residents(people, by=system, at=BEFORE)
    for who in (town.holder, town.other):
        open_wallet(who, by=system, at=BEFORE)
    for terms in shipped().values() if documents is None else documents:
        maker = town.makers.setdefault(terms.department, town.actor(ActorRole.MAKER, department=terms.department))
        checker = town.checkers.setdefault(terms.department, town.actor(ActorRole.CHECKER, department=terms.department))
        programme = programmes.draft_programme(terms=terms, by=maker, at=at)
        programmes.submit_for_launch(programme=programme, by=maker, at=at)
        programmes.launch(programme=programme, by=checker, at=at)
    return town
