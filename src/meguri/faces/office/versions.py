"""The versions of a programme's document: who made which when, who put it into force, and what it changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.differences import BEHIND, by_value, in_words
from meguri.faces.office.document import sections
from meguri.faces.office.frame import called, officer_names, officers_only, page, say
from meguri.faces.office.tables import csv_of, on_day, when
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.queries import PROGRAMME_UNKNOWN, VERSION_UNKNOWN, ProgrammeView, VersionView
from meguri.programmes.terms import write_terms

STATES = {
    "draft": ("変更案", "Draft amendment", "draft"), "proposed": ("承認待ち", "Awaits approval", "waiting"),
    "approved": ("施行待ち", "Begins later", "approved"), "withdrawn": ("取りやめ", "Withdrawn", "closed"),
    "in_force": ("いまの版", "In force", "live"), "past": ("前の版", "Past", "closed"),
}  # fmt: skip


def version_rows(request: TownRequest, view: ProgrammeView) -> list[dict[str, Any]]:
    """All versions of a programme that was launched, the newest first, each with its page."""
    if view.launched_at is None:
        return []
    names = officer_names(request)
    found = queries.versions(view.id, municipality=request.municipality)
    return [version_row(request, each, names=names) for each in found]


def version_row(request: TownRequest, each: VersionView, *, names: dict[UUID, str]) -> dict[str, Any]:
    """One version in words: what it is, why, who made it, who put it into force."""
    ja, en, badge = STATES[each.state]
    waits = each.state in ("draft", "proposed", "approved")
    address = reverse("office:amendment", args=[each.programme]) if waits else reverse(
        "office:version", args=[each.programme, each.number]
    )  # fmt: skip
    return {
        "number": each.number, "label": say(request, ja, en), "badge": badge, "reason": each.reason, "url": address,
        "digest": each.digest, "maker": called(names, each.drafted_by, language=request.language),
        "drafted_at": when(each.drafted_at, request, style="year"),
        "checker": "" if each.approved_at is None else called(names, each.launched_by, language=request.language),
        "approved_at": when(each.approved_at, request, style="year"), "starts_on": on_day(each.starts_at, request),
        "withdrawn_at": when(each.withdrawn_at, request, style="year"),
        "file": reverse("office:version_file", args=[each.programme, each.number]),
    }  # fmt: skip


def coming_row(request: TownRequest, view: ProgrammeView) -> dict[str, Any] | None:
    """The approved version that waits for its start; None where none does."""
    found = queries.coming(view.id, municipality=request.municipality)
    return version_row(request, found, names={}) if found else None


def found_programme(request: TownRequest, programme: UUID) -> ProgrammeView:
    """The programme of an address. Raises Refusal `programme_unknown`."""
    view = queries.programme(programme, municipality=request.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return view


def path_to(request: TownRequest, view: ProgrammeView, *last: str) -> list[tuple[str, str]]:
    """The way from the desk to a page below a programme: its Japanese and English name."""
    return [
        (reverse("office:programmes"), say(request, "事業", "Programmes")),
        (reverse("office:programme", args=[view.id]), say(request, view.name_ja, view.name_en)),
        ("", say(request, *last)),
    ]


@officers_only
@require_GET
def version(request: TownRequest, *, programme: UUID, number: int) -> HttpResponse:
    """One version: who, when, why, what it changed of the one before, and the whole of it in words."""
    require(request.actor, "programme.see")
    view = found_programme(request, programme)
    known = queries.versions(programme, municipality=request.municipality)
    found = next((each for each in known if each.number == number), None)
    if found is None:
        raise VERSION_UNKNOWN.refusal()
    terms = queries.version_terms(programme, number, municipality=request.municipality)
    changes = []
    earlier = [each.number for each in known if each.number < number and each.launched_at is not None]
    if earlier:
        before = queries.version_terms(programme, max(earlier), municipality=request.municipality)
        changes = [told(request, before=before, after=terms, heads=BEHIND) for told in (in_words, by_value)]
    return csv_of(request, *changes) or page(
        request, "version", way="programmes", view=view, name=say(request, view.name_ja, view.name_en),
        one=version_row(request, found, names=officer_names(request)), changes=changes,
        sections=sections(terms, request.language), tells=found.starts_at is None and 1 < number == view.number,
        path=path_to(request, view, f"第{number}版", f"Version {number}"),
    )  # fmt: skip


@officers_only
@require_GET
def version_file(request: TownRequest, *, programme: UUID, number: int) -> HttpResponse:
    """The document of a version as a TOML file."""
    require(request.actor, "programme.see")
    terms = queries.version_terms(programme, number, municipality=request.municipality)
    response = HttpResponse(write_terms(terms), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{terms.code}-v{number}.toml"'
    return response
