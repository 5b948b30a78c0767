"""The page of the fiscal years: what the two accountants see, press and are told, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from meguri.ledger import queries as books
from meguri.ledger.operations import set_clock_offset
from meguri.parties.operations.approvals import CHECKER_IS_MAKER
from meguri.settlement import operations, queries
from meguri.settlement.years import remains
from meguri.words.clock import midnight, now
from meguri.words.period import FiscalYear
from meguri.words.wareki import parse_date
from tests.faces.office.lived import Office
from tests.faces.office.reading import (
    ACCOUNTANT,
    ANALYST,
    TREASURER,
    address,
    cells,
    fund,
    links,
    look,
    page,
    send,
    sheet,
    words,
)

YEAR = FiscalYear(2025)
APRIL, JUNE = datetime(2026, 4, 7, 3, tzinfo=UTC), datetime(2026, 6, 2, 3, tzinfo=UTC)
UNPAID = 1_200 + 340 + 800


_entered: dict[tuple[int, str], Client] = {}


def entered(office: Office, key: str) -> Client:
    """The officer's browser, signed in once."""
    if (office.number, key) not in _entered:
        _entered[office.number, key] = office.browser(key)
    return _entered[office.number, key]


def go_on_to(office: Office, at: datetime) -> None:
    """The town's clock goes on; what has happened stays in November."""
    office.town.at = at
    set_clock_offset(municipality=office.number, offset=at - now())


@pytest.fixture
def april(lived: Office) -> Office:
    """The year is over; the shop's takings of November were never settled."""
    lived.banked()
    go_on_to(lived, APRIL)
    return lived


def press(office: Office, key: str, act: str, *, state: str = "closing", yen: object = UNPAID) -> str:
    form = {"act": act, "state": state, "confirmed_yen": yen}
    return words(send(entered(office, key), "year", YEAR.year, **form))


def test_the_list_names_every_year_and_who_ended_it(april: Office) -> None:
    press(april, ACCOUNTANT, "propose")
    press(april, TREASURER, "confirm")
    rows = cells(page(entered(april, ANALYST), "years"), "会計年度")
    assert [row[:2] for row in rows] == [["令和8年度", "開いています"], ["令和7年度", "出納整理期間"]]
    assert rows[1][2] == "2025年4月1日(火) – 2026年3月31日(火)"
    assert "2026年4月7日" in rows[1][3]
    assert "提案 会計課 出納" in rows[1][3]
    assert "確定 会計課 出納" in rows[1][3]
    assert rows[1][4] == "—"
    english = cells(page(entered(april, ANALYST), "years", lang="en"), "Fiscal years")
    assert [row[:2] for row in english] == [["FY2026", "Open"], ["FY2025", "In its closing period"]]
    assert [row[0] for row in sheet(entered(april, ANALYST), "years", lang="ja")][1:] == ["令和8年度", "令和7年度"]


def test_the_years_are_found_from_the_menu_and_from_the_books(april: Office) -> None:
    found = links(page(entered(april, ACCOUNTANT), "books"), address("years"))
    assert found.count(address("years")) == 2
    assert address("years") not in links(page(entered(april, "operator:planning"), "desk"), address("years"))
    assert look(entered(april, "operator:planning"), "years").status_code == 403


def test_two_accountants_end_the_year(april: Office) -> None:
    before = page(entered(april, ACCOUNTANT), "year", YEAR.year)
    assert "令和7年度は終わりましたか" in words(before)
    assert "まだ支払っていないものがあります" in words(before)
    assert f"{UNPAID:,}" in words(before)
    assert "もう一人の出納の確定を待ちます" in press(april, ACCOUNTANT, "propose")
    assert "あなたが提案しました" in words(page(entered(april, ACCOUNTANT), "year", YEAR.year))
    assert books.year_ends(municipality=april.number).closing is None
    assert "令和7年度: 出納整理期間。帳簿がこれを守ります。" in press(april, TREASURER, "confirm")
    assert "2026年6月1日" in words(page(entered(april, TREASURER), "year", YEAR.year)), "closing has to wait"
    go_on_to(april, JUNE)
    shown = words(page(entered(april, ACCOUNTANT), "year", YEAR.year))
    assert "新しい年度の支出になります" in shown
    press(april, ACCOUNTANT, "propose", state="closed")
    assert "締め切りは取り消せません" in words(page(entered(april, TREASURER), "year", YEAR.year))
    press(april, TREASURER, "confirm", state="closed")
    after = words(page(entered(april, ACCOUNTANT), "year", YEAR.year, lang="en"))
    assert "This year is closed." in after
    assert after.count("confirmed by Accounting accountant") == 2
    assert books.year_ends(municipality=april.number).closed == YEAR.year


def test_the_second_ones_desk_and_the_log_lead_to_the_year(april: Office) -> None:
    press(april, ACCOUNTANT, "propose")
    desk = page(entered(april, TREASURER), "desk")
    assert links(desk, address("year", YEAR.year))
    assert "年度締めの確定" in words(desk)
    assert "令和7年度 出納整理期間" in words(desk)
    log = page(entered(april, TREASURER), "approvals", lang="en")
    assert "end a fiscal year: FY2025: in its closing period" in words(log)
    assert links(log, address("year", YEAR.year))


