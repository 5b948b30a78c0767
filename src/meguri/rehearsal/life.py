"""The life of the town: a pure stream of happenings in time order, made of the seed and of what people are told.

The same seed and the same answers give the same life. Of a server's answers one is free: it draws with a secret of its
own. So two runs of one seed are the same until the draw, and after it differ only in the households of those who
applied for vouchers, and of those to whom they give.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from meguri.rehearsal import under_way
from meguri.rehearsal.first_come import FirstCome
from meguri.rehearsal.gravity import Gravity, solve
from meguri.rehearsal.habits import Habits
from meguri.rehearsal.happenings import (
    Applies,
    ChoosesReceipt,
    Complains,
    DayEnds,
    FindsNewPhone,
    Happening,
    LooksAtWallet,
    LosesPhone,
    OpensWallet,
    Purchases,
    ShopCloses,
)  # fmt: skip
from meguri.rehearsal.knowledge import Knowledge
from meguri.rehearsal.market import Market
from meguri.rehearsal.names import words
from meguri.rehearsal.plan import PersonPlan, Plan, make_plan
from meguri.rehearsal.rules import BENEFIT, FIRST_COME, VOUCHER, read_rules
from meguri.rehearsal.timetable import Timetable, moment, timetable
from meguri.rehearsal.town import Town
from meguri.rehearsal.town_hall import TownHall
from meguri.rehearsal.truth import EFFECTS, Effects, SpendingPanel
from meguri.words.clock import day


@dataclass(frozen=True)
class Story:
    """How a town is to be lived: everything that decides the stream, apart from what the server answers."""

    town: Town
    table: Timetable
    templates: Mapping[str, str]  # programme -> the shipped document
    seed: int
    effects: Effects = EFFECTS


def story(
    town: Town, *, templates: Mapping[str, str], weeks: int, start: date, seed: int, open_end: bool = False,
    more_days: int = 0, effects: Effects = EFFECTS,
) -> Story:
    """Raises ValueError for a start that is no Monday, or too few or many weeks."""
    table = timetable(start, weeks=weeks, open_end=open_end, more_days=more_days)
    return Story(town=town, table=table, templates=templates, seed=seed, effects=effects)


class Life:
    """Lives a story day by day.

    Contract: a day is planned when its first happening is asked for, from what `knowledge` holds at that moment; so the
    caller must have told every answer of a day before it asks for anything after that day's `DayEnds`.
    """

    def __init__(self, tale: Story, *, knowledge: Knowledge) -> None:
        self.story, self.known = tale, knowledge
        self.town, self.table = tale.town, tale.table
        self.rules = read_rules(tale.templates)
        self.plan = make_plan(tale.town, table=tale.table, effects=tale.effects, rules=self.rules, seed=tale.seed)
        self.hall = TownHall(
            tale.town, table=tale.table, plan=self.plan, templates=tale.templates, rules=self.rules
        )  # fmt: skip
        self.habits = Habits(
            tale.town, table=tale.table, plan=self.plan, effects=tale.effects, knowledge=knowledge, seed=tale.seed,
            rules=self.rules,
        )
        self.first_come = FirstCome(
            self.plan.comings, table=tale.table, known=knowledge, department=self.rules.departments[FIRST_COME],
            seed=tale.seed,
        )
        self.panel = SpendingPanel(
            tale.town, table=tale.table, effects=tale.effects, applicants=self.plan.applicants(), seed=tale.seed
        )
        self.accepting = {shop.key for shop in self.town.shops.values() if shop.accepts_from_week == 0}
        self.gravity: Gravity = solve(self.town, shops=self.accepting)
        self.market = self._market()
        self._meant = _by_day(self.plan)
        self._uploaded = 0

    def happenings(self) -> Iterator[Happening]:
        """All happenings, in time order within each day, each day closed by `DayEnds`."""
        for today in self.table.days():
            yield from sorted(self._day(today), key=_in_time)
            yield self._day_ends(today)
        if not self.table.more_days:  # else that Monday has been lived
            yield from sorted(self._aftermath(), key=_in_time)
            yield self._day_ends(self.table.end)

    def _day(self, today: date) -> list[Happening]:
        self._shops_change(today)
        happening = list(self.hall.on(today))
        happening += self._reports(today)
        happening += self._intended(today)
        happening += self.habits.on(today, self.market)
        happening += self.first_come.on(today)
        happening += under_way.officers(today, hall=self.hall, known=self.known)
        happening += under_way.people(
            today, town=self.town, table=self.table, holders=self.known.open, seed=self.story.seed
        )
        if self.plan.closing_shop and today == self.plan.closing_shop[1]:
            shop = self.plan.closing_shop[0]
            happening.append(ShopCloses(at=moment(today, 8), key=f"closes:{shop}", who=shop))
        return happening

    def _aftermath(self) -> list[Happening]:
        """The Monday after: the last week is reported and settled."""
        return self._reports(self.table.end) + list(self.hall.on(self.table.end))

    def _day_ends(self, today: date) -> DayEnds:
        return DayEnds(
            at=moment(today, 23, minute=59, second=59), key=f"end:{today}", on=today, week=self.table.week(today),
            last_of_week=today.weekday() == 6,
        )  # fmt: skip

    # --- shops -------------------------------------------------------------------------------------------------------

    def _shops_change(self, today: date) -> None:
        """Shops that join do so on a Monday; a shop that gave up yesterday is gone."""
        joining = set()
        if today.weekday() == 0:
            week = self.table.week(today)
            joining = {shop.key for shop in self.town.shops.values() if shop.accepts_from_week == week}
        closing = self.plan.closing_shop
        leaving = {closing[0]} if closing and today >= closing[1] else set()
        changed = (self.accepting | joining) - leaving
        if changed != self.accepting:
            self.accepting = changed
            self.market = self._market()

    def _market(self) -> Market:
        tilt = self.story.effects.benefit_home_tilt
        return Market(self.town, shops=self.accepting, gravity=self.gravity, home_tilt=tilt)

    # --- what people meant to do -------------------------------------------------------------------------------------

    def _intended(self, today: date) -> Iterator[Happening]:
        for key in self._meant.get(today, ()):
            yield from _meant(key, self.plan.people[key], today=today, children=tuple(self.hall.entitled.get(key, ())))
            yield from self._buys(key, self.plan.people[key], today=today)

    def _buys(self, key: str, person: PersonPlan, *, today: date) -> Iterator[Happening]:
        """Winners pay for their units and look at the purse; whoever was told that they lost stays away."""
        if person.buys and day(person.buys) == today and self.known.may_have_won(key):
            yield Purchases(at=person.buys, key=f"buy:{key}", who=key, programme=VOUCHER, units=person.units)
            yield LooksAtWallet(at=person.buys + timedelta(minutes=2), key=f"look:buy:{key}", who=key)

    # --- reports -----------------------------------------------------------------------------------------------------

    def _reports(self, today: date) -> list[Happening]:
        """On Mondays households report the week before; on the first, the weeks of the baseline."""
        if today.weekday() != 0:
            return []
        at = moment(today, 5, minute=30)
        if today == self.table.start:
            return self._baseline(today)
        week = self.table.week(today) - 1
        paid, self._uploaded = self.known.paid[self._uploaded :], len(self.known.paid)
        self._bank_benefits(week)
        return list(self.hall.spending(self.panel.rows(week, paid=paid), at=at, week=week))

    def _baseline(self, today: date) -> list[Happening]:
        """The weeks before, one after the other from eight o'clock."""
        found: list[Happening] = []
        for minute, (week, rows) in enumerate(self.panel.baseline()):
            found += self.hall.spending(rows, at=moment(today, 8, minute=minute), week=week)
        return found

    def _bank_benefits(self, week: int) -> None:
        if week != self.table.week(self.table.paid_on):
            return
        for head, children in self.hall.entitled.items():
            person = self.plan.people.get(head)
            if person is None or person.receipt != "local_money":
                home = self.town.residents[head].household
                self.panel.receive_in_bank(home, week=week, amount_yen=sum(children.values()))


