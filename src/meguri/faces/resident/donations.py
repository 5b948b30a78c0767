"""Donating: the town's causes, how much, what remains before it is given, the receipt, and a day to undo a mistake."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, purse_name, residents_only
from meguri.ledger.rules import INSUFFICIENT
from meguri.wallets import donation_views, queries
from meguri.wallets import donations as deeds
from meguri.wallets.donation_rules import CAUSE_UNKNOWN, DONATION_NOT_PERMITTED, DONATION_UNKNOWN, require_donatable
from meguri.wallets.donation_views import CauseView, DonationView
from meguri.wallets.queries import Purse
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen

NUMBER_MAX = 60
STATES = {
    "waiting": ("取り消せます", "Can still be undone"), "final": ("まもなく届きます", "On its way"),
    "passed": ("受け取り先に回しました", "Passed on to the receiver"), "undone": ("取り消しました", "Undone"),
}  # fmt: skip


@residents_only
@never_cache
@require_GET
def causes(request: TownRequest) -> HttpResponse:
    """What one can donate to now, and what one has donated."""
    town, at = request.municipality, request.at
    made = donation_views.donations(holder_of(request), municipality=town, at=at)
    return page(
        request, "causes", way="home", can=bool(_purses(request)),
        causes=donation_views.causes(town, at=at, open_only=True), donations=[_row(request, each) for each in made],
    )


@residents_only
@never_cache
def donate(request: TownRequest, cause: UUID) -> HttpResponse:
    """Choose purse and amount; see what remains; give. `number` is the donation's own and makes it once."""
    found = donation_views.cause(cause, municipality=request.municipality, at=request.at)
    if found is None or found.state == "waiting":
        raise CAUSE_UNKNOWN.refusal()
    if request.method != "POST":
        return _form(request, found)
    try:
        kind, expires_at = _named(request.POST.get("purse", ""))
        yen = parse_yen(request.POST.get("amount_yen", ""))
        if request.POST.get("do") != "give":
            return _confirm(request, found, kind=kind, expires_at=expires_at, yen=yen)
        made = deeds.donate(
            cause=cause, holder=holder_of(request), purse_kind=kind, expires_at=expires_at, amount_yen=yen,
            request=request.POST.get("number", "")[:NUMBER_MAX] or str(uuid4()), by=request.actor, at=request.at,
        )  # fmt: skip
    except Refusal as refusal:
        return _form(request, found, refusal=refusal)
    return redirect("resident:donation", donation=made)


@residents_only
@never_cache
@require_GET
def donation(request: TownRequest, donation: UUID) -> HttpResponse:
    """One donation: its receipt, and the button that undoes it as long as that is possible."""
    return _donation(request, donation)


@residents_only
@require_POST
def undo(request: TownRequest, donation: UUID) -> HttpResponse:
    """A mistake: all of it comes back into the wallet."""
    try:
        deeds.undo_donation(donation, by=request.actor, at=request.at)
    except Refusal as refusal:
        return _donation(request, donation, refusal=refusal)
    return redirect("resident:donation", donation=donation)


def _donation(request: TownRequest, number: UUID, *, refusal: Refusal | None = None) -> HttpResponse:
    found = donation_views.donation(
        number, holder=holder_of(request), municipality=request.municipality, at=request.at
    )
    if found is None:
        raise DONATION_UNKNOWN.refusal()
    return page(
        request, "donation", way="home", status=refusal.kind.status if refusal else 200, refusal=refusal,
        **_row(request, found),
    )  # fmt: skip


def _form(request: TownRequest, found: CauseView, *, refusal: Refusal | None = None) -> HttpResponse:
    purses = _purses(request)
    return page(
        request, "donate", way="home", status=refusal.kind.status if refusal else 200, refusal=refusal, cause=found,
        purses=[_option(request, each) for each in purses], amount=request.POST.get("amount_yen", ""),
        chosen=request.POST.get("purse", "") or (_value(purses[0]) if purses else ""),
    )  # fmt: skip


def _confirm(
    request: TownRequest, found: CauseView, *, kind: UUID, expires_at: datetime | None, yen: int
) -> HttpResponse:
    """What is given and what remains, before it is given. Raises Refusal as giving it would."""
    wallet = queries.wallet(holder_of(request), municipality=request.municipality, at=request.at)
    of_kind = [each for each in (wallet.purses if wallet else ()) if each.kind.id == kind]
    purse = next((each for each in of_kind if each.expires_at == expires_at), None)
    until = require_donatable(purse.kind if purse else None, expires_at=expires_at, amount_yen=yen, at=request.at)
    assert purse is not None  # noqa: S101 - from no purse nothing is donated
    if purse.amount_yen < yen:
        raise INSUFFICIENT.refusal(field="amount_yen", available=purse.amount_yen, wanted=yen)
    return page(
        request, "donate_sure", way="home", cause=found, yen=yen, until=until, number=uuid4(), purse=_value(purse),
        name=purse_name(purse.kind, request.language), family=purse.kind.family, remains=purse.amount_yen - yen,
        expires_at=purse.expires_at,
    )  # fmt: skip


def _purses(request: TownRequest) -> tuple[Purse, ...]:
    found = queries.wallet(holder_of(request), municipality=request.municipality, at=request.at)
    return donation_views.donatable(found) if found is not None and not found.suspended_at else ()


def _option(request: TownRequest, purse: Purse) -> dict[str, object]:
    yen = f"{purse.amount_yen:,}円" if request.language == "ja" else f"{purse.amount_yen:,} yen"
    return {"value": _value(purse), "label": purse_name(purse.kind, request.language), "note": yen}


def _value(purse: Purse) -> str:
    """A purse as a form names it: its kind, and until when it is good."""
    return f"{purse.kind.id} {purse.expires_at.isoformat() if purse.expires_at else ''}"


def _named(value: str) -> tuple[UUID, datetime | None]:
    """The purse that a form named. Raises Refusal `donation_not_permitted` for what is none."""
    kind, _, expires = value.partition(" ")
    try:
        return UUID(kind), datetime.fromisoformat(expires).astimezone() if expires else None
    except (ValueError, OverflowError):
        raise DONATION_NOT_PERMITTED.refusal(field="purse", limit="donations") from None


def _row(request: TownRequest, each: DonationView) -> dict[str, Any]:
    return {"it": each, "state": STATES[each.state][request.language == "en"]}
