"""Ed25519 signatures (RFC 8032, 5.1.7) verified with nothing but the standard library."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
_IMAGINARY = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
"""A point of the curve in extended coordinates: x = X/Z, y = Y/Z, x*y = T/Z."""

_ZERO: Point = (0, 1, 1, 0)


def add(one: Point, other: Point) -> Point:
    """The sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * D * one[3] * other[3] % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def twice(point: Point) -> Point:
    """Twice a point; a little quicker than adding it to itself."""
    a, b = point[0] * point[0] % P, point[1] * point[1] % P
    c = 2 * point[2] * point[2] % P
    h = a + b
    e, g = h - (point[0] + point[1]) ** 2, a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_of(name: bytes) -> Point | None:
    """The point that 32 bytes name; None if there is none."""
    y = int.from_bytes(name, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * _IMAGINARY % P
    if x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


@lru_cache(maxsize=64)
def key_point(public_key: bytes) -> tuple[Point, Point] | None:
    """The negative of a public key's point, and that with the base point added; kept, because keys are few."""
    point = point_of(public_key)
    if point is None:
        return None
    negative: Point = (P - point[0], point[1], 1, P - point[3])
    return negative, add(negative, BASE)


BASE = point_of(bytes.fromhex("58" + "66" * 31)) or _ZERO


def is_signed(message: bytes, *, signature: bytes, public_key: bytes) -> bool:
    """Whether the owner of the public key signed the message."""
    key = key_point(public_key) if len(public_key) == 32 and len(signature) == 64 else None
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER or point_of(signature[:32]) is None:
        return False
    h = int.from_bytes(sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    found, (negative, both) = _ZERO, key  # s * base - h * key, both scalars walked through together
    for place in range(252, -1, -1):
        found = twice(found)
        bits = (s >> place & 1, h >> place & 1)
        if bits != (0, 0):
            found = add(found, both if bits == (1, 1) else BASE if bits[0] else negative)
    return name_of(found) == signature[:32]


def name_of(point: Point) -> bytes:
    """The 32 bytes that name a point."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")
