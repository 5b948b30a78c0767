"""The Merkle tree (RFC 9162) recomputed in whole levels, and two lists of leaves compared. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from hashlib import sha256

SIZE = 32
NOTHING = bytes(SIZE)


def leaf_of(text: str) -> bytes:
    """The leaf of a posting's text."""
    return sha256(b"\x00" + text.encode()).digest()


def level_over(level: bytes) -> bytes:
    """The hashes over the complete pairs of a level, all in one string of bytes."""
    pairs = range(0, len(level) - 2 * SIZE + 1, 2 * SIZE)
    return b"".join([sha256(b"\x01" + level[start : start + 2 * SIZE]).digest() for start in pairs])


def levels_over(leaves: bytes) -> list[bytes]:
    """All levels, the leaves first."""
    found = [leaves]
    while len(found[-1]) >= 2 * SIZE:
        found.append(level_over(found[-1]))
    return found


def root_at(size: int, levels: Sequence[bytes]) -> bytes:
    """The root that the tree had when it held the first `size` leaves."""
    found = b""
    for level in range(size.bit_length()):  # from the right edge, where the complete subtrees are small
        if size >> level & 1:
            place = (size >> level) - 1
            own = levels[level][place * SIZE : (place + 1) * SIZE]
            found = sha256(b"\x01" + own + found).digest() if found else own
    return found or sha256(b"").digest()


def differences(one: bytes, other: bytes) -> list[int]:
    """The places (from 0) at which two levels do not agree."""
    if one == other:
        return []
    longest = max(len(one), len(other))
    return [at // SIZE for at in range(0, longest, SIZE) if one[at : at + SIZE] != other[at : at + SIZE]]


def compare(kept: Mapping[int, bytes], found: Mapping[int, bytes]) -> dict[str, list[int]]:
    """Two lists, given where they differ, by number: what was removed, inserted, changed, and what changed places.

    `removed` and `reordered` are numbers of the kept list and the found one; behind something inserted or removed
    everything stands elsewhere, so only what left its neighbours counts as reordered there.
    """
    place = {leaf: number for number, leaf in kept.items() if leaf != NOTHING}
    strange = {number for number, leaf in found.items() if leaf != NOTHING and leaf not in place}
    here = set(found.values())
    missing = {number for leaf, number in place.items() if leaf not in here}
    moved = [(number, place[leaf]) for number, leaf in sorted(found.items()) if leaf in place]
    changed = strange & missing
    if strange == missing:  # nothing came or went, so whatever stands elsewhere was put there
        reordered = [number for number, before in moved if number != before]
    else:
        neighbours = set(longest_order([before for _, before in moved]))
        reordered = [number for index, (number, _) in enumerate(moved) if index not in neighbours]
    return {
        "changed": sorted(changed), "removed": sorted(missing - changed), "inserted": sorted(strange - changed),
        "reordered": reordered,
    }  # fmt: skip


def longest_order(values: Sequence[int]) -> list[int]:
    """The indexes of a longest rising part of a list."""
    ends: list[int] = []  # the smallest end of a rise of each length, as an index
    tails: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        length = bisect_left(tails, value)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [index]
        tails[length : length + 1] = [value]
    found = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(at)
        at = before[at]
    return found[::-1]
