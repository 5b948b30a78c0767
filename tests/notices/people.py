"""People who are written to, and a carrier that keeps what it was given."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from meguri.notices.carriers import CarrierRefusedError
from meguri.notices.rules import Wording
from meguri.vault.operations import make_login
from meguri.words.actor import Actor, ActorRole

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
SYSTEM = Actor(1, ActorRole.SYSTEM)
WON = Wording("当選しました", "You won", "商品券に当選しました。", "You won vouchers.")
taken: list[tuple[str, str, str]] = []
"""What the carrier took: address, title, text."""


def take(*, address: str, title: str, text: str) -> None:
    if address == "full@example.jp":
        raise CarrierRefusedError("mailbox full")
    taken.append((address, title, text))


def person(**address: str) -> UUID:
    """Somebody with a login at this e-mail or phone."""
    party = uuid4()
    make_login(municipality=1, party=party, at=AT, **address)  # type: ignore[arg-type]
    return party


def acting(role: str, party: UUID | None = None, *, department: str = "", municipality: int = 1) -> Actor:
    return Actor(municipality, ActorRole(role), party or uuid4(), department)
