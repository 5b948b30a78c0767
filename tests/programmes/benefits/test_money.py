"""Whoever is listed, chooses and waits: everybody gets what the table says, once, in one place."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.programmes.benefits import operations
from meguri.words.actor import Actor
from tests.programmes.benefits.conftest import PAYING, Row, desk
from tests.programmes.vouchers.lived_town import prove_books

CHILDREN = st.lists(
    st.tuples(st.integers(0, 2), st.booleans(), st.sampled_from(["bank", "local_money", "silent"])),
    min_size=1,
    max_size=7,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(children=CHILDREN, bonus=st.integers(1, 5_000), otherwise=st.sampled_from(["bank", "local_money"]))
def test_everybody_gets_what_the_table_says(
    db: None, children: list[tuple[int, bool, str]], bonus: int, otherwise: str
) -> None:
    welfare = desk(obtaining__choices__1__bonus_yen=bonus, obtaining__otherwise=otherwise)
    town = welfare.town
    guardians = [town.person() for _ in range(3)]
    rows: list[tuple[Row, int, str]] = []
    for whose, baby, way in children:
        child = town.person(born=date(2025, 5, 1) if baby else date(2015, 5, 1))
        rows.append(((child, guardians[whose]), 50_000 if baby else 10_000, way))
    total = sum(yen for _, yen, _ in rows)
    made = welfare.decided([row for row, _, _ in rows], total=total)
    for row, _, way in rows:
        if way != "silent":
            welfare.choose(row, way)
    run = operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    again = operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    assert (again.to_wallets, again.to_bank) == (0, 0)
    assert run.to_wallets + run.to_bank == len(rows)
    for guardian in guardians:
        check_guardian(welfare.town.held(guardian), welfare.town.owed(guardian), due(rows, guardian, otherwise), bonus)
    assert welfare.budget() == 8_000_000 - total
    assert welfare.budget("bonus") == 1_500_000 - run.bonus_yen
    prove_books()


def due(rows: list[tuple[Row, int, str]], guardian: Actor, otherwise: str) -> list[tuple[str, int]]:
    return [(otherwise if way == "silent" else way, yen) for row, yen, way in rows if row[1] == guardian]


def check_guardian(held: dict[str, int], owed: int, wanted: list[tuple[str, int]], bonus: int) -> None:
    local = [yen for way, yen in wanted if way == "local_money"]
    assert held.get("benefit", 0) == sum(local)
    assert held.get("bonus", 0) == bonus * len(local)
    assert owed == sum(yen for way, yen in wanted if way == "bank")
