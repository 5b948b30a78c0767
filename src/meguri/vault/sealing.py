"""Sealing: authenticated encryption under a key per record, that key wrapped by the town's key.

Only the algorithms of the `cryptography` package are used: AES-256-GCM, HKDF-SHA256, HMAC-SHA256.
The associated data of both layers names the record, so a ciphertext moved to another record does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


class SealBrokenError(Exception):
    """A sealed record does not open: another key, another record, or changed bytes."""


@dataclass(frozen=True, slots=True)
class TownKeys:
    """The keys of one municipality, all derived from the installation's one secret."""

    wrapping: bytes
    look_up: bytes
    mark: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored of one record: the wrapped key may be destroyed, then the ciphertext is noise."""

    wrapped_key: bytes
    ciphertext: bytes


def derive_keys(secret: bytes, municipality: int) -> TownKeys:
    """The keys of a municipality out of the installation's secret (at least 32 bytes)."""
    if len(secret) < KEY_BYTES:
        raise ValueError("the town's secret needs at least 32 bytes")
    return TownKeys(
        wrapping=_derived(secret, f"meguri.vault/1/wrapping/{municipality}"),
        look_up=_derived(secret, f"meguri.vault/1/look_up/{municipality}"),
        mark=_derived(secret, f"meguri.vault/1/mark/{municipality}"),
    )


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


def _lock(key: bytes, plain: bytes, *, about: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, about)


def _unlock(key: bytes, locked: bytes, *, about: bytes) -> bytes:
    if locked[:1] != VERSION:
        raise SealBrokenError("unknown version of a seal")
    nonce, body = locked[1 : 1 + NONCE_BYTES], locked[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, about)
    except InvalidTag as exc:
        raise SealBrokenError("a seal does not open with this key for this record") from exc


def _about(record: UUID, layer: str) -> bytes:
    return f"meguri.vault/1/{layer}/{record}".encode()


def seal_record(record: UUID, fields: dict[str, Any], *, keys: TownKeys) -> Sealed:
    """Seal `fields` (JSON values) of a record under a fresh key of its own."""
    key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
    plain = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return Sealed(
        wrapped_key=_lock(keys.wrapping, key, about=_about(record, "key")),
        ciphertext=_lock(key, plain, about=_about(record, "fields")),
    )


def open_record(record: UUID, sealed: Sealed, *, keys: TownKeys) -> dict[str, Any]:
    """The fields of a record. Raises SealBrokenError if key, record or bytes do not belong together."""
    key = _unlock(keys.wrapping, sealed.wrapped_key, about=_about(record, "key"))
    plain = _unlock(key, sealed.ciphertext, about=_about(record, "fields"))
    fields: dict[str, Any] = json.loads(plain)
    return fields


def seal_bytes(record: UUID, plain: bytes, *, keys: TownKeys) -> Sealed:
    """Seal the bytes of a photo under a fresh key of its own. It never opens as a record of fields, nor one as it."""
    key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
    return Sealed(
        wrapped_key=_lock(keys.wrapping, key, about=_about(record, "photo-key")),
        ciphertext=_lock(key, plain, about=_about(record, "photo")),
    )


def open_bytes(record: UUID, sealed: Sealed, *, keys: TownKeys) -> bytes:
    """The counterpart of `seal_bytes`. Raises SealBrokenError."""
    key = _unlock(keys.wrapping, sealed.wrapped_key, about=_about(record, "photo-key"))
    return _unlock(key, sealed.ciphertext, about=_about(record, "photo"))


def look_up_digest(field: str, value: str, *, keys: TownKeys) -> bytes:
    """The 32 bytes by which an exact, normalised value is found without being stored."""
    return hmac.digest(keys.look_up, f"{field}\x00{value}".encode(), hashlib.sha256)


def lock_text(text: str, *, purpose: str, keys: TownKeys) -> str:
    """A short secret (such as an authenticator's seed) as text that may lie in a table."""
    return _lock(keys.wrapping, text.encode(), about=_about(UUID(int=0), purpose)).hex()


def unlock_text(locked: str, *, purpose: str, keys: TownKeys) -> str:
    """The counterpart of `lock_text`. Raises SealBrokenError."""
    return _unlock(keys.wrapping, bytes.fromhex(locked), about=_about(UUID(int=0), purpose)).decode()
