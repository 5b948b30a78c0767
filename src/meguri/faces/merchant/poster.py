"""The shop's own code: on the screen, and as a sheet for the counter."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import at_the_till, own_shop, page, said
from meguri.tills.codes import ShopCode, qr_svg, show


@at_the_till
@require_GET
def code(request: TownRequest) -> HttpResponse:
    """The sheet (A5 on paper), in both languages, whichever the reader speaks."""
    shop = own_shop(request)
    link = ShopCode(shop.code).link(settings.OFFICIAL_HOST)
    picture = qr_svg(link, title=said(request, "お店のコード", en="Shop code"))
    return page(
        request, "code", way="code", shop=shop, host=settings.OFFICIAL_HOST, number=show(shop.code),
        svg=mark_safe(picture),  # noqa: S308 - drawn by us
    )  # fmt: skip
