"""A document's values as the facts that sentences speak of, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes.commuters import asks_commuters
from meguri.programmes.parts import (
    Allocation,
    Bundle,
    ExpiresAfter,
    ExpiresOn,
    FacePart,
    Funder,
    FundTerms,
    Limit,
    MoneyPart,
    PaymentWay,
    Per,
    Receipt,
    Sale,
    SaleRound,
)
from meguri.programmes.payment import WAYS
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import facts
from meguri.programmes.texts.sentences import Fact, Sentence, say
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words import predicate

ALLOCATIONS = {
    Allocation.LOTTERY: Both("抽選", "lottery"), Allocation.FIRST_COME: Both("先着順", "first come, first served"),
    Allocation.EVEN_SHARE: Both("均等な割当て", "even shares"),
}
SOLD = {
    Allocation.LOTTERY: "by lottery", Allocation.FIRST_COME: "first come, first served",
    Allocation.EVEN_SHARE: "in even shares",
}
PER = {Per.DAY: Both("1日", "a day"), Per.MONTH: Both("1か月", "a month"), Per.PROGRAMME: Both("期間中", "in all")}
RECEIPTS = {
    Receipt.BANK: Both("口座への振込み", "a bank transfer"), Receipt.LOCAL_MONEY: Both("地域通貨", "local money"),
}
PARTS = {MoneyPart.PAID: Both("有償分", "paid part"), MoneyPart.GRANTED: Both("無償分", "granted part")}


@dataclass(frozen=True, slots=True)
class Offer:
    """One unit that a sale sells: its own, or a bundle (冊). `path` is where its values stand."""

    name: Fact | None
    price: Fact
    face: Fact
    bonus: Fact | None
    rate: Fact | None
    most: Fact


@dataclass(frozen=True, slots=True)
class Told:
    """One document, asked for its facts."""

    terms: ProgrammeTerms

    @property
    def name(self) -> Fact:
        return facts.named("name", self.terms.name)

    @property
    def issuer(self) -> Fact:
        return facts.named("scheme.issuer", self.terms.scheme.issuer)

    @property
    def purpose(self) -> Fact:
        return facts.named("purpose", self.terms.purpose)

    @property
    def judged_on(self) -> Fact:
        return facts.on("eligibility.on", self.terms.eligibility.on)

    @property
    def who(self) -> Fact | None:
        return facts.of_residents("eligibility.who", self.terms.eligibility.who)

    @property
    def asks_commuters(self) -> bool:
        """Whether people come in by work or study, whom the town must confirm first."""
        return asks_commuters(predicate.parse(self.terms.eligibility.who, RESIDENTS))

    @property
    def spending(self) -> dict[str, Fact]:
        first, last = facts.span("spending.window", self.terms.spending.window)
        return {"first": first, "last": last}

    @property
    def claims(self) -> Fact:
        return facts.on("refunds.shop_claims_until", self.terms.refunds.shop_claims_until)

    @property
    def cash_out(self) -> Fact:
        return facts.named("refunds.cash_out_refund", self.terms.refunds.cash_out_refund)

    @property
    def expires_on(self) -> Fact | None:
        expiry = self.terms.expiry
        return facts.on("expiry.last_day", expiry.last_day) if isinstance(expiry, ExpiresOn) else None

    @property
    def expires_after(self) -> Fact | None:
        expiry = self.terms.expiry
        if not isinstance(expiry, ExpiresAfter):
            return None
        return facts.count("expiry.months", expiry.months, unit=facts.MONTHS_LONG)

    @property
    def month_end(self) -> tuple[str, str]:
        """What is added where value that expires some months after its receipt lives to the end of that month."""
        expiry = self.terms.expiry
        is_exact = isinstance(expiry, ExpiresAfter) and expiry.to_the_day
        return ("", "") if is_exact else ("の属する月の末日", ", at the end of that month")

    def excluded(self, *, by: str) -> tuple[str, str, dict[str, Fact]] | None:
        """What value may not buy, as a row of names; None where everything is allowed."""
        goods = self.terms.spending.excluded
        listed = [(f"spending.excluded.{each.code}.name", each.name) for each in goods]
        return facts.all_named(listed, by=by) if listed else None

    def per_holder(self, sale: Sale) -> Both:
        return Both("1人", "person") if sale.per == "resident" else Both("1世帯", "household")

    def offers(self, sale: Sale) -> Iterator[Offer]:
        """The units that some round sells, the sale's own first."""
        sold = {each.bundle for each in sale.rounds}
        if None in sold:
            own = next(each for each in sale.rounds if each.bundle is None)
            yield self._offer(cost.bundle_of(sale, own), "obtaining", price="unit_price_yen", name=None)
        for each in sale.bundles:
            if each.code in sold:
                path = f"obtaining.bundles.{each.code}"
                yield self._offer(each, path, price="price_yen", name=facts.named(f"{path}.name", each.name))

    def _offer(self, unit: Bundle, path: str, *, price: str, name: Fact | None) -> Offer:
        granted = {purse.code for purse in self.terms.purses if purse.part is MoneyPart.GRANTED}
        bonus = sum(part.yen for part in unit.face if part.purse in granted)
        return Offer(
            name, price=facts.yen(f"{path}.{price}", unit.price_yen), face=self.face(f"{path}.face", unit.face),
            bonus=facts.yen(f"{path}.face", bonus) if bonus else None,
            rate=facts.rate_of(f"{path}.face", part=bonus, whole=unit.price_yen),
            most=facts.count(f"{path}.max_units", unit.max_units, unit=facts.BOOKS if name else facts.UNIT),
        )

    def face(self, path: str, parts: tuple[FacePart, ...]) -> Fact:
        return facts.yen(path, sum(part.yen for part in parts))

    def round_name(self, each: SaleRound) -> Fact:
        return facts.named(f"obtaining.rounds.{each.code}.name", each.name)

    def limit(self, path: str, limit: Limit) -> Fact:
        if limit.yen is not None:
            return facts.yen(f"{path}.yen", limit.yen)
        return facts.count(f"{path}.times", limit.times or 0, unit=facts.TIMES)

    def budgets(self) -> Iterator[tuple[str, FundTerms]]:
        """Funds that a budget or a sponsor fills, with their paths; not the buyers' own money."""
        for fund in self.terms.funds:
            if fund.funder is not Funder.BUYERS:
                yield f"funds.{fund.code}", fund


