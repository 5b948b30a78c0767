"""A programme that has ended is wound up: seen before, granted value to its fund, paid value as the terms say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.programmes import operations, queries
from meguri.programmes.operations import Launched
from meguri.programmes.queries import Budget, RunView
from meguri.settlement import operations as settlement
from meguri.settlement.checks import reconcile
from meguri.settlement.takings import payables
from meguri.words.actor import Actor, ActorRole
from tests.programmes.amended import work
from tests.programmes.builders import VOUCHER, TownHall, changed
from tests.programmes.test_budgets import refused
from tests.programmes.test_demurrage_machine import forgotten
from tests.programmes.vouchers.lived_town import prove_committed_books

BOUGHT = datetime(2025, 10, 5, 3, tzinfo=UTC)
OVER = datetime(2026, 2, 10, 3, tzinfo=UTC)
"""Value is good until 31 January; ten days of notice lie between."""


def launched(hall: TownHall, unspent_paid: str = "kept") -> Launched:
    changes: dict[str, Any] = {"refunds.closing_notice_days": 9}
    if unspent_paid != "kept":
        changes["refunds.unspent_paid"] = unspent_paid
    return hall.launch(changed(VOUCHER, changes))


def bought(hall: TownHall, made: Launched, holder: UUID, units: int = 1) -> None:
    """A unit: 10,000 yen of the buyer's own, 3,000 yen of premium."""
    hall.grant(made, "premium", {"premium": 3_000 * units}, holder=holder, at=BOUGHT)
    fund, kind = made.funds["buyers"], made.purse_kinds["paid"]
    lot = operations.open_lot(purse_kind=kind, fund=fund, holder=holder, obtained_at=BOUGHT, by=hall.system)
    source = Account(fund, AccountRole.CASH_RECEIVED)
    leg = Leg(source, Account(holder, AccountRole.WALLET), 10_000 * units, (lot,))
    books.post(Posting(f"buy:{uuid4()}", "sell_voucher", (leg,), BOUGHT, "test"), municipality=hall.municipality)


def close(hall: TownHall, made: Launched, *, at: datetime = OVER) -> None:
    operations.close_programme(programme=made.programme, by=hall.officer("checker", "commerce"), at=at)


def wind_up(hall: TownHall, made: Launched, *, at: datetime = OVER) -> None:
    by = hall.officer("maker", "commerce")
    asked = operations.propose_run(programme=made.programme, kind="closing", by=by, at=at)
    operations.order_run(approval=asked, by=hall.officer("checker", "commerce"), at=at)
    work(hall, at=at)


def undo(hall: TownHall, made: Launched, *, at: datetime) -> None:
    run, *_ = queries.value_runs(made.programme, municipality=hall.municipality)
    asked = operations.propose_undo(run=run.id, by=hall.officer("maker", "commerce"), at=at)
    operations.order_run(approval=asked, by=hall.officer("checker", "commerce"), at=at)
    work(hall, at=at)


def the_run(hall: TownHall, made: Launched) -> RunView:
    run, *_ = queries.value_runs(made.programme, municipality=hall.municipality)
    return run


def owed(hall: TownHall, holder: UUID) -> int:
    return sum(due.yen for due in payables(hall.municipality) if due.owner == holder)


@pytest.mark.django_db
def test_nothing_is_wound_up_while_anybody_can_spend_or_was_not_told(hall: TownHall) -> None:
    made, maker = launched(hall), hall.officer("maker", "commerce")
    bought(hall, made, uuid4())
    early = OVER - timedelta(days=1)
    for at in (BOUGHT, OVER):  # not closed
        with refused("winding_up_too_early"):
            operations.propose_run(programme=made.programme, kind="closing", by=maker, at=at)
    close(hall, made, at=BOUGHT)
    with refused("winding_up_too_early") as caught:
        operations.propose_run(programme=made.programme, kind="closing", by=maker, at=early)
    assert "2026-02-10" in caught.value.sentence("ja")
    found = queries.winding_up(made.programme, municipality=hall.municipality)
    assert (found.may_begin(early), found.may_begin(OVER), found.unspent_paid) == (False, True, "kept")
    with refused("programme_unknown"):
        queries.winding_up(uuid4(), municipality=hall.municipality)


