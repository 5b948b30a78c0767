"""Giving to somebody by a code, and receiving: the codes I made, one of them with its QR, and what a code brings me."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, purse_name, residents_only
from meguri.tills.codes import qr_svg
from meguri.wallets import gifts as deeds
from meguri.wallets import queries
from meguri.wallets.gift_codes import read_code
from meguri.wallets.gift_rules import GIFT_NOT_PERMITTED, GIFT_UNKNOWN
from meguri.wallets.gifts import GiftShown, GiftTaken
from meguri.wallets.queries import GiftView, Purse
from meguri.words import predicate
from meguri.words.predicate import EVERYTHING
from meguri.words.refusal import Language, Refusal
from meguri.words.signs import in_groups
from meguri.words.yen import parse_yen

TYPED_MAX = 80
"""As much of what was typed stands in the field again: a code with all its gaps is far shorter."""
NUMBER_MAX = 60
STATES = {
    "waiting": ("受け取りを待っています", "Waiting to be taken"), "taken": ("受け取られました", "Taken"),
    "over": ("期限が過ぎました。まもなくもどります", "Its time is over; it comes back shortly"),
    "returned": ("財布にもどりました", "Back in your wallet"),
}  # fmt: skip


@residents_only
@never_cache
def gifts(request: TownRequest) -> HttpResponse:
    """What I can give and the codes I have made; posting makes one. `number` is the gift's own and makes it once."""
    if request.method != "POST":
        return _gifts(request)
    try:
        kind, expires_at = _purse(request.POST.get("purse", ""))
        made = deeds.give(
            by=request.actor, at=request.at, holder=holder_of(request), purse_kind=kind, expires_at=expires_at,
            amount_yen=parse_yen(request.POST.get("amount_yen", "")),
            request=request.POST.get("number", "")[:NUMBER_MAX] or str(uuid4()),
        )  # fmt: skip
    except Refusal as refusal:
        return _gifts(request, refusal=refusal)
    return redirect("resident:gift", gift=made)