def _meant(key: str, person: PersonPlan, *, today: date, children: tuple[str, ...]) -> Iterator[Happening]:
    """The plan's happenings of one person on one day."""
    if person.joins and day(person.joins) == today:
        yield OpensWallet(at=person.joins, key=f"join:{key}", who=key, device=person.device)
    if person.applies and day(person.applies) == today:
        yield Applies(at=person.applies, key=f"apply:{key}", who=key, programme=VOUCHER, units=person.units)
    if person.chooses and person.receipt and day(person.chooses) == today:
        yield ChoosesReceipt(
            at=person.chooses, key=f"choose:{key}", who=key, programme=BENEFIT, children=children,
            receipt=person.receipt,
        )  # fmt: skip
    if person.complains and day(person.complains) == today:
        texts = words()["complaints"]
        text = texts[person.complaint % len(texts)]
        yield Complains(at=person.complains, key=f"complain:{key}", who=key, text=text)
    if person.loses_phone == today:
        yield LosesPhone(at=moment(today, 18, minute=20), key=f"lost:{key}", who=key)
    if person.loses_phone and person.loses_phone + timedelta(days=2) == today:
        yield FindsNewPhone(at=moment(today, 11, minute=10), key=f"found:{key}", who=key)


def _by_day(plan: Plan) -> dict[date, list[str]]:
    """Who means to do something on a day."""
    found: dict[date, list[str]] = defaultdict(list)
    for key, person in plan.people.items():
        moments = (person.joins, person.applies, person.buys, person.chooses, person.complains)
        days = {day(at) for at in moments if at}
        if person.loses_phone:
            days |= {person.loses_phone, person.loses_phone + timedelta(days=2)}
        for on in days:
            found[on].append(key)
    return found


def _in_time(happening: Happening) -> tuple[object, str]:
    return happening.at, happening.key


def digest(stream: Iterable[Happening]) -> str:
    """SHA-256 (hex) of a stream: equal streams, equal digests."""
    found = sha256()
    for happening in stream:
        found.update(repr(happening).encode())
    return found.hexdigest()
