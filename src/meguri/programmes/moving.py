"""A document of an earlier year for a later one: its days, its fiscal years, its name and code. Pure.

Moved is what the document decides, the days in its conditions too. What it says about where it comes from stays, and so
do days written into sentences: only a person can know what those should say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from itertools import count
from typing import Any, Final

from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import first_issue, windows
from meguri.words.period import FiscalYear, add_months

STAYS: Final = frozenset({"origin", "sources"})
CODE_MOST: Final = 40
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CODE_YEAR = re.compile(r"-[0-9]{4}(-[0-9]+)?$")
_NAME_YEAR = {"ja": re.compile(r"\(\w\w[0-9元]+年度\)$"), "en": re.compile(r" \(FY[0-9]{4}\)$")}

Path = tuple[str | int, ...]


def moved_values(part: Any, *, years: int, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every day and fiscal year of a document's tree with its path, so many years later.

    A 29 February that the year lacks becomes the 28th.
    """
    if isinstance(part, dict):
        for name, each in part.items():
            if name == "fiscal_year" and isinstance(each, int):
                yield (*path, name), each + years
            elif path or name not in STAYS:
                yield from moved_values(each, years=years, path=(*path, name))
    elif isinstance(part, list | tuple):
        for place, each in enumerate(part):
            yield from moved_values(each, years=years, path=(*path, place))
    elif isinstance(part, date):
        yield path, add_months(part, 12 * years)
    elif isinstance(part, str) and _ISO_DAY.fullmatch(part):
        yield path, add_months(date.fromisoformat(part), 12 * years).isoformat()


def years_ahead(terms: ProgrammeTerms, *, today: date) -> int:
    """By how many years it must be moved for its first day to lie ahead; 0 where it does already."""
    first = min([first_issue(terms), *(window.first_day for _, window in windows(terms))])
    return next(years for years in count() if add_months(first, 12 * years) >= today) if first < today else 0


def for_its_year(terms: ProgrammeTerms, *, codes: Collection[str], names: Collection[str]) -> dict[Path, object]:
    """What must change in a document's code and name so that a town which has these can tell it apart.

    Both get the fiscal year in which spending begins; a code that is taken even so, a number. A year that they name
    already becomes that year.
    """
    code, ja, en = _CODE_YEAR.sub("", terms.code), _NAME_YEAR["ja"].sub("", terms.name.ja), _NAME_YEAR["en"].sub(
        "", terms.name.en)  # fmt: skip
    if terms.code not in codes and terms.name.ja not in names and (code, ja) == (terms.code, terms.name.ja):
        return {}
    year = FiscalYear.of(terms.spending.window.first_day)
    return {
        ("code",): _free(f"{code[: CODE_MOST - 8]}-{year.year}", codes=codes),
        ("name", "ja"): f"{ja}({year.name_ja})", ("name", "en"): f"{en} ({year.name_en})",
    }  # fmt: skip


def _free(code: str, *, codes: Collection[str]) -> str:
    numbered = (f"{code}-{number}" for number in count(2))
    return code if code not in codes else next(each for each in numbered if each not in codes)
