"""Points that come with a payment: granted in its own transaction, as postings of their own under keys that name it.

What is decided is `programmes.campaigns`; here is what surrounds it: the facts of people, asked once for a batch, the
lots, the funders' shares, and what ceilings and budgets left of each wish. Nothing here ever refuses a payment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import resident_facts
from meguri.programmes.campaigns import (
    NOBODY_KNOWN,
    Bought,
    CampaignCeiling,
    Chance,
    Earned,
    LiveCampaign,
    Person,
    Wish,
    ceilings_of,
    decide,
    earned,
    grant_key,
    left_after,
)
from meguri.programmes.operations.budgets import FundShare, Sharing, hold_shares, take_back_grant
from meguri.programmes.queries.campaigns import CampaignGrant, agreement_of, campaign_grants
from meguri.programmes.rules import expires_at
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.words.actor import Actor, ActorRole
from meguri.words.period import day_of
from meguri.words.refusal import Refusal

People = Mapping[tuple[UUID, date], Person]
"""Who pays, as known on a day of judgement."""
KEPT_MOST = 20_000
"""So many lots one process remembers; then it begins anew."""


class CampaignLots:
    """The lots that grants name, looked for once and remembered: for one thread. Lots are for ever.

    They are made before the transaction of the grants, so that nothing is remembered that was undone.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], int] = {}

    def money(self, live: LiveCampaign, fund: UUID, *, at: datetime, municipality: int) -> int:
        """Where a fund's points of this campaign lie in wallets."""
        key = (live.purse_kind, fund, live.expiry, day_of(at))
        if key not in self._known:
            ends = expires_at(live.expiry, obtained_at=at)
            self._known[key] = books.money_lot(
                municipality=municipality, fund=fund, purse_kind=live.purse_kind, expires_at=ends
            )
        return self._known[key]

    def budget(self, fund: UUID, *, municipality: int) -> int:
        """A fund's own lot."""
        if (fund,) not in self._known:
            self._known[fund,] = books.fund_lot(fund, municipality=municipality)
        return self._known[fund,]

    def ceiling(self, ceiling: CampaignCeiling, *, municipality: int) -> int:
        """A ceiling's lot opens itself, full, on the first touch of whoever draws on it."""
        key = ("ceiling", ceiling.allowed)
        if key not in self._known:
            self._known[key] = books.allowance_lot(
                municipality=municipality, allowed=ceiling.allowed, unit="yen", opening=ceiling.yen
            )
        return self._known[key]

    def get_ready(self, chances: Iterable[Chance], *, people: People, municipality: int) -> None:
        """Find, or make, whatever these payments may need."""
        if len(self._known) > KEPT_MOST:
            self._known.clear()
        seen: set[tuple[UUID, date]] = set()
        for chance in chances:
            for live in chance.live:
                household = people.get((chance.bought.holder, live.on), NOBODY_KNOWN).household
                if live.counts_households and household is None:
                    continue
                if (live.id, day_of(chance.bought.at)) in seen:
                    continue
                seen.add((live.id, day_of(chance.bought.at)))
                for fund in live.funds:
                    self.budget(fund, municipality=municipality)
                    self.money(live, fund, at=chance.bought.at, municipality=municipality)
                for ceiling in ceilings_of(live, chance.bought, household=household):
                    self.ceiling(ceiling, municipality=municipality)


def people_of(chances: Iterable[Chance], *, municipality: int) -> People:
    """What campaigns ask of whoever pays, by person and day of judgement: one question a day for a whole batch."""
    asked: defaultdict[date, set[UUID]] = defaultdict(set)
    for chance in chances:
        for live in chance.live:
            if live.asks_people:
                asked[live.on].add(chance.bought.holder)
    found: dict[tuple[UUID, date], Person] = {}
    for on, holders in asked.items():
        facts = resident_facts(list(holders), municipality=municipality, on=on)
        found |= {(who, on): Person(known(each, RESIDENTS), each.household) for who, each in facts.items()}
    return found


