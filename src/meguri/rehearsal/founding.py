"""Found the invented town."""

from __future__ import annotations

from datetime import date

from meguri.rehearsal.banks import town_banks
from meguri.rehearsal.chance import dice
from meguri.rehearsal.names import Name, family_name, given_name, words
from meguri.rehearsal.people import Settlers, settle
from meguri.rehearsal.streets import crowding, open_shops, wards
from meguri.rehearsal.town import Officer, Place, Sponsor, Town, Ward

SIZE_LEAST = 100
SIZE_MOST = 100_000

POSTS = (
    *((department, role) for department in ("commerce", "planning", "welfare") for role in ("maker", "checker")),
    ("accounting", "accountant"), ("planning", "analyst"), ("planning", "operator"),
)  # fmt: skip
"""Departments and roles of the town hall: whoever prepares never approves."""


def found_town(size: int, *, seed: int, as_of: date) -> Town:
    """A town of `size` residents (100 to 100,000). The same arguments make the same town. Raises ValueError."""
    if not SIZE_LEAST <= size <= SIZE_MOST:
        raise ValueError(f"a town has {SIZE_LEAST} to {SIZE_MOST} residents, not {size}")
    tiles = wards(size)
    crowds = crowding(tiles, seed=seed)
    banks = town_banks(dice(seed, "banks"))
    settlers = Settlers(seed=seed, as_of=as_of, wards=tiles, crowding=crowds, banks=banks)
    households, residents = settle(size, settlers=settlers)
    merchants, shops = open_shops(size, seed=seed, tiles=tiles, crowds=crowds, banks=banks)
    return Town(
        name=words()["town_ja"], name_en=words()["town_en"], code=invented_code(), label=words()["label_ja"],
        label_en=words()["label_en"], seed=seed, as_of=as_of, wards={tile.key: tile for tile in tiles},
        households=households, residents=residents, merchants=merchants, shops=shops, sponsors=_sponsors(seed),
        officers=_officers(seed), places=_places(tiles),
    )  # fmt: skip


def invented_code() -> str:
    """A municipality code that no municipality has: prefectures end at 47. The sixth digit is the usual check digit."""
    body = "99001"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, range(6, 1, -1), strict=True)) % 11
    return f"{body}{rest % 10}"


def _person(seed: int, *what: object) -> Name:
    chance = dice(seed, *what)
    family, family_kana = family_name(chance)
    given, given_kana = given_name(chance)
    return Name(family=family, given=given, family_kana=family_kana, given_kana=given_kana)


def _sponsors(seed: int) -> dict[str, Sponsor]:
    found = [
        Sponsor(f"p{number}", name, kana, name_en, purpose, _person(seed, "sponsor", number))
        for number, (name, kana, name_en, purpose) in enumerate(words()["sponsors"], start=1)
    ]
    return {sponsor.key: sponsor for sponsor in found}


def _officers(seed: int) -> dict[str, Officer]:
    found = [
        Officer(f"{department}-{role}", department, role, _person(seed, "officer", department, role))
        for department, role in POSTS
    ]
    return {officer.key: officer for officer in found}


def _places(tiles: list[Ward]) -> dict[str, Place]:
    """A hall in every ward, a health centre and a park in the first two."""
    hall, centre, park = words()["places"]
    found = [Place(f"l-{tile.key}", f"{tile.name}{hall[0]}", f"{tile.name_en} {hall[1]}", tile.key) for tile in tiles]
    found.append(Place("l-health", centre[0], centre[1], tiles[0].key))
    found.append(Place("l-park", park[0], park[1], tiles[1].key))
    return {place.key: place for place in found}
