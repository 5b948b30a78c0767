"""Programmes and their documents; a document is read once per process and version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import F, QuerySet

from meguri.parties.rules import Both
from meguri.programmes.adaptations import Adaptation, adaptations
from meguri.programmes.models import Programme, ProgrammeState, TermsVersion
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, digest, from_tree
from meguri.words.refusal import declare

PROGRAMME_UNKNOWN = declare(
    "programme_unknown", status=404, ja="この事業は見つかりません。", en="There is no such programme."
)


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme as lists show it. `digest` names the version `number`, in force once launched, else the draft."""

    id: UUID
    code: str
    department: str
    family: str
    name_ja: str
    name_en: str
    state: str
    number: int
    digest: str
    approval: UUID | None
    drafted_at: datetime
    launched_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A shipped document as a list shows it. `city` and `year`: whose published rules these are."""

    name: str
    city: Both | None
    year: int | None
    programme_name: Both
    department: str
    family: str
    issuer_kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class AdaptedView:
    """The template that a programme was made from, and what the town changed of it."""

    template: TemplateView
    changes: tuple[Adaptation, ...]


def template_list() -> tuple[TemplateView, ...]:
    """The shipped documents, the invented town's own first, then those of cities."""
    return tuple(_template(name, document) for name, document in templates().items())


def adapted_from(programme: UUID, *, municipality: int) -> AdaptedView | None:
    """What a programme took over and what it changed; None when it names no template that this program knows.

    Raises Refusal `programme_unknown`.
    """
    document = terms(programme, municipality=municipality)
    name = document.origin.template if document.origin else ""
    found = templates().get(name)
    return AdaptedView(_template(name, found), adaptations(document, found)) if found else None


def _template(name: str, document: ProgrammeTerms) -> TemplateView:
    origin = document.origin
    return TemplateView(
        name=name, city=Both(origin.city.ja, origin.city.en) if origin else None, year=origin.year if origin else None,
        programme_name=Both(document.name.ja, document.name.en), department=document.department,
        family=document.family, issuer_kind=document.scheme.issuer_kind, digest=digest(document),
    )


def terms(programme: UUID, *, municipality: int) -> ProgrammeTerms:
    """The document in force; for a programme not launched yet, its draft. Raises Refusal `programme_unknown`."""
    row = (
        TermsVersion.objects.filter(programme_id=programme, municipality=municipality)
        .order_by(F("launched_at").desc(nulls_last=True), "-number").values_list("id", "digest").first()
    )
    if row is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return document_of(*row)


@lru_cache(maxsize=256)
def document_of(version: UUID, digest: str) -> ProgrammeTerms:
    """The document of a version, read once. A draft keeps its id and changes its digest, so both name the content."""
    return from_tree(TermsVersion.objects.values_list("document", flat=True).get(id=version, digest=digest))


def programmes(municipality: int, *, states: Iterable[str] = ProgrammeState.values) -> tuple[ProgrammeView, ...]:
    """All programmes in these states, oldest first."""
    rows = Programme.objects.filter(municipality=municipality, state__in=list(states))
    return _programmes(rows.order_by("id"))


def programme(programme_id: UUID, *, municipality: int) -> ProgrammeView | None:
    found = _programmes(Programme.objects.filter(municipality=municipality, id=programme_id))
    return found[0] if found else None


def programme_by_code(code: str, *, municipality: int) -> ProgrammeView | None:
    found = _programmes(Programme.objects.filter(municipality=municipality, code=code))
    return found[0] if found else None


def _programmes(rows: QuerySet[Programme]) -> tuple[ProgrammeView, ...]:
    found = list(rows)
    versions = TermsVersion.objects.filter(programme__in=found)
    by_place = {(version.programme_id, version.number): version for version in versions.defer("document")}
    return tuple(_programme(row, by_place[row.id, row.number]) for row in found)


def _programme(row: Programme, version: TermsVersion) -> ProgrammeView:
    return ProgrammeView(
        id=row.id, code=row.code, department=row.department, family=row.family, name_ja=row.name_ja,
        name_en=row.name_en, state=row.state, number=row.number, digest=version.digest, approval=version.approval,
        drafted_at=row.drafted_at, launched_at=row.launched_at, closed_at=row.closed_at,
    )
