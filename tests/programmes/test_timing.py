"""From when to when value comes into being and is good, for every way of obtaining and every kind of expiry."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes import timing
from meguri.programmes.findings import Finding
from meguri.programmes.rules import expires_at
from meguri.programmes.shipped import shipped
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.words.period import Period, day_start
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, changed
from tests.programmes.test_findings import TOP_UP, span

TEXT = {"ja": "回", "en": "round"}
days = st.dates(date(2025, 4, 1), date(2026, 3, 31))


def first_come(code: str, first: date, last: date) -> dict[str, Any]:
    purchase = {"first_day": first, "last_day": last}
    return {"code": code, "name": TEXT, "units": 10, "allocation": "first_come", "purchase": purchase}


def complaints(name: str, changes: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[Finding] = list(timing.wrong_days(changed(name, changes)))
    return [(finding.code, finding.path) for finding in found]


@pytest.mark.parametrize(
    ("name", "changes", "first", "last"),
    [
        (VOUCHER, {}, date(2025, 10, 1), date(2025, 10, 31)),
        (BENEFIT, {}, date(2025, 11, 10), date(2025, 11, 10)),
        (POINT, {}, date(2025, 4, 1), date(2026, 2, 28)),
        (VOUCHER, {"obtaining": TOP_UP}, date(2025, 10, 1), date(2025, 10, 31)),
        (VOUCHER, {"obtaining.rounds": []}, date(2025, 10, 1), date(2026, 1, 31)),
    ],
)
def test_value_comes_into_being_from_the_first_issue_to_the_last(
    name: str, changes: dict[str, Any], first: date, last: date
) -> None:
    terms = changed(name, changes)
    assert (timing.first_issue(terms), timing.last_issue(terms)) == (first, last)


@settings(max_examples=30)
@given(st.lists(st.tuples(days, days).map(sorted), min_size=1, max_size=4))
def test_rounds_of_a_sale_begin_with_the_earliest_and_end_with_the_latest(windows: list[list[date]]) -> None:
    rounds = [first_come(f"r{place}", *window) for place, window in enumerate(windows)]
    terms = changed(VOUCHER, {"obtaining.rounds": rounds})
    assert timing.first_issue(terms) == min(first for first, _ in windows)
    assert timing.last_issue(terms) == max(last for _, last in windows)


CODE = {"by": "code", "face": [{"purse": "paid", "yen": 1}],
        "entering": {"first_day": date(2025, 10, 1), "last_day": date(2025, 11, 30)}}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changes", "last"),
    [
        (VOUCHER, {}, date(2025, 10, 31)),  # nobody can buy any more, though what was bought could still be spent
        (VOUCHER, {"obtaining.waiting_list": {"days_to_pay": 7}}, date(2026, 1, 31)),
        (VOUCHER, {"obtaining.waiting_list": {"days_to_pay": 7, "last_day": date(2025, 11, 20)}}, date(2025, 11, 20)),
        (VOUCHER, {"obtaining": CODE}, date(2025, 11, 30)),
        (POINT, {}, date(2026, 2, 28)),
        (BENEFIT, {}, date(2026, 3, 31)),  # who is on the list is paid late rather than never
    ],
)
def test_a_document_is_over_the_day_after_its_last_chance(name: str, changes: dict[str, Any], last: date) -> None:
    terms = changed(name, changes)
    assert not timing.is_over(terms, today=last)
    assert timing.is_over(terms, today=last + timedelta(days=1))
    over = [each.code for each in timing.passed_days(terms, today=last + timedelta(days=1)) if each.is_error]
    assert over == ["programme_is_over"]


def test_each_window_that_has_passed_is_named_with_its_days() -> None:
    found = list(timing.passed_days(shipped()[VOUCHER], today=date(2025, 9, 1)))
    assert [(each.code, each.path) for each in found] == [("window_passed", "obtaining.rounds.first.application")]
    assert found[0].sentence("ja") == "この期間(2025-07-26–2025-08-17)は、もう過ぎています。"
    assert list(timing.passed_days(shipped()[VOUCHER], today=date(2025, 8, 17))) == []
    assert validate(shipped()[VOUCHER], DECLARED) == (), "without a day nothing is said of the past"
    later = validate(shipped()[VOUCHER], DECLARED, today=date(2026, 2, 1))
    assert [each.code for each in later] == ["programme_is_over"] + ["window_passed"] * 3


EXPIRIES: list[tuple[dict[str, Any], date, date | None]] = [
    ({"kind": "on", "last_day": date(2026, 1, 31)}, date(2025, 10, 1), date(2026, 1, 31)),
    ({"kind": "after", "months": 6}, date(2025, 8, 31), date(2026, 2, 28)),
    ({"kind": "after", "months": 6, "to_the_day": True}, date(2025, 8, 31), date(2026, 2, 28)),
    ({"kind": "after", "months": 6, "to_the_day": True}, date(2025, 10, 15), date(2026, 4, 15)),
    ({"kind": "after", "months": 6}, date(2025, 10, 15), date(2026, 4, 30)),
    ({"kind": "after", "months": 1}, date(2025, 12, 31), date(2026, 1, 31)),
    ({"kind": "never"}, date(2025, 10, 1), None),
]


@pytest.mark.parametrize(("expiry", "issued", "last"), EXPIRIES)
def test_value_of_a_day_is_good_until_its_last_day(expiry: dict[str, Any], issued: date, last: date | None) -> None:
    terms = changed(VOUCHER, {"expiry": expiry})
    assert timing.last_good_day(terms, issued=issued) == last


@pytest.mark.parametrize(("expiry", "issued", "last"), EXPIRIES)
@pytest.mark.parametrize("hour", [0, 23])
def test_the_document_and_the_books_agree_on_the_last_day(
    expiry: dict[str, Any], issued: date, last: date | None, hour: int
) -> None:
    """The check of a draft reads days; the lot in the books has a moment. Both must say the same."""
    terms = changed(VOUCHER, {"expiry": expiry})
    obtained = day_start(issued).replace(minute=hour)
    ends = expires_at(terms.expiry, obtained_at=obtained)
    assert (ends is None) == (last is None)
    if ends is not None and last is not None:
        assert ends == Period.of_days(last, last).end


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({}, date(2026, 1, 31)),
        ({"expiry": {"kind": "never"}}, date(2026, 1, 31)),
        ({"expiry": {"kind": "after", "months": 1}}, date(2025, 11, 30)),  # the latest value is bought on 31 October
        ({"expiry": {"kind": "after", "months": 12}}, date(2026, 1, 31)),
        ({"expiry": {"kind": "on", "last_day": date(2025, 12, 24)}}, date(2025, 12, 24)),
    ],
)
def test_nobody_spends_after_the_window_or_after_the_last_value_expired(changes: dict[str, Any], last: date) -> None:
    assert timing.last_spending_day(changed(VOUCHER, changes)) == last


@pytest.mark.parametrize("name", [VOUCHER, POINT, BENEFIT])
def test_every_window_of_a_document_is_named_by_its_path(name: str) -> None:
    paths = [path for path, _ in timing.windows(shipped()[name])]
    assert len(set(paths)) == len(paths)
    assert paths[0] == "spending.window"
    wanted = {
        VOUCHER: ["obtaining.rounds.first.purchase", "obtaining.rounds.first.application"],
        POINT: ["obtaining.window"],
        BENEFIT: ["obtaining.choosing"],
    }[name]
    assert paths[1:] == wanted


def test_a_day_that_stands_just_in_order_is_no_mistake() -> None:
    """Each pair of days may be the same day: the first that is wrong lies a day further."""
    same_day = {
        "obtaining.rounds.0.application": span("2025-08-01", "2025-08-17"),
        "obtaining.rounds.0.drawn_on": date(2025, 8, 17),
        "obtaining.rounds.0.purchase": span("2025-08-17", "2026-01-31"),
        "expiry.last_day": date(2026, 1, 31),
        "refunds.shop_claims_until": date(2026, 1, 31),
    }
    assert complaints(VOUCHER, same_day) == []
    for path, wrong, where in (
        ("obtaining.rounds.0.drawn_on", date(2025, 8, 16), "obtaining.rounds.first.drawn_on"),
        ("obtaining.rounds.0.drawn_on", date(2025, 8, 18), "obtaining.rounds.first.purchase"),
        ("expiry.last_day", date(2026, 1, 30), "expiry.last_day"),
        ("refunds.shop_claims_until", date(2026, 1, 30), "refunds.shop_claims_until"),
    ):
        assert ("out_of_order", where) in complaints(VOUCHER, {**same_day, path: wrong})
    assert complaints(VOUCHER, {"spending.window": span("2025-10-31", "2025-10-31"),
                                "obtaining.rounds.0.purchase": span("2025-10-31", "2025-10-31")}) == []


@pytest.mark.parametrize(
    ("changes", "is_whole"),
    [
        ({}, True),
        ({"obtaining.rounds.0.application": GONE}, False),
        ({"obtaining.rounds.0.drawn_on": GONE}, False),
        ({"obtaining.rounds.0.application": GONE, "obtaining.rounds.0.drawn_on": GONE}, False),
    ],
)
@pytest.mark.parametrize("allocation", ["lottery", "even_share", "first_come"])
def test_what_is_drawn_has_both_days_and_what_is_sold_at_once_has_neither(
    changes: dict[str, Any], *, is_whole: bool, allocation: str
) -> None:
    wanted = is_whole if allocation != "first_come" else len(changes) == 2
    found = complaints(VOUCHER, {"obtaining.rounds.0.allocation": allocation, **changes})
    assert (("round_incomplete", "obtaining.rounds.first") not in found) == wanted
