"""The company sees its money to the yen and nobody who spent it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from django.test import Client

from meguri.evidence.flows import MoneyFigures
from meguri.faces.partner.months import rows_of, total_of
from meguri.faces.partner.overview import adds_to_each_yen
from meguri.programmes import queries as programmes
from meguri.programmes.queries import FundView
from tests.faces.partner.conftest import Company
from tests.faces.people import browser_of

PAGES = ("", "spent", "spent?by=area", "statement", "statement?month=2025-11")


def fund_of(company: Company) -> FundView:
    (found,) = programmes.funds(company.town.municipality, payer=str(company.sponsor))
    return found


def rows(text: bytes) -> list[list[str]]:
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_open_before_and_after_money_moves(company: Company, language: str) -> None:
    for lives in (False, True):
        if lives:
            company.live()
            company.settle()
        for path in PAGES:
            joint = "&" if "?" in path else "?"
            answer = company.office.get(f"/partner/{path}{joint}lang={language}")
            assert answer.status_code == 200, path
            assert ("まわる電力" if language == "ja" else "Mawaru Power") in answer.content.decode()


def test_others_stay_outside(company: Company) -> None:
    resident = browser_of(company.town, company.town.holder)
    for path in PAGES:
        assert resident.get(f"/partner/{path}").status_code == 403, path
        visitor = Client().get(f"/partner/{path}")
        assert (visitor.status_code, visitor["Location"][:7]) == (302, "/enter/"), path


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "まだお金を出している事業はありません"), ("en", "No programme is paid")]
)
def test_a_company_without_a_fund_is_told_how_to_begin(
    company: Company, stranger: Client, language: str, words: str
) -> None:
    for path in PAGES:
        joint = "&" if "?" in path else "?"
        text = stranger.get(f"/partner/{path}{joint}lang={language}").content.decode()
        assert words in text
        assert "まわる電力" not in text


def test_the_money_is_where_the_books_say(company: Company) -> None:
    company.live()
    budget = fund_of(company).budget
    assert (budget.loaded_yen, budget.left_yen, budget.reserved_yen, budget.used_yen) == (900_000, 899_670, 110, 220)
    text = company.office.get("/partner/").content.decode()
    for amount in (900_000, 899_670, 330, 220, 110):
        assert f"{amount:,}" in text
    assert re.search(r"30%.*</dd>", text)
    assert re.search(r"70%.*</dd>", text)
    assert "2025年3月25日" in text


def test_places_add_up_to_what_was_spent(company: Company) -> None:
    company.live()
    company.settle()
    budget = fund_of(company).budget
    for by in ("trade", "area"):
        found = rows(company.office.get(f"/partner/spent?by={by}&format=csv").content)
        parts = [int(row[1]) for row in found[1:]]
        assert parts[-1] == sum(parts[:-1]) == budget.used_yen + budget.spent_yen
        assert found[1][0] in ("飲食料品小売業", "港")
    text = company.office.get("/partner/spent").content.decode()
    assert "すべて「飲食料品小売業」" in text
    assert "1日5,000歩あるく" in text


def test_few_people_and_shops_are_not_told_apart(company: Company) -> None:
    company.do_walk(company.people[0], at=company.town.at)
    company.do_walk(company.people[1], at=company.town.at)
    for person, shop in zip(company.people[:2], company.shops, strict=False):
        company.pay(person, shop, yen=10)
    text = company.office.get("/partner/spent").content.decode()
    assert "まだ分けて示せません" in text
    assert "10人未満" in text
    found = rows(company.office.get("/partner/spent?format=csv").content)
    assert [row[0] for row in found] == ["業種", "少数のため合算", "合計"]


def test_no_person_and_no_single_shop_is_shown(company: Company) -> None:
    company.live()
    secret = [str(each) for each in (*company.people, *company.shops)] + ["架空商店"]
    for path in (*PAGES, "spent?format=csv", "spent?by=area&format=csv", "statement?format=csv"):
        text = company.office.get(f"/partner/{path}").content.decode()
        assert not [word for word in secret if word in text], path


def test_the_statement_adds_up_to_the_books(company: Company) -> None:
    company.live()
    company.settle()
    budget = fund_of(company).budget
    found = rows(company.office.get("/partner/statement?format=csv").content)
    assert found[0][0] == "月"
    ends = [int(row[7]) for row in found[1:]]
    assert ends == [budget.left_yen, budget.reserved_yen, budget.used_yen, budget.spent_yen]
    assert sum(ends) == budget.loaded_yen
    for row in found[1:]:
        begin, came, went, end = map(int, row[4:])
        assert begin + came - went == end
    assert "一致しています" in company.office.get("/partner/statement").content.decode()
    april = rows(company.office.get("/partner/statement?month=2025-04&format=csv").content)
    assert [int(cell) for cell in april[1][4:]] == [0, 900_000, 0, 900_000]


@pytest.mark.parametrize("month", ["2031-01", "1999-12", "soon", "2025-13"])
def test_months_stay_within_the_fund_s_life(company: Company, month: str) -> None:
    answer = company.office.get(f"/partner/statement?month={month}")
    shown = re.search(r"(\d+)年(\d+)月の明細", answer.content.decode())
    assert shown is not None
    assert date(2025, 4, 1) <= date(int(shown[1]), int(shown[2]), 1) <= date(2025, 11, 1)


def test_what_leaves_one_place_comes_to_another() -> None:
    begin = MoneyFigures(budget_yen=1_000, issued_yen=400, spent_yen=100, banked_yen=50)
    end = MoneyFigures(
        budget_yen=1_200, issued_yen=700, spent_yen=300, banked_yen=250, returned_yen=30, kept_yen=20, to_bank_yen=10
    )
    found = rows_of(begin, end)
    assert [row.end_yen for row in found] == [
        end.left_yen, end.unspent_yen, end.waiting_yen, end.banked_yen, end.kept_yen,
    ]
    assert total_of(found).end_yen == 1_200
    assert total_of(found).begin_yen == 1_000


@pytest.mark.parametrize(
    ("ours", "others", "adds"),
    [(5_000, 5_000, 1), (7_500, 2_500, 3), (3_000, 7_000, 0), (10_000, 0, 0), (0, 10_000, 0)],
)
def test_a_company_that_doubles_the_town_is_told_so(ours: int, others: int, adds: int) -> None:
    assert adds_to_each_yen(ours, others_bp=others) == adds
