"""What campaigns give, reckoned a second time with nothing of the platform's own: plain values, loops and sums.

Rules are dictionaries of plain fields; `tree_of` writes the same as a document has it. Japan has no summer time, so its
clock is the world's clock nine hours on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.programmes.campaigning import FIRST, LAST, campaign, compare

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN_LETTERS = {"day": 10, "month": 7, "programme": 0}
"""So much of 2025-11-12 names the span of a ceiling."""


@dataclass(frozen=True)
class Bill:
    """A payment: who, where, when (UTC), yen, how many of them of paid value; age None: not known."""

    who: int
    shop: str
    at: datetime
    yen: int
    paid: int
    age: int | None = 40
    household: int = 0

    @property
    def japan(self) -> datetime:
        return self.at.replace(tzinfo=None) + timedelta(hours=9)


@dataclass(frozen=True)
class Written:
    """A campaign in plain fields; None: no such condition."""

    code: str
    bands: tuple[tuple[int, int | None, str, int], ...]
    exclusive: bool = False
    counted_all: bool = False
    most: int | None = None
    first: date = FIRST
    last: date = LAST
    weekdays: tuple[str, ...] | None = None
    hours: tuple[int, int] | None = None
    least: int | None = None
    size: str | None = None
    older: int | None = None
    limits: tuple[tuple[str, str, int], ...] = ()


def tree_of(one: Written) -> dict[str, Any]:
    when: list[dict[str, Any]] = []
    if one.weekdays is not None:
        when.append(compare("weekday", list(one.weekdays), "in"))
    if one.hours is not None:
        when += [compare("hour", one.hours[0], ">="), compare("hour", one.hours[1], "<")]
    if one.least is not None:
        when.append(compare("amount", one.least, ">="))
    if one.size is not None:
        when.append(compare("size_class", one.size))
    if one.older is not None:
        when.append(compare("age", one.older, ">="))
    bands = [
        {"from_yen": low, kind: value, **({} if below is None else {"below_yen": below})}
        for low, below, kind, value in one.bands
    ]
    return campaign(
        one.code, bands=bands, when={"kind": "all", "of": when}, counted="all" if one.counted_all else "paid",
        stacking="exclusive" if one.exclusive else "stacks", window={"first_day": one.first, "last_day": one.last},
        limits=[{"of": of, "per": per, "yen": yen} for of, per, yen in one.limits],
        **({} if one.most is None else {"most_yen": one.most}),
    )  # fmt: skip


def applies(one: Written, bill: Bill) -> bool:
    """Its conditions, without its days."""
    here = bill.japan
    return all((
        one.weekdays is None or DAYS[here.weekday()] in one.weekdays,
        one.hours is None or one.hours[0] <= here.hour < one.hours[1],
        one.least is None or bill.yen >= one.least,
        one.size is None or bill.shop == one.size,
        one.older is None or (bill.age is not None and bill.age >= one.older),
    ))  # fmt: skip


def by_its_bands(one: Written, bill: Bill) -> int:
    counts, yen = bill.yen if one.counted_all else bill.paid, 0
    for low, below, kind, value in one.bands:
        if counts >= low and (below is None or counts < below):
            yen = value if kind == "yen" else int(counts * value // 10_000)
    return one.most if one.most is not None and yen > one.most else yen


def promised(written: Iterable[Written], bill: Bill, *, always_open: bool = False) -> dict[str, int]:
    """Yen by code, before any ceiling, in the order of the document."""
    gives: dict[str, int] = {}
    for one in written:
        is_open = always_open or one.first <= bill.japan.date() <= one.last
        yen = by_its_bands(one, bill) if is_open and applies(one, bill) else 0
        if yen > 0:
            gives[one.code] = yen
            if one.exclusive:
                break
    return gives


@dataclass
class Ledger:
    """Ceilings and one fund, counted in dictionaries."""

    written: Sequence[Written]
    above: Sequence[tuple[str, int]] = ()
    fund: int = 10**9
    used: Counter[tuple[object, ...]] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)

    def pay(self, bill: Bill, *, always_open: bool = False) -> dict[str, int]:
        came = {}
        own = {each.code: each for each in self.written}
        for code, wish in promised(self.written, bill, always_open=always_open).items():
            keys = dict(self._keys(own[code], bill))
            yen = min([wish, self.fund, *(most - self.used[key] for key, most in keys.items())])
            self.fund -= yen
            for key in keys:
                self.used[key] += yen
            self.given[code] += yen
            came[code] = yen
        return came

    def _keys(self, one: Written, bill: Bill) -> Iterable[tuple[tuple[object, ...], int]]:
        day = bill.japan.date().isoformat()
        owners: Mapping[str, object] = {
            "person": bill.who, "household": bill.household, "shop": bill.shop, "campaign": "all",
        }  # fmt: skip
        for of, per, yen in one.limits:
            yield (one.code, of, per, owners[of], day[: SPAN_LETTERS[per]]), yen
        for per, yen in self.above:
            yield ("above", per, bill.who, day[: SPAN_LETTERS[per]]), yen


# --- anything a document may say -------------------------------------------------------------------------------------

START = datetime(2025, 9, 25, tzinfo=UTC)
MOMENTS = st.integers(0, 140 * 24 * 60).map(lambda minute: START + timedelta(minutes=minute))
LIMITS = st.lists(
    st.tuples(st.sampled_from(["person", "household", "shop", "campaign"]),
              st.sampled_from(["day", "month", "programme"]), st.integers(1, 120)),
    max_size=3, unique_by=lambda limit: limit[:2],
)  # fmt: skip


@st.composite
def bands(draw: st.DrawFn) -> tuple[tuple[int, int | None, str, int], ...]:
    """One to three that do not overlap; the last may be open."""
    edges = sorted(draw(st.lists(st.integers(1, 3_000), min_size=1, max_size=3, unique=True)))
    ends = [*edges[1:], draw(st.one_of(st.none(), st.just(edges[-1] + 500)))]
    found = []
    for low, below in zip(edges, ends, strict=True):
        is_flat = draw(st.booleans())
        value = draw(st.integers(1, min(low, 300)) if is_flat else st.integers(1, 10_000))
        found.append((low, below, "yen" if is_flat else "rate_bp", value))
    return tuple(found)


@st.composite
def written(draw: st.DrawFn, code: str) -> Written:
    """Any campaign; half of its conditions are missing."""

    def maybe(what: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(st.none(), what))

    first = draw(st.dates(FIRST, LAST))
    low = draw(st.integers(0, 23))
    return Written(
        code, draw(bands()), exclusive=draw(st.booleans()), counted_all=draw(st.booleans()),
        most=maybe(st.integers(1, 500)), first=first, last=draw(st.dates(first, LAST)),
        weekdays=maybe(st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple)),
        hours=maybe(st.integers(low, 24).map(lambda high: (low, high))), least=maybe(st.integers(1, 2_000)),
        size=maybe(st.sampled_from(["small", "large"])), older=maybe(st.integers(18, 70)),
        limits=tuple(draw(LIMITS)),
    )  # fmt: skip


def documents() -> st.SearchStrategy[list[Written]]:
    return st.integers(1, 4).flatmap(lambda many: st.tuples(*(written(f"c{place}") for place in range(many))).map(list))


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    yen = draw(st.one_of(st.integers(1, 4_000), st.sampled_from([1, 19, 20, 499, 500, 999, 1_000])))
    return Bill(
        draw(st.integers(1, 3)), draw(st.sampled_from(["small", "large"])), draw(MOMENTS), yen,
        draw(st.integers(0, yen)), age=draw(st.one_of(st.none(), st.integers(15, 80))),
    )  # fmt: skip
