"""Paper notes: a till, or the office for a shop without a device, counts many at once."""

from __future__ import annotations

from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.tills.deliveries import count_notes
from meguri.tills.scans import NoteVerdict
from meguri.words.actor import ActorRole

router = Router()


class NotesAsked(Schema):
    """Scanned codes, up to 200. `delivery` is the client's own number of the pile: a scan sent again is counted once.

    `due_yen` is a customer's bill; notes worth more need `no_change`. `shop`: for officers, who count for any shop.
    """

    delivery: UUID
    notes: list[str]
    due_yen: int | None = None
    no_change: bool = False
    shop: UUID | None = None


class NoteRow(Schema):
    """`state`: counted, again (counted in this delivery before) or refused; then `code` and a sentence say why."""

    state: str
    number: str
    yen: int
    payment: UUID | None
    code: str
    ja: str
    en: str


class NotesCounted(Schema):
    """`count` and `yen` of the whole delivery so far; `cash_yen` is what is left of the bill."""

    delivery: UUID
    count: int
    yen: int
    cash_yen: int
    notes: list[NoteRow]


@router.post("/notes", operation_id="notes_count", response=NotesCounted, auth=Bearer("till.count_notes"))
def count(request: TownRequest, asked: NotesAsked) -> NotesCounted:
    """Pay the shop with every good note; each is judged alone, and the same note never pays twice."""
    by = request.actor
    at_till = by.role in (ActorRole.CLERK, ActorRole.OWNER)
    shop = (by.shop if at_till else asked.shop) or UUID(int=0)
    made = count_notes(
        shop=shop, delivery=asked.delivery, notes=asked.notes, by=by, at=request.at, due_yen=asked.due_yen,
        no_change=asked.no_change,
    )
    return NotesCounted(
        delivery=made.delivery, count=made.notes, yen=made.yen, cash_yen=made.cash_yen,
        notes=[_row(each) for each in made.verdicts],
    )


def _row(each: NoteVerdict) -> NoteRow:
    no = each.refusal
    return NoteRow(
        state=each.state, number=each.serial.digits if each.serial else "", yen=each.yen, payment=each.payment,
        code=no.code if no else "", ja=no.sentence("ja") if no else "", en=no.sentence("en") if no else "",
    )
