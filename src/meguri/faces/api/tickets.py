"""The ticket of a place in a line: signed, so that reading it asks no database, and worth nothing to anybody else.

It says where somebody stands; it buys nothing. So it may stand in an address, and a lost one is simply given again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer

from meguri.words.refusal import declare

SALT = "meguri.ticket/1"
TICKET_UNREADABLE = declare(
    "ticket_unreadable", status=401,
    ja="列の番号を確かめられませんでした。財布からもう一度並んでください。順番は変わりません。",
    en="Your ticket could not be read. Please come to the line again from your wallet; you keep your place.",
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose place in which line."""

    municipality: int
    sale: UUID
    resident: UUID
    number: int


def mint_ticket(ticket: Ticket) -> str:
    """The signed text of a ticket; the same ticket gives the same text."""
    content = [ticket.municipality, ticket.sale.hex, ticket.resident.hex, ticket.number]
    return Signer(salt=SALT).sign_object(content)


@lru_cache(maxsize=100_000)
def read_ticket(text: str) -> Ticket:
    """The ticket of a signed text. Raises Refusal `ticket_unreadable`."""
    try:
        content: Any = Signer(salt=SALT).unsign_object(text)
        municipality, sale, resident, number = content
        return Ticket(municipality, UUID(hex=sale), UUID(hex=resident), number)
    except (BadSignature, ValueError, TypeError) as exc:
        raise TICKET_UNREADABLE.refusal() from exc
