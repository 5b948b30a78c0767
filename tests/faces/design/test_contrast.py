"""Every pair of colours that tokens.css promises is readable, in both themes, by WCAG 2's arithmetic."""

from __future__ import annotations

import re

import pytest

from meguri.faces.design.charts.drawing import PAPER
from tests.faces.design.stylesheet import STATIC, TOKENS, Pair, contrast, dark_blocks, light, pairs

PAIRS = pairs()
LIGHT = light()
DARK = {**LIGHT, **dark_blocks()[0]}


def test_the_arithmetic_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#1a1a1a", "#1a1a1a") == 1


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.ink}-on-{pair.ground}")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_promised_pairs_are_readable(pair: Pair, theme: str) -> None:
    colours = LIGHT if theme == "light" else DARK
    assert contrast(colours[pair.ink], colours[pair.ground]) >= pair.least


def test_the_golden_sheet_keeps_black_ink_and_a_black_ring_in_both_themes() -> None:
    counter = (STATIC / "counter.css").read_text(encoding="utf-8")
    assert ".paid :focus-visible {\n  outline-color: #000000;" in counter
    assert all(contrast("#000000", colours["gold"]) >= 7 for colours in (LIGHT, DARK))


def test_the_promises_cover_text_on_every_ground_and_all_three_hues() -> None:
    promised = {(pair.ink, pair.ground) for pair in PAIRS}
    for ground in ("ground", "paper", "raised", "sunken"):
        assert {("ink", ground), ("ink-soft", ground), ("link", ground)} <= promised
    for hue in ("voucher", "point", "benefit"):
        assert {(hue, "ground"), (hue, f"{hue}-tint"), ("on-hue", hue), ("ink", f"{hue}-tint")} <= promised
    for tone in ("info", "good", "warn", "bad"):
        assert {(tone, f"{tone}-tint"), ("ink", f"{tone}-tint")} <= promised


def test_no_promise_is_weaker_than_the_level_aa() -> None:
    graphical = {"edge", "rest", "focus-outer", "focus-inner"}
    assert all(pair.least >= (3 if pair.ink in graphical else 4.5) for pair in PAIRS)


def test_a_promise_that_is_broken_would_be_seen() -> None:
    assert contrast("#999999", LIGHT["ground"]) < 4.5


def test_the_two_dark_themes_are_one() -> None:
    asked, chosen = dark_blocks()
    assert asked == chosen
    assert len(asked) > 40


def test_paper_is_always_light() -> None:
    assert TOKENS.count("@media screen") == 2


def test_every_dark_colour_exists_in_light() -> None:
    assert dark_blocks()[0].keys() <= LIGHT.keys()


def test_the_three_hues_differ_in_more_than_one_way() -> None:
    # Hue alone is never the message, but the three should also not melt into one for colour-blind readers.
    hues = [LIGHT[name] for name in ("voucher", "point", "benefit")]
    assert len(set(hues)) == 3
    assert all(contrast(one, LIGHT["ground"]) >= 4.5 for one in hues)


def test_pictures_that_leave_the_page_wear_the_light_colours() -> None:
    names = {"soft": "ink-soft", "sum": "ink", "line": "hairline"}
    same = {key: LIGHT[names.get(key, key)] for key in PAPER if key != "line"}
    assert same == {key: value for key, value in PAPER.items() if key != "line"}


def test_every_colour_names_its_token_or_says_that_it_is_mixed() -> None:
    scales = "solid-gray|light-blue|blue|green|yellow|orange|red|magenta|purple"
    source = re.compile(rf"/\* ((white|black)\b.*|between .+|({scales})-\d+.*) *\*/")
    lines = [line.strip() for line in TOKENS.splitlines() if DECLARES.match(line)]
    assert [line for line in lines if not source.search(line)] == []


DECLARES = re.compile(r"\s*--[\w-]+: #[0-9a-f]{6};")


def test_colours_are_named_only_in_the_tokens() -> None:
    """Elsewhere a style sheet asks for a name, except where a thing keeps its colour in every theme."""
    kept = {"counter.css", "print.css", "base.css"}  # codes are black on white; paper is white; #0000 in masks
    strays = {
        sheet.name: found
        for sheet in STATIC.glob("*.css")
        if sheet.name not in {"tokens.css", *kept}
        and (found := [c for c in re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text()) if c not in ("#0000", "#000")])
    }
    assert strays == {}


def test_every_name_that_a_style_sheet_asks_for_is_declared() -> None:
    sheets = {
        sheet.name: re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL) for sheet in STATIC.glob("*.css")
    }
    declared = {name for text in sheets.values() for name in re.findall(r"(--[\w-]+)\s*:", text)}
    missing = {
        f"{sheet}: {name}" for sheet, text in sheets.items() for name in re.findall(r"var\((--[\w-]+)", text)
        if name not in declared
    }  # fmt: skip
    assert missing == set()