def _gifts(request: TownRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    holder, town, language = holder_of(request), request.municipality, request.language
    found = queries.wallet(holder, municipality=town, at=request.at)
    purses = queries.giveable(found) if found is not None and not found.suspended_at else ()
    made = queries.gifts(holder, municipality=town, at=request.at)
    return page(
        request, "gifts", way="home", status=refusal.kind.status if refusal else 200, refusal=refusal,
        purses=[_option(each, language) for each in purses], number=uuid4(), amount=request.POST.get("amount_yen", ""),
        chosen=request.POST.get("purse", "") or (_value(purses[0]) if purses else ""),
        rules=_rules(purses, language), gifts=[_row(each, language) for each in made],
    )  # fmt: skip


def _option(purse: Purse, language: Language) -> dict[str, object]:
    yen = f"{purse.amount_yen:,}円" if language == "ja" else f"{purse.amount_yen:,} yen"
    return {"value": _value(purse), "label": purse_name(purse.kind, language), "note": yen}


def _value(purse: Purse) -> str:
    """A purse as a form names it: its kind, and until when it is good."""
    return f"{purse.kind.id} {purse.expires_at.isoformat() if purse.expires_at else ''}"


def _purse(value: str) -> tuple[UUID, datetime | None]:
    """The purse that a form named. Raises Refusal `gift_not_permitted` for what is none."""
    kind, _, expires = value.partition(" ")
    try:
        return UUID(kind), datetime.fromisoformat(expires).astimezone() if expires else None
    except (ValueError, OverflowError):
        raise GIFT_NOT_PERMITTED.refusal(field="purse") from None


def _rules(purses: tuple[Purse, ...], language: Language) -> list[str]:
    """What the terms say of each programme's gifts, once."""
    said = []
    for kind in {each.kind.programme: each.kind for each in purses}.values():
        terms = kind.gifts
        assert terms is not None  # noqa: S101 - it can be given
        step, most, days = f"{terms.step_yen:,}", f"{terms.most_yen:,}" if terms.most_yen else "", terms.days
        if language == "ja":
            at_most = f"、一度に{most}円まで" if most else ""
            said.append(f"{kind.programme_name_ja}: {step}円ごと{at_most}。コードは{days}日のあいだ使えます。")
        else:
            at_most = f", {most} yen at most" if most else ""
            said.append(f"{kind.programme_name_en}: steps of {step} yen{at_most}. A code lasts {days} days.")
    return said


def _row(each: GiftView, language: Language) -> dict[str, Any]:
    return {
        "it": each, "name": purse_name(each.kind, language), "state": STATES[each.state][language == "en"],
        "family": each.kind.family,
    }  # fmt: skip


@residents_only
@never_cache
@require_GET
def gift(request: TownRequest, gift: UUID) -> HttpResponse:
    """One gift of mine: its code and QR while it waits, and what became of it. Anybody else's is not there."""
    found = queries.gift(gift, giver=holder_of(request), municipality=request.municipality, at=request.at)
    if found is None:
        raise GIFT_UNKNOWN.refusal()
    return _gift(request, found)


def _gift(request: TownRequest, found: GiftView, *, refusal: Refusal | None = None) -> HttpResponse:
    title = "贈り物のコード" if request.language == "ja" else "Code of the gift"
    picture = mark_safe(qr_svg(found.link, title=title)) if found.link else ""  # noqa: S308 - drawn by us
    return page(
        request, "gift", way="home", status=refusal.kind.status if refusal else 200, refusal=refusal, svg=picture,
        **_row(found, request.language),
    )  # fmt: skip


@residents_only
@require_POST
def take_gift_back(request: TownRequest, gift: UUID) -> HttpResponse:
    """Have a gift back that nobody has taken. Somebody who was quicker is told of on its page."""
    try:
        deeds.take_back(gift=gift, by=request.actor, at=request.at)
    except Refusal as refusal:
        found = queries.gift(gift, giver=holder_of(request), municipality=request.municipality, at=request.at)
        if found is None:
            raise
        return _gift(request, found, refusal=refusal)
    return redirect("resident:gift", gift=gift)


@residents_only
@never_cache
def take_gift(request: TownRequest) -> HttpResponse:
    """The field for a code; then what it would bring; then the button that takes it. An address alone takes nothing."""
    if request.method != "POST":
        return _field(request, typed="")
    typed, is_taking = request.POST.get("code", ""), request.POST.get("do") == "take"
    answer = _asked(request, typed, is_taking=is_taking)
    if isinstance(answer, Refusal):
        return _field(request, typed=typed, refusal=answer)
    if isinstance(answer, GiftTaken):
        again = f"?{urlencode({'again': 1})}" if answer.replayed else ""
        return redirect(reverse("resident:gift_taken", args=[answer.gift]) + again)
    return page(request, "gift_shown", way="get", code=in_groups(read_code(typed)), **_shown(request, answer))


def _asked(request: TownRequest, typed: str, *, is_taking: bool) -> GiftShown | GiftTaken | Refusal:
    """A refusal becomes an answer, never an exception of the view: that would roll back the count of wrong codes."""
    try:
        deed = deeds.take if is_taking else deeds.look
        return deed(code=typed, by=request.actor, at=request.at)
    except Refusal as refusal:
        return refusal


def _field(request: TownRequest, *, typed: str, refusal: Refusal | None = None) -> HttpResponse:
    return page(
        request, "take_gift", way="get", status=refusal.kind.status if refusal else 200, refusal=refusal,
        typed=typed[:TYPED_MAX],
    )  # fmt: skip


def _shown(request: TownRequest, found: GiftShown) -> dict[str, Any]:
    kind, language = found.kind, request.language
    is_free = kind.restriction.predicate == EVERYTHING
    return {
        "it": found, "name": purse_name(kind, language), "family": kind.family, "is_paid": kind.part == "paid",
        "where": "" if is_free else predicate.sentence(kind.restriction, language),
    }  # fmt: skip


@residents_only
@never_cache
@require_GET
def gift_taken(request: TownRequest, gift: UUID) -> HttpResponse:
    """What a gift brought me. Anybody else's is not there."""
    found = queries.gift_received(gift, holder=holder_of(request), municipality=request.municipality, at=request.at)
    if found is None:
        return redirect("resident:take_gift")
    return page(request, "gift_taken", way="get", again="again" in request.GET, **_row(found, request.language))
