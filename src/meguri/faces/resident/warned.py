"""How I want to be warned before money expires."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.wallets import operations, queries
from meguri.wallets.rules import WARNING_DAYS
from meguri.words.refusal import Refusal


@residents_only
def warning(request: TownRequest) -> HttpResponse:
    """One choice of a day and, on wish, a mail. Kept choices are said to be kept on the same page."""
    holder, refusal = holder_of(request), None
    if request.method == "POST":
        try:
            _choose(request)
            return redirect(f"{request.path}?kept=1")
        except Refusal as caught:
            refusal = caught
    chosen = queries.warning_choice(holder, municipality=request.municipality)
    japanese = request.language == "ja"
    mails = [{"value": "yes", "label": "メールでも知らせる" if japanese else "Tell me by mail, too"}]
    return page(
        request, "warning", way="home", refusal=refusal, chosen=str(chosen.days), days=_options(japanese=japanese),
        mails=mails, mail=["yes"] if chosen.by_mail else [],
        kept="kept" in request.GET, status=refusal.kind.status if refusal else 200,
    )  # fmt: skip


def _choose(request: TownRequest) -> None:
    typed = request.POST.get("days", "")
    operations.choose_warning(
        holder=holder_of(request), days=int(typed) if typed.isdecimal() else -1, by_mail="mail" in request.POST,
        by=request.actor, at=request.at,
    )  # fmt: skip


def _options(*, japanese: bool) -> list[dict[str, str]]:
    never = "知らせない" if japanese else "Do not warn me"
    words = "{}日前" if japanese else "{} days before"
    return [{"value": str(days), "label": words.format(days) if days else never} for days in sorted(WARNING_DAYS)[::-1]]
