"""What a payment earns by the campaigns in force. Pure: the till, the dry run and the tests ask the same function.

What the shop and the payment say already sorts most campaigns out; only where one is left are facts about people asked
for. A fact that is needed and not known means that the campaign does not apply, and the answer says which fact it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from uuid import UUID, uuid5

from meguri.parties.rules import Both
from meguri.programmes.arms import Expiry
from meguri.programmes.campaign_terms import (
    Campaign,
    CampaignBand,
    CampaignLimit,
    Counted,
    Drawer,
    GrantByCampaign,
    Stacking,
)
from meguri.programmes.parts import Limit, Per
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import RESIDENTS, SHOPS, WEEKDAYS
from meguri.words import predicate
from meguri.words.period import Period, day_of, in_japan
from meguri.words.predicate import Facts, Field, Rule

APPLIED_MOST = 64
"""So many campaigns at most give something for one payment; what a payment earned is looked up by this many keys."""


DrawnOn = tuple[Drawer, Per, UUID, int]
"""A ceiling before its owner is known: whose it is, its span, what it allows, how much (yen)."""


@dataclass(frozen=True)
class LiveCampaign:
    """A campaign of a launched programme, by the identities that its launch gave it.

    `order` is the programme's place among all and the campaign's place in its document; `above` are the ceilings of
    a person over all campaigns of the document; `name` of the campaign, `purse` of where its points go.
    """

    programme: UUID
    programme_name: Both
    order: tuple[datetime, UUID, int]
    terms: Campaign = field(hash=False)
    rule: Rule = field(hash=False)
    who: Rule = field(hash=False)
    on: date
    above: tuple[Limit, ...]
    purse_kind: UUID
    agreement: UUID
    funds: tuple[UUID, ...]
    expiry: Expiry = field(hash=False)

    @cached_property
    def code(self) -> str:
        return self.terms.code

    @cached_property
    def name(self) -> Both:
        return Both(self.terms.name.ja, self.terms.name.en)

    @cached_property
    def period(self) -> Period:
        return self.terms.window.period

    @cached_property
    def id(self) -> UUID:
        """Names the campaign in the books: the owner of its own cap."""
        return cap_owner(self.programme, self.code)

    @cached_property
    def asks_people(self) -> bool:
        """Whether anything about whoever pays has to be known."""
        needed = {each.name for each in (*self.rule.needed, *self.who.needed)}
        return any(name in RESIDENTS for name in needed) or self.counts_households

    @cached_property
    def counts_households(self) -> bool:
        return any(limit.of is Drawer.HOUSEHOLD for limit in self.terms.limits)

    @cached_property
    def drawn_on(self) -> dict[date, tuple[DrawnOn, ...]]:
        """By day: what it draws on. Worked out once a day: see `ceilings_of`."""
        return {}


@dataclass(frozen=True, slots=True)
class Bought:
    """A payment as campaigns see it: `paid_yen` of its `amount_yen` were paid value. `facts` of payment and shop."""

    holder: UUID
    shop: UUID
    at: datetime
    amount_yen: int
    paid_yen: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Chance:
    """A payment that some campaigns may reward; `bought.paid_yen` counts once the books have said what paid."""

    bought: Bought
    live: tuple[LiveCampaign, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of whoever pays; `household` None: nothing is."""

    facts: Facts
    household: UUID | None = None


NOBODY_KNOWN = Person({})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a campaign gives for a payment by its own terms (yen), before any ceiling."""

    campaign: LiveCampaign
    yen: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A campaign that could not be judged, and the facts that nobody knows: it does not apply."""

    campaign: LiveCampaign
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    wishes: tuple[Wish, ...] = ()
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignCeiling:
    """A ceiling as the books keep it: who draws on it, what names it, and how much it opens with (yen)."""

    of: Drawer
    per: Per
    allowed: UUID
    owner: UUID
    yen: int


SPANS: Mapping[Per, str] = {Per.DAY: "{:%Y-%m-%d}", Per.MONTH: "{:%Y-%m}", Per.PROGRAMME: ""}
"""How the day of a payment names the span of a ceiling."""


def payment_facts(*, amount_yen: int, at: datetime, channel: str) -> Facts:
    """The declared facts of a payment, by the clock of Japan."""
    here = in_japan(at)
    return {
        "amount": amount_yen, "weekday": WEEKDAYS[here.weekday()].code, "hour": here.hour, "month_day": here.day,
        "channel": channel,
    }  # fmt: skip


