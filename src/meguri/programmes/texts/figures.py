"""Amounts, days, rates and counts in any text, however written: full-width, 1万3千円, 二千円, 令和7年8月1日, 8/1."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from meguri.programmes.texts import ranges
from meguri.programmes.texts.ranges import DASH, ERA, MONTH, MONTHS, SPAN_OF_TIME, WEEKDAY
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date

COUNTED = {
    "口": "units", "冊": "books", "枚": "pieces", "人": "people", "名": "people", "世帯": "households", "回": "times",
    "日間": "days", "日": "days", "歳": "years", "平方メートル": "area", "m2": "area", "店": "shops",
    "ポイント": "points", "歩": "steps",
    "unit": "units", "book": "books", "people": "people", "person": "people", "household": "households",
    "time": "times", "month": "months", "day": "days", "year": "years", "square metre": "area", "shop": "shops",
    "point": "points", "step": "steps",
}  # fmt: skip
"""What a word behind a number counts."""

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15}(?:\.\d{1,4})?)"
_ALONE = r"(?<![\d.,])"
_SCALES = {"億": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "千": 10**3, "百": 10**2, "": 1}
_SCALE = "億|[千百]?万|千|百"
_LARGE = rf"{_ALONE}(?:(?:{_NUMBER}(?:{_SCALE})){{1,4}}{_NUMBER}?|{_NUMBER})"
_ERA = rf"{ERA}(?:元|\d{{1,2}})"
_SPAN_FOLLOWS = rf"(?=(?:{WEEKDAY})?\s?(?:から|より|{DASH})\s?\d{{1,2}}/\d{{1,2}}(?![\d/]))"
_PATTERN = re.compile(
    rf"""
    (?P<english_span>{ranges.ENGLISH})
  | (?P<fiscal_span>{ranges.FISCAL})
  | (?P<fiscal>(?:{_ERA}|(?<!\d)\d{{4}})年度|\bfiscal\s(?:year\s)?\d{{4}}\b)
  | (?P<full>(?:{_ERA}|(?<!\d)\d{{4}})(?:\s?年\s?|[./-])\d{{1,2}}(?:\s?月\s?|[./-])\d{{1,2}}(?:\s?日)?(?!\d))
  | (?P<short>(?<![\d/])\d{{1,2}}(?:\s?月\s?\d{{1,2}}\s?日
        |/\d{{1,2}}(?:(?=\s?\([月火水木金土日][・)])|{_SPAN_FOLLOWS})))
  | (?P<english>(?<![\dA-Za-z])\d{{1,2}}\s{MONTH}(?:\s\d{{4}}\b)?|{MONTH}\s\d{{1,2}}(?:,?\s\d{{4}}\b|(?![\d,])))
  | (?P<yen>¥\s?{_LARGE}|{_LARGE}\s?(?:円|yen\b))
  | (?P<percent>{_LARGE}\s?(?:%|パーセント|per\s?cent)|(?<!\d)\d割)
  | (?P<months>{_LARGE}\s?(?:[かヶカヵ箇ケ]月|months?\b))
  | (?P<counted>{_LARGE}(?:口|冊|枚|人|名|世帯|回|日間|日|歳|平方メートル|m2|店|ポイント|歩
        |\s?(?:units?|books?|people|persons?|households?|times?|days?|years?|square\smetres?|shops?|points?|steps?)\b))
    """,
    re.VERBOSE | re.IGNORECASE,
)


_DIGITS = "〇一二三四五六七八九"
_TENS = {"十": 10, "百": 100, "千": 1_000}
_WHOLES = {"万": 10**4, "億": 10**8}
_KANJI_YEN = re.compile(rf"(?<![\d.,何数{_DIGITS}十百千万億])[{_DIGITS}十百千万億]{{1,20}}(?=\s?円)")
_KANJI_DAY = re.compile(rf"(?<![{_DIGITS}十])([{_DIGITS}十]{{1,3}})\s?月\s?([{_DIGITS}十]{{1,3}})\s?日")
_KANJI_END = re.compile(
    rf"((?:\d\s?日|[)時分])\s?(?:から|より|{DASH})、?\s?)([{_DIGITS}十]{{1,3}})"
    rf"(?=\s?(?:日{SPAN_OF_TIME}|年[{_DIGITS}十\d]{{1,3}}\s?月))|([らり・び~〜\-–—→]\s?)([{_DIGITS}十]{{1,3}})(?=\s?年度)"
)
_KANJI_YEAR = re.compile(
    rf"(?<=令和|平成|昭和|大正|明治)[{_DIGITS}十]{{1,3}}(?=\s?年)|(?<![{_DIGITS}])[{_DIGITS}]{{4}}(?=\s?年)"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a kind. A day without a year has the value (month, day); `text` is how it is written."""

    kind: str
    value: date | tuple[int, int] | Fraction
    text: str

    def agrees(self, other: Figure) -> bool:
        """Whether both say the same; a day without a year agrees with that day of any year."""
        if self.kind != other.kind:
            return False
        if self.kind != "day":
            return self.value == other.value
        return self.value == other.value if _is_full(self, other) else _day(self) == _day(other)


