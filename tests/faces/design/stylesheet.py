"""Reads the style sheets as a test needs them: tokens by theme, promised pairs, WCAG contrast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import meguri.faces.design

STATIC = Path(meguri.faces.design.__file__).parent / "static" / "design"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
DECLARATION = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
PAIR = re.compile(r"/\* pair: ([\w-]+) on ([\w, -]+) at ([\d.]+) \*/")


@dataclass(frozen=True, slots=True)
class Pair:
    """A promise: `ink` on `ground` has at least `least` contrast."""

    ink: str
    ground: str
    least: float


def light() -> dict[str, str]:
    """The light colours by name."""
    return dict(DECLARATION.findall(TOKENS[: TOKENS.index("prefers-color-scheme")]))


def dark_blocks() -> list[dict[str, str]]:
    """The dark colours, as asked for by the device and as chosen by the reader."""
    parts = re.findall(r"/\* dark begins \*/(.*?)/\* dark ends \*/", TOKENS, re.DOTALL)
    return [dict(DECLARATION.findall(part)) for part in parts]


def pairs() -> list[Pair]:
    """All promised pairs."""
    return [
        Pair(ink, ground.strip(), float(least))
        for ink, grounds, least in PAIR.findall(TOKENS)
        for ground in grounds.split(",")
    ]


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance of #rrggbb."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio, 1 to 21."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)