def hold_campaigns(chances: Iterable[Chance], *, municipality: int) -> None:
    """Lock the funders' shares, in one order, until the caller's transaction ends: every grant locks them first."""
    by = Actor(municipality, ActorRole.SYSTEM)
    for agreement in sorted({live.agreement for chance in chances for live in chance.live}):
        hold_shares(agreement=agreement, by=by)


@dataclass(slots=True, eq=False)
class _Asked:
    """One wish on its way to the books: `yen` of it are asked for; `bit` is the ceiling that had less left."""

    payment: UUID
    place: int
    bought: Bought
    wish: Wish
    ceilings: tuple[CampaignCeiling, ...]
    yen: int
    bit: CampaignCeiling | None = None


def grant_for_payments(
    paid: Mapping[UUID, Chance], *, people: People, lots: CampaignLots, municipality: int
) -> dict[UUID, tuple[Earned, ...]]:
    """Grant what these payments earn, in the transaction that has just posted them; what each got, by payment.

    Order: the decision, what ceilings have left, the funders' shares of that (held already), the postings that draw on
    ceilings and budgets and repay debts first, and what they left unused given back to the shares.
    """
    asked = list(_wishes(paid, people=people))
    shared = _shared(asked, lots=lots, municipality=municipality)
    postings = _postings([each for each in asked if each in shared], shared, lots=lots, municipality=municipality)
    answers = dict(zip(
        (each for each in asked if each in shared), books.post_batch(postings, municipality=municipality), strict=True
    )) if postings else {}  # fmt: skip
    _give_back_unused(answers, shared, municipality=municipality)
    came: defaultdict[UUID, list[Earned]] = defaultdict(list)
    for each in asked:
        shares = shared.get(each, ())
        came[each.payment].append(
            _told(each, answers.get(each), shares=shares, lots=lots, municipality=municipality)
        )
    return {payment: tuple(own) for payment, own in came.items()}


def _wishes(paid: Mapping[UUID, Chance], *, people: People) -> Iterator[_Asked]:
    for payment, chance in paid.items():
        place = 0
        for on in dict.fromkeys(live.on for live in chance.live):
            person = people.get((chance.bought.holder, on), NOBODY_KNOWN)
            decision = decide([live for live in chance.live if live.on == on], chance.bought, person=person)
            for wish in decision.wishes:
                place += 1
                ceilings = tuple(ceilings_of(wish.campaign, chance.bought, household=person.household))
                yield _Asked(payment, place, chance.bought, wish, ceilings, wish.yen)


def _shared(
    asked: Sequence[_Asked], *, lots: CampaignLots, municipality: int
) -> dict[_Asked, tuple[FundShare, ...]]:
    """Who pays how much of each, one after another; what ceilings, caps or budgets leave nothing for is not there.

    A wish asks for no more than its ceilings have left and its funders can carry together, so that a last grant is
    shared like any other, and what one did not get is still there for the next. The postings draw on the same ceilings
    and budgets: whoever was quicker meanwhile is seen there.
    """
    left = _Left.of(asked, lots=lots, municipality=municipality)
    by = Actor(municipality, ActorRole.SYSTEM)
    sharings = {of: Sharing(agreement=of, by=by) for of in sorted({each.wish.campaign.agreement for each in asked})}
    shares: dict[_Asked, tuple[FundShare, ...]] = {}
    for each in asked:
        left.fit(each)
        try:
            own = sharings[each.wish.campaign.agreement].divide(each.yen, left=left.budgets)
        except Refusal:
            continue
        if own:
            left.draw(each, sum(share.yen for share in own))
            shares[each] = own
    for sharing in sharings.values():
        sharing.keep()
    return shares