def normal(text: str) -> str:
    """Full-width signs as plain ones, one kind of line end, and nothing that cannot be seen between the signs.

    Amounts and days in kanji (二千円, 一〇月二十日) stand in digits; other words with such signs (一人, 十分) stay.
    """
    seen = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", unicodedata.normalize("NFKC", text))
    seen = _KANJI_YEN.sub(lambda match: str(_kanji(match[0])), seen)
    seen = _KANJI_DAY.sub(lambda match: f"{_kanji(match[1])}月{_kanji(match[2])}日", seen)
    seen = _KANJI_END.sub(lambda match: f"{match[1] or match[3]}{_kanji(match[2] or match[4])}", seen)
    seen = _KANJI_YEAR.sub(lambda match: str(_kanji(match[0])), seen)
    return re.sub("\r\n|[\r\v\f\u0085\u2028\u2029]", "\n", seen)


def figures(text: str) -> list[Figure]:
    """All figures of a text, in its order."""
    return [figure for _, _, figure in placed(normal(text))]


def has_figures(text: str) -> bool:
    return next(placed(normal(text)), None) is not None


def placed(text: str) -> Iterator[tuple[int, int, Figure]]:
    """Figures of a text that is `normal` already, each with its first sign and the one after its last."""
    for first, last, _, figure in _found(text):
        if figure is not None:
            yield first, last, figure


def unreadable_days(text: str) -> list[str]:
    """Days of a `normal` text that no calendar has (31 June, 平成33年): slips of the pen, and no figures."""
    return [written for _, _, written, figure in _found(text) if figure is None]


def _found(text: str) -> Iterator[tuple[int, int, str, Figure | None]]:
    """Every place that looks like a figure, as it is written and read; the half-written end of a span by its whole."""
    place = 0
    while match := _PATTERN.search(text, place):
        group, written, place = str(match.lastgroup), match[0], match.end()
        if group in ("english_span", "fiscal_span"):
            yield from _both_ends(match)
            continue
        figure = _read(group, written)
        yield match.start(), match.end(), written, figure
        if figure is not None and figure.kind == "day" and not isinstance(figure.value, Fraction):
            end = ranges.end_of_span(text, first=written, ends=match.end(), day=figure.value)
            if end is not None:
                begins, place, day = end
                whole = text[match.start() : place]
                yield begins, place, whole, None if day is None else Figure("day", day, whole)


def _both_ends(match: re.Match[str]) -> Iterator[tuple[int, int, str, Figure | None]]:
    """A span that is written as one: its two ends share its place, and both are named by all of it."""
    text, middle = match[0], (match.start() + match.end()) // 2
    places = ((match.start(), middle), (middle, match.end()))
    if match.lastgroup == "english_span":
        for (first, last), day in zip(places, ranges.english_days(text), strict=True):
            yield first, last, text, None if day is None else Figure("day", day, text)
        return
    years = ranges.fiscal_years(text)
    for (first, last), year in zip(places, years or (None, None), strict=True):
        yield first, last, text, None if year is None else Figure("fiscal_year", Fraction(year), text)


def _read(group: str, text: str) -> Figure | None:
    match group:
        case "full":
            return _full_day(text)
        case "short":
            month, day = (int(each) for each in re.findall(r"\d+", text))
            return Figure("day", (month, day), text)
        case "english":
            return _english_day(text)
        case "fiscal":
            return _fiscal(text)
        case "percent":
            return Figure(group, _large(text) * (10 if text.endswith("割") else 1), text)
        case "yen" | "months":
            return Figure(group, _large(text), text)
        case _:
            word = re.sub(r"^[\d.,億万千百\s]+", "", text).lower()
            kind = COUNTED[word] if word in COUNTED else COUNTED[word.removesuffix("s")]
            return Figure(kind, _large(text.removesuffix("m2")), text)


def _full_day(text: str) -> Figure | None:
    try:
        return Figure("day", parse_date(text), text)
    except Refusal:
        return None


def _english_day(text: str) -> Figure | None:
    word = re.search(r"[a-z]{3}", text.lower())
    month = MONTHS.index(word[0]) + 1 if word else 0
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    if len(numbers) == 1:
        return Figure("day", (month, numbers[0]), text)
    try:
        return Figure("day", date(numbers[1], month, numbers[0]), text)
    except ValueError:
        return None


def _fiscal(text: str) -> Figure | None:
    western = re.search(r"\d{4}", text)
    if western:
        return Figure("fiscal_year", Fraction(western[0]), text)
    for day in ("4月1日", "12月31日"):  # an era's own first day may lie between them
        try:
            return Figure("fiscal_year", Fraction(parse_date(f"{text.removesuffix('度')}{day}").year), text)
        except Refusal:
            continue
    return None


def _large(text: str) -> Fraction:
    """1万3千円 -> 13,000; 1.2億円 -> 120,000,000."""
    parts = re.findall(rf"(\d[\d,]*(?:\.\d+)?)({_SCALE}|)", text)
    return sum((Fraction(number.replace(",", "")) * _SCALES[scale] for number, scale in parts), Fraction(0))


def _kanji(text: str) -> int:
    """二千五百 -> 2,500; 一〇 -> 10; 三億二千万 -> 320,000,000."""
    total = section = number = 0
    for sign in text:
        if sign in _DIGITS:
            number = number * 10 + _DIGITS.index(sign)
        elif sign in _TENS:
            section, number = section + (number or 1) * _TENS[sign], 0
        else:
            total, section, number = total + (section + number or 1) * _WHOLES[sign], 0, 0
    return total + section + number


def _is_full(*both: Figure) -> bool:
    return all(isinstance(each.value, date) for each in both)


def _day(figure: Figure) -> tuple[int, int] | Fraction:
    return (figure.value.month, figure.value.day) if isinstance(figure.value, date) else figure.value
