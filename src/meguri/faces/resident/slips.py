"""My convenience-store slip: its barcode on the phone, and the sheet to print."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.design import figures
from meguri.faces.design.barcode import barcode_svg
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, residents_only
from meguri.faces.resident.slip_paper import Slip, slip_pdf
from meguri.programmes import queries as programmes
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers.orders import OrderView
from meguri.programmes.vouchers.paying import ORDER_UNKNOWN
from meguri.programmes.vouchers.providers import agency_of
from meguri.programmes.vouchers.slip_code import bears_stamp, last_day_of, spoken_code

SCREEN_HEIGHT = 110
"""Of the bars on a phone, in modules: a till's scanner is held at any angle."""


@residents_only
@require_GET
@never_cache
def slip(request: TownRequest, order: UUID) -> HttpResponse:
    """The sheet as a PDF, while it can be paid: whoever prints one that cannot is led to the page that says why."""
    own = orders.order(order, municipality=request.municipality)
    if own.resident != holder_of(request):
        raise ORDER_UNKNOWN.refusal()
    if not own.barcode or own.state != "open" or request.at >= own.pay_before:
        return redirect("resident:order", order=order)
    answer = HttpResponse(slip_pdf(_slip(request, own)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="slip-{own.number}.pdf"'
    return answer


def bars_on_screen(own: OrderView) -> dict[str, object]:
    """What the phone shows of a slip: the bars, their digits in two lines, the last day at a till."""
    if not own.barcode:
        return {}
    picture: SafeString = mark_safe(barcode_svg(own.barcode, height=SCREEN_HEIGHT))  # noqa: S308 - drawn from digits
    return {"bars": picture, "digits": spoken_code(own.barcode), "till_day": last_day_of(own.barcode)}


def _slip(request: TownRequest, own: OrderView) -> Slip:
    town, agency, last = request.town, agency_of(own.provider), last_day_of(own.barcode)
    invented = ("見本です。架空の町のもので、お店では使えません。", "A specimen: no store takes it.")
    return Slip(
        title=f"払込票 {own.number}", town=(town.name_ja, town.name_en) if town else ("", ""),
        programme=(own.programme_name.ja, own.programme_name.en),
        issuer=programmes.terms(own.programme, municipality=request.municipality).scheme.issuer.ja,
        agency=f"収納代行 {agency.name}" if agency else "", amount=f"{own.amount_yen:,}",
        last_day=(figures.show_day(last, "ja", style="year"), figures.show_day(last, "en", style="year")),
        number=own.number, application=own.application_number,
        units=(f"{own.programme_name.ja} {own.units:,}口", f"{own.programme_name.en}, {own.units:,} unit(s)"),
        barcode=own.barcode, digits=spoken_code(own.barcode), stamped=bears_stamp(own.barcode),
        invented=invented if town is None or town.kind != "real" else None,
    )  # fmt: skip
