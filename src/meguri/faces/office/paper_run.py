"""One print run: its approval, its file part by part, handing over at the counter, blocking what is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import paper_jobs
from meguri.faces.office.counter_sale import ToSell, to_sell
from meguri.faces.office.frame import (
    attempt,
    called,
    do_once,
    done,
    may,
    officer_names,
    officers_only,
    page,
    picked,
    say,
)
from meguri.faces.office.note_file import FORMS, Form, issue_of, note_file
from meguri.faces.office.tables import Cell, Table, csv_of, on_day, table, when
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers import queries as sales
from meguri.wallets import booklets, print_runs
from meguri.wallets import paper as notes
from meguri.wallets.notes import Serial, read_note
from meguri.wallets.paper import BookletRow, RunView
from meguri.wallets.print_runs import PRINT_RUN_UNKNOWN
from meguri.words.refusal import Refusal, declare

PART = 250
"""Booklets of one fetching of PDFs: more would keep the officer waiting for minutes. Merge data comes whole."""
NOTES_A_SECOND = 200
"""Notes that are set in a second, as measured on two shared cores."""
LISTED = 50
BLOCKED_AT_ONCE = 1_000
STATES = {
    "unsold": ("まだ渡していない", "Not handed over", "waiting"), "handed": ("渡した", "Handed over", "done"),
    "blocked": ("止めた券がある", "Has blocked notes", "suspended"),
    "replaced": ("出し直した・回収した", "Replaced or brought back", "closed"),
}  # fmt: skip

RECEIPT_UNKNOWN = declare(
    "paper_receipt_unknown", status=404,
    ja="受付番号「{number}」の申込みは、この事業にありません。番号をもう一度確かめてください。",
    en="This programme has no application “{number}”. Please check the receipt number.",
)
BOOKLETS_MISSING = declare(
    "paper_booklets_missing", status=422,
    ja="冊子の番号がまだです。表紙のQRコードを読み取るか、番号を1行に1つ入力してください。",
    en="No booklet is named yet. Please scan the covers, or type one number a line.",
)
BLOCKS_TOO_MANY = declare(
    "paper_blocks_too_many", status=422,
    ja="一度に止められるのは{most}冊までです。分けて止めてください。",
    en="Up to {most} booklets can be blocked at once. Please block them in parts.",
)
REASON_NEEDED = declare(
    "paper_reason_needed", status=422, ja="理由を書いてください。記録に残ります。", en="Please say why; it is kept."
)


@officers_only
def paper_run(request: TownRequest, print_run: UUID) -> HttpResponse | FileResponse:
    """The run's one page: what its state asks for stands first."""
    found = _own(request, print_run)
    refusal, summary = None, None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "check_sale":
                summary = _to_sell(request, found)
            else:
                return _acted(request, found)
        except Refusal as no:
            refusal = no
            found = _own(request, print_run)
    listed, fetches = _booklets(request, found), _fetches(request, found)
    if file := csv_of(request, listed, fetches):
        return file
    desk = reverse("office:paper") if found.department == request.actor.department else ""
    path = [(desk, say(request, "紙の券", "Paper notes")), ("", f"{found.number:04}")]
    told = notes.counts(print_run, municipality=request.municipality)
    return page(
        request, "paper_run", way="paper", path=path, refusal=refusal, run=found, counts=told, booklets=listed,
        fetches=fetches, parts=_parts(found), part_seconds=_seconds(found), printed=_printed(request, found),
        jobs=paper_jobs.jobs(request, run=found), spans=paper_jobs.spans(found),
        forms=[{"value": form, "label": say(request, *words)} for form, words in FORMS.items()],
        states=_state_links(request), to_sell=summary, is_maker=_is_maker(request, found),
        **{f"may_{name}": may(request, f"paper.{name}", department=found.department)
           for name in ("approve", "print", "hand_over", "block", "order")},
    )  # fmt: skip


def _own(request: TownRequest, run: UUID) -> RunView:
    found = notes.print_run(run, municipality=request.municipality)
    if found is None:
        raise PRINT_RUN_UNKNOWN.refusal()
    require(request.actor, "paper.see", department=found.department)
    return found


def _is_maker(request: TownRequest, run: RunView) -> bool:
    asked = parties.approval(run.approval, municipality=request.municipality)
    return asked is not None and asked.made_by == request.actor.party


