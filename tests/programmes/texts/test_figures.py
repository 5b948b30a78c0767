"""Figures in any text: what people write is read as what they mean, and nothing else is taken for a figure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.texts import facts
from meguri.programmes.texts.figures import Figure, figures, has_figures, normal

READ: list[tuple[str, str, object]] = [
    ("1口10,000円", "yen", 10_000), ("1万円", "yen", 10_000), ("１万３千円", "yen", 13_000),
    ("1.2億円", "yen", 120_000_000),
    ("3億5,000万円", "yen", 350_000_000), ("￥5,000", "yen", 5_000), ("5000 yen", "yen", 5_000),
    ("2,500円分", "yen", 2_500),
    ("令和7年8月1日", "day", date(2025, 8, 1)), ("R7.08.01", "day", date(2025, 8, 1)),
    ("2025-08-01", "day", date(2025, 8, 1)),
    ("2025年8月1日(金)", "day", date(2025, 8, 1)), ("８月１日から", "day", (8, 1)),
    ("平成31年4月30日", "day", date(2019, 4, 30)),
    ("1 August 2025", "day", date(2025, 8, 1)), ("August 1, 2025", "day", date(2025, 8, 1)),
    ("31 March", "day", (3, 31)),
    ("令和7年度", "fiscal_year", 2025), ("2025年度", "fiscal_year", 2025), ("令和元年度", "fiscal_year", 2019),
    ("平成31年度", "fiscal_year", 2019), ("fiscal 2025", "fiscal_year", 2025),
    ("30%", "percent", 30), ("３割", "percent", 30), ("12.5パーセント", "percent", Fraction(25, 2)),
    ("30 per cent", "percent", 30),
    ("1,500口", "units", 1_500), ("10万口", "units", 100_000), ("5 units", "units", 5), ("1 unit", "units", 1),
    ("2冊", "books", 2), ("100名", "people", 100), ("3 people", "people", 3), ("2世帯", "households", 2),
    ("6か月", "months", 6), ("6ヶ月", "months", 6), ("６カ月", "months", 6), ("18 months", "months", 18),
    ("7日間", "days", 7), ("7日以内", "days", 7), ("19歳以上", "years", 19), ("500㎡", "area", 500),
    ("500平方メートル", "area", 500), ("500 square metres", "area", 500), ("3回", "times", 3), ("40店", "shops", 40),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "value"), READ, ids=[each[0] for each in READ])
def test_a_figure_is_read_however_it_is_written(text: str, kind: str, value: object) -> None:
    found = [figure for figure in figures(text) if figure.kind == kind]
    assert [figure.value for figure in found] == [value]


@pytest.mark.parametrize("text", [
    "", "第3条", "第7弾商品券", "資金決済に関する法律 第4条第3号", "market 12", "maybe 5", "1-2-3", "令和7年13月40日",
    "平成33年1月1日",
    "2025-13-45", "Article 12", "9" * 400 + "円", "art. 210",
])  # fmt: skip
def test_what_is_no_figure_is_left_alone(text: str) -> None:
    assert figures(text) == []
    assert not has_figures(text)


def test_several_figures_keep_their_order_and_their_words() -> None:
    found = figures("1口5,000円で6,500円分、9月1日から令和7年10月31日まで、1人5口")
    assert [each.text for each in found] == ["1口", "5,000円", "6,500円", "9月1日", "令和7年10月31日", "1人", "5口"]


def test_a_day_without_a_year_agrees_with_that_day_of_any_year() -> None:
    short, full = figures("8月1日")[0], figures("令和7年8月1日")[0]
    assert short.agrees(full)
    assert full.agrees(short)
    assert not full.agrees(figures("令和8年8月1日")[0])
    assert not short.agrees(figures("8月2日")[0])


def test_a_yen_is_no_unit() -> None:
    assert not Figure("yen", Fraction(5), "5円").agrees(Figure("units", Fraction(5), "5口"))


@given(st.integers(0, 10**12))
def test_every_amount_that_a_draft_writes_is_read_again(amount: int) -> None:
    said = facts.yen("x", amount).said
    assert [each.value for each in figures(said.ja)] == [amount]
    assert [each.value for each in figures(said.en)] == [amount]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_that_a_draft_writes_is_read_again(day: date) -> None:
    said = facts.on("x", day).said
    assert [each.value for each in figures(said.ja)] == [day]
    assert [each.value for each in figures(said.en)] == [day]


@given(st.text(max_size=300))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for figure in figures(text):
        assert figure.agrees(figure)


KANJI: list[tuple[str, str, object]] = [
    ("二千円", "yen", 2_000), ("千円", "yen", 1_000), ("一万三千円", "yen", 13_000), ("十万円", "yen", 100_000),
    ("三億二千万円", "yen", 320_000_000), ("五百 円", "yen", 500), ("一〇〇〇円", "yen", 1_000),
    ("一〇月一日", "day", (10, 1)), ("十月二十五日から", "day", (10, 25)),
    ("令和七年八月一日", "day", date(2025, 8, 1)),
    ("令和十年四月三十日", "day", date(2028, 4, 30)), ("二〇二五年八月一日", "day", date(2025, 8, 1)),
    ("令和七年8月1日", "day", date(2025, 8, 1)), ("令和七年度", "fiscal_year", 2025),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "value"), KANJI, ids=[each[0] for each in KANJI])
def test_amounts_and_days_in_kanji_are_read_as_well(text: str, kind: str, value: object) -> None:
    assert [(figure.kind, figure.value) for figure in figures(text)] == [(kind, value)]


@pytest.mark.parametrize("text", [
    "一人ひとりに", "十分に確かめる", "第一条", "万一のとき", "数千円", "何百円でも", "数十万円", "三日月", "一つの店",
    "十二月中", "千代田", "百貨店", "四月から", "二十日ごろ",
])  # fmt: skip
def test_other_words_with_signs_of_numbers_are_left_as_they_are(text: str) -> None:
    assert not has_figures(text)
    assert normal(text) == text


@given(st.integers(1, 10**9 - 1))
def test_every_amount_in_kanji_is_its_amount(yen: int) -> None:
    """Written as people write it: no 一 before 十, 百 and 千, but before 万 and 億."""
    def section(number: int) -> str:
        digits = "〇一二三四五六七八九"
        parts = [(number // unit % 10, sign) for unit, sign in ((1_000, "千"), (100, "百"), (10, "十"), (1, ""))]
        return "".join((digits[count] if count > 1 or not sign else "") + sign for count, sign in parts if count)

    wholes = [(yen // unit % 10_000, sign) for unit, sign in ((10**8, "億"), (10**4, "万"), (1, ""))]
    words = "".join(section(number) + sign for number, sign in wholes if number)
    assert [each.value for each in figures(f"合計{words}円です")] == [yen]
