"""Spending after the year's end: each lawful way, to the day, and what texts say of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.lawfulness import notes
from meguri.programmes.parts import CarryOverKind
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import DriftKind, TextKind, draft, drifts, plain
from tests.programmes.builders import POINT, VOUCHER, changed

KINDS = [kind.value for kind in CarryOverKind]
FURTHER = ["carried_forward", "unavoidable"]
LASTING = ["debt_burden", "reserve_fund"]
OF_THE_YEAR = {"spent_after_the_year", "resolved_after_the_year", "carried_too_far", "claimed_after_closing"}


def carried(
    kind: str | None, *, resolved: date = date(2026, 3, 20), last: date = date(2026, 3, 31), claims: date | None = None
) -> ProgrammeTerms:
    """The voucher on a budget of fiscal 2025, good until `last`, and shops claim until `claims`."""
    changes: dict[str, Any] = {
        "spending.window.last_day": last, "expiry.last_day": last, "refunds.shop_claims_until": claims or last,
    }
    if kind is not None:
        changes["funds.0.carry_over"] = {"kind": kind, "resolved_on": resolved}
    return changed(VOUCHER, changes)


def judged(terms: ProgrammeTerms) -> list[str]:
    return [finding.code for finding in notes(terms) if finding.code in OF_THE_YEAR]


@pytest.mark.parametrize(("last", "found"), [
    (date(2026, 3, 31), []), (date(2026, 4, 1), ["spent_after_the_year"]),
    (date(2027, 3, 31), ["spent_after_the_year"]),
])  # fmt: skip
def test_without_a_resolution_the_year_ends_with_march(last: date, found: list[str]) -> None:
    assert judged(carried(None, last=last)) == found


@pytest.mark.parametrize("kind", FURTHER)
def test_what_is_carried_forward_reaches_the_end_of_the_next_year(kind: str) -> None:
    """繰越明許費(213条)and 事故繰越し(220条3項)both bring money into the following year, and no further."""
    assert judged(carried(kind, last=date(2026, 4, 1))) == []
    assert judged(carried(kind, last=date(2027, 3, 31))) == []
    assert judged(carried(kind, last=date(2027, 4, 1))) == ["carried_too_far"]


@pytest.mark.parametrize("kind", LASTING)
def test_a_debt_burden_and_a_reserve_fund_have_no_last_day_of_their_own(kind: str) -> None:
    """債務負担行為(214条)names its years itself, a 基金(241条)lasts until it is spent."""
    assert judged(carried(kind, last=date(2027, 4, 1))) == []
    assert judged(carried(kind, last=date(2030, 12, 31), claims=date(2031, 7, 1))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_resolution_belongs_to_the_year_whose_money_it_carries(kind: str) -> None:
    assert judged(carried(kind, resolved=date(2026, 3, 31))) == []
    assert judged(carried(kind, resolved=date(2026, 4, 1))) == ["resolved_after_the_year"]
    assert judged(carried(kind, resolved=date(2025, 4, 1))) == []


def test_too_late_and_too_far_are_told_both_in_the_words_of_an_officer() -> None:
    wrong = carried("unavoidable", resolved=date(2026, 4, 2), last=date(2027, 6, 30))
    late, far = (finding for finding in notes(wrong) if finding.code in OF_THE_YEAR)
    assert (late.path, far.path) == ("funds.premium.carry_over.resolved_on", "funds.premium.carry_over")
    assert "2026-04-02" in late.sentence("ja")
    assert "2026-03-31" in late.sentence("ja")
    assert "2027-03-31" in far.sentence("en")
    assert "2027-06-30" in far.sentence("en")
    assert late.is_error
    assert far.is_error


@pytest.mark.parametrize("kind", FURTHER)
def test_shops_of_carried_money_claim_until_the_books_of_the_next_year_close(kind: str) -> None:
    """出納閉鎖 comes a year later with the money, but it comes."""
    assert judged(carried(kind, last=date(2026, 5, 31), claims=date(2026, 7, 15))) == []
    assert judged(carried(kind, last=date(2027, 3, 31), claims=date(2027, 5, 31))) == []
    late = carried(kind, last=date(2027, 3, 31), claims=date(2027, 6, 1))
    (finding,) = (finding for finding in notes(late) if finding.code in OF_THE_YEAR)
    assert (finding.code, finding.path, finding.is_error) == (
        "claimed_after_closing", "refunds.shop_claims_until", False,
    )
    assert "2027-05-31" in finding.sentence("ja")


def test_value_that_expires_within_the_year_needs_no_resolution_though_the_window_is_longer() -> None:
    """What was bought on the last day lives three months; the window's end does not count where all has lapsed."""
    short = {
        "spending.window.last_day": date(2026, 4, 30), "refunds.shop_claims_until": date(2026, 5, 31),
        "expiry": {"kind": "after", "months": 5},
    }
    assert judged(changed(VOUCHER, short)) == []  # bought until 31 October, so good until 31 March
    assert judged(changed(VOUCHER, {**short, "expiry": {"kind": "after", "months": 6}})) == ["spent_after_the_year"]
    exact = {"kind": "after", "months": 6, "to_the_day": True}
    assert judged(changed(VOUCHER, {**short, "expiry": exact})) == ["spent_after_the_year"]
    assert judged(changed(VOUCHER, {**short, "expiry": {"kind": "never"}})) == ["spent_after_the_year"]