@pytest.mark.django_db
def test_premium_returns_to_its_fund_and_the_paid_part_is_kept_apart(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.closing.BATCH", 2)
    made, holders = launched(hall), [uuid4() for _ in range(3)]
    for holder in holders:
        bought(hall, made, holder)
    close(hall, made)
    left = queries.remaining(made.programme, municipality=hall.municipality)
    seen = {part: sum(each.amount_yen for each in left if each.part == part) for part in ("paid", "granted")}
    assert seen == {"paid": 30_000, "granted": 9_000}
    wind_up(hall, made)
    assert sum(hall.holds(holder) for holder in holders) == 0
    assert hall.fund(made, "premium").budget == Budget(left_yen=6_000_000)
    assert hall.fund(made, "buyers").budget == Budget(expired_yen=30_000)
    assert the_run(hall, made).state == "done"
    text = " ".join(told.wording.text_ja for told in notices.inbox(holders[0], municipality=hall.municipality))
    assert "無償分3,000円は、町に戻りました" in text
    assert "購入分10,000円は、期限が過ぎて失効しました" in text
    with refused("nothing_to_run"):
        operations.propose_run(
            programme=made.programme, kind="closing", by=hall.officer("maker", "commerce"), at=OVER + timedelta(days=1)
        )


@pytest.mark.django_db
def test_where_the_terms_refund_it_the_paid_part_is_owed_to_its_holder(hall: TownHall) -> None:
    made, ada = launched(hall, "refunded"), uuid4()
    bought(hall, made, ada, units=2)
    close(hall, made)
    wind_up(hall, made)
    assert (hall.holds(ada), owed(hall, ada)) == (0, 20_000)  # the next settlement pays it by bank
    (told,) = notices.inbox(ada, municipality=hall.municipality)
    assert "購入分20,000円は、次の振込で口座に払い戻します" in told.wording.text_ja
    assert "20,000 yen that you paid" in told.wording.text_en
    assert hall.fund(made, "premium").budget == Budget(left_yen=6_000_000)
    assert hall.fund(made, "buyers").budget == Budget(used_yen=20_000)
    undo(hall, made, at=OVER + timedelta(days=1))
    assert (hall.holds(ada), owed(hall, ada)) == (6_000, 20_000), "a transfer may be on its way: it stays owed"
    assert the_run(hall, made).state == "undone"
    wind_up(hall, made, at=OVER + timedelta(days=1))  # and once more
    assert (hall.holds(ada), owed(hall, ada)) == (0, 20_000)


@pytest.mark.django_db
def test_the_next_settlement_plans_the_refund_as_it_plans_every_payable(hall: TownHall) -> None:
    made, ada = launched(hall, "refunded"), uuid4()
    bought(hall, made, ada)
    close(hall, made)
    wind_up(hall, made)
    accountant = Actor(hall.municipality, ActorRole.ACCOUNTANT, uuid4(), "accounting")
    run = settlement.run_settlement(by=accountant, at=OVER + timedelta(days=2), cutoff=OVER + timedelta(days=1))
    assert (run.payouts_count, run.payouts_yen, run.takings_yen) == (1, 10_000, 0)
    assert reconcile(hall.municipality) == []


@pytest.mark.django_db
def test_what_the_fund_has_returned_since_is_not_put_back_and_the_undoing_ends(hall: TownHall) -> None:
    made, ada = launched(hall), uuid4()
    bought(hall, made, ada)
    close(hall, made)
    wind_up(hall, made)
    operations.return_appropriation(
        fund=made.funds["premium"], amount_yen=6_000_000, reason="不用額", decided_on=OVER.date(),
        by=hall.officer("checker", "commerce"), at=OVER,
    )  # fmt: skip
    undo(hall, made, at=OVER + timedelta(days=1))
    assert hall.holds(ada) == 10_000
    assert the_run(hall, made).state == "undone"


@pytest.mark.django_db
def test_a_late_refund_is_wound_up_by_a_run_of_another_day(hall: TownHall) -> None:
    made, ada = launched(hall), uuid4()
    bought(hall, made, ada)
    close(hall, made)
    wind_up(hall, made)
    hall.grant(made, "premium", {"premium": 500}, holder=ada, at=BOUGHT)
    with refused("nothing_to_run"):  # once a day
        operations.propose_run(
            programme=made.programme, kind="closing", by=hall.officer("maker", "commerce"), at=OVER
        )
    wind_up(hall, made, at=OVER + timedelta(days=1))
    assert hall.holds(ada) == 0
    assert len(queries.value_runs(made.programme, municipality=hall.municipality)) == 2


@pytest.mark.django_db
def test_no_wallets_and_no_undoing_make_or_lose_a_yen(hall: TownHall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.programmes.operations.closing.BATCH", 4)
    made = {rule: hall.launch(changed(VOUCHER, {"code": rule, "refunds.unspent_paid": rule}))
            for rule in ("kept", "refunded")}  # fmt: skip
    for each in made.values():
        close(hall, each, at=OVER)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(made)), st.lists(st.integers(1, 4), min_size=1, max_size=5), st.booleans())
    def lived(rule: str, units: list[int], undone: bool) -> None:  # noqa: FBT001 - drawn by the test
        with forgotten():
            programme, holders = made[rule], [uuid4() for _ in units]
            for holder, count in zip(holders, units, strict=True):
                bought(hall, programme, holder, count)
            before = [hall.fund(programme, code).budget.loaded_yen for code in ("premium", "buyers")]
            wind_up(hall, programme)
            assert [hall.holds(holder) for holder in holders] == [0] * len(units)
            paid = [10_000 * count * (rule == "refunded") for count in units]
            assert [owed(hall, holder) for holder in holders] == paid
            if undone:
                undo(hall, programme, at=OVER + timedelta(days=1))
                back = 3_000 if rule == "refunded" else 13_000  # what is owed to its holder stays owed
                assert [hall.holds(holder) for holder in holders] == [back * count for count in units]
                assert [owed(hall, holder) for holder in holders] == paid
            assert [hall.fund(programme, code).budget.loaded_yen for code in ("premium", "buyers")] == before

    lived()


