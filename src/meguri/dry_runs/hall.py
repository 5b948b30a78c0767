"""The town hall of a dry run: its officers, residents and shops, and what they were refused.

Everything is done through the rooms' own operations, in a database of the dry run's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from meguri.dry_runs.people import Person, commuters_of, people_of, shops_like
from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.ledger.wall import name_municipality
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes.commuters import asks_commuters_at_all
from meguri.programmes.dry_run import Met, Wanted
from meguri.programmes.operations import Launched
from meguri.programmes.terms import ProgrammeTerms
from meguri.tills.operations import open_tills
from meguri.wallets.operations import open_wallets
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.ids import named_id
from meguri.words.period import day_start
from meguri.words.refusal import Refusal

MUNICIPALITY = 1
"""Its number, in a database that holds no other."""

A_YEAR = timedelta(days=365)
OUTSIDERS = 5
"""People who are no residents of the town and come all the same."""

_FIGURES = re.compile(r"[0-9,]+")
Answer = TypeVar("Answer")


@dataclass
class Hall:
    """The sandbox. `stuck`: what the officers themselves were refused, by sentence, with its first day."""

    wanted: Wanted
    terms: ProgrammeTerms
    municipality: int
    people: list[Person] = field(default_factory=list)
    strangers: list[UUID] = field(default_factory=list)
    shops: list[UUID] = field(default_factory=list)
    made: Launched = field(init=False)
    today: date = field(init=False)
    met: dict[tuple[str, str], Met] = field(default_factory=dict)
    stuck: dict[tuple[str, str, str], date] = field(default_factory=dict)

    def found(self, first: date, *, documents: Iterable[ProgrammeTerms]) -> None:
        """Open the books and the offices, register everybody, on the eve of the first day.

        People who work or study here come in where one of the `documents` asks for them.
        """
        on = self.terms.eligibility.on
        comes_in = commuters_of(self.wanted, on=on) if any(map(asks_commuters_at_all, documents)) else []
        self.today, self.people = first, [*people_of(self.wanted, on=on), *comes_in]
        name_municipality(self.municipality)
        ledger.open_municipality(
            municipality=self.municipality, code=f"dry-run-{self.municipality}", name_ja="予行の町",
            name_en="Dry run town", kind="sandbox",
        )
        self.turn(first)
        for code in sorted({self.terms.department, "accounting"}):
            parties.open_department(code=code, name_ja=code, name_en=code, by=self.system, at=self.at(8))
        born = day_start(self.terms.eligibility.on + timedelta(days=1))
        known = max(self.at(8), born)  # the register takes nobody who is not born yet
        residents = [_entry(each) for each in self.people if not each.comes_to]
        parties.register_residents(residents, by=self.system, at=known)
        for each in comes_in:
            self._come_forward(each, on=on)
        self.strangers = [named_id(f"dry_run/{self.wanted.seed}/outsider/{number}") for number in range(OUTSIDERS)]
        open_wallets(self.holders, by=self.system, at=self.at(8))
        self._open_shops()

    def _come_forward(self, person: Person, *, on: date) -> None:
        """Say it, and show a proof that is good on the day of eligibility and a year on, at least."""
        said = parties.declare_commuter(
            kind=person.comes_to, place="予行の事業所", name=f"予行の人 {person.household}", birth_date=person.born,
            by=self.resident(person.id), at=self.at(8),
        )
        if person.shown:
            parties.confirm_commuter(
                said, proof="student_card" if person.comes_to == "study" else "employee_card", first_day=on - A_YEAR,
                last_day=max(on, self.today) + A_YEAR, by=self.maker, at=self.at(8, 30),
            )

    def turn(self, day: date) -> None:
        """Begin a day: the books' clock stands on it, and its month has a place of its own."""
        if day.day == 1 or day != self.today + timedelta(days=1):
            ledger.turn_month(at=day_start(day))
        self.today = day
        ledger.set_clock_offset(municipality=self.municipality, offset=self.at(8) - now())

    def at(self, hour: int, minute: int = 0) -> datetime:
        """A moment of today, in Japan."""
        return day_start(self.today) + timedelta(hours=hour, minutes=minute)

    @property
    def holders(self) -> list[UUID]:
        """Everybody who has a wallet."""
        return [*(each.id for each in self.people), *self.strangers]

    @property
    def system(self) -> Actor:
        return Actor(self.municipality, ActorRole.SYSTEM)

    @property
    def maker(self) -> Actor:
        return Actor(self.municipality, ActorRole.MAKER, named_id("dry_run/maker"), self.terms.department)

    @property
    def checker(self) -> Actor:
        return Actor(self.municipality, ActorRole.CHECKER, named_id("dry_run/checker"), self.terms.department)

    def resident(self, person: UUID) -> Actor:
        return Actor(self.municipality, ActorRole.RESIDENT, person)

    def clerk(self, shop: UUID) -> Actor:
        return Actor(self.municipality, ActorRole.CLERK, named_id(f"dry_run/clerk/{shop}"), shop=shop)

    def launch(self, terms: ProgrammeTerms) -> Launched:
        """Draft, submit, launch: the maker and another officer. Raises Refusal as they do."""
        programme = programmes.draft_programme(terms=terms, by=self.maker, at=self.at(9))
        programmes.submit_for_launch(programme=programme, by=self.maker, at=self.at(10))
        return programmes.launch(programme=programme, by=self.checker, at=self.at(11))

    def ask(self, work: Callable[[], Answer | Refusal]) -> Answer | None:
        """What somebody of the town asks for; a refusal is noted with its sentence, and is None."""
        try:
            answer = work()
        except Refusal as refusal:
            answer = refusal
        if isinstance(answer, Refusal):
            self.note(answer)
            return None
        return answer

    def desk(self, work: Callable[[], Answer]) -> Answer | None:
        """What an officer does; that it was refused is a surprise of the document, told with its day."""
        try:
            return work()
        except Refusal as refusal:
            self.refuse(refusal)
            return None

    def refuse(self, refusal: Refusal) -> None:
        """An officer met this refusal today."""
        self.note(refusal)
        self.stuck.setdefault(_said(refusal), self.today)

    def note(self, refusal: Refusal) -> None:
        """Somebody met this refusal today. Sentences that differ in their figures alone are one."""
        code, ja, en = _said(refusal)
        alike = code, _FIGURES.sub("", ja)
        known = self.met.get(alike) or Met(code=code, ja=ja, en=en, times=0)
        self.met[alike] = msgspec.structs.replace(known, times=known.times + 1)

    def take_met(self) -> tuple[Met, ...]:
        """The refusals since the last question, most frequent first."""
        found = tuple(sorted(self.met.values(), key=lambda met: -met.times))
        self.met.clear()
        return found

    def held(self, role: AccountRole = AccountRole.WALLET) -> Iterator[books.Balance]:
        """What all who have a wallet hold, or are owed, now."""
        yield from books.balances(self.holders, role, municipality=self.municipality)

    def _open_shops(self) -> None:
        for number, like in enumerate(shops_like(self.wanted.town, seed=self.wanted.seed), start=1):
            merchant = parties.register_merchant(
                name_ja=f"店{number}", name_en=f"Shop {number}", head_office=like.head_office, by=self.system,
                at=self.at(8),
            )
            entry = parties.ShopEntry(
                name_ja=f"店{number}", name_en=f"Shop {number}", trade=like.trade, area=like.area,
                size_class=like.size_class, floor_area=like.floor_area,
            )
            self.shops.append(parties.register_shop(
                entry, by=self.system, at=self.at(8), merchant=merchant, number=number,
                shop=named_id(f"dry_run/{self.wanted.seed}/shop/{number}"),
            ))
        open_tills(self.shops, municipality=self.municipality)


def _said(refusal: Refusal) -> tuple[str, str, str]:
    return refusal.code, refusal.sentence("ja"), refusal.sentence("en")


def _entry(person: Person) -> parties.ResidentEntry:
    return parties.ResidentEntry(
        birth_date=person.born, ward=person.ward, moved_in=person.moved_in, moved_out=person.moved_out,
        household_number=person.household, tax_class=person.tax_class, id=person.id,
    )
