"""What people did at the company's places, in one file: every line has its answer, on the page or as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import csv_file, page, partners_only, said
from meguri.faces.partner.proposals import launched_programmes
from meguri.parties.operations.members import require_manager
from meguri.parties.rules import Both
from meguri.programmes.points.delivering import (
    DEEDS_MAX,
    DEEDS_UNREADABLE,
    FILE_BYTES_MOST,
    Deed,
    deliver,
    read_deeds,
)
from meguri.programmes.points.operations import Recorded
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal

STATES = {
    "granted": ("done", "付与しました", "Granted"), "held": ("waiting", "担当者が確かめます", "An officer looks first"),
    "refused": ("refused", "受け付けられません", "Not taken"), "withdrawn": ("closed", "取り消し済み", "Withdrawn"),
}  # fmt: skip
Line = tuple[str, Recorded | Refusal]


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def delivering(request: TownRequest) -> HttpResponse:
    """The form, and after it the answers. Sent again, the same numbers are the same deeds: nothing counts twice."""
    refusal, lines = None, list[Line]()
    if request.method == "POST":
        try:
            lines = _delivered(request)
        except Refusal as no:
            refusal = no
        else:
            if request.POST.get("act") == "csv":
                return csv_file(_csv_rows(request, lines), name="answers.csv")
    return page(
        request, "delivering", way="delivering", refusal=refusal, programmes=launched_programmes(request),
        most=DEEDS_MAX, counts=_counts(request, lines), columns=_columns(request),
        rows=[_row(request, number, answer=answer) for number, answer in lines],
    )  # fmt: skip


def _delivered(request: TownRequest) -> list[Line]:
    """Each line's number and answer. The company is who confirms; the person at the screen must be a manager."""
    by = request.actor
    require_manager(by)
    sent = request.FILES.get("file")
    if sent is None:
        raise DEEDS_UNREADABLE.refusal(field="file", absent=Both("ファイル", "the file"))
    try:
        programme = UUID(request.POST.get("programme", ""))
    except ValueError:
        raise BadRequest("no programme was chosen") from None
    read = read_deeds(sent.read(FILE_BYTES_MOST + 1))
    deeds = [each for _, each in read if isinstance(each, Deed)]
    company = Actor(by.municipality, by.role, by.party)
    made = iter(deliver(deeds, programme=programme, by=company, at=request.at))
    return [(number, next(made) if isinstance(each, Deed) else each) for number, each in read]


def _state(answer: Recorded | Refusal) -> str:
    return "refused" if isinstance(answer, Refusal) else answer.state


def _why(request: TownRequest, answer: Recorded | Refusal) -> str:
    if isinstance(answer, Refusal):
        return answer.sentence(request.language)
    if answer.cut_by:
        return said(request, f"上限により{answer.granted_yen:,}円", en=f"cut to ¥{answer.granted_yen:,} by a limit")
    return ""


def _row(request: TownRequest, number: str, *, answer: Recorded | Refusal) -> list[Any]:
    badge, ja, en = STATES[_state(answer)]
    yen = 0 if isinstance(answer, Refusal) else answer.granted_yen
    return [number, {"status": badge, "text": said(request, ja, en=en)}, {"amount": yen}, _why(request, answer)]


def _counts(request: TownRequest, lines: list[Line]) -> list[dict[str, object]]:
    """How many lines had which answer."""
    states = [_state(answer) for _, answer in lines]
    return [
        {"label": said(request, ja, en=en), "value": states.count(code)}
        for code, (_, ja, en) in STATES.items() if code in states
    ]  # fmt: skip


def _columns(request: TownRequest) -> list[dict[str, object]]:
    heads = (("番号", "Number"), ("答え", "Answer"), ("付与", "Granted"), ("わけ", "Why"))
    return [{"label": said(request, ja, en=en), "number": ja == "付与"} for ja, en in heads]


def _csv_rows(request: TownRequest, lines: list[Line]) -> list[tuple[object, ...]]:
    heads = tuple(str(each["label"]) for each in _columns(request))
    return [heads, *(
        (
            number, said(request, STATES[_state(answer)][1], en=STATES[_state(answer)][2]),
            0 if isinstance(answer, Refusal) else answer.granted_yen, _why(request, answer),
        )
        for number, answer in lines
    )]  # fmt: skip
