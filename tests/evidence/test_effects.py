"""What a draw tells, in words: never more than the interval allows, and in both languages the same."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence.effects import ASSUMPTIONS, WAYS, finding, for_a_yen, missing
from meguri.evidence.lottery import HOMES_LEAST, Estimate, LotteryEffect, Missing
from meguri.words.refusal import Language

LANGUAGES: tuple[Language, ...] = ("ja", "en")
yen = st.floats(-50_000, 50_000)


def effect(value: float, low: float, high: float, *, bought: float = 2.0, weeks: float = 4.0) -> LotteryEffect:
    return LotteryEffect(
        sale=UUID(int=7), drawn=date(2026, 6, 8), weekly=Estimate(value, low, high), weeks=weeks, won=20, lost=30,
        entrants=80, bought=bought, by_week=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("weekly", "ja", "en"),
    [
        (
            (1_234.4, 100.0, 2_368.0),
            "当せんした世帯は、落せんした世帯より週に1,234円多く使いました(95%の幅は+100円から+2,368円)",
            "Homes that won spent ¥1,234 a week more than those that lost (95 % interval +¥100 to +¥2,368)",
        ),
        (
            (-1_234.4, -2_368.0, -100.0),
            "当せんした世帯は、落せんした世帯より週に1,234円少なく使いました(95%の幅は−2,368円から−100円)",
            "Homes that won spent ¥1,234 a week less than those that lost (95 % interval −¥2,368 to −¥100)",
        ),
        (
            (500.0, -1_000.0, 2_000.0),
            "当せんした世帯が多く使ったかどうかは、まだ分かりません(週に+500円、95%の幅は−1,000円から+2,000円)",
            "Whether homes that won spent more cannot be told yet (+¥500 a week; 95 % interval −¥1,000 to +¥2,000)",
        ),
        (
            (0.0, 0.0, 0.0),
            "当せんした世帯が多く使ったかどうかは、まだ分かりません(週に0円、95%の幅は0円から0円)",
            "Whether homes that won spent more cannot be told yet (¥0 a week; 95 % interval ¥0 to ¥0)",
        ),
    ],
)
def test_an_estimate_is_one_sentence_with_its_interval(weekly: tuple[float, float, float], ja: str, en: str) -> None:
    found = effect(*weekly)
    assert finding(found, language="ja") == ja
    assert finding(found, language="en") == en


@given(yen, st.floats(0, 20_000))
def test_nothing_is_claimed_while_zero_is_inside(value: float, half: float) -> None:
    found = effect(value, value - half, value + half)
    may_be_nothing = value - half <= 0 <= value + half
    assert found.weekly.is_sure == (not may_be_nothing)
    assert ("まだ分かりません" in finding(found, language="ja")) == may_be_nothing
    assert ("cannot be told yet" in finding(found, language="en")) == may_be_nothing
    if not may_be_nothing:
        assert ("多く" in finding(found, language="ja")) == (value > 0)
        assert (" more than" in finding(found, language="en")) == (value > 0)


@given(st.floats(0.5, 5), st.floats(1, 30), st.integers(1_000, 20_000), yen)
def test_for_a_yen_is_the_whole_time_over_what_was_bought(bought: float, weeks: float, unit: int, value: float) -> None:
    found = effect(value, value - 1_000, value + 1_000, bought=bought, weeks=weeks)
    for_one = value * weeks / (bought * unit)
    told = found.per_yen(unit)
    assert told is not None
    assert told.value == pytest.approx(for_one)
    assert told.high - told.low == pytest.approx(2_000 * weeks / (bought * unit))


def test_for_a_yen_is_said_to_the_hundredth_with_its_sign() -> None:
    found = effect(1_000.0, -250.0, 2_250.0, bought=1.0, weeks=4.0)
    assert for_a_yen(found, unit_yen=13_000, language="ja") == (
        "買った商品券1円あたり+0.31円(95%の幅は-0.08円から+0.69円)"
    )
    assert for_a_yen(found, unit_yen=13_000, language="en") == (
        "+0.31 yen for a yen of vouchers bought (95 % interval -0.08 to +0.69)"
    )


@pytest.mark.parametrize("bought", [0.0, -0.5])
def test_where_winners_bought_no_more_nothing_is_said_for_a_yen(bought: float) -> None:
    found = effect(1_000.0, 500.0, 1_500.0, bought=bought)
    assert found.per_yen(13_000) is None
    assert [for_a_yen(found, unit_yen=13_000, language=language) for language in LANGUAGES] == ["", ""]


@pytest.mark.parametrize(
    ("found", "figures"),
    [
        (Missing("draw"), []),
        (Missing("records", entrants=417), ["417"]),
        (Missing("homes", won=9, lost=31, entrants=417), ["417", "9", "31", str(HOMES_LEAST)]),
    ],
)
def test_what_is_missing_is_said_with_its_numbers(found: Missing, figures: list[str]) -> None:
    ja, en = (missing(found, language=language) for language in LANGUAGES)
    assert ja.endswith("。")
    assert en.isascii()
    for said in (ja, en):
        assert all(figure in said for figure in figures)
        assert "{" not in said


def test_winners_are_named_before_losers() -> None:
    found = Missing("homes", won=9, lost=31, entrants=417)
    assert "当せん9・落せん31世帯" in missing(found, language="ja")
    assert "9 that won and 31 that lost" in missing(found, language="en")


def test_what_must_be_true_and_how_to_know_is_told_in_both_languages() -> None:
    for ja, en in (*ASSUMPTIONS, *((way.how_ja, way.how_en) for way in WAYS)):
        assert ja.endswith("。")
        assert en.endswith(".")
        assert en.isascii()