def limits(told: Told, given: tuple[Limit, ...], *, ja: str, en: str) -> Iterator[Sentence]:
    """A sentence for each limit over all that is granted; `ja` and `en` put {most} and <per>, the span, into words."""
    for place, limit in enumerate(given):
        span = PER[limit.per]
        most = told.limit(f"obtaining.limits[{place}]", limit)
        yield say(ja.replace("<per>", span.ja), en.replace("<per>", span.en), most=most)


def ways(sale: Sale) -> Both:
    """How buyers may pay, in words."""
    named = [WAYS[way] for way in sale.payment.ways]
    return Both("、".join(way.ja for way in named), ", ".join(way.en for way in named))


def one_of_ways(sale: Sale) -> Both:
    """The same as ordinances say it: 「A、B又はC」."""
    named = [WAYS[way] for way in sale.payment.ways]
    return Both(facts.joined([way.ja for way in named], by="又は"), facts.joined_en([way.en for way in named]))


def slip_days(sale: Sale) -> Fact | None:
    """How long a slip is good; None where nobody pays by one."""
    if PaymentWay.SLIP not in sale.payment.ways:
        return None
    return facts.count("obtaining.payment.slip_days", sale.payment.slip_days, unit=facts.DAYS)


def days_to_pay(sale: Sale) -> Fact | None:
    """What a person who moves up has to pay in; None where nobody moves up."""
    if sale.waiting_list is None:
        return None
    return facts.count("obtaining.waiting_list.days_to_pay", sale.waiting_list.days_to_pay, unit=facts.DAYS)
