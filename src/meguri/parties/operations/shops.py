"""Merchants sign, shops accept, sponsors fund."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from meguri.parties.models import Merchant, Shop, ShopStatus, SizeClass, Sponsor
from meguri.parties.rules import Both, require, shop_code
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare

SHOP_ENTRY_WRONG = declare(
    "shop_entry_wrong", status=422,
    ja="{what:ja}「{value}」は登録できません。入力を確かめてください。",
    en="{what:en} “{value}” cannot be registered. Please check what you typed.",
)
ENTRY_NAMES = {
    "name_ja": Both("店の名前", "The name in Japanese"), "name_en": Both("店の名前(英語)", "The name in English"),
    "trade": Both("業種", "The trade"), "area": Both("地区", "The area"), "size_class": Both("店の区分", "The class"),
    "floor_area": Both("売場面積", "The floor area"), "merchant": Both("事業者", "The merchant"),
    "number": Both("店の番号", "The shop's number"), "registration_number": Both("登録番号", "The registration number"),
}
"""What a person calls the parts of an entry."""
NAME_MOST = 200
"""The longest name of a shop; an area and what a refusal says again have at most `SHOWN_MOST` characters."""
SHOWN_MOST = 40
SHOP_UNKNOWN = declare(
    "shop_unknown", status=404, ja="この店は登録されていません。", en="No such shop is registered."
)
SHOP_CLOSED_FOR_GOOD = declare(
    "shop_closed_for_good",
    ja="{shop}は閉店の手続きが済んでいます。もう一度始めるときは、新しく登録してください。",
    en="{shop} has left for good. To come back, please register it anew.",
)


@dataclass(frozen=True, slots=True)
class ShopEntry:
    """What a shop is. `floor_area` in square metres; `sealed` (contact, bank account) goes into the vault."""

    name_ja: str
    name_en: str
    trade: str
    area: str
    size_class: str = SizeClass.SMALL
    floor_area: int = 0
    sealed: Mapping[Field, Any] = field(default_factory=dict)


def register_merchant(
    *, name_ja: str, name_en: str, by: Actor, at: datetime, head_office: bool = True, registration_number: str = "",
    merchant: UUID | None = None,
) -> UUID:
    """Register who signs the contract. Raises Refusal `not_allowed` or `shop_entry_wrong`."""
    require(by, "party.register_shop")
    number = registration_number.strip().upper()
    if number and not re.fullmatch(r"T[0-9]{13}", number):
        raise _wrong("registration_number", number)
    row = Merchant.objects.create(
        id=merchant or uuid7(at), municipality=by.municipality, name_ja=name_ja, name_en=name_en,
        head_office=head_office, registration_number=number, joined_on=day(at),
    )
    return row.id


@transaction.atomic
def register_shop(
    entry: ShopEntry, *, by: Actor, at: datetime, merchant: UUID | None = None, number: int | None = None,
    shop: UUID | None = None,
) -> UUID:
    """Register a shop, open at once; without `merchant` one of the same name is made.

    `number` (at most ten digits) becomes the printed code; none: a random one. Order: merchant, shop, sealed fields.
    Raises Refusal `not_allowed` or `shop_entry_wrong`.
    """
    require(by, "party.register_shop")
    _judge(entry)
    if merchant is None:
        merchant = register_merchant(name_ja=entry.name_ja, name_en=entry.name_en, by=by, at=at)
    elif not Merchant.objects.filter(id=merchant, municipality=by.municipality).exists():
        raise _wrong("merchant", str(merchant))
    code = shop_code(_free_number(by.municipality) if number is None else number)
    if number is not None and Shop.objects.filter(municipality=by.municipality, code=code).exists():
        raise _wrong("number", str(number))
    row = Shop.objects.create(
        id=shop or uuid7(at), municipality=by.municipality, merchant_id=merchant, code=code, name_ja=entry.name_ja,
        name_en=entry.name_en, trade=entry.trade, area=entry.area, size_class=entry.size_class,
        floor_area=entry.floor_area, joined_on=day(at),
    )
    if entry.sealed:
        seal(row.id, entry.sealed, by=by, at=at)
    return row.id


def _judge(entry: ShopEntry) -> None:
    wrong = {
        "name_ja": not 1 <= len(entry.name_ja.strip()) <= NAME_MOST,
        "name_en": not 1 <= len(entry.name_en.strip()) <= NAME_MOST,
        "trade": not (len(entry.trade) == 2 and entry.trade.isascii() and entry.trade.isdecimal()),
        "area": not 1 <= len(entry.area.strip()) <= SHOWN_MOST,
        "size_class": entry.size_class not in SizeClass.values,
        "floor_area": entry.floor_area < 0,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise _wrong(name, str(getattr(entry, name)))


def _wrong(name: str, value: str) -> Refusal:
    """The refusal of one part of an entry; of a very long text only the beginning is said again."""
    said = value if len(value) <= SHOWN_MOST else f"{value[:SHOWN_MOST]}…"
    return SHOP_ENTRY_WRONG.refusal(field=name, what=ENTRY_NAMES[name], value=said)


def _free_number(municipality: int) -> int:
    while True:
        number = secrets.randbelow(10**10)
        if not Shop.objects.filter(municipality=municipality, code=shop_code(number)).exists():
            return number


def _locked_shop(shop: UUID, municipality: int) -> Shop:
    found = Shop.objects.select_for_update().filter(id=shop, municipality=municipality).first()
    if found is None:
        raise SHOP_UNKNOWN.refusal()
    return found


@transaction.atomic
def change_shop(shop: UUID, entry: ShopEntry, *, by: Actor, at: datetime) -> None:
    """Change what a shop is; payments already made keep the facts of their day in the books.

    Raises Refusal `not_allowed`, `shop_unknown`, `shop_entry_wrong`.
    """
    require(by, "party.change_shop")
    _judge(entry)
    row = _locked_shop(shop, by.municipality)
    for name in ("name_ja", "name_en", "trade", "area", "size_class", "floor_area"):
        setattr(row, name, getattr(entry, name))
    row.save()
    if entry.sealed:
        seal(shop, entry.sealed, by=by, at=at)


@transaction.atomic
def set_shop_status(shop: UUID, status: str, *, by: Actor) -> None:
    """Suspend, reopen or close a shop; a closed one stays closed.

    Raises Refusal `not_allowed`, `shop_unknown`, `shop_closed_for_good`.
    """
    require(by, "party.suspend_shop")
    row = _locked_shop(shop, by.municipality)
    if row.status == ShopStatus.CLOSED and status != ShopStatus.CLOSED:
        raise SHOP_CLOSED_FOR_GOOD.refusal(shop=row.name_ja)
    row.status = ShopStatus(status)
    row.save(update_fields=["status"])


def register_sponsor(
    *, name_ja: str, name_en: str, by: Actor, at: datetime, sponsor: UUID | None = None
) -> UUID:
    """Register a company that funds. Raises Refusal `not_allowed`."""
    require(by, "party.register_sponsor")
    row = Sponsor.objects.create(
        id=sponsor or uuid7(at), municipality=by.municipality, name_ja=name_ja, name_en=name_en, joined_on=day(at)
    )
    return row.id
