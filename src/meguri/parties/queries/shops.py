"""Shops as people see them, and as facts that spending rules read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from meguri.parties.models import Area, Shop, ShopMember, ShopStatus, SizeClass
from meguri.parties.trades import Trade, trade
from meguri.words.actor import ActorRole


@dataclass(frozen=True, slots=True)
class ShopView:
    """A shop as anybody may see it. `area_en`: the Japanese name again where the area has no English one."""

    id: UUID
    code: str
    name_ja: str
    name_en: str
    trade: Trade
    area: str
    area_en: str
    size_class: str
    floor_area: int
    status: str
    merchant: UUID
    joined_on: date


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What spending rules may ask about a shop. `street`: member of a shopping street; `head_office`: in the region."""

    shop: UUID
    merchant: UUID
    trade: str
    area: str
    size_class: str
    floor_area: int
    street: bool
    head_office: bool
    open: bool
    code: str = ""


def _views(rows: QuerySet[Shop]) -> tuple[ShopView, ...]:
    named = Area.objects.filter(municipality=OuterRef("municipality"), name_ja=OuterRef("area")).values("name_en")
    return tuple(
        ShopView(
            id=row.id, code=row.code, name_ja=row.name_ja, name_en=row.name_en, trade=trade(row.trade), area=row.area,
            area_en=row.area_en, size_class=row.size_class, floor_area=row.floor_area, status=row.status,
            merchant=row.merchant_id, joined_on=row.joined_on,
        )
        for row in rows.annotate(area_en=Coalesce(Subquery(named), F("area")))
    )


def shops(
    *, municipality: int, after: UUID | None = None, limit: int = 100, area: str = "", trade_code: str = "",
    text: str = "", open_only: bool = True,
) -> tuple[ShopView, ...]:
    """A page of the shop directory in the order of joining; `after` is the last id of the page before.

    The order never changes, so a page turned while shops join shows none twice.
    """
    rows = Shop.objects.filter(municipality=municipality)
    if open_only:
        rows = rows.filter(status=ShopStatus.OPEN)
    if after is not None:
        rows = rows.filter(id__gt=after)
    if area:
        rows = rows.filter(area=area)
    if trade_code:
        rows = rows.filter(trade=trade_code)
    if text:
        rows = rows.filter(Q(name_ja__icontains=text) | Q(name_en__icontains=text))
    return _views(rows.order_by("id")[:limit])


def shop(shop_id: UUID, *, municipality: int) -> ShopView | None:
    return next(iter(_views(Shop.objects.filter(id=shop_id, municipality=municipality))), None)


def shop_by_code(code: str, *, municipality: int) -> ShopView | None:
    """The shop of a printed code."""
    return next(iter(_views(Shop.objects.filter(code=code, municipality=municipality))), None)


def _facts(rows: QuerySet[Shop]) -> dict[UUID, ShopFacts]:
    return {
        row.id: ShopFacts(
            shop=row.id, merchant=row.merchant_id, trade=row.trade, area=row.area, size_class=row.size_class,
            floor_area=row.floor_area, street=row.size_class == SizeClass.STREET,
            head_office=row.merchant.head_office, open=row.status == ShopStatus.OPEN,
            code=row.code,
        )
        for row in rows.select_related("merchant")
    }


def shop_facts(wanted: Iterable[UUID], *, municipality: int) -> dict[UUID, ShopFacts]:
    """The facts of these shops, by id."""
    return _facts(Shop.objects.filter(municipality=municipality, id__in=list(wanted)))


def all_shop_facts(municipality: int) -> dict[UUID, ShopFacts]:
    """The facts of every shop, for a process that keeps them in memory."""
    return _facts(Shop.objects.filter(municipality=municipality))


def shop_members(shop_id: UUID, *, municipality: int) -> tuple[tuple[UUID, ActorRole], ...]:
    """Who works at a shop now: pseudonym and role."""
    rows = ShopMember.objects.filter(municipality=municipality, shop_id=shop_id, valid_until=None).order_by("id")
    return tuple((row.member, ActorRole(row.role)) for row in rows)
