"""Taking in a list of beneficiaries: send, look at every line's fate, then import exactly that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import TOTAL_MOST, chosen, do_once, done, officers_only, page, say
from meguri.faces.office.names import names_of
from meguri.faces.office.register_file import as_import_reads
from meguri.faces.office.tables import Table, table
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.queries import ListPreview
from meguri.programmes.benefits.rules import Fault
from meguri.programmes.queries import PROGRAMME_UNKNOWN
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen

SHOWN = 200


@officers_only
def import_list(request: TownRequest) -> HttpResponse:
    """First a look at the file, then the import with the count and the sum from another source."""
    require_desk(request, "benefit.import", family="benefit")
    own = [
        each for each in programmes.programmes(request.municipality, states=("launched",))
        if each.family == "benefit" and each.department == request.actor.department
    ]
    options = [{"value": str(number), "label": name} for number, name in names_of(request, own).items()]
    values: dict[str, Any] = {"options": options, "content": ""}
    if request.method != "POST":
        return _shown(request, values)
    programme = chosen(request, "programme")
    if programme not in {each.id for each in own}:
        raise PROGRAMME_UNKNOWN.refusal()
    try:
        content = as_import_reads(_sent(request), municipality=request.municipality)
        values["content"] = content.decode()
        if request.POST.get("act") == "import":
            return _imported(request, content, programme=programme)
        seen = queries.preview_list(programme, content=content, municipality=request.municipality)
    except Refusal as refusal:
        faults = refusal.facts.get("all_faults", ())
        values["faults"] = _faults(request, faults if isinstance(faults, tuple) else ())
        return _shown(request, values, refusal=refusal)
    return _shown(request, values | _seen(request, seen))


def _shown(request: TownRequest, values: dict[str, Any], *, refusal: Refusal | None = None) -> HttpResponse:
    path = [(reverse("office:benefits"), say(request, "名簿と支給", "Lists and payment")),
            ("", say(request, "名簿の取込み", "Import a list"))]
    return page(request, "import_list", way="benefits", path=path, refusal=refusal, **values)


def _sent(request: TownRequest) -> bytes:
    """The file that was sent, or the text that was looked at before."""
    sent = request.FILES.get("file")
    return sent.read() if sent is not None else request.POST.get("content", "").encode()


def _imported(request: TownRequest, content: bytes, *, programme: UUID) -> HttpResponse:
    count = parse_yen(request.POST.get("declared_count", ""), field="declared_count", least=0)
    total = parse_yen(
        request.POST.get("declared_total_yen", ""), field="declared_total_yen", least=0, most=TOTAL_MOST
    )
    made = do_once(request, lambda: operations.import_list(
        programme=programme, name=request.POST.get("name", ""), content=content, declared_count=count,
        declared_total_yen=total, all_or_nothing=request.POST.get("leave_out") != "yes", by=request.actor,
        at=request.at,
    ))  # fmt: skip
    if made is None:
        return redirect("office:benefits")
    done(request, f"{made.entitled:,}人・{made.total_yen:,}円の名簿を取り込みました。次は承認を求めてください。",
         f"Imported: {made.entitled:,} people, ¥{made.total_yen:,}. Next, submit it for decision.")
    return redirect("office:benefit_list", benefit_list=made.benefit_list)


def _seen(request: TownRequest, seen: ListPreview) -> dict[str, Any]:
    return {"seen": seen, "faults": _faults(request, seen.faults), "fault_count": len(seen.faults)}


def _faults(request: TownRequest, faults: tuple[Fault, ...]) -> Table | None:
    if not faults:
        return None
    return table(
        request, "faults", caption=("支給の対象にならない行", "Lines that entitle nobody"), export=False,
        columns=[("行", "Line"), ("理由", "Reason")], count=len(faults),
        rows=[[str(each.line), say(request, each.what.ja, each.what.en)] for each in faults[:SHOWN]],
    )
