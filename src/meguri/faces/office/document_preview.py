"""A document while it is being edited: what is wrong beside each field, and what its launch would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import ahead, expected, origin
from meguri.faces.office.document_arm_fields import arm_groups, arm_places, filled_with_arms
from meguri.faces.office.document_form import FormField, Shown, form_groups, places_in_document
from meguri.faces.office.frame import say
from meguri.programmes import queries
from meguri.programmes.findings import Finding
from meguri.programmes.forecasting import Expectation
from meguri.programmes.moving import years_ahead
from meguri.programmes.terms import ProgrammeTerms, read_terms
from meguri.words.clock import day
from meguri.words.refusal import Refusal

PREVIEWED = frozenset({
    "budget_too_small", "spent_after_the_year", "resolved_after_the_year", "carried_too_far", "longer_than_six_months",
    "not_a_public_issuer", "paid_for_but_not_prepaid", "sponsor_money_without_form", "statutory_benefit_is_cash",
    "paid_part_is_not_the_price", "out_of_order", "programme_is_over",
})  # fmt: skip
"""Errors that forbid the launch and leave the sums as they are: whoever mends a budget needs to see the cost."""

PASSED = frozenset({"programme_is_over", "window_passed"})
"""Findings that moving all days mends."""


def looked(
    request: TownRequest, text: str, *, refusal: Refusal | None = None, typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The page's document: its fields with what is to be said beside each, and the preview, if it can be made.

    `refusal`: the answer to a document that was sent to be kept; one that belongs to no field opens the text.
    `typed`: what stands in the form's fields, without it what was sent.
    """
    typed = request.POST.dict() if typed is None else typed
    written, refusals = filled_with_arms(text, typed)
    read = _read(written)
    terms = read if isinstance(read, ProgrammeTerms) else None
    taught = expected.learnt(terms, municipality=request.municipality)
    expectation, wrong = expected.read(request.POST.dict(), base=taught)
    refusals |= wrong
    if refusal is not None and refusal.field:
        refusals.setdefault(refusal.field, refusal)
    groups = form_groups(text, language=request.language, typed=typed, refusals=refusals)
    groups += arm_groups(text, language=request.language, typed=typed, refusals=refusals)
    seen: dict[str, Any] = {"unreadable": read} if isinstance(read, Refusal) and text.strip() else {}
    if terms is not None:
        seen = _seen(request, terms, expectation=expectation)
    is_beside = any(field.error for group in groups for field in group["fields"])
    return {
        "document": text, "open_text": not groups or (refusal is not None and not is_beside),
        "groups": _with_findings(request, groups, text=written, found=seen.get("found", ())),
        "expected": expected.fields(
            request, request.POST.dict(), base=taught, refusals=refusals, assumed=seen.get("assumed", ())
        ),
        "wrong_fields": len(refusals), **seen,
    }  # fmt: skip


def _read(text: str) -> ProgrammeTerms | Refusal:
    try:
        return read_terms(text.encode())
    except Refusal as refusal:
        return refusal


def _seen(request: TownRequest, terms: ProgrammeTerms, *, expectation: Expectation) -> dict[str, Any]:
    """Findings, and the preview as far as it can be reckoned."""
    found = queries.findings(terms, today=day(request.at))
    seen: dict[str, Any] = {
        "found": found, "terms": terms, "findings": ahead.findings(request, found), **origin.shown(request, terms),
    }  # fmt: skip
    errors = [each.code for each in found if each.is_error]
    seen["errors"] = len(errors)
    if not {each.code for each in found}.isdisjoint(PASSED):
        seen["years_ahead"] = years_ahead(terms, today=day(request.at))
    if PREVIEWED.issuperset(errors):
        with suppress(Refusal):  # an agreement whose caps leave too little room has no sum
            seen |= _ahead(request, terms, expectation=expectation)
    return seen


def _ahead(request: TownRequest, terms: ProgrammeTerms, *, expectation: Expectation) -> dict[str, Any]:
    preview = queries.look_ahead(terms, municipality=request.municipality, expectation=expectation, kept=True)
    return {"ahead": ahead.shown(request, preview, terms=terms), "assumed": preview.assumptions,
            "in_short": _in_short(request, sum(fund.most_yen for fund in preview.funds), eligible=preview.eligible)}


def _in_short(request: TownRequest, most: int, *, eligible: int) -> str:
    """What a screen reader hears after each change."""
    return say(request, f"最大 {most:,}円、対象 {eligible:,}人", f"at most ¥{most:,}, {eligible:,} eligible")


def _with_findings(request: TownRequest, groups: Shown, *, text: str, found: Sequence[Finding]) -> Shown:
    """Each finding beside the field whose value it is about; a finding about a whole part beside its last field."""
    places = places_in_document(text) | arm_places(text)
    fields = [field for group in groups for field in group["fields"]]
    beside: dict[str, list[Finding]] = {}
    for finding in found:
        near = [field.name for field in fields if is_inside(places.get(field.name, ""), finding.path)]
        if near:
            beside.setdefault(near[-1], []).append(finding)

    def said(field: FormField) -> FormField:
        return replace(field, said=tuple(ahead.findings(request, beside.get(field.name, ()))))

    return [{**group, "fields": [said(field) for field in group["fields"]]} for group in groups]


def is_inside(path: str, above: str) -> bool:
    """Whether a path is another one or lies below it: `expiry.last_day` is inside `expiry`."""
    return path == above or path.startswith((f"{above}.", f"{above}["))
