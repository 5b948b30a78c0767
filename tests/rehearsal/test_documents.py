"""The programmes' documents are lawful documents of the product, and say that the town is invented."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from meguri.programmes.terms import read_terms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.rehearsal.documents import (
    BENEFIT,
    BENEFIT_YEN,
    BONUS_YEN,
    POINT,
    UNIT_PRICE_YEN,
    VOUCHER,
    Scale,
    documents,
    fiscal_year,
    supplementary_yen,
)
from meguri.rehearsal.timetable import timetable
from meguri.rehearsal.town import Town

SCALE = Scale(units=100, households=34, holders=120)


def made(town: Town, *, weeks: int = 5, open_end: bool = False, start: date = date(2026, 10, 5)) -> dict[str, str]:
    table = timetable(start, weeks=weeks, open_end=open_end)
    return {code: document for code, (_, document) in documents(town, table=table, scale=SCALE).items()}


def tree(town: Town, code: str) -> dict[str, Any]:
    return tomllib.loads(made(town)[code])


@pytest.mark.parametrize("code", [VOUCHER, POINT, BENEFIT])
@pytest.mark.parametrize(
    ("weeks", "open_end"), [(4, False), (5, True), (24, False), (24, True), (26, False), (40, True)]
)
def test_each_document_may_be_launched(*, code: str, weeks: int, open_end: bool, small_town: Town) -> None:
    terms = read_terms(made(small_town, weeks=weeks, open_end=open_end)[code].encode())
    errors = [f"{f.path}: {f.sentence('en')}" for f in validate(terms, DECLARED) if f.is_error]
    assert errors == []


@pytest.mark.parametrize("code", [VOUCHER, POINT, BENEFIT])
def test_each_document_says_that_the_town_is_invented(code: str, small_town: Town) -> None:
    assert "架空" in tree(small_town, code)["notice"]["ja"]
    assert "invented" in tree(small_town, code)["notice"]["en"]


def test_each_department_has_its_programme(small_town: Town) -> None:
    table = timetable(date(2026, 10, 5), weeks=5)
    found = {code: department for code, (department, _) in documents(small_town, table=table, scale=SCALE).items()}
    assert found == {VOUCHER: "commerce", POINT: "planning", BENEFIT: "welfare"}
    assert all(tree(small_town, code)["department"] == department for code, department in found.items())


def test_what_people_pay_is_the_paid_part(small_town: Town) -> None:
    sale = tree(small_town, VOUCHER)["obtaining"]
    assert sale["unit_price_yen"] == UNIT_PRICE_YEN
    assert {part["purse"]: part["yen"] for part in sale["face"]} == {"paid": 5_000, "premium": 1_500}


def test_budgets_cover_what_is_promised(small_town: Town) -> None:
    assert tree(small_town, VOUCHER)["funds"][0]["amount_yen"] == SCALE.units * 1_500
    assert tree(small_town, BENEFIT)["funds"][0]["amount_yen"] == SCALE.households * (BENEFIT_YEN + BONUS_YEN)
    assert supplementary_yen(SCALE) > 0


def test_a_sponsor_shares_the_points(small_town: Town) -> None:
    points = tree(small_town, POINT)
    assert sum(share["share_bp"] for share in points["agreements"][0]["shares"]) == 10_000
    assert points["funds"][1]["payer"] in small_town.sponsors


@pytest.mark.parametrize(
    ("on", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2026, 12, 31), 2026)]
)
def test_the_fiscal_year_begins_in_april(on: date, year: int) -> None:
    assert fiscal_year(on) == year
