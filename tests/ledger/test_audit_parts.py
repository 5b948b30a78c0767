"""The auditor's own tree, signatures and comparing: it shares them with nobody, so each has its own witness here."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import merkle
from meguri.ledger.audit import marks, tree
from meguri.ledger.audit.signature import ORDER, is_signed

# RFC 8032, 7.1, tests 1 to 3: public key, message, signature.
RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032(key: str, message: str, signature: str) -> None:
    known = {"signature": bytes.fromhex(signature), "public_key": bytes.fromhex(key)}
    assert is_signed(bytes.fromhex(message), **known)
    assert not is_signed(bytes.fromhex(message + "00"), **known)


@given(st.binary(max_size=80), st.integers(0, 511), st.binary(min_size=32, max_size=32))
def test_what_another_library_signs_is_signed_and_one_bit_less_is_not(message: bytes, bit: int, seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert is_signed(message, signature=signature, public_key=public)
    bent = bytearray(signature)
    bent[bit // 8] ^= 1 << bit % 8
    assert not is_signed(message, signature=bytes(bent), public_key=public)


def test_a_signature_has_one_form_only() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"x")
    larger = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    for bent in (signature[:32] + larger, signature[:-1], signature + b"\0", b""):
        assert not is_signed(b"x", signature=bent, public_key=public)
    assert not is_signed(b"x", signature=signature, public_key=b"\xff" * 32)


@given(st.integers(0, 70))
def test_the_trees_of_log_and_auditor_agree(size: int) -> None:
    leaves = [tree.leaf_of(str(number)) for number in range(size)]
    assert leaves == [merkle.leaf_hash(str(number).encode()) for number in range(size)]
    levels = tree.levels_over(b"".join(leaves))
    kept = dict(merkle.grow(0, [], leaves=leaves)) | {(0, n): leaf for n, leaf in enumerate(leaves)}
    for (level, place), hashed in kept.items():
        assert levels[level][32 * place : 32 * place + 32] == hashed
    for part in range(size + 1):
        assert tree.root_at(part, levels) == merkle.fold([kept[place] for place in merkle.places(0, part)])


def listed(values: Sequence[str]) -> dict[int, bytes]:
    return {number: value.encode().ljust(32, b".") for number, value in enumerate(values)}


@pytest.mark.parametrize(("kept", "found", "wanted"), [
    ("abcdef", "abXdef", {"changed": [2]}),
    ("abcdef", "abdef", {"removed": [2]}),
    ("abcdef", "abXcdef", {"inserted": [2]}),
    ("abcdef", "abedcf", {"reordered": [2, 4]}),
    ("abcdef", "Xbedcf", {"changed": [0], "reordered": [2, 4]}),
    ("abcdef", "acdXef", {"removed": [1], "inserted": [3]}),
    ("abcdef", "bcdaef", {"reordered": [0, 1, 2, 3]}),
])  # fmt: skip
def test_two_lists_are_compared_as_a_person_would(kept: str, found: str, wanted: dict[str, list[int]]) -> None:
    said = tree.compare(listed(kept), listed(found))
    assert {what: numbers for what, numbers in said.items() if numbers} == wanted


@given(st.lists(st.integers(0, 30), unique=True))
def test_the_longest_order_is_one_and_none_is_longer(values: list[int]) -> None:
    found = [values[index] for index in tree.longest_order(values)]
    assert found == sorted(found)
    best = [0] * len(values)
    for index, value in enumerate(values):
        best[index] = 1 + max((best[before] for before in range(index) if values[before] < value), default=0)
    assert len(found) == max(best, default=0)


def test_changed_lines_are_told_by_their_marks() -> None:
    text = "form\nid\nmunicipality\ntemplate\neffective\nrecorded\nby\nabout\nreverses\nentry 1\nentry 2\n"
    before = marks.marks_of(text)
    for new, said in (
        (text, ""), (text.replace("about", "other"), "about"), (text.replace("entry 2\n", ""), "entry 2 removed"),
        (text + "entry 3\n", "entry 3 inserted"), (text.replace("by", "x").replace("entry 1", "y"), "by, entry 1"),
    ):  # fmt: skip
        assert marks.compare(before, marks.marks_of(new)) == said


def test_every_place_differs_or_does_not() -> None:
    chance = random.Random(3)
    one = chance.randbytes(32 * 9)
    other = bytearray(one)
    other[32 * 4] ^= 1
    assert tree.differences(one, bytes(other)) == [4]
    assert tree.differences(one, one[: 32 * 7]) == [7, 8]
    assert tree.differences(one, one) == []
