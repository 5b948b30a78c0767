"""The rules in force: compiled from the launched documents, kept in the process, read anew when they change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from meguri.programmes.models import Fund, PurseKind, RulesVersion
from meguri.programmes.parts import MoneyPart
from meguri.programmes.queries.documents import terms
from meguri.programmes.rules import PurseKindView, RulesInForce
from meguri.programmes.vocabularies import SHOPS
from meguri.words import predicate
from meguri.words.predicate import EVERYTHING

_RULES: dict[int, RulesInForce] = {}


def rules_in_force(municipality: int, at: datetime) -> RulesInForce:
    """All purse kinds launched by `at`. Kept in the process; one look-up by key tells whether they have changed."""
    version = str(RulesVersion.objects.filter(municipality=municipality).values_list("token", flat=True).first())
    kept = _RULES.get(municipality)
    if kept is None or kept.version != version:
        kept = _RULES[municipality] = _rules(municipality, version)
    launched = {key: kind for key, kind in kept.purse_kinds.items() if kind.launched_at <= at}
    return kept if len(launched) == len(kept.purse_kinds) else replace(kept, purse_kinds=launched)


def _rules(municipality: int, version: str) -> RulesInForce:
    rows = PurseKind.objects.filter(municipality=municipality, programme__launched_at__isnull=False)
    kinds = {row.id: _purse_kind(row) for row in rows.select_related("programme").order_by("programme_id", "place")}
    return RulesInForce(municipality=municipality, version=version, purse_kinds=kinds)


def _purse_kind(row: PurseKind) -> PurseKindView:
    programme = row.programme
    document = terms(programme.id, municipality=row.municipality)
    funds = Fund.objects.filter(programme=programme).order_by("place").values_list("id", flat=True)
    assert programme.launched_at is not None  # noqa: S101 - only launched programmes have purse kinds
    return PurseKindView(
        id=row.id, code=row.code, programme=programme.id, programme_code=programme.code,
        programme_name_ja=programme.name_ja, programme_name_en=programme.name_en, department=programme.department,
        family=programme.family, part=row.part, name_ja=row.name_ja, name_en=row.name_en,
        restriction=predicate.parse(row.restriction or EVERYTHING, SHOPS), tightness=row.tightness, place=row.place,
        fund_order=tuple(funds), spending=document.spending.window.period,
        payment_max_yen=document.limits.payment_max_yen, transfer_max_yen=document.limits.transfer_max_yen,
        launched_at=programme.launched_at, demurrage=document.demurrage if row.part == MoneyPart.GRANTED else None,
        balance_max_yen=document.limits.balance_max_yen, gifts=document.gifts,
    )


def purse_kind(programme: UUID, code: str, *, municipality: int) -> PurseKindView | None:
    """The purse kind of a launched programme that its document calls `code`."""
    row = PurseKind.objects.filter(municipality=municipality, programme_id=programme, code=code).first()
    return None if row is None else _purse_kind(row)
