"""Where a company's yen were spent: sums by trade or area, from the books; cells that tell on somebody stay closed.

What a shop has taken of a fund lies in three accounts of it: till, owed, paid out. Together they were spent there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from meguri.evidence import queries as evidence
from meguri.evidence.suppression import Cell, publish
from meguri.faces.entrance.requests import TownRequest
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import queries as parties
from meguri.parties.queries import ShopView
from meguri.programmes.queries import FundView

ROLES = (AccountRole.SHOP, AccountRole.PAYABLE, AccountRole.PAID_OUT)
SHOPS_MOST = 20_000
Dimension = Literal["trade", "area"]


@dataclass(frozen=True, slots=True)
class Place:
    """Yen spent at shops of one trade or area; `name` in the reader's language."""

    name: str
    yen: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Open places, largest first, and the closed ones as one sum. Together they are `yen`."""

    places: tuple[Place, ...]
    closed_yen: int

    @property
    def yen(self) -> int:
        return sum(place.yen for place in self.places) + self.closed_yen


def spent_by(dimension: Dimension, funds: tuple[FundView, ...], *, request: TownRequest) -> Spent:
    """Where the yen of these funds were spent. Cells are judged as those of a public table."""
    town = request.municipality
    shops = {each.id: each for each in parties.shops(municipality=town, limit=SHOPS_MOST, open_only=False)}
    by_place: dict[str, list[int]] = {}
    for shop, yen in _yen_by_shop(set(shops), {fund.id for fund in funds}, municipality=town).items():
        by_place.setdefault(_key(shops[shop], dimension), []).append(yen)
    people = _people(dimension, {fund.programme for fund in funds}, municipality=town)
    cells = [Cell(key, sum(yen), people.get(key, 0), len(yen), max(yen)) for key, yen in by_place.items()]
    names = {_key(shop, dimension): _name(shop, dimension, language=request.language) for shop in shops.values()}
    return _split(cells, names=names)


def _yen_by_shop(shops: set[UUID], funds: set[UUID], *, municipality: int) -> dict[UUID, int]:
    sums: dict[UUID, int] = {}
    for role in ROLES:
        for balance in books.balances(shops, role, municipality=municipality):
            if balance.lot.fund in funds and balance.amount:
                owner = balance.account.owner
                sums[owner] = sums.get(owner, 0) + balance.amount
    return sums


def _people(dimension: Dimension, programmes: set[UUID], *, municipality: int) -> dict[str, int]:
    """How many people at least paid at each place. The same may pay in several programmes, so they are not added."""
    counts: dict[str, int] = {}
    for programme in programmes:
        for row in evidence.places(municipality, by=dimension, programme=programme):
            counts[row.place] = max(counts.get(row.place, 0), row.holders)
    return counts


def _split(cells: Sequence[Cell], *, names: Mapping[str, str]) -> Spent:
    judged = publish(cells)
    found = [Place(names[cell.key], cell.yen) for cell in judged if cell.yen is not None]
    whole = sum(cell.yen for cell in cells)
    return Spent(
        places=tuple(sorted(found, key=lambda place: (-place.yen, place.name))),
        closed_yen=whole - sum(place.yen for place in found),
    )


def _key(shop: ShopView, dimension: Dimension) -> str:
    return shop.trade.code if dimension == "trade" else shop.area


def _name(shop: ShopView, dimension: Dimension, *, language: str) -> str:
    if dimension == "area":
        return shop.area if language == "ja" else shop.area_en
    return shop.trade.ja if language == "ja" else shop.trade.en