def test_each_fund_is_judged_by_itself() -> None:
    """The town carried its part over; the sponsor's contribution, booked as revenue of the year, was forgotten."""
    half = changed(POINT, {
        "spending.window.last_day": date(2026, 6, 30), "expiry.last_day": date(2026, 6, 30),
        "refunds.shop_claims_until": date(2026, 7, 31),
        "funds.0.carry_over": {"kind": "carried_forward", "resolved_on": date(2026, 3, 20)},
    })  # fmt: skip
    assert [(each.code, each.path) for each in notes(half) if each.code in OF_THE_YEAR] == [
        ("spent_after_the_year", "funds.sponsor.fiscal_year"),
    ]


@given(
    kind=st.sampled_from([None, *KINDS]), spent=st.integers(-60, 900), claimed=st.integers(0, 400),
    resolved=st.integers(-400, 60),
)
@settings(max_examples=150, deadline=None)
def test_the_verdict_is_that_of_the_law_on_any_days(kind: str | None, spent: int, claimed: int, resolved: int) -> None:
    """Days counted from 31 March 2026, the end of fiscal 2025; the law told once more, in other words."""
    end = date(2026, 3, 31)
    last, decided = end + timedelta(days=spent), end + timedelta(days=resolved)
    claims = last + timedelta(days=claimed)
    expected = set()
    if kind is None and last > end:
        expected = {"spent_after_the_year"}
    elif kind is None and claims > date(2026, 5, 31):
        expected = {"claimed_after_closing"}
    elif kind is not None:
        expected = {"resolved_after_the_year"} if decided > end else set()
        if kind in FURTHER and last >= date(2027, 4, 1):
            expected |= {"carried_too_far"}
        elif kind in FURTHER and claims >= date(2027, 6, 1):
            expected |= {"claimed_after_closing"}
    assert set(judged(carried(kind, resolved=decided, last=last, claims=claims))) == expected


@pytest.mark.parametrize(("kind", "ja", "en"), [
    ("carried_forward", "繰越明許費", "carried forward by the budget"),
    ("debt_burden", "債務負担行為", "a debt burden"),
    ("unavoidable", "事故繰越し", "carried over for an unavoidable reason"), ("reserve_fund", "基金", "a reserve fund"),
])  # fmt: skip
def test_the_ordinance_names_the_way_and_the_day_of_the_resolution(kind: str, ja: str, en: str) -> None:
    ordinance = draft(carried(kind, last=date(2026, 5, 31)), TextKind.ORDINANCE)
    assert f"「商品券プレミアム分」は、令和8年3月20日の議決等({ja})により、翌年度以降に使用することができる。" in plain(
        ordinance, "ja")
    assert f"by the resolution of 20 March 2026 ({en}" in plain(ordinance, "en")
    other = plain(ordinance, "ja").replace("令和8年3月20日", "令和8年3月30日")
    (drift,) = drifts(ordinance, other, language="ja")
    assert drift.kind is DriftKind.CHANGED
    assert drift.fact is not None
    assert drift.fact.path == "funds.premium.carry_over.resolved_on"
    assert "議決等" not in plain(draft(changed(VOUCHER, {"funds.0.carry_over": None}), TextKind.ORDINANCE), "ja")
