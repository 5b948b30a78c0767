"""Holds (authorise, capture, void): money that is promised to a shop and not paid yet. Pure.

A limit is a balance: the money on hold lies on an account of the hold itself (role `held`), so a capture can never take
more than was promised, and a capture and a time-out that meet are judged by one balance. It keeps its lots.

What is on hold does not expire: the holder decided to spend it while it was good, so it may be captured after its lot's
last day, as if paid on the day of the hold. A hold is short (HOLD_LIFE_MAX), so nobody escapes an expiry by it; what
comes back from a hold lies in its old lot, where the next expiry run finds it. A hold whose time is over is void at
once: it can be captured no more, also while its money has not been given back yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from meguri.ledger.rules import Account, Leg
from meguri.ledger.templates import AccountRole
from meguri.words.ids import named_id
from meguri.words.refusal import declare

HOLD_LIFE_MAX = timedelta(days=14)

HOLD_UNKNOWN = declare("hold_unknown", status=404, ja="この取り置きは見つかりません。", en="No such hold was found.")
HOLD_ENDED = declare(
    "hold_ended",
    ja="この取り置きは終わっています。必要ならもう一度お支払いの手続きをしてください。",
    en="This hold is over. If you need it, please start the payment again.",
)
CAPTURE_EXCEEDS_HOLD = declare(
    "capture_exceeds_hold",
    ja="取り置いた残りは{available}円です({wanted}円は受け取れません)。",
    en="Only {available} yen of the hold are left ({wanted} asked for).",
)
HOLD_TIME_WRONG = declare(
    "hold_time_wrong",
    status=422,
    ja="取り置きの期限は、いまから{days}日以内にしてください。",
    en="A hold must end within {days} days from now.",
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it stands: `left_yen` by lot in the order in which it was taken; open while any is left."""

    id: UUID
    holder: UUID
    posting: UUID
    made_at: datetime
    until: datetime
    left_yen: tuple[tuple[int, int], ...]

    @property
    def yen(self) -> int:
        return sum(yen for _, yen in self.left_yen)

    def is_void(self, at: datetime) -> bool:
        """Whether it can be captured no more: nothing is left, or its time is over."""
        return self.until <= at or not self.yen


def hold_id(key: str, *, municipality: int) -> UUID:
    """A hold's id follows from its request, so that asking twice means one hold."""
    return named_id(f"hold:{municipality}:{key}")


def kept(hold: UUID) -> Account:
    """Where the money of a hold lies."""
    return Account(hold, AccountRole.HELD)


def put_on_hold(hold: UUID, *, holder: UUID, yen: int, lots: Sequence[int]) -> Leg:
    return Leg(Account(holder, AccountRole.WALLET), kept(hold), yen, tuple(lots))


def captured(hold: Hold, *, shop: UUID, yen: int) -> Leg:
    return Leg(kept(hold.id), Account(shop, AccountRole.SHOP), yen, _lots(hold))


def given_back(hold: Hold) -> Leg:
    """All that is left goes back to the wallet, lot by lot."""
    return Leg(kept(hold.id), Account(hold.holder, AccountRole.WALLET), _EVERYTHING, _lots(hold), up_to=True)


_EVERYTHING = 10**15
"""More yen than a hold can have; the leg takes what there is, and stays the same however often it is asked for."""


def _lots(hold: Hold) -> tuple[int, ...]:
    return tuple(lot for lot, _ in hold.left_yen)
