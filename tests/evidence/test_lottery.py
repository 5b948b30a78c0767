"""What a draw tells: by hand, against planted truths, and in the database; and when it tells nothing, why."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import mean, variance
from uuid import UUID, uuid4

import pytest

from meguri.evidence import operations, queries
from meguri.evidence.lottery import DrawnRow, Estimate, LotteryEffect, Missing, lottery_effect, student
from meguri.evidence.operations import SpendingReport
from meguri.programmes.vouchers.models import Application, Draw, Sale
from meguri.words.actor import ActorRole
from tests.settlement.books import SmallTown, TestProgramme

ONE, SALE = UUID(int=1), UUID(int=7)
DRAWN = date(2026, 6, 8)


def row(won: bool, *, homes: int = 20, value: float = 0.0, spread: float = 100.0, applications: int = 1) -> DrawnRow:  # noqa: FBT001
    return DrawnRow(ONE, SALE, DRAWN, None, applications, won, homes, homes, value, spread, 2.0 if won else 0.0, 4.0)


def effect(rows: list[DrawnRow]) -> LotteryEffect:
    found = lottery_effect(rows, programme=ONE)
    assert isinstance(found, LotteryEffect)
    return found


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_one_stratum_is_the_difference_of_two_means() -> None:
    """Variances 100 of 20 homes each side: 5 + 5, its root 3.162; 38 degrees of freedom, t = 2.024."""
    found = effect([row(True, value=300), row(False, value=100)])
    assert found.weekly.value == 200
    assert found.weekly.high - 200 == pytest.approx(2.024 * 10**0.5, rel=1e-3)
    assert 200 - found.weekly.low == pytest.approx(found.weekly.high - 200)
    assert (found.won, found.lost, found.entrants, found.weeks, found.bought) == (20, 20, 40, 4.0, 2.0)
    assert found.weekly.is_sure


def test_strata_count_by_their_size() -> None:
    """40 homes with a difference of 100, 120 with one of 300: (40 * 100 + 120 * 300) / 160 = 250."""
    found = effect([
        row(True, value=100), row(False),
        row(True, homes=90, value=400, applications=3), row(False, homes=30, value=100, applications=3),
    ])  # fmt: skip
    assert found.weekly.value == 250
    assert (found.won, found.lost) == (110, 50)


def test_who_applied_more_often_and_spends_more_does_not_make_an_effect() -> None:
    """Homes with five applications spend 500 more whether they win or not, and win more often: 300 raw."""
    found = effect([
        row(True, homes=30, value=500, applications=5), row(False, homes=10, value=500, applications=5),
        row(True, homes=10, applications=1), row(False, homes=30, applications=1),
    ])  # fmt: skip
    assert found.weekly.value == 0
    assert not found.weekly.is_sure


def test_a_stratum_in_which_all_won_says_nothing() -> None:
    found = effect([row(True, value=10), row(False), row(True, value=9_999, applications=5)])
    assert (found.weekly.value, found.won) == (10, 20)


def test_yen_for_a_yen_bought() -> None:
    """200 a week for 4 weeks are 800; 2 units of 1,000 yen more were bought: 0.4 yen for a yen."""
    found = effect([row(True, value=300), row(False, value=100)])
    told = found.per_yen(1_000)
    assert told is not None
    assert told.value == pytest.approx(0.4)
    assert told.low == pytest.approx(found.weekly.low * 4 / 2_000)
    assert found.per_yen(0) is None


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([], "draw"),
        ([row(True, homes=0), row(False, homes=0)], "records"),
        ([row(True, homes=9), row(False)], "homes"),
        ([row(True), row(False, homes=9)], "homes"),
        ([row(True), row(False, applications=2)], "homes"),  # nobody to compare with in either stratum
    ],
)
def test_what_is_missing_is_named(rows: list[DrawnRow], what: str) -> None:
    found = lottery_effect(rows, programme=ONE)
    assert isinstance(found, Missing)
    assert found.what == what


def test_another_programmes_draw_is_not_taken() -> None:
    assert lottery_effect([row(True), row(False)], programme=UUID(int=2)) == Missing("draw")


def test_weeks_stand_by_themselves_and_those_of_few_are_left_out() -> None:
    def week(number: int, *, won: float, homes: int = 20) -> list[DrawnRow]:
        day = DRAWN + timedelta(weeks=number)
        return [replace(row(True, value=won, homes=homes), week=day), replace(row(False), week=day)]

    found = effect([row(True), row(False), *week(1, won=70), *week(-1, won=3), *week(2, won=50, homes=5)])
    assert [(one.week, one.effect.value) for one in found.by_week] == [
        (DRAWN - timedelta(weeks=1), 3), (DRAWN + timedelta(weeks=1), 70),
    ]


@pytest.mark.parametrize(
    ("freedom", "expected"), [(3, 3.182), (5, 2.571), (9, 2.262), (18, 2.101), (38, 2.024), (1000, 1.962)]
)
def test_students_t_is_that_of_the_tables(freedom: int, expected: float) -> None:
    assert student(freedom) == pytest.approx(expected, rel=0.02)


def test_homes_that_all_did_the_same_leave_no_doubt() -> None:
    found = effect([row(True, value=50, spread=0.0), row(False, spread=0.0)])
    assert found.weekly == Estimate(50, 50, 50)


# --- against planted truths -------------------------------------------------------------------------------------------


def drawn_town(dice: random.Random, *, truth: float, homes: int = 60) -> list[DrawnRow]:
    """Homes of their own growth; those that grow apply more often and win more often; winning adds `truth` a week."""
    changes: dict[tuple[int, bool], list[float]] = {}
    for _ in range(homes):
        growth = dice.gauss(0, 3_000)
        applications = 1 + (growth > 0) + (growth > 2_000)
        won = dice.random() < 0.2 + 0.15 * applications
        changes.setdefault((applications, won), []).append(growth + dice.lognormvariate(7, 1) + truth * won)
    return [
        row(won, homes=len(of), value=mean(of), spread=variance(of) if len(of) > 1 else 0.0, applications=applications)
        for (applications, won), of in changes.items()
    ]  # fmt: skip


@pytest.mark.parametrize("truth", [0.0, 1_500.0])
def test_the_interval_holds_the_truth_nineteen_times_of_twenty(truth: float) -> None:
    """800 towns: were the rate not 95 %, fewer than 92 % or more than 98 % would hold it."""
    dice = random.Random(20_260_608)
    intervals = [effect(drawn_town(dice, truth=truth)).weekly for _ in range(800)]
    held = mean(one.low <= truth <= one.high for one in intervals)
    assert 0.92 < held < 0.98
    assert mean(one.value for one in intervals) == pytest.approx(truth, abs=100)


def test_more_homes_know_it_better() -> None:
    dice = random.Random(1)
    few, many = (effect(drawn_town(dice, truth=0, homes=homes)).weekly for homes in (60, 6_000))
    assert many.high - many.low < (few.high - few.low) / 5


# --- in the database --------------------------------------------------------------------------------------------------

MOMENT = datetime(2026, 6, 10, 1, tzinfo=UTC)  # a Wednesday: its week is of the time after


def sale(town: SmallTown, programme: TestProgramme, *, allocation: str = "lottery", drawn: datetime = MOMENT) -> Sale:
    made = Sale.objects.create(
        id=uuid4(), municipality=town.municipality, programme=programme.id, round=str(uuid4())[:8],
        allocation=allocation, units=100, unit_price_yen=1000, max_units=5, per="household",
        apply_from=MOMENT - timedelta(days=30),
        apply_until=MOMENT - timedelta(days=9), purchase_from=MOMENT, purchase_until=MOMENT + timedelta(days=9),
        state="drawn", opened_at=MOMENT - timedelta(days=40), closed_at=MOMENT - timedelta(days=8),
    )
    Draw.objects.create(
        id=uuid4(), municipality=town.municipality, sale=made, secret="s", commitment="0" * 64,
        committed_at=drawn - timedelta(days=1), list_hash="1", public_value="v", stock=100, results_digest="2",
        drawn_at=drawn,
    )
    return made


def entrant(made: Sale, rank: int, *, won: int, bought: int = 0, home: UUID | None = None) -> UUID:
    home = home or uuid4()
    paid = {"posting": uuid4(), "purchased_at": MOMENT} if bought else {}
    Application.objects.create(
        id=uuid4(), municipality=made.municipality, sale=made, number=f"N{rank}", resident=uuid4(), household=home,
        counted=uuid4(), units_applied=2, units_won=won, units_drawn=won, units_bought=bought, rank=rank,
        state="purchased" if bought else "won" if won else "lost", applied_at=MOMENT - timedelta(days=20), **paid,
    )
    return home


def report(town: SmallTown, home: UUID, yen: dict[int, int]) -> None:
    """Weeks counted from the draw's own, a third of each from the wallet."""
    rows = [SpendingReport(home, DRAWN + timedelta(weeks=week), total // 3, total - total // 3)
            for week, total in yen.items()]  # fmt: skip
    operations.import_household_spending(rows, by=town.actor(ActorRole.ANALYST), at=MOMENT)


def weeks(before: int, after: int, *, first: int = -8, last: int = 3) -> dict[int, int]:
    return {week: after if week >= 0 else before for week in range(first, last)}


def told(town: SmallTown, programme: TestProgramme) -> LotteryEffect | Missing:
    return queries.lottery_effect(queries.snapshot(town.municipality), programme=programme.id)


def test_winners_and_losers_of_a_real_draw(town: SmallTown) -> None:
    """Winners spend 900 a week more than before, losers 200: 700. The winners bought one unit of two they asked for."""
    programme = town.programme()
    made = sale(town, programme)
    for number in range(10):
        report(town, entrant(made, number, won=2, bought=1), weeks(10_000 + number, 10_900 + number))
        report(town, entrant(made, 100 + number, won=0), weeks(20_000, 20_200))
    entrant(made, 500, won=0)  # no record
    report(town, entrant(made, 501, won=2), weeks(1, 99_999, first=-7))  # seven weeks are no baseline
    report(town, uuid4(), weeks(1, 99_999))  # did not apply
    found = told(town, programme)
    assert isinstance(found, LotteryEffect)
    assert (found.weekly.value, found.weeks, found.won, found.lost, found.entrants) == (700, 3, 10, 10, 22)
    assert (found.bought, found.sale, found.drawn) == (1.0, made.id, DRAWN)
    assert [round(one.effect.value) for one in found.by_week] == [0] * 8 + [700] * 3
    assert found.by_week[8].week == DRAWN


def test_a_home_with_two_applications_is_one_home_and_won_if_one_did(town: SmallTown) -> None:
    programme = town.programme()
    made = sale(town, programme)
    for number in range(10):
        home = entrant(made, number, won=2)
        entrant(made, 50 + number, won=0, home=home)
        other = entrant(made, 100 + number, won=0)
        entrant(made, 150 + number, won=0, home=other)
        report(town, home, weeks(10_000, 10_300))
        report(town, other, weeks(10_000, 10_100))
    found = told(town, programme)
    assert isinstance(found, LotteryEffect)
    assert (found.won, found.lost, found.weekly.value) == (10, 10, 200)


@pytest.mark.parametrize("allocation", ["first_come", "even_share"])
def test_only_a_draw_makes_like_compare_with_like(town: SmallTown, allocation: str) -> None:
    programme = town.programme()
    made = sale(town, programme, allocation=allocation)
    for number in range(10):
        report(town, entrant(made, number, won=2), weeks(10, 20))
        report(town, entrant(made, 100 + number, won=0), weeks(10, 10))
    assert told(town, programme) == Missing("draw")


def test_a_draw_without_a_panel_is_said_to_have_no_records(town: SmallTown) -> None:
    programme = town.programme()
    made = sale(town, programme)
    for number in range(12):
        entrant(made, number, won=number % 2)
    found = told(town, programme)
    assert found == Missing("records", 0, 0, 12)


def test_the_first_of_two_draws_is_told_of_and_other_towns_are_not(town: SmallTown) -> None:
    programme = town.programme()
    later, first = sale(town, programme, drawn=MOMENT + timedelta(days=30)), sale(town, programme)
    entrant(later, 1, won=1)
    entrant(first, 1, won=0)
    entrant(first, 2, won=0)
    assert told(town, programme) == Missing("records", 0, 0, 2)
    before = queries.snapshot(town.municipality, until=MOMENT)
    assert queries.lottery_effect(before, programme=programme.id) == Missing("draw")


def test_a_new_report_is_something_new(town: SmallTown) -> None:
    programme = town.programme()
    made = sale(town, programme)
    homes = [(entrant(made, number, won=number % 2), number) for number in range(24)]
    late = datetime(2026, 8, 1, tzinfo=UTC)
    queries.latest(town.municipality, at=late)
    for home, number in homes:
        report(town, home, weeks(100, 100 + 50 * (number % 2)))
    found = queries.lottery_effect(queries.latest(town.municipality, at=late).seen, programme=programme.id)
    assert isinstance(found, LotteryEffect)
    assert found.weekly.value == 50
