"""Dates as Japanese files and letters write them: R7.04.01, 5070401, 令和7年4月1日, 2025-04-01."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from meguri.words.refusal import Refusal, declare

DATE_UNREADABLE = declare(
    "date_unreadable", status=422,
    ja="「{text}」は日付として読めません。2025-04-01、R7.04.01、令和7年4月1日 のように書いてください。",
    en="“{text}” cannot be read as a date. Write it like 2025-04-01, R7.04.01 or 令和7年4月1日.",
)
DATE_MISSING = declare(
    "date_missing", status=422,
    ja="日付を入力してください。2025-04-01、R7.04.01、令和7年4月1日 のように書けます。",
    en="Please enter a date, for example 2025-04-01, R7.04.01 or 令和7年4月1日.",
)
DATE_OUTSIDE_ERA = declare(
    "date_outside_era", status=422,
    ja="「{text}」は{era}の期間にありません。元号と年を確かめるか、{western} のように西暦で書いてください。",
    en="“{text}” does not lie in the era {era}. Check the era and the year, or write the western date, e.g. {western}.",
)


@dataclass(frozen=True, slots=True)
class Era:
    """元号, with the letter and the number that files use. `start` is its first day."""

    name: str
    letter: str
    number: int
    start: date


ERAS = (  # newest first; each ends on the day before the next one starts
    Era("令和", "R", 5, date(2019, 5, 1)),
    Era("平成", "H", 4, date(1989, 1, 8)),
    Era("昭和", "S", 3, date(1926, 12, 25)),
    Era("大正", "T", 2, date(1912, 7, 30)),
    Era("明治", "M", 1, date(1868, 10, 23)),
)
_BY_SIGN = {sign: era for era in ERAS for sign in (era.name, era.letter, str(era.number))}

_SEPARATED = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|[RHSTM])?(?P<year>元|[0-9]{1,4})[-./年](?P<month>[0-9]{1,2})[-./月](?P<day>[0-9]{1,2})日?"
)
_IN_KANJI = re.compile(r"(?:令和|平成|昭和|大正|明治)(?:元|[0-9]{1,2})年[0-9]{1,2}月[0-9]{1,2}日")
_PACKED = re.compile(r"(?P<era>[RHSTM1-5])?(?P<year>[0-9]{2}|[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")

Style = Literal["kanji", "short", "iso"]


def parse_date(text: str, *, field: str = "date") -> date:
    """Read a date as Japanese municipal files write it; full-width signs and spaces are accepted.

    A year without an era must have four digits: 07/04/01 could be 2025, 1932 or 2007.
    Raises Refusal `date_missing`, `date_unreadable` or `date_outside_era` (平成33年), naming `field`.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not plain:
        raise DATE_MISSING.refusal(field=field)
    found = _SEPARATED.fullmatch(plain) or _PACKED.fullmatch(plain)
    if not found:
        raise _unreadable(text, field)
    era = _BY_SIGN.get(found["era"] or "")
    year = 1 if found["year"] == "元" else int(found["year"])
    if (era is None) != (len(found["year"]) == 4):
        raise _unreadable(text, field)
    try:
        on = date(year + era.start.year - 1 if era else year, int(found["month"]), int(found["day"]))
    except ValueError:
        raise _unreadable(text, field) from None
    if era and not _lies_in(on, era):
        raise DATE_OUTSIDE_ERA.refusal(field=field, text=text[:40], era=era.name, western=on.isoformat())
    return on


def format_date(on: date, style: Style = "kanji") -> str:
    """`令和7年4月1日`, `R07.04.01` or `2025-04-01`. Days before 明治 are only written in the western way."""
    era = _era(on)
    if style == "iso" or era is None:
        return on.isoformat()
    if style == "short":
        return f"{era.letter}{_era_year(on, era):02}.{on.month:02}.{on.day:02}"
    return f"{format_year(on)}{on.month}月{on.day}日"


def format_year(on: date) -> str:
    """The year of a day: 「令和7年」, 「令和元年」; before 明治 「1850年」."""
    era = _era(on)
    if era is None:
        return f"{on.year}年"
    year = _era_year(on, era)
    return f"{era.name}{'元' if year == 1 else year}年"


def without_eras(text: str) -> str:
    """The text with its days (令和7年4月1日) as screens write them: 2025年4月1日."""
    return _IN_KANJI.sub(lambda found: _western(parse_date(found[0])), text)


def _western(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _era(on: date) -> Era | None:
    return next((era for era in ERAS if era.start <= on), None)


def _lies_in(on: date, era: Era) -> bool:
    """Also on the first day of the next era: 明治45年7月30日 and 大正元年7月30日 are one day."""
    following = [other.start for other in ERAS if other.start > era.start]
    return era.start <= on <= min(following, default=date.max)


def _era_year(on: date, era: Era) -> int:
    return on.year - era.start.year + 1


def _unreadable(text: str, field: str) -> Refusal:
    return DATE_UNREADABLE.refusal(field=field, text=text[:40])
