"""Doors that only an invented town has: become any of its people, move its clock, fill its registers.

A key with the scope `rehearsal` opens them. For a real municipality they answer 403, whatever the key.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import ApiRequest, Bearer
from meguri.faces.entrance.operations import ONLY_IN_A_REHEARSAL, mint_for_rehearsal, move_clock
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.tokens import EVERYTHING, SECONDS_MOST
from meguri.ledger import queries as books
from meguri.parties import operations as parties
from meguri.parties import queries as people
from meguri.parties.rules import require
from meguri.programmes import operations as programmes
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers.providers import NoticeKind
from meguri.tills import operations as tills
from meguri.vault.rules import Field
from meguri.words import clock
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import declare

NO_SUCH_OFFICER = declare(
    "no_such_officer", status=404,
    ja="{department}に「{role}」の職員はいません。", en="{department} has no officer in the role “{role}”.",
)  # fmt: skip

router = Router(auth=Bearer("rehearsal"))


class TokenAsked(Schema):
    role: ActorRole
    party: UUID | None = None
    department: str = ""
    shop: UUID | None = None
    second: bool = False  # the department's second officer of that role, for four eyes between equals


class TokenGiven(Schema):
    token: str


class ClockAsked(Schema):
    at: datetime


class ResidentRow(Schema):
    key: str
    number: str
    household_number: str
    birth_date: date
    ward: str
    moved_in: date
    tax_class: str
    shielded: bool = False
    sealed: dict[Field, Any]


class ResidentsAsked(Schema):
    residents: list[ResidentRow]


class ResidentNamed(Schema):
    key: str
    resident: UUID
    household: UUID


class ResidentsGiven(Schema):
    residents: list[ResidentNamed]


class MerchantRow(Schema):
    key: str
    name_ja: str
    kana: str
    sealed: dict[Field, Any]


class ShopRow(Schema):
    key: str
    name_ja: str
    name_en: str
    trade: str
    area: str
    area_en: str = ""
    size_class: str
    floor_area: int
    address: str
    merchant: MerchantRow


class ShopsAsked(Schema):
    shops: list[ShopRow]


class ShopNamed(Schema):
    key: str
    shop: UUID
    shop_code: str


class ShopsGiven(Schema):
    shops: list[ShopNamed]


class SponsorRow(Schema):
    key: str
    name_ja: str
    name_en: str
    kana: str = ""


class SponsorsAsked(Schema):
    sponsors: list[SponsorRow]


class SponsorNamed(Schema):
    key: str
    sponsor: UUID


class SponsorsGiven(Schema):
    sponsors: list[SponsorNamed]


class ShopAsked(Schema):
    shop: UUID


class WordAsked(Schema):
    """`kind`: early (a shop has the money), final (it is ours), withdrawn (the shop gave it back)."""

    order: UUID
    kind: NoticeKind


class Done(Schema):
    done: bool = True


def _invented(request: TownRequest, action: str) -> Actor:
    """Who fills the registers of an invented town. Raises Refusal `only_in_a_rehearsal`, `not_allowed`."""
    by: Actor = request.actor
    town = books.municipality(by.municipality)
    if town is None or town.kind == "real":
        raise ONLY_IN_A_REHEARSAL.refusal()
    require(by, action)
    return by


@router.post("/rehearsal/tokens", operation_id="rehearsal_token", response=TokenGiven)
def token(request: ApiRequest, asked: TokenAsked) -> TokenGiven:
    """Become one of the invented people: a resident, a clerk, or an officer who holds the role at this moment."""
    number = request.actor.municipality
    party = asked.party
    if party is None and asked.department:
        party = _officer(asked, municipality=number, at=request.at)
    actor = Actor(number, asked.role, party, asked.department, asked.shop)
    return TokenGiven(token=mint_for_rehearsal(actor, scopes=[EVERYTHING], holder=request.auth, seconds=SECONDS_MOST))


def _officer(asked: TokenAsked, *, municipality: int, at: datetime) -> UUID:
    held = people.officers(municipality=municipality, at=at, department=asked.department)
    found = [appointment.officer for appointment in held if appointment.role is asked.role]
    if len(found) <= asked.second:
        raise NO_SUCH_OFFICER.refusal(department=asked.department, role=str(asked.role))
    return found[int(asked.second)]


@router.post("/rehearsal/clock", operation_id="rehearsal_set_clock", response=Done)
def set_clock(request: ApiRequest, asked: ClockAsked) -> Done:
    """Set the town's clock: from now on it runs from `at`."""
    move_clock(asked.at - clock.now(), holder=request.auth)
    return Done()


