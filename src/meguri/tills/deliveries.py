"""Counting paper notes for a shop: at its till, or at the office's desk for a shop without a device.

Each note is a payment of its own, under the note's own key (`wallets.notes.payment_key`): it is paid once for ever,
whoever scans it. A delivery groups what is counted together, so that the same scan sent again over a bad line is known
for what it is. Its row is written in the same transaction as its payments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from meguri.ledger.rules import LEDGER_BUSY
from meguri.parties.rules import OFFICER_ROLES, require
from meguri.tills.models import Delivery
from meguri.tills.scans import AtShop, NoteVerdict, Scans
from meguri.words.actor import Actor
from meguri.words.refusal import declare

NOTES_MOST: Final = 200
"""Notes counted at once; a delivery may be as long as it likes."""

NOTES_TOO_MANY = declare(
    "notes_too_many", status=422,
    ja="一度に送れるのは{most}枚までです({notes}枚ありました)。分けて送ってください。",
    en="Up to {most} notes may be sent at once ({notes} were). Please send them in parts.",
)
NOTES_MISSING = declare(
    "notes_missing", status=422,
    ja="券がまだ読み取られていません。QRコードを読み取ってください。",
    en="No note has been scanned yet. Please scan a QR code.",
)
DELIVERY_OF_OTHERS = declare(
    "delivery_of_others",
    ja="この受付番号は、ほかの店の持ち込みに使われています。画面を開き直してください。",
    en="This delivery's number belongs to another shop. Please open the page anew.",
)
NO_CHANGE = declare(
    "no_change",
    ja="お釣りは出ません。券は{faces}円分、お会計は{due}円です({over}円多くなります)。よければ、もう一度押してください。",
    en="No change is given. The notes are worth {faces} yen, the bill is {due} yen ({over} yen less). "
       "If that is agreed, press again.",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """The verdicts in the order of the scans; `notes` and `yen` of the whole delivery so far."""

    delivery: UUID
    verdicts: tuple[NoteVerdict, ...]
    notes: int
    yen: int
    cash_yen: int = 0

    @property
    def counted_yen(self) -> int:
        """What was counted now."""
        return sum(each.yen for each in self.verdicts if each.state == "counted")


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """What was counted together for a shop."""

    id: UUID
    shop: UUID
    opened_at: datetime
    opened_by: UUID | None
    at_desk: bool
    notes: int
    yen: int


def count_notes(
    *, shop: UUID, delivery: UUID, notes: Sequence[str], by: Actor, at: datetime, due_yen: int | None = None,
    no_change: bool = False,
) -> Counted:
    """Pay the shop with every good note of these scans; each is judged alone, and none pays twice.

    `due_yen`: what the customer owes. Notes worth more are refused as a whole until `no_change` says that this is
    agreed; notes worth less leave `cash_yen` to be paid in cash. Order: permission, shop, the delivery's row, the
    notes, the change, the payments, the row's sums; all of it once more where two tills stood in each other's way.
    Raises Refusal `not_allowed`, `notes_missing`, `notes_too_many`, `shop_not_registered`, `shop_not_accepting`,
    `delivery_of_others`, `no_change`, `ledger_busy`.
    """
    require(by, "till.count_notes", owner=shop)
    if not notes:
        raise NOTES_MISSING.refusal(field="notes")
    if len(notes) > NOTES_MOST:
        raise NOTES_TOO_MANY.refusal(field="notes", most=NOTES_MOST, notes=len(notes))
    for _ in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                return _count(shop, delivery, notes=notes, by=by, at=at, due_yen=due_yen, no_change=no_change)
        except OperationalError as waited:  # the first takings of a shop in a lot make a row, on which two can meet
            if not isinstance(waited.__cause__, DeadlockDetected):
                raise
    raise LEDGER_BUSY.refusal()


_ATTEMPTS = 4


def _count(
    shop: UUID, delivery: UUID, *, notes: Sequence[str], by: Actor, at: datetime, due_yen: int | None, no_change: bool
) -> Counted:
    till = AtShop(shop, by=by, at=at)
    row = _opened(delivery, shop=shop, by=by, at=at)
    judged = Scans(notes, till=till, delivery=delivery)
    if due_yen is not None and not no_change:
        _require_no_change(judged.payable_yen(), due_yen)
    verdicts = judged.paid()
    fresh = [each for each in verdicts if each.state == "counted"]
    if fresh:
        row.notes, row.yen = row.notes + len(fresh), row.yen + sum(each.yen for each in fresh)
        row.save(update_fields=["notes", "yen"])
    given = sum(each.yen for each in verdicts if each.state != "refused")
    return Counted(delivery, tuple(verdicts), row.notes, row.yen, max((due_yen or 0) - given, 0))


def deliveries(shop: UUID, *, municipality: int, limit: int = 20) -> tuple[DeliveryView, ...]:
    """What was counted for a shop, newest first; a delivery without a good note is left out."""
    rows = Delivery.objects.filter(municipality=municipality, shop=shop, notes__gt=0).order_by("-opened_at", "-id")
    return tuple(
        DeliveryView(row.id, row.shop, row.opened_at, row.opened_by, row.at_desk, row.notes, row.yen)
        for row in rows[:limit]
    )


def _require_no_change(faces: int, due: int) -> None:
    if faces > due:
        raise NO_CHANGE.refusal(field="no_change", faces=faces, due=due, over=faces - due)


def _opened(delivery: UUID, *, shop: UUID, by: Actor, at: datetime) -> Delivery:
    """The delivery's row, held until the end; made by its first scan."""
    fresh = Delivery(
        id=delivery, municipality=by.municipality, shop=shop, opened_at=at, opened_by=by.party,
        at_desk=by.role in OFFICER_ROLES,
    )
    Delivery.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Delivery.objects.select_for_update().filter(id=delivery).first()  # another town's cannot even be seen
    if row is None or (row.municipality, row.shop) != (by.municipality, shop):
        raise DELIVERY_OF_OTHERS.refusal()
    return row
