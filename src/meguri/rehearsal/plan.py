"""Decisions that wait for nobody, drawn before the first day: who opens a wallet, applies, takes local money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import log
from random import Random
from typing import Literal

from meguri.rehearsal.chance import dice, logistic, pick
from meguri.rehearsal.coming import Coming, comings
from meguri.rehearsal.figures import (
    APPLY_SHARE,
    BUY_SHARE,
    COMPLAINT_SHARE,
    HOUR_WEIGHTS,
    JOIN_MEAN_DAYS,
    JOIN_SHARE_CARD,
    JOIN_SHARE_PHONE,
    LOCAL_MONEY_SHARE,
    LOST_PHONE_MONTHLY,
    SILENT_SHARE,
    UNITS_ASKED,
)  # fmt: skip
from meguri.rehearsal.happenings import Receipt
from meguri.rehearsal.rules import Rules
from meguri.rehearsal.timetable import Timetable, moment
from meguri.rehearsal.town import Household, Resident, Town
from meguri.rehearsal.truth import Effects
from meguri.words.clock import day


@dataclass(slots=True)
class PersonPlan:
    """What one person means to do. Times are aware UTC; None: never."""

    joins: datetime | None = None
    device: Literal["phone", "card"] = "phone"
    applies: datetime | None = None
    units: int = 0
    buys: datetime | None = None
    chooses: datetime | None = None
    receipt: Receipt | None = None
    loses_phone: date | None = None
    complains: datetime | None = None
    complaint: int = 0


@dataclass(slots=True)
class Plan:
    """`waves` says from which week on a ward has heard of the points (a drawn order); `comings` who comes to a line."""

    people: dict[str, PersonPlan] = field(default_factory=dict)
    waves: dict[str, int] = field(default_factory=dict)
    comings: tuple[Coming, ...] = ()
    closing_shop: tuple[str, date] | None = None

    @property
    def units_asked(self) -> int:
        return sum(person.units for person in self.people.values())

    def units_in_line(self, sale: str) -> int:
        """How many units are asked for in a round of the sale that is first come, first served."""
        return sum(each.units for each in self.comings if each.round == sale)

    def applicants(self) -> set[str]:
        return {key for key, person in self.people.items() if person.applies}


def make_plan(town: Town, *, table: Timetable, effects: Effects, rules: Rules, seed: int) -> Plan:
    """Everybody's plan; the same arguments give the same plan."""
    plan = Plan(waves=_waves(town, table=table, seed=seed))
    heads = entitled(town, rules=rules)
    for resident in town.adults():
        chance = dice(seed, "plan", resident.key)
        person = PersonPlan()
        _joins(person, resident, table=table, chance=chance)
        if resident.key in heads:
            _receives(person, resident, table=table, chance=chance)
        _takes_part(person, town.household_of(resident.key), table=table, effects=effects, chance=chance)
        person.units = min(person.units, rules.units_most)
        if person.joins or person.chooses:
            plan.people[resident.key] = person
    _mishaps(plan, town, table=table, seed=seed)
    wallets = {key: (person.joins, person.device) for key, person in plan.people.items() if person.joins}
    plan.comings = comings(town, wallets=wallets, table=table, most=rules.first_come.most, seed=seed)
    return plan


def entitled(town: Town, *, rules: Rules) -> dict[str, dict[str, int]]:
    """Head of household -> its children on the benefit's list and what each is entitled to (yen)."""
    found: dict[str, dict[str, int]] = {}
    for home in town.households.values():
        yen = {key: rules.benefit_yen(town.residents[key].age(town.as_of)) for key in home.members}
        if any(yen.values()):
            found[home.head] = {key: amount for key, amount in yen.items() if amount}
    return found


def waking_moment(chance: Random, on: date, *, first: int = 7, last: int = 23) -> datetime:
    """A time of day as people use their phones and shops, from hour `first` to before `last`."""
    hours = [hour for hour in HOUR_WEIGHTS if first <= hour < last]
    hour = chance.choices(hours, weights=[HOUR_WEIGHTS[h] for h in hours])[0]
    return moment(on, hour, minute=chance.randrange(60), second=chance.randrange(60))


