"""Any order of paying, refunding, spending and expiring: no yen is made or lost, no budget or ceiling overshot."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as books
from meguri.ledger.rules import Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.campaigning import campaign
from tests.tills.earning import Earning, found_earning

pytestmark = pytest.mark.django_db
CAP, DAY, TOWN, SPONSOR = 400, 150, 300, 200
STEP = st.one_of(
    st.tuples(st.just("pay"), st.integers(1, 3_000), st.booleans()),
    st.tuples(st.just("refund"), st.integers(0, 9), st.one_of(st.none(), st.integers(1, 2_000))),
    st.tuples(st.just("refill"), st.integers(1, 100), st.booleans()),
    st.tuples(st.just("expire"), st.just(0), st.just(None)),
)


class Life:
    """What happens to two people's wallets, and what must be true of it."""

    def __init__(self) -> None:
        self.earning: Earning = found_earning(
            campaign("five", funded_by="together", bands=[{"rate_bp": 700}],
                     limits=[{"of": "campaign", "per": "programme", "yen": CAP}, {"per": "day", "yen": DAY}]),
            campaign("all", counted="all", bands=[{"from_yen": 10, "rate_bp": 300}]),
            paid=20_000, changes={"funds.0.amount_yen": TOWN, "funds.1.amount_yen": SPONSOR},
        )  # fmt: skip
        self.payments: list[UUID] = []
        self.told: dict[UUID, int] = {}
        self.budget = TOWN + SPONSOR
        self.whole = self.yen()

    def pay(self, yen: int, other: object) -> None:
        who = self.earning.town.other if other else self.earning.town.holder
        before, owed = self.earning.points(who), self.earning.debt(who)
        answer, earned = self.earning.pay_here(yen, holder=who)
        if not isinstance(answer, Verdict):
            assert earned == ()
            return
        self.payments.append(answer.posting)
        self.told[answer.posting] = sum(each.yen for each in earned)
        assert all(0 <= each.yen <= each.wished_yen for each in earned)
        assert all((each.stop is None) == (each.yen == each.wished_yen) for each in earned)
        assert self.earning.debt(who) <= owed, "earning never adds to a debt"
        assert self.earning.points(who) <= before + self.told[answer.posting]

    def refund(self, place: int, yen: int | None) -> None:
        if self.payments:
            try:
                self.earning.refund(self.payments[place % len(self.payments)], yen)
            except Refusal as refusal:
                assert refusal.code in ("already_reversed", "refund_exceeds_payment", "amount_out_of_range")  # noqa: PT017

    def refill(self, yen: int, town: object) -> None:
        self.earning.refill("town" if town else "sponsor", yen)
        self.budget += yen
        self.whole += yen

    def expire(self, _: int, __: object) -> None:
        town = self.earning.town
        programmes.expire_programme(
            programme=self.earning.programme, by=town.actor(ActorRole.SYSTEM), at=town.at.replace(year=2026, month=5)
        )

    def yen(self) -> int:
        """All that lies in wallets, shops and the campaigns' funds."""
        town = self.earning.town
        lie = {AccountRole.WALLET, AccountRole.SHOP, AccountRole.FUND}
        rows = books.trial_balance(municipality=town.municipality)
        funds = {fund.id for fund in self.earning.funds().values()}
        return sum(
            row.amount for row in rows if row.role in lie and (row.role is not AccountRole.FUND or row.fund in funds)
        )  # fmt: skip

    def check(self) -> None:
        town, funds = self.earning.town, self.earning.funds()
        assert self.yen() == self.whole, "no yen is made and none is lost"
        assert all(fund.budget.left_yen >= 0 for fund in funds.values())
        assert sum(fund.budget.loaded_yen for fund in funds.values()) == self.budget
        people = (town.holder, town.other)
        used = books.balances(people, AccountRole.ALLOWANCE, municipality=town.municipality)
        assert all(each.amount >= 0 for each in used)
        cap = self.earning.figures()["five"].caps[0].left_yen
        assert 0 <= cap <= CAP
        for row in books.trial_balance(municipality=town.municipality):
            if row.role in (AccountRole.WALLET, AccountRole.SHOP, AccountRole.FUND, AccountRole.DEBT):
                assert row.amount >= 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14))
def test_any_order_of_steps(steps: list[tuple[str, int, object]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        life = Life()
        for name, first, second in steps:
            getattr(life, name)(first, second)
            life.check()
        for payment in life.payments:  # at the end everything is given back: then nobody has points from nothing
            try:
                life.earning.refund(payment)
            except Refusal as refusal:
                assert refusal.code == "already_reversed"  # noqa: PT017
        life.check()
        town = life.earning.town
        owed = life.earning.debt(town.holder) + life.earning.debt(town.other)
        left = life.earning.points(town.holder) + life.earning.points(town.other)
        expired = any(name == "expire" for name, _, _ in steps)
        assert expired or left == 0 or owed == 0 or left <= owed
        transaction.set_rollback(True)
