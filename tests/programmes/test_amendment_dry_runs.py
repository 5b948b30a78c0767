"""An amendment is tried before its approval: two dry runs of one town and seed, the one beside the other."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from meguri.parties.operations import ResidentEntry, register_residents
from meguri.programmes import operations, queries
from meguri.programmes.operations import Launched
from meguri.programmes.queries import DryRunView
from meguri.programmes.shipped import shipped
from meguri.words.clock import day, midnight
from tests.programmes.amended import draft, submit
from tests.programmes.builders import POINT, VOUCHER, TownHall
from tests.programmes.test_budgets import refused

FIRST_DAY = date(2025, 12, 1)
CEILING = {"limits.balance_max_yen": 20_000}


@pytest.fixture
def made(hall: TownHall) -> Launched:
    return hall.launch(shipped()[POINT])


def ask(hall: TownHall, made: Launched, seed: int | None = None) -> UUID:
    by = hall.officer("maker", "planning")
    return operations.ask_amendment_dry_run(programme=made.programme, by=by, at=hall.at, seed=seed)


def seen(hall: TownHall, made: Launched) -> list[DryRunView]:
    return list(queries.dry_runs(made.programme, municipality=hall.municipality))


def test_both_live_the_same_town_and_seed_and_the_one_without_it_comes_first(hall: TownHall, made: Launched) -> None:
    draft(hall, made.programme, CEILING, starts_at=midnight(FIRST_DAY))
    asked = ask(hall, made, seed=12)
    with_it, without = seen(hall, made)
    assert (with_it.id, with_it.beside, without.beside) == (asked, without.id, None)
    assert (with_it.seed, without.seed, with_it.terms) == (12, 12, without.terms)
    assert without.amended is None
    assert with_it.amended is not None
    assert (with_it.amended.approved_on, with_it.amended.first_day) == (day(hall.at), FIRST_DAY)
    assert [each.id for each in queries.dry_runs_under_way(hall.municipality)] == [without.id, asked]
    assert (with_it.is_present, without.is_present) == (True, True)
    draft(hall, made.programme, {"limits.balance_max_yen": 30_000}, starts_at=midnight(FIRST_DAY))
    assert [each.is_present for each in seen(hall, made)] == [False, True]
    with refused("dry_run_under_way"):
        ask(hall, made)


def test_as_many_take_part_as_did_so_far_where_that_is_known(hall: TownHall, made: Launched) -> None:
    assert queries.uptake_bp(made.programme, municipality=hall.municipality) is None
    born = date(1980, 1, 1)
    register_residents([
        ResidentEntry(birth_date=born, ward="minato", moved_in=born, household_number=f"H{number}")
        for number in range(4)
    ], by=hall.system, at=hall.at)  # fmt: skip
    hall.grant(made, "points", {"town": 700}, holder=uuid4(), at=hall.at)
    assert queries.uptake_bp(made.programme, municipality=hall.municipality) == 2_500
    submit(hall, made.programme, CEILING)
    ask(hall, made)
    assert {each.uptake_bp for each in seen(hall, made)} == {2_500}
    voucher = hall.launch(shipped()[VOUCHER])
    hall.grant(voucher, "premium", {"premium": 100}, holder=uuid4(), at=hall.at)
    assert queries.uptake_bp(voucher.programme, municipality=hall.municipality) is None


def test_there_must_be_an_amendment_that_takes_from_nobody(hall: TownHall, made: Launched) -> None:
    with refused("amendment_missing"):
        ask(hall, made)
    draft(hall, made.programme, {"limits.payment_max_yen": 5_000}, starts_at=midnight(FIRST_DAY))
    with refused("amendment_takes"):
        ask(hall, made)
    with refused("not_allowed"):
        operations.ask_amendment_dry_run(
            programme=made.programme, by=hall.officer("maker", "welfare"), at=hall.at
        )
    other = hall.draft(shipped()[VOUCHER])
    with refused("programme_not_launched"):
        operations.ask_amendment_dry_run(programme=other, by=hall.officer("maker", "commerce"), at=hall.at)
    assert seen(hall, made) == []
