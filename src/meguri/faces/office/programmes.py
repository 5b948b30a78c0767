"""The list of programmes, a new one from a document, and the document as a file."""

from __future__ import annotations

import tomllib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.document_arm_fields import filled_with_arms
from meguri.faces.office.document_places import written
from meguri.faces.office.document_preview import looked
from meguri.faces.office.frame import department_names, do_once, done, may, officers_only, page, say
from meguri.faces.office.life import BADGES
from meguri.faces.office.money import whole_budget
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import Cell, csv_of, on_day, table
from meguri.parties.rules import require
from meguri.programmes import operations, queries
from meguri.programmes.moving import for_its_year, moved_values, years_ahead
from meguri.programmes.queries import Budget, ProgrammeView
from meguri.programmes.shipped import templates
from meguri.programmes.terms import SIZE_BYTES_MAX, ProgrammeTerms, read_terms, write_terms
from meguri.strategy.templates import template_of
from meguri.words.clock import day
from meguri.words.refusal import Refusal

STATES = {
    "draft": ("下書き", "Draft"), "proposed": ("承認待ち", "Awaits approval"), "launched": ("実施中", "Running"),
    "closed": ("終了", "Closed"),
}


@officers_only
@require_GET
def programmes(request: TownRequest) -> HttpResponse:
    """Every programme of the town with its budget."""
    require(request.actor, "programme.see")
    rooms = department_names(request)
    funds = queries.funds(request.municipality)
    names = names_of(request)
    rows: list[list[Cell]] = [
        [
            {"url": reverse("office:programme", args=[each.id]), "text": names[each.id]},
            rooms.get(each.department, each.department),
            {"status": BADGES[each.state], "text": say(request, *STATES[each.state])},
            on_day(each.launched_at, request),
            *_yen(request, each, budget=whole_budget(fund for fund in funds if fund.programme == each.id)),
        ]
        for each in queries.programmes(request.municipality)
    ]
    listed = table(
        request, "programmes", caption=("町の事業", "Programmes of the town"), rows=rows,
        columns=[
            ("事業", "Programme"), ("所管課", "Department", "keep"), ("状態", "State"), ("公開日", "Launched", "keep"),
            ("予算", "Budget", "number"), ("残り", "Left", "number"), ("使われた", "Used", "number"),
        ],
        empty=("まだ事業がありません", "No programme yet"),
    )  # fmt: skip
    return csv_of(request, listed) or page(
        request, "programmes", way="programmes", table=listed,
        may_draft=may(request, "programme.draft", department=request.actor.department),
    )


def _yen(request: TownRequest, each: ProgrammeView, *, budget: Budget) -> list[Cell]:
    """Budget, left, used; of a programme that is not launched what its document says, which nobody has set apart."""
    if each.launched_at is not None:
        return [{"amount": budget.loaded_yen}, {"amount": budget.left_yen},
                {"amount": budget.used_yen + budget.spent_yen}]
    asked = sum(fund.amount_yen for fund in queries.terms(each.id, municipality=request.municipality).funds)
    return [{"amount": asked, "note": say(request, "文書の額・未配当", "as written, not set apart yet")}, "", ""]


@officers_only
def new_programme(request: TownRequest) -> HttpResponse:
    """Start from a document that comes with the program, or bring one: typed, pasted, or as a file."""
    require(request.actor, "programme.draft", department=request.actor.department)
    way = [(reverse("office:programmes"), say(request, "事業", "Programmes")), ("", say(request, "新しい事業", "New"))]
    models = _models(request)
    if request.method != "POST":
        text = _start(request)
        return page(request, "programme_new", way="programmes", path=way, models=models, **looked(request, text))
    if request.POST.get("act") == "write":
        filled, refusals = filled_with_arms(_text(request), request.POST.dict())
        fields = looked(request, _text(request)) if refusals else looked(request, filled, typed={})
        return page(request, "programme_new", way="programmes", path=way, models=models, **fields)
    if request.POST.get("act") == "move":
        return page(request, "programme_new", way="programmes", path=way, models=models, **_moved(request))
    if request.POST.get("act") == "look":
        text = _text(request)
        return page(request, "programme_new", way="programmes", path=way, models=models, **looked(request, text))
    try:
        made = do_once(
            request, lambda: operations.draft_programme(terms=_sent(request), by=request.actor, at=request.at)
        )
    except Refusal as refusal:
        text = request.POST.get("document", "")
        fields = looked(request, text, refusal=refusal)
        return page(request, "programme_new", way="programmes", path=way, refusal=refusal, models=models, **fields)
    if made is None:
        return redirect("office:programmes")
    done(request, "下書きを保存しました。中身を確かめて、承認を求めてください。",
         "The draft is kept. Please look at it and submit it.")
    return redirect("office:programme", programme=made)


