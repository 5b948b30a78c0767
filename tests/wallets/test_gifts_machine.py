"""Whatever the order of giving, taking, taking back, waiting, paying, refunding and expiring: no yen comes or goes.

A naive model lives beside the books: who holds how much of which lot. So it is not only sums that are kept, but fund,
purse kind, expiry and paid or granted part of every yen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes.parts import GiftTerms
from meguri.programmes.rules import PurseKindView
from meguri.wallets import checks, gifts
from meguri.wallets.gift_codes import code_of
from meguri.wallets.models import Gift
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.lived_town import prove_committed_books
from tests.town import Town
from tests.wallets.giving import Giving, giving

PEOPLE = (0, 1, 2)
KINDS = ("paid", "premium", "points")
END = datetime(2026, 4, 3, 3, 0, tzinfo=UTC)
TERMS = GiftTerms(days=5, outsiders=True)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.sampled_from(PEOPLE), st.sampled_from(KINDS), st.integers(1, 4_000)),
        st.tuples(st.just("take"), st.sampled_from(PEOPLE), st.just(""), st.integers(0, 6)),
        st.tuples(st.just("take_back"), st.sampled_from(PEOPLE), st.just(""), st.integers(0, 6)),
        st.tuples(st.just("pay"), st.sampled_from(PEOPLE), st.just(""), st.integers(1, 3_000)),
        st.tuples(st.just("refund"), st.just(0), st.just(""), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.just(0), st.just(""), st.integers(1, 40)),
        st.tuples(st.just("overdue"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("expire"), st.just(0), st.sampled_from(KINDS), st.just(0)),
    ),
    min_size=3, max_size=25,
)  # fmt: skip


@dataclass
class Life:
    """The town lives the steps; beside it what each person and each gift must hold, by lot."""

    it: Giving
    people: tuple[UUID, ...]
    at: datetime
    wallets: list[Counter[int]] = field(default_factory=list)
    gifts: list[tuple[UUID, int, Counter[int]]] = field(default_factory=list)  # gift, giver, what it holds
    payments: list[tuple[UUID, int, Counter[int]]] = field(default_factory=list)
    gone: Counter[int] = field(default_factory=Counter)

    @property
    def town(self) -> Town:
        return self.it.town

    def actor(self, person: int) -> Actor:
        return self.town.actor(ActorRole.RESIDENT, party=self.people[person])

    def give(self, person: int, code: str, yen: int) -> None:
        kind = self.town.kind(code)
        lots = self.lots(person, kind.id)
        expires = next((lot.expires_at for lot in lots), kind.spending.end)
        asked = {"purse_kind": kind.id, "expires_at": expires, "amount_yen": yen, "request": str(uuid4())}
        try:
            gift = gifts.give(by=self.actor(person), at=self.at, holder=self.people[person], **asked)  # type: ignore[arg-type]
        except Refusal:
            too_much = sum(self.wallets[person][lot.id] for lot in lots) < yen
            assert too_much or (kind.spending.end is not None and self.at >= kind.spending.end)
            return
        order = {fund: place for place, fund in enumerate(kind.fund_order)}
        held: Counter[int] = Counter()
        for lot in sorted(lots, key=lambda lot: (order[lot.fund or UUID(int=0)], lot.id)):
            part = min(self.wallets[person][lot.id], yen - held.total())
            held[lot.id] += part
        self.wallets[person] -= held
        self.gifts.append((gift, person, +held))

    def take(self, person: int, _: str, which: int) -> None:
        for gift, giver, held in self.gifts[which : which + 1]:
            row = Gift.objects.get(id=gift)
            code = code_of(gift, self.town.municipality)
            try:
                answer = gifts.take(code=code, by=self.actor(person), at=self.at)
            except Refusal:
                assert person == giver or row.ended is not None or row.until <= self.at
                return
            assert not isinstance(answer, Refusal)
            if not answer.replayed:
                assert person != giver
                assert row.until > self.at
                self.wallets[person] += held
                held.clear()

    def take_back(self, person: int, _: str, which: int) -> None:
        for gift, giver, held in self.gifts[which : which + 1]:
            try:
                gifts.take_back(gift=gift, by=self.actor(person), at=self.at)
            except Refusal:
                assert person != giver or Gift.objects.get(id=gift).taken_by is not None
                return
            self.wallets[giver] += held
            held.clear()

    def overdue(self, *_: object) -> None:
        gifts.return_overdue(by=self.town.actor(ActorRole.SYSTEM), at=self.at)
        for gift, giver, held in self.gifts:
            if Gift.objects.get(id=gift).until <= self.at:
                self.wallets[giver] += held
                held.clear()

    def pay(self, person: int, _: str, yen: int) -> None:
        """Out of all that has not expired, as a till would: here simply lot by lot."""
        good = [lot for lot in self.lots(person) if lot.expires_at is None or self.at < lot.expires_at]
        legs = (Leg(Account(self.people[person], AccountRole.WALLET), Account(self.town.small_shop, AccountRole.SHOP),
                    yen, tuple(lot.id for lot in good)),)  # fmt: skip
        posting = Posting(f"pay:{uuid4()}", "pay", legs, self.at, "test", {"shop": str(self.town.small_shop)})
        try:
            made = ledger.post(posting, municipality=self.town.municipality)
        except Refusal:
            assert sum(self.wallets[person][lot.id] for lot in good) < yen
            return
        spent = Counter({taken.debit_lot: taken.amount for taken in made.taken})
        self.wallets[person] -= spent
        self.payments.append((made.posting, person, spent))

    def refund(self, _: int, __: str, which: int) -> None:
        """Whoever paid has it back, in the lots that paid; whoever gave them that money has no part in it."""
        if which < len(self.payments):
            payment, person, spent = self.payments.pop(which)
            ledger.reverse(
                payment, municipality=self.town.municipality, template="refund_payment", key=f"back:{payment}",
                at=self.at, by="test", about={},
            )  # fmt: skip
            self.wallets[person] += spent

    def wait(self, _: int, __: str, days: int) -> None:
        self.at = min(self.at + timedelta(days=days), END)

    def expire(self, _: int, code: str, __: int) -> None:
        """One run a minute: a run is known by its moment."""
        self.at += timedelta(minutes=1)
        kind = self.town.kind(code)
        programmes.expire_programme(programme=kind.programme, by=self.town.actor(ActorRole.SYSTEM), at=self.at)
        lots = books.lots({lot for wallet in self.wallets for lot in wallet}, municipality=self.town.municipality)
        family = {each.id for each in self.kinds() if each.programme == kind.programme}
        for wallet in self.wallets:
            for lot in list(wallet):
                ends = lots[lot].expires_at
                if lots[lot].purse_kind in family and ends is not None and ends <= self.at:
                    self.gone[lot] += wallet.pop(lot)

    def kinds(self) -> list[PurseKindView]:
        return [self.town.kind(code) for code in KINDS]

    def lots(self, person: int, kind: UUID | None = None) -> list[books.Lot]:
        known = books.lots(list(self.wallets[person]), municipality=self.town.municipality)
        return [lot for _, lot in sorted(known.items()) if kind is None or lot.purse_kind == kind]

    def holds(self) -> None:
        """The books say what the model says, lot by lot; the nightly check finds nothing."""
        for person, wallet in zip(self.people, self.wallets, strict=True):
            assert self.of(person, AccountRole.WALLET) == +wallet
        for gift, _, held in self.gifts:
            assert self.of(gift, AccountRole.HELD) == +held
        assert checks.gifts_hold_what_they_say(self.town.municipality) == []

    def of(self, owner: UUID, role: AccountRole) -> Counter[int]:
        found = books.balances([owner], role, municipality=self.town.municipality)
        return +Counter({each.lot.id: each.amount for each in found})


def begun() -> Life:
    """Three people: one with vouchers, one with points of two funds, one with nothing."""
    it = giving(TERMS)
    third = it.newcomer()
    assert third.party is not None
    people = (it.town.holder, it.town.other, third.party)
    it.town.give("premium", 3_000)
    _points(it.town, people[1], 4_000, fund=1)
    _points(it.town, people[1], 1_500, fund=0)
    life = Life(it, people, it.town.at)
    life.wallets = [life.of(person, AccountRole.WALLET) for person in people]
    return life


def _points(town: Town, holder: UUID, yen: int, *, fund: int) -> None:
    kind = town.kind("points")
    payer = kind.fund_order[fund]
    lot = programmes.open_lot(
        purse_kind=kind.id, fund=payer, holder=holder, obtained_at=town.at, by=town.actor(ActorRole.SYSTEM)
    )
    own = ledger.fund_lot(payer, municipality=town.municipality)
    leg = Leg(Account(payer, AccountRole.FUND), Account(holder, AccountRole.WALLET), yen, (own,), credit_lot=lot)
    ledger.post(Posting(f"points:{uuid4()}", "grant_points", (leg,), town.at, "test"), municipality=town.municipality)


@contextmanager
def forgotten() -> Iterator[None]:
    """Each example begins in the same town."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_no_order_of_steps_makes_or_loses_a_yen_or_changes_whose_it_is() -> None:
    first = begun()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def lived(steps: list[tuple[str, int, str, int]]) -> None:
        with forgotten():
            life = Life(first.it, first.people, first.at, [Counter(each) for each in first.wallets])
            for step, person, code, number in steps:
                getattr(life, step)(person, code, number)
                life.holds()

    lived()


@pytest.mark.django_db(transaction=True)
def test_the_auditor_finds_the_books_sound_after_a_long_life() -> None:
    life = begun()
    for step, person, code, number in (
        ("give", 0, "paid", 4_000), ("give", 1, "points", 3_000), ("give", 0, "premium", 500), ("take", 2, "", 0),
        ("take", 0, "", 1), ("pay", 2, "", 2_500), ("take_back", 0, "", 2), ("give", 2, "paid", 1_000),
        ("refund", 0, "", 0), ("wait", 0, "", 6), ("overdue", 0, "", 0), ("pay", 0, "", 5_000), ("wait", 0, "", 40),
        ("wait", 0, "", 40), ("expire", 0, "paid", 0), ("refund", 0, "", 0), ("expire", 0, "paid", 0),
    ):  # fmt: skip
        getattr(life, step)(person, code, number)
        life.holds()
    assert [held.total() for _, _, held in life.gifts] == [0, 0, 0, 0]
    assert life.gone.total() > 0
    prove_committed_books()
