"""Random histories against a plain model: a dictionary of balances. After every step the books prove themselves."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from meguri.ledger import audit, operations, queries
from meguri.ledger.rules import Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books

CEILING = 60
AMOUNTS = st.integers(1, 80)


class Ledger(RuleBasedStateMachine):
    """Two holders, a shop, three lots (two of one fund). Amounts are small, so that limits bite often."""

    @initialize()
    def open(self) -> None:
        self.sid = transaction.savepoint()
        self.books: Books = open_books()
        self.holders = [self.books.holder, uuid4()]
        self.other_fund = uuid4()
        number = self.books.municipality
        accounts = [self.books.account(self.holders[1], "wallet")]
        accounts += [self.books.account(self.other_fund, role) for role in ("appropriation", "fund", "expired")]
        operations.open_accounts(accounts, municipality=number)
        make = operations.money_lot
        self.lots = [
            self.books.lot,
            make(municipality=number, fund=self.books.fund, purse_kind=uuid4(), expires_at=None),
            make(municipality=number, fund=self.other_fund, purse_kind=uuid4(), expires_at=None),
        ]
        self.funds = [self.books.fund, self.books.fund, self.other_fund]
        self.ceiling = operations.allowance_lot(municipality=number, allowed=uuid4(), unit="yen", opening=CEILING)
        self.model: dict[tuple[UUID, str, int], int] = defaultdict(int)  # (owner, role, index of the lot) -> yen
        self.budget: dict[UUID, int] = defaultdict(int)
        self.ceilings: dict[UUID, int] = defaultdict(lambda: CEILING)
        self.made: list[tuple[Posting, Verdict]] = []
        self.payments: dict[UUID, dict[int, int]] = {}
        self.refunded: set[UUID] = set()

    def teardown(self) -> None:
        if hasattr(self, "sid"):
            transaction.savepoint_rollback(self.sid)

    def tell(self, posting: Posting) -> Verdict | Refusal:
        (answer,) = operations.post_batch([posting], municipality=self.books.municipality)
        if isinstance(answer, Verdict):
            self.made.append((posting, answer))
        return answer

    def leg(
        self, debit: tuple[UUID, str], credit: tuple[UUID, str], amount: int, lots: tuple[int, ...], **more: Any
    ) -> Leg:
        return Leg(self.books.account(*debit), self.books.account(*credit), amount, lots, **more)

    @rule(which=st.sampled_from([0, 2]), amount=AMOUNTS)
    def appropriate(self, which: int, amount: int) -> None:
        fund = self.funds[which]
        own = operations.fund_lot(fund, municipality=self.books.municipality)
        answer = self.tell(
            self.books.posting("appropriate", self.leg((fund, "appropriation"), (fund, "fund"), amount, (own,)))
        )
        assert isinstance(answer, Verdict)
        self.budget[fund] += amount

    @rule(who=st.integers(0, 1), which=st.integers(0, 2), amount=AMOUNTS, up_to=st.booleans(), capped=st.booleans())
    def grant(self, *, who: int, which: int, amount: int, up_to: bool, capped: bool) -> None:
        fund, holder = self.funds[which], self.holders[who]
        own = operations.fund_lot(fund, municipality=self.books.municipality)
        limits = (Limit(self.books.account(holder, "allowance"), self.ceiling),) if capped else ()
        leg = self.leg(
            (fund, "fund"), (holder, "wallet"), amount, (own,), credit_lot=self.lots[which], up_to=up_to, limits=limits
        )
        room = min(amount, self.ceilings[holder]) if capped else amount
        expected = min(room, self.budget[fund]) if up_to else amount
        answer = self.tell(self.books.posting("grant_points", leg))
        if expected == 0 or (not up_to and (room < amount or self.budget[fund] < amount)):
            assert isinstance(answer, Refusal)
            return
        assert isinstance(answer, Verdict)
        assert answer.amount(1) == expected
        self.budget[fund] -= expected
        self.model[holder, "wallet", which] += expected
        if capped:
            self.ceilings[holder] -= expected

    @rule(who=st.integers(0, 1), amount=AMOUNTS, order=st.permutations([0, 1, 2]))
    def pay(self, who: int, amount: int, order: list[int]) -> None:
        holder, shop = self.holders[who], self.books.shop
        leg = self.leg((holder, "wallet"), (shop, "shop"), amount, tuple(self.lots[index] for index in order))
        answer = self.tell(self.books.posting("pay", leg))
        if sum(self.model[holder, "wallet", index] for index in order) < amount:
            assert isinstance(answer, Refusal)
            assert answer.code == "insufficient"
            return
        assert isinstance(answer, Verdict)
        taken: dict[int, int] = {}
        for index in order:
            taken[index] = min(amount, self.model[holder, "wallet", index])
            self.model[holder, "wallet", index] -= taken[index]
            self.model[shop, "shop", index] += taken[index]
            amount -= taken[index]
        assert {t.debit_lot: t.amount for t in answer.taken} == {self.lots[i]: yen for i, yen in taken.items() if yen}
        self.payments[answer.posting] = {who: 0} | {10 + index: yen for index, yen in taken.items()}

    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        if not self.payments:
            return
        posting = data.draw(st.sampled_from(sorted(self.payments)))
        payment = self.payments[posting]
        holder = self.holders[next(iter(payment))]
        try:
            operations.reverse(
                posting, municipality=self.books.municipality, template="refund_payment", key=f"back:{uuid4()}", at=AT,
                by="test", about={},
            )  # fmt: skip
        except Refusal:
            assert posting in self.refunded
            return
        assert posting not in self.refunded
        self.refunded.add(posting)
        for index in range(3):
            self.model[holder, "wallet", index] += payment[10 + index]
            self.model[self.books.shop, "shop", index] -= payment[10 + index]

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if not self.made:
            return
        posting, first = data.draw(st.sampled_from(self.made))
        again = operations.post(posting, municipality=self.books.municipality)
        assert again.replayed
        assert (again.posting, again.taken) == (first.posting, first.taken)

    @rule(who=st.integers(0, 1), which=st.integers(0, 2), amount=AMOUNTS)
    def expire(self, who: int, which: int, amount: int) -> None:
        holder, fund = self.holders[who], self.funds[which]
        leg = self.leg((holder, "wallet"), (fund, "fund"), amount, (self.lots[which],))
        answer = self.tell(self.books.posting("expire", leg))
        if self.model[holder, "wallet", which] < amount:
            assert isinstance(answer, Refusal)
            return
        self.model[holder, "wallet", which] -= amount
        self.budget[fund] += amount

    @invariant()
    def books_equal_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        number = self.books.municipality
        for role, owners in ((AccountRole.WALLET, self.holders), (AccountRole.SHOP, [self.books.shop])):
            found = queries.balances(owners, role, municipality=number)
            totals = {owner: sum(b.amount for b in found if b.account.owner == owner) for owner in owners}
            expected = {o: sum(yen for (who, r, _), yen in self.model.items() if (who, r) == (o, role)) for o in owners}
            assert totals == expected
        for fund, left in self.budget.items():
            assert sum(b.amount for b in queries.balances([fund], AccountRole.FUND, municipality=number)) == left

    @invariant()
    def books_prove_themselves(self) -> None:
        with connection.cursor() as cursor:
            for claim in audit.CLAIMS:
                cursor.execute(claim.offenders)
                assert cursor.fetchall() == [], claim.en


@pytest.mark.usefixtures("db")
def test_random_histories_agree_with_a_plain_model() -> None:
    quick = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Ledger, settings=quick)  # type: ignore[no-untyped-call]
