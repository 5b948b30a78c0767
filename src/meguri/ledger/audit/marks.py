"""Which line of a posting was changed: four bytes of each line's hash were kept with its number."""

from __future__ import annotations

from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

import psycopg

from meguri.ledger.audit.rows import written

HEAD_LINES = ("form", "id", "municipality", "template", "effective", "recorded", "by", "about", "reverses")


def marks_of(text: str) -> list[bytes]:
    """The marks of a text's lines."""
    return [sha256(line.encode()).digest()[:4] for line in text.rstrip("\n").split("\n")]


def line_name(place: int) -> str:
    """What stands in a line (from 0)."""
    return HEAD_LINES[place] if place < len(HEAD_LINES) else f"entry {place - len(HEAD_LINES) + 1}"


def lines_changed(connection: psycopg.Connection[Any], town: int, *, posting: str) -> str:
    """The names of the lines in which a posting differs from what was numbered; how many entries came or went."""
    row = connection.execute(
        "SELECT marks FROM ledger.sequence WHERE municipality_id = %s AND posting_id = %s", [town, posting]
    ).fetchone()
    now = [one.text for one in written(connection, town, only=[posting])]
    if row is None or not now:
        return "gone"
    before = [bytes(row[0][start : start + 4]) for start in range(0, len(row[0]), 4)]
    return compare(before, marks_of(now[0])) or "its kept hash"


def compare(before: list[bytes], now: list[bytes]) -> str:
    """Where two lists of marks differ, in words."""
    said = []
    for what, first, last, start, end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if what == "delete":
            said += [f"{line_name(place)} removed" for place in range(first, last)]
        elif what == "insert":
            said += [f"{line_name(place)} inserted" for place in range(start, end)]
        elif what == "replace":
            said += [line_name(place) for place in range(first, max(last, first + end - start))]
    return ", ".join(said)
