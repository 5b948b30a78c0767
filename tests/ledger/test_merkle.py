"""The tree against a word-for-word reading of RFC 9162, and against the vectors of Certificate Transparency."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import merkle
from meguri.ledger.merkle import Place

SIZES = st.integers(0, 130)


def split(size: int) -> int:
    """The RFC: the largest power of two smaller than n."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    """2.1.1: the Merkle Tree Hash."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path_of(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """2.1.3.1: the inclusion proof."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*path_of(index, entries[:k]), mth(entries[k:])]
    return [*path_of(index - k, entries[k:]), mth(entries[:k])]


def growth_of(first: int, entries: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """2.1.4.1: the consistency proof, SUBPROOF(m, D_n, b)."""
    if first == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if first <= k:
        return [*growth_of(first, entries[:k], whole=whole), mth(entries[k:])]
    return [*growth_of(first - k, entries[k:], whole=False), mth(entries[:k])]


class Tree:
    """Leaves appended in pieces, every node kept."""

    def __init__(self) -> None:
        self.kept: dict[Place, bytes] = {}
        self.size = 0

    def append(self, leaves: Sequence[bytes]) -> None:
        new = dict(merkle.grow(self.size, self.nodes(merkle.places(0, self.size)), leaves=leaves))
        assert not new.keys() & self.kept.keys()
        self.kept |= new | {(0, self.size + n): leaf for n, leaf in enumerate(leaves)}
        self.size += len(leaves)

    def nodes(self, wanted: Sequence[Place]) -> list[bytes]:
        return [self.kept[place] for place in wanted]

    def root(self, size: int) -> bytes:
        return merkle.fold(self.nodes(merkle.places(0, size)))


def entries_of(size: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(size)]


def tree_of(entries: Sequence[bytes], *, piece: int = 10**6) -> Tree:
    tree = Tree()
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    for start in range(0, len(leaves), piece):
        tree.append(leaves[start : start + piece])
    return tree


@given(SIZES, st.integers(1, 40))
def test_the_root_is_the_rfcs_at_every_size_however_it_grew(size: int, piece: int) -> None:
    entries = entries_of(size)
    tree = tree_of(entries, piece=piece)
    assert len(tree.kept) == sum(size >> level for level in range(9))  # every complete subtree, each once
    assert [tree.root(part) for part in range(size + 1)] == [mth(entries[:part]) for part in range(size + 1)]


@given(st.data())
def test_inclusion_is_proven_by_the_rfcs_path_and_by_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    entries = entries_of(size)
    tree = tree_of(entries)
    path = merkle.hashes_of(merkle.inclusion_ranges(index, size), tree.nodes)
    assert path == path_of(index, entries)
    leaf, root = merkle.leaf_hash(entries[index]), mth(entries)
    assert merkle.proves_inclusion(leaf, index, size=size, path=path, root=root)
    other = data.draw(st.integers(0, size).filter(lambda n: n != index))
    assert not merkle.proves_inclusion(leaf, other, size=size, path=path, root=root)
    assert not merkle.proves_inclusion(merkle.leaf_hash(b"other"), index, size=size, path=path, root=root)
    assert not merkle.proves_inclusion(leaf, index, size=size, path=[*path, root], root=root)
    for step in range(len(path)):
        bent = [*path[:step], bytes(32), *path[step + 1 :]]
        assert not merkle.proves_inclusion(leaf, index, size=size, path=bent, root=root)
        assert not merkle.proves_inclusion(leaf, index, size=size, path=path[:step] + path[step + 1 :], root=root)


@given(st.data())
def test_growth_is_proven_by_the_rfcs_path_and_by_no_other(data: st.DataObject) -> None:
    second = data.draw(SIZES)
    first = data.draw(st.integers(0, second))
    entries = entries_of(second)
    path = merkle.hashes_of(merkle.consistency_ranges(first, second), tree_of(entries).nodes)
    assert path == (growth_of(first, entries) if first else [])
    roots = {"first_root": mth(entries[:first]), "second_root": mth(entries)}
    assert merkle.proves_growth(first, second, path=path, **roots)
    assert not merkle.proves_growth(first, second, path=[*path, bytes(32)], **roots)
    if 0 < first < second:
        for name in roots:
            assert not merkle.proves_growth(first, second, path=path, **(roots | {name: bytes(32)}))
        assert not merkle.proves_growth(first, second, path=[], **roots)
        for step in range(len(path)):
            assert not merkle.proves_growth(first, second, path=path[:step] + path[step + 1 :], **roots)


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_proofs_stay_short_in_a_very_large_tree(index: int, size: int) -> None:
    ranges = merkle.inclusion_ranges(index % size, size)
    assert len(ranges) <= size.bit_length()
    assert sum(len(merkle.places(*span)) for span in ranges) <= 2 * size.bit_length()
    assert merkle.places(0, size) == sorted(merkle.places(0, size), reverse=True)


# The eight leaves and the roots that the reference implementations of Certificate Transparency are tested with.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_vectors_of_certificate_transparency() -> None:
    tree = tree_of(CT_LEAVES)
    assert [tree.root(size).hex() for size in range(9)] == [CT_EMPTY, *CT_ROOTS]


CT_PATHS = {  # index, size -> path
    (0, 8): "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
            " 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
            " 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    (5, 8): "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
            " ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
            " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    (2, 3): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    (1, 5): "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
            " 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
            " bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
}  # fmt: skip
CT_GROWTHS = {  # first, second -> path
    (1, 1): "",
    (1, 8): CT_PATHS[0, 8],
    (6, 8): "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
            " ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
            " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    (2, 5): "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
            " bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
}  # fmt: skip


@pytest.mark.parametrize("case", CT_PATHS)
def test_the_inclusion_vectors(case: tuple[int, int]) -> None:
    path = merkle.hashes_of(merkle.inclusion_ranges(*case), tree_of(CT_LEAVES).nodes)
    assert [step.hex() for step in path] == CT_PATHS[case].split()


@pytest.mark.parametrize("case", CT_GROWTHS)
def test_the_consistency_vectors(case: tuple[int, int]) -> None:
    path = merkle.hashes_of(merkle.consistency_ranges(*case), tree_of(CT_LEAVES).nodes)
    assert [step.hex() for step in path] == CT_GROWTHS[case].split()
