"""A picture and its text twin, so that no figure is locked inside a drawing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from meguri.words.refusal import Language

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A finding as picture (`svg`, and `narrow` for phones) and as table (`columns`, `rows`: unrounded figures)."""

    svg: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    desc: str = ""
    source: str = ""
    narrow: str = ""
    kind: str = ""

    @property
    def heads(self) -> tuple[tuple[str, bool], ...]:
        """The columns, each with whether its cells are figures and stand at the right."""
        cells = [[row[place] for row in self.rows] for place in range(len(self.columns))]
        return tuple(
            (name, any(isinstance(c, int | float) for c in col)) for name, col in zip(self.columns, cells, strict=True)
        )

    def csv(self) -> str:
        """The table as CSV (CRLF, with a byte order mark, so that spreadsheets read the Japanese)."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([_harmless(name) for name in self.columns])
        writer.writerows([[_harmless(cell) for cell in row] for row in self.rows])
        return "\ufeff" + out.getvalue()


def _harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def say(language: Language, *both: str) -> str:
    """The one of two words that is spoken: `both` are the Japanese and the English one."""
    ja, en = both
    return ja if language == "ja" else en


def percent(part: float, whole: float) -> float:
    """A share in per cent with one decimal; 0 of nothing is 0."""
    return round(100 * part / whole, 1) if whole else 0.0
