"""The line of a sale, served beside Django: come, see how it stands, see where one stands. For programs and for people.

`POST /api/v1/line/<sale>` with a bearer token gives a place and its ticket; sent again it is the same place.
`GET  /api/v1/line/<sale>` is the same for everybody and may be kept for a second by anything on the way.
`GET  /api/v1/line/<sale>/place?ticket=…` is one's own place.
`/line/<sale>` is the same as a page: it works without a script, and the ticket in its address is all it needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from django.conf import settings

from meguri.faces.api import line_page
from meguri.faces.api.auth import bearer, claims_of
from meguri.faces.api.lookups import here_or_there, there
from meguri.faces.api.paying import decode
from meguri.faces.api.problems import ADDRESS_UNKNOWN, NOT_SIGNED_IN, require_json
from meguri.faces.api.tickets import Ticket, mint_ticket, read_ticket
from meguri.faces.entrance.refusals import METHOD_NOT_ALLOWED, wait_of
from meguri.faces.entrance.tokens import town_time
from meguri.ledger.wall import name_municipality
from meguri.programmes.vouchers import line
from meguri.programmes.vouchers.line import LineView, PlaceView
from meguri.programmes.vouchers.operations import Placed, Wish
from meguri.programmes.vouchers.serving import Coming, Line, serving
from meguri.words.actor import Actor
from meguri.words.refusal import Language, Refusal
from meguri.words.yen import parse_yen

ROUTES = ("/line/", "/api/v1/line/")
SCOPE = "voucher.purchase"
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
FOR_ALL = {"Content-Type": "application/json", "Cache-Control": "public, max-age=1"}
PAGE = {
    "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip
_ADDRESS = re.compile(r"/(api/v1/)?line/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(/place)?")
Header = Callable[[str, str], str]
"""Gives the header of a name (in small letters), or what is given for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, whole."""

    method: str
    path: str
    query: str
    header: Header
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class LineRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How many units: a number, or text as people type it."""

    units: int | str


class Standing(msgspec.Struct, kw_only=True):
    """How a line stands. Every place up to `served` is settled; `reserved` units may still come back."""

    units: int
    left: int
    reserved: int
    served: int
    last: int
    opens: str
    closes: str


class PlaceGiven(msgspec.Struct, kw_only=True):
    """One's own place; `state`: waiting, allotted (pay before `pay_before`), refused (`why_ja`, `why_en`).

    `units`: what was asked for, told once the line has reached the place; 0 before.
    """

    number: int
    units: int
    state: str
    ahead: int
    ticket: str
    application: UUID | None = None
    units_won: int = 0
    pay_before: str = ""
    why_ja: str = ""
    why_en: str = ""


async def respond(asked: Question) -> Reply:
    """Answer one request. Raises Refusal."""
    found = _ADDRESS.fullmatch(asked.path)
    if found is None:
        raise ADDRESS_UNKNOWN.refusal()
    sale = UUID(found[2])
    if asked.method not in {"GET", "HEAD", "POST"} or (asked.method == "POST" and found[3]):
        raise METHOD_NOT_ALLOWED.refusal(method=asked.method)
    if not found[1]:
        return await (_come_as_person(asked, sale) if asked.method == "POST" else _page(asked, sale))
    if asked.method == "POST":
        return await _come_as_program(asked, sale)
    return await (_own_place(asked, sale) if found[3] else _standing(asked, sale))


async def _standing(asked: Question, sale: UUID) -> Reply:
    municipality = town_of(dict(parse_qsl(asked.query)).get("town", ""))
    return Reply(200, _standing_text(await _seen(Line(municipality, sale))), FOR_ALL)


def town_of(text: str) -> int:
    """The town that an address names by its number, else the one of this installation."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else settings.MUNICIPALITY


@lru_cache(maxsize=1_000)
def _standing_text(view: LineView) -> bytes:
    return msgspec.json.encode(standing(view))


def standing(view: LineView) -> Standing:
    """How a line stands, as it is told to everybody."""
    return Standing(
        units=view.units, left=view.left, reserved=view.reserved, served=view.served, last=view.last,
        opens=view.open.start.isoformat(), closes=view.open.end.isoformat() if view.open.end else "",
    )


async def _come_as_program(asked: Question, sale: UUID) -> Reply:
    require_json(asked.header("content-type", ""))
    wanted = decode(asked.body, LineRequest)
    by = await here_or_there(partial(_actor, bearer(asked.header("authorization", ""))))
    placed = await _come(by, sale, units=wanted.units)
    ticket = Ticket(by.municipality, sale, _party(by), placed.number)
    given = await _given(ticket)
    return Reply(201 if placed.is_new else 200, msgspec.json.encode(given), JSON)


async def _own_place(asked: Question, sale: UUID) -> Reply:
    ticket = ticket_of(dict(parse_qsl(asked.query)).get("ticket", ""), sale=sale)
    return Reply(200, msgspec.json.encode(await _given(ticket)), JSON)


async def _come_as_person(asked: Question, sale: UUID) -> Reply:
    """From the wallet's form; the answer is the address of the page, so that a page loaded again sends nothing."""
    form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
    language: Language = "en" if form.get("lang") == "en" else "ja"
    try:
        by = await here_or_there(partial(_actor, form.get("token", "")))
        placed = await _come(by, sale, units=form.get("units", ""))
    except Refusal as refusal:
        return _refused(refusal, language=language)
    ticket = mint_ticket(Ticket(by.municipality, sale, _party(by), placed.number))
    there = f"/line/{sale}?{urlencode({'ticket': ticket, 'lang': language})}"
    return Reply(303, b"", {"Location": there, "Cache-Control": "no-store"})


