"""The rules in force: compiled from the approved documents, kept in the process, read anew when they change.

Each version of a document rules from its moment until the next one's, and all moments are known beforehand. So what
holds is a question of the time alone: a payment is judged by exactly one version, also when another one just begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models.functions import Coalesce

from meguri.parties.queries import all_shop_facts
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.models import Fund, PurseKind, RulesVersion, TermsVersion
from meguri.programmes.parts import MoneyPart, PurseTerms
from meguri.programmes.queries.documents import document_of, terms
from meguri.programmes.rules import PurseKindView, RulesInForce, tightness
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import SHOPS, known
from meguri.words import predicate
from meguri.words.predicate import EVERYTHING, Rule


@dataclass(frozen=True, slots=True)
class _Kept:
    """A town's rules under one token. `ruling`: programme, version and digest of each that rules from its moment on.

    `compiled` fills as it is asked for: the rules after so many of these moments.
    """

    token: str
    moments: tuple[datetime, ...]
    ruling: tuple[tuple[UUID, UUID, str], ...]
    compiled: dict[int, RulesInForce] = field(default_factory=dict)

    def documents(self, place: int) -> dict[UUID, ProgrammeTerms]:
        """The document of each programme that rules after so many moments."""
        newest = {programme: (version, digest) for programme, version, digest in self.ruling[:place]}
        return {programme: document_of(*version) for programme, version in newest.items()}


_RULES: dict[int, _Kept] = {}


def rules_in_force(municipality: int, at: datetime) -> RulesInForce:
    """All purse kinds launched by `at`, as the versions that rule at `at` have them.

    Kept in the process; one look-up by key tells whether they have changed.
    """
    kept = _kept(municipality)
    place = bisect_right(kept.moments, at)
    if place not in kept.compiled:
        kept.compiled[place] = RulesInForce(
            municipality=municipality, version=f"{kept.token}:{place}",
            purse_kinds=_compiled(kept.documents(place), municipality=municipality),
        )
    return kept.compiled[place]


def documents_in_force(municipality: int, at: datetime) -> Mapping[UUID, ProgrammeTerms]:
    """The document of each programme that was launched by `at`, in the version that rules at `at`."""
    kept = _kept(municipality)
    return kept.documents(bisect_right(kept.moments, at))


def turning_moments(municipality: int) -> frozenset[datetime]:
    """When the rules by themselves may say something else than a moment before, in the past and in time to come."""
    kept = _kept(municipality)
    documents = [document_of(version, digest) for _, version, digest in kept.ruling]
    spans = [each.spending.window.period for each in documents]
    spans += [own.window.period for each in documents if isinstance(each.obtaining, GrantByCampaign)
              for own in each.obtaining.campaigns]
    return frozenset({*kept.moments, *(each for span in spans for each in (span.start, span.end) if each is not None)})


def _kept(municipality: int) -> _Kept:
    token = str(RulesVersion.objects.filter(municipality=municipality).values_list("token", flat=True).first())
    kept = _RULES.get(municipality)
    if kept is None or kept.token != token:
        kept = _RULES[municipality] = _read(municipality, token)
    return kept


def _read(municipality: int, token: str) -> _Kept:
    """Every version that rules, did, or was approved to."""
    rows = TermsVersion.objects.filter(municipality=municipality, approved_at__isnull=False, withdrawn_at=None)
    since = Coalesce("launched_at", "starts_at")
    found = list(rows.annotate(since=since).order_by("since", "number").defer("document"))
    return _Kept(
        token, moments=tuple(row.since for row in found),
        ruling=tuple((row.programme_id, row.id, row.digest) for row in found),
    )


def _compiled(documents: Mapping[UUID, ProgrammeTerms], *, municipality: int) -> dict[UUID, PurseKindView]:
    rows = PurseKind.objects.filter(municipality=municipality, programme_id__in=documents).select_related("programme")
    funds = _funds(documents)
    views = [
        _purse_kind(row, purse, place=place, document=documents[row.programme_id], funds=funds[row.programme_id])
        for row in rows
        for place, purse in enumerate(documents[row.programme_id].purses) if purse.code == row.code
    ]  # fmt: skip
    return {view.id: view for view in sorted(views, key=lambda view: (view.programme, view.place))}


def _funds(documents: Mapping[UUID, ProgrammeTerms]) -> dict[UUID, tuple[UUID, ...]]:
    """The ids of each programme's funds in its document's order."""
    ids = {(row.programme_id, row.code): row.id for row in Fund.objects.filter(programme__in=list(documents))}
    return {
        programme: tuple(ids[programme, fund.code] for fund in document.funds if (programme, fund.code) in ids)
        for programme, document in documents.items()
    }


def _purse_kind(
    row: PurseKind, purse: PurseTerms, *, place: int, document: ProgrammeTerms, funds: tuple[UUID, ...]
) -> PurseKindView:
    programme = row.programme
    assert programme.launched_at is not None  # noqa: S101 - only launched programmes have purse kinds
    where = predicate.parse(purse.where, SHOPS)
    return PurseKindView(
        id=row.id, code=row.code, programme=programme.id, programme_code=programme.code,
        programme_name_ja=document.name.ja, programme_name_en=document.name.en, department=programme.department,
        family=programme.family, part=row.part, name_ja=purse.name.ja, name_en=purse.name.en,
        restriction=where, tightness=_tightness(row, where), place=place,
        fund_order=funds, spending=document.spending.window.period,
        payment_max_yen=document.limits.payment_max_yen, transfer_max_yen=document.limits.transfer_max_yen,
        launched_at=programme.launched_at, demurrage=document.demurrage if row.part == MoneyPart.GRANTED else None,
        balance_max_yen=document.limits.balance_max_yen, gifts=document.gifts,
        donations=document.donations,
    )


def _tightness(row: PurseKind, where: Rule) -> int:
    """As it was measured for the version in force; for another version's restriction it is measured now."""
    if where == predicate.parse(row.restriction or EVERYTHING, SHOPS):
        return row.tightness
    shops = [known(shop, SHOPS) for shop in all_shop_facts(row.municipality).values() if shop.open]
    return tightness(where, shops)


def purse_kind(programme: UUID, code: str, *, municipality: int) -> PurseKindView | None:
    """The purse kind of a launched programme that its document calls `code`."""
    row = PurseKind.objects.filter(municipality=municipality, programme_id=programme, code=code)
    found = row.select_related("programme").first()
    if found is None:
        return None
    document = terms(programme, municipality=municipality)
    place, purse = next((place, each) for place, each in enumerate(document.purses) if each.code == code)
    return _purse_kind(found, purse, place=place, document=document, funds=_funds({programme: document})[programme])
