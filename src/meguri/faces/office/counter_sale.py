"""What selling at the counter would mean, read out to the buyer before any money is taken. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meguri.parties.rules import Both
from meguri.programmes.vouchers import queries
from meguri.programmes.vouchers.rules import APPLICATION_UNKNOWN, NOTHING_TO_BUY, require_units
from meguri.words.period import Period


@dataclass(frozen=True, slots=True)
class ToSell:
    """The summary: units and yen of this sale, what comes in by purse, and the units that can be bought no more.

    `parts`: name, whether the buyer pays for it (`paid`) or gets it on top, yen. `booklets`: covers, where it is
    handed over as paper.
    """

    application: UUID
    number: str
    programme: Both
    units: int
    price_yen: int
    face_yen: int
    parts: tuple[tuple[Both, bool, int], ...]
    units_given_up: int
    using: Period
    booklets: tuple[str, ...] = ()


def to_sell(
    application: UUID, *, municipality: int, units: int | None, booklets: tuple[str, ...] = ()
) -> ToSell:
    """What would be sold; `units` None: all that were won.

    Raises Refusal `voucher_application_unknown`, `voucher_nothing_to_buy`, `voucher_too_many_units`.
    """
    one = queries.application(application, municipality=municipality)
    if one is None:
        raise APPLICATION_UNKNOWN.refusal()
    if one.state != "won":
        raise NOTHING_TO_BUY.refusal(state=one.state_words)
    wanted = one.units_won if units is None else units
    require_units(wanted, most=one.units_won)
    sale = queries.sale_page(one.sale, municipality=municipality, resident=one.resident)
    return ToSell(
        application=one.id, number=one.number, programme=one.programme_name, units=wanted,
        price_yen=wanted * sale.unit_price_yen, face_yen=wanted * sale.face_yen,
        parts=tuple((face.name, face.part == "paid", wanted * face.yen) for face in sale.face),
        units_given_up=one.units_won - wanted, using=sale.using, booklets=booklets,
    )  # fmt: skip
