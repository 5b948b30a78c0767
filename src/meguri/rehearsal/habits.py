"""What people with a wallet do on an ordinary day: shop, act, look, ask for money back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp
from random import Random

from meguri.rehearsal.chance import at_age, dice
from meguri.rehearsal.figures import (
    BOTTLE_CARRIERS,
    BOTTLE_DAYS_WEEKLY,
    BRINGS_STEPS,
    BUS_DAYS_WEEKLY,
    BUS_RIDERS,
    BUS_STOPS,
    CHECK_UP_WEEKLY,
    CLEAN_UP_WEEKLY,
    COUNTER_CODE_SHARE,
    HOME_STOP_SHARE,
    LITTER_SHARE,
    POINT_TRIPS_WEEKLY,
    REFUND_SHARE,
    RESTING_STEPS,
    STEPS_SPREAD,
    WALK_DAYS_WEEKLY,
)  # fmt: skip
from meguri.rehearsal.happenings import Acts, AsksRefund, BringsSteps, Happening, LooksAtWallet, Pays
from meguri.rehearsal.knowledge import Knowledge, Paid
from meguri.rehearsal.market import Market, Money, day_factor, ticket
from meguri.rehearsal.plan import Plan, waking_moment
from meguri.rehearsal.rules import POINT, Rules
from meguri.rehearsal.timetable import Timetable, moment
from meguri.rehearsal.town import Resident, Town
from meguri.rehearsal.truth import Effects

WALK, BOTTLE, BUS, CLEAN_UP, CHECK_UP, LITTER = "walk", "my-bottle", "bus", "clean-up", "check-up", "litter"
"""Actions of the points' document that the town's people know how to do, beside those that ask for a day's steps. It
may have others; nobody does them."""
HOURS = {WALK: (20, 23), BOTTLE: (10, 18), BUS: (7, 19), CLEAN_UP: (8, 11), CHECK_UP: (9, 16), LITTER: (7, 18)}
"""From which hour to before which hour each is shown. guess."""
STEP_GOAL = 5_000
"""Of the walk. source: its name in the document."""
LEAST_YEN = 50
"""Nobody takes the phone out for less. guess."""
MEAN_TICKET_YEN = 2_100
"""The usual purchase, from which the number of trips follows. guess."""
HORIZON_DAYS = 60
"""Money that ends later than this is spent as if it ended then. guess."""
WEEK_SHARE_MAX = 0.7
"""Of a household's usual week, at most so much goes through the wallet. guess."""
PEEK_SHARE = 0.03
"""Holders who look at the wallet on a day for no reason. guess."""


@dataclass(slots=True)
class Activity:
    """What was done in one week, rewarded or not: by resident, days with the step goal and clean-ups."""

    walk_days: Counter[str] = field(default_factory=Counter)
    clean_ups: Counter[str] = field(default_factory=Counter)


def bus_stops(town: Town) -> list[str]:
    """The places of the town at which a bus stop shows its code."""
    return list(town.places)[:BUS_STOPS]