@pytest.mark.django_db(transaction=True)
def test_the_auditor_finds_the_books_sound_afterwards() -> None:
    hall = TownHall().open()
    made, ada = launched(hall, "refunded"), uuid4()
    bought(hall, made, ada, units=3)
    close(hall, made)
    wind_up(hall, made)
    undo(hall, made, at=OVER + timedelta(days=1))
    wind_up(hall, made, at=OVER + timedelta(days=2))
    assert ledger.balances([ada], AccountRole.WALLET, municipality=hall.municipality) == []
    prove_committed_books()


@pytest.mark.django_db
def test_what_was_counted_for_a_grant_taken_back_since_is_not_put_back(hall: TownHall) -> None:
    """Of 5,000 yen that were wound up, 3,000 were of a grant that is taken back afterwards: nothing is owed."""
    made, ada = launched(hall), uuid4()
    for yen in (3_000, 2_000):
        hall.grant(made, "premium", {"premium": yen}, holder=ada, at=BOUGHT)
    lines = ledger.statement(Account(ada, AccountRole.WALLET), municipality=hall.municipality)
    (first,) = [line.posting for line in lines if line.amount == 3_000]
    close(hall, made)
    wind_up(hall, made)
    books.take_back(first, municipality=hall.municipality, key="back", at=OVER, by="test", about={})
    assert ledger.debts([ada], municipality=hall.municipality) == []
    undo(hall, made, at=OVER + timedelta(days=1))
    assert (hall.holds(ada), the_run(hall, made).state) == (2_000, "undone")
