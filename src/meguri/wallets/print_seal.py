"""How a print job's parts lie in the database: sealed, under a key that follows from the town's root key.

No table holds the key, and no copy of one. A part is good in its own place only.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from meguri.wallets.models import PrintJob
from meguri.wallets.print_runs import key_of

NONCE: Final = 12


def sealed(job: PrintJob, content: bytes, *, place: str) -> bytes:
    """The content as it may lie there; `place` is what it is read with again."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key(job)).encrypt(nonce, content, _bound(job, place))


def opened(job: PrintJob, content: bytes, *, place: str) -> bytes:
    """What was sealed. InvalidTag: it is not what was put there, or VAULT_KEY is another."""
    return AESGCM(_key(job)).decrypt(content[:NONCE], content[NONCE:], _bound(job, place))


def _key(job: PrintJob) -> bytes:
    if job.run is not None:
        return hmac.new(key_of(job.run), b"print job 1\0" + job.id.bytes, hashlib.sha256).digest()
    root = bytes.fromhex(settings.VAULT_KEY)
    return hmac.new(root, f"meguri letters 1\0{job.municipality}:{job.id}".encode(), hashlib.sha256).digest()


def _bound(job: PrintJob, place: str) -> bytes:
    return f"{job.id}:{place}".encode()
