"""A pile of paper applications as it is typed or comes in a file: number, birth date, units, and round, line by line.

Pure: no database, no clock. Heads may stand in any order, or be missing: then the columns come in the order above.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from meguri.words.refusal import declare

COLUMNS = ("number", "birth_date", "units", "round")
HEADS: Mapping[str, str] = {
    "宛名番号": "number", "番号": "number", "number": "number", "resident_number": "number",
    "生年月日": "birth_date", "birth_date": "birth_date", "口数": "units", "申込口数": "units", "units": "units",
    "回": "round", "販売回": "round", "round": "round",
}

PILE_UNREADABLE = declare(
    "paper_pile_unreadable", status=422,
    ja="{line}行目の引用符が閉じていません。CSVとして保存し直してください。",
    en="A quotation mark on line {line} is not closed. Please save the file as CSV again.",
)
PILE_HEAD_MISSING = declare(
    "paper_pile_head_missing", status=422,
    ja="見出しに「{head}」がありません。「宛名番号,生年月日,口数,回」の順に並べるか、見出しを付けてください。",
    en="There is no column “{head}”. Please head the columns 宛名番号, 生年月日, 口数, 回, or put them in this order.",
)


@dataclass(frozen=True, slots=True)
class PileRow:
    """A line as it was typed; `line` is where it stands (from 1, the heads counted)."""

    line: int
    number: str
    birth_date: str
    units: str
    round: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.number or self.birth_date or self.units)

    @property
    def is_complete(self) -> bool:
        return bool(self.number and self.birth_date and self.units)


def read_pile(text: str) -> list[PileRow]:
    """The lines that say something; cells are trimmed, and tabs of a spreadsheet's copy are as good as commas.

    Raises Refusal `paper_pile_unreadable`, `paper_pile_head_missing`.
    """
    table = _cells(text)
    if not table:
        return []
    _, first = table[0]
    heads = [HEADS.get(one_width(cell), "") for cell in first]
    if any(heads):
        for column in COLUMNS[:3]:
            if column not in heads:
                raise PILE_HEAD_MISSING.refusal(field="content", head=_said(column))
        table = table[1:]
    else:
        heads = list(COLUMNS)
    return [row for line, cells in table if not (row := _row(line, cells, heads=heads)).is_empty]


def typed_pile(columns: Mapping[str, Sequence[str]]) -> list[PileRow]:
    """The lines of an entry sheet, each column as the form sent it; empty ones are left out, their places stay."""
    numbers, dates, units = (columns.get(name, ()) for name in COLUMNS[:3])
    rounds = (*columns.get("round", ()), *[""] * len(numbers))
    found = [
        PileRow(line, *(cell.strip() for cell in cells))
        for line, cells in enumerate(zip(numbers, dates, units, rounds, strict=False), start=1)
    ]
    return [row for row in found if not row.is_empty]


def written_pile(rows: Iterable[PileRow]) -> str:
    """The lines as text that `read_pile` reads; with heads, so that no line is ever taken for one."""
    out = io.StringIO()
    lines = [[row.number, row.birth_date, row.units, row.round] for row in rows]
    csv.writer(out, lineterminator="\n").writerows([[_said(column) for column in COLUMNS], *lines] if lines else [])
    return out.getvalue()


def one_width(text: str) -> str:
    """A name as it is compared: full-width and capital letters are as good as others."""
    return unicodedata.normalize("NFKC", text).casefold()


def _cells(text: str) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line that is not blank; a mark of byte order comes along when text is pasted."""
    text = text.removeprefix("\ufeff")
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        found = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error:
        raise PILE_UNREADABLE.refusal(field="content", line=max(reader.line_num, 1)) from None
    return [each for each in found if any(each[1])]


def _row(line: int, cells: Sequence[str], *, heads: Sequence[str]) -> PileRow:
    by_head = {head: cell for head, cell in zip(heads, cells, strict=False) if head}
    return PileRow(line, *(by_head.get(column, "") for column in COLUMNS))


def _said(column: str) -> str:
    return next(head for head, meant in HEADS.items() if meant == column)
