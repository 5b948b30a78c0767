"""Spans of days as people write them: whatever the second end leaves out, they read as the same period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.texts import DriftKind, TextKind, draft, drifts, plain
from meguri.programmes.texts.figures import figures, normal, unreadable_days
from tests.programmes.builders import POINT, changed

DIGITS = "〇一二三四五六七八九"
FULL_WIDTH = str.maketrans("0123456789/.-~()", "０１２３４５６７８９／．－～（）")
WEEKDAYS = "月火水木金土日"
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]  # fmt: skip


def kanji(number: int) -> str:
    """31 -> 三十一."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十") + (DIGITS[ones] if ones else "")


def weekday(day: date) -> str:
    return f"({WEEKDAYS[day.weekday()]})"


def shapes(first: date, last: date) -> list[str]:
    """Every way in which this span is written here; each names the year of its first day."""
    era, ends = first.year - 2018, last.year - 2018
    day = f"{last.day}日"
    in_year = f"{last.month}月{day}"
    begins = [
        f"令和{era}年{first.month}月{first.day}日", f"{first.year}年{first.month}月{first.day}日",
        f"R{era}年{first.month}月{first.day}日", f"令和{kanji(era)}年{kanji(first.month)}月{kanji(first.day)}日",
        f"令和{era}年{first.month}月{first.day}日{weekday(first)}", f"令和{era}年{first.month}月{first.day}日午前9時",
        f"令和 {era} 年 {first.month} 月 {first.day} 日",
    ]  # fmt: skip
    finishes = [f"令和{ends}年{in_year}", f"{last.year}年{in_year}"]
    found = [f"令和{era}年{first.month}月{first.day}日から{ends}年{in_year}まで",
             f"{first.year}年{first.month}月{first.day}日から{last.year % 100}年{in_year}まで"]  # fmt: skip
    if (first.year, first.month) == (last.year, last.month):
        finishes += [day, f"同月{day}", f"{kanji(last.day)}日", f"{day}{weekday(last)}", f"{day}午後5時"]
        found += [f"{first.year}/{first.month}/{first.day}-{last.day}",
                  f"{first.day} to {last.day} {MONTHS[first.month - 1]} {first.year}",
                  f"{MONTHS[first.month - 1]} {first.day}-{last.day}, {first.year}"]  # fmt: skip
    if first.year == last.year:
        finishes += [in_year, f"同年{in_year}", f"{kanji(last.month)}月{kanji(last.day)}日"]
        found += [
            f"{first.year}/{first.month}/{first.day}-{last.month}/{last.day}",
            f"{first.year}.{first.month}.{first.day}〜{last.month}.{last.day}",
            f"{first.year}-{first.month:02}-{first.day:02}~{last.month:02}-{last.day:02}",
            f"{first.year}/{first.month}/{first.day}{weekday(first)}〜{last.month}/{last.day}{weekday(last)}",
            f"R{era}.{first.month}.{first.day}~{last.month}.{last.day}",
            f"{first.day} {MONTHS[first.month - 1]} to {last.day} {MONTHS[last.month - 1]} {last.year}",
            f"{first.day} {MONTHS[first.month - 1]} {first.year} – {last.day} {MONTHS[last.month - 1]}",
            f"{MONTHS[first.month - 1]} {first.day} to {MONTHS[last.month - 1]} {last.day}, {last.year}",
        ]  # fmt: skip
    if last.year == first.year + 1:
        finishes.append(f"翌年{in_year}")
        if last.month < first.month:
            finishes.append(in_year)
            found.append(f"{first.day} {MONTHS[first.month - 1]} to {last.day} {MONTHS[last.month - 1]} {last.year}")
    if (last.year * 12 + last.month) - (first.year * 12 + first.month) == 1:
        finishes.append(f"翌月{day}")
    spans = [f"{one}{joint}{other}" for one in begins for other in finishes
             for joint in ("から", "~", "〜", " ~ ", "-", "より", "–", "から、")]  # fmt: skip
    return [f"{each}まで" if "から" in each or "より" in each else each for each in spans] + found


def read(text: str) -> list[Any]:
    return [(each.kind, each.value) for each in figures(text)]


DAYS = st.dates(date(2020, 1, 1), date(2038, 12, 31))


@settings(max_examples=200, deadline=None)
@given(DAYS, st.integers(0, 400), st.data())
def test_a_span_reads_as_the_same_period_in_whatever_shape_it_is_written(first: date, days: int, data: Any) -> None:
    last = first + timedelta(days=days)
    written = data.draw(st.sampled_from(shapes(first, last)))
    in_english = any(month in written for month in MONTHS)
    inside = f"To be bought from {written}, or not." if in_english else f"購入の期間は、{written}とする。"
    for text in (written, written.translate(FULL_WIDTH), inside):
        assert read(text) == [("day", first), ("day", last)], text
        assert unreadable_days(normal(text)) == []


def test_every_shape_of_some_spans() -> None:
    """All of them, for spans within a month, within a year, into the next, and over two."""
    for first, last in ((date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 10, 1), date(2026, 11, 30)),
                        (date(2026, 12, 20), date(2027, 1, 10)), (date(2026, 4, 1), date(2028, 3, 31)),
                        (date(2020, 2, 29), date(2020, 2, 29))):  # fmt: skip
        for text in shapes(first, last):
            assert read(text) == [("day", first), ("day", last)], text


