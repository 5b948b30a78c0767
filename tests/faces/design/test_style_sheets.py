"""Templates, styles and scripts keep their agreements: nothing inline, nothing from outside, one vocabulary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import meguri.faces.design

ROOM = Path(meguri.faces.design.__file__).parent
STATIC = ROOM / "static" / "design"
SHEETS = sorted(STATIC.glob("*.css"))
SCRIPTS = sorted(STATIC.glob("*.js"))
TEMPLATES = sorted((ROOM / "templates").rglob("*.html"))
PYTHON = sorted(ROOM.rglob("*.py"))


def bare(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


def classes_of_styles() -> set[str]:
    selectors = "".join(re.sub(r"[\d.]+(px|rem|em|s|ms)\b", "", bare(sheet)) for sheet in SHEETS)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_templates_hold_no_inline_style_script_or_handler(template: Path) -> None:
    markup = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", template.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=", markup)
    assert not re.search(r"<style", markup)
    assert not re.search(r"<script(?![^>]*\bsrc=)", markup)
    assert not re.search(r"\son[a-z]+=", markup)
    assert "javascript:" not in markup


@pytest.mark.parametrize("path", [*TEMPLATES, *SHEETS, *SCRIPTS], ids=lambda path: path.name)
def test_nothing_is_loaded_from_outside(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"(src|href|url\(|@import|fetch\()\s*=?\s*[\"'(]?\s*(https?:)?//", text)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheets_are_whole(sheet: Path) -> None:
    text = bare(sheet)
    assert text.count("{") == text.count("}")
    assert not re.search(r"[^;{}\s]\s*\n\s*[\w-]+\s*:[^;{}]*;\s*\n\s*[\w-]+\s*:[^:;{}]*\{", text)
    assert len(sheet.read_text().splitlines()) <= 600


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sides_follow_the_reading_direction(sheet: Path) -> None:
    physical = r"(?<![\w-])(margin|padding|border)-(left|right|top|bottom)\b|(?<![\w-])(left|right|top|bottom)\s*:"
    assert re.findall(physical, bare(sheet)) == []


def test_distances_stay_on_the_grid() -> None:
    """Named distances are steps of four pixels; small literal ones are the exceptions of lines and marks."""
    tokens = bare(STATIC / "tokens.css")
    steps = [int(n) for n in re.findall(r"--space-(\d+):", tokens)]
    assert steps
    assert all(step % 4 == 0 for step in steps)
    assert all(f"--space-{step}: {step}px;" in tokens for step in steps)


def test_targets_are_large_enough_for_cold_fingers() -> None:
    assert "--target: 48px" in bare(STATIC / "tokens.css")
    sheets = "".join(bare(sheet) for sheet in SHEETS)
    for name in ("button", "header__way", "input", "choice", "choose__one", "side__link"):
        rule = re.search(rf"^\.{name} \{{(.*?)\}}", sheets, re.DOTALL | re.MULTILINE)
        assert rule is not None, name
        assert "min-block-size: var(--target)" in rule[1], name


def test_motion_only_where_money_moves() -> None:
    moving = {name for sheet in SHEETS for name in re.findall(r"@keyframes ([\w-]+)", bare(sheet))}
    assert moving == {"close-the-ring", "tick", "go-round"}
    assert "prefers-reduced-motion" in bare(STATIC / "base.css")


def test_nothing_appears_by_hovering_alone() -> None:
    for sheet in SHEETS:
        for rule in re.findall(r":hover[^{]*\{([^}]*)\}", bare(sheet)):
            assert not re.search(r"display|visibility|opacity|content", rule), sheet.name


def test_every_class_that_templates_use_is_styled() -> None:
    styled = classes_of_styles()
    silent = {
        "chart__wide", "side__list", "side__ways", "footer__links", "plain-links", "chart__table", "style",
        "specimen__stage", "office__body", "phone", "office",
    }  # fmt: skip
    used: set[str] = set()
    for template in TEMPLATES:
        markup = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", template.read_text(), flags=re.DOTALL)
        plain = re.sub(r"[\w-]*\{\{.*?\}\}[\w-]*|\{%.*?%\}", " ", markup, flags=re.DOTALL)
        used |= {name for value in re.findall(r'class="([^"]*)"', plain) for name in value.split() if name[-1] != "-"}
    assert used - styled - silent == set()


def test_every_class_that_pictures_use_is_styled() -> None:
    drawn = {
        name
        for path in (ROOM / "charts").glob("*.py")
        for value in re.findall(r'class_="([\w -]+)"|"class_": "([\w -]+)"', path.read_text())
        for name in " ".join(value).split()
    }
    silent = {"ring", "chart__picture"}
    assert drawn - classes_of_styles() - silent == set()


def test_hidden_things_stay_hidden() -> None:
    assert "[hidden] {\n  display: none !important;\n}" in (STATIC / "base.css").read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_small_strict_and_write_no_markup(script: Path) -> None:
    text = script.read_text()
    assert '"use strict"' in text
    assert len(text.splitlines()) < 90
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        ".style.",
        "new Function",
    ):
        assert forbidden not in text


def test_the_frame_loads_every_sheet_and_script() -> None:
    frame = (ROOM / "templates" / "design" / "base.html").read_text()
    for path in [*SHEETS, *SCRIPTS]:
        if path.name != "style-page.css":
            assert f"design/{path.name}" in frame, path.name
    assert "{% htmx_script %}" in frame
    assert '"allowEval":false' in frame
    assert '"includeIndicatorStyles":false' in frame  # htmx would write a style element


def test_base_letters_are_18_px_on_wallet_and_till_and_16_px_in_the_office() -> None:
    tokens = bare(STATIC / "tokens.css")
    assert re.search(r':root\[data-face="resident"\],\s*:root\[data-face="merchant"\] \{\s*font-size: 112\.5%', tokens)
    assert re.search(r":root \{\s*font-size: 100%", tokens)


def test_no_font_is_downloaded() -> None:
    assert not any("@font-face" in bare(sheet) for sheet in SHEETS)
