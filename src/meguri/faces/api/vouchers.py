"""Vouchers: open a sale, apply, draw, buy; enter a code that came by letter."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.api.problems import problem_of
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import Both
from meguri.programmes.parts import Sale
from meguri.programmes.queries import terms
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.rules import SALE_UNKNOWN
from meguri.words.refusal import Refusal

router = Router()


class ValueNamed(Schema):
    """Which public value will be mixed into the draw, in both languages: 9月4日の日経平均株価の終値."""

    ja: str = Field(max_length=300)
    en: str = Field(max_length=300)


class SaleAsked(Schema):
    """`value_named` is promised to the public, so a round that is drawn cannot open without it; others need none.

    `round`: its code in the terms; without it the next that was not opened.
    """

    programme: UUID
    round: str = Field(default="", max_length=40)
    value_named: ValueNamed = ValueNamed(ja="", en="")


class RoundAsked(Schema):
    """`round`: its code in the terms, where several are open side by side; without it the newest."""

    programme: UUID
    round: str = Field(default="", max_length=40)


class ApplyAsked(RoundAsked):
    units: int


class DrawAsked(RoundAsked):
    public_value: str


class ApplicationAsked(Schema):
    application: UUID


class CounterAsked(RoundAsked):
    """Who pays at the counter, and for how many units."""

    resident: UUID
    units: int


class CodeAsked(Schema):
    """`code`: as it was typed or scanned, in any case and width, with or without gaps."""

    code: str = Field(max_length=80)


class ApplicationGiven(Schema):
    application: UUID


class SaleOpened(Schema):
    sale: UUID


class ListGiven(Schema):
    sale: UUID
    list_hash: str


class DrawGiven(Schema):
    won: int
    lost: int


class PurchaseGiven(Schema):
    application: UUID
    posting: UUID
    face_yen: int


class EnteredGiven(Schema):
    """`replayed`: the same person had entered this code before, so nothing came in this time."""

    programme: UUID
    posting: UUID
    yen: int
    replayed: bool


def _sale(request: TownRequest, asked: RoundAsked) -> UUID:
    """The sale of a round that was opened, or the programme's newest. Raises Refusal `voucher_sale_unknown`."""
    found = queries.sales(request.actor.municipality, programme=asked.programme, round_code=asked.round)
    if not found:
        raise SALE_UNKNOWN.refusal(field="round" if asked.round else "programme")
    return found[-1]


@router.post("/vouchers/sales", operation_id="vouchers_open_sale", response=SaleOpened, auth=Bearer("voucher.draw"))
def open_sale(request: TownRequest, asked: SaleAsked) -> SaleOpened:
    """Open a launched programme's next sale: its stock enters the books, a drawn one publishes its commitment."""
    obtaining = terms(asked.programme, municipality=request.actor.municipality).obtaining
    if not isinstance(obtaining, Sale):
        raise SALE_UNKNOWN.refusal(field="programme")
    rounds = obtaining.rounds
    opened = len(queries.sales(request.actor.municipality, programme=asked.programme))
    code = asked.round or rounds[min(opened, len(rounds) - 1)].code
    named = Both(asked.value_named.ja, asked.value_named.en)
    made = operations.open_sale(
        programme=asked.programme, round_code=code, by=request.actor, at=request.at, value_named=named
    )
    return SaleOpened(sale=made)


@router.post(
    "/vouchers/applications", operation_id="vouchers_apply", response=ApplicationGiven,
    auth=Bearer("voucher.apply"),
)  # fmt: skip
def apply(request: TownRequest, asked: ApplyAsked) -> ApplicationGiven:
    """Apply for units. Asking again for the same is the same application."""
    made = operations.apply(sale=_sale(request, asked), units=asked.units, by=request.actor, at=request.at)
    return ApplicationGiven(application=made.application)


@router.post("/vouchers/lists", operation_id="vouchers_close", response=ListGiven, auth=Bearer("voucher.draw"))
def close(request: TownRequest, asked: RoundAsked) -> ListGiven:
    """Freeze the list of applications and publish its hash, before the public value can be known."""
    sale = _sale(request, asked)
    return ListGiven(sale=sale, list_hash=operations.close_applications(sale=sale, by=request.actor, at=request.at))


@router.post("/vouchers/draws", operation_id="vouchers_draw", response=DrawGiven, auth=Bearer("voucher.draw"))
def draw(request: TownRequest, asked: DrawAsked) -> DrawGiven:
    """Draw a closed list with the public value of the day (named beforehand, known to everybody only now)."""
    sale = _sale(request, asked)
    operations.draw_lottery(sale=sale, public_value=asked.public_value, by=request.actor, at=request.at)
    counted = queries.counts(sale, municipality=request.actor.municipality)
    return DrawGiven(won=counted["won"], lost=counted["lost"])


@router.post(
    "/vouchers/purchases", operation_id="vouchers_purchase", response=PurchaseGiven,
    auth=Bearer("voucher.purchase"),
)  # fmt: skip
def purchase(request: TownRequest, asked: ApplicationAsked) -> PurchaseGiven:
    """Buy what one has won, within the deadline, by the built-in test payment."""
    made = operations.purchase(application=asked.application, by=request.actor, at=request.at)
    return PurchaseGiven(application=made.application, posting=made.posting, face_yen=made.face_yen)


@router.post(
    "/vouchers/counter", operation_id="vouchers_sell_at_counter", response=PurchaseGiven,
    auth=Bearer("voucher.sell_at_counter"),
)  # fmt: skip
def sell_at_counter(request: TownRequest, asked: CounterAsked) -> PurchaseGiven:
    """Take a resident's cash in a sale that is first come, first served. Sent again it is the same purchase."""
    made = operations.buy_at_once(
        sale=_sale(request, asked), units=asked.units, resident=asked.resident, by=request.actor, at=request.at
    )
    return PurchaseGiven(application=made.application, posting=made.posting, face_yen=made.face_yen)


@router.post(
    "/vouchers/codes", operation_id="vouchers_enter_code", response=EnteredGiven, auth=Bearer("voucher.enter_code"),
)  # fmt: skip
def enter_code(request: TownRequest, asked: CodeAsked) -> EnteredGiven | HttpResponse:
    """Enter a code that came by letter, once: its worth comes into one's wallet. Wrong codes are counted."""
    made = operations.enter_code(code=asked.code, by=request.actor, at=request.at)
    if isinstance(made, Refusal):  # answered, not raised: what is raised rolls back, and with it the count
        no = problem_of(made)
        return HttpResponse(no.body, status=no.status, headers=no.headers)
    return EnteredGiven(programme=made.programme, posting=made.posting, yen=made.yen, replayed=made.replayed)
