"""The first page: what I have, until when; and what came and went."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.design import charts, figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.drawn import drawn_conditions
from meguri.faces.resident.frame import area_name, cursor, holder_of, page, purse_name, residents_only
from meguri.faces.resident.movements import rows_of
from meguri.notices import queries as notices_of
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.points import debts
from meguri.wallets import donation_views, operations, queries
from meguri.wallets.queries import Purse, WalletView
from meguri.words.refusal import Language

PAGE = 30
SEARCH_MAX = 60
ROUTINE = "point.granted"
"""The topic of what comes every day and asks for nothing."""
LATEST = 3
"""How many rows of the history stand on the first page."""


@residents_only
@require_GET
def home(request: TownRequest) -> HttpResponse:
    """The ring, the purses, the last movements; before that, the way to open a wallet."""
    holder = holder_of(request)
    found = queries.wallet(holder, municipality=request.municipality, at=request.at)
    if found is None:
        return page(request, "open", way="home")
    moved = queries.history(holder, municipality=request.municipality, at=request.at, limit=PAGE)
    return page(
        request, "home", way="home", wallet=found, ring=_ring(found, request.language),
        purses=[_row(purse, request.language) for purse in found.purses],
        expired=[_row(purse, request.language) for purse in found.expired],
        movements=rows_of(request, moved)[:LATEST], news=_news(request, holder),
        shrinks=_shrinks(request, holder) if found.purses else [],
        newcomer=not parties.is_registered(holder, municipality=request.municipality),
        debt=debts.debt_yen(holder, municipality=request.municipality), can_give=bool(queries.giveable(found)),
        can_donate=bool(donation_views.donatable(found)),
        drawn=drawn_conditions(request, [purse.kind.programme for purse in found.purses]),
    )  # fmt: skip


def _shrinks(request: TownRequest, holder: UUID) -> list[dict[str, object]]:
    """What goes back to the town next, purse by purse, if it is not spent before."""
    return [
        {"name": purse_name(each.purse_kind, request.language), "day": each.day, "base": each.base_yen,
         "loss": each.amount_yen, "family": each.purse_kind.family}
        for each in programmes.shrinks_next(holder, municipality=request.municipality, at=request.at)
    ]  # fmt: skip


def _news(request: TownRequest, holder: UUID) -> dict[str, object] | None:
    """What the town told me that I have not read: how many, and the newest one's words. Points are no news."""
    town = request.municipality
    unread = notices_of.unread(holder, municipality=town, other_than=ROUTINE)
    if not unread:
        return None
    told = notices_of.inbox(holder, municipality=town, other_than=ROUTINE, limit=PAGE)
    newest = next((each for each in told if each.read_at is None), None)
    return {"unread": unread, "title": newest.wording.title(request.language) if newest else ""}


def _row(purse: Purse, language: str) -> dict[str, object]:
    kind = purse.kind
    return {
        "family": kind.family, "name": purse_name(kind, language), "amount": purse.amount_yen,
        "expires_at": purse.expires_at, "spendable": purse.spendable, "starts": kind.spending.start,
        "paid": kind.part == "paid",
    }  # fmt: skip


def _ring(found: WalletView, language: Language) -> charts.Chart:
    arcs = [
        charts.RingArc(
            label=str(_row(purse, language)["name"]), amount=purse.amount_yen, family=purse.kind.family,
            days_left=figures.days_left(purse.expires_at, found.at) if purse.expires_at else None,
            until=figures.show_day(figures.last_day(purse.expires_at), language) if purse.expires_at else "",
        )
        for purse in found.purses
    ]  # fmt: skip
    said = "いま持っているお金" if language == "ja" else "What you have now"
    words = "太いところから先に期限が来ます。" if language == "ja" else "The thicker an arc, the sooner it expires."
    return charts.ring(arcs, title=said, desc=words, language=language)


@residents_only
@require_POST
def open_wallet(request: TownRequest) -> HttpResponse:
    """Open one's wallet, or go on with a stopped one."""
    operations.open_or_resume(holder_of(request), by=request.actor, at=request.at)
    return redirect("resident:home")


@residents_only
def lost(request: TownRequest) -> HttpResponse:
    """Stop the wallet at once when the phone is lost."""
    if request.method == "POST":
        operations.report_lost_phone(holder_of(request), by=request.actor, at=request.at)
        return redirect("resident:home")
    return page(request, "lost", way="home")


@residents_only
@require_GET
def history(request: TownRequest) -> HttpResponse:
    """Everything that came and went, newest first, by a stable cursor."""
    after = cursor(request)
    found = queries.history(
        holder_of(request), municipality=request.municipality, at=request.at, after=after, limit=PAGE
    )
    further = f"?after={found[-1].posting}" if len(found) == PAGE else ""
    debt = debts.debt_yen(holder_of(request), municipality=request.municipality)
    return page(request, "history", way="history", movements=rows_of(request, found), next_url=further, debt=debt)


@residents_only
@require_GET
def shops(request: TownRequest) -> HttpResponse:
    """Where it can be spent: search by name and area."""
    text, area = request.GET.get("text", "").strip()[:SEARCH_MAX], request.GET.get("area", "")
    found = parties.shops(municipality=request.municipality, text=text, area=area, after=cursor(request), limit=PAGE)
    everywhere = parties.shops(municipality=request.municipality, limit=1000)
    names = {each.area: area_name(each, request.language) for each in everywhere}
    areas = [{"value": "", "label": "すべて" if request.language == "ja" else "All"}]
    areas += [{"value": value, "label": label} for value, label in sorted(names.items(), key=lambda each: each[1])]
    further = f"?{urlencode({'after': found[-1].id, 'text': text, 'area': area})}" if len(found) == PAGE else ""
    rows = [{"it": each, "area": names.get(each.area, each.area)} for each in found]
    return page(request, "shops", way="shops", shops=rows, text=text, area=area, areas=areas, next_url=further)
