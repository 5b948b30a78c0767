"""The texts drafted from a programme's document: read, printed, downloaded, and an edited one held against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import officers_only, page, say
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.queries import PROGRAMME_UNKNOWN
from meguri.programmes.sources import source_of
from meguri.programmes.terms import SIZE_BYTES_MAX, ProgrammeTerms
from meguri.programmes.texts import (
    AMENDING,
    DraftedText,
    Drift,
    DriftKind,
    Fact,
    Sentence,
    TextKind,
    draft,
    draft_amending,
    drifts,
    has_figures,
    heading,
    marked,
    plain,
)
from meguri.programmes.texts.supplements import STARTS

NAMES: dict[str, tuple[str, str]] = {
    TextKind.ORDINANCE: ("要綱", "Guideline"), TextKind.CALL: ("募集案内", "Call"),
    TextKind.SHOP_TERMS: ("取扱店規約", "Terms for shops"), TextKind.QUESTIONS: ("よくある質問", "Questions"),
    TextKind.PRESS: ("報道資料", "Press"), AMENDING: ("改正文", "Amendment"),
}
DRIFTED = {
    DriftKind.CHANGED: ("値が違います", "Another value"), DriftKind.LOST: ("文から抜けています", "Missing in the text"),
    DriftKind.UNKNOWN: ("文書にない値です", "Not in the document"),
}
Places = dict[Fact, int]


@officers_only
def texts(request: TownRequest, programme: UUID) -> HttpResponse:
    """One drafted text with the place of each figure; with an edited text, where it has drifted. Nothing is kept."""
    require(request.actor, "programme.see")
    view = queries.programme(programme, municipality=request.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    terms = queries.terms(programme, municipality=request.municipality)
    enforced = queries.enforced(programme, municipality=request.municipality)
    ahead = queries.enforced(programme, municipality=request.municipality, ahead=True)
    kind, name = _kind(request, amended=bool(ahead.changes)), say(request, view.name_ja, view.name_en)
    path = [(reverse("office:programmes"), say(request, "事業", "Programmes")),
            (reverse("office:programme", args=[view.id]), name),
            ("", say(request, "文書からつくる文", "Drafted texts"))]
    values: dict[str, Any] = {"view": view, "name": name, "tabs": _tabs(request, kind, amended=bool(ahead.changes)),
                              "kind": kind}
    if any(each.is_error for each in queries.findings(terms)):
        return page(request, "texts", way="programmes", path=path, **values)
    every = {each.value: draft(terms, each, enforced=enforced) for each in TextKind}
    drafted = draft_amending(ahead.changes[-1]) if kind == AMENDING else every[kind]
    if file := _file(request, terms, drafted=drafted):
        return file
    places = {fact: number for number, fact in enumerate(_linked(drafted, request), start=1)}
    return page(
        request, "texts", way="programmes", path=path, **values, **_shown(request, drafted, places=places),
        places=[_place(request, terms, fact=fact, number=number) for fact, number in places.items()],
        **_checked(request, drafted, others=[each for code, each in every.items() if code != kind]),
    )


def _kinds(*, amended: bool) -> list[str]:
    """The texts that there are: that of an amendment only where something has changed, or is about to."""
    return [kind for kind in NAMES if kind != AMENDING or amended]


def _kind(request: TownRequest, *, amended: bool) -> str:
    """The text that was asked for; the ordinance for anything else."""
    wanted = request.POST.get("kind") or request.GET.get("kind") or ""
    return wanted if wanted in _kinds(amended=amended) else TextKind.ORDINANCE.value


def _tabs(request: TownRequest, current: str, *, amended: bool) -> list[dict[str, Any]]:
    return [{"url": f"?kind={kind}", "label": say(request, *NAMES[kind]), "current": kind == current}
            for kind in _kinds(amended=amended)]  # fmt: skip


def _file(request: TownRequest, terms: ProgrammeTerms, *, drafted: DraftedText) -> HttpResponse | None:
    """The text as a download: plain, or Markdown with notes."""
    if request.method != "GET" or (form := request.GET.get("format")) not in ("txt", "md"):
        return None
    write, kind = (plain, "plain") if form == "txt" else (marked, "markdown")
    response = HttpResponse(write(drafted, request.language), content_type=f"text/{kind}; charset=utf-8")
    name = f"{terms.code}-{drafted.code}-{request.language}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _linked(drafted: DraftedText, request: TownRequest) -> list[Fact]:
    """Facts with figures; names and conditions stand in the text unmarked."""
    return [fact for fact in drafted.facts() if has_figures(fact.words(request.language))]


def _shown(request: TownRequest, drafted: DraftedText, *, places: Places) -> dict[str, Any]:
    def cut(sentence: Sentence) -> list[dict[str, Any]]:
        return [
            {"text": each.words(request.language), "place": places.get(each)}
            if isinstance(each, Fact) else {"text": each}
            for each in sentence.pieces(request.language)
        ]

    parts = [
        {"head": heading(drafted, part, number=number, language=request.language),
         "sentences": [cut(each) for each in part.sentences]}
        for number, part in enumerate(drafted.parts, start=1)
    ]
    return {"title": drafted.title.plain(request.language), "parts": parts, "style": drafted.style}


def _place(request: TownRequest, terms: ProgrammeTerms, *, fact: Fact, number: int) -> dict[str, Any]:
    """Where a figure stands in the document, and where the document has it from."""
    if fact.path == STARTS:
        path = say(request, "承認の記録(施行日)", "the approval (first day)")
        return {"number": number, "text": fact.words(request.language), "path": path, "source": ""}
    note = source_of(terms, fact.path)
    source = ""
    if note is not None:
        source = note.source or say(request, f"町で決めた値: {note.assumed}", f"The town's own: {note.assumed}")
    return {"number": number, "text": fact.words(request.language), "path": fact.path, "source": source}


def _checked(request: TownRequest, drafted: DraftedText, *, others: Sequence[DraftedText]) -> dict[str, Any]:
    """The edited text and where it has drifted. Other texts' figures are no strangers to it."""
    if request.method != "POST":
        return {}
    edited = _edited(request)
    if not edited.strip():
        return {"nothing_sent": True}
    found = drifts(drafted, edited, language=request.language, others=others)
    return {"edited": edited, "checked": True, "drifts": _drifts(request, found)}


def _drifts(request: TownRequest, found: Sequence[Drift]) -> list[dict[str, Any]]:
    """What is wrong first, then what is missing: all that one sentence of the draft holds is told together."""
    told: dict[tuple[DriftKind, str, str], list[Fact]] = {}
    for each in sorted(found, key=lambda drift: drift.kind is DriftKind.LOST):
        facts = told.setdefault((each.kind, each.sentence, each.written), [])
        if each.fact is not None:
            facts.append(each.fact)
    return [
        {"what": say(request, *DRIFTED[kind]), "written": written, "sentence": sentence,
         "held": [{"text": fact.words(request.language), "path": fact.path} for fact in facts]}
        for (kind, sentence, written), facts in told.items()
    ]


def _edited(request: TownRequest) -> str:
    """The file, else what was pasted. A file from an older word processor is read as Shift_JIS."""
    sent = request.FILES.get("file")
    if sent is None:
        return request.POST.get("edited", "")
    content: bytes = sent.read(SIZE_BYTES_MAX)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932", errors="replace")
