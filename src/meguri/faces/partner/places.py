"""Where a company's yen were spent: sums by trade or area, from the books; cells that tell on somebody stay closed.

What a shop has taken of a fund lies in three accounts of it: till, owed, paid out. Together they were spent there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from meguri.evidence import queries as evidence
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
    """Where the yen of these funds were spent. A cell is open only if it may be public for each of the programmes."""
    shops = {each.id: each for each in parties.shops(
        municipality=request.municipality, limit=SHOPS_MOST, open_only=False)}
    yen = _yen_by_shop(set(shops), {fund.id for fund in funds}, municipality=request.municipality)
    sums: dict[str, int] = {}
    for shop, amount in yen.items():
        key = _key(shops[shop], dimension)
        sums[key] = sums.get(key, 0) + amount
    closed = _closed(dimension, {fund.programme for fund in funds}, municipality=request.municipality)
    names = {_key(shop, dimension): _name(shop, dimension, language=request.language) for shop in shops.values()}
    return _split(sums, closed=closed, names=names)


def _yen_by_shop(shops: set[UUID], funds: set[UUID], *, municipality: int) -> dict[UUID, int]:
    sums: dict[UUID, int] = {}
    for role in ROLES:
        for balance in books.balances(shops, role, municipality=municipality):
            if balance.lot.fund in funds:
                owner = balance.account.owner
                sums[owner] = sums.get(owner, 0) + balance.amount
    return sums


def _closed(dimension: Dimension, programmes: set[UUID], *, municipality: int) -> set[str]:
    """The cells that a public table of one of the programmes would not show."""
    return {
        cell.key
        for programme in programmes
        for cell in evidence.public_places(municipality, by=dimension, programme=programme)
        if cell.closed
    }


def _split(sums: Mapping[str, int], *, closed: set[str], names: Mapping[str, str]) -> Spent:
    found = [Place(names[key], yen) for key, yen in sums.items() if key not in closed and yen]
    return Spent(
        places=tuple(sorted(found, key=lambda place: (-place.yen, place.name))),
        closed_yen=sum(yen for key, yen in sums.items() if key in closed),
    )


def _key(shop: ShopView, dimension: Dimension) -> str:
    return shop.trade.code if dimension == "trade" else shop.area


def _name(shop: ShopView, dimension: Dimension, *, language: str) -> str:
    if dimension == "area":
        return shop.area
    return shop.trade.ja if language == "ja" else shop.trade.en
