"""Programmes as documents: draft, submit, launch, appropriate; and what runs now."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import require
from meguri.programmes import operations, queries
from meguri.programmes.operations.budgets import FUND_UNKNOWN
from meguri.programmes.queries import Announced
from meguri.programmes.shipped import templates as all_templates
from meguri.programmes.terms import read_terms, write_terms
from meguri.strategy.templates import template_of
from meguri.words.clock import day

router = Router()


class DocumentAsked(Schema):
    document: str


class ProgrammeAsked(Schema):
    programme: UUID


class ProgrammeGiven(Schema):
    programme: UUID


class SubmitGiven(Schema):
    approval: UUID


class BudgetAsked(Schema):
    programme: UUID
    fund: str
    amount_yen: int
    reason: str = "補正予算"


class BudgetGiven(Schema):
    appropriation: UUID


class ValueChanged(Schema):
    """A value of the document by its place, as JSON writes it, until the first day and from it on; null: not set."""

    field: str
    before: str | None
    after: str | None


class ComingGiven(Schema):
    """An approved amendment that waits: it rules from the beginning of its first day on, and the terms until then."""

    first_day: date
    version: int
    reason: str
    changes: list[ValueChanged]


class ProgrammeRow(Schema):
    programme: UUID
    code: str
    department: str
    family: str
    name_ja: str
    name_en: str
    state: str
    coming: ComingGiven | None = None


class TermsGiven(Schema):
    document: str


@router.post("/programmes", operation_id="programmes_draft", response=ProgrammeGiven, auth=Bearer("programme.draft"))
def draft(request: TownRequest, asked: DocumentAsked) -> ProgrammeGiven:
    """Put a document (TOML) on the desk as a draft."""
    terms = read_terms(asked.document.encode())
    return ProgrammeGiven(programme=operations.draft_programme(terms=terms, by=request.actor, at=request.at))


@router.post(
    "/programmes/submit", operation_id="programmes_submit", response=SubmitGiven,
    auth=Bearer("programme.submit"),
)  # fmt: skip
def submit(request: TownRequest, asked: ProgrammeAsked) -> SubmitGiven:
    """Ask the checker to launch it, unchanged."""
    approval = operations.submit_for_launch(programme=asked.programme, by=request.actor, at=request.at)
    return SubmitGiven(approval=approval)


@router.post(
    "/programmes/launch", operation_id="programmes_launch", response=ProgrammeGiven,
    auth=Bearer("programme.launch"),
)  # fmt: skip
def launch(request: TownRequest, asked: ProgrammeAsked) -> ProgrammeGiven:
    """Put it into force: another person than the maker."""
    made = operations.launch(programme=asked.programme, by=request.actor, at=request.at)
    return ProgrammeGiven(programme=made.programme)


@router.post(
    "/programmes/budget", operation_id="budget_appropriate", response=BudgetGiven, auth=Bearer("budget.appropriate")
)
def appropriate(request: TownRequest, asked: BudgetAsked) -> BudgetGiven:
    """Add to a fund's budget by a decision."""
    funds = queries.funds(municipality=request.actor.municipality, programme=asked.programme)
    fund = next((fund.id for fund in funds if fund.code == asked.fund), None)
    if fund is None:
        raise FUND_UNKNOWN.refusal(field="fund")
    made = operations.appropriate_budget(
        fund=fund, amount_yen=asked.amount_yen, reason=asked.reason, decided_on=day(request.at), by=request.actor,
        at=request.at,
    )  # fmt: skip
    return BudgetGiven(appropriation=made)


@router.get("/programmes", operation_id="programmes_list", response=list[ProgrammeRow], auth=Bearer("programme.see"))
def listing(request: TownRequest) -> list[ProgrammeRow]:
    """All programmes of the town, each with the amendment that waits for its first day."""
    require(request.actor, "programme.see")
    town = request.actor.municipality
    ahead = {each.programme.id: _coming(each) for each in queries.announced(town)}
    return [
        ProgrammeRow(
            programme=p.id, code=p.code, department=p.department, family=p.family, name_ja=p.name_ja, name_en=p.name_en,
            state=p.state, coming=ahead.get(p.id),
        )
        for p in queries.programmes(municipality=town)
    ]  # fmt: skip


def _coming(each: Announced) -> ComingGiven:
    return ComingGiven(
        first_day=each.first_day, version=each.number, reason=each.reason,
        changes=[
            ValueChanged(field=place, before=_written(was), after=_written(now))
            for place, (was, now) in each.values().items()
        ],
    )  # fmt: skip


def _written(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


@router.get(
    "/programmes/{programme}/terms", operation_id="programmes_terms", response=TermsGiven,
    auth=Bearer("programme.see"),
)  # fmt: skip
def terms(request: TownRequest, programme: UUID, *, as_template: bool = False) -> TermsGiven:
    """The document in force, as TOML. `as_template`: for another town, with its origin, and its results if it ended."""
    require(request.actor, "programme.see")
    number = request.actor.municipality
    found = queries.terms(programme, municipality=number)
    if as_template:
        found = template_of(programme, municipality=number, at=request.at)
    return TermsGiven(document=write_terms(found).decode())


class TemplateRow(Schema):
    """A document that comes with the program: real rules, each value with its source."""

    name: str
    document: str


@router.get("/programmes/templates", operation_id="programmes_templates", response=list[TemplateRow], auth=None)
def templates(request: TownRequest) -> list[TemplateRow]:
    """The shipped documents, as TOML; public, because other towns may start from them."""
    return [TemplateRow(name=name, document=write_terms(terms).decode()) for name, terms in all_templates().items()]