@router.post("/rehearsal/payments", operation_id="rehearsal_tell_of_payment", response=Done)
def tell_of_payment(request: TownRequest, asked: WordAsked) -> Done:
    """Let the invented shop, or the invented card, tell of an order. Sent again it is told once."""
    by = Actor(_invented(request, "rehearsal.mint").municipality, ActorRole.SYSTEM)
    vouchers.tell_as_provider(order=asked.order, kind=asked.kind, by=by, at=request.at, now=clock.now())
    return Done()


@router.post("/rehearsal/residents", operation_id="rehearsal_residents", response=ResidentsGiven)
def residents(request: TownRequest, asked: ResidentsAsked) -> ResidentsGiven:
    """Register residents; the answer names each by its pseudonym."""
    by = _invented(request, "party.register_resident")
    entries = [parties.ResidentEntry(**row.dict(exclude={"key"})) for row in asked.residents]
    named = parties.register_residents(entries, by=by, at=request.at)
    facts = people.resident_facts(named, municipality=by.municipality, on=clock.day(request.at))
    return ResidentsGiven(
        residents=[
            ResidentNamed(key=row.key, resident=who, household=facts[who].household)
            for row, who in zip(asked.residents, named, strict=True)
        ]
    )


@router.post("/rehearsal/shops", operation_id="rehearsal_shops", response=ShopsGiven)
def shops(request: TownRequest, asked: ShopsAsked) -> ShopsGiven:
    """Register merchants with their shops, and open their tills."""
    by = _invented(request, "party.register_shop")
    merchants: dict[str, UUID] = {}
    named = []
    for row in asked.shops:
        if row.merchant.key not in merchants:
            merchants[row.merchant.key] = parties.register_merchant(
                name_ja=row.merchant.name_ja, name_en=row.merchant.name_ja, by=by, at=request.at
            )
        entry = parties.ShopEntry(
            **row.dict(exclude={"key", "merchant", "address", "area_en"}),
            sealed=row.merchant.sealed | {Field.ADDRESS: row.address},
        )
        named.append(parties.register_shop(entry, by=by, at=request.at, merchant=merchants[row.merchant.key]))
    parties.name_areas({row.area: row.area_en for row in asked.shops if row.area_en}, by=by)
    tills.open_tills(named, municipality=by.municipality)
    programmes.measure_tightness(by=by, at=request.at)
    return ShopsGiven(shops=[_named(row.key, shop, by=by) for row, shop in zip(asked.shops, named, strict=True)])


def _named(key: str, shop: UUID, *, by: Actor) -> ShopNamed:
    found = people.shop(shop, municipality=by.municipality)
    return ShopNamed(key=key, shop=shop, shop_code=found.code if found else "")


@router.post("/rehearsal/sponsors", operation_id="rehearsal_sponsors", response=SponsorsGiven)
def sponsors(request: TownRequest, asked: SponsorsAsked) -> SponsorsGiven:
    """Register companies that co-fund."""
    by = _invented(request, "party.register_sponsor")
    made = [
        SponsorNamed(
            key=row.key,
            sponsor=parties.register_sponsor(name_ja=row.name_ja, name_en=row.name_en, by=by, at=request.at),
        )
        for row in asked.sponsors
    ]
    return SponsorsGiven(sponsors=made)


@router.post("/rehearsal/shops/close", operation_id="shops_close", response=Done)
def close_shop(request: TownRequest, asked: ShopAsked) -> Done:
    """A shop gives up for good; it is still settled and paid."""
    by = _invented(request, "party.suspend_shop")
    parties.set_shop_status(asked.shop, "closed", by=by)
    return Done()
