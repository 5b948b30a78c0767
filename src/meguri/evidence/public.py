"""What public pages may show of a snapshot: no cell of few people or shops, and none that would give one away. Pure.

Sums of a programme's money are the town's own accounts and are always public; how a few people or shops spent it is
not, so what is computed from them closes. Places are judged for the town and all its programmes together, because
their differences can be taken; weeks and indicators are published of single programmes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from meguri.evidence.circulation import WALLETS, Picture, Place, Stream, arranged, until_spent
from meguri.evidence.computing import OTHER_WARD, OWN_WARD, SMALL_SHOPS, compute, of_programme
from meguri.evidence.flows import by_programme
from meguri.evidence.indicator import Indicator
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.places import PlaceRow, places, shop_amounts
from meguri.evidence.snapshot import Snapshot
from meguri.evidence.suppression import RESIDENTS_LEAST, SHOPS_LEAST, Cell, Closed, PublicCell, Sum, publish, reason
from meguri.evidence.trade_groups import group_of

OF_PEOPLE = {"receivers": "receivers", "payers": "payers", "take_up": "receivers"}
OF_PAYERS = frozenset(
    {"median_days", "first_14_days", "last_14_days", "own_ward_share", "small_shop_share", "top_tenth_share"}
)
CLOSED = "closed"
"""The code of the place that stands for all closed ones."""
_TOWN = "town"


@dataclass(frozen=True, slots=True)
class PublicTable:
    """Cells of one table, in order; `yen` is the sum of all, the closed ones included."""

    cells: tuple[PublicCell, ...] = ()
    yen: int = 0

    @property
    def open_cells(self) -> tuple[PublicCell, ...]:
        return tuple(cell for cell in self.cells if cell.closed is None)

    @property
    def closed(self) -> int:
        """How many cells are closed."""
        return len(self.cells) - len(self.open_cells)

    @property
    def closed_yen(self) -> int:
        """The sum of the closed cells, which together tell on nobody."""
        return self.yen - sum(cell.yen or 0 for cell in self.open_cells)


@dataclass(frozen=True, slots=True)
class PublicPlaces:
    """Where it was spent: in the town, and of each programme by itself; largest place first."""

    town: PublicTable
    programmes: Mapping[UUID | None, PublicTable]

    def of(self, programme: UUID | None) -> PublicTable:
        """A programme's table; without one the town's."""
        return self.town if programme is None else self.programmes.get(programme, PublicTable())


def public_places(seen: Snapshot, *, by: str) -> PublicPlaces:
    """Where it was spent, by area, size_class, or trade (in everyday groups)."""
    grouped = (lambda trade: group_of(trade).code) if by == "trade" else None
    found = [row for row in places(seen.takings, seen.visitors, by=by, grouped=grouped) if row.yen]
    judged = publish([replace(_cell(row), key=_key(row)) for row in found], _sums(found))
    rows = list(zip(found, judged, strict=True))
    return PublicPlaces(
        town=_table((row, cell) for row, cell in rows if row.in_all),
        programmes={
            programme: _table((row, cell) for row, cell in rows if not row.in_all and row.programme == programme)
            for programme in {row.programme for row in found if not row.in_all}
        },
    )


def _sums(rows: Sequence[PlaceRow]) -> list[Sum]:
    """What anybody can add up: a table's places are its whole, a place's programmes are the town's place."""
    tables: dict[str, list[str]] = {}
    columns: dict[str, list[str]] = {}
    for row in rows:
        tables.setdefault(_owner(row), []).append(_key(row))
        if not row.in_all:
            columns.setdefault(f"{_TOWN}/{row.place}", []).append(_key(row))
    return [Sum(tuple(keys)) for keys in tables.values()] + [
        Sum(tuple(keys), whole, same_shops=True) for whole, keys in columns.items()
    ]


def _owner(row: PlaceRow) -> str:
    return _TOWN if row.in_all else str(row.programme)


def _key(row: PlaceRow) -> str:
    return f"{_owner(row)}/{row.place}"


def _cell(row: PlaceRow) -> Cell:
    return Cell(row.place, row.yen, row.holders, row.shops, row.largest_shop_yen)


def _table(rows: Iterable[tuple[PlaceRow, PublicCell]]) -> PublicTable:
    listed = list(rows)
    return PublicTable(
        tuple(replace(cell, key=row.place) for row, cell in listed), sum(row.yen for row, _ in listed)
    )


def public_picture(seen: Snapshot) -> Picture:
    """Issued, in wallets, spent by trade: of the town, closed trades as one. Where shops' money lies is not told apart:
    what waits for one trade may be what one person has just paid.
    """
    streams = [stream for item in by_programme(seen.flows).items() for stream in until_spent(*item)]
    table = public_places(seen, by="trade").town
    spent = [(cell.key, cell.yen or 0) for cell in table.open_cells] + [(CLOSED, table.closed_yen)]
    streams += [Stream(WALLETS, Place(2, "shops", code), None, yen) for code, yen in spent]
    return arranged([stream for stream in streams if stream.yen > 0])


def public_weeks(seen: Snapshot, *, programme: UUID) -> PublicTable:
    """A programme's spending by week, from the first to the last; a cell's key is the week's Monday."""
    cells = [
        Cell(row.week.isoformat(), row.yen, row.people, row.shops, row.largest_shop_yen)
        for row in sorted(seen.payers, key=lambda row: row.week) if row.programme == programme
    ]  # fmt: skip
    return PublicTable(publish(cells), sum(cell.yen for cell in cells))


def public_indicators(seen: Snapshot, *, programme: UUID) -> tuple[Indicator, ...]:
    """Every indicator of a programme, those that would tell on a few closed."""
    return tuple(public_indicator(code, seen, programme=programme) for code in MEANINGS)


def public_indicator(code: str, seen: Snapshot, *, programme: UUID) -> Indicator:
    """One indicator; `closed` says why it has no value. Raises KeyError for a code that is not in MEANINGS."""
    found = compute(code, seen, programme=programme)
    why = _closed(code, seen, programme=programme) if found.value is not None else None
    return found if why is None else replace(found, value=None, denominator=None, closed=why)


def _closed(code: str, seen: Snapshot, *, programme: UUID) -> Closed | None:
    people = next(iter(of_programme(seen.reach, programme)), None)
    counted = OF_PEOPLE.get(code) or ("payers" if code in OF_PAYERS else "")
    if counted and people is not None and 0 < getattr(people, counted) < RESIDENTS_LEAST:
        return Closed.FEW_RESIDENTS
    match code:
        case "own_ward_share":
            rows = of_programme(seen.places("ward"), programme)
            return _first_reason(row for row in rows if row.place in (OWN_WARD, OTHER_WARD))
        case "small_shop_share":
            return _first_reason(of_programme(places(
                seen.takings, seen.visitors, by="size_class",
                grouped=lambda place: "small" if place in SMALL_SHOPS else "other",
            ), programme))  # fmt: skip
        case "top_tenth_share":
            shops = len(shop_amounts(seen.takings, programme=programme))
            return Closed.FEW_SHOPS if shops <= 10 * (SHOPS_LEAST - 1) else None
    return None


def _first_reason(rows: Iterable[PlaceRow]) -> Closed | None:
    """Why one of the parts of a share cannot stand by itself; the other would tell it."""
    return next((why for row in rows if row.yen and (why := reason(_cell(row)))), None)
