"""A document while it is being edited: what is wrong beside each field, and what its launch would bring."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import ahead
from meguri.faces.office.document_form import FormField, Shown, filled_in, form_groups, places_in_document
from meguri.faces.office.frame import say
from meguri.programmes import queries
from meguri.programmes.findings import Finding
from meguri.programmes.forecasting import Expectation
from meguri.programmes.terms import ProgrammeTerms, read_terms
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

SHARE_UNREADABLE = declare(
    "share_unreadable", status=422,
    ja="割合は0から100までの数で入力してください(入力: {text})。",
    en="Please enter a share from 0 to 100 (you entered {text}).",
)
UPTAKE, UNITS, LOCAL = "expected.uptake", "expected.units", "expected.local_money"
EXPECTED = {
    "uptake_bp": (UPTAKE, "対象の人のうち参加する割合(%)", "Share of the eligible who take part (%)"),
    "units_each": (UNITS, "1人が望む口数", "Units that each asks for"),
    "local_money_bp": (LOCAL, "地域のお金を選ぶ割合(%)", "Share who choose local money (%)"),
}
"""What a preview takes for granted, by the field of `Expectation`: the form's name and label."""


RECKONED = frozenset({
    "budget_too_small", "spent_after_the_year", "resolved_after_the_year", "carried_too_far", "longer_than_six_months",
    "not_a_public_issuer", "paid_for_but_not_prepaid", "sponsor_money_without_form", "statutory_benefit_is_cash",
    "paid_part_is_not_the_price", "out_of_order",
})  # fmt: skip
"""Errors that forbid the launch and leave the sums as they are: whoever mends a budget needs to see the cost."""


def looked(request: TownRequest, text: str, *, refusal: Refusal | None = None) -> dict[str, Any]:
    """The page's document: its fields with what is to be said beside each, and the preview, if it can be made.

    `refusal`: the answer to a document that was sent to be kept; one that belongs to no field opens the text.
    """
    typed = request.POST.dict()
    written, refusals = filled_in(text, typed)
    expectation, wrong = _expectation(typed)
    refusals |= wrong
    if refusal is not None and refusal.field:
        refusals.setdefault(refusal.field, refusal)
    groups = form_groups(text, language=request.language, typed=typed, refusals=refusals)
    seen = _seen(request, written, expectation=expectation) if text.strip() else {}
    is_beside = any(field.error for group in groups for field in group["fields"])
    return {
        "document": text, "open_text": not groups or (refusal is not None and not is_beside),
        "groups": _with_findings(request, groups, text=written, found=seen.get("found", ())),
        "expected": _expected(request, typed, refusals=refusals, seen=seen), "wrong_fields": len(refusals), **seen,
    }  # fmt: skip


def _seen(request: TownRequest, text: str, *, expectation: Expectation) -> dict[str, Any]:
    """Findings and preview of a text; what makes it unreadable, if anything does."""
    try:
        terms = read_terms(text.encode())
    except Refusal as refusal:
        return {"unreadable": refusal}
    found = queries.findings(terms)
    seen: dict[str, Any] = {"found": found, "terms": terms, "findings": ahead.findings(request, found)}
    errors = [each.code for each in found if each.is_error]
    seen["errors"] = len(errors)
    if RECKONED.issuperset(errors):
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


def _expectation(typed: Mapping[str, str]) -> tuple[Expectation, dict[str, Refusal]]:
    """What was typed of the assumptions; the others stay as they come. And what could not be read, by field."""
    values: dict[str, int] = {}
    refusals: dict[str, Refusal] = {}
    for code, (name, _, _) in EXPECTED.items():
        if not typed.get(name, "").strip():
            continue
        try:
            if code == "units_each":
                values[code] = parse_yen(typed[name], field="units", least=1, most=10**6)
            else:
                values[code] = _share(typed[name], field=name)
        except Refusal as refusal:
            refusals[name] = refusal
    return replace(Expectation(), **values), refusals


def _share(text: str, *, field: str) -> int:
    """Per cent as typed -> basis points."""
    plain = normalize("NFKC", text).strip().removesuffix("%").strip()
    share = Decimal(plain) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", plain) else Decimal(-1)
    if not 0 <= share <= 100:
        raise SHARE_UNREADABLE.refusal(field=field, text=text[:20])
    return int(share * 100)


def _expected(
    request: TownRequest, typed: Mapping[str, str], *, refusals: Mapping[str, Refusal], seen: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The fields of the assumptions on which this document's preview rests, or that were typed before."""
    assumed = {each.code: each for each in seen.get("assumed", ())}
    shown = []
    for code, (name, ja, en) in EXPECTED.items():
        if code not in assumed and name not in typed:
            continue
        value = assumed[code].value if code in assumed else ""
        now = f"{value / 100:g}" if isinstance(value, int) and code.endswith("_bp") else str(value)
        shown.append({
            "name": name, "label": say(request, ja, en), "value": typed.get(name, now),
            "error": refusals[name].sentence(request.language) if name in refusals else "",
            "hint": say(request, assumed[code].source.ja, assumed[code].source.en) if code in assumed else "",
        })
    return shown


def _with_findings(request: TownRequest, groups: Shown, *, text: str, found: Sequence[Finding]) -> Shown:
    """Each finding beside the field whose value it is about; a finding about a whole part beside its last field."""
    places = places_in_document(text)
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
