"""Wards as hexagons, and the shops in them: trades by real shares, sales by a Pareto law."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from random import Random

from meguri.rehearsal.banks import account
from meguri.rehearsal.chance import dice, quotas
from meguri.rehearsal.figures import (
    LARGE_SHOP_M2,
    MEMBER_FROM_START,
    MEMBER_LATER,
    PARETO_SHAPE,
    REGULAR_CLOSING_SHARE,
    SHOPS_LEAST,
    SHOPS_PER_RESIDENT,
    STREET_SHARE,
    TICKET_SPREAD,
)  # fmt: skip
from meguri.rehearsal.names import Name, bank_kana, family_name, given_name, words
from meguri.rehearsal.town import Merchant, Shop, SizeClass, Ward

AROUND = ((1, 0), (1, -1), (0, -1), (-1, 0), (-1, 1), (0, 1))
"""The six steps from a hexagon to its neighbours, in the order of a ring."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of shop. Shares are in per cent: of all shops, and of the voucher yen spent."""

    key: str
    group: str
    middle: str
    ja: str
    en: str
    shops: float
    yen: float
    ticket: int
    large: float
    opens: int
    closes: int
    names: tuple[str, ...]
    chain: bool = False


@cache
def trades() -> dict[str, Trade]:
    """The trades of `data/trades.toml`."""
    table = tomllib.loads((files("meguri.rehearsal") / "data" / "trades.toml").read_text(encoding="utf-8"))
    return {key: Trade(key=key, **{**row, "names": tuple(row["names"])}) for key, row in table.items()}


def wards(size: int) -> list[Ward]:
    """7 tiles for a small town, 13 for a large one, in a spiral around the centre."""
    named = words()["wards"][: 7 if size < 5_000 else 13]
    return [
        Ward(key=f"w{i:02d}", name=name, kana=kana, name_en=english, q=q, r=r, postal_code=f"000{i:04d}")
        for i, ((name, kana, english), (q, r)) in enumerate(zip(named, _spiral(len(named)), strict=True), start=1)
    ]


def _spiral(count: int) -> list[tuple[int, int]]:
    """Axial coordinates of the first `count` hexagons around (0, 0), ring by ring."""
    found = [(0, 0)]
    ring = 0
    while len(found) < count:
        ring += 1
        q, r = -ring, ring
        for dq, dr in AROUND:
            for _ in range(ring):
                found.append((q, r))
                q, r = q + dq, r + dr
    return found[:count]


def crowding(tiles: list[Ward], *, seed: int) -> list[float]:
    """Each ward's share of people: Dirichlet(6)."""
    chance = dice(seed, "crowding")
    weights = [chance.gammavariate(6, 1) for _ in tiles]
    return [weight / sum(weights) for weight in weights]


def open_shops(
    size: int, *, seed: int, tiles: list[Ward], crowds: list[float], banks: list[str]
) -> tuple[dict[str, Merchant], dict[str, Shop]]:
    """The town's shops and the merchants behind them, by key."""
    count = max(SHOPS_LEAST, round(size * SHOPS_PER_RESIDENT))
    kinds = list(trades().values())
    # Shops follow people, and the middle of the town draws more of them (2.5: guess).
    pull = [crowd * (2.5 if (tile.q, tile.r) == (0, 0) else 1.0) for tile, crowd in zip(tiles, crowds, strict=True)]
    street = Street(seed=seed, tiles=tiles, pull=pull, banks=banks)
    for kind, number in zip(kinds, quotas(count, [kind.shops for kind in kinds]), strict=True):
        street.open_trade(kind, number)
    return street.merchants, street.shops