def _joins(person: PersonPlan, resident: Resident, *, table: Timetable, chance: Random) -> None:
    share = JOIN_SHARE_PHONE if resident.smartphone else JOIN_SHARE_CARD
    on = table.start + timedelta(days=int(chance.expovariate(1 / JOIN_MEAN_DAYS)))
    person.device = "phone" if resident.smartphone else "card"
    if chance.random() < share and on < table.end:
        person.joins = waking_moment(chance, on, first=10 if on == table.start else 7)


def _takes_part(person: PersonPlan, home: Household, *, table: Timetable, effects: Effects, chance: Random) -> None:
    """Applies for vouchers: more likely where spending grows anyway, which is the planted selection."""
    odds = logistic(log(APPLY_SHARE / (1 - APPLY_SHARE)) + effects.selection * home.growth_rank)
    wants, units, buys = chance.random() < odds, pick(chance, UNITS_ASKED), chance.random() < BUY_SHARE
    if not wants or person.joins is None:
        return
    earliest = person.joins + timedelta(minutes=5)
    latest = moment(table.last_apply, 21)
    if earliest >= latest:
        return
    person.applies = earliest + (latest - earliest) * chance.random() ** 2  # most apply soon
    person.units = units
    if buys:
        days = (table.last_purchase - table.first_purchase).days
        person.buys = waking_moment(chance, table.first_purchase + timedelta(days=int(days * chance.random() ** 2)))


def _receives(person: PersonPlan, resident: Resident, *, table: Timetable, chance: Random) -> None:
    """Chooses how to receive the benefit; local money needs a wallet, opened just before."""
    local, silent = chance.random() < LOCAL_MONEY_SHARE, chance.random() < SILENT_SHARE
    days = (table.last_choice - table.start).days
    at = waking_moment(chance, table.start + timedelta(days=2 + int((days - 1) * chance.random())), last=21)
    if silent:
        return
    person.chooses, person.receipt = at, "local_money" if local else "bank"
    if local and (person.joins is None or person.joins > at):
        person.joins, person.device = at - timedelta(minutes=12), "phone" if resident.smartphone else "card"


def _waves(town: Town, *, table: Timetable, seed: int) -> dict[str, int]:
    """A drawn order of wards in three waves: at the start, after 30 % and after 60 % of the weeks."""
    order = list(town.wards)
    dice(seed, "waves").shuffle(order)
    starts = (0, round(table.weeks * 0.3), round(table.weeks * 0.6))
    return {ward: starts[place * 3 // len(order)] for place, ward in enumerate(order)}


def _mishaps(plan: Plan, town: Town, *, table: Timetable, seed: int) -> None:
    """Lost phones, complaints, and a shop that gives up; at least one of each, so that a small town knows them too."""
    chance = dice(seed, "mishaps")
    joined = {key: person.joins for key, person in sorted(plan.people.items()) if person.joins}
    early = [key for key, at in joined.items() if plan.people[key].device == "phone" and day(at) < table.drawn_on]
    lost = max(1, round(len(joined) * LOST_PHONE_MONTHLY * table.weeks / 4.35))
    for key in chance.sample(early, min(lost, len(early))):
        plan.people[key].loses_phone = table.drawn_on + timedelta(days=3 + chance.randrange(table.weeks * 7 - 20))
    for key in chance.sample(list(joined), min(len(joined), max(3, round(len(joined) * COMPLAINT_SHARE)))):
        first = day(joined[key])
        on = first + timedelta(days=chance.randrange(max(1, (table.end - first).days)))
        plan.people[key].complains = max(waking_moment(chance, on), joined[key])
        plan.people[key].complaint = chance.randrange(1_000)
    small = sorted(shop.key for shop in town.shops.values() if shop.small and shop.accepts_from_week == 0)
    if len(small) > 10:
        plan.closing_shop = (chance.choice(small), table.start + timedelta(days=int(table.weeks * 7 * 0.6)))
