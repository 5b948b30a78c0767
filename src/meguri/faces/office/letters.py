"""Letters to the winners of a sale: print them, list them for the counter, give them to the town's own printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.frame import EVERYTHING, do_once, officers_only, page, picked, say
from meguri.faces.office.letter_paper import COUNTER_LIST, LARGE, NORMAL, list_values
from meguri.faces.office.letter_words import Sender, said_until, winner_sheet
from meguri.faces.office.print_page import (
    KINDS,
    Kind,
    approval_id,
    asked_and_answered,
    fetch_made,
    handed,
    made_jobs,
    merge,
    reason_of,
    sender_of,
    standing,
)
from meguri.faces.office.print_run import AT_ONCE, drawn_and_not, letter_parts, pdf_part, report
from meguri.faces.office.tables import on_day
from meguri.parties.rules import require
from meguri.programmes.vouchers import queries
from meguri.programmes.vouchers.queries import ApplicationView, SalePage
from meguri.programmes.vouchers.rules import is_drawn
from meguri.vault.rules import Field
from meguri.wallets.letter_jobs import LETTERS_MOST, LetterPart
from meguri.words.refusal import Refusal

HEADS = ("受付番号", "氏名", "住所", "当選口数", "代金(円)", "購入期限", "案内のURL")


@officers_only
def letters(request: TownRequest, sale: UUID) -> HttpResponse | FileResponse:
    """How many letters there will be and who is kept back; print for a reason; approval where there are many."""
    facts = queries.sale_page(sale, municipality=request.municipality)
    require(request.actor, "voucher.see_applications", department=facts.department)
    winners = winners_of(facts, municipality=request.municipality, at=request.at)
    refusal = None
    if request.method == "POST":
        try:
            return _acted(request, facts, winners=winners)
        except Refusal as no:
            refusal = no
    path = [(reverse("office:vouchers"), say(request, "販売と抽選", "Sales and draw")),
            (reverse("office:sale", args=[sale]), say(request, facts.round_name.ja, facts.round_name.en)),
            ("", say(request, "手紙と名簿", "Letters and lists"))]
    return page(
        request, "letters", way="vouchers", path=path, refusal=refusal, of=facts.programme_name,
        ask=say(request, "当選した人へ手紙を出しますか", "Shall letters go to the winners?"),
        who=say(request, "当選して、まだ買っていない人", "Won, and not bought yet"),
        kinds=[{"value": kind, "label": say(request, *words)} for kind, words in KINDS.items()],
        spans=_spans(winners), jobs=made_jobs(request, sale),
        **standing(request, [each.resident for each in winners], about=sale, department=facts.department),
    )  # fmt: skip


def winners_of(facts: SalePage, *, municipality: int, at: datetime) -> tuple[ApplicationView, ...]:
    """Everybody who won and can still pay: exactly they get a letter, and nobody once the deadline is over."""
    if facts.purchasing.is_over(at) or not is_drawn(facts.allocation):
        return ()
    return queries.applications(facts.id, municipality=municipality, state="won", limit=EVERYTHING)


def _acted(request: TownRequest, facts: SalePage, *, winners: Sequence[ApplicationView]) -> HttpResponse | FileResponse:
    """The pressed button: the file, or back to the page. Raises Refusal."""
    digest = post.digest_of_people([each.resident for each in winners])
    made = None
    match request.POST.get("act"):
        case "fetch_job":
            return fetch_made(request, facts.id)
        case "print":
            approval, part = approval_id(request, facts.id, digest=digest), _span(request, winners)
            as_a_deed = do_once if len(part) > AT_ONCE else _each_time  # what is fetched at once may be fetched again
            made = as_a_deed(request, lambda: _printed(request, facts, winners=part, approval=approval))
        case _:
            asked_and_answered(request, about=facts.id, digest=digest, department=facts.department)
    return made or redirect("office:letters", sale=facts.id)


@transaction.atomic
def _each_time(_request: TownRequest, act: Callable[[], FileResponse | None]) -> FileResponse | None:
    return act()


def _spans(winners: Sequence[ApplicationView]) -> list[dict[str, Any]]:
    """Which winners one file may hold; none to choose where it holds them all."""
    if len(winners) <= LETTERS_MOST:
        return []
    return [
        {"value": first, "label": f"{first:,}–{min(first + LETTERS_MOST - 1, len(winners)):,}"}
        for first in range(1, len(winners) + 1, LETTERS_MOST)
    ]


def _span(request: TownRequest, winners: Sequence[ApplicationView]) -> Sequence[ApplicationView]:
    first = request.POST.get("span", "1")
    if first != "1" and first not in {str(each["value"]) for each in _spans(winners)}:
        raise BadRequest("no such span")
    return winners[int(first) - 1 : int(first) - 1 + LETTERS_MOST]


def _printed(
    request: TownRequest, facts: SalePage, *, winners: Sequence[ApplicationView], approval: UUID | None
) -> FileResponse | None:
    kind = picked(request, "kind", kind=Kind)
    reason = reason_of(request, KINDS[kind][0])
    fields = [Field.NAME] if kind is Kind.COUNTER else [Field.NAME, Field.ADDRESS]
    to = post.addressees(
        [each.resident for each in winners], fields, reason=reason, by=request.actor, at=request.at, approval=approval
    )
    known = [each for each in winners if each.resident in to.known]
    parts, signs = _parts(request, facts, kind=kind, winners=known, to=to)
    said = report(
        len(known) - (len(signs) if kind in (Kind.LETTERS, Kind.LARGE) else 0), shielded=to.shielded, signs=signs,
        incomplete=[each.number for each in winners if each.resident in to.incomplete],
    )  # fmt: skip
    return handed(request, parts, about=facts.id, file=f"{kind}-{facts.round}"[:40], said=said, reason=reason)


def _parts(
    request: TownRequest, facts: SalePage, *, kind: Kind, winners: Sequence[ApplicationView], to: post.Addressees
) -> tuple[list[LetterPart], Sequence[str]]:
    """The files of a print, and the signs that could not be drawn or said."""
    sender = sender_of(request, department=facts.department, path=reverse("resident:sale", args=[facts.id]))
    title = f"{facts.programme_name.ja} {facts.round_name.ja}"
    if kind is Kind.COUNTER:
        return _counter_list(request, winners, to=to, title=f"窓口の名簿 {title}"), ()
    if kind in (Kind.UTF8, Kind.CP932):
        return merge(kind, [HEADS, *(_line(each, to=to, sender=sender) for each in winners)])
    worth = queries.worth_yen(facts, [each.resident for each in winners], municipality=request.municipality)
    sheets, signs = drawn_and_not(
        winner_sheet(each, sale=facts, face_yen=worth[each.resident], sender=sender, name=name, address=address)
        for each in winners for name, address in [to.of(each.resident)]
    )
    return letter_parts(sheets, title=title, size=LARGE if kind is Kind.LARGE else NORMAL), signs


def _counter_list(
    request: TownRequest, winners: Sequence[ApplicationView], *, to: post.Addressees, title: str
) -> list[LetterPart]:
    rows = [
        (each.number, to.of(each.resident)[0], f"{each.units_won:,}口", f"{each.to_pay_yen:,}円") for each in winners
    ]
    foot = f"支援措置の方 {to.shielded:,}件は載せていません。" if to.shielded else ""
    values = list_values(rows, title=title, made=on_day(request.at, request), foot=foot)
    return [pdf_part("counter-list.pdf", template=COUNTER_LIST, values=values, pieces=len(rows))]


def _line(each: ApplicationView, *, to: post.Addressees, sender: Sender) -> list[str]:
    sums = (str(each.units_won), str(each.to_pay_yen))
    return [each.number, *to.of(each.resident), *sums, said_until(each), sender.link]