class Habits:
    """Ordinary days, planned from what people know in the morning."""

    def __init__(
        self, town: Town, *, table: Timetable, plan: Plan, effects: Effects, knowledge: Knowledge, rules: Rules,
        seed: int,
    ) -> None:  # fmt: skip
        self.town, self.table, self.plan, self.rules = town, table, plan, rules
        self.effects, self.known, self.seed = effects, knowledge, seed
        self.activity: dict[int, Activity] = defaultdict(Activity)
        self._spent: Counter[str] = Counter()  # by household, yen in this week
        self._refunds_seen = 0
        self._checked_up: set[str] = set()
        self._walked: defaultdict[str, dict[date, int]] = defaultdict(dict)  # steps of the days with the goal

    def on(self, today: date, market: Market) -> Iterator[Happening]:
        """Everything people with an open wallet do on a day, unordered."""
        if today.weekday() == 0:
            self._spent.clear()
        yield from self._refunds(today, market)
        for key in self.plan.people:
            if key in self.known.open and key not in self.known.without_phone:
                yield from self._person(self.town.residents[key], today=today, market=market)

    def _person(self, resident: Resident, *, today: date, market: Market) -> Iterator[Happening]:
        chance = dice(self.seed, "day", resident.key, today.toordinal())
        yield from self._acts(resident, today=today, chance=chance)
        if chance.random() < PEEK_SHARE or resident.key in self.known.stale or self._expects(resident.key, today):
            yield LooksAtWallet(
                at=waking_moment(chance, today, last=10), key=f"look:{today}:{resident.key}", who=resident.key
            )
        yield from self._shops(resident, today=today, market=market, chance=chance)

    def _expects(self, key: str, today: date) -> bool:
        """Whether new money should have come: the benefit yesterday, points in the week."""
        person = self.plan.people[key]
        if person.receipt == "local_money" and today == self.table.paid_on + timedelta(days=1):
            return True
        week = self.activity[self.table.week(today)]
        return today.weekday() == 5 and (week.walk_days[key] > 0 or week.clean_ups[key] > 0)

    # --- actions -----------------------------------------------------------------------------------------------------

    def _acts(self, resident: Resident, *, today: date, chance: Random) -> Iterator[Happening]:
        week = self.table.week(today)
        invited = week >= self.plan.waves[resident.ward]
        walk_rate = (WALK_DAYS_WEEKLY + self.effects.walk_days_response * invited) / 7
        if chance.random() < walk_rate:
            self.activity[week].walk_days[resident.key] += 1
            if invited and self.plan.people[resident.key].device == "phone":
                steps = STEP_GOAL + int(chance.expovariate(1 / 2_500))
                self._walked[resident.key][today] = steps
                yield self._act(resident, WALK, today=today, place="", amount=steps, chance=chance)
        if today.weekday() == 6 and chance.random() < CLEAN_UP_WEEKLY + self.effects.clean_up_response * invited:
            self.activity[week].clean_ups[resident.key] += 1
            if invited:
                yield self._act(resident, CLEAN_UP, today=today, place=f"l-{resident.ward}", amount=1, chance=chance)
        if today.weekday() < 5 and chance.random() < CHECK_UP_WEEKLY / 5 and invited:
            yield from self._checked(resident, today=today, chance=chance)
        if invited and self.plan.people[resident.key].device == "phone":
            yield from self._errands(resident, today=today)
            yield from self._steps(resident, today=today)

    def _steps(self, resident: Resident, *, today: date) -> Iterator[Happening]:
        """Some people send the steps of their week on its last evening. Chance of its own for each."""
        if today.weekday() != 6:
            return
        age, walked = resident.age(self.town.as_of), self._walked.pop(resident.key, {})
        if dice(self.seed, "brings-steps", resident.key).random() >= at_age(BRINGS_STEPS, age):
            return
        days = tuple((day, walked.get(day) or self._resting_steps(resident.key, age, day=day))
                     for day in (today - timedelta(days=back) for back in range(6, -1, -1)))
        chance = dice(self.seed, "sends-steps", resident.key, today.toordinal())
        yield BringsSteps(
            at=waking_moment(chance, today, first=21, last=23), key=f"steps:{today}:{resident.key}", who=resident.key,
            days=days,
        )  # fmt: skip

    def _resting_steps(self, key: str, age: int, *, day: date) -> int:
        """Steps of a day on which the goal was not reached."""
        chance = dice(self.seed, "steps", key, day.toordinal())
        return min(STEP_GOAL - 1, int(at_age(RESTING_STEPS, age) * chance.lognormvariate(0, STEPS_SPREAD)))

    def _checked(self, resident: Resident, *, today: date, chance: Random) -> Iterator[Happening]:
        """A health check is had once."""
        if resident.key not in self._checked_up:
            self._checked_up.add(resident.key)
            yield self._act(resident, CHECK_UP, today=today, place="l-health", amount=1, chance=chance)

    def _errands(self, resident: Resident, *, today: date) -> Iterator[Happening]:
        """What some people do anyway: ride the bus, fill a bottle of their own. Chance of its own for each.

        Somebody has to look at a photo of litter: it is sent on days whose work is left to whoever comes after.
        """
        for action, share, days in (
            (BUS, BUS_RIDERS, BUS_DAYS_WEEKLY), (BOTTLE, BOTTLE_CARRIERS, BOTTLE_DAYS_WEEKLY),
        ):  # fmt: skip
            if dice(self.seed, action, resident.key).random() < share:
                chance = dice(self.seed, action, resident.key, today.toordinal())
                if chance.random() < days / 7:
                    place = self._stop(resident, today) if action == BUS else ""
                    yield self._act(resident, action, today=today, place=place, amount=1, chance=chance)
        chance = dice(self.seed, LITTER, resident.key, today.toordinal())
        if self.table.is_left_open(today) and chance.random() < LITTER_SHARE:
            yield self._act(resident, LITTER, today=today, place="", amount=1, chance=chance)

    def _stop(self, resident: Resident, today: date) -> str:
        """Where the bus is taken: most often near home, else anywhere."""
        stops = bus_stops(self.town)
        chance = dice(self.seed, "stop", resident.key, today.toordinal())
        home = f"l-{resident.ward}"
        if home in stops and chance.random() < HOME_STOP_SHARE:
            return home
        return stops[chance.randrange(len(stops))]

    def _act(
        self, resident: Resident, action: str, *, today: date, place: str, amount: int, chance: Random
    ) -> Happening:
        first, last = HOURS[action]
        return Acts(
            at=waking_moment(chance, today, first=first, last=last), key=f"{action}:{today}:{resident.key}",
            who=resident.key, programme=POINT, action=action, place=place, amount=amount,
            evidence=self.rules.deeds[action].evidence, confirmed=not self.table.is_left_open(today),
        )  # fmt: skip

    # --- shopping ----------------------------------------------------------------------------------------------------

    def _shops(self, resident: Resident, *, today: date, market: Market, chance: Random) -> Iterator[Happening]:
        left = _Left(self.known, resident.key, today)
        if left.any < LEAST_YEN and left.small < LEAST_YEN:
            return
        senior = resident.age(self.town.as_of) >= 65
        wish = left.per_day() * resident.eagerness * day_factor(today, senior=senior) * self._mood(left, today)
        trips = min(4.0, wish / MEAN_TICKET_YEN)
        if left.points >= LEAST_YEN:  # small change is spent in one go, not at an even pace
            trips = max(trips, POINT_TRIPS_WEEKLY / 7 * day_factor(today, senior=senior))
        for number in range(int(trips) + (chance.random() < trips % 1)):
            pays = self._pays(resident, left=left, today=today, market=market, chance=chance, number=number)
            if pays:
                yield pays

    def _mood(self, left: _Left, today: date) -> float:
        """More at first, while it is new, and again when the end comes near.

        The shape is a guess, made for 31 % of the yen in the first and 27 % in the last fortnight of 120 days.
        A shorter voucher has a shorter beginning and end.
        """
        since, whole = (today - self.table.drawn_on).days, (self.table.last_use - self.table.drawn_on).days
        fresh, rush = max(2.0, 0.10 * whole), max(1.5, 0.07 * whole)
        return 0.36 + 1.8 * exp(-max(0, since) / fresh) + 2.4 * exp(-left.days / rush)

    def _pays(
        self, resident: Resident, *, left: _Left, today: date, market: Market, chance: Random, number: int
    ) -> Pays | None:
        found = market.choose(chance, ward=resident.ward, money=left.kind(chance), on=today)
        if found is None:
            return None
        shop, at = found
        price, can = ticket(chance, shop), left.payable(small_shop=shop.small)
        yen = price if price <= can else can if chance.random() < 0.7 else 0  # the rest is paid in cash
        home = self.town.household_of(resident.key)
        if yen < LEAST_YEN or self._spent[home.key] + yen > WEEK_SHARE_MAX * home.weekly_yen:
            return None
        self._spent[home.key] += yen
        left.use(yen, small_shop=shop.small)
        return Pays(
            at=at, key=f"pay:{today}:{resident.key}:{number}", who=resident.key, shop=shop.key, yen=yen,
            means="shop_code" if chance.random() < COUNTER_CODE_SHARE else "holder_code",
        )  # fmt: skip

    def _refunds(self, today: date, market: Market) -> Iterator[Happening]:
        """A few of the payments heard of since yesterday are taken back."""
        present = {shop.key for shop in market.shops}
        fresh, self._refunds_seen = self.known.paid[self._refunds_seen :], len(self.known.paid)
        for paid in sorted((p for p in fresh if p.yen > 0), key=_by_key):
            chance = dice(self.seed, "refund", paid.key)
            if chance.random() < REFUND_SHARE and paid.shop in present:
                yield AsksRefund(
                    at=moment(today, 12, minute=chance.randrange(60)), key=f"refund:{paid.key}", who=paid.who,
                    payment=paid.key, shop=paid.shop,
                )  # fmt: skip


