"""The seal: opens only with its key, for its record, unchanged."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.vault.sealing import (
    SealBrokenError,
    Sealed,
    derive_keys,
    lock_text,
    look_up_digest,
    open_record,
    seal_record,
    unlock_text,
)

KEYS = derive_keys(b"k" * 32, 1)
FIELDS = {"name": "山田 花子", "bank_account": {"bank": "0001", "number": "1234567"}}


@given(st.dictionaries(st.text(), st.text()))
def test_what_is_sealed_opens_again(fields: dict[str, str]) -> None:
    record = uuid4()
    assert open_record(record, seal_record(record, fields, keys=KEYS), keys=KEYS) == fields


def test_the_ciphertext_shows_nothing_and_differs_each_time() -> None:
    record = uuid4()
    first, second = (seal_record(record, FIELDS, keys=KEYS) for _ in range(2))
    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key
    assert "花子".encode() not in first.ciphertext


def test_a_seal_moved_to_another_record_does_not_open() -> None:
    sealed = seal_record(uuid4(), FIELDS, keys=KEYS)
    with pytest.raises(SealBrokenError):
        open_record(uuid4(), sealed, keys=KEYS)


def test_the_key_of_one_record_does_not_open_another_one() -> None:
    one, other = uuid4(), uuid4()
    mixed = Sealed(
        wrapped_key=seal_record(other, {}, keys=KEYS).wrapped_key,
        ciphertext=seal_record(one, FIELDS, keys=KEYS).ciphertext,
    )
    with pytest.raises(SealBrokenError):
        open_record(one, mixed, keys=KEYS)


@pytest.mark.parametrize("municipality", [2, 3])
def test_another_town_cannot_open_it(municipality: int) -> None:
    record = uuid4()
    with pytest.raises(SealBrokenError):
        open_record(record, seal_record(record, FIELDS, keys=KEYS), keys=derive_keys(b"k" * 32, municipality))


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_noticed(place: int, flip: int) -> None:
    record = uuid4()
    sealed = seal_record(record, FIELDS, keys=KEYS)
    for part in ("wrapped_key", "ciphertext"):
        value = bytearray(getattr(sealed, part))
        value[place % len(value)] ^= flip
        parts = {"wrapped_key": sealed.wrapped_key, "ciphertext": sealed.ciphertext, part: bytes(value)}
        with pytest.raises(SealBrokenError):
            open_record(record, Sealed(**parts), keys=KEYS)


def test_a_short_secret_makes_no_key() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive_keys(b"short", 1)


def test_a_look_up_depends_on_field_value_and_town() -> None:
    other_town = derive_keys(b"k" * 32, 2)
    digests = {
        look_up_digest("phone", "+819012345678", keys=KEYS), look_up_digest("name", "+819012345678", keys=KEYS),
        look_up_digest("phone", "+819012345679", keys=KEYS), look_up_digest("phone", "+819012345678", keys=other_town),
    }
    assert len(digests) == 4
    assert {len(digest) for digest in digests} == {32}


def test_a_locked_text_is_bound_to_its_purpose() -> None:
    locked = lock_text("JBSWY3DP", purpose="totp", keys=KEYS)
    assert unlock_text(locked, purpose="totp", keys=KEYS) == "JBSWY3DP"
    with pytest.raises(SealBrokenError):
        unlock_text(locked, purpose="recovery", keys=KEYS)
