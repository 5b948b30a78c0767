"""What every page of a partner company shares: who may enter, the ways at the side, which company it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from meguri.faces.entrance.acting import acting_as
from meguri.faces.entrance.requests import TownRequest
from meguri.parties import queries as parties
from meguri.parties.queries import SponsorView
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.queries import FundView
from meguri.words.actor import ActorRole

partners_only = acting_as(ActorRole.PARTNER)

WAYS = (
    ("home", "partner", "出したお金のいま", "Our money now"),
    ("spent", "map", "使われた店と行動", "Shops and actions"),
    ("statement", "book", "月の明細", "Monthly statement"),
)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def page(request: TownRequest, template: str, *, way: str, **values: Any) -> HttpResponse:
    """Render a page of the company's; `way` is the current one."""
    items = [
        {"url": reverse(f"partner:{name}"), "icon": icon, "label": said(request, ja, en=en), "current": name == way}
        for name, icon, ja, en in WAYS
    ]
    groups = [{"name": "", "items": items}]
    return render(request, f"partner/{template}.html", {"nav_groups": groups, "sponsor": sponsor(request), **values})


def said(request: TownRequest, ja: str, *, en: str) -> str:
    """The sentence of the reader's language."""
    return ja if request.language == "ja" else en


def sponsor(request: TownRequest) -> SponsorView | None:
    """The company that the actor speaks for."""
    found = (each for each in parties.sponsors(request.municipality) if each.id == request.actor.party)
    return next(found, None)


def own_funds(request: TownRequest) -> tuple[FundView, ...]:
    """The funds that this company pays into, and no others. Raises Refusal `not_allowed`."""
    company = request.actor.party or UUID(int=0)
    require(request.actor, "budget.see", owner=company)
    return programmes.funds(request.municipality, payer=str(company))


def csv_file(rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """A download as spreadsheets in Japan want it: UTF-8 with byte order mark and CRLF; no cell runs as a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    response = HttpResponse(f"\ufeff{out.getvalue()}".encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
