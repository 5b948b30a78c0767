"""The one door for figures that the public may see: which cells of its tables stay closed. Pure.

A cell closes that stands for few people, few shops, or nearly one shop alone. Then others close with it, until nobody
can find it again: not as the rest of a published sum, and not by any other reckoning with several of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

RESIDENTS_LEAST = 10
SHOPS_LEAST = 3
LARGEST_SHARE = 0.85
_PRIME = 2**61 - 1


class Closed(StrEnum):
    """Why a cell is closed."""

    FEW_RESIDENTS = "few_residents"
    FEW_SHOPS = "few_shops"
    ONE_SHOP_DOMINATES = "one_shop_dominates"
    PROTECTS_ANOTHER = "protects_another"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell before it is judged: yen, how many people and shops are behind it, the largest shop's yen."""

    key: str
    yen: int
    residents: int
    shops: int
    largest_shop_yen: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Cells (`parts`, by key) whose sum everybody knows: it is the cell `whole`, or public anyway (`whole` empty).

    `same_shops`: the parts are of the same shops (by programme), not each of its own (by place).
    """

    parts: tuple[str, ...]
    whole: str = ""
    same_shops: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.parts, self.whole) if self.whole else self.parts


@dataclass(frozen=True, slots=True)
class PublicCell:
    """A cell as the public sees it: all of it, or that it is closed and why."""

    key: str
    yen: int | None
    residents: int | None
    shops: int | None
    closed: Closed | None


Shut = dict[str, Closed]


def reason(cell: Cell) -> Closed | None:
    """Why a cell cannot stand by itself; None if it can."""
    if cell.residents < RESIDENTS_LEAST:
        return Closed.FEW_RESIDENTS
    if cell.shops < SHOPS_LEAST:
        return Closed.FEW_SHOPS
    if cell.largest_shop_yen > LARGEST_SHARE * cell.yen:
        return Closed.ONE_SHOP_DOMINATES
    return None


def publish(cells: Sequence[Cell], sums: Sequence[Sum] | None = None) -> tuple[PublicCell, ...]:
    """Judge cells that are published together, in their order.

    `sums`: which of them add up to something known; without it they are one table whose sum is public. The smallest
    open cells close until no sum tells on what is closed in it; a sum that is public anyway may tell itself.
    """
    known = {cell.key: cell for cell in cells}
    shut = {cell.key: why for cell in cells if (why := reason(cell))}
    tables = [Sum(tuple(known))] if sums is None else sums
    while more := _to_close(known, tables, shut=shut):
        shut[more] = Closed.PROTECTS_ANOTHER
    return tuple(
        PublicCell(cell.key, None, None, None, shut[cell.key])
        if cell.key in shut
        else PublicCell(cell.key, cell.yen, cell.residents, cell.shops, None)
        for cell in cells
    )


def _to_close(known: Mapping[str, Cell], sums: Sequence[Sum], *, shut: Shut) -> str | None:
    """The smallest open cell of a sum that tells too much; None where nothing is told, or nothing is left to close."""
    for one in sums:
        if _tells(known, one, shut=shut) and (open_keys := [key for key in one.keys if key not in shut]):
            return _smallest(known, open_keys)
    for found in exposed(sums, shut):
        open_keys = [key for one in sums if found in one.keys for key in one.keys if key not in shut]
        if open_keys:
            return _smallest(known, open_keys)
    return None


def _smallest(known: Mapping[str, Cell], keys: Iterable[str]) -> str:
    return min(keys, key=lambda key: (known[key].yen, key))


def _tells(known: Mapping[str, Cell], one: Sum, *, shut: Shut) -> bool:
    """Whether the sum of what is closed can be reckoned, and says too much about it."""
    hidden = [known[key] for key in one.parts if key in shut]
    if one.whole in shut:
        return not hidden  # the open parts would be all of it
    return bool(hidden) and not _is_safe(hidden, same_shops=one.same_shops)


def _is_safe(hidden: Sequence[Cell], *, same_shops: bool) -> bool:
    """Whether hidden cells may be known as one sum. The same people may stand in several, so they are not added."""
    shops = [cell.shops for cell in hidden]
    largest = [cell.largest_shop_yen for cell in hidden]
    together = Cell(
        "", sum(cell.yen for cell in hidden), max(cell.residents for cell in hidden),
        max(shops) if same_shops else sum(shops), sum(largest) if same_shops else max(largest),
    )  # fmt: skip
    return len(hidden) > 1 and reason(together) is None


def exposed(sums: Sequence[Sum], shut: Iterable[str]) -> list[str]:
    """Closed cells that can be reckoned from all sums together, as anybody with pencil and paper could."""
    place = {key: number for number, key in enumerate(sorted(shut))}
    rows = [[0] * len(place) for _ in sums]
    for row, one in zip(rows, sums, strict=True):
        for key in one.keys:
            if key in place:
                row[place[key]] = _PRIME - 1 if key == one.whole else 1
    names = list(place)
    return [names[number] for number in _alone(rows)]


def _alone(rows: list[list[int]]) -> list[int]:
    """The unknowns of linear equations that can have one value only.

    Gauss and Jordan, in whole numbers modulo a prime: exact, and quick where fractions would grow.
    """
    done = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((number for number in range(done, len(rows)) if rows[number][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        inverse = pow(rows[done][column], -1, _PRIME)
        lead = rows[done] = [value * inverse % _PRIME for value in rows[done]]
        for number, row in enumerate(rows):
            if number != done and (factor := row[column]):
                rows[number] = [(value - factor * by) % _PRIME for value, by in zip(row, lead, strict=True)]
        done += 1
    filled = ([number for number, value in enumerate(row) if value] for row in rows[:done])
    return [columns[0] for columns in filled if len(columns) == 1]