async def _page(asked: Question, sale: UUID) -> Reply:
    query = dict(parse_qsl(asked.query))
    language: Language = "en" if query.get("lang") == "en" else "ja"
    try:
        ticket = ticket_of(query.get("ticket", ""), sale=sale)
        view = await _seen(Line(ticket.municipality, sale))
        place = await _place(ticket, view)
        body = await here_or_there(partial(line_page.standing, view, place=place, ticket=ticket, language=language))
    except Refusal as refusal:
        return _refused(refusal, language=language)
    return Reply(200, body, PAGE)


def _refused(refusal: Refusal, *, language: Language) -> Reply:
    return Reply(refusal.kind.status, line_page.refused(refusal, language=language), PAGE | wait_of(refusal))


async def _come(by: Actor, sale: UUID, *, units: int | str) -> Placed:
    number = units_of(units)
    at = await here_or_there(partial(town_time, by.municipality))
    placed = await serving().come(Coming(Line(by.municipality, sale), Wish(by, number), at))
    await _seen(Line(by.municipality, sale))  # from now on this process moves the line on
    return placed


async def _given(ticket: Ticket) -> PlaceGiven:
    return own_place(ticket, await _place(ticket, await _seen(Line(ticket.municipality, ticket.sale))))


def own_place(ticket: Ticket, place: PlaceView) -> PlaceGiven:
    """A place as it is told to its holder."""
    return PlaceGiven(
        number=place.number, units=place.units, state=place.state, ahead=place.ahead, ticket=mint_ticket(ticket),
        application=place.application, units_won=place.units_won,
        pay_before=place.pay_before.isoformat() if place.pay_before else "",
        why_ja=place.why.ja if place.why else "", why_en=place.why.en if place.why else "",
    )  # fmt: skip


async def _place(ticket: Ticket, view: LineView) -> PlaceView:
    """Who is behind all that were served waits: that is known here. Only whose turn it was is looked up."""
    waiting = still_waiting(ticket, view)
    return waiting if waiting is not None else await there(partial(look_up, ticket))


def still_waiting(ticket: Ticket, view: LineView) -> PlaceView | None:
    """The place of somebody whom the line has not reached, out of the ticket alone; None if it has."""
    if ticket.number <= view.served:
        return None
    return PlaceView(
        number=ticket.number, units=0, state="waiting", ahead=ticket.number - view.served - 1, application=None,
        units_won=0, pay_before=None, why=None,
    )


def look_up(ticket: Ticket) -> PlaceView:
    """The place of a ticket, from the database. Raises Refusal `voucher_place_unknown`."""
    name_municipality(ticket.municipality)
    return line.place(ticket.sale, resident=ticket.resident, municipality=ticket.municipality)


async def _seen(wanted: Line) -> LineView:
    known = serving().known(wanted)
    return known if known is not None else await there(partial(serving().look, wanted))


def ticket_of(text: str, *, sale: UUID) -> Ticket:
    """The ticket, if it is one of this line. Raises Refusal `ticket_unreadable`, `address_unknown`."""
    ticket = read_ticket(text)
    if ticket.sale != sale:
        raise ADDRESS_UNKNOWN.refusal()
    return ticket


def units_of(asked: int | str) -> int:
    """How many units somebody asks for, as they typed it. Raises Refusal `count_unreadable`, `count_missing`."""
    return asked if isinstance(asked, int) else parse_yen(asked, field="units")


def _actor(token: str) -> Actor:
    if not token:
        raise NOT_SIGNED_IN.refusal()
    return claims_of(token, scope=SCOPE).actor


def _party(by: Actor) -> UUID:
    return by.party or UUID(int=0)
