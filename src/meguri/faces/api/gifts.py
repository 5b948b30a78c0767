"""Giving by a code: make one, see the codes one has made, have a gift back; look at what a code brings, take it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime

from meguri.faces.api.auth import Bearer
from meguri.faces.api.problems import problem_of
from meguri.faces.api.wallets import Done
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import require
from meguri.wallets import gifts, queries
from meguri.wallets.gift_rules import GIFT_UNKNOWN
from meguri.wallets.queries import GiftView
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal

router = Router()


class GiveAsked(Schema):
    """`purse_kind` and `expires_at` name the purse as `wallet_purses` shows it; `request` makes the gift once."""

    purse_kind: UUID
    expires_at: AwareDatetime | None = None
    amount_yen: int
    request: str


class GiftRow(Schema):
    """`code` and `link` while the gift can be taken, else empty. `state`: waiting, over, taken, returned."""

    gift: UUID
    purse_kind: UUID
    yen: int
    made_at: datetime
    until: datetime
    state: str
    ended_at: datetime | None
    code: str
    link: str


class GiftsGiven(Schema):
    gifts: list[GiftRow]


class CodeAsked(Schema):
    code: str


class GiftShownGiven(Schema):
    """What a code would bring: `part` is paid or granted; `good_until` when the money can be spent no more."""

    gift: UUID
    purse_kind: UUID
    name_ja: str
    name_en: str
    part: str
    yen: int
    until: datetime
    good_until: datetime | None


class GiftTakenGiven(Schema):
    gift: UUID
    yen: int
    replayed: bool


def _holder(request: TownRequest) -> tuple[Actor, UUID]:
    by: Actor = request.actor
    return by, by.party or UUID(int=0)


def _no(refusal: Refusal) -> HttpResponse:
    """Answered, not raised: what is raised rolls back, and with it the count of wrong codes."""
    no = problem_of(refusal)
    return HttpResponse(no.body, status=no.status, headers=no.headers)


def _row(each: GiftView) -> GiftRow:
    return GiftRow(
        gift=each.id, purse_kind=each.kind.id, yen=each.yen, made_at=each.made_at, until=each.until, state=each.state,
        ended_at=each.ended_at, code=each.code, link=each.link,
    )  # fmt: skip


@router.post("/wallet/gifts", operation_id="gifts_give", response=GiftRow, auth=Bearer("gift.give"))
def give(request: TownRequest, asked: GiveAsked) -> GiftRow:
    """Put yen of one purse aside for whoever brings the code. A gift, never a sale."""
    by, holder = _holder(request)
    made = gifts.give(
        by=by, at=request.at, holder=holder, purse_kind=asked.purse_kind, expires_at=asked.expires_at,
        amount_yen=asked.amount_yen, request=asked.request,
    )  # fmt: skip
    found = queries.gift(made, giver=holder, municipality=by.municipality, at=request.at)
    if found is None:
        raise GIFT_UNKNOWN.refusal()
    return _row(found)


@router.get("/wallet/gifts", operation_id="gifts_list", response=GiftsGiven, auth=Bearer("gift.give"))
def given(request: TownRequest) -> GiftsGiven:
    """The gifts one has made, newest first."""
    by, holder = _holder(request)
    require(by, "gift.give", owner=holder)
    found = queries.gifts(holder, municipality=by.municipality, at=request.at)
    return GiftsGiven(gifts=[_row(each) for each in found])


@router.post("/wallet/gifts/{gift}/back", operation_id="gifts_take_back", response=Done, auth=Bearer("gift.give"))
def take_back(request: TownRequest, gift: UUID) -> Done:
    """Have a gift back that nobody has taken."""
    gifts.take_back(gift=gift, by=request.actor, at=request.at)
    return Done()


@router.post("/wallet/gifts/look", operation_id="gifts_look", response=GiftShownGiven, auth=Bearer("gift.take"))
def look(request: TownRequest, asked: CodeAsked) -> GiftShownGiven | HttpResponse:
    """What a code would bring. Ten wrong codes, and the next try has to wait."""
    found = gifts.look(code=asked.code, by=request.actor, at=request.at)
    if isinstance(found, Refusal):
        return _no(found)
    return GiftShownGiven(
        gift=found.gift, purse_kind=found.kind.id, name_ja=found.kind.name_ja, name_en=found.kind.name_en,
        part=found.kind.part, yen=found.yen, until=found.until, good_until=found.good_until,
    )  # fmt: skip


@router.post("/wallet/gifts/take", operation_id="gifts_take", response=GiftTakenGiven, auth=Bearer("gift.take"))
def take(request: TownRequest, asked: CodeAsked) -> GiftTakenGiven | HttpResponse:
    """Take a gift into one's own wallet, once."""
    found = gifts.take(code=asked.code, by=request.actor, at=request.at)
    if isinstance(found, Refusal):
        return _no(found)
    return GiftTakenGiven(gift=found.gift, yen=found.yen, replayed=found.replayed)
