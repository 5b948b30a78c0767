"""Which cells of a public table stay closed: too few people, too few shops, or one shop that is nearly all of it. Pure.

A closed cell must not be found again by taking the open ones from the published sum, so others close with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

RESIDENTS_LEAST = 10
SHOPS_LEAST = 3
LARGEST_SHARE = 0.85


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
class PublicCell:
    """A cell as the public sees it: all of it, or that it is closed and why."""

    key: str
    yen: int | None
    residents: int | None
    shops: int | None
    closed: Closed | None


def reason(cell: Cell) -> Closed | None:
    """Why a cell cannot stand by itself; None if it can."""
    if cell.residents < RESIDENTS_LEAST:
        return Closed.FEW_RESIDENTS
    if cell.shops < SHOPS_LEAST:
        return Closed.FEW_SHOPS
    if cell.largest_shop_yen > LARGEST_SHARE * cell.yen:
        return Closed.ONE_SHOP_DOMINATES
    return None


def publish(cells: Sequence[Cell]) -> tuple[PublicCell, ...]:
    """Judge the cells of one table whose sum is published, in their order.

    If what is closed could be told from the rest (one cell alone, or together still too little), the smallest open
    cells close too, until it cannot.
    """
    closed = {cell.key: why for cell in cells if (why := reason(cell))}
    open_cells = sorted((cell for cell in cells if cell.key not in closed), key=lambda cell: cell.yen)
    while closed and open_cells and not _is_safe([cell for cell in cells if cell.key in closed]):
        closed[open_cells.pop(0).key] = Closed.PROTECTS_ANOTHER
    return tuple(
        PublicCell(cell.key, None, None, None, closed[cell.key])
        if cell.key in closed
        else PublicCell(cell.key, cell.yen, cell.residents, cell.shops, None)
        for cell in cells
    )


def _is_safe(hidden: Sequence[Cell]) -> bool:
    """Whether the hidden cells may be known as one sum. The same people may stand in several, so they are not added."""
    together = Cell(
        "", sum(cell.yen for cell in hidden), max(cell.residents for cell in hidden),
        sum(cell.shops for cell in hidden), max(cell.largest_shop_yen for cell in hidden),
    )
    return len(hidden) > 1 and reason(together) is None
