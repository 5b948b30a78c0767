"""An amendment lets value live longer: it moves in its holder's wallet, and nobody has more or less on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import INSUFFICIENT, Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.programmes import operations, queries, tasks
from meguri.programmes.models import ValueRun
from meguri.programmes.operations.extension import extend_batch
from meguri.programmes.queries import RunView
from meguri.programmes.shipped import shipped
from meguri.words.refusal import Refusal
from tests.programmes.amended import amend, draft, work
from tests.programmes.builders import POINT, VOUCHER, TownHall
from tests.programmes.shrinking import EARLY, FIRST, SECOND, Shrunk, noon, shrinking
from tests.programmes.test_budgets import refused
from tests.programmes.test_demurrage_machine import forgotten
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books

BY_RESOLUTION = {"kind": "carried_forward", "resolved_on": date(2026, 3, 10)}
LONGER: dict[str, Any] = {
    "expiry.last_day": date(2026, 5, 31), "spending.window.last_day": date(2026, 5, 31),
    "refunds.shop_claims_until": date(2026, 6, 30), "funds.0.carry_over": BY_RESOLUTION,
    "funds.1.carry_over": BY_RESOLUTION,
}  # fmt: skip
OLD_END, NEW_END = datetime(2026, 3, 31, 15, tzinfo=UTC), datetime(2026, 5, 31, 15, tzinfo=UTC)
MARCH, APRIL, JUNE = (datetime(2026, month, 10, 3, tzinfo=UTC) for month in (3, 4, 6))


def town_of_points(hall: TownHall) -> Shrunk:
    return Shrunk(hall, hall.launch(shipped()[POINT]))


def ends(town: Shrunk, holder: UUID) -> dict[datetime | None, int]:
    """What a holder has, by the end of its lots."""
    found: dict[datetime | None, int] = {}
    for each in ledger.balances([holder], AccountRole.WALLET, municipality=town.town):
        found[each.lot.expires_at] = found.get(each.lot.expires_at, 0) + each.amount
    return found


def run_of(town: Shrunk) -> RunView:
    (run,) = [each for each in queries.value_runs(town.made.programme, municipality=town.town) if each.kind == "extend"]
    return run


def undo(town: Shrunk, *, at: datetime) -> None:
    asked = operations.propose_undo(run=run_of(town).id, by=town.hall.officer("maker", "planning"), at=at)
    operations.order_run(approval=asked, by=town.hall.officer("checker", "planning"), at=at)


@pytest.mark.django_db
def test_the_approval_orders_it_and_the_task_moves_all_batch_by_batch(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.extension.BATCH", 2)
    town, holders = town_of_points(hall), [uuid4() for _ in range(3)]
    for holder in holders:
        town.grant(holder, 700)
        town.grant(holder, 300, fund="sponsor")
    draft(hall, town.made.programme, LONGER, at=MARCH)
    seen = queries.extending(town.made.programme, until=NEW_END, municipality=town.town)
    assert sum(each.amount_yen for each in seen) == 3_000  # before anybody approves
    operations.drop_amendment(programme=town.made.programme, by=hall.officer("maker", "planning"))
    before = [hall.fund(town.made, code).budget for code in ("town", "sponsor")]
    amend(hall, town.made.programme, LONGER, at=MARCH)
    assert run_of(town).state == "ordered"
    work(hall, 1, at=MARCH)
    assert sum(ends(town, holder).get(NEW_END, 0) for holder in holders) in (1_400, 1_000, 600)  # two balances
    work(hall, at=MARCH)
    assert [ends(town, holder) for holder in holders] == [{NEW_END: 1_000}] * 3
    assert (run_of(town).state, run_of(town).day) == ("done", date(2026, 5, 31))
    assert [hall.fund(town.made, code).budget for code in ("town", "sponsor")] == before
    for holder in holders:
        (told,) = notices.inbox(holder, municipality=town.town)  # once, for both funds
        assert (told.topic, told.wording.title_ja) == ("wallet.extended", "使える期限が延びました")
        assert "2026年5月31日まで" in told.wording.text_ja
        assert "until 31 May 2026" in told.wording.text_en


@pytest.mark.django_db
def test_payments_go_on_while_it_moves_from_whichever_lot_the_yen_lie_in(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.extension.BATCH", 1)
    town, ada = town_of_points(hall), uuid4()
    town.grant(ada, 700)
    town.grant(ada, 300, fund="sponsor")
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, 1, at=MARCH)
    assert len(ends(town, ada)) == 2
    lots = queries.lots_by_purse(town.made.programme, municipality=town.town, at=MARCH)
    known = {lot.id for of_kind in lots.values() for lot in of_kind}
    held = ledger.balances([ada], AccountRole.WALLET, municipality=town.town)
    assert {each.lot.id for each in held} <= known  # a till that reads the lots knows all of them
    town.pay(ada, 999, at=MARCH)
    work(hall, at=MARCH)
    assert sum(ends(town, ada).values()) == 1
    assert list(ends(town, ada)) == [NEW_END]


@pytest.mark.django_db
def test_what_comes_back_into_an_old_lot_moves_after_it_and_never_lapses_before(hall: TownHall) -> None:
    town, ada = town_of_points(hall), uuid4()
    town.grant(ada, 1_000)
    paid = town.pay(ada, 400, at=MARCH)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    town.refund(paid.posting, at=APRIL)
    assert ends(town, ada) == {NEW_END: 600, OLD_END: 400}
    assert queries.lapsed(town.made.programme, municipality=town.town, at=APRIL) == []
    with refused("nothing_to_run"):
        operations.propose_run(
            programme=town.made.programme, kind="expiry", by=hall.officer("maker", "planning"), at=APRIL
        )
    tasks.carry_on_extensions(municipality=town.town, at=APRIL)
    assert ends(town, ada) == {NEW_END: 1_000}
    assert len(notices.inbox(ada, municipality=town.town)) == 1
    assert run_of(town).state == "done"
    later = queries.lapsed(town.made.programme, municipality=town.town, at=JUNE)
    assert sum(each.amount_yen for each in later) == 1_000
    with refused("not_allowed"):
        operations.carry_on(by=hall.officer("checker", "planning"), at=APRIL)


@pytest.mark.django_db
def test_a_hold_keeps_its_lots_and_what_it_gives_back_moves_later(hall: TownHall) -> None:
    town, ada = town_of_points(hall), uuid4()
    town.grant(ada, 1_000)
    lots = [each.lot.id for each in ledger.balances([ada], AccountRole.WALLET, municipality=town.town)]
    held = books.hold(
        holder=ada, yen=500, lots=lots, until=MARCH + timedelta(days=3), municipality=town.town, key="hold", at=MARCH,
        by="test", about={},
    )  # fmt: skip
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    books.open_accounts([town.shop], municipality=town.town)
    books.capture(
        held.id, shop=town.shop.owner, yen=200, municipality=town.town, key="capture", at=MARCH, by="test", about={}
    )
    assert ends(town, ada) == {NEW_END: 500, OLD_END: 300}
    tasks.carry_on_extensions(municipality=town.town, at=MARCH + timedelta(hours=1))
    assert ends(town, ada) == {NEW_END: 800}


@pytest.mark.django_db
def test_two_officers_undo_it_and_what_was_spent_meanwhile_stays_spent(hall: TownHall) -> None:
    town, ada, ben = town_of_points(hall), uuid4(), uuid4()
    town.grant(ada, 1_000)
    town.grant(ben, 50)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    town.pay(ada, 300, at=MARCH)
    town.pay(ben, 50, at=MARCH)
    undo(town, at=MARCH)
    work(hall, at=MARCH)
    assert (ends(town, ada), ends(town, ben)) == ({OLD_END: 700}, {})
    assert run_of(town).state == "undone"
    tasks.carry_on_extensions(municipality=town.town, at=MARCH)
    assert ends(town, ada) == {OLD_END: 700}  # nobody moves it again
    lapsed = queries.lapsed(town.made.programme, municipality=town.town, at=APRIL)
    assert sum(each.amount_yen for each in lapsed) == 700
    shorter = {"expiry.last_day": date(2026, 3, 31), "spending.window.last_day": date(2026, 3, 31)}
    amend(hall, town.made.programme, shorter | {"refunds.shop_claims_until": date(2026, 6, 30)}, at=MARCH)
    amend(hall, town.made.programme, LONGER, at=MARCH)  # and once more
    work(hall, at=MARCH)
    assert ends(town, ada) == {NEW_END: 700}


@pytest.mark.django_db
def test_nobody_undoes_it_once_people_rely_on_it(hall: TownHall) -> None:
    town = town_of_points(hall)
    town.grant(uuid4(), 1_000)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    with refused("extension_relied_on") as caught:
        undo(town, at=APRIL)
    assert "2026-03-31" in caught.value.sentence("ja")


@pytest.mark.django_db
def test_an_extension_is_ordered_with_its_amendment_and_by_nothing_else(hall: TownHall) -> None:
    town = town_of_points(hall)
    town.grant(uuid4(), 1_000)
    with refused("nothing_to_run"):
        operations.propose_run(
            programme=town.made.programme, kind="extend", by=hall.officer("maker", "planning"), at=MARCH
        )
    amend(hall, town.made.programme, LONGER, at=MARCH)
    asked = run_of(town).approval
    assert asked is not None
    for judge in (operations.order_run, operations.close_proposal):
        with refused("approval_closed"):
            judge(approval=asked, by=hall.officer("checker", "planning"), at=MARCH)
    assert ValueRun.objects.filter(programme_id=town.made.programme).count() == 1


@pytest.mark.django_db
def test_value_that_lapsed_and_was_not_taken_yet_lives_again(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    town, ada = Shrunk(hall, made), uuid4()
    hall.grant(made, "premium", {"premium": 3_000}, holder=ada, at=datetime(2025, 10, 5, tzinfo=UTC))
    february = datetime(2026, 2, 3, tzinfo=UTC)
    assert queries.lapsed(made.programme, municipality=town.town, at=february) != []
    longer = {"expiry.last_day": date(2026, 2, 28), "spending.window.last_day": date(2026, 2, 28)}
    amend(hall, made.programme, longer, at=february)
    assert queries.lapsed(made.programme, municipality=town.town, at=february) == []
    work(hall, at=february)
    assert ends(town, ada) == {datetime(2026, 2, 28, 15, tzinfo=UTC): 3_000}


@pytest.mark.django_db
def test_it_waits_for_a_demurrage_day_and_the_day_takes_what_it_would_have_taken(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    town.grant(ada, 10_000)
    amend(hall, town.made.programme, LONGER, at=noon(FIRST))
    work(hall, at=noon(FIRST))
    assert ends(town, ada) == {OLD_END: 10_000}  # the day has begun, and nobody has run it
    assert run_of(town).state == "ordered"
    town.shrink(noon(FIRST))
    work(hall, at=noon(FIRST))
    assert ends(town, ada) == {NEW_END: 9_900}
    town.shrink(noon(SECOND))
    assert ends(town, ada) == {NEW_END: 9_801}


# --- whatever the order ----------------------------------------------------------------------------------------------

PEOPLE, FUNDS = (0, 1), ("town", "sponsor")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.sampled_from(PEOPLE), st.sampled_from(FUNDS), st.integers(1, 3_000)),
        st.tuples(st.just("pay"), st.sampled_from(PEOPLE), st.just(""), st.integers(1, 3_000)),
        st.tuples(st.just("refund"), st.just(0), st.just(""), st.integers(0, 5)),
        st.tuples(st.just("amend"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("move"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("sweep"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("undo"), st.just(0), st.just(""), st.just(0)),
    ),
    min_size=4, max_size=25,
)  # fmt: skip


@dataclass
class Life:
    """The town lives the steps before the first last day; beside it a purse for each person and fund."""

    town: Shrunk
    at: datetime = EARLY
    people: tuple[UUID, ...] = field(default_factory=lambda: (uuid4(), uuid4()))
    naive: dict[tuple[int, str], int] = field(default_factory=lambda: {(p, f): 0 for p in PEOPLE for f in FUNDS})
    payments: list[tuple[int, UUID, dict[str, int]]] = field(default_factory=list)
    amended: bool = False
    undone: bool = False

    def held(self, person: int) -> dict[str, int]:
        codes = {number: code for code, number in self.town.made.funds.items()}
        found = dict.fromkeys(FUNDS, 0)
        for each in ledger.balances([self.people[person]], AccountRole.WALLET, municipality=self.town.town):
            assert each.lot.fund is not None
            found[codes[each.lot.fund]] += each.amount
        return found

    def grant(self, person: int, fund: str, yen: int) -> None:
        self.town.grant(self.people[person], yen, at=self.at, fund=fund)
        self.naive[person, fund] += yen

    def pay(self, person: int, _: str, yen: int) -> None:
        before = self.held(person)
        try:
            made = self.spend(person, yen)
        except Refusal:
            assert sum(before.values()) < yen  # it could be paid whenever it was there
            return
        spent = {fund: before[fund] - self.held(person)[fund] for fund in FUNDS}
        for fund in FUNDS:
            self.naive[person, fund] -= spent[fund]
        self.payments.append((person, made, spent))

    def spend(self, person: int, yen: int) -> UUID:
        """From all lots that a till knows, whoever holds what."""
        lots = queries.lots_by_purse(self.town.made.programme, municipality=self.town.town, at=self.at)
        known = tuple(lot.id for of_kind in lots.values() for lot in of_kind)
        books.open_accounts([self.town.shop], municipality=self.town.town)
        wallet = Account(self.people[person], AccountRole.WALLET)
        books.open_accounts([wallet], municipality=self.town.town)
        if not known:
            raise INSUFFICIENT.refusal(available=0, wanted=yen)
        posting = Posting(f"pay:{uuid4()}", "pay", (Leg(wallet, self.town.shop, yen, known),), self.at, "test")
        return books.post(posting, municipality=self.town.town).posting

    def refund(self, _: int, __: str, which: int) -> None:
        if which < len(self.payments):
            person, payment, spent = self.payments.pop(which)
            self.town.refund(payment, at=self.at)
            for fund in FUNDS:
                self.naive[person, fund] += spent[fund]

    def amend(self, _: int, __: str, ___: int) -> None:
        if not self.amended:
            amend(self.town.hall, self.town.made.programme, LONGER, at=self.at)
            self.amended = True

    def move(self, _: int, __: str, ___: int) -> None:
        self.at += timedelta(seconds=10)
        work(self.town.hall, 1, at=self.at)

    def sweep(self, _: int, __: str, ___: int) -> None:
        self.at += timedelta(seconds=10)
        tasks.carry_on_extensions(municipality=self.town.town, at=self.at)

    def undo(self, _: int, __: str, ___: int) -> None:
        if self.amended and not self.undone:
            undo(self.town, at=self.at)
            self.undone = True

    def holds(self) -> None:
        for person in PEOPLE:
            assert self.held(person) == {fund: self.naive[person, fund] for fund in FUNDS}
        for fund, yen in (("town", 2_100_000), ("sponsor", 900_000)):
            budget = self.town.hall.fund(self.town.made, fund).budget
            assert budget.loaded_yen == yen
            assert budget.reserved_yen == sum(self.naive[person, fund] for person in PEOPLE)

    def ends(self) -> None:
        """After all steps are carried out, everything lies where it belongs."""
        for _ in range(60):
            self.move(0, "", 0)
        self.sweep(0, "", 0)
        self.holds()
        if self.amended and not self.undone:
            assert {end for person in self.people for end in ends(self.town, person)} <= {NEW_END}
            assert queries.lapsed(self.town.made.programme, municipality=self.town.town, at=APRIL) == []


@pytest.mark.django_db
def test_no_order_of_steps_makes_or_loses_a_yen_or_moves_it_to_somebody_else(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.extension.BATCH", 1)
    town = town_of_points(hall)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def lived(steps: list[tuple[str, int, str, int]]) -> None:
        with forgotten():
            life = Life(town)
            for step, person, fund, number in steps:
                getattr(life, step)(person, fund, number)
                life.holds()
            life.ends()

    lived()


@pytest.mark.django_db(transaction=True)
def test_who_pays_while_the_task_moves_the_same_yen_pays_all_of_them() -> None:
    """Payments and batches meet in the books, each on a connection of its own; no payment is refused for it."""
    town, people = town_of_points(TownHall().open()), [uuid4() for _ in range(8)]
    for person in people:
        town.grant(person, 1_000)
    town.grant(first := uuid4(), 1)
    town.pay(first, 1, at=MARCH)  # the shop has taken such money before
    amend(town.hall, town.made.programme, LONGER, at=MARCH)
    for round_of_two in zip(people[::2], people[1::2], strict=True):
        lives = [Life(town, at=MARCH, people=(person, person)) for person in round_of_two]
        paying = [partial(life.spend, 0, 200) for life in lives for _ in range(5)]
        row = ValueRun.objects.get(id=run_of(town).id)
        moving = [partial(extend_batch, row, by=town.hall.system, at=MARCH + timedelta(seconds=n)) for n in range(2)]
        answers = at_once(*paying, *moving)
        assert [each for each in answers if isinstance(each, Exception)] == []
        assert sum(town.hall.holds(person) for person in round_of_two) == 0
    assert town.hall.fund(town.made, "town").budget.used_yen == 8_001
    prove_committed_books()


@pytest.mark.django_db(transaction=True)
def test_the_auditor_finds_the_books_sound_after_extension_and_undoing() -> None:
    town = town_of_points(TownHall().open())
    life = Life(town)
    for step, person, fund, number in (
        ("grant", 0, "town", 2_900), ("grant", 1, "sponsor", 1_111), ("pay", 0, "", 700), ("amend", 0, "", 0),
        ("move", 0, "", 0), ("refund", 0, "", 0), ("sweep", 0, "", 0), ("pay", 1, "", 300), ("undo", 0, "", 0),
        ("move", 0, "", 0), ("pay", 0, "", 2_000),
    ):  # fmt: skip
        getattr(life, step)(person, fund, number)
        life.holds()
    life.ends()
    prove_committed_books()
