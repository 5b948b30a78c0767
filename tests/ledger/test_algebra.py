"""No loop of buy, pay, refund, cancel, grant, take back, hold, capture, void and expire makes or loses a yen.

Random histories against `plain_algebra.Town`. After every step each purse, budget, till, hold and debt equals the
model's; at the end the auditor's claims hold.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from meguri.ledger import audit, operations, queries
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books
from tests.ledger.plain_algebra import Moved, Town

AMOUNTS = st.integers(1, 90)
WHO = st.sampled_from(["a", "b"])
LOTS = st.permutations([0, 1, 2, 3])
END = datetime(2026, 10, 20, tzinfo=UTC)
FUND_OF, KIND_OF, ENDS = [0, 0, 1, 2], [0, 0, 1, 2], [END, None, END, None]
"""Lots 0 and 1: points of the town, one that expires. 2: points of a sponsor. 3: what buyers paid, their own fund."""
BUYERS = 3


class Algebra(RuleBasedStateMachine):
    """Two holders, one shop, three funds, four lots; amounts so small that everything runs short again and again."""

    @initialize()
    def open(self) -> None:
        self.sid = transaction.savepoint()
        self.books: Books = open_books()
        self.number = self.books.municipality
        self.holders = {"a": self.books.holder, "b": uuid4()}
        self.funds = [self.books.fund, uuid4(), uuid4()]
        kinds = [uuid4() for _ in range(3)]
        roles = ("appropriation", "fund", "expired", "cash_received")
        accounts = [Account(fund, AccountRole(role)) for fund in self.funds for role in roles]
        operations.open_accounts([*accounts, Account(self.holders["b"], AccountRole.WALLET)], municipality=self.number)
        self.lots = [
            operations.money_lot(
                municipality=self.number, fund=self.funds[fund], purse_kind=kinds[kind], expires_at=end
            )
            for fund, kind, end in zip(FUND_OF, KIND_OF, ENDS, strict=True)
        ]
        self.takings = [self.fact(lot, "takings_lot") or lot for lot in self.lots]
        self.town = Town(fund_of=FUND_OF, kind_of=KIND_OF)
        self.entered = [0, 0, 0]
        self.at = AT
        self.payments: list[tuple[UUID, Moved]] = []
        self.grants: list[tuple[UUID, Moved]] = []
        self.holds: dict[UUID, tuple[str, datetime]] = {}
        for fund in (0, 1):
            self.appropriate(fund, 150)

    def fact(self, lot: int, column: str) -> int | None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM ledger.lot WHERE id = %s", [lot])
            found: int | None = cursor.fetchone()[0]
            return found

    def teardown(self) -> None:
        if hasattr(self, "sid"):
            with connection.cursor() as cursor:
                for claim in audit.CLAIMS:
                    cursor.execute(claim.offenders)
                    assert cursor.fetchall() == [], claim.en
            transaction.savepoint_rollback(self.sid)

    def account(self, owner: UUID, role: str) -> Account:
        return Account(owner, AccountRole(role))

    def tell(self, template: str, *legs: Leg) -> Verdict | str:
        posting = Posting(f"{template}:{uuid4()}", template, legs, self.at, "test")
        (answer,) = operations.post_batch([posting], municipality=self.number)
        return answer.code if isinstance(answer, Refusal) else answer

    def ask(self, operation: Any, *given: Any, **wanted: Any) -> Any:
        asked = {"municipality": self.number, "at": self.at, "by": "test", "about": {}, **wanted}
        try:
            return operation(*given, **asked)
        except Refusal as refusal:
            return refusal.code

    def own(self, fund: int) -> int:
        return operations.fund_lot(self.funds[fund], municipality=self.number)

    def appropriate(self, fund: int, yen: int) -> None:
        source, target = self.account(self.funds[fund], "appropriation"), self.account(self.funds[fund], "fund")
        assert isinstance(self.tell("appropriate", Leg(source, target, yen, (self.own(fund),))), Verdict)
        self.town.budget[fund] += yen
        self.entered[fund] += yen

    def good(self, lots: list[int]) -> list[int]:
        """What may be spent now: what has not expired."""
        return [lot for lot in lots if (ENDS[lot] or datetime.max.replace(tzinfo=UTC)) > self.at]

    @rule(fund=st.sampled_from([0, 1]), yen=AMOUNTS)
    def more_budget(self, fund: int, yen: int) -> None:
        self.appropriate(fund, yen)

    @rule(who=WHO, yen=AMOUNTS)
    def buy(self, who: str, yen: int) -> None:
        fund = self.funds[FUND_OF[BUYERS]]
        leg = Leg(self.account(fund, "cash_received"), self.account(self.holders[who], "wallet"), yen,
                  (self.lots[BUYERS],))  # fmt: skip
        assert isinstance(self.tell("sell_voucher", leg), Verdict)
        self.town.wallet[who, BUYERS] += yen
        self.entered[FUND_OF[BUYERS]] += yen

    @rule(who=WHO, lot=st.sampled_from([0, 1, 2]), yen=AMOUNTS)
    def grant(self, who: str, lot: int, yen: int) -> None:
        fund = FUND_OF[lot]
        source, target = self.account(self.funds[fund], "fund"), self.account(self.holders[who], "wallet")
        leg = Leg(source, target, yen, (self.own(fund),), credit_lot=self.lots[lot])
        answer = self.tell("grant_points", leg, *operations.repayments([leg], municipality=self.number))
        grant = self.town.grant(who, lot, yen)
        if grant is None:
            assert answer == "insufficient"
            return
        assert isinstance(answer, Verdict)
        self.grants.append((answer.posting, grant))

    @rule(data=st.data(), yen=st.none() | AMOUNTS)
    def take_back(self, data: st.DataObject, yen: int | None) -> None:
        if not self.grants:
            return
        posting, grant = data.draw(st.sampled_from(self.grants))
        expected = self.town.take_back(grant, sum(grant.left) if yen is None else yen)
        answer = self.ask(operations.take_back, posting, key=f"withdraw:{uuid4()}", yen=yen)
        assert (answer if isinstance(answer, str) else "") == expected

    @rule(who=WHO, yen=AMOUNTS, lots=LOTS)
    def pay(self, who: str, yen: int, lots: list[int]) -> None:
        source, shop = self.account(self.holders[who], "wallet"), self.account(self.books.shop, "shop")
        answer = self.tell("pay", Leg(source, shop, yen, tuple(self.lots[lot] for lot in lots)))
        payment = self.town.pay(who, yen, self.good(lots))
        if payment is None:
            assert answer == "insufficient"
            return
        assert isinstance(answer, Verdict)
        self.payments.append((answer.posting, payment))

    @rule(data=st.data(), yen=st.none() | AMOUNTS, twice=st.booleans())
    def refund(self, data: st.DataObject, yen: int | None, *, twice: bool) -> None:
        """A part, or all that is left; and the same request once more, which changes nothing."""
        if not self.payments:
            return
        posting, payment = data.draw(st.sampled_from(self.payments))
        expected = self.town.refund(payment, sum(payment.left) if yen is None else yen)
        asked: dict[str, Any] = {"template": "refund_payment", "key": f"refund:{uuid4()}", "yen": yen,
                                 "to": self.account(self.holders[payment.who], "wallet")}  # fmt: skip
        answer = self.ask(operations.reverse_part, posting, **asked)
        assert (answer if isinstance(answer, str) else "") == expected
        if twice and isinstance(answer, Verdict):
            again = self.ask(operations.reverse_part, posting, **asked)
            assert (again.posting, again.taken, again.replayed) == (answer.posting, answer.taken, True)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A whole payment turned round."""
        plain = [pair for pair in self.payments if pair[1].who in self.holders and not self.captured(pair[0])]
        if not plain:
            return
        posting, payment = data.draw(st.sampled_from(plain))
        expected = self.town.reverse(payment)
        answer = self.ask(operations.reverse, posting, template="refund_payment", key=f"refund:{uuid4()}")
        assert (answer if isinstance(answer, str) else "") == expected

    def captured(self, posting: UUID) -> bool:
        found = queries.posting(posting, municipality=self.number)
        return found is not None and found.template == "capture"

    @rule(who=WHO, yen=AMOUNTS, lots=LOTS, hours=st.integers(1, 300))
    def hold(self, *, who: str, yen: int, lots: list[int], hours: int) -> None:
        until = self.at + timedelta(hours=hours)
        answer = self.ask(
            operations.hold, holder=self.holders[who], yen=yen, lots=tuple(self.lots[lot] for lot in lots),
            until=until, key=f"hold:{uuid4()}",
        )  # fmt: skip
        parts = self.town.take(who, yen, self.good(lots))
        if parts is None:
            assert answer == "insufficient"
            return
        self.town.holds[str(answer.id)] = Counter(dict(parts))
        self.holds[answer.id] = (who, until)

    @rule(data=st.data(), yen=st.none() | AMOUNTS, rest=st.booleans())
    def capture(self, data: st.DataObject, yen: int | None, *, rest: bool) -> None:
        if not self.holds:
            return
        hold = data.draw(st.sampled_from(list(self.holds)))
        who, until = self.holds[hold]
        kept = self.town.holds[str(hold)]
        wanted = sum(kept.values()) if yen is None else yen
        answer = self.ask(
            operations.capture, hold, shop=self.books.shop, yen=yen, give_back_rest=rest, key=f"capture:{uuid4()}"
        )
        if until <= self.at or not sum(kept.values()):
            assert answer == "hold_ended"
            return
        if wanted > sum(kept.values()):
            assert answer == "capture_exceeds_hold"
            return
        parts = []
        for lot in list(kept):
            part = min(wanted, kept[lot])
            wanted -= part
            kept[lot] -= part
            self.town.shop[self.town.till[lot]] += part
            parts.append((lot, part))
        if rest:
            self.give_back(hold)
        self.payments.append((answer.posting, Moved(who, [(lot, part) for lot, part in parts if part])))

    def give_back(self, hold: UUID) -> None:
        who, _ = self.holds[hold]
        for lot, yen in self.town.holds[str(hold)].items():
            self.town.give(who, lot, yen)
        self.town.holds[str(hold)].clear()

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        if not self.holds:
            return
        hold = data.draw(st.sampled_from(list(self.holds)))
        answer = self.ask(operations.void_hold, hold)
        if not sum(self.town.holds[str(hold)].values()):
            assert answer == "hold_ended" or answer.replayed
            return
        assert not answer.replayed
        self.give_back(hold)

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        """Holds whose time is over are given back by the task."""
        self.at = min(self.at + timedelta(hours=hours), END + timedelta(days=20))
        operations.void_overdue_holds(municipality=self.number, at=self.at)
        for hold, (_, until) in self.holds.items():
            if until <= self.at:
                self.give_back(hold)

    @rule()
    def expire(self) -> None:
        """What lies in expired lots returns to its fund."""
        for (who, lot), yen in list(self.town.wallet.items()):
            if yen and lot not in self.good([lot]):
                fund = FUND_OF[lot]
                leg = Leg(self.account(self.holders[who], "wallet"), self.account(self.funds[fund], "fund"), yen,
                          (self.lots[lot],))  # fmt: skip
                assert isinstance(self.tell("expire", leg), Verdict)
                assert self.town.expire(who, lot) == yen

    @rule(share=st.integers(1, 3))
    def settle(self, share: int) -> None:
        """Takings leave the shop, so that later refunds may find too little there."""
        for lot, yen in list(self.town.shop.items()):
            if yen // share:
                leg = Leg(self.account(self.books.shop, "shop"), self.account(self.books.shop, "payable"), yen // share,
                          (self.takings[lot],))  # fmt: skip
                assert isinstance(self.tell("settle", leg), Verdict)
                self.town.shop[lot] -= yen // share
                self.town.settled[lot] += yen // share

    @invariant()
    def books_equal_the_model(self) -> None:
        if not hasattr(self, "town"):
            return
        for who, holder in self.holders.items():
            held = queries.balances([holder], AccountRole.WALLET, municipality=self.number)
            mine = {lot: yen for (owner, lot), yen in self.town.wallet.items() if owner == who and yen}
            assert {self.lots.index(each.lot.id): each.amount for each in held} == mine
            owed = {self.funds.index(debt.fund): debt.yen for debt in queries.debts([holder], municipality=self.number)}
            assert owed == {fund: yen for (owner, fund), yen in self.town.debt.items() if owner == who and yen}
        shop = queries.balances([self.books.shop], AccountRole.SHOP, municipality=self.number)
        mine = {self.takings[lot]: yen for lot, yen in self.town.shop.items() if yen}
        assert {each.lot.id: each.amount for each in shop} == mine

    @invariant()
    def no_yen_is_made_or_lost(self) -> None:
        if not hasattr(self, "town"):
            return
        for fund, entered in enumerate(self.entered):
            assert self.town.yen_of(fund) == entered
            budget = queries.balances([self.funds[fund]], AccountRole.FUND, municipality=self.number)
            assert sum(each.amount for each in budget) == self.town.budget[fund]
        promised = queries.balances(self.holds, AccountRole.HELD, municipality=self.number)
        assert sum(each.amount for each in promised) == sum(sum(kept.values()) for kept in self.town.holds.values())


@pytest.mark.usefixtures("db")
def test_no_history_makes_or_loses_a_yen() -> None:
    quick = settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Algebra, settings=quick)  # type: ignore[no-untyped-call]
