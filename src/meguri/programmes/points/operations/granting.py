"""The one way in which actions become points: limits, funders and purse in one posting for each, many in one batch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger import queries
from meguri.ledger.rules import INSUFFICIENT, LIMIT_REACHED, Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes.arms import expiry_of
from meguri.programmes.operations import FundShare
from meguri.programmes.parts import Action
from meguri.programmes.points import rules
from meguri.programmes.points.limits import Within, bounds_of, left_of, lots_of
from meguri.programmes.points.models import Participation
from meguri.programmes.points.offer import Offer, Source, source_of
from meguri.programmes.points.rules import Ceiling, Earning
from meguri.programmes.queries import arms_of
from meguri.programmes.rules import expires_at
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what on which day, under which record; `by` lets it be. `kind`: action, or mission for a bonus."""

    offer: Offer
    action: Action
    resident: UUID
    record: UUID
    on: date
    by: Actor
    kind: str = "action"


@dataclass(frozen=True, slots=True)
class Granted:
    """What a deed earned, until when it is good, and the ceiling that cut it, if one did.

    `repaid_yen` of it went to a debt at once.
    """

    posting: UUID
    yen: int
    cut_by: Ceiling | None
    repaid_yen: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Earned:
    """A deed that its ceilings let through: what they leave of it, and of the times that it uses up."""

    deed: Deed
    drawn_on: tuple[Ceiling, ...]
    left: Mapping[UUID, int]
    earning: Earning
    source: Source
    ends: datetime | None  # by the resident's arm, where lot decides it

    @property
    def counted(self) -> list[Ceiling]:
        return [each for each in self.drawn_on if each.unit == "piece"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the books are asked for one deed: allotments, then the grant itself."""

    earned: _Earned
    shares: tuple[FundShare, ...]
    allotments: list[Posting]
    posting: Posting


def wait_in_line(people: Iterable[tuple[Offer, UUID]], *, at: datetime) -> None:
    """Lock these residents' rows in their programmes: one person's grants are judged one by one, others need not wait.

    All take them in the same order, so that two batches never wait for each other.
    """
    wanted = {(offer.programme, resident): offer.municipality for offer, resident in people}
    missing = wanted.keys() - _in_line(wanted)
    if missing:
        fresh = [
            Participation(
                id=uuid7(at), municipality=wanted[each], programme=each[0], resident=each[1], since=at
            )
            for each in sorted(missing)
        ]  # fmt: skip
        Participation.objects.bulk_create(fresh, ignore_conflicts=True)
        _in_line(missing)


def _in_line(wanted: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Lock those of the rows that exist, and give them."""
    programmes_, residents = zip(*wanted, strict=True)
    rows = Participation.objects.filter(programme__in=set(programmes_), resident__in=set(residents))
    known = rows.order_by("programme", "resident").select_for_update().values_list("programme", "resident")
    return set(known)


def make_lots(deeds: Sequence[Deed], *, municipality: int, at: datetime) -> None:
    """Make the lots that these deeds may draw on and reach, before anybody's shares are held.

    A lot that is being made lets others wait for its maker: whoever holds shares must not be one of them, as the maker
    may be waiting for those shares.
    """
    lots_of(
        (bound for deed in deeds for bound in bounds_of(deed.offer, deed.action, on=deed.on) if bound.unit != "held"),
        municipality=municipality,
    )
    ends = _ends(deeds, municipality=municipality, at=at)
    bound_for = [(deed, source_of(deed.offer, deed.action), ends[deed.record]) for deed in deeds]
    _money_lots(bound_for, municipality=municipality, at=at)


def grant(deeds: Sequence[Deed], *, municipality: int, at: datetime) -> list[Granted | Refusal]:
    """Grant what each deed earns, or say why it earns nothing. The caller holds the residents' rows (`wait_in_line`).

    No resident stands among the deeds twice: what one leaves of a ceiling, the next would not know.
    Order: ceilings as they stand, lots, the funders' shares (locked last: everybody waits for them), one batch of
    postings that draw on every ceiling and repay what the residents owe these funds, the shares of what came back.
    What is left is read first, because funders must share exactly what is granted; the books judge it again.
    The refusals: `action_ceiling_reached`, `shares_exhausted`, `action_budget_empty`.
    """
    answers: dict[UUID, Granted | Refusal] = {}
    lots, earned = _earned(deeds, answers=answers, municipality=municipality, at=at)
    bound_for = [(each.deed, each.source, each.ends) for each in earned]
    money = _money_lots(bound_for, municipality=municipality, at=at)
    wallets = [Account(each.deed.resident, AccountRole.WALLET) for each in earned]
    books.open_accounts(wallets, municipality=municipality)
    shared = _shared(earned, answers=answers)
    asked = _asked(shared, lots=lots, money=money, municipality=municipality, at=at)
    answers |= _posted(asked, lots=lots, municipality=municipality)
    return [answers[deed.record] for deed in deeds]


def came_back(made: Verdict, deed: Deed) -> int:
    """The yen that a posting brought from the wallet back to its funds: their shares count them as never granted."""
    lots = queries.lots({each.debit_lot for each in made.taken}, municipality=deed.offer.municipality)
    funds: Counter[UUID] = Counter()
    for each in made.taken:
        lot = lots[each.debit_lot]
        if lot.purse_kind is not None and lot.fund is not None:  # it left a purse, not a budget
            funds[lot.fund] += each.amount
    if funds:
        source = source_of(deed.offer, deed.action)
        programmes.take_back_grant(agreement=source.agreement, parts=funds, by=deed.by)
    return funds.total()


def office(municipality: int) -> Actor:
    """Who writes notices that follow from an operation: the town hall's own hand, not the person who acts."""
    return Actor(municipality, ActorRole.SYSTEM)


def _earned(
    deeds: Sequence[Deed], *, answers: dict[UUID, Granted | Refusal], municipality: int, at: datetime
) -> tuple[dict[UUID, int], list[_Earned]]:
    """The lots of all ceilings, and the deeds that still earn something under theirs; the others get their answer."""
    wanted = [
        Within(deed.resident, bounds_of(deed.offer, deed.action, on=deed.on), deed.offer, at) for deed in deeds
    ]
    drawn_on = [tuple(bound for bound in each.bounds if bound.unit != "held") for each in wanted]
    lots = lots_of((bound for bounds in drawn_on for bound in bounds), municipality=municipality)
    programmes.wait_for_holding(  # a gift that is taken at this moment comes before or after
        (each.offer.programme, each.resident) for each in wanted if each.offer.terms.limits.balance_max_yen is not None
    )
    room = left_of(wanted, lots=lots, municipality=municipality)
    ends = _ends(deeds, municipality=municipality, at=at)
    earned = []
    for deed, each, drawn, left in zip(deeds, wanted, drawn_on, room, strict=True):
        try:
            earning = rules.still_earns(deed.action.yen, drawn_on=each.bounds, left=left, on=deed.on)
        except Refusal as refusal:
            answers[deed.record] = refusal
        else:
            source = source_of(deed.offer, deed.action)
            earned.append(_Earned(deed, drawn, left, earning, source, ends[deed.record]))
    return lots, earned


def _ends(deeds: Sequence[Deed], *, municipality: int, at: datetime) -> dict[UUID, datetime | None]:
    """When what each deed earns now ends, by record."""
    people: dict[UUID, set[UUID]] = defaultdict(set)
    for deed in deeds:
        people[deed.offer.programme].add(deed.resident)
    arms = {each: arms_of(each, residents, municipality=municipality) for each, residents in people.items()}
    return {
        deed.record: expires_at(
            expiry_of(deed.offer.terms, arms[deed.offer.programme].get(deed.resident)), obtained_at=at
        )
        for deed in deeds
    }


_MoneyLots = dict[tuple[UUID | None, UUID, datetime | None], int]


def _money_lots(
    bound_for: Sequence[tuple[Deed, Source, datetime | None]], *, municipality: int, at: datetime
) -> _MoneyLots:
    """The lots that money may leave and reach: by purse kind (None: the budget's own), fund and expiry.

    Those that are missing are made in one order, so that no two makers wait for each other.
    """
    funds = {fund for _, source, _ in bound_for for fund in source.funds}
    lots: _MoneyLots = {
        (lot.purse_kind, lot.fund, lot.expires_at): lot.id
        for lot in queries.lots_of_funds(funds, municipality=municipality) if lot.fund is not None
    }
    wanted = {(source.purse_kind, fund, ends): deed for deed, source, ends in bound_for for fund in source.funds}
    for fund in sorted(funds):
        if (None, fund, None) not in lots:
            lots[None, fund, None] = books.fund_lot(fund, municipality=municipality)
    for kind, fund, ends in sorted(wanted.keys() - lots.keys(), key=str):
        deed = wanted[kind, fund, ends]
        lots[kind, fund, ends] = programmes.open_lot(
            purse_kind=kind, fund=fund, holder=deed.resident, obtained_at=at, by=deed.by
        )
    return lots


def _shared(
    earned: Sequence[_Earned], *, answers: dict[UUID, Granted | Refusal]
) -> list[tuple[_Earned, tuple[FundShare, ...]]]:
    """Who pays how much of each; the agreements are locked in one order, and stay so until the end."""
    by_agreement: dict[UUID, list[_Earned]] = defaultdict(list)
    for each in earned:
        by_agreement[each.source.agreement].append(each)
    shares: dict[UUID, tuple[FundShare, ...]] = {}
    for agreement, own in sorted(by_agreement.items()):
        amounts = [each.earning.yen for each in own]
        given = programmes.share_each(agreement=agreement, amounts_yen=amounts, by=own[0].deed.by)
        for each, share in zip(own, given, strict=True):
            if isinstance(share, Refusal):
                answers[each.deed.record] = share
            else:
                shares[each.deed.record] = share
    return [(each, shares[each.deed.record]) for each in earned if each.deed.record in shares]


def _asked(
    shared: Sequence[tuple[_Earned, tuple[FundShare, ...]]], *, lots: Mapping[UUID, int], money: _MoneyLots,
    municipality: int, at: datetime,
) -> list[_Asked]:
    debts = queries.debts({each.deed.resident for each, _ in shared}, municipality=municipality)
    return [
        _Asked(
            each, shares, [_allot(each.deed, bound, lot=lots[bound.allowed], at=at) for bound in _unallotted(each)],
            _posting(each, _money_legs(each, shares, lots=lots, money=money), lots=lots, debts=debts, at=at),
        )
        for each, shares in shared
    ]  # fmt: skip


def _unallotted(earned: _Earned) -> list[Ceiling]:
    """Times are allotted once for each person and span: whoever has used one has had them."""
    return [each for each in earned.counted if earned.left[each.allowed] == each.most]


def _money_legs(
    earned: _Earned, shares: Sequence[FundShare], *, lots: Mapping[UUID, int], money: _MoneyLots
) -> list[Leg]:
    """One leg a funder, from its budget into the wallet, each within every ceiling that counts yen."""
    deed, kind = earned.deed, earned.source.purse_kind
    wallet = Account(deed.resident, AccountRole.WALLET)
    limits = tuple(Limit(_allowance(deed), lots[each.allowed]) for each in earned.drawn_on if each.unit == "yen")
    return [
        Leg(
            Account(share.fund, AccountRole.FUND), wallet, share.yen, (money[None, share.fund, None],),
            credit_lot=money[kind, share.fund, earned.ends], limits=limits,
        )
        for share in shares
    ]


def _posting(
    earned: _Earned, legs: Sequence[Leg], *, lots: Mapping[UUID, int], debts: Sequence[queries.Debt], at: datetime
) -> Posting:
    deed = earned.deed
    turns = [_turn(deed, lots[each.allowed]) for each in earned.counted]
    return Posting(
        key=f"grant_points:{deed.record}", template="grant_points", at=at, by=str(deed.by.party or deed.by.role),
        legs=(*legs, *books.repaying(legs, open_debts=debts), *turns),
        about={"programme": str(deed.offer.programme), deed.kind: deed.action.code, "day": deed.on.isoformat()},
    )  # fmt: skip


def _posted(asked: Sequence[_Asked], *, lots: Mapping[UUID, int], municipality: int) -> dict[UUID, Granted | Refusal]:
    """Post all at once; what the books refuse is refused alone, and its funders have shared nothing."""
    batch = [posting for each in asked for posting in (*each.allotments, each.posting)]
    answered = iter(books.post_batch(batch, municipality=municipality))
    answers: dict[UUID, Granted | Refusal] = {}
    for each in asked:
        for _ in each.allotments:
            next(answered)  # one whose limit was amended since stays what it was until its day or month is over
        answers[each.earned.deed.record] = _told(each, next(answered), lots=lots)
    return answers


def _told(asked: _Asked, answer: Verdict | Refusal, *, lots: Mapping[UUID, int]) -> Granted | Refusal:
    earned, deed = asked.earned, asked.earned.deed
    if isinstance(answer, Refusal):
        parts = {share.fund: share.yen for share in asked.shares}
        programmes.take_back_grant(agreement=earned.source.agreement, parts=parts, by=deed.by)
        return _in_our_words(answer, deed, drawn_on=earned.drawn_on, lots=lots)
    repays = any(leg.up_to for leg in asked.posting.legs)
    back = came_back(answer, deed) if repays else 0
    return Granted(answer.posting, earned.earning.yen, earned.earning.cut_by, back, earned.ends)


def _allowance(deed: Deed) -> Account:
    return Account(deed.resident, AccountRole.ALLOWANCE)


def _turn(deed: Deed, lot: int) -> Leg:
    """One of the times that the limit allows is used up."""
    return Leg(_allowance(deed), Account(deed.resident, AccountRole.USED), 1, (lot,))


def _allot(deed: Deed, ceiling: Ceiling, *, lot: int, at: datetime) -> Posting:
    """The times that a limit allows, given once: the key holds person and span, so a second posting is the first."""
    leg = Leg(Account(deed.resident, AccountRole.ALLOTMENT), _allowance(deed), ceiling.most, (lot,))
    return Posting(
        key=f"allot_times:{ceiling.allowed}:{deed.resident}", template="allot", legs=(leg,), at=at,
        by=str(deed.by.party or deed.by.role), about={"programme": str(deed.offer.programme), "limit": ceiling.name},
    )


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
