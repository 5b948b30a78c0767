"""The Merkle tree of RFC 9162, 2.1: hashes over an append-only list that prove membership and growth.

A *node* is a complete subtree, named by its level and its position there: node (0, n) is the n-th leaf (from 0), node
(l, p) covers the 2^l leaves from p * 2^l. Complete subtrees never change, so they are kept for ever; what the tree is
at any size is put together from at most two nodes a level. Pure: whoever keeps the nodes hands them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from hashlib import sha256

Place = tuple[int, int]
"""A node's level and position."""

EMPTY = sha256(b"").digest()
"""The root of the tree that has no leaf."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def places(start: int, end: int) -> list[Place]:
    """The complete subtrees that make up the leaves from `start` up to (not including) `end`, from the left.

    `start` must be where a subtree of the whole range begins, as it is in every split of the RFC.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring complete subtrees that grow smaller to the right."""
    if not hashes:
        return EMPTY
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


def grow(size: int, edge: Sequence[bytes], *, leaves: Sequence[bytes]) -> Iterator[tuple[Place, bytes]]:
    """The nodes above the leaves (level 1 and up) that become complete when leaf hashes are appended.

    `edge`: the hashes of `places(0, size)`. Each leaf costs two hashes on average, whatever the size is.
    """
    stack = list(edge)
    for index, leaf in enumerate(leaves, size):
        stack.append(leaf)
        level, position = 0, index
        while position & 1:
            right = stack.pop()
            stack[-1] = sha256(b"\x01" + stack[-1] + right).digest()
            level, position = level + 1, position >> 1
            yield (level, position), stack[-1]


Range = tuple[int, int]
"""Leaves from the first up to (not including) the second number."""


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose hashes prove leaf `index` (from 0) in the tree of `size` leaves (RFC 9162, 2.1.3.1)."""
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `first` leaves begins that of `second` (RFC 9162, 2.1.4.1)."""
    if first in {0, second}:
        return []
    start, end, found = 0, second, []
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return [*([(start, end)] if start else []), *found[::-1]]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


Nodes = Callable[[Sequence[Place]], Sequence[bytes]]
"""Hands over the hashes of nodes, in the order asked for."""


def hashes_of(ranges: Sequence[Range], nodes: Nodes) -> list[bytes]:
    """The hashes of ranges, the nodes they are made of asked for at once."""
    wanted = [places(*span) for span in ranges]
    known = iter(nodes([place for row in wanted for place in row]))
    return [fold([next(known) for _ in row]) for row in wanted]


def proves_inclusion(leaf: bytes, index: int, *, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from leaf `index` (from 0) to the root of the tree of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def proves_growth(first: int, second: int, *, path: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Whether the tree of `first` leaves is the beginning of that of `second` (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == EMPTY
    if not 0 < first < second or not path:
        return False
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and before == first_root and after == second_root
