"""What a document's campaigns would have given for payments that were made: the same decision, in counters. Pure.

The windows are taken as open: a draft of next spring is tried on last month's payments. Ceilings and budgets count as
the books would count them, payment by payment in their order, and each grant is shared among its funders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from msgspec.structs import replace as changed

from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes.campaign_terms import Campaign, GrantByCampaign
from meguri.programmes.campaigns import (
    NOBODY_KNOWN,
    Bought,
    LiveCampaign,
    Person,
    Wish,
    candidates,
    ceilings_of,
    decide,
    payer_of,
)
from meguri.programmes.parts import Window
from meguri.programmes.sharing import ShareState, divide_within
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import CAMPAIGNS, RESIDENTS
from meguri.words import predicate
from meguri.words.refusal import Refusal

_EVER = Window(first_day=date(1970, 1, 1), last_day=date(9000, 1, 1))
_NAMESPACE = UUID("5b2a6a39-0b0f-4a5c-9a6f-2f7d3f6f8c11")


@dataclass(frozen=True, slots=True)
class TriedCampaign:
    """A campaign's part of it: payments that earned, yen given, and yen that ceilings or budgets held back."""

    code: str
    name: Both
    payments: int
    yen: int
    cut_yen: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What `looked_at` payments would have earned: `yen` to `people` for payments in `shops`; by campaign and fund.

    `unknown`: how often a campaign could not be judged because a fact about the person is not known.
    """

    looked_at: int
    payments: int
    people: int
    shops: int
    yen: int
    campaigns: tuple[TriedCampaign, ...]
    funds: Mapping[str, int]
    unknown: int

    @property
    def cut_yen(self) -> int:
        return sum(each.cut_yen for each in self.campaigns)


def as_live(terms: ProgrammeTerms) -> tuple[LiveCampaign, ...]:
    """The campaigns of a document that nobody has launched, always open."""
    grant = terms.obtaining
    if not isinstance(grant, GrantByCampaign):
        return ()
    programme = uuid5(_NAMESPACE, terms.code)
    who = predicate.parse(terms.eligibility.who, RESIDENTS)
    return tuple(
        LiveCampaign(
            programme=programme, programme_name=Both(terms.name.ja, terms.name.en),
            order=(datetime(1970, 1, 1, tzinfo=UTC), programme, place), terms=changed(each, window=_EVER),
            rule=predicate.parse(each.when, CAMPAIGNS), who=who, on=terms.eligibility.on, above=grant.limits,
            purse_kind=uuid5(programme, each.purse or grant.purse), agreement=uuid5(programme, payer_of(terms, each)),
            funds=(), expiry=terms.expiry,
        )
        for place, each in enumerate(grant.campaigns)
    )


@dataclass
class _Counters:
    """What is left of every ceiling and fund, and how far each agreement's shares are."""

    terms: ProgrammeTerms
    ceilings: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    shares: dict[str, list[ShareState]] = field(default_factory=dict)
    budgets: dict[str, int] = field(default_factory=dict)

    def give(self, wish: Wish, bought: Bought, *, household: UUID | None) -> Counter[str]:
        """What the wish gets, by fund; ceilings first, then shares and what the funds still hold."""
        drawn = list(ceilings_of(wish.campaign, bought, household=household))
        room = [self.ceilings.setdefault((each.allowed, each.owner), each.yen) for each in drawn]
        parts = self._shared(wish.campaign.terms, min([wish.yen, *room]))
        for each in drawn:
            self.ceilings[each.allowed, each.owner] -= parts.total()
        return parts

    def _shared(self, campaign: Campaign, yen: int) -> Counter[str]:
        payer = payer_of(self.terms, campaign)
        funds = cost.funds_of(self.terms, payer)
        states = self.shares.setdefault(payer, cost.share_states(self.terms, payer))
        try:
            parts, after = divide_within(yen, states, left=[self.budgets[fund] for fund in funds])
        except Refusal:
            return Counter()
        self.shares[payer] = after
        given = Counter(dict(zip(funds, parts, strict=True)))
        for fund, part in given.items():
            self.budgets[fund] -= part
        return given


def tried_on(
    terms: ProgrammeTerms, payments: Iterable[Bought], *, people: Mapping[UUID, Person]
) -> Tried:
    """Walk the payments in their order. `people` by pseudonym, as known on the document's day of judgement."""
    live = as_live(terms)
    counters = _Counters(terms, budgets={fund.code: fund.amount_yen for fund in terms.funds})
    given, wished, times = Counter[str](), Counter[str](), Counter[str]()
    funds, holders, shops, rewarded = Counter[str](), set[UUID](), set[UUID](), 0
    looked_at = unknown = 0
    for bought in payments:
        looked_at += 1
        person = people.get(bought.holder, NOBODY_KNOWN)
        decision = decide(candidates(live, bought.facts, at=bought.at), bought, person=person)
        unknown += len(decision.unknown)
        total = 0
        for wish in decision.wishes:
            parts = counters.give(wish, bought, household=person.household)
            yen, code = parts.total(), wish.campaign.code
            wished[code] += wish.yen
            given[code] += yen
            times[code] += yen > 0
            funds.update(parts)
            total += yen
        if total:
            rewarded += 1
            holders.add(bought.holder)
            shops.add(bought.shop)
    return Tried(
        looked_at=looked_at, payments=rewarded, people=len(holders), shops=len(shops), yen=given.total(),
        campaigns=tuple(
            TriedCampaign(
                each.code, each.name, times[each.code], given[each.code], wished[each.code] - given[each.code]
            )
            for each in live
        ),
        funds=dict(funds), unknown=unknown,
    )
