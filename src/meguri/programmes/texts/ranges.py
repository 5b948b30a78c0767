"""Spans whose second end is half written, as people do: 令和8年10月1日から31日まで, 2026/10/1-10/31, 8〜9年度.

What the second end leaves out (era, year, month) is the first one's; 同 says so, 翌 means the next. In English the
first end leaves it out: 1 to 31 October 2026. Texts are `figures.normal` already. Pure.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, TypeAlias

from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date

Day: TypeAlias = date | tuple[int, int]
"""A day, or month and day where no year is said."""
End: TypeAlias = tuple[int, int, Day | None]
"""Where the second end stands (its first sign, the one after its last) and its day; None: no calendar has it."""

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH: Final = (
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
ERA: Final = r"(?:(?:令和|平成|昭和|大正|明治)\s?|(?<![A-Za-z])[RHSTM])"
DASH: Final = r"[~〜\-‐–—―−ー→]"
WEEKDAY: Final = r"\s?\([月火水木金土日][・祝休]{0,2}\)"
_HOUR = r"\s?(?:午前|午後)?\d{1,2}(?::\d{2}|時(?:\d{1,2}分|半)?)"
JOINT: Final = rf"(?:{WEEKDAY})?(?:{_HOUR})?\s?(?:から|より|{DASH})、?\s?"
"""What stands between the two ends of a Japanese span: 「(木)午前9時から」."""
SPAN_OF_TIME: Final = r"(?!\s?(?:間|以内|以上|以下|以降|未満|前|後|目|分|ごと|毎|おき|程度|くらい|ほど))"
"""After 31日, if it is a day and no number of days."""
_END = re.compile(
    rf"""{JOINT}(?P<end>(?:(?P<year>\d{{1,2}}|元)\s?年\s?|(?P<near_year>[同翌本]年?)\s?(?=\d{{1,2}}\s?月))?
         (?:(?P<month>\d{{1,2}})\s?月\s?|(?P<near_month>[同翌]月?)\s?)?(?P<day>\d{{1,2}})\s?日){SPAN_OF_TIME}""",
    re.VERBOSE,
)
_SHORT_END = re.compile(
    rf"(?:{WEEKDAY})?\s?(?:から|より|~|〜|{DASH})\s?(?P<end>(?:(?P<month>\d{{1,2}})(?P<sign>[./-]))?(?P<day>\d{{1,2}}))"
    r"(?![\d.,/%円万千百人名口冊枚回歳店時年月日]|-\d)"
)
_EN_JOINT = r"\s?(?:to|until|till|through|and|[-‐–—~])\s?"
ENGLISH: Final = (
    rf"(?<![\dA-Za-z])\d{{1,2}}\s?(?:{MONTH}\s?)?{_EN_JOINT}\d{{1,2}}\s{MONTH}(?:\s\d{{4}}(?!\d))?"
    rf"|(?<![\dA-Za-z])\d{{1,2}}\s{MONTH}\s\d{{4}}{_EN_JOINT}\d{{1,2}}\s{MONTH}(?!\s\d{{4}})"
    rf"|{MONTH}\s\d{{1,2}}{_EN_JOINT}(?:{MONTH}\s)?\d{{1,2}}(?:,?\s\d{{4}}(?!\d)|(?![\d,]))"
    rf"|{MONTH}\s\d{{1,2}},?\s\d{{4}}{_EN_JOINT}(?:{MONTH}\s)?\d{{1,2}}(?!,?\s\d{{4}}|[\d,])"
)
"""Both ends of an English span of which one leaves out something, in either order of day and month."""
FISCAL: Final = (
    rf"(?:{ERA}(?:元|\d{{1,2}})|(?<!\d)\d{{4}})\s?(?:年度?)?(?:から|より|及び|・|{DASH})(?:{ERA})?(?:元|\d{{1,4}})年度"
    r"|\bfiscal\s(?:years?\s)?\d{4}\s?(?:to|until|through|and|[-‐–—~])\s?\d{2,4}\b"
)
"""Both ends of a span of fiscal years, of which the second may leave out its era or century."""


def end_of_span(text: str, *, first: str, ends: int, day: Day) -> End | None:
    """The half-written end that follows a day; None where none does.

    `first` is the day as it is written, `ends` the place after it in the text.
    """
    match = _END.match(text, ends) or (_SHORT_END.match(text, ends) if re.search(r"\d[./-]\d{1,2}$", first) else None)
    if match is None or not _fits(match, first):
        return None
    return match.start("end"), match.end("end"), _end_day(match.groupdict(), first=first, day=day)


def _fits(match: re.Match[str], first: str) -> bool:
    """2026-10-01-31 is no span: the sign between must not be the one inside, and the inner ones are alike."""
    known = match.groupdict()
    if "sign" not in known:
        return True
    inner = first[-2] if first[-2] in "./-" else first[-3]
    hyphen = inner == "-" and "-" in match[0][: match.start("end") - match.start()]
    return not hyphen and known["sign"] in (None, inner)


def _end_day(said: dict[str, str | None], *, first: str, day: Day) -> Day | None:
    """The end's own parts, and for what it leaves out the beginning's. A month that is over by then is next year's."""
    year, (month, _) = (day.year, (day.month, day.day)) if isinstance(day, date) else (None, day)
    own_month = int(said["month"] or month) + (str(said.get("near_month") or "")[:1] == "翌")
    rolled, own_month = own_month > 12, (own_month - 1) % 12 + 1
    if year is None:
        return own_month, int(said["day"] or 0)
    if said.get("year"):
        year = _year_like(first, str(said["year"]))
    elif str(said.get("near_year") or "")[:1] == "翌" or rolled or (not said.get("near_year") and own_month < month):
        year += 1
    try:
        found = date(year, own_month, int(said["day"] or 0))
    except ValueError:
        return None
    return found if not isinstance(day, date) or found >= day else None