class Street:
    """Opens shop after shop; remembers the names already taken."""

    def __init__(self, *, seed: int, tiles: list[Ward], pull: list[float], banks: list[str]) -> None:
        self.seed, self.tiles, self.pull, self.banks = seed, tiles, pull, banks
        self.shops: dict[str, Shop] = {}
        self.merchants: dict[str, Merchant] = {}
        self.names: set[str] = set()

    def open_trade(self, kind: Trade, number: int) -> None:
        """All shops of one trade. Their visits add up to the trade's share of yen, the largest shops come first."""
        chance = dice(self.seed, "trade", kind.key)
        sales = sorted((min(chance.paretovariate(PARETO_SHAPE), 60.0) for _ in range(number)), reverse=True)
        large = round(number * kind.large)
        merchant = ""
        for place, sale in enumerate(sales):
            if not (kind.chain and place % 3 and merchant):  # three shops of a chain belong together
                merchant = self._merchant(kind, chance)
            visits = kind.yen * sale / sum(sales) / (kind.ticket * exp(TICKET_SPREAD**2 / 2)) * 1_000
            shop = self._shop(kind, merchant=merchant, large=place < large, visits=visits, chance=chance)
            self.shops[shop.key] = shop

    def _merchant(self, kind: Trade, chance: Random) -> str:
        key = f"m{len(self.merchants) + 1:04d}"
        family, family_kana = family_name(chance)
        given, given_kana = given_name(chance)
        owner = Name(family=family, given=given, family_kana=family_kana, given_kana=given_kana)
        if kind.chain or kind.large > 0.2:
            name, kana = self._firm(chance)
        else:
            name, kana = owner.written, owner.kana
        bank = account(chance, banks=self.banks, holder_kana=kana, current=True)
        self.merchants[key] = Merchant(key=key, name=name, kana=kana, owner=owner, bank=bank)
        return key

    def _firm(self, chance: Random) -> tuple[str, str]:
        """A company's invented name and its reading, as banks abbreviate it."""
        brand, _ = chance.choice(words()["brands"])
        return f"株式会社{brand}", bank_kana(f"カ){brand}")

    def _shop(self, kind: Trade, *, merchant: str, large: bool, visits: float, chance: Random) -> Shop:
        tile = chance.choices(self.tiles, weights=self.pull)[0]
        name, name_en = self._name(kind, tile, chance=chance)
        size: SizeClass = "large" if large else "street" if chance.random() < STREET_SHARE else "small"
        small_floor = min(LARGE_SHOP_M2 - 1.0, 20 + chance.lognormvariate(4.0, 0.8))
        floor = chance.uniform(LARGE_SHOP_M2, 6_000) if large else small_floor
        closed = chance.choice((1, 2, 2, 3, 0)) if not large and chance.random() < REGULAR_CLOSING_SHARE else None
        return Shop(
            key=f"s{len(self.shops) + 1:04d}", merchant=merchant, name=name, name_en=name_en, trade=kind.key,
            jsic_middle=kind.middle, ward=tile.key, size=size, floor_m2=round(floor), visits=visits,
            address=f"架空県めぐり郡めぐり町{tile.name}{chome(chance)}",
            ticket_yen=kind.ticket, opens=kind.opens, closes=kind.closes, closed_on=closed,
            accepts_from_week=0 if large else self._accepts(chance),
        )  # fmt: skip

    def _accepts(self, chance: Random) -> int | None:
        """From which week the shop accepts."""
        draw = chance.random()
        if draw < MEMBER_FROM_START:
            return 0
        return 2 + chance.randrange(6) if draw < MEMBER_FROM_START + MEMBER_LATER else None

    def _name(self, kind: Trade, tile: Ward, *, chance: Random) -> tuple[str, str]:
        """A name in Japanese that no other shop has, and one in Latin letters."""
        tries = (self._invented(kind, tile, chance=chance) for _ in range(40))
        fallback = f"{kind.ja} {len(self.names) + 1}", kind.en
        name, name_en = next((found for found in tries if found[0] not in self.names), fallback)
        self.names.add(name)
        return name, f"{name_en}, {tile.name_en}"

    def _invented(self, kind: Trade, tile: Ward, *, chance: Random) -> tuple[str, str]:
        (word, _, latin), (brand, brand_latin) = chance.choice(words()["shop_words"]), chance.choice(words()["brands"])
        pattern = str(chance.choice(kind.names))
        return pattern.format(x=word, k=brand, w=tile.name), f"{kind.en} {latin if '{x}' in pattern else brand_latin}"


def chome(chance: Random) -> str:
    """Block and number as Japanese addresses write them."""
    return f"{'一二三四五'[chance.randrange(5)]}丁目{chance.randint(1, 28)}番{chance.randint(1, 20)}号"
