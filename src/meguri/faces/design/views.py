"""The living style page: every part in all its states, and whole sample screens, in both languages and themes."""

from __future__ import annotations

from typing import Any

import segno
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, override

from meguri.faces.design import icons, samples
from meguri.faces.design.language import as_language
from meguri.faces.design.reference import part_notes
from meguri.faces.design.sample_charts import all_charts
from meguri.faces.design.sample_lists import lists
from meguri.words.refusal import Language

SCREENS = {
    "wallet": ("財布", "Wallet"), "pay": ("払う", "Pay"), "paid": ("払った", "Paid"), "receipt": ("控え", "Receipt"),
    "till": ("レジ", "Till"), "programme": ("事業", "Programme"), "town": ("町", "Town"),
}  # fmt: skip
"""Whole sample screens by the name in their address."""


@transaction.non_atomic_requests  # these pages ask the database for nothing, so they hold no connection
def style(request: HttpRequest) -> HttpResponse:
    """All parts on one page."""
    return _show(
        request, "design/style.html", more={"notes": part_notes(), "icon_names": icons.names(), "screens": SCREENS}
    )


@transaction.non_atomic_requests
def screen(request: HttpRequest, name: str) -> HttpResponse:
    """A whole sample screen. 404 for an unknown one."""
    if name not in SCREENS:
        raise Http404(name)
    return _show(request, f"design/samples/{name}.html", more={})


def _show(request: HttpRequest, template: str, *, more: dict[str, Any]) -> HttpResponse:
    """Render in the language asked for, also where nobody else reads `?lang=`."""
    language = as_language(request.GET.get("lang") or get_language())
    theme = request.GET.get("theme", "")
    with override(language):
        context = {**sample_context(language), **more, "theme": theme if theme in ("light", "dark") else ""}
        return render(request, template, context)


def sample_context(language: Language) -> dict[str, Any]:
    """What the sample screens show: the invented afternoon."""
    return {
        **lists(language),
        "language": language,
        "at": samples.AT,
        "town": samples.Town(),
        "invented_town": True,
        "code_svg": code_svg(),
        "purses": samples.purses(language),
        "ring": samples.wallet_ring(language),
        "no_ring": samples.empty_ring(language),
        "resident_nav": samples.resident_nav(language),
        "till_nav": samples.till_nav(language),
        "office_nav": samples.office_nav(language),
        "payment_parts": samples.payment_parts(language),
        "budget": samples.budget(language),
        "budget_total": samples.BUDGET,
        "stations": samples.stations(language),
        "conditions": samples.conditions(language),
        "payments": samples.payments(language),
        "columns": samples.columns(language),
        "goals": samples.goals(language),
        "hops": samples.hops(language),
        "figures": samples.figures(language),
        "charts": all_charts(language),
        "refusal": samples.refusal(),
        "code_ends": samples.AT.replace(minute=8),
        "footer_links": [{"url": "/style/", "label": "Style"}],
    }


def code_svg() -> str:
    """A QR picture of an invented code of digits."""
    drawn = segno.make_qr("20271234567890123456", error="m").svg_inline(border=0, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 - drawn by segno from our own digits
