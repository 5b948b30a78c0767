"""One booklet: what became of each of its notes, and replacing what is left when it is lost."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.by_number import person_by_number
from meguri.faces.office.frame import attempt, done, may, officers_only, page, say
from meguri.faces.office.paper_run import REASON_NEEDED, STATES, numbers_of
from meguri.faces.office.tables import Cell, table, when
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.wallets import booklets
from meguri.wallets import paper as notes
from meguri.wallets.paper import BookletView, NoteState

NOTE_STATES = {
    "unsold": ("まだ渡していない", "Not handed over", "waiting"), "open": ("使える", "Good", "live"),
    "paid": ("使われた", "Spent", "done"), "blocked": ("止めた", "Blocked", "suspended"),
}  # fmt: skip


@officers_only
def booklet(request: TownRequest, booklet: UUID) -> HttpResponse:
    """The booklet's notes one by one; a lost one is replaced here."""
    found = notes.booklet(booklet, municipality=request.municipality)
    require(request.actor, "paper.see", department=found.run.department)
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"replace": lambda: _replace(request, found)})
        if refusal is None:
            return redirect("office:booklet", booklet=booklet)
    run = found.run
    desk = reverse("office:paper") if run.department == request.actor.department else ""
    path = [(desk, say(request, "紙の券", "Paper notes")),
            (reverse("office:paper_run", args=[run.id]), f"{run.number:04}"), ("", found.row.cover.shown)]
    ja, en, badge = STATES[found.row.state]
    shops = _shops(request, found)
    listed = table(
        request, "notes", caption=("この冊子の券", "Notes of this booklet"), export=False,
        columns=[("枚目", "Note", "number"), ("券番号", "Number", "keep"), ("状態", "State"), ("いつ", "When", "keep"),
                 ("どこで・なぜ", "Where, why")],
        rows=[_row(request, each, shops=shops) for each in found.notes],
    )  # fmt: skip
    return page(
        request, "booklet", way="paper", path=path, refusal=refusal, booklet=found, notes=listed,
        state={"status": badge, "text": say(request, ja, en)},
        may_replace=may(request, "paper.replace", department=run.department),
    )


def _shops(request: TownRequest, found: BookletView) -> dict[UUID, str]:
    wanted = {each.shop for each in found.notes if each.shop}
    views = [parties.shop(each, municipality=request.municipality) for each in wanted]
    return {view.id: say(request, view.name_ja, view.name_en) for view in views if view}


def _row(request: TownRequest, each: NoteState, *, shops: dict[UUID, str]) -> list[Cell]:
    ja, en, badge = NOTE_STATES[each.state]
    return [
        each.serial.note, each.serial.shown, {"status": badge, "text": say(request, ja, en)}, when(each.at, request),
        each.told or (shops.get(each.shop, "") if each.shop else ""),
    ]


def _replace(request: TownRequest, found: BookletView) -> None:
    because = request.POST.get("because", "").strip()
    if not because:
        raise REASON_NEEDED.refusal(field="because")
    onto = numbers_of(request.POST.get("onto", ""))[:1]
    made = booklets.replace(
        booklet=found.row.cover, because=because, by=request.actor, at=request.at, onto=onto[0] if onto else None,
        holder=None if onto else _holder(request),
    )
    done(request, f"残り{made.yen:,}円を出し直しました。止めた券は{made.blocked}枚、使用済みは{made.paid}枚です。",
         f"¥{made.yen:,} are replaced: {made.blocked} notes blocked, {made.paid} had been spent.")


def _holder(request: TownRequest) -> UUID:
    """Whose wallet gets what is left, by the register's number. Raises Refusal `letter_nobody_with_number`."""
    return person_by_number(request, field="resident")
