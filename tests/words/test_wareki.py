from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.words.refusal import Refusal
from meguri.words.wareki import ERAS, Style, format_date, format_year, parse_date, without_eras

APRIL = date(2025, 4, 1)


@pytest.mark.parametrize("text", [
    "R7.04.01", "R07.04.01", "r7.4.1", "R7-4-1", "R7/4/1", "令和7年4月1日", "令和07年04月01日", "令和７年４月１日",
    "令和 7年 4月 1日", "㋿7年4月1日", "5070401", "R070401", "2025-04-01", "2025/4/1", "2025.4.1", "2025年4月1日",
    "20250401", "２０２５－０４－０１", "２０２５／４／１",
])
def test_reads_what_files_write(text: str) -> None:
    assert parse_date(text) == APRIL


@pytest.mark.parametrize(("text", "on"), [
    ("令和元年5月1日", date(2019, 5, 1)), ("R1.5.1", date(2019, 5, 1)), ("H31.4.30", date(2019, 4, 30)),
    ("平成元年1月8日", date(1989, 1, 8)), ("S64.1.7", date(1989, 1, 7)), ("3250310", date(1950, 3, 10)),
    ("4121225", date(2000, 12, 25)), ("T15.12.25", date(1926, 12, 25)),
    ("昭和元年12月25日", date(1926, 12, 25)), ("M45.7.30", date(1912, 7, 30)), ("大正元年7月30日", date(1912, 7, 30)),
    ("H31.5.1", date(2019, 5, 1)), ("2024-02-29", date(2024, 2, 29)),
])
def test_reads_every_era_to_its_last_day(text: str, on: date) -> None:
    assert parse_date(text) == on


@pytest.mark.parametrize("text", [
    "4/1", "07/04/01", "25-04-01", "070401", "2025-13-01", "2025-02-29", "R7.02.30", "X7.4.1", "昭和", "R2025.4.1",
    "令和7年4月", "6070401", "2025-04-01T00:00", "1 April 2025", "45748", "R20250401", "0000-01-01",
])
def test_refuses_what_it_cannot_read(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_date(text, field="birth_date")
    assert (caught.value.code, caught.value.field) == ("date_unreadable", "birth_date")
    assert f"「{text}」" in caught.value.sentence("ja")


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\t\n"])
def test_nothing_typed_is_asked_for_and_not_quoted_back(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_date(text, field="cutoff")
    assert (caught.value.code, caught.value.field) == ("date_missing", "cutoff")
    assert caught.value.sentence("ja").startswith("日付を入力してください。")
    assert "「」" not in caught.value.sentence("ja")
    assert "“”" not in caught.value.sentence("en")


@pytest.mark.parametrize(("text", "era", "western"), [
    ("平成33年3月31日", "平成", "2021-03-31"), ("S65.1.1", "昭和", "1990-01-01"), ("R1.4.30", "令和", "2019-04-30"),
    ("H1.1.7", "平成", "1989-01-07"),
    ("5010401", "令和", "2019-04-01"), ("R0.1.1", "令和", "2018-01-01"), ("2010101", "大正", "1912-01-01"),
])
def test_a_day_outside_its_era_is_refused_with_the_western_date(text: str, era: str, western: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_date(text)
    assert caught.value.code == "date_outside_era"
    assert f"{era}の期間にありません" in caught.value.sentence("ja")
    assert western in caught.value.sentence("en")


@pytest.mark.parametrize(("on", "style", "text"), [
    (APRIL, "kanji", "令和7年4月1日"), (APRIL, "short", "R07.04.01"), (APRIL, "iso", "2025-04-01"),
    (date(2019, 5, 1), "kanji", "令和元年5月1日"), (date(2019, 4, 30), "kanji", "平成31年4月30日"),
    (date(1989, 1, 7), "short", "S64.01.07"), (date(1926, 12, 25), "short", "S01.12.25"),
    (date(1850, 1, 1), "kanji", "1850-01-01"), (date(1850, 1, 1), "short", "1850-01-01"),
])
def test_writes(on: date, style: Style, text: str) -> None:
    assert format_date(on, style) == text


def test_years() -> None:
    assert [format_year(date(year, 6, 1)) for year in (2025, 2019, 1850)] == ["令和7年", "令和元年", "1850年"]


@given(st.dates(min_value=date(1868, 10, 23), max_value=date(2117, 12, 31)), st.sampled_from(["kanji", "short", "iso"]))
def test_what_is_written_can_be_read_back(on: date, style: Style) -> None:
    assert parse_date(format_date(on, style)) == on


@given(st.dates(min_value=date(1868, 10, 23), max_value=date(2117, 12, 31)))
def test_the_packed_form_of_files_can_be_read(on: date) -> None:
    era = next(era for era in ERAS if era.start <= on)
    assert parse_date(f"{era.number}{on.year - era.start.year + 1:02}{on:%m%d}") == on
    assert parse_date(f"{on:%Y%m%d}") == on


def test_eras_stand_newest_first_with_signs_of_their_own() -> None:
    starts = [era.start for era in ERAS]
    assert starts == sorted(starts, reverse=True)
    signs = [sign for era in ERAS for sign in (era.name, era.letter, era.number)]
    assert len(set(signs)) == len(signs)


def test_days_in_a_text_are_written_as_screens_write_them_and_nothing_else_is_touched() -> None:
    told = "令和7年12月1日から平成31年4月30日まで、令和元年5月1日と、令和7年度の1月1日。"
    assert without_eras(told) == "2025年12月1日から2019年4月30日まで、2019年5月1日と、令和7年度の1月1日。"
