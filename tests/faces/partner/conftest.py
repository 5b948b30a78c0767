"""The small town with a company that carries 30 % of a points programme, and people who walk and pay with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.test import Client
from playwright.sync_api import Browser

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes.points import operations as points
from meguri.programmes.shipped import shipped
from meguri.settlement.operations import run_settlement
from meguri.tills import operations as tills
from meguri.wallets.operations import open_wallet
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.people import browser_of
from tests.town import BEFORE, Town, found_town

WALKED_DAYS = 10
PEOPLE, SHOPS = 11, 3
"""With these a place may be told apart: at least 10 people and 3 shops."""


@dataclass
class Company:
    """A sponsor, its office's browser, and what its money does."""

    town: Town
    sponsor: UUID
    office: Client
    programme: UUID
    walk: UUID
    people: list[UUID] = field(default_factory=list)
    shops: list[UUID] = field(default_factory=list)

    def live(self) -> None:
        """Eleven people walk for ten days (1,100 yen, 330 of them the company's) and pay 990 yen at three shops.

        The town's 70 yen of each are spent first, so 20 yen of each are the company's.
        """
        for person in self.people:
            for days in range(WALKED_DAYS):
                self.do_walk(person, at=self.town.at - timedelta(days=days))
        for place, person in enumerate(self.people):
            self.pay(person, self.shops[place % SHOPS], yen=90)

    def do_walk(self, person: UUID, *, at: datetime) -> None:
        who = self.town.actor(ActorRole.RESIDENT, party=person)
        points.record_action(action=self.walk, by=who, at=at, request=uuid4())

    def pay(self, person: UUID, shop: UUID, *, yen: int) -> None:
        who = self.town.actor(ActorRole.RESIDENT, party=person)
        asked = tills.ask_at_shop(
            by=who, at=self.town.at, holder=person, shop=shop, amount_yen=yen, request=str(uuid4())
        )
        tills.pay(asked)

    def settle(self) -> None:
        at = self.town.at + timedelta(minutes=1)
        accountant = self.town.actor(ActorRole.ACCOUNTANT, department="accounting")
        run_settlement(by=accountant, at=at, cutoff=at)


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    found = found_town()
    set_clock_offset(municipality=found.municipality, offset=found.at - now() + timedelta(hours=1))
    yield found
    tills.stop()


@pytest.fixture
def stranger(town: Town) -> Client:
    """The office of a company that pays for nothing yet."""
    return _office(town, _sponsor(town, "しずか商会(架空)", name_en="Shizuka & Co (invented)"))


@pytest.fixture
def company(town: Town) -> Company:
    sponsor = _sponsor(town, "まわる電力株式会社(架空)", name_en="Mawaru Power (invented)")
    programme = _launch(town, sponsor)
    walk = points.open_action(programme=programme, code="walk", by=town.makers["planning"], at=town.at)
    made = Company(town, sponsor, _office(town, sponsor), programme=programme, walk=walk)
    made.people, made.shops = _people(town), _shops(town)
    return made


def _sponsor(town: Town, name_ja: str, *, name_en: str) -> UUID:
    return parties.register_sponsor(name_ja=name_ja, name_en=name_en, by=town.actor(ActorRole.SYSTEM), at=BEFORE)


def _office(town: Town, sponsor: UUID) -> Client:
    member = uuid4()
    parties.join_sponsor(sponsor, member=member, by=town.actor(ActorRole.SYSTEM), at=town.at)
    return browser_of(town, member)


def _launch(town: Town, sponsor: UUID) -> UUID:
    """The shipped points programme once more, with the sponsor's id as payer of its part."""
    terms = next(each for each in shipped().values() if each.family == "point")
    funds = tuple(
        msgspec.structs.replace(fund, payer=str(sponsor)) if fund.funder == "sponsor" else fund for fund in terms.funds
    )
    terms = msgspec.structs.replace(terms, code="with-company", funds=funds)
    maker, checker = town.makers["planning"], town.checkers["planning"]
    programme = programmes.draft_programme(terms=terms, by=maker, at=BEFORE)
    programmes.submit_for_launch(programme=programme, by=maker, at=BEFORE)
    programmes.launch(programme=programme, by=checker, at=BEFORE)
    return programme


def _people(town: Town) -> list[UUID]:
    found = [uuid4() for _ in range(PEOPLE)]
    system = town.actor(ActorRole.SYSTEM)
    entries = [
        parties.ResidentEntry(
            birth_date=date(1970, 1, 1), ward="minato", moved_in=date(2000, 1, 1), household_number=f"p{place}", id=who
        )
        for place, who in enumerate(found)
    ]
    parties.register_residents(entries, by=system, at=BEFORE)
    for who in found:
        open_wallet(who, by=system, at=BEFORE)
    return found


def _shops(town: Town) -> list[UUID]:
    found = [uuid4() for _ in range(SHOPS)]
    for place, shop in enumerate(found):
        entry = parties.ShopEntry(
            name_ja=f"架空商店{place}", name_en=f"Invented Shop {place}", trade="58", area="港", size_class="small",
            floor_area=60,
        )  # fmt: skip
        parties.register_shop(entry, by=town.actor(ActorRole.SYSTEM), at=BEFORE, shop=shop)
        tills.open_till(shop, municipality=town.municipality)
    return found


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