def _by_key(paid: Paid) -> str:
    return paid.key


class _Left:
    """What one person believes to have left, used up in the head as the day is planned."""

    def __init__(self, known: Knowledge, who: str, today: date) -> None:
        purses = [
            purse for purse in known.purses.get(who, {}).values()
            if purse.yen > 0 and (purse.expires_on is None or today <= purse.expires_on)
        ]  # fmt: skip
        self.purses = purses
        self.any = sum(purse.yen for purse in purses if not purse.small_only)
        self.small = sum(purse.yen for purse in purses if purse.small_only)
        self.points = sum(purse.yen for purse in purses if purse.family == POINT)
        self.benefit = sum(purse.yen for purse in purses if purse.family == "benefit")
        ends = [purse.expires_on or today + timedelta(days=HORIZON_DAYS) for purse in purses]
        self.spans = [min(HORIZON_DAYS, (end - today).days + 1) for end in ends]
        self.days = min(self.spans, default=HORIZON_DAYS)

    def per_day(self) -> float:
        """The even pace at which every purse would be empty on its last day (yen)."""
        return sum(purse.yen / span for purse, span in zip(self.purses, self.spans, strict=True))

    def kind(self, chance: Random) -> Money:
        """Which money the next trip is for, in proportion to what is left of each."""
        draw = chance.random() * (self.any + self.small)
        if draw < self.small:
            return "small only"
        return "benefit" if draw < self.small + self.benefit else "any"

    def payable(self, *, small_shop: bool) -> int:
        return self.any + (self.small if small_shop else 0)

    def use(self, yen: int, *, small_shop: bool) -> None:
        """Restricted money goes first, as the wallet spends it."""
        first = min(yen, self.small) if small_shop else 0
        self.small -= first
        self.any -= yen - first
        self.benefit = min(self.benefit, self.any)
