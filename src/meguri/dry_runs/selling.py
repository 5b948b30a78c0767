"""A sale in a dry run: rounds open, people apply, the draw is drawn, winners pay or forget to, the next move up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from meguri.dry_runs import repeating
from meguri.dry_runs.hall import Hall
from meguri.dry_runs.people import Person
from meguri.dry_runs.way import Anew, curious, early_day, first_and_last
from meguri.parties.rules import Both
from meguri.programmes.dry_run import Due
from meguri.programmes.parts import Allocation, PaymentWay, Sale, SaleRound, Window
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.rules import NOTHING_LEFT
from meguri.rehearsal.chance import dice
from meguri.words.refusal import Refusal

NAMED = Both("予行のための値", "a value for the dry run")
VALUE = "予行"
PAYS_SHARE, LATE_SHARE = 0.88, 0.3
"""Of the winners, who pays in time; and of the others, who comes a day too late."""
ONE_DAY = timedelta(days=1)


@dataclass
class Selling:
    """A sale as it is lived. `plans`: what people mean to do, by day."""

    hall: Hall
    sale: Sale
    takers: Sequence[Person]
    eligible: Sequence[Person]
    opened: dict[str, UUID] = field(default_factory=dict)
    plans: defaultdict[date, list[tuple[UUID, SaleRound, int]]] = field(default_factory=lambda: defaultdict(list))
    payers: defaultdict[date, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    seen: set[UUID] = field(default_factory=set)
    moved_up: int = 0

    def __post_init__(self) -> None:
        self._plan(self.sale.rounds)

    def amend(self, anew: Anew) -> None:
        """A round that is open stays as it was opened; of all others people make up their minds anew."""
        assert isinstance(anew.terms.obtaining, Sale)  # noqa: S101 - how value is obtained stands as it was launched
        self.sale, self.takers, self.eligible = anew.terms.obtaining, anew.takers, anew.eligible
        for day, meant in self.plans.items():
            self.plans[day] = [plan for plan in meant if plan[1].code in self.opened]
        self._plan([each for each in self.sale.rounds if each.code not in self.opened])

    def _plan(self, rounds: Sequence[SaleRound]) -> None:
        people = [*(each.id for each in self.takers),
                  *(each.id for each in curious(self.hall, eligible=self.eligible)), *self.hall.strangers]
        for each in rounds:
            for person in people:
                chance = dice(self.hall.wanted.seed, each.code, person)
                units = chance.randint(1, self._most(each) + (chance.random() < 0.05))
                self.plans[early_day(each.application or each.purchase, chance)].append((person, each, units))

    def live(self) -> None:
        """Open, apply or buy, close and draw, pay, and let lapse."""
        self._lapse()
        for each in self.sale.rounds:
            self._open(each)
            self._draw(each)
        for person, each, units in self.plans.pop(self.hall.today, []):
            self._come(person, each, units=units)
        self._plan_payments()
        for application in self.payers.pop(self.hall.today, []):
            self._pay(application)

    def counts(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for sale in self.opened.values():
            page = queries.sale_page(sale, municipality=self.hall.municipality)
            rows = repeating.units(sale)
            found.update({
                "applications": page.applications, "units_applied": page.units_applied,
                "units_bought": page.units_bought, "units_left": page.units_left, "units_won": rows.won,
                "units_lapsed": rows.lapsed, "moved_up": rows.moved_up,
            })
        return {**found, "applicants": repeating.applicants(self.opened.values())}

    def due(self, day: date) -> Iterator[Due]:
        for each in self.sale.rounds:
            name_ja, name_en = each.name.ja, each.name.en
            if each.application is not None:
                yield from first_and_last(
                    each.application, day, ja=f"「{name_ja}」の申込み", en=f"applying for “{name_en}”", who="residents"
                )
                if day == each.application.last_day + ONE_DAY:
                    yield Due(who="desk", ja=f"「{name_ja}」の申込みを締め切り、名簿のハッシュを公表します。",
                              en=f"Close the applications for “{name_en}” and publish the hash of the list.")
            if day == each.drawn_on:
                yield Due(who="desk", ja=f"「{name_ja}」の抽選の日です。公開の値を入れて抽選します。",
                          en=f"Draw “{name_en}”: enter the public value.")
            yield from first_and_last(
                each.purchase, day, ja=f"「{name_ja}」の購入", en=f"buying in “{name_en}”", who="residents"
            )
            if day == each.purchase.last_day + ONE_DAY:
                yield Due(who="desk", ja=f"「{name_ja}」の未購入分が失効します。",
                          en=f"Unpaid units of “{name_en}” lapse.")

    def _most(self, each: SaleRound) -> int:
        bundles = {bundle.code: bundle.max_units for bundle in self.sale.bundles}
        return bundles[each.bundle] if each.bundle else self.sale.max_units

    def _open(self, each: SaleRound) -> None:
        """On the eve of its first day; a round of leftovers as soon as the earlier ones have ended."""
        window = each.application or each.purchase
        if each.code in self.opened or not window.first_day - ONE_DAY <= self.hall.today <= window.last_day:
            return
        if each.leftovers and self.hall.today < window.first_day:
            return
        try:
            sale = operations.open_sale(
                programme=self.hall.made.programme, round_code=each.code, by=self.hall.checker,
                at=self.hall.at(8, 30), value_named=NAMED,
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.kind is not NOTHING_LEFT:  # that all was sold before is no trouble
                self.hall.refuse(refusal)
            return
        self.opened[each.code] = sale
        repeating.promise(sale, seed=self.hall.wanted.seed, round_code=each.code)

    def _draw(self, each: SaleRound) -> None:
        sale = self.opened.get(each.code)
        if sale is None or each.application is None:
            return
        if self.hall.today == each.application.last_day + ONE_DAY:
            self.hall.desk(partial(
                operations.close_applications, sale=sale, by=self.hall.checker, at=self.hall.at(9)
            ))
        if self.hall.today == max(each.drawn_on or self.hall.today, each.application.last_day + ONE_DAY):
            self.hall.desk(partial(
                operations.draw_lottery, sale=sale, public_value=VALUE, by=self.hall.checker, at=self.hall.at(10)
            ))

    def _come(self, person: UUID, each: SaleRound, *, units: int) -> None:
        """Apply, or buy where nothing is drawn; who asked for too much asks again for what is allowed."""
        sale = self.opened.get(each.code)
        if sale is None:
            return
        work = self._apply if each.allocation is not Allocation.FIRST_COME else self._buy
        if self.hall.ask(partial(work, sale, person, units=units)) is None and units > self._most(each):
            self.hall.ask(partial(work, sale, person, units=self._most(each)))

    def _apply(self, sale: UUID, person: UUID, *, units: int) -> object:
        made = operations.apply(sale=sale, units=units, by=self.hall.resident(person), at=self.hall.at(12))
        repeating.number(made.application, name=f"{self.hall.wanted.seed}/{sale_name(self.opened, sale)}/{person}")
        return made

    def _buy(self, sale: UUID, person: UUID, *, units: int) -> object:
        return operations.buy_at_once(sale=sale, units=units, by=self.hall.resident(person), at=self.hall.at(12))

    def _plan_payments(self) -> None:
        """Everybody who has won since yesterday decides on which day to pay, if at all."""
        for right in repeating.unpaid(self.opened.values()):
            if right.application in self.seen:
                continue
            self.seen.add(right.application)
            chance = dice(self.hall.wanted.seed, "pays", right.name)
            window = Window(first_day=max(self.hall.today + ONE_DAY, right.first_day), last_day=right.last_day)
            if chance.random() < PAYS_SHARE and window.first_day <= window.last_day:
                self.payers[early_day(window, chance)].append(right.application)
            elif chance.random() < LATE_SHARE:
                self.payers[max(window.last_day, self.hall.today) + ONE_DAY].append(right.application)

    def _pay(self, application: UUID) -> None:
        """At the counter where the terms know one, else by the test payment of an invented town."""
        at = self.hall.at(15)
        if PaymentWay.COUNTER in self.sale.payment.ways:
            self.hall.ask(partial(operations.sell_at_counter, application=application, by=self.hall.maker, at=at))
            return
        found = queries.application(application, municipality=self.hall.municipality)
        if found is not None:
            by = self.hall.resident(found.resident)
            self.hall.ask(partial(operations.purchase, application=application, by=by, at=at))

    def _lapse(self) -> None:
        """What the town hall's own tasks do every ten minutes, and the desk where nothing is drawn."""
        for each in self.sale.rounds:
            sale = self.opened.get(each.code)
            if sale is not None and each.purchase.period.is_over(self.hall.at(7)):
                self.hall.desk(partial(
                    operations.lapse_unpaid, sale=sale, by=self.hall.system, at=self.hall.at(7)
                ))


def sale_name(opened: dict[str, UUID], sale: UUID) -> str:
    """The code of the round that a sale opened."""
    return next(code for code, known in opened.items() if known == sale)
