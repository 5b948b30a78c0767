"""Tree heads: what the town signs of its log. Size, root and time, in the form of C2SP's checkpoints (signed notes).

The key (Ed25519) is the setting LOG_KEY, which lies in the data directory and never in the database: whoever may
rewrite every table still cannot sign another history. An operator who takes it away (LOG_KEY = "away") stops the
signing and nothing else.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from meguri.ledger import log, merkle

AWAY = "away"
RENEWED_AFTER = timedelta(days=1)
"""A log that does not grow is signed anew this often, so that everybody sees that somebody is there."""


class SecondHistoryError(RuntimeError):
    """The kept tree is not the one that was signed before. Nothing is signed; the auditor says what was changed."""


@dataclass(frozen=True, slots=True)
class Head:
    """At `signed_at` the log had this size and this root; `origin` says whose log it is."""

    number: int
    size: int
    root: bytes
    signed_at: datetime
    origin: str
    public_key: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """What the signature is over."""
        return head_text(origin=self.origin, size=self.size, root=self.root, at=self.signed_at)

    @property
    def note(self) -> str:
        """The head as everybody may keep it: the text, an empty line, the signature."""
        signed = base64.b64encode(key_id(self.origin, self.public_key) + self.signature).decode()
        return f"{self.text}\n— {self.origin} {signed}\n"

    @property
    def verifier(self) -> str:
        """The public key in the form of signed notes: whose, its id, algorithm and key."""
        kind_and_key = base64.b64encode(b"\x01" + self.public_key).decode()
        return f"{self.origin}+{key_id(self.origin, self.public_key).hex()}+{kind_and_key}"


def head_text(*, origin: str, size: int, root: bytes, at: datetime) -> str:
    """The signed lines: origin, size, root, and the time as a further line."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {moment}\n"


def key_id(origin: str, public_key: bytes) -> bytes:
    """Four bytes that tell keys apart."""
    return sha256(origin.encode() + b"\n\x01" + public_key).digest()[:4]


def sign_head(*, municipality: int, at: datetime) -> Head | None:
    """Sign the log as it is now; None if there is nothing new to say or the key is away.

    Never signs a second history: the last signed root must be the root that the kept tree has at that size.
    Raises SecondHistoryError.
    """
    if settings.LOG_KEY == AWAY:
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger.sign_head'), %s)", [municipality])
        size, last = log.size(municipality=municipality), latest(municipality=municipality)
        if not size or (last and last.size == size and at - last.signed_at < RENEWED_AFTER):
            return None
        if last and (last.size > size or last.root != log.root(last.size, municipality=municipality)):
            raise SecondHistoryError(f"municipality {municipality}: head {last.number} does not fit the kept tree")
        head = _signed(municipality=municipality, number=last.number + 1 if last else 1, size=size, at=at)
        cursor.execute(
            "INSERT INTO ledger.tree_head"
            " (municipality_id, number, size, root, signed_at, origin, public_key, signature)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [municipality, *(getattr(head, name) for name in Head.__slots__)],
        )
    return head


def lateness(*, municipality: int, at: datetime) -> timedelta:
    """How long the oldest posting without a proof has waited for it; nothing while each is proven in time.

    Where the key is away on purpose, what waits is only the number.
    """
    head = latest(municipality=municipality)
    size = log.size(municipality=municipality) if settings.LOG_KEY == AWAY else head.size if head else 0
    oldest = log.oldest_unproven(size, municipality=municipality)
    waited = at - oldest if oldest is not None else timedelta(0)
    return waited if waited > log.PROVEN_WITHIN else timedelta(0)


def _signed(*, municipality: int, number: int, size: int, at: datetime) -> Head:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.LOG_KEY))
    root, origin = log.root(size, municipality=municipality), origin_of(municipality)
    signature = key.sign(head_text(origin=origin, size=size, root=root, at=at).encode())
    return Head(number, size, root, at, origin, key.public_key().public_bytes_raw(), signature)


def origin_of(municipality: int) -> str:
    """The name of a municipality's log, in every head and every proof."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM ledger.municipality WHERE id = %s", [municipality])
        return f"meguri/{cursor.fetchone()[0]}"


def latest(*, municipality: int) -> Head | None:
    """The newest head."""
    found = heads(municipality=municipality, limit=1)
    return found[0] if found else None


def heads(*, municipality: int, before: int | None = None, limit: int = 100) -> list[Head]:
    """Heads, newest first; `before` is the number that a page before ended with."""
    condition = "" if before is None else " AND number < %(before)s"
    return _heads(condition + " ORDER BY number DESC LIMIT %(limit)s", m=municipality, before=before, limit=limit)


def head_of_size(size: int, *, municipality: int) -> Head | None:
    """The first head that was signed over a tree of this size."""
    found = _heads(" AND size = %(size)s ORDER BY number LIMIT 1", m=municipality, size=size)
    return found[0] if found else None


def _heads(which: str, **values: Any) -> list[Head]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(Head.__slots__)} FROM ledger.tree_head WHERE municipality_id = %(m)s{which}",  # noqa: S608 - constants of this file
            values,
        )
        return [
            Head(number, size, bytes(root), at, origin, bytes(key), bytes(signature))
            for number, size, root, at, origin, key, signature in cursor.fetchall()
        ]


def proves(first: Head, second: Head, *, path: list[bytes]) -> bool:
    """Whether a consistency proof leads from one head to the other."""
    return merkle.proves_growth(first.size, second.size, path=path, first_root=first.root, second_root=second.root)
