"""A list as registers and spreadsheets write it, made into the one form that the import reads.

Files come in UTF-8 or in the CP932 (Shift_JIS) of Japanese spreadsheets, with Japanese heads, full-width digits and the
register's own number (宛名番号) of a person. The number is looked up by its HMAC in the vault; nothing is opened, and
from here on only the pseudonym is shown.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence

from meguri.vault.queries import find_many
from meguri.vault.rules import Field
from meguri.words.refusal import declare

HEADS: Mapping[str, str] = {
    "宛名番号": "person", "対象者": "person", "resident_number": "person", "受取人": "recipient",
    "受取人の宛名番号": "recipient", "recipient_number": "recipient", "金額": "amount_yen", "支給額": "amount_yen",
}
"""Heads that stand for ours; heads that nobody knows stay and are passed over."""
BY_NUMBER = frozenset({"person", "recipient"})

LINE_UNREADABLE = declare(
    "benefit_line_unreadable", status=422,
    ja="{line}行目の文字が読めません。CSVをUTF-8かShift_JIS(CP932)で保存し直してください。",
    en="Line {line} cannot be read as text. Please save the CSV file as UTF-8 or Shift_JIS (CP932).",
)


def read_text(content: bytes) -> str:
    """The file's text, whichever of the two encodings it has. Raises Refusal `benefit_line_unreadable`."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    line = next(number for number, each in enumerate(content.split(b"\n"), start=1) if not _is_cp932(each))
    raise LINE_UNREADABLE.refusal(field="file", line=line)


def _is_cp932(line: bytes) -> bool:
    try:
        line.decode("cp932")
    except UnicodeDecodeError:
        return False
    return True


def as_import_reads(content: bytes, *, municipality: int) -> bytes:
    """The same list with our heads, pseudonyms and plain amounts, line for line; what is in our form stays as it is.

    Raises Refusal `benefit_line_unreadable`. What is no CSV is left to the import's own refusal.
    """
    text = read_text(content)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return text.encode()
    if not table:
        return text.encode()
    heads = [HEADS.get(cell.strip(), cell.strip()) for cell in table[0]]
    people = _pseudonyms(table[1:], heads=heads, municipality=municipality)
    rows = [[_cell(cell, head, people=people) for cell, head in _headed(row, heads)] for row in table[1:]]
    return text.encode() if [heads, *rows] == table else _written([heads, *rows])


def _headed(row: Sequence[str], heads: Sequence[str]) -> list[tuple[str, str]]:
    """Cells with their heads; cells beyond the heading have none."""
    return [(cell, heads[place] if place < len(heads) else "") for place, cell in enumerate(row)]


def _pseudonyms(rows: Sequence[Sequence[str]], *, heads: Sequence[str], municipality: int) -> dict[str, str]:
    """The register's number -> the pseudonym, for every number that stands in the list and is known once."""
    typed = {cell.strip() for row in rows for cell, head in _headed(row, heads) if head in BY_NUMBER}
    numbers = sorted(cell for cell in typed if cell and "-" not in cell)
    found = find_many(Field.RESIDENT_NUMBER, numbers, municipality=municipality) if numbers else {}
    return {number: str(subjects[0]) for number, subjects in found.items() if len(subjects) == 1}


def _cell(cell: str, head: str, *, people: Mapping[str, str]) -> str:
    if head in BY_NUMBER:
        return people.get(cell.strip(), cell)
    if head == "amount_yen":
        return re.sub(r"[\s,円¥]", "", unicodedata.normalize("NFKC", cell))
    return cell


def _written(table: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode()
