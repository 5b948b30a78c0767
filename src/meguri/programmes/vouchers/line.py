"""What may be asked about the line of a sale: how it stands for everybody, and where one person stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, Q, Sum

from meguri.ledger import queries as balances
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes.parts import Allocation
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Application, ApplicationState, Place, PlaceState, Sale, SaleState
from meguri.programmes.vouchers.offer import find_offer
from meguri.programmes.vouchers.operations.sales import stock_lot
from meguri.words.period import Period


@dataclass(frozen=True, slots=True)
class LineView:
    """The same for everybody. `served`: every place up to this number is settled; `last`: the newest place.

    `left`: units in stock; `reserved`: units that wait for their payment and may come back.
    """

    sale: UUID
    open: Period
    units: int
    left: int
    reserved: int
    served: int
    last: int

    @property
    def waiting(self) -> int:
        """How many still wait: the line is settled in its order."""
        return self.last - self.served


@dataclass(frozen=True, slots=True)
class Selling:
    """A sale that is first come and not over: what a unit costs and is worth (yen), and what is left in stock."""

    sale: UUID
    name: Both
    round_name: Both
    open: Period
    price_yen: int
    face_yen: int
    left: int


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One person's place. `ahead`: how many still wait before them. `why`: if there are no units, the reason."""

    number: int
    units: int
    state: str
    ahead: int
    application: UUID | None
    units_won: int
    pay_before: datetime | None
    why: Both | None


def line(sale: UUID, *, municipality: int) -> LineView:
    """How a line stands. Raises Refusal `voucher_sale_unknown`, `voucher_no_line`."""
    row = Sale.objects.filter(id=sale, municipality=municipality).first()
    if row is None:
        raise rules.SALE_UNKNOWN.refusal()
    if rules.is_drawn(row.allocation):
        raise rules.NOT_FIRST_COME.refusal()
    seen = Place.objects.filter(sale=row).aggregate(
        last=Max("number"), next=Min("number", filter=Q(state=PlaceState.WAITING))
    )
    last = seen["last"] or 0
    kept = Application.objects.filter(sale=row, state=ApplicationState.WON, reserved_by__isnull=False)
    stock = Account(row.programme, AccountRole.STOCK)
    return LineView(
        sale=row.id, open=Period(row.apply_from, row.apply_until), units=row.units,
        left=balances.balance(stock, lot=stock_lot(row), municipality=municipality),
        reserved=kept.aggregate(units=Sum("units_won"))["units"] or 0,
        served=last if seen["next"] is None else seen["next"] - 1, last=last,
    )  # fmt: skip


def place(sale: UUID, *, resident: UUID, municipality: int) -> PlaceView:
    """Where a resident stands. Raises Refusal `voucher_place_unknown`."""
    rows = Place.objects.select_related("application").filter(sale=sale, municipality=municipality)
    row = rows.filter(resident=resident).first()
    if row is None:
        raise rules.PLACE_UNKNOWN.refusal()
    before = rows.filter(state=PlaceState.WAITING, number__lt=row.number)
    won = row.application
    return PlaceView(
        number=row.number, units=row.units, state=row.state,
        ahead=before.count() if row.state == PlaceState.WAITING else 0, application=row.application_id,
        units_won=won.units_won if won else 0, pay_before=won.pay_before if won else None,
        why=Both(row.told_ja, row.told_en) if row.told_ja else None,
    )


def selling(municipality: int, *, at: datetime) -> tuple[Selling, ...]:
    """The sales in whose line one can stand now or later, and which have something left; the first to open first."""
    rows = Sale.objects.filter(
        municipality=municipality, allocation=Allocation.FIRST_COME, state=SaleState.OPEN, apply_until__gt=at
    )
    found = [_selling(row) for row in rows.order_by("apply_from", "id")]
    return tuple(each for each in found if each.left)


def _selling(row: Sale) -> Selling:
    offer = find_offer(row.programme, municipality=row.municipality)
    sale_round = rules.find_round(offer.sale, row.round)
    stock = Account(row.programme, AccountRole.STOCK)
    return Selling(
        sale=row.id, name=offer.name, round_name=Both(sale_round.name.ja, sale_round.name.en),
        open=Period(row.apply_from, row.apply_until), price_yen=row.unit_price_yen,
        face_yen=sum(part.yen for part in cost.bundle_of(offer.sale, sale_round).face),
        left=balances.balance(stock, lot=stock_lot(row), municipality=row.municipality),
    )  # fmt: skip


def lines(municipality: int) -> tuple[UUID, ...]:
    """The sales in whose line somebody waits, or in which something kept may have to go back."""
    asked = Q(places__state=PlaceState.WAITING) | Q(
        applications__state=ApplicationState.WON, applications__pay_before__isnull=False
    )
    found = Sale.objects.filter(asked, municipality=municipality).order_by("id").distinct()
    return tuple(found.values_list("id", flat=True))
