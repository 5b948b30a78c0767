"""Figures as officers, newspapers and word processors write them, and what a sly text does to hide one."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.texts.figures import Figure, figures, normal
from meguri.words.wareki import format_date

WEEKDAYS = "月火水木金土日"
DAYS = st.dates(date(1990, 1, 1), date(2068, 12, 31))


def read(text: str) -> list[tuple[str, object]]:
    return [(each.kind, each.value) for each in figures(text)]


@pytest.mark.parametrize(("text", "yen"), [
    ("総額3千万円", 30_000_000), ("2百万円", 2_000_000), ("1億2千万円", 120_000_000), ("5百円", 500),
    ("1万3千5百円", 13_500), ("13,000千円", 13_000_000), ("１億２，０００万円", 120_000_000), ("￥1万", 10_000),
    ("¥1.5万", 15_000), ("¥ 10,000", 10_000), ("10000円", 10_000), ("10,000 円", 10_000), ("0円", 0), ("007円", 7),
    ("1,234,567,890円", 1_234_567_890), ("0.5億円", 50_000_000), ("10000YEN", 10_000), ("3.25千円", 3_250),
    ("10\u200b,000円", 10_000), ("10,000\u200b円", 10_000), ("12\u00ad,000円", 12_000), ("\ufeff5円", 5),
])  # fmt: skip
def test_an_amount_in_any_writing(text: str, yen: int) -> None:
    assert read(text) == [("yen", yen)]


@pytest.mark.parametrize(("text", "value"), [
    ("令和7年 8月 1日", date(2025, 8, 1)), ("令和 7 年 8 月 1 日", date(2025, 8, 1)),
    ("\uff32\uff17\uff0e\uff18\uff0e\uff11", date(2025, 8, 1)),
    ("㋿7年8月1日", date(2025, 8, 1)), ("㍻31年4月30日", date(2019, 4, 30)), ("R元.5.1", date(2019, 5, 1)),
    ("令和元年5月1日", date(2019, 5, 1)), ("平成31年5月1日", date(2019, 5, 1)), ("S64.1.7", date(1989, 1, 7)),
    ("2025/8/1", date(2025, 8, 1)), ("2025.08.01", date(2025, 8, 1)), ("令和6年2月29日", date(2024, 2, 29)),
    ("8/1(金)", (8, 1)), ("８／１（金）", (8, 1)), ("12/31 (水・休)", (12, 31)), (" 8月 1日", (8, 1)),
    ("Sept. 5, 2025", date(2025, 9, 5)), ("5 SEP 2025", date(2025, 9, 5)), ("May 5", (5, 5)),
    ("令和 7年度", Fraction(2025)), ("R7年度", Fraction(2025)), ("fiscal year 2025", Fraction(2025)),
])  # fmt: skip
def test_a_day_or_year_in_any_writing(text: str, value: object) -> None:
    ((_, read_value),) = read(text)
    assert read_value == value


@pytest.mark.parametrize("text", [
    "令和8年2月29日", "2025年2月30日", "31 June 2025", "補助率は1/2", "残高の1/2以上", "8/1/7", "1,00,000円",
    "123,45円", "99999999999999999円", "二人", "昭和65年1月1日", "ver. 2.10", "052-123-4567", "〒464-0001",
])  # fmt: skip
def test_what_is_no_day_and_no_number_is_not_guessed_at(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(("text", "both"), [
    ("3,000円~5,000円", [("yen", 3_000), ("yen", 5_000)]), ("1万円〜3万円", [("yen", 10_000), ("yen", 30_000)]),
    ("7月26日(土)～8月17日(日)", [("day", (7, 26)), ("day", (8, 17))]),
    ("7/26(土)~8/17(日)", [("day", (7, 26)), ("day", (8, 17))]),
    ("2025年8月1日から同年9月30日まで", [("day", date(2025, 8, 1)), ("day", date(2025, 9, 30))]),
    ("10%~30%", [("percent", 10), ("percent", 30)]), ("18歳以上64歳以下", [("years", 18), ("years", 64)]),
    ("10,000円×2,000口", [("yen", 10_000), ("units", 2_000)]), ("10人中3人", [("people", 10), ("people", 3)]),
    ("from 1 August to 30 September 2025", [("day", date(2025, 8, 1)), ("day", date(2025, 9, 30))]),
])  # fmt: skip
def test_both_ends_of_a_range_are_read(text: str, both: list[tuple[str, object]]) -> None:
    assert read(text) == both


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"])
def test_every_line_end_is_one_line_end(end: str) -> None:
    assert normal(f"一{end}二") == "一\n二"


@given(DAYS)
def test_a_day_is_the_same_day_in_every_writing(day: date) -> None:
    full = Figure("day", day, "")
    weekday = WEEKDAYS[day.weekday()]
    spaced = format_date(day).replace("年", "年 ").replace("月", "月 ")
    for written in (format_date(day), format_date(day, "short"), day.isoformat(), spaced, f"{day:%Y/%m/%d}",
                    f"{day.year}年{day.month}月{day.day}日({weekday})", f"{day.month}/{day.day}({weekday})",
                    f"{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}", f"{day:%b}. {day.day}, {day.year}"):
        (one,) = figures(written)
        assert full.agrees(one), written
        assert not Figure("day", day + timedelta(days=1), "").agrees(one), written


@given(st.integers(0, 9_999), st.integers(0, 9), st.integers(0, 999), st.sampled_from(["円", "口", "人", "%"]))
def test_an_amount_is_the_same_amount_in_every_writing(man: int, sen: int, rest: int, unit: str) -> None:
    whole = man * 10_000 + sen * 1_000 + rest
    wide = f"{whole:,}".translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789,"})
    tail = f"{rest}" if rest else ""
    for written in (f"{whole}", f"{whole:,}", wide, f"{man}万{sen}千{tail}", f"{man:,}万{sen * 1_000 + rest:,}"):
        assert [each.value for each in figures(written + unit)] == [whole], written


@given(st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from(["円", "口", "冊", "人", "世帯", "回", "歳", "店"]))))
def test_no_figure_swallows_its_neighbour(row: list[tuple[int, str]]) -> None:
    """However tightly they stand, each is read once and in its place."""
    found = figures("".join(f"{number:,}{unit}" for number, unit in row))
    assert [each.text for each in found] == [f"{number:,}{unit}" for number, unit in row]
    assert [each.value for each in found] == [number for number, _ in row]


@given(st.text(alphabet="0123456789,.年月日円口万千百億/-RH令和元~( )%", max_size=60))
def test_signs_of_figures_in_any_order_are_read_without_harm(text: str) -> None:
    for figure in figures(text):
        assert figure.text in normal(text)
        assert figures(figure.text) == [figure] or "/" in figure.text, "a slash is a day only before its weekday"
