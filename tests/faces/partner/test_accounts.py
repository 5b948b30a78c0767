"""The company's account of a month: screen, file and paper say the same yen, and they add up to the books."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from meguri.evidence.fund_accounts import FundAccount
from meguri.faces.partner.accounts import FORMS, LINES, signed
from meguri.ledger.operations import set_clock_offset
from meguri.programmes import operations as programmes
from meguri.programmes.parts import MoneyForm
from meguri.programmes.points import operations as points
from meguri.programmes.points.queries import records
from meguri.words.clock import day, now
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_pages import fund_of, rows


def account_of(company: Company, month: str) -> dict[str, int]:
    found = rows(company.office.get(f"/partner/statement?month={month}&format=account").content)
    assert found[0] == ["月", "財源", "会計年度", "お金の形", "この月の動き", "金額(円)"]
    assert {row[3] for row in found[1:]} == {"負担金(町の歳入)"}
    return {row[4]: int(row[5]) for row in found[1:]}


def adds_up(account: dict[str, int]) -> bool:
    *moved, closing = account.values()
    return sum(moved) == closing


def test_the_account_follows_grants_withdrawals_and_what_went_back_to_the_yen(company: Company) -> None:
    company.live()
    town, by = company.town, company.town.checkers["planning"]
    record = records(company.programme, municipality=town.municipality)[0]
    points.withdraw_action(record=record.id, reason="歩いていなかった", by=by, at=town.at)
    programmes.return_appropriation(
        fund=fund_of(company).id, amount_yen=100_000, reason="協定の残りを返す", decided_on=day(town.at), by=by,
        at=town.at,
    )  # fmt: skip
    april, november = account_of(company, "2025-04"), account_of(company, "2025-11")
    assert april == {**dict.fromkeys(april, 0), "入金": 900_000, "残り": 900_000}
    assert november["繰越"] == 900_000
    assert november["貴社へ返した"] == -100_000
    assert november["住民への付与"] == -330
    assert november["残り"] == fund_of(company).budget.left_yen
    assert adds_up(april)
    assert adds_up(november)


def test_screen_and_paper_say_the_same_month(company: Company) -> None:
    company.live()
    text = company.office.get("/partner/statement?month=2025-11").content.decode()
    assert "負担金(町の歳入)" in text
    assert re.search(r"住民への付与.{0,400}330円", text, re.DOTALL)
    assert "一致しています" in text
    for language in ("ja", "en"):
        answer = company.office.get(f"/partner/statement?month=2025-11&format=pdf&lang={language}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'attachment; filename="statement-2025-11.pdf"'
        assert answer.content.startswith(b"%PDF-")


def test_a_closed_month_stays_what_it_was(company: Company) -> None:
    company.live()
    town = company.town
    before = account_of(company, "2025-11")
    set_clock_offset(municipality=town.municipality, offset=town.at - now() + timedelta(days=30))
    later = town.at + timedelta(days=30)
    company.do_walk(company.people[0], at=later)
    assert account_of(company, "2025-11") == before
    assert account_of(company, "2025-12")["繰越"] == before["残り"]


@pytest.mark.parametrize("form", list(MoneyForm))
def test_every_legal_form_has_words(form: MoneyForm) -> None:
    assert FORMS[form.value].ja
    assert FORMS[form.value].en


def test_the_lines_add_up_to_the_last() -> None:
    account = FundAccount(1_000, 500, 200, 300, 20, 7)
    *moved, closing = signed(account)
    assert sum(moved) == closing == 1_027
    assert len(LINES) == len(moved) + 1
