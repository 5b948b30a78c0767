"""The one way in which an action becomes points: limits, funders and purse in one posting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from msgspec.structs import replace

from meguri.ledger import operations as books
from meguri.ledger import queries
from meguri.ledger.rules import INSUFFICIENT, KEY_REUSED, LIMIT_REACHED, Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes.parts import Action
from meguri.programmes.points import rules
from meguri.programmes.points.limits import bounds_of, left_of, lot_of
from meguri.programmes.points.models import Participation
from meguri.programmes.points.offer import Offer, source_of
from meguri.programmes.points.rules import Ceiling
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what on which day, under which record."""

    offer: Offer
    action: Action
    resident: UUID
    record: UUID
    on: date


@dataclass(frozen=True, slots=True)
class Granted:
    """What a deed earned, and the ceiling that cut it, if one did. `repaid_yen` of it went to a debt at once."""

    posting: UUID
    yen: int
    cut_by: Ceiling | None
    repaid_yen: int = 0


def wait_in_line(offer: Offer, *, resident: UUID, at: datetime) -> None:
    """Lock the resident's row in the programme: one person's grants are judged one by one, others need not wait."""
    fresh = Participation(
        id=uuid7(at), municipality=offer.municipality, programme=offer.programme, resident=resident, since=at
    )
    Participation.objects.bulk_create([fresh], ignore_conflicts=True)
    Participation.objects.select_for_update().get(programme=offer.programme, resident=resident)


def grant(deed: Deed, *, by: Actor, at: datetime) -> Granted:
    """Grant what the deed earns. The caller holds the resident's row (`wait_in_line`).

    Order: ceilings as they stand, the funders' shares (locked), lots, one posting that draws on every ceiling and
    repays what the resident owes these funds, the funders' shares of what came back.
    What is left is read first, because funders must share exactly what is granted; the books judge it again.
    Raises Refusal `action_ceiling_reached`, `shares_exhausted`, `action_budget_empty`.
    """
    offer = deed.offer
    bounds = bounds_of(offer, deed.action, on=deed.on)
    left = left_of(bounds, deed.resident, offer=offer, at=at)
    earning = rules.still_earns(deed.action.yen, drawn_on=bounds, left=left, on=deed.on)
    drawn_on = [each for each in bounds if each.unit != "held"]
    lots = {each.allowed: lot_of(each, municipality=offer.municipality) for each in drawn_on}
    limits = tuple(Limit(_allowance(deed), lots[each.allowed]) for each in drawn_on if each.unit == "yen")
    counted = [each for each in drawn_on if each.unit == "piece"]
    money = [replace(leg, limits=limits) for leg in _money_legs(deed, yen=earning.yen, by=by, at=at)]
    repaying = books.repayments(money, municipality=offer.municipality)
    posting = Posting(
        key=f"grant_points:{deed.record}", template="grant_points", at=at, by=str(by.party or by.role),
        legs=(*money, *repaying, *(_turn(deed, lots[each.allowed]) for each in counted)),
        about={"programme": str(offer.programme), "action": deed.action.code, "day": deed.on.isoformat()},
    )
    turns = [_allot(deed, each, lot=lots[each.allowed], by=by, at=at) for each in counted]
    *allotted, answer = books.post_batch([*turns, posting], municipality=offer.municipality)
    _require_allotted(allotted)
    if isinstance(answer, Refusal):
        raise _in_our_words(answer, deed, drawn_on=drawn_on, lots=lots)
    back = came_back(answer, deed, by=by)
    return Granted(answer.posting, earning.yen, earning.cut_by, back)


def came_back(made: Verdict, deed: Deed, *, by: Actor) -> int:
    """The yen that a posting brought from the wallet back to its funds: their shares count them as never granted."""
    lots = queries.lots({each.debit_lot for each in made.taken}, municipality=deed.offer.municipality)
    funds: Counter[UUID] = Counter()
    for each in made.taken:
        lot = lots[each.debit_lot]
        if lot.purse_kind is not None and lot.fund is not None:  # it left a purse, not a budget
            funds[lot.fund] += each.amount
    if funds:
        source = source_of(deed.offer, deed.action)
        programmes.take_back_grant(agreement=source.agreement, parts=funds, by=by)
    return funds.total()


def office(municipality: int) -> Actor:
    """Who writes notices that follow from an operation: the town hall's own hand, not the person who acts."""
    return Actor(municipality, ActorRole.SYSTEM)


def _allowance(deed: Deed) -> Account:
    return Account(deed.resident, AccountRole.ALLOWANCE)


def _money_legs(deed: Deed, *, yen: int, by: Actor, at: datetime) -> list[Leg]:
    """One leg a funder, from its budget into the wallet; the books are opened for people without a wallet yet."""
    town = deed.offer.municipality
    wallet = Account(deed.resident, AccountRole.WALLET)
    books.open_accounts([wallet], municipality=town)
    source = source_of(deed.offer, deed.action)
    legs = []
    for share in programmes.share_grant(agreement=source.agreement, amount_yen=yen, by=by):
        lot = programmes.open_lot(purse_kind=source.purse_kind, fund=share.fund, obtained_at=at, by=by)
        own = books.fund_lot(share.fund, municipality=town)
        legs.append(Leg(Account(share.fund, AccountRole.FUND), wallet, share.yen, (own,), credit_lot=lot))
    return legs


def _turn(deed: Deed, lot: int) -> Leg:
    """One of the times that the limit allows is used up."""
    return Leg(_allowance(deed), Account(deed.resident, AccountRole.USED), 1, (lot,))


def _allot(deed: Deed, ceiling: Ceiling, *, lot: int, by: Actor, at: datetime) -> Posting:
    """The times that a limit allows, given once: the key holds person and span, so a second posting is the first."""
    leg = Leg(Account(deed.resident, AccountRole.ALLOTMENT), _allowance(deed), ceiling.most, (lot,))
    return Posting(
        key=f"allot_times:{ceiling.allowed}:{deed.resident}", template="allot", legs=(leg,), at=at,
        by=str(by.party or by.role), about={"programme": str(deed.offer.programme), "limit": ceiling.name},
    )


def _require_allotted(answers: Sequence[object]) -> None:
    """An allotment whose limit was amended since (`key_reused`) stays what it was until its day or month is over."""
    for answer in answers:
        if isinstance(answer, Refusal) and answer.kind is not KEY_REUSED:
            raise answer


def _in_our_words(
    refusal: Refusal, deed: Deed, *, drawn_on: Sequence[Ceiling], lots: Mapping[UUID, int]
) -> Refusal:
    """What the books refused, said as the person understands it."""
    if refusal.kind is INSUFFICIENT and refusal.limit.startswith(AccountRole.FUND):
        return rules.BUDGET_EMPTY.refusal(limit=refusal.limit)
    if refusal.kind not in {INSUFFICIENT, LIMIT_REACHED} or not refusal.limit.startswith(AccountRole.ALLOWANCE):
        return refusal
    lot = refusal.limit.rpartition(":")[2]  # a leg of times names its account only: then it is one of the times
    tight = [each for each in drawn_on if str(lots[each.allowed]) == lot or each.unit == "piece"]
    return rules.ceiling_reached(tight[0], on=deed.on) if tight else refusal
