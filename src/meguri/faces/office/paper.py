"""Paper notes: the department's print runs, and ordering another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import attempt, done, may, officers_only, page, say
from meguri.faces.office.tables import Cell, on_day, table
from meguri.programmes import queries as programmes
from meguri.programmes.parts import Sale
from meguri.programmes.queries import ProgrammeView
from meguri.wallets import paper as notes
from meguri.wallets.paper import RunView
from meguri.wallets.print_runs import BOOKLETS_MOST, order_print_run
from meguri.words.yen import parse_yen


@officers_only
def paper(request: TownRequest) -> HttpResponse:
    """The runs of the own department, and the form for the next."""
    require_desk(request, "paper.see", family="voucher")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"order": lambda: _order(request)})
        if refusal is None:
            return redirect("office:paper")
    found = notes.print_runs(request.municipality, department=request.actor.department)
    listed = table(
        request, "runs", caption=("印刷", "Print runs"), export=False,
        columns=[("番号", "Number", "keep"), ("事業", "Programme"), ("額面", "Face", "number"),
                 ("冊数", "Booklets", "number"), ("渡した", "Handed over", "number"), ("起票", "Ordered", "keep"),
                 ("状態", "State")],
        rows=[_row(request, each) for each in found],
        empty=("まだ印刷していません", "Nothing printed yet"),
    )  # fmt: skip
    return page(
        request, "paper", way="paper", refusal=refusal, runs=listed, units=list(_units(request)),
        may_order=may(request, "paper.order", department=request.actor.department), most=BOOKLETS_MOST,
    )


def _row(request: TownRequest, run: RunView) -> list[Cell]:
    told = notes.counts(run.id, municipality=request.municipality)
    approved = run.approved_at is not None
    state = {"status": "approved" if approved else "waiting",
             "text": say(request, "印刷できます", "Can be printed") if approved
             else say(request, "承認待ち", "Waits for approval")}  # fmt: skip
    return [
        {"text": f"{run.number:04}", "url": reverse("office:paper_run", args=[run.id])},
        say(request, run.name.ja, run.name.en), {"amount": run.face_yen}, run.booklets, told.handed,
        on_day(run.ordered_at, request), state,
    ]  # fmt: skip


def _units(request: TownRequest) -> Iterator[dict[str, Any]]:
    """What can be printed: each unit that a running programme of the department sells."""
    for view in programmes.programmes(request.municipality, states=("launched",)):
        if view.department == request.actor.department:
            yield from _units_of(request, view)


def _units_of(request: TownRequest, view: ProgrammeView) -> Iterator[dict[str, Any]]:
    sale = programmes.terms(view.id, municipality=request.municipality).obtaining
    if not isinstance(sale, Sale):
        return
    name = say(request, view.name_ja, view.name_en)
    own = ("", "", sale.face)
    for code, said, face in [own, *((b.code, say(request, b.name.ja, b.name.en), b.face) for b in sale.bundles)]:
        if face:
            yen = sum(part.yen for part in face)
            label = say(request, f"{name} {said} (1冊 {yen:,}円)", f"{name} {said} (¥{yen:,} a booklet)")
            yield {"value": f"{view.id}:{code}", "label": " ".join(label.split())}


def _order(request: TownRequest) -> None:
    chosen, _, bundle = request.POST.get("unit", "").partition(":")
    try:
        programme = UUID(chosen)
    except ValueError:
        raise BadRequest("no unit was chosen") from None
    order_print_run(
        programme=programme, bundle=bundle, face_yen=parse_yen(request.POST.get("face_yen", ""), field="face_yen"),
        booklets=parse_yen(request.POST.get("booklets", ""), field="booklets", most=BOOKLETS_MOST), by=request.actor,
        at=request.at,
    )
    done(request, "印刷を起票しました。承認者が確かめると、印刷ファイルを受け取れます。",
         "The print run is ordered. Its file can be fetched once a checker has approved it.")
