"""Seeded chance: small independent streams named by what they decide, so that one decision never shifts another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import exp
from random import Random
from typing import TypeVar

T = TypeVar("T")


def dice(*name: object) -> Random:
    """A stream of chance that depends on its name only: same name, same numbers, on every machine."""
    digest = blake2b("/".join(map(str, name)).encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))


def pick(chance: Random, shares: Mapping[T, float]) -> T:
    """One key, with probability in proportion to its share."""
    return chance.choices(list(shares), weights=list(shares.values()))[0]


def quotas(total: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to `shares` that add up to `total` (largest remainder)."""
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    parts = [int(x) for x in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_rest[: total - sum(parts)]:
        parts[index] += 1
    return parts


def at_age(steps: Mapping[int, T], age: int) -> T:
    """The value of the last step at or below an age. `steps` begins at 0 and ascends."""
    return steps[max(first for first in steps if first <= age)]


def logistic(x: float) -> float:
    """The logistic curve, safe for large numbers of either sign."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
