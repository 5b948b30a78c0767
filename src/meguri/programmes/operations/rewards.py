"""Points for payments: what was paid with paid value earns by class of shop, up to a ceiling that is a balance.

A payment is never touched and never waits: the reward is a posting of its own afterwards, under a key that names the
payment, so that a run that broke is simply run again. As in the field, where points follow some days later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.parties.queries import all_shop_facts, resident_facts
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.operations.budgets import FundShare, open_lot, share_grants, take_back_grant
from meguri.programmes.operations.drafting import locked_programme
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.parts import GrantByPayment, Per
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Arm
from meguri.programmes.vocabularies import RESIDENTS, SHOPS, known
from meguri.words import predicate
from meguri.words.actor import Actor, ActorRole
from meguri.words.period import day_of
from meguri.words.refusal import Refusal, declare

NO_REWARDS = declare(
    "programme_rewards_no_payments", status=422,
    ja="この事業は、支払いに応じてポイントを付けるものではありません。",
    en="This programme does not reward payments.",
)
BATCH = 500


@dataclass(frozen=True, slots=True)
class RewardRun:
    """What a run granted: payments that earned, people and yen; `cut`: payments that a ceiling or the budget cut."""

    payments: int
    people: int
    yen: int
    cut: int


@dataclass(frozen=True, slots=True)
class _Paid:
    """A payment that was not rewarded yet: paid value only, what was given back already taken off."""

    id: UUID
    at: datetime
    holder: UUID
    shop: UUID
    yen: int


@dataclass(frozen=True, slots=True)
class _Scheme:
    """A programme that rewards payments, by the identities that its launch gave it."""

    view: ProgrammeView
    terms: ProgrammeTerms
    grant: GrantByPayment
    purse_kind: UUID
    agreement: UUID


@dataclass(frozen=True, slots=True)
class _Granted:
    """What a payment earned by its rate, and what ceilings and budget left of it (yen)."""

    paid: _Paid
    earned: int
    got: int


def reward_payments(*, programme: UUID, by: Actor, at: datetime) -> RewardRun:
    """Reward all payments of the window that were made before `at` and got nothing yet, oldest first.

    A payment that found its ceiling or the budget at zero is looked at again by the next run: a ceiling stays what it
    was, a budget may have been raised. Every batch is a transaction of its own. Order: the programme alone, permission,
    then by batch what was earned, the funders' shares, postings that draw on each person's ceilings, what they cut
    given back to the shares, notices.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_rewards_no_payments`, `programme_not_launched`,
    `arms_not_drawn`.
    """
    granted: list[_Granted] = []
    after = UUID(int=0)
    while True:
        with transaction.atomic():
            locked_programme(programme, by)
            scheme = _find(programme, by)
            batch = _unrewarded(scheme, by.municipality, before=at, after=after)
            if not batch:
                return _run(granted)
            fresh = _grant(scheme, list(_earned(scheme, batch, municipality=by.municipality)), by=by, at=at)
            _tell(scheme, fresh, by=by, at=at)
        granted += fresh
        after = batch[-1].id


def _run(granted: Sequence[_Granted]) -> RewardRun:
    got = [each for each in granted if each.got]
    return RewardRun(
        payments=len(got), people=len({each.paid.holder for each in got}), yen=sum(each.got for each in got),
        cut=sum(each.got < each.earned for each in granted),
    )


def _find(programme: UUID, by: Actor) -> _Scheme:
    view = queries.programme(programme, municipality=by.municipality)
    assert view is not None  # noqa: S101 - its row is locked
    require(by, "reward.run", department=view.department, municipality=by.municipality)
    terms = queries.terms(programme, municipality=by.municipality)
    if not isinstance(terms.obtaining, GrantByPayment):
        raise NO_REWARDS.refusal()
    if view.state != "launched":
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=view.state)
    queries.require_arms_drawn(programme, terms)
    kind = queries.purse_kind(programme, terms.obtaining.purse, municipality=by.municipality)
    assert kind is not None  # noqa: S101 - a launched programme has its purse kinds
    purse = next(purse for purse in terms.purses if purse.code == terms.obtaining.purse)
    agreement = queries.agreement(programme, purse.funded_by, municipality=by.municipality)
    assert agreement is not None  # noqa: S101 - and its agreements
    return _Scheme(view, terms, terms.obtaining, kind.id, agreement.id)


def _unrewarded(scheme: _Scheme, municipality: int, *, before: datetime, after: UUID) -> list[_Paid]:
    """Payments of the window in their order; what refunds took back, whole or in part, is taken off."""
    window = scheme.grant.window.period
    end = before if window.end is None else min(before, window.end)
    asked: dict[str, Any] = {
        "m": municipality, "start": window.start, "end": end, "after": after, "most": BATCH,
        "programme": str(scheme.view.id),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_UNREWARDED_SQL, asked)
        return [_Paid(*row) for row in cursor.fetchall()]


_UNREWARDED_SQL = """
    SELECT p.id, p.effective_at, d.owner, c.owner, (sum(e.amount) - coalesce((
               SELECT sum(b.amount) FROM ledger.entry b
                 JOIN ledger.posting r ON (r.municipality_id, r.id) = (b.municipality_id, b.posting_id)
                 JOIN ledger.lot l ON (l.municipality_id, l.id) = (b.municipality_id, b.credit_lot)
                 JOIN programmes_pursekind k ON k.id = l.purse_kind AND k.part = 'paid'
                WHERE b.municipality_id = %(m)s AND b.credit_account = min(e.debit_account) AND b.posting_id > p.id
                  AND (r.reverses = p.id OR r.about ->> 'refunds' = p.id::text)), 0))::bigint
      FROM ledger.posting p
      JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
      JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account) AND d.role = 'wallet'
      JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account) AND c.role = 'shop'
      JOIN ledger.lot o ON (o.municipality_id, o.id) = (e.municipality_id, e.debit_lot)
      JOIN programmes_pursekind paid ON paid.id = o.purse_kind AND paid.part = 'paid'
     WHERE p.municipality_id = %(m)s AND p.template = 'pay' AND p.id > %(after)s
       AND (p.about ->> 'channel') IS DISTINCT FROM 'paper'  -- a note is paid by whoever brings it: nobody to reward
       AND p.id >= ledger.first_number(%(start)s) AND p.id < ledger.first_number(%(end)s)
       AND NOT EXISTS (SELECT FROM ledger.posting_key n WHERE n.municipality_id = %(m)s
                          AND n.key = 'reward:' || %(programme)s || ':' || p.id::text)
     GROUP BY p.municipality_id, p.id, d.owner, c.owner ORDER BY p.id LIMIT %(most)s
"""


def _earned(scheme: _Scheme, batch: Sequence[_Paid], *, municipality: int) -> Iterator[tuple[_Paid, int]]:
    """What each payment of a batch earns, before any ceiling: the first rate that fits the shop, whole yen."""
    shops = {shop: known(facts, SHOPS) for shop, facts in all_shop_facts(municipality).items()}
    rates = [(rate.rate_bp, predicate.parse(rate.where, SHOPS)) for rate in scheme.grant.rates]
    may = _takers(scheme, {paid.holder for paid in batch}, municipality=municipality)
    for paid in batch:
        rate = next((bp for bp, where in rates if predicate.holds(where, shops[paid.shop])), 0)
        yen = paid.yen * rate // WHOLE
        if yen and paid.holder in may:
            yield paid, yen


def _takers(scheme: _Scheme, holders: set[UUID], *, municipality: int) -> set[UUID]:
    """Who may earn; a programme for everybody does not ask the register. Of whom a fact is not known earns nothing."""
    who = scheme.terms.eligibility.who
    if who == predicate.EVERYTHING:
        return holders
    rule = predicate.parse(who, RESIDENTS)
    found = resident_facts(list(holders), municipality=municipality, on=scheme.terms.eligibility.on)
    facts = {holder: known(each, RESIDENTS) for holder, each in found.items()}
    return {who for who, of in facts.items() if not predicate.missing(rule, of) and predicate.holds(rule, of)}


def _grant(scheme: _Scheme, earned: Sequence[tuple[_Paid, int]], *, by: Actor, at: datetime) -> list[_Granted]:
    """Post what was earned; each leg takes what fund and ceilings still give."""
    shared = share_grants(agreement=scheme.agreement, amounts_yen=[yen for _, yen in earned], by=by)
    lots = _Lots(scheme, holders={paid.holder for paid, _ in earned}, by=by, at=at)
    postings = [
        Posting(
            key=f"reward:{scheme.view.id}:{paid.id}", template="reward_payment", at=at, by=str(by.party or by.role),
            legs=tuple(lots.leg(share, paid) for share in shares),
            about={"programme": str(scheme.view.id), "payment": str(paid.id), "shop": str(paid.shop)},
        )
        for (paid, _), shares in zip(earned, shared, strict=True)
    ]
    answers = books.post_batch(postings, municipality=by.municipality)
    kept, granted = Counter[UUID](), list[_Granted]()
    for (paid, yen), shares, answer in zip(earned, shared, answers, strict=True):
        taken = [_moved(answer, leg) for leg, _ in enumerate(shares, start=1)]
        kept.update({share.fund: share.yen - moved for share, moved in zip(shares, taken, strict=True)})
        granted.append(_Granted(paid, earned=yen, got=sum(taken)))
    if left := {fund: yen for fund, yen in kept.items() if yen}:
        take_back_grant(agreement=scheme.agreement, parts=left, by=by)
    return granted


def _moved(answer: Verdict | Refusal, leg: int) -> int:
    return 0 if isinstance(answer, Refusal) else answer.amount(leg)


class _Lots:
    """The lots that a run's legs name, each asked for once."""

    def __init__(self, scheme: _Scheme, *, holders: set[UUID], by: Actor, at: datetime) -> None:
        self._scheme, self._by, self._at = scheme, by, at
        self._arms = queries.arms_of(scheme.view.id, holders, municipality=by.municipality)
        self._money: dict[tuple[UUID, Arm | None], tuple[int, int]] = {}
        self._ceilings: dict[UUID, int] = {}

    def leg(self, share: FundShare, paid: _Paid) -> Leg:
        own, lot = self._of_fund(share.fund, holder=paid.holder)
        limits = tuple(Limit(Account(paid.holder, AccountRole.ALLOWANCE), number) for number in self._drawn_on(paid))
        wallet = Account(paid.holder, AccountRole.WALLET)
        source = Account(share.fund, AccountRole.FUND)
        return Leg(source, wallet, share.yen, (own,), credit_lot=lot, up_to=True, limits=limits)

    def _of_fund(self, fund: UUID, *, holder: UUID) -> tuple[int, int]:
        """The fund's own lot and the one it pays into, which all holders of an arm share."""
        kind, arm = self._scheme.purse_kind, self._arms.get(holder)
        if (fund, arm) not in self._money:
            lot = open_lot(purse_kind=kind, fund=fund, holder=holder, obtained_at=self._at, by=self._by)
            self._money[fund, arm] = books.fund_lot(fund, municipality=self._by.municipality), lot
        return self._money[fund, arm]

    def _drawn_on(self, paid: _Paid) -> Iterator[int]:
        """A ceiling's lot opens itself, full, on the holder's first touch in the day or month of the payment."""
        for limit in self._scheme.grant.limits:
            span = SPANS[limit.per].format(day_of(paid.at))
            allowed = uuid5(self._scheme.view.id, f"reward:{limit.per}:{limit.yen}:{span}")
            if allowed not in self._ceilings:
                self._ceilings[allowed] = books.allowance_lot(
                    municipality=self._by.municipality, allowed=allowed, unit="yen", opening=limit.yen
                )
            yield self._ceilings[allowed]


SPANS: Mapping[Per, str] = {Per.DAY: "{:%Y-%m-%d}", Per.MONTH: "{:%Y-%m}", Per.PROGRAMME: ""}
"""How the day of a payment names the span of a limit."""


def _tell(scheme: _Scheme, granted: Sequence[_Granted], *, by: Actor, at: datetime) -> None:
    yen = Counter[UUID]()
    for each in granted:
        yen[each.paid.holder] += each.got
    told = [(holder, _words(scheme, total)) for holder, total in yen.items() if total]
    send_many(told, channel="in_app", topic="reward.granted", by=Actor(by.municipality, ActorRole.SYSTEM), at=at)


def _words(scheme: _Scheme, yen: int) -> Wording:
    return Wording(
        title_ja="お支払いのポイントが付きました",
        title_en="Points for your payments",
        text_ja=f"「{scheme.view.name_ja}」で、お支払いに応じて{yen:,}円分のポイントが財布に入りました。",
        text_en=f"“{scheme.view.name_en}” has put points worth {yen:,} yen into your wallet for your payments.",
    )