@dataclass(slots=True)
class _Left:
    """What ceilings and budgets have left (yen) while a batch is decided: as the books say, less what was asked for."""

    ceilings: dict[tuple[UUID, UUID], int]
    budgets: dict[UUID, int]

    @classmethod
    def of(cls, asked: Sequence[_Asked], *, lots: CampaignLots, municipality: int) -> _Left:
        drawn = [c for each in asked for c in each.ceilings]
        numbers = {c.allowed: lots.ceiling(c, municipality=municipality) for c in drawn}
        touched = balances.amounts(
            {c.owner for c in drawn}, AccountRole.ALLOWANCE, lots=numbers.values(), municipality=municipality
        )
        budgets = {fund: lots.budget(fund, municipality=municipality)
                   for each in asked for fund in each.wish.campaign.funds}  # fmt: skip
        has = balances.amounts(budgets, AccountRole.FUND, lots=budgets.values(), municipality=municipality)
        return cls(
            {(c.allowed, c.owner): touched.get((c.owner, numbers[c.allowed]), c.yen) for c in drawn},
            {fund: has.get((fund, lot), 0) for fund, lot in budgets.items()},
        )

    def fit(self, each: _Asked) -> None:
        """Ask for no more than the ceilings have left."""
        for c in each.ceilings:
            room = self.ceilings[c.allowed, c.owner]
            if room < each.yen:
                each.yen, each.bit = room, c

    def draw(self, each: _Asked, yen: int) -> None:
        for c in each.ceilings:
            self.ceilings[c.allowed, c.owner] -= yen


def _postings(
    asked: Sequence[_Asked], shared: Mapping[_Asked, tuple[FundShare, ...]], *, lots: CampaignLots, municipality: int
) -> list[Posting]:
    if not asked:
        return []
    debts = balances.debts({each.bought.holder for each in asked}, municipality=municipality)
    postings = []
    for each in asked:
        live, at = each.wish.campaign, each.bought.at
        limits = tuple(
            Limit(Account(ceiling.owner, AccountRole.ALLOWANCE), lots.ceiling(ceiling, municipality=municipality))
            for ceiling in each.ceilings
        )
        legs = tuple(
            Leg(
                Account(share.fund, AccountRole.FUND), Account(each.bought.holder, AccountRole.WALLET), share.yen,
                (lots.budget(share.fund, municipality=municipality),), up_to=True, limits=limits,
                credit_lot=lots.money(live, share.fund, at=at, municipality=municipality),
            )
            for share in shared[each]
        )  # fmt: skip
        postings.append(Posting(
            key=grant_key(each.payment, each.place), template="reward_campaign", at=at, by=str(ActorRole.SYSTEM),
            legs=(*legs, *books.repaying(legs, open_debts=debts)),
            about={"programme": str(live.programme), "campaign": live.code, "payment": str(each.payment),
                   "shop": str(each.bought.shop)},
        ))  # fmt: skip
    return postings


def _give_back_unused(
    answers: Mapping[_Asked, Verdict | Refusal], shared: Mapping[_Asked, tuple[FundShare, ...]], *, municipality: int
) -> None:
    """What a ceiling or a budget cut, and what went straight back on a debt, counts as never granted by its funder."""
    back: defaultdict[UUID, Counter[UUID]] = defaultdict(Counter)
    for each, answer in answers.items():
        shares = shared[each]
        for leg, share in enumerate(shares, start=1):
            kept = 0 if isinstance(answer, Refusal) else answer.amount(leg)
            back[each.wish.campaign.agreement][share.fund] += share.yen - kept
        if isinstance(answer, Verdict):
            for leg, share in zip(range(len(shares) + 1, 2 * len(shares) + 1), shares, strict=True):
                back[each.wish.campaign.agreement][share.fund] += answer.amount(leg)
    for agreement, parts in sorted(back.items()):
        if any(parts.values()):
            take_back_grant(agreement=agreement, parts=parts, by=Actor(municipality, ActorRole.SYSTEM))