def shop_facts_of(facts: object) -> Facts:
    """The declared facts of a shop, with its printed code."""
    return {"shop": getattr(facts, "code"), **{name: getattr(facts, name) for name in SHOPS.names}}  # noqa: B009


def candidates(live: Sequence[LiveCampaign], facts: Facts, *, at: datetime) -> tuple[LiveCampaign, ...]:
    """The campaigns that these facts leave open, in their order."""
    return tuple(
        each for each in live if at in each.period and not predicate.is_ruled_out(each.rule, facts)
    )  # fmt: skip


def decide(live: Sequence[LiveCampaign], bought: Bought, *, person: Person = NOBODY_KNOWN) -> Decision:
    """What each of the `candidates` gives for a payment, programme by programme in the order of the document.

    One that is exclusive and gives something ends its own document's list; other programmes have lists of their own.
    """
    facts = {**person.facts, **bought.facts}
    wishes, unknown, ended = list[Wish](), list[Unknown](), set[UUID]()
    for each in live:
        if each.programme in ended or len(wishes) == APPLIED_MOST:
            continue
        fields = _not_known(each, facts, household=person.household)
        if fields:
            unknown.append(Unknown(each, fields))
            continue
        yen = _earned(each, bought) if _applies(each, facts) else 0
        if yen:
            wishes.append(Wish(each, yen))
            if each.terms.stacking is Stacking.EXCLUSIVE:
                ended.add(each.programme)
    return Decision(tuple(wishes), tuple(unknown))


def _not_known(each: LiveCampaign, facts: Facts, *, household: UUID | None) -> tuple[Field, ...]:
    fields = (*predicate.missing(each.who, facts), *predicate.missing(each.rule, facts))
    if each.counts_households and household is None:
        fields = (*fields, RESIDENTS["household_size"])
    return tuple(dict.fromkeys(fields))


def _applies(each: LiveCampaign, facts: Facts) -> bool:
    return predicate.holds(each.who, facts) and predicate.holds(each.rule, facts)


def _earned(each: LiveCampaign, bought: Bought) -> int:
    counted = bought.paid_yen if each.terms.counted is Counted.PAID else bought.amount_yen
    band = next((band for band in each.terms.bands if is_within(band, counted)), None)
    if band is None:
        return 0
    yen = band.yen if band.yen is not None else counted * (band.rate_bp or 0) // WHOLE
    return yen if each.terms.most_yen is None else min(yen, each.terms.most_yen)


def is_within(band: CampaignBand, yen: int) -> bool:
    """Whether a payment of so many yen falls into the band."""
    return band.from_yen <= yen and (band.below_yen is None or yen < band.below_yen)


def cap_owner(programme: UUID, code: str) -> UUID:
    """Who draws on a campaign's own cap: the campaign."""
    return uuid5(programme, f"campaign:{code}")


def area_owner(programme: UUID, code: str, *, area: str) -> UUID:
    """Who draws on what one area may have of a campaign: all payments at the shops that stand there."""
    return uuid5(programme, f"campaign:{code}:area:{area}")


def ceiling_id(programme: UUID, code: str, *, limit: CampaignLimit, day: date) -> UUID:
    """What a campaign's ceiling allows, named for the span in which the day lies."""
    return uuid5(programme, f"campaign:{code}:{limit.of}:{limit.per}:{SPANS[limit.per].format(day)}")


def ceilings_of(each: LiveCampaign, bought: Bought, *, household: UUID | None) -> Iterator[CampaignCeiling]:
    """Every ceiling that the campaign's points for this payment draw on.

    A span that has begun keeps the amount that it opened with: an amended ceiling counts from the next day or month.
    """
    day = day_of(bought.at)
    if (drawn := each.drawn_on.get(day)) is None:
        drawn = each.drawn_on[day] = tuple(_drawn_on(each, day))
    for of, per, allowed, yen in drawn:
        owner = _owner(of, each, bought=bought, household=household)
        assert owner is not None  # noqa: S101 - whose household is not known gets nothing: see `decide`
        yield CampaignCeiling(of, per, allowed, owner, yen)