@pytest.mark.parametrize(("key", "act", "told"), [
    (ACCOUNTANT, "confirm", CHECKER_IS_MAKER.ja), ("checker:commerce", "confirm", "できる役割: 出納"),
], ids=["the same person", "another office"])  # fmt: skip
def test_whoever_may_not_is_told_kindly(april: Office, key: str, act: str, told: str) -> None:
    press(april, ACCOUNTANT, "propose")
    assert told in press(april, key, act)
    assert books.year_ends(municipality=april.number).closing is None


def test_others_see_no_button(april: Office) -> None:
    shown = page(entered(april, ANALYST), "year", YEAR.year)
    assert "この手続きは会計の二人がします" in words(shown)
    assert "confirmed_yen" not in shown


@pytest.mark.parametrize("typed", ["", "千円", "-5", UNPAID + 1])
def test_a_wrong_amount_is_mended_in_place(april: Office, typed: object) -> None:
    answer = send(entered(april, ACCOUNTANT), "year", YEAR.year, act="propose", state="closing", confirmed_yen=typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert "手続きは行われませんでした" in words(answer)


def test_a_proposal_is_taken_back(april: Office) -> None:
    press(april, ACCOUNTANT, "propose")
    assert "提案を取り下げました" in press(april, ACCOUNTANT, "withdraw")
    assert "(提案)" in words(page(entered(april, TREASURER), "year", YEAR.year))


def test_a_year_that_is_not_over_says_when(lived: Office) -> None:
    shown = page(entered(lived, ACCOUNTANT), "year", YEAR.year)
    assert "出納整理期間に入る: 2026年4月1日(水)からできます。" in words(shown)
    assert "confirmed_yen" not in shown
    assert "3月31日の時点の帳簿" not in words(shown), "that day has not come"
    left = remains(YEAR, municipality=lived.number)
    file = sheet(entered(lived, ACCOUNTANT), "year", YEAR.year, table="remains", lang="en")
    assert file[0] == ["What", "As known now"]
    assert [int(row[1]) for row in file[1:]] == [left.takings_yen, left.payable_yen, left.wallets_yen, left.left_yen]
    assert look(entered(lived, ACCOUNTANT), "year", 1990).status_code == 404


def test_what_remained_is_told_then_and_now(april: Office) -> None:
    left = remains(YEAR, municipality=april.number)
    rows = cells(page(entered(april, ACCOUNTANT), "year", YEAR.year), "3月31日までの分で残るもの")
    assert [row[2].replace(",", "").strip("円 ") for row in rows] == [
        str(yen) for yen in (UNPAID, 0, left.wallets_yen, left.left_yen)
    ]  # fmt: skip
    then = remains(YEAR, municipality=april.number, known_at=YEAR.closing_period.start)
    assert then != left, "the budget of this town was written down only later"
    assert [int(row[1]) for row in sheet(entered(april, ACCOUNTANT), "year", YEAR.year, table="remains")[1:]] == [
        then.takings_yen, then.payable_yen, then.wallets_yen, then.left_yen,
    ]  # fmt: skip
    file = sheet(entered(april, ACCOUNTANT), "year", YEAR.year, table="remains", lang="en")
    assert file[0] == ["What", "As known then", "As known now"]
    assert file[1][0::2] == ["Takings not yet settled", str(UNPAID)]
    lines = sheet(entered(april, ACCOUNTANT), "year", YEAR.year, table="lines")
    assert sum(int(row[4]) for row in lines[1:]) == left.left_yen
    assert "この年度の財源はありません" in words(page(entered(april, ACCOUNTANT), "year", 2026, lang="ja"))


def test_a_payout_of_april_is_booked_into_the_old_year(april: Office) -> None:
    """From the page of the settlement to the line of the fund in the city's books."""
    by, other = april.officer(ACCOUNTANT), april.officer(TREASURER)
    run = operations.run_settlement(by=by, at=APRIL, cutoff=midnight(parse_date("2026-04-01")))
    count, yen = queries.to_confirm(run.id, municipality=april.number)
    operations.approve_payouts(by=other, at=APRIL, run=run.id, confirmed_count=count, confirmed_yen=yen)
    browser = entered(april, ACCOUNTANT)
    asked = words(page(browser, "settlement", run.id))
    assert "令和7年度の支払いとして記帳する" in asked
    assert f"3月31日までに生じた義務: {count}件 {yen:,}円" in asked
    spent = [int(row[7]) for row in sheet(browser, "year", YEAR.year, table="lines")[1:]]
    send(browser, "settlement", run.id, act="sent", year_before="yes")
    now_spent = [int(row[7]) for row in sheet(browser, "year", YEAR.year, table="lines")[1:]]
    assert sum(now_spent) - sum(spent) == yen == UNPAID
    assert remains(YEAR, municipality=april.number).unpaid_yen == 0
    (first, *_) = cells(page(browser, "fund", fund(april, "benefit").id), "記帳の一覧(新しい順)")
    assert first[1] == "振込"
    assert "令和7年度の記帳" in first[0]


def test_outside_the_closing_period_nobody_is_asked(lived: Office) -> None:
    lived.banked()
    run = lived.settled()
    count, yen = queries.to_confirm(run.id, municipality=lived.number)
    operations.approve_payouts(
        by=lived.officer(TREASURER), at=lived.town.at, run=run.id, confirmed_count=count, confirmed_yen=yen
    )
    assert "year_before" not in page(entered(lived, ACCOUNTANT), "settlement", run.id)
