"""A company's or school's list: looked at line by line, then everybody who waits and stands in it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.commuter_answers import tell
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import do_once, done, officers_only, page, say
from meguri.faces.office.register_file import read_text
from meguri.faces.office.tables import Table, table
from meguri.parties import operations, queries
from meguri.parties.commuting import ListFault, read_list
from meguri.parties.queries import Matched
from meguri.parties.rules import require
from meguri.words.clock import day
from meguri.words.refusal import Refusal

SHOWN = 200
MET = {
    "found": ("申し出があり、確認できます", "waits, and can be confirmed", "approved"),
    "absent": ("申し出がありません", "has not come forward", "closed"),
    "unclear": ("同じ氏名・生年月日の人がほかにもいます。一人ずつ確かめてください",
                "not the only one of this name and birthday: please look one by one", "waiting"),
}  # fmt: skip


@officers_only
@never_cache
def commuter_list(request: TownRequest) -> HttpResponse:
    """First a look at the file, then the confirmation; the list is kept nowhere."""
    require(request.actor, "party.confirm_commuter")
    values: dict[str, Any] = {"content": ""}
    if request.method != "POST":
        return _shown(request, values)
    try:
        text = _sent(request)
        values["content"] = text
        if request.POST.get("act") == "confirm":
            return _confirmed(request, text)
        listed = read_list(text, today=day(request.at))
        matches = queries.match_list(listed, municipality=request.municipality, on=day(request.at))
    except Refusal as refusal:
        faults = refusal.facts.get("all_faults", ())
        values["table"] = _faults(request, faults) if isinstance(faults, tuple) and faults else None
        return _shown(request, values, refusal=refusal)
    found = sum(match.state == "found" for match in matches)
    return _shown(request, values | {"seen": len(matches), "found": found, "table": _met(request, matches)})


def _shown(request: TownRequest, values: dict[str, Any], *, refusal: Refusal | None = None) -> HttpResponse:
    path = [(reverse("office:commuters"), say(request, "在勤・在学の確認", "Work and study")),
            ("", say(request, "名簿で確かめる", "By a list"))]  # fmt: skip
    return page(request, "commuter_list", way="commuters", path=path, refusal=refusal, **values)


def _sent(request: TownRequest) -> str:
    """The file that was sent, in UTF-8 or CP932, or the text that was looked at before."""
    sent = request.FILES.get("file")
    return request.POST.get("content", "") if sent is None else read_text(sent.read())


def _confirmed(request: TownRequest, text: str) -> HttpResponse:
    do_once(request, lambda: _confirm(request, text))
    return redirect("office:commuters")


def _confirm(request: TownRequest, text: str) -> None:
    matches = operations.confirm_listed(text, by=request.actor, at=request.at)
    met = [match.commuter for match in matches if match.commuter is not None]
    for each in met:
        answer = queries.commuter(each, municipality=request.municipality)
        assert answer is not None  # noqa: S101 - it was confirmed a moment ago
        tell(request, answer)
    left = len(matches) - len(met)
    done(request, f"{len(met):,}人を確認しました。名簿のほかの{left:,}行は、申し出がないか、一人ずつの確認が要ります。",
         f"{len(met):,} confirmed. The other {left:,} lines have not come forward, or need a look one by one.")


def _met(request: TownRequest, matches: Sequence[Matched]) -> Table:
    return table(
        request, "met", caption=("名簿の行ごとの結果", "What each line meets"), export=False, count=len(matches),
        columns=[("行", "Line", "keep"), ("結果", "Result")],
        rows=[[match.listed.line, {"status": MET[match.state][2], "text": say(request, *MET[match.state][:2])}]
              for match in matches[:SHOWN]],
    )  # fmt: skip


def _faults(request: TownRequest, faults: Sequence[ListFault]) -> Table:
    return table(
        request, "faults", caption=("直す行", "Lines to mend"), export=False, count=len(faults),
        columns=[("行", "Line", "keep"), ("何が違うか", "What is wrong")],
        rows=[[fault.line, say(request, fault.what.ja, fault.what.en)] for fault in faults[:SHOWN]],
    )  # fmt: skip