def _told(
    each: _Asked, answer: Verdict | Refusal | None, *, shares: Sequence[FundShare], lots: CampaignLots,
    municipality: int,
) -> Earned:
    if answer is None:
        return earned(each.wish, 0, bit=None if each.yen else each.bit)
    if isinstance(answer, Refusal):
        lot = answer.limit.rpartition(":")[2] if answer.limit.startswith(AccountRole.ALLOWANCE) else ""
        return earned(each.wish, 0, bit=_bit_by(each, lot, lots=lots, municipality=municipality))
    yen = sum(answer.amount(leg) for leg, _ in enumerate(shares, start=1))
    lot = str(answer.bit.lot) if answer.bit is not None else ""
    return earned(each.wish, yen, bit=_bit_by(each, lot, lots=lots, municipality=municipality) or _bit(each, yen))


def _bit(each: _Asked, yen: int) -> CampaignCeiling | None:
    """Where all came that was asked for, it is the ceiling for whose sake no more was."""
    return each.bit if yen == each.yen else None


def _bit_by(each: _Asked, lot: str, *, lots: CampaignLots, municipality: int) -> CampaignCeiling | None:
    """Which ceiling a lot is."""
    found = (c for c in each.ceilings if str(lots.ceiling(c, municipality=municipality)) == lot)
    return next(found, None)


def hold_grants(payment: UUID, *, municipality: int) -> tuple[CampaignGrant, ...]:
    """What a payment earned, with the shares of its funders locked until the caller's transaction ends.

    Before the refund's posting: who pays locks shares first and balances after them, and so does who refunds.
    """
    grants = campaign_grants([payment], municipality=municipality).get(payment, ())
    for agreement in sorted({agreement_of(grant, municipality=municipality) for grant in grants}):
        hold_shares(agreement=agreement, by=Actor(municipality, ActorRole.SYSTEM))
    return grants


def take_back_campaigns(
    grants: Sequence[CampaignGrant], *, amount_yen: int, refund: UUID, at: datetime, municipality: int
) -> int:
    """A payment of `amount_yen` was refunded by `refund`, whole or in part: its points follow in proportion (yen now).

    In the refund's transaction, behind its posting and `hold_grants`. What the holder has spent already becomes a debt,
    which later points repay. A grant that goes back whole frees the ceilings that it drew on.
    """
    total = 0
    for grant in grants:
        yen = _to_take_back(grant, amount_yen=amount_yen, municipality=municipality)
        if not yen:
            continue
        made = books.take_back(
            grant.posting, municipality=municipality, key=f"withdraw_campaign:{grant.posting}:{refund}", at=at,
            by=str(ActorRole.SYSTEM), yen=yen,
            about={"programme": str(grant.programme), "campaign": grant.campaign, "payment": str(grant.payment)},
        )  # fmt: skip
        total += yen
        if came := _came_back(made, municipality=municipality):
            agreement = agreement_of(grant, municipality=municipality)
            take_back_grant(agreement=agreement, parts=came, by=Actor(municipality, ActorRole.SYSTEM))
    return total


def _to_take_back(grant: CampaignGrant, *, amount_yen: int, municipality: int) -> int:
    """What of a grant is more than the payment's rest has earned."""
    rest = sum(each.left for each in balances.refundable(grant.payment, municipality=municipality))
    left = sum(each.left for each in balances.refundable(grant.posting, municipality=municipality))
    return max(0, left - left_after(grant.yen, amount_yen=amount_yen, refunded_yen=amount_yen - rest))


def _came_back(made: Verdict, *, municipality: int) -> Counter[UUID]:
    """The yen that left a purse for their fund, by fund."""
    lots = balances.lots({each.debit_lot for each in made.taken}, municipality=municipality)
    funds: Counter[UUID] = Counter()
    for each in made.taken:
        lot = lots[each.debit_lot]
        if lot.purse_kind is not None and lot.fund is not None:
            funds[lot.fund] += each.amount
    return funds