def _acted(request: TownRequest, run: RunView) -> HttpResponse | FileResponse:
    """The pressed button. Raises Refusal."""
    here = redirect("office:paper_run", print_run=run.id)
    written = list[UUID]()
    if request.POST.get("act") == "print":
        return do_once(request, lambda: _fetch(request, run)) or here
    if request.POST.get("act") == "fetch_job":
        return do_once(request, lambda: paper_jobs.fetch(request, run, because=_reason(request))) or here
    if request.POST.get("act") == "retry_job":
        do_once(request, lambda: paper_jobs.make_again(request, run.id))
        return here
    refusal = attempt(request, _acts(request, run, written=written))
    if refusal is not None:
        raise refusal
    if request.POST.get("act") in ("withdraw", "reject"):
        return redirect("office:paper")
    return redirect("office:receipt", receipt=written[0]) if written else here


def _acts(request: TownRequest, run: RunView, *, written: list[UUID]) -> dict[str, Callable[[], object]]:
    """What may be done here; the receipt of a sale joins `written`."""
    by, at = request.actor, request.at

    def approve() -> None:
        print_runs.approve_print_run(run.id, by=by, at=at)
        done(request, "印刷を承認しました。", "The print run is approved.")

    def withdraw() -> None:
        print_runs.close_print_run(run.id, by=by, at=at)
        done(request, "起票を取り下げました。", "The order is withdrawn.")

    def reject() -> None:
        print_runs.close_print_run(run.id, by=by, at=at, reason=_reason(request))
        done(request, "差し戻しました。", "Sent back.")

    return {"approve": approve, "withdraw": withdraw, "reject": reject,
            "sell": lambda: written.extend(_sell(request, run)), "block": lambda: _block(request, run),
            "ask_job": lambda: _ask_job(request, run)}  # fmt: skip


def _reason(request: TownRequest) -> str:
    typed = request.POST.get("because", "").strip()
    if not typed:
        raise REASON_NEEDED.refusal(field="because")
    return typed[:200]


# --- the counter -----------------------------------------------------------------------------------------------------


@transaction.atomic
def _sell(request: TownRequest, run: RunView) -> list[UUID]:
    """The sale and the handing over are one step: what is paid for lies in the booklets, or nothing was sold. Gives
    the receipt.
    """
    covers = numbers_of(request.POST.get("booklets", ""))
    if not covers:
        raise BOOKLETS_MISSING.refusal(field="booklets")
    sold = vouchers.sell_at_counter(
        application=_application(request, run), by=request.actor, at=request.at, units=len(covers)
    )
    yen = booklets.hand_over(posting=sold.posting, booklets=covers, by=request.actor, at=request.at)
    done(request, f"{sold.number}: {len(covers)}冊({yen:,}円分)を渡しました。代金は{sold.price_yen:,}円です。",
         f"{sold.number}: {len(covers)} booklets (¥{yen:,}) handed over for ¥{sold.price_yen:,}.")
    given = orders.receipt_of(sold.application, municipality=request.municipality)
    return [given.id] if given else []


def _to_sell(request: TownRequest, run: RunView) -> ToSell:
    """What it would be, before any money is taken. Raises Refusal."""
    require(request.actor, "paper.hand_over", department=run.department)
    covers = numbers_of(request.POST.get("booklets", ""))
    if not covers:
        raise BOOKLETS_MISSING.refusal(field="booklets")
    summary = to_sell(
        _application(request, run), municipality=request.municipality, units=len(covers),
        booklets=tuple(each.shown for each in covers),
    )  # fmt: skip
    booklets.require_unsold(covers, by=request.actor)
    return summary


def _application(request: TownRequest, run: RunView) -> UUID:
    """The application of the receipt number that was read out. Raises Refusal `paper_receipt_unknown`."""
    number = request.POST.get("number", "").strip()
    for sale in sales.sales(request.municipality, programme=run.programme):
        found = sales.application_by_number(number, sale=sale, municipality=request.municipality)
        if found is not None:
            return found.id
    raise RECEIPT_UNKNOWN.refusal(field="number", number=number[:20])


def numbers_of(typed: str) -> list[Serial]:
    """The numbers in a box, one a line, each once; a line may be a cover's whole QR code.

    Raises Refusal `note_unreadable`, `note_mistyped`.
    """
    lines = [line.strip() for line in typed.splitlines()]
    return list(dict.fromkeys(read_note(line).serial for line in lines if line))


def _block(request: TownRequest, run: RunView) -> None:
    """Single notes, whole booklets by their covers, or all booklets between two covers (`first ~ last`)."""
    serials = _named(request.POST.get("numbers", ""))
    if not serials:
        raise BOOKLETS_MISSING.refusal(field="numbers")
    told = booklets.block(serials=serials, because=_reason(request), by=request.actor, at=request.at)
    paid = [each for each in told if each.paid_by is not None]
    stopped = len(told) - len(paid)
    late = say(request, f"すでに使われていた券が{len(paid):,}枚あります(止められません)。",
               f"{len(paid):,} had been spent before (they stay spent).") if paid else ""  # fmt: skip
    done(request, f"券を{stopped:,}枚止めました。{late}", f"{stopped:,} notes are blocked. {late}")