@officers_only
@require_POST
def programme_preview(request: TownRequest) -> HttpResponse:
    """The preview of what stands in the form, and what is to be said beside its fields; nothing is kept."""
    require(request.actor, "programme.draft", department=request.actor.department)
    return render(request, "office/parts/looked.html", looked(request, _text(request)) | {"beside": True})


@officers_only
@require_GET
def programme_file(request: TownRequest, programme: UUID) -> HttpResponse:
    """The document as a TOML file; `?as=template`: for another town, with this town as its origin, and the results."""
    require(request.actor, "programme.see")
    terms = queries.terms(programme, municipality=request.municipality)
    if request.GET.get("as") == "template":
        terms = template_of(programme, municipality=request.municipality, at=request.at)
    response = HttpResponse(write_terms(terms), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{terms.code}.toml"'
    return response


def _models(request: TownRequest) -> list[dict[str, str]]:
    """The shipped documents of the officer's own department first: others can be drafted only by theirs."""
    own = {name: terms for name, terms in templates().items() if terms.department == request.actor.department}
    return [
        {"value": name, "label": say(request, terms.name.ja, terms.name.en), "note": f"{name}.toml"}
        for name, terms in own.items()
    ]


def _start(request: TownRequest) -> str:
    """The text of the document to begin with: a shipped one, a draft of the department, or nothing."""
    terms = templates().get(request.GET.get("model", ""))
    draft = queries.programme_by_code(request.GET.get("draft", ""), municipality=request.municipality)
    if draft is not None and draft.state == "draft" and draft.department == request.actor.department:
        terms = queries.terms(draft.id, municipality=request.municipality)
        return write_terms(terms).decode()
    return _named_apart(request, write_terms(terms).decode()) if terms else ""


def _moved(request: TownRequest) -> dict[str, Any]:
    """The document that was sent, moved to a year in which it still lies ahead."""
    text, refusals = filled_with_arms(_text(request), request.POST.dict())
    if refusals:
        return looked(request, text)
    try:
        years = years_ahead(read_terms(text.encode()), today=day(request.at))
    except Refusal as refusal:
        return looked(request, text, refusal=refusal)
    later = written(text, dict(moved_values(tomllib.loads(text), years=years)))
    done(request, f"日付と会計年度を{years}年先へ移しました。曜日と休日、文の中に書かれた日付を確かめてください。",
         f"Days and fiscal years moved by {years}. Please check weekdays, holidays and days within sentences.")
    return looked(request, _named_apart(request, later), typed={})


def _named_apart(request: TownRequest, text: str) -> str:
    """The document under a code that is free, and with its year in its name, where the town has such a programme."""
    draft = request.GET.get("draft", "")
    others = [each for each in queries.programmes(request.municipality) if each.code != draft]
    codes, names = {each.code for each in others}, {each.name_ja for each in others}
    apart = for_its_year(read_terms(text.encode()), codes=codes, names=names)
    if draft:
        apart.pop(("code",), None)  # a draft that is kept under another code would be a second one
    return written(text, apart)


def _text(request: TownRequest) -> str:
    """The document's text as sent: of the file, if there is one. What is no text is read as an empty one."""
    sent = request.FILES.get("file")
    if sent is None:
        return request.POST.get("document", "")
    content: bytes = sent.read(SIZE_BYTES_MAX + 1)
    return content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def _sent(request: TownRequest) -> ProgrammeTerms:
    """The document that was sent, its touched fields written in; a file wins over both."""
    sent = request.FILES.get("file")
    if sent is not None:
        return read_terms(sent.read())
    text, refusals = filled_with_arms(request.POST.get("document", ""), request.POST.dict())
    for refusal in refusals.values():
        raise refusal
    return read_terms(text.encode())
