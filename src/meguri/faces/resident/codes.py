"""A code that came by letter: typed, or brought by the letter's QR; entered once; what it brought and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, purse_name, residents_only
from meguri.faces.resident.offering import code_offers
from meguri.ledger import queries as books
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers.codes import TOO_MANY_TRIES, read_code
from meguri.words import predicate
from meguri.words.predicate import EVERYTHING
from meguri.words.refusal import Refusal
from meguri.words.signs import in_groups

TYPED_MAX = 80
"""As much of what was typed stands in the field again: a code with all its gaps is far shorter."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a code put into one purse: yen, until when it is spent, and in which shops (empty: in all)."""

    kind: PurseKindView
    yen: int
    until: datetime | None
    language: str

    @property
    def name(self) -> str:
        """The programme and which part of it, in the reader's language."""
        return purse_name(self.kind, self.language)

    @property
    def where(self) -> str:
        """The terms' own condition on shops, in the reader's language."""
        if self.kind.restriction.predicate == EVERYTHING:
            return ""
        return predicate.sentence(self.kind.restriction, "ja" if self.language == "ja" else "en")


@residents_only
@never_cache
def enter_code(request: TownRequest) -> HttpResponse:
    """The field for a code. An address may bring one (`?c=`); it is shown, and only the button enters it."""
    if request.method != "POST":
        return _form(request, typed=request.GET.get("c", ""))
    typed = request.POST.get("code", "")
    answer = _enter(request, typed)
    if isinstance(answer, Refusal):
        return _form(request, typed=typed, refusal=answer)
    again = "?again=1" if answer.replayed else ""
    return redirect(reverse("resident:code_entered", args=[answer.posting]) + again)


def _enter(request: TownRequest, typed: str) -> vouchers.CodeEntered | Refusal:
    """A refusal becomes an answer, never an exception of the view: that would roll back the count of wrong codes."""
    try:
        return vouchers.enter_code(code=typed, by=request.actor, at=request.at)
    except Refusal as refusal:
        return refusal


def _form(request: TownRequest, *, typed: str, refusal: Refusal | None = None) -> HttpResponse:
    return page(
        request, "enter_code", way="get", status=refusal.kind.status if refusal else 200, typed=_in_groups(typed),
        refusal=refusal, again_at=_again_at(refusal, request.at) if refusal else None,
        offers=code_offers(request.municipality, at=request.at),
    )  # fmt: skip


def _in_groups(typed: str) -> str:
    """A whole code as the letter prints it, so that it can be compared; all else as it was typed."""
    try:
        signs = read_code(typed)
    except Refusal:
        return typed[:TYPED_MAX]
    return in_groups(signs)


def _again_at(refusal: Refusal, at: datetime) -> datetime | None:
    """When somebody who tried too often may try again."""
    if refusal.kind is not TOO_MANY_TRIES:
        return None
    return at + timedelta(minutes=int(str(refusal.facts["minutes"])))


@residents_only
@never_cache
@require_GET
def code_entered(request: TownRequest, posting: UUID) -> HttpResponse:
    """What a code of mine brought: how much, where it is spent, until when. Anybody else's is not there."""
    found = _loaded(request, posting)
    if not found:
        return redirect("resident:get")
    return page(
        request, "code_entered", way="get", loaded=found, yen=sum(each.yen for each in found),
        again="again" in request.GET,
    )  # fmt: skip


def _loaded(request: TownRequest, posting: UUID) -> list[Loaded]:
    """By purse and expiry; money of several funds in one purse is one row."""
    town, wallet = request.municipality, Account(holder_of(request), AccountRole.WALLET)
    view = books.posting(posting, municipality=town)
    if view is None or view.template != "load_code":
        return []
    mine = [entry for entry in books.entries(posting, municipality=town) if entry.credit == wallet]
    lots = books.lots((entry.credit_lot for entry in mine), municipality=town)
    kinds = programmes.rules_in_force(town, request.at).purse_kinds
    sums: dict[tuple[PurseKindView, datetime | None], int] = {}
    for entry in mine:
        lot = lots[entry.credit_lot]
        kind = kinds.get(lot.purse_kind) if lot.purse_kind else None
        if kind is not None:
            place = (kind, _until(kind, lot.expires_at))
            sums[place] = sums.get(place, 0) + entry.amount
    return [Loaded(kind, yen, until, request.language) for (kind, until), yen in sums.items()]


def _until(kind: PurseKindView, expires_at: datetime | None) -> datetime | None:
    """The end of spending: the money's own, or the programme's if that comes first."""
    return min((end for end in (expires_at, kind.spending.end) if end is not None), default=None)
