"""A document of an earlier year for a later one: what moves, what stays, and the name by which it is told apart."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from meguri.programmes.moving import for_its_year, moved_values, years_ahead
from meguri.programmes.shipped import templates
from meguri.programmes.terms import write_terms
from tests.programmes.builders import VOUCHER, changed, put


def tree(name: str) -> dict[str, Any]:
    return tomllib.loads(write_terms(templates()[name]).decode())


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_day_and_fiscal_year_moves_and_where_it_comes_from_stays(name: str) -> None:
    """What is left after the move names no day of the years before, but in its origin, its sources and its words."""
    moved = tree(name)
    for path, value in list(moved_values(tree(name), years=40)):
        assert path[0] not in ("origin", "sources")
        put(moved, ".".join(str(step) for step in path), value)
    left = [value for _, value in moved_values(moved, years=0)]
    assert left
    assert all(str(value) > "2050" for value in left)
    assert moved.get("origin") == tree(name).get("origin")


def test_days_in_conditions_move_and_a_leap_day_becomes_the_last_of_february() -> None:
    born = {"kind": "compare", "field": "birth_date", "op": ">=", "value": "2024-02-29"}
    found = {"who": born, "days": [date(2024, 2, 29)], "text": "2024-02-29まで", "fiscal_year": 2024}
    assert dict(moved_values(found, years=1)) == {
        ("who", "value"): "2025-02-28", ("days", 0): date(2025, 2, 28), ("fiscal_year",): 2025,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2025, 7, 26), 0), (date(2025, 7, 27), 1), (date(2026, 7, 26), 1), (date(2026, 11, 30), 2)],
)
def test_as_many_years_as_the_first_day_needs(today: date, years: int) -> None:
    assert years_ahead(templates()[VOUCHER], today=today) == years


def test_a_taken_code_or_name_gets_the_year_and_a_taken_one_with_it_a_number() -> None:
    terms = templates()[VOUCHER]
    assert for_its_year(terms, codes=set(), names=set()) == {}
    wanted = {("code",): "premium-voucher-2025", ("name", "ja"): "めぐり町プレミアム付商品券(令和7年度)",
              ("name", "en"): "Meguri premium voucher (FY2025)"}  # fmt: skip
    assert for_its_year(terms, codes={terms.code}, names=set()) == wanted
    assert for_its_year(terms, codes=set(), names={terms.name.ja}) == wanted
    twice = for_its_year(terms, codes={terms.code, "premium-voucher-2025"}, names=set())
    assert twice[("code",)] == "premium-voucher-2025-2"


def test_the_year_in_a_name_follows_the_days() -> None:
    of_2026 = changed(VOUCHER, {
        "code": "premium-voucher-2025-2", "name": {"ja": "券(令和7年度)", "en": "Voucher (FY2025)"},
        "spending.window": {"first_day": date(2027, 3, 31), "last_day": date(2027, 6, 30)},
    })  # fmt: skip
    assert for_its_year(of_2026, codes=set(), names=set()) == {
        ("code",): "premium-voucher-2026", ("name", "ja"): "券(令和8年度)", ("name", "en"): "Voucher (FY2026)",
    }  # fmt: skip


def test_a_long_code_keeps_its_year() -> None:
    long = changed(VOUCHER, {"code": "v" * 40})
    code = for_its_year(long, codes={"v" * 40}, names=set())[("code",)]
    assert isinstance(code, str)
    assert code.endswith("-2025")
    assert len(code) <= 40
