"""What people take home: the proof that a posting is in the log, and a witness of the log itself.

A proof has the form c2sp.org/tlog-proof@v1: one small text that anybody can verify without asking us anything.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from uuid import UUID

from meguri.ledger import heads, log
from meguri.ledger.heads import Head
from meguri.ledger.log import Inclusion


@dataclass(frozen=True, slots=True)
class Receipt:
    """A posting's inclusion proof under a signed head. `content` is what was hashed, for those whose posting it is."""

    inclusion: Inclusion
    head: Head
    content: str = ""

    @property
    def text(self) -> str:
        """The whole proof as a file."""
        extra = [f"extra {_base64(self.content.encode())}"] if self.content else []
        path = map(_base64, self.inclusion.path)
        lines = ["c2sp.org/tlog-proof@v1", *extra, f"index {self.inclusion.number - 1}", *path, "", self.head.note]
        return "\n".join(lines)


def receipt(posting: UUID, *, municipality: int, own: bool = False) -> Receipt:
    """The newest proof of a posting. With `own`, its content goes along: the caller has asked whose it is.

    Raises Refusal `not_in_log`: for a few seconds after the posting, or for ever for what is none.
    """
    head = heads.latest(municipality=municipality)
    if head is None:
        raise log.NOT_IN_LOG.refusal(field="posting")
    proof = log.prove_inclusion(posting, municipality=municipality, size=head.size)
    return Receipt(proof, head, log.content(posting, municipality=municipality) if own else "")


def witness(head: Head) -> dict[str, str]:
    """A file that anybody can keep. If the town ever shows another history, this file tells."""
    return {"form": "meguri/witness/1", "key": head.verifier, "head": head.note}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