def _named(typed: str) -> list[Serial]:
    serials: list[Serial] = []
    for line in typed.splitlines():
        first, *rest = re.split(r"[~~〜]", line)
        if not first.strip():
            continue
        begin = read_note(first).serial
        end = read_note(rest[0]).serial if rest and rest[0].strip() else begin
        several = range(begin.booklet, end.booklet + 1) if end != begin else ()
        serials += [Serial(begin.municipality, begin.run, each) for each in several] or [begin]
        if len(serials) > BLOCKED_AT_ONCE:
            raise BLOCKS_TOO_MANY.refusal(field="numbers", most=BLOCKED_AT_ONCE)
    return serials


# --- the file -------------------------------------------------------------------------------------------------------


def _parts(run: RunView) -> list[dict[str, Any]]:
    return [
        {"value": first, "label": f"{first:,}–{min(first + PART - 1, run.booklets):,}"}
        for first in range(1, run.booklets + 1, PART)
    ]


def _fetch(request: TownRequest, run: RunView) -> FileResponse:
    form = picked(request, "form", kind=Form)
    first, last = _range(request, run) if form is Form.PDF else (1, run.booklets)
    because = _reason(request)
    printed = print_runs.print_notes(
        run.id, first=first, last=last, form=form, because=because, by=request.actor, at=request.at
    )
    return note_file(printed, run=run, form=form, span=(first, last), issue=issue_of(run, town=request.town))


def _ask_job(request: TownRequest, run: RunView) -> None:
    first = request.POST.get("span", "1")
    if first not in {str(each["value"]) for each in paper_jobs.spans(run)}:
        raise BadRequest("no such span")
    paper_jobs.ask(request, run, first=int(first), because=_reason(request))


def _seconds(run: RunView) -> int:
    """About how long a full part is made at NOTES_A_SECOND, in whole five seconds."""
    return max(5, round(min(PART, run.booklets) * run.notes_each / NOTES_A_SECOND / 5) * 5)


def _range(request: TownRequest, run: RunView) -> tuple[int, int]:
    first = request.POST.get("part", "1")
    if first not in {str(each["value"]) for each in _parts(run)}:
        raise BadRequest("no such part")
    return int(first), min(int(first) + PART - 1, run.booklets)


def _printed(request: TownRequest, run: RunView) -> int:
    """How many booklets have been fetched by now, in whatever form."""
    taken = {number for each in notes.files(run.id, municipality=request.municipality)
             for number in range(each.first, each.last + 1)}  # fmt: skip
    return len(taken)


def _fetches(request: TownRequest, run: RunView) -> Table:
    names, found = officer_names(request), notes.files(run.id, municipality=request.municipality)
    return table(
        request, "fetches", caption=("受け取った印刷ファイル", "Print files fetched"),
        columns=[("日時", "When", "keep"), ("だれが", "By"), ("冊子", "Booklets", "keep"),
                 ("形", "Form"), ("理由", "Why")],
        rows=[[when(each.at, request), called(names, each.by, language=request.language),
               f"{each.first:,}–{each.last:,}", each.form, each.because] for each in found],
        empty=("まだ受け取っていません", "None yet"),
    )  # fmt: skip


# --- the list --------------------------------------------------------------------------------------------------------


def _booklets(request: TownRequest, run: RunView) -> Table:
    after = request.GET.get("from", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 8 else 0
    found = notes.booklets(run.id, municipality=request.municipality, state=request.GET.get("state", ""), after=number,
                           limit=LISTED)  # fmt: skip
    return table(
        request, "booklets", caption=("冊子", "Booklets"),
        columns=[("表紙の番号", "Number on the cover", "keep"), ("状態", "State"), ("渡した日", "Handed over", "keep"),
                 ("止めた券", "Blocked notes", "number")],
        rows=[_row(request, each) for each in found], export=False,
        empty=("この状態の冊子はありません", "No booklet is in this state"),
    )  # fmt: skip


def _row(request: TownRequest, each: BookletRow) -> list[Cell]:
    ja, en, badge = STATES[each.state]
    return [
        {"text": each.cover.shown, "url": reverse("office:booklet", args=[each.id])},
        {"status": badge, "text": say(request, ja, en)}, on_day(each.handed_at, request), each.blocked_notes,
    ]


def _state_links(request: TownRequest) -> list[dict[str, Any]]:
    chosen = request.GET.get("state", "")
    every = {"url": "?#listed", "label": say(request, "すべて", "All"), "current": not chosen}
    return [every, *(
        {"url": f"?state={state}#listed", "label": say(request, ja, en), "current": state == chosen}
        for state, (ja, en, _) in STATES.items()
    )]
