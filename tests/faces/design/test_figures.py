from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import figures
from meguri.words.clock import JST
from meguri.words.yen import show_yen

SEPTEMBER = datetime(2027, 8, 31, 15, tzinfo=UTC)
"""Midnight of 1 September 2027 in Japan: what ends then can be used until 31 August."""


@pytest.mark.parametrize(
    ("amount", "ja", "en"),
    [
        (0, "0円", "¥0"),
        (9_999, "9,999円", "¥9,999"),
        (10_000, "1万円", "¥10,000"),
        (34_000, "3.4万円", "¥34,000"),
        (345_678, "34.6万円", "¥345,678"),
        (3_400_000, "340万円", "¥3.4M"),
        (21_340_000, "2,134万円", "¥21.3M"),
        (99_994_999, "9,999万円", "¥100M"),
        (99_995_000, "1億円", "¥100M"),
        (100_000_000, "1億円", "¥100M"),
        (123_456_789, "1.2億円", "¥123M"),
        (999_499_999, "10億円", "¥999M"),
        (999_500_000, "10億円", "¥1bn"),
        (1_200_000_000, "12億円", "¥1.2bn"),
        (123_400_000_000, "1,234億円", "¥123bn"),
        (-1_000_000, "−100万円", "−¥1M"),
        (-500, "−500円", "−¥500"),
    ],
)
def test_amounts_are_shortened_for_charts(amount: int, ja: str, en: str) -> None:
    assert figures.short_yen(amount, "ja") == ja
    assert figures.short_yen(amount, "en") == en


@given(st.integers(0, 10**13))
def test_a_shortened_amount_is_never_further_off_than_it_shows(amount: int) -> None:
    shown = figures.short_yen(amount).removesuffix("円")
    unit = 10**8 if shown.endswith("億") else 10**4 if shown.endswith("万") else 1
    digits = shown.rstrip("億万").replace(",", "")
    grain = unit // 10 if unit > 1 and amount < 100 * unit else unit
    assert abs(round(float(digits) * unit) - amount) <= max(grain, 1)


@given(st.integers(-(10**9), 10**9), st.sampled_from(["ja", "en"]))
def test_pieces_of_an_amount_read_as_the_amount(amount: int, language: str) -> None:
    pieces = figures.amount_pieces(amount, "ja" if language == "ja" else "en")
    assert pieces.before + pieces.figure + pieces.after == show_yen(amount, language)


def test_signed_amounts_write_their_plus() -> None:
    assert figures.amount_pieces(500, "ja", signed=True) == figures.AmountPieces("+", "500", "円")
    assert figures.amount_pieces(500, "en", signed=True) == figures.AmountPieces("+¥", "500", "")
    assert figures.amount_pieces(0, "ja", signed=True).before == ""
    assert figures.amount_pieces(-500, "ja", signed=True).before == "−"


def test_days_in_both_languages_and_all_styles() -> None:
    on = date(2027, 8, 31)
    assert figures.show_day(on) == "8月31日(火)"
    assert figures.show_day(on, style="year") == "2027年8月31日(火)"
    assert figures.show_day(on, style="era") == "令和9年8月31日(火)"
    assert figures.show_day(on, style="short") == "8/31"
    assert figures.show_day(on, "en") == "Tue 31 Aug"
    assert figures.show_day(on, "en", style="year") == "Tue 31 Aug 2027"
    assert figures.show_day(on, "en", style="era") == "Tue 31 Aug 2027"
    assert figures.show_day(on, "en", style="short") == "31 Aug"


def test_the_first_year_of_an_era_has_its_own_word() -> None:
    assert figures.show_day(date(2019, 5, 1), style="era") == "令和元年5月1日(水)"


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_weekdays_are_right(on: date) -> None:
    assert figures.show_day(on, "en").startswith(f"{on:%a}")
    assert figures.WEEKDAYS_JA[on.weekday()] in figures.show_day(on)


def test_moments_are_shown_in_japan() -> None:
    at = datetime(2027, 8, 19, 15, 30, tzinfo=UTC)  # 00:30 on the 20th in Japan
    assert figures.show_time(at) == "00:30"
    assert figures.show_moment(at) == "8月20日(金) 00:30"
    assert figures.show_moment(at, "en") == "Fri 20 Aug, 00:30"
    assert figures.show_moment(at, "en", style="year") == "Fri 20 Aug 2027, 00:30"
    assert figures.as_day(at) == date(2027, 8, 20)
    assert figures.as_day(date(2027, 8, 20)) == date(2027, 8, 20)


def test_the_last_day_of_a_half_open_span() -> None:
    assert figures.last_day(SEPTEMBER) == date(2027, 8, 31)
    assert figures.last_day(SEPTEMBER + timedelta(seconds=1)) == date(2027, 9, 1)
    assert figures.last_day(date(2027, 8, 31)) == date(2027, 8, 31)
    assert figures.last_day(datetime(2027, 9, 1, tzinfo=JST)) == date(2027, 8, 31)


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(2027, 8, 19, 5, 3, tzinfo=UTC), 12),
        (datetime(2027, 8, 30, 15, 0, tzinfo=UTC), 0),  # the first minute of the last day in Japan
        (datetime(2027, 8, 31, 14, 59, tzinfo=UTC), 0),  # its last minute
        (datetime(2027, 8, 31, 15, 0, tzinfo=UTC), -1),  # over
    ],
)
def test_days_left_count_calendar_days_in_japan(at: datetime, days: int) -> None:
    assert figures.days_left(SEPTEMBER, at) == days


@pytest.mark.parametrize(
    ("days", "ja", "en"),
    [
        (12, "あと12日", "12 days left"),
        (1, "あと1日", "1 day left"),
        (0, "今日まで", "last day"),
        (-1, "期限切れ", "ended"),
        (1_000, "あと1,000日", "1,000 days left"),
    ],
)
def test_days_left_are_said(days: int, ja: str, en: str) -> None:
    assert figures.show_left(days) == ja
    assert figures.show_left(days, "en") == en


@pytest.mark.parametrize(
    ("kind", "programme", "name"),
    [
        ("購入分", "めぐり町プレミアム付商品券", "めぐり町プレミアム付商品券 購入分"),
        ("グリーン・健康ポイント", "めぐりグリーン・健康ポイント", "めぐりグリーン・健康ポイント"),
        ("Green points", "Meguri green points", "Meguri green points"),
        ("", "Meguri voucher", "Meguri voucher"),
    ],
)
def test_a_purse_says_of_which_programme_it_is(kind: str, programme: str, name: str) -> None:
    assert figures.purse_name(kind, programme=programme) == name
