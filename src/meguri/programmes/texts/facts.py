"""What a document holds, as facts that texts say: amounts, days, counts, names, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from meguri.parties.rules import Both
from meguri.programmes.parts import BudgetLine, Text, Window
from meguri.programmes.sharing import WHOLE
from meguri.programmes.texts.sentences import Fact
from meguri.programmes.vocabularies import RESIDENTS, SHOPS
from meguri.words import predicate
from meguri.words.predicate import Predicate, Vocabulary
from meguri.words.wareki import format_date, format_year
from meguri.words.yen import show_yen

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
UNIT, BOOKS, TIMES, PEOPLE, DAYS, MONTHS_LONG, STEPS = (
    Both("口", "units"), Both("冊", "books"), Both("回", "times"), Both("人", "people"), Both("日", "days"),
    Both("か月", "months"), Both("歩", "steps"),
)


def yen(path: str, amount: int) -> Fact:
    return Fact(path, Both(show_yen(amount), show_yen(amount, "en")))


def count(path: str, number: int, *, unit: Both = UNIT) -> Fact:
    one = unit.en.removesuffix("s") if number == 1 else unit.en
    return Fact(path, Both(f"{number:,}{unit.ja}", f"{number:,} {one}"))


def percent(path: str, basis_points: int) -> Fact:
    return Fact(path, Both(f"{basis_points / 100:g}%", f"{basis_points / 100:g}%"))


def on(path: str, day: date) -> Fact:
    """A day as ordinances write it, and in English in full."""
    return Fact(path, Both(format_date(day), f"{day.day} {MONTHS[day.month - 1]} {day.year}"))


def span(path: str, window: Window) -> tuple[Fact, Fact]:
    return on(f"{path}.first_day", window.first_day), on(f"{path}.last_day", window.last_day)


def fiscal_year(path: str, year: int) -> Fact:
    return Fact(path, Both(f"{format_year(date(year, 4, 1))}度", f"fiscal {year}"))


def named(path: str, text: Text) -> Fact:
    """The document's own words, without a full stop: the sentence around them ends itself."""
    return Fact(path, Both(text.ja.rstrip("。"), text.en.rstrip(".")))


def all_named(texts: Sequence[tuple[str, Text]], *, by: str = "及び") -> tuple[str, str, dict[str, Fact]]:
    """A row of names: how both languages put it in a sentence, and its facts. Each can be lost alone."""
    facts = {f"item_{place}": named(path, text) for place, (path, text) in enumerate(texts)}
    braces = [f"{{{name}}}" for name in facts]
    return joined(braces, by=by), "; ".join(braces), facts


def joined(words: Sequence[str], *, by: str) -> str:
    """A row of names as ordinances write it: 「A、B及びC」, 「A又はB」."""
    return by.join(part for part in ("、".join(words[:-1]), words[-1]) if part)


def joined_en(words: Sequence[str]) -> str:
    """“A, B or C”."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def condition(path: str, what: Predicate, *, vocabulary: Vocabulary) -> Fact | None:
    """A condition in words, in Japanese as it stands before 者 or 店; None where nothing is asked."""
    if what == predicate.EVERYTHING:
        return None
    rule = predicate.parse(what, vocabulary)
    return Fact(path, Both(predicate.clause(rule), predicate.sentence(rule, "en")))


def of_residents(path: str, what: Predicate) -> Fact | None:
    return condition(path, what, vocabulary=RESIDENTS)


def of_shops(path: str, what: Predicate) -> Fact | None:
    return condition(path, what, vocabulary=SHOPS)


def budget_line(path: str, line: BudgetLine) -> Fact:
    """会計 and 款・項・目・節, as the town's books name the place."""
    ja = f"{line.account} {line.kan}・{line.kou}・{line.moku}・{line.setsu}"
    return Fact(path, Both(ja, ja))


def measured(path: str, target: int, *, unit: str) -> Fact:
    """A goal's target in the unit of its indicator."""
    if unit == "yen":
        return yen(path, target)
    if unit == "bp":
        return percent(path, target)
    units = {"people": PEOPLE, "times": TIMES, "days": DAYS, "shops": Both("店", "shops")}
    return count(path, target, unit=units.get(unit, Both(unit, unit)))


def rate_of(path: str, *, part: int, whole: int) -> Fact | None:
    """A part over the whole in per cent; None where there is no whole, or nothing on top."""
    return percent(path, part * WHOLE // whole) if whole and part else None
