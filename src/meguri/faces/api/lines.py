"""The line of a sale in the document of the API. In a running server `lean` answers these addresses, in the role `sale`
a process that does nothing else; here is the same for whoever runs Django alone.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec
from ninja import Router, Schema, Status

from meguri.faces.api import lining
from meguri.faces.api.auth import Bearer
from meguri.faces.api.tickets import Ticket
from meguri.faces.entrance.requests import TownRequest
from meguri.ledger.wall import name_municipality
from meguri.programmes.vouchers import line, operations
from meguri.words.refusal import Refusal

router = Router()


class StandingGiven(Schema):
    """The same for everybody. Every place up to `served` is settled; `reserved` units may still come back.

    `opens` and `closes`: moments as in ISO 8601; `closes` is empty where there is no end.
    """

    units: int
    left: int
    reserved: int
    served: int
    last: int
    opens: str
    closes: str


class ComeAsked(Schema):
    """How many units: a number, or text as people type it."""

    units: int | str


class OwnPlaceGiven(Schema):
    """`state`: waiting (`ahead` people come first), allotted (pay for `units_won` before `pay_before`), refused (why).

    `ticket` names the place from now on; it is worth nothing to anybody else. `pay_before`: a moment, or empty.
    """

    number: int
    units: int
    state: Literal["waiting", "allotted", "refused"]
    ahead: int
    ticket: str
    application: UUID | None
    units_won: int
    pay_before: str
    why_ja: str
    why_en: str


@router.get("/line/{sale}", operation_id="line_see", response=StandingGiven)
def see(request: TownRequest, sale: UUID, *, town: str = "") -> object:
    """How a line stands; the answer may be kept for a second. `town`: a town's number where a server has several."""
    number = lining.town_of(town)
    name_municipality(number)
    return msgspec.to_builtins(lining.standing(line.line(sale, municipality=number)))


@router.post(
    "/line/{sale}", operation_id="line_come", response={200: OwnPlaceGiven, 201: OwnPlaceGiven},
    auth=Bearer(lining.SCOPE),
)  # fmt: skip
def come(request: TownRequest, sale: UUID, *, asked: ComeAsked) -> object:
    """Stand in the line of a sale that is first come, first served. 201: a new place; 200: the one that I had already.

    However often it is sent, it is one place. When its turn comes, units are kept for half an hour: order and pay.
    """
    by, units = request.actor, lining.units_of(asked.units)
    (placed,) = operations.line_up(
        [operations.Wish(by, units)], sale=sale, municipality=by.municipality, at=request.at
    )  # fmt: skip
    if isinstance(placed, Refusal):
        raise placed
    ticket = Ticket(by.municipality, sale, by.party or UUID(int=0), placed.number)
    return Status(201 if placed.is_new else 200, _given(ticket))


@router.get("/line/{sale}/place", operation_id="line_place", response=OwnPlaceGiven)
def place(request: TownRequest, sale: UUID, *, ticket: str = "") -> object:
    """Where the ticket's holder stands. Ask a line of thousands every fifteen seconds, a short one every three."""
    return _given(lining.ticket_of(ticket, sale=sale))


def _given(ticket: Ticket) -> object:
    name_municipality(ticket.municipality)
    view = line.line(ticket.sale, municipality=ticket.municipality)
    return msgspec.to_builtins(
        lining.own_place(ticket, lining.still_waiting(ticket, view) or lining.look_up(ticket))
    )  # fmt: skip