@pytest.mark.parametrize(("text", "said"), [
    ("10月1日〜11月30日", [(10, 1), (11, 30)]), ("10月1日から31日まで", [(10, 1), (10, 31)]),
    ("10/1〜10/31", [(10, 1), (10, 31)]), ("１０／１（木）～３１（土）", [(10, 1), (10, 31)]),
    ("十月一日から三十一日まで", [(10, 1), (10, 31)]), ("1 to 31 October", [(10, 1), (10, 31)]),
    ("10月20日から翌月10日まで", [(10, 20), (11, 10)]), ("December 20 – January 10", [(12, 20), (1, 10)]),
])  # fmt: skip
def test_without_any_year_both_ends_are_days_of_any_year(text: str, said: list[tuple[int, int]]) -> None:
    assert read(text) == [("day", each) for each in said]


@pytest.mark.parametrize("text", [
    "令和8年度から令和9年度まで", "令和8年度から9年度まで", "令和8〜9年度", "令和8・9年度", "令和八年度から九年度まで",
    "2026〜2027年度", "2026-27年度", "2026年度から2027年度まで", "令和8年度及び9年度", "fiscal 2026 to 2027",
    "fiscal years 2026-27", "R8~R9年度", "２０２６～２７年度",
])  # fmt: skip
def test_spans_of_fiscal_years(text: str) -> None:
    assert read(text) == [("fiscal_year", 2026), ("fiscal_year", 2027)]


@pytest.mark.parametrize(("text", "said"), [
    ("令和8年10月1日から14日以内", [("day", date(2026, 10, 1)), ("days", 14)]),
    ("令和8年10月1日から30日間", [("day", date(2026, 10, 1)), ("days", 30)]),
    ("令和8年10月1日から三日後", [("day", date(2026, 10, 1))]),
    ("令和8年10月1日から5,000円", [("day", date(2026, 10, 1)), ("yen", 5_000)]),
    ("令和8年10月1日から2回", [("day", date(2026, 10, 1)), ("times", 2)]),
    ("2026/10/1-5人", [("day", date(2026, 10, 1)), ("people", 5)]),
    ("受け取った日から一日二回", []), ("1/2〜3", []), ("2026-10-01-31", [("day", date(2026, 10, 1))]),
    ("2026/10/1-10.31", [("day", date(2026, 10, 1))]),
])  # fmt: skip
def test_what_is_no_end_of_a_span_is_read_as_what_it_is(text: str, said: list[tuple[str, Any]]) -> None:
    assert read(text) == said


@pytest.mark.parametrize("text", [
    "令和8年10月31日から5日まで", "令和8年6月1日から31日まで", "2026/2/1-2/30", "平成30年4月1日から35年3月31日まで",
    "1 to 31 June 2026", "平成30〜35年度",
])  # fmt: skip
def test_an_end_that_no_calendar_has_or_that_comes_before_its_beginning_is_a_slip(text: str) -> None:
    assert any(text.startswith(slip[:-1]) for slip in unreadable_days(normal(text)))


# --- in the report of an edited text ---------------------------------------------------------------------------------

WINDOW = "obtaining.window"
TERMS = changed(POINT, {f"{WINDOW}.first_day": date(2025, 10, 1), f"{WINDOW}.last_day": date(2025, 10, 31)})
FULL = "令和7年10月1日から令和7年10月31日まで"


def report(said: str) -> list[tuple[str, str, str]]:
    """Where the ordinance has drifted after its window is written so: what, where, and what is written instead."""
    drafted = draft(TERMS, TextKind.ORDINANCE)
    text = plain(drafted, "ja")
    assert FULL in text
    found = drifts(drafted, text.replace(FULL, said), language="ja")
    return [(each.kind, each.fact.path if each.fact else "", each.written) for each in found]


@pytest.mark.parametrize("said", [
    "令和7年10月1日から31日まで", "2025/10/1-10/31まで", "10月1日から31日まで",
    "令和７年１０月１日（水）〜３１日（金）まで", "令和七年十月一日から三十一日まで", "10/1〜10/31まで",
])  # fmt: skip
def test_the_window_half_written_is_no_drift(said: str) -> None:
    assert report(said) == []


@pytest.mark.parametrize(("said", "written"), [
    ("令和7年10月1日から30日まで", "令和7年10月1日から30日"), ("2025/10/1-11/30まで", "2025/10/1-11/30"),
    ("令和7年10月1日から翌年10月31日まで", "令和7年10月1日から翌年10月31日"), ("10/1〜11/30まで", "10/1〜11/30"),
])  # fmt: skip
def test_an_end_that_has_drifted_is_named_by_the_whole_span(said: str, written: str) -> None:
    assert report(said) == [(DriftKind.CHANGED, "obtaining.window.last_day", written)]


def test_an_end_that_no_calendar_has_is_told() -> None:
    kinds = {(kind, written) for kind, _, written in report("令和7年9月1日から31日まで")}
    assert (DriftKind.UNKNOWN, "令和7年9月1日から31日") in kinds