def _drawn_on(each: LiveCampaign, day: date) -> Iterator[DrawnOn]:
    for limit in each.terms.limits:
        yield limit.of, limit.per, ceiling_id(each.programme, each.code, limit=limit, day=day), limit.yen
    for over_all in each.above:
        if over_all.yen is not None:
            named = f"campaigns:{over_all.per}:{SPANS[over_all.per].format(day)}"
            yield Drawer.PERSON, over_all.per, uuid5(each.programme, named), over_all.yen


def _owner(of: Drawer, each: LiveCampaign, *, bought: Bought, household: UUID | None) -> UUID | None:
    match of:
        case Drawer.PERSON:
            return bought.holder
        case Drawer.HOUSEHOLD:
            return household
        case Drawer.SHOP:
            return bought.shop
        case Drawer.AREA:
            return area_owner(each.programme, each.code, area=str(bought.facts["area"]))
        case Drawer.CAMPAIGN:
            return each.id


def payer_of(terms: ProgrammeTerms, campaign: Campaign) -> str:
    """The code of the fund or agreement behind a campaign: its own, or its purse's."""
    assert isinstance(terms.obtaining, GrantByCampaign)  # noqa: S101 - it is one of its campaigns
    purse = campaign.purse or terms.obtaining.purse
    return campaign.funded_by or next(each.funded_by for each in terms.purses if each.code == purse)


def grant_key(payment: UUID, place: int) -> str:
    """The permanent key of what a payment earned by its `place`-th campaign (from 1)."""
    return f"campaign:{payment}:{place}"


def left_after(granted: int, *, amount_yen: int, refunded_yen: int) -> int:
    """What a payment's points are worth once so much of it was given back: in proportion, rounded down (yen)."""
    return granted * (amount_yen - refunded_yen) // amount_yen


@dataclass(frozen=True, slots=True)
class Earned:
    """What a campaign gave for a payment: `yen`, of the `wished_yen` that its terms promise; `stop` says what cut it.

    `stop` None: nothing did. A payment is never refused because of it. `of_household`: the reason speaks of others.
    """

    programme: UUID
    code: str
    name: Both
    yen: int
    wished_yen: int
    stop: Both | None = None
    of_household: bool = False

    def for_the_shop(self) -> Earned:
        """The same as a shop may read it: what a customer's household has had is not its business."""
        if not self.of_household:
            return self
        end = Both(f"「{self.name.ja}」のポイントは上限に達しました。", f"“{self.name.en}”: a limit has been reached.")
        return replace(self, stop=end, of_household=False)


_SPAN_WORDS = {
    Per.DAY: Both("今日の", "for today"), Per.MONTH: Both("今月の", "for this month"),
    Per.PROGRAMME: Both("期間全体の", "for the whole time"),
}  # fmt: skip
_DRAWER_WORDS = {
    Drawer.PERSON: Both("", "your"), Drawer.HOUSEHOLD: Both("ご家族の", "your household's"),
    Drawer.SHOP: Both("この店の", "this shop's"), Drawer.AREA: Both("この地区の", "this area's"),
    Drawer.CAMPAIGN: Both("", "the"),
}  # fmt: skip


def earned(wish: Wish, yen: int, *, bit: CampaignCeiling | None) -> Earned:
    """What a wish came to; `bit` is the ceiling that held the rest back, None where it was the money behind it."""
    live, is_cut = wish.campaign, yen < wish.yen
    return Earned(
        live.programme, live.code, live.name, yen, wish.yen, stop_words(live.name, bit) if is_cut else None,
        of_household=is_cut and bit is not None and bit.of is Drawer.HOUSEHOLD,
    )  # fmt: skip


def stop_words(name: Both, ceiling: CampaignCeiling | None) -> Both:
    """Why less came than the campaign promises: a ceiling at its end, or (None) the money behind it."""
    if ceiling is None:
        return Both(f"「{name.ja}」は、いま予算が終わっています。", f"“{name.en}” has no budget left for now.")
    span, whose = _SPAN_WORDS[ceiling.per], _DRAWER_WORDS[ceiling.of]
    return Both(
        f"「{name.ja}」の{whose.ja}{span.ja}ポイントは上限に達しました。",
        f"“{name.en}”: {whose.en} limit {span.en} has been reached.",
    )  # fmt: skip
