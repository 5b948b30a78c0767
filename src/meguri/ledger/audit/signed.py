"""Signed notes: a head of the log as it is published and kept by witnesses."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256

from meguri.ledger.audit.signature import is_signed


@dataclass(frozen=True)
class Note:
    """What a head says: whose log, how large, which root."""

    origin: str
    size: int
    root: bytes


def note_text(*, origin: str, size: int, root: bytes, moment: str) -> str:
    """The lines that a head's signature is over."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {moment}\n"


def read_note(note: str, verifier: str) -> Note:
    """Read a signed head with the public key that belongs to it. Raises ValueError unless the signature is good."""
    text, parted, line = note.partition("\n\n")
    text += "\n"
    name, key_id, key = verifier.split("+", 2)
    kind_and_key = base64.b64decode(key)
    signed = base64.b64decode(line.removeprefix(f"— {name} ").strip())
    known = sha256(f"{name}\n".encode() + kind_and_key).hexdigest()[:8] == key_id == signed[:4].hex()
    if not parted or not known or not is_signed(text.encode(), signature=signed[4:], public_key=kind_and_key[1:]):
        raise ValueError("the witness file was not signed with its key")
    origin, size, root, *_ = text.split("\n")
    return Note(origin, int(size), base64.b64decode(root))
