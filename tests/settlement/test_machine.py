"""Random histories of shops against a small model: whatever order things happen in, every yen is settled once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meguri.ledger.rules import Verdict
from meguri.settlement import checks, operations, queries
from meguri.settlement.models import SettlementStatement
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, small_town

SHOPS = 2
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(0, SHOPS - 1), st.integers(1, 500), st.integers(0, 3)),
        st.tuples(st.just("refund"), st.integers(0, 9), st.just(0), st.integers(0, 1)),
        st.tuples(st.just("run"), st.just(0), st.just(0), st.integers(0, 3)),
        st.tuples(st.just("approve"), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.just("return"), st.integers(0, 9), st.just(0), st.just(0)),
    ),
    max_size=24,
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
                operations.run_settlement(by=self.town.actor(), at=self.now, cutoff=self.now - back * DAY)
            case "approve":
                self.approve()
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

    def approve(self) -> None:
        ready = [run for run in queries.runs(self.town.municipality) if run.state == "run" and run.payouts_count]
        for run in ready[-1:]:
            operations.approve_payouts(
                by=self.town.actor(), at=self.now, run=run.id, confirmed_count=run.payouts_count,
                confirmed_yen=run.payouts_yen,
            )

    def take_back(self, which: int) -> None:
        sent = queries.payouts(municipality=self.town.municipality, states=["ordered"])
        if which < len(sent):
            operations.return_payout(by=self.town.actor(), at=self.now, payout=sent[which].id, reason="口座なし")

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


class AnyHistory(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def test_every_yen_is_settled_once(self, steps: list[tuple[str, int, int, int]]) -> None:
        life = Life()
        for step in steps:
            life.step(*step)
        life.conclude()
