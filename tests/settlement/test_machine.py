"""Random histories of shops against a small model: in whatever order, every yen is settled and paid exactly once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meguri.ledger.rules import Verdict
from meguri.settlement import checks, operations, queries
from meguri.settlement.models import SettlementStatement
from meguri.settlement.zengin import read_transfers
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, small_town

SHOPS = 2
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(0, SHOPS - 1), st.integers(1, 500), st.integers(0, 3)),
        st.tuples(st.just("refund"), st.integers(0, 9), st.just(0), st.integers(0, 1)),
        st.tuples(st.just("run"), st.just(0), st.just(0), st.integers(0, 3)),
        st.tuples(st.just("approve"), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.just("hand over"), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.just("withdraw"), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.just("return"), st.integers(0, 9), st.just(0), st.just(0)),
    ),
    max_size=30,
)


class Life:
    """One town lived step by step; a payment may be dated up to three days back, as late uploads are."""

    def __init__(self) -> None:
        self.town = small_town()
        self.programme, self.person = self.town.programme(), self.town.resident()
        self.town.grant(self.person, self.programme, 500_000)
        for _ in range(SHOPS):
            self.town.shop()
        self.now = AT + DAY
        self.payments: list[tuple[UUID, int, Verdict]] = []
        self.paid = dict.fromkeys(self.town.shops, 0)
        self.banked = dict.fromkeys(self.town.shops, 0)
        operations.set_paying_account(
            by=self.town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
            number="7654321",
        )

    def step(self, kind: str, which: int, yen: int, back: int) -> None:  # one tuple of STEPS
        self.now += timedelta(hours=7)
        match kind:
            case "pay":
                self.pay(which, yen=yen, back=back)
            case "refund":
                self.refund(which)
            case "run":
                self.run(self.now - back * DAY)
            case "approve":
                self.approve()
            case "hand over":
                self.hand_over()
            case "withdraw":
                self.withdraw()
            case "return":
                self.take_back(which)

    def pay(self, which: int, *, yen: int, back: int) -> None:
        shop = self.town.shops[which]
        verdict = self.town.pay(self.person, shop, yen, self.programme, at=max(AT, self.now - back * DAY))
        self.payments.append((shop, yen, verdict))
        self.paid[shop] += yen

    def refund(self, which: int) -> None:
        if which >= len(self.payments):
            return
        shop, amount, verdict = self.payments[which]
        try:
            answer = self.town.refund(verdict, at=self.now)
        except Refusal:
            return  # settled already, and the takings since do not cover it
        self.paid[shop] -= 0 if answer.replayed else amount

    def run(self, cutoff: datetime) -> None:
        """A cutoff before the last one is refused, any other settles."""
        before = [run.cutoff for run in queries.runs(self.town.municipality)]
        try:
            operations.run_settlement(by=self.town.actor(), at=self.now, cutoff=cutoff)
        except Refusal as refused:
            allowed = refused.code == "cutoff_before_last" and cutoff < max(before)
        else:
            allowed = not before or cutoff >= max(before) or cutoff in before
        assert allowed

    def approve(self) -> None:
        for run in self._runs("run")[-1:]:
            operations.approve_payouts(
                by=self.town.actor(), at=self.now, run=run.id, confirmed_count=run.payouts_count,
                confirmed_yen=run.payouts_yen,
            )

    def hand_over(self) -> None:
        """The bank does what the file says: from here on the model pays, by the file's own records."""
        for run in self._runs("approved")[-1:]:
            content = operations.read_transfer_file(by=self.town.actor(), at=self.now, run=run.id)
            operations.mark_sent(by=self.town.actor(), at=self.now, run=run.id)
            payees = {p.number: p.payee for p in queries.payouts(municipality=self.town.municipality, run=run.id)}
            for number, yen in read_transfers(content):
                self.banked[payees[int(number)]] += yen

    def withdraw(self) -> None:
        for run in self._runs("approved")[-1:]:
            operations.withdraw_file(by=self.town.actor(), at=self.now, run=run.id, reason="振込日を過ぎた")

    def _runs(self, state: str) -> list[queries.RunView]:
        found = queries.runs(self.town.municipality)
        return [run for run in found if run.state == state and run.payouts_count]

    def take_back(self, which: int) -> None:
        """Any payout may be tried; only one that the bank has comes back, and then the bank has its yen no more."""
        every = queries.payouts(municipality=self.town.municipality)
        if which >= len(every):
            return
        one = every[which]
        try:
            operations.return_payout(by=self.town.actor(), at=self.now, payout=one.id, reason="口座なし")
        except Refusal:
            came_back = False
        else:
            came_back = True
            self.banked[one.payee] -= one.amount_yen
        assert came_back == (one.state == "sent")

    def check_paid(self) -> None:
        """At no moment has a bank account more, or less, than the books call paid out."""
        for shop in self.town.shops:
            assert self.town.holds(shop, "paid_out") == self.banked[shop] <= self.paid[shop]

    def pay_everything(self) -> None:
        """Approve and hand over whatever waits, settle the rest, and pay that too."""
        for _ in range(2):
            while self._runs("run"):
                self.approve()
            while self._runs("approved"):
                self.hand_over()
            self.now += DAY
            operations.run_settlement(by=self.town.actor(), at=self.now, cutoff=self.now)
        assert self.banked == self.paid

    def conclude(self) -> None:
        """Settle everything that is left and compare with what the model says each shop took."""
        self.now += DAY
        operations.run_settlement(by=self.town.actor(), at=self.now, cutoff=self.now)
        rows = SettlementStatement.objects.filter(municipality=self.town.municipality)
        for shop in self.town.shops:
            told = sum(row.net_yen for row in rows if row.shop == shop)
            assert told == self.paid[shop]
            assert self.town.holds(shop, "shop") == 0
            assert self.town.holds(shop, "payable") + self.town.holds(shop, "paid_out") == told
        payments = sum(row.payments_yen for row in rows)
        assert payments - sum(row.refunds_yen for row in rows) == sum(self.paid.values())
        assert all(row.refunds_yen >= 0 and row.payments_count >= 0 for row in rows)
        assert checks.reconcile(self.town.municipality) == []
        self.pay_everything()
        assert checks.reconcile(self.town.municipality) == []


class AnyHistory(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def test_every_yen_is_settled_and_paid_once(self, steps: list[tuple[str, int, int, int]]) -> None:
        life = Life()
        for step in steps:
            life.step(*step)
            life.check_paid()
        life.conclude()
