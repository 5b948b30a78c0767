"""Daily lists of steps (CSV): Google Fit's, and any with a day and a number, in UTF-8 or CP932. Read line by line."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import IO

from meguri.programmes.points.step_rules import FILE_TOO_LARGE, FILE_UNREADABLE, DaysTaken, StepSource

LINE_BYTES_MAX = 16_384
HEAD_LINES = 20
"""Among so many lines the one that names the columns stands."""
DAY_HEADS = frozenset({"date", "day", "日付", "年月日", "日", "測定日"})
STEP_HEADS = frozenset({"steps", "step count", "stepcount", "step_count", "歩数", "歩数(歩)", "合計歩数"})
GOOGLE_HEADS = frozenset({"move minutes count", "heart points", "通常の運動(分)", "ハートポイント"})
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


def read_list(opened: Callable[[], IO[bytes]], taken: DaysTaken, *, bytes_max: int) -> StepSource:
    """Take in a list; a day that stands in it twice counts once, with the larger number.

    `opened` gives the file from its beginning. Raises Refusal `steps_file_unreadable`, `steps_file_too_large`.
    """
    encoding = _encoding(opened(), bytes_max=bytes_max)
    rows = csv.reader(_lines(opened(), encoding, bytes_max=bytes_max))
    try:
        heads = next((found for row in islice(rows, HEAD_LINES) if (found := _heads(row)) is not None), None)
        if heads is None:
            raise FILE_UNREADABLE.refusal(field="file")
        day, steps, source = heads
        for row in rows:
            _take(row, taken, day=day, steps=steps)
    except csv.Error:
        raise FILE_UNREADABLE.refusal(field="file") from None
    return source


def _heads(row: Sequence[str]) -> tuple[int, int, StepSource] | None:
    """The columns of the day and of the steps, where this line names both."""
    named = [unicodedata.normalize("NFKC", cell).strip().lower() for cell in row]
    day = next((place for place, name in enumerate(named) if name in DAY_HEADS), None)
    steps = next((place for place, name in enumerate(named) if name in STEP_HEADS), None)
    if day is None or steps is None:
        return None
    return day, steps, StepSource.GOOGLE_FIT if GOOGLE_HEADS & set(named) else StepSource.CSV


def _take(row: Sequence[str], taken: DaysTaken, *, day: int, steps: int) -> None:
    if not any(cell.strip() for cell in row):
        return
    told = unicodedata.normalize("NFKC", row[steps]).strip() if steps < len(row) else ""
    if not told and day < len(row):
        return  # a day on which the phone counted nothing
    number = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.0*)?歩?", told)
    on = _day(unicodedata.normalize("NFKC", row[day]).strip()) if day < len(row) else None
    if number is None or on is None:
        taken.unreadable += 1
    elif taken.counts(on):
        taken.take(on, int(number[1].replace(",", "")))


def _day(text: str) -> date | None:
    """A day with its year first; 03/04/2025 could be two days and is none."""
    found = _DAY.fullmatch(text) or _PLAIN_DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _encoding(file: IO[bytes], *, bytes_max: int) -> str:
    """UTF-8 if every line is; else CP932, whose spreadsheets know no other."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            for _ in _lines(file, encoding, bytes_max=bytes_max):
                pass
        except UnicodeDecodeError:
            file.seek(0)
            continue
        return encoding
    raise FILE_UNREADABLE.refusal(field="file")


def _lines(file: IO[bytes], encoding: str, *, bytes_max: int) -> Iterator[str]:
    size = 0
    while line := file.readline(LINE_BYTES_MAX):
        size += len(line)
        if size > bytes_max:
            raise FILE_TOO_LARGE.refusal(field="file")
        if len(line) == LINE_BYTES_MAX or b"\0" in line:
            raise FILE_UNREADABLE.refusal(field="file")
        yield line.decode("utf-8" if encoding == "utf-8-sig" and size > len(line) else encoding)
