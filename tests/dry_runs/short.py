"""The three shipped documents with fewer days, so that a test can live them from the first to the last."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import date
from itertools import count
from typing import Any

import msgspec

from meguri.dry_runs.living import live
from meguri.programmes.dry_run import DayLived, Ending, Line, TownLike, Wanted
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, changed

PEOPLE = 60
_towns = count(61_000)
SHORT: dict[str, dict[str, Any]] = {
    VOUCHER: {
        "obtaining.rounds.0.units": 40,
        "obtaining.rounds.0.application": {"first_day": date(2025, 7, 26), "last_day": date(2025, 7, 31)},
        "obtaining.rounds.0.drawn_on": date(2025, 8, 4),
        "obtaining.rounds.0.purchase": {"first_day": date(2025, 8, 5), "last_day": date(2025, 8, 8)},
        "spending.window": {"first_day": date(2025, 8, 5), "last_day": date(2025, 8, 18)},
        "expiry.last_day": date(2025, 8, 18), "refunds.shop_claims_until": date(2025, 8, 22),
    },
    POINT: {
        "obtaining.window": {"first_day": date(2025, 4, 1), "last_day": date(2025, 4, 12)},
        "obtaining.missions.1.counting": {"by": "times", "wanted": 3},  # so few days have no three weeks
        "spending.window": {"first_day": date(2025, 4, 1), "last_day": date(2025, 4, 20)},
        "expiry.last_day": date(2025, 4, 20), "refunds.shop_claims_until": date(2025, 4, 22),
    },
    BENEFIT: {
        "obtaining.choosing": {"first_day": date(2025, 9, 16), "last_day": date(2025, 9, 22)},
        "obtaining.paid_on": date(2025, 9, 25),
        "spending.window": {"first_day": date(2025, 9, 25), "last_day": date(2025, 10, 8)},
        "expiry.last_day": date(2025, 10, 8), "refunds.shop_claims_until": date(2025, 10, 12),
    },
}  # fmt: skip


def short(name: str, **changes: Any) -> ProgrammeTerms:
    """A shipped document with few days, changed at paths such as `obtaining__statutory` (two underscores a step)."""
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return changed(name, {**deepcopy(SHORT[name]), **paths})


def wanted(terms: ProgrammeTerms, *, seed: int = 7, people: int = PEOPLE, population: int = 0) -> Wanted:
    """As the desk asks for it: the document as JSON keeps it."""
    tree = msgspec.json.decode(msgspec.json.encode(to_tree(terms)))
    assert from_tree(tree) == terms
    return Wanted(document=tree, seed=seed, people=people, town=TownLike(wards={"中央": population}))


def told(asked: Wanted) -> tuple[list[DayLived], Ending]:
    """Lived to the end, in books that no other test has."""
    return parted(list(live(asked, municipality=next(_towns))))


def parted(lines: Sequence[Line]) -> tuple[list[DayLived], Ending]:
    """The days, and the ending that closes them."""
    *days, ending = lines
    assert isinstance(ending, Ending)
    return [day for day in days if isinstance(day, DayLived)], ending


def on(days: Sequence[DayLived], month: int, day: int) -> DayLived:
    """The day of a month."""
    return next(each for each in days if (each.day.month, each.day.day) == (month, day))


def peak(days: Sequence[DayLived], fund: str) -> int:
    """The most that a fund had given at any time (yen)."""
    return max(each.issued_yen for day in days for each in day.funds if each.code == fund)


def codes(ending: Ending) -> set[str]:
    return {each.code for each in ending.surprises}