def _year_like(first: str, year: str) -> int:
    """令和8年…から9年…: the era goes on; 2026年…から27年…: the century does."""
    era = re.match(ERA, first)
    if era is None:
        return int(re.findall(r"\d{2}", first)[0]) * 100 + int(year.replace("元", "1"))
    try:
        return parse_date(f"{era[0]}{year}年12月31日").year
    except Refusal:
        return 0


def english_days(text: str) -> tuple[Day | None, Day | None]:
    """The two days of an English span; what one end leaves out is the other's."""
    words = [MONTHS.index(word[:3].lower()) + 1 for word in re.findall(r"[A-Za-z]{3,}\b\.?", text)
             if word[:3].lower() in MONTHS]  # fmt: skip
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    days, years = [each for each in numbers if each < 1_000], [each for each in numbers if each >= 1_000]
    if len(days) != 2 or not words:
        return None, None
    first, last = (words[0], days[0]), (words[-1], days[1])
    if not years:
        return first, last
    turns = len(years) == 1 and first > last  # said once, and the new year lies between
    is_first = numbers[-1] < 1_000
    return _dated(first, years[0] - (turns and not is_first)), _dated(last, years[-1] + (turns and is_first))


def _dated(day: tuple[int, int], year: int) -> date | None:
    try:
        return date(year, *day)
    except ValueError:
        return None


def fiscal_years(text: str) -> tuple[int, int] | None:
    """The two fiscal years of a span, as the western years in which they begin; None where an era lacks one."""
    said = re.findall(rf"({ERA})?(元|\d{{1,4}})", text)
    (era, one), (own, other) = said[0], said[1]
    if not era and not own:
        return int(one), int(other) if len(other) > 2 else int(one[:2] + other.zfill(2))
    try:
        first, last = (parse_date(f"{sign}{year}年12月31日").year for sign, year in ((era, one), (own or era, other)))
    except Refusal:
        return None
    return first, last
