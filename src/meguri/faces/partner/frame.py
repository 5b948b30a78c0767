"""What every page of a partner company shares: who may enter, the ways at the side, which company it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from meguri.faces.entrance.acting import acting_as
from meguri.faces.entrance.once import first_time
from meguri.faces.entrance.refusals import with_wait
from meguri.faces.entrance.requests import TownRequest
from meguri.parties import queries as parties
from meguri.parties.queries import SponsorView
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.queries import FundView
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal

partners_only = acting_as(ActorRole.PARTNER)

WAYS = (
    ("home", "partner", "出したお金のいま", "Our money now"),
    ("spent", "map", "使われた店と行動", "Shops and actions"),
    ("statement", "book", "月の明細", "Monthly statement"),
    ("deposits", "yen", "入金", "Deposits"),
    ("proposals", "idea", "行動の提案", "Propose an action"),
    ("hosted", "scan", "場所のQRコード", "Codes of our places"),
    ("delivering", "upload", "行動を届ける", "Deliver actions"),
    ("keys", "key", "APIキー", "API keys"),
    ("webhooks", "bell", "通知先", "Endpoints"),
    ("members", "people", "会社の人", "Our people"),
)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def page(
    request: TownRequest, template: str, *, way: str, refusal: Refusal | None = None, **values: Any
) -> HttpResponse:
    """Render a page of the company's; `way` is the current one. With a refusal it says so and keeps what was typed."""
    items = [
        {"url": reverse(f"partner:{name}"), "icon": icon, "label": said(request, ja, en=en), "current": name == way}
        for name, icon, ja, en in WAYS
    ]
    context = {"nav_groups": [{"name": "", "items": items}], "sponsor": sponsor(request), **values}
    return shown(request, f"partner/{template}.html", context=context, refusal=refusal)


def shown(request: TownRequest, template: str, *, context: Mapping[str, Any], refusal: Refusal | None) -> HttpResponse:
    """A page with a form: what was typed (`form`), and what was wrong with it, at its field where it has one.

    What was done is typed no longer: a form that stayed filled would be sent a second time.
    """
    errors = {refusal.field: refusal.sentence(request.language)} if refusal is not None and refusal.field else {}
    values = {"form": request.POST if refusal else {}, "refusal": refusal, "errors": errors, **context}
    answer = render(request, template, values, status=refusal.kind.status if refusal else 200)
    return with_wait(answer, refusal)


def attempt(request: TownRequest, acts: Mapping[str, Callable[[], object]]) -> Refusal | None:
    """Do what the pressed button (`act`) names, once a form; gives the refusal, if it was one."""
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise BadRequest("no such act")
    try:
        with transaction.atomic():
            if first_time(request):
                act()
            else:
                messages.warning(request, said(
                    request, "この画面からの手続きは、すでに受け付けています。", en="This form has been taken already.",
                ))  # fmt: skip
    except Refusal as refusal:
        return refusal
    return None


def done(request: TownRequest, ja: str, *, en: str) -> None:
    """Say at the head of the next page what has happened."""
    messages.success(request, said(request, ja, en=en))


def said(request: TownRequest, ja: str, *, en: str) -> str:
    """The sentence of the reader's language."""
    return ja if request.language == "ja" else en


def sponsor(request: TownRequest) -> SponsorView | None:
    """The company that the actor speaks for."""
    number = request.actor.party
    return parties.sponsor(number, municipality=request.municipality) if number else None


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
