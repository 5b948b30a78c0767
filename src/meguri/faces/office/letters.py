"""Letters to the winners of a sale: print them, list them for the counter, give them to the town's own printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.frame import do_once, officers_only, page, picked, say
from meguri.faces.office.letter_words import Sender, said_until, winner_sheet
from meguri.faces.office.paper_jobs import make_again
from meguri.faces.office.print_page import (
    approval_id,
    asked_and_answered,
    fetch_made,
    handed,
    made_jobs,
    reason_of,
    sender_of,
    standing,
)
from meguri.faces.office.print_run import (
    AT_ONCE,
    KINDS,
    Asked,
    Drawn,
    Kind,
    Tally,
    Turn,
    drawn_letters,
    drawn_lines,
    drawn_list,
)
from meguri.parties.rules import require
from meguri.programmes.vouchers import queries
from meguri.programmes.vouchers.queries import ApplicationView, SalePage, Winner
from meguri.programmes.vouchers.rules import is_drawn
from meguri.vault.rules import Field
from meguri.wallets.letter_jobs import LETTERS_MOST
from meguri.words.refusal import Refusal

WINNERS = "winners"
"""How a print that was put away names these letters; its people are applications."""
HEADS = ("受付番号", "氏名", "住所", "当選口数", "代金(円)", "購入期限", "案内のURL")


@officers_only
def letters(request: TownRequest, sale: UUID) -> HttpResponse | FileResponse:
    """How many letters there will be and who is kept back; print for a reason; approval where there are many."""
    facts = queries.sale_page(sale, municipality=request.municipality)
    require(request.actor, "voucher.see_applications", department=facts.department)
    winners = _winners(request, facts)
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


def _winners(request: TownRequest, facts: SalePage) -> tuple[Winner, ...]:
    """Everybody who won and can still pay: exactly they get a letter, and nobody once the deadline is over."""
    if facts.purchasing.is_over(request.at) or not is_drawn(facts.allocation):
        return ()
    return queries.winners(facts.id, municipality=request.municipality)


def _acted(request: TownRequest, facts: SalePage, *, winners: Sequence[Winner]) -> HttpResponse | FileResponse:
    """The pressed button: the file, or back to the page. Raises Refusal."""
    digest = post.digest_of_people([each.resident for each in winners])
    made = None
    match request.POST.get("act"):
        case "fetch_job":
            return fetch_made(request, facts.id)
        case "retry_job":
            do_once(request, lambda: make_again(request, facts.id))
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


def _spans(winners: Sequence[Winner]) -> list[dict[str, Any]]:
    """Which winners one file may hold; none to choose where it holds them all."""
    if len(winners) <= LETTERS_MOST:
        return []
    return [
        {"value": first, "label": f"{first:,}–{min(first + LETTERS_MOST - 1, len(winners)):,}"}
        for first in range(1, len(winners) + 1, LETTERS_MOST)
    ]


def _span(request: TownRequest, winners: Sequence[Winner]) -> Sequence[Winner]:
    first = request.POST.get("span", "1")
    if first != "1" and first not in {str(each["value"]) for each in _spans(winners)}:
        raise BadRequest("no such span")
    return winners[int(first) - 1 : int(first) - 1 + LETTERS_MOST]


def _printed(
    request: TownRequest, facts: SalePage, *, winners: Sequence[Winner], approval: UUID | None
) -> FileResponse | None:
    kind = picked(request, "kind", kind=Kind)
    asked = Asked(WINNERS, facts.id, kind, reason_of(request, KINDS[kind][0]), approval)
    return handed(
        request, asked, people=[each.application for each in winners],
        residents=[each.resident for each in winners], maker=winners_part, file=f"{kind}-{facts.round}"[:40],
    )


def winners_part(turn: Turn) -> Drawn:
    """Letters, lines or the list for some of a sale's winners: those who can still pay at this moment.

    Raises Refusal as `parties.operations.reveal_people`.
    """
    asked, town = turn.asked, turn.by.municipality
    facts = queries.sale_page(asked.about, municipality=town)
    people = turn.part.people
    winners = queries.applications(asked.about, municipality=town, state="won", only=people, limit=len(people))
    if facts.purchasing.is_over(turn.at):
        winners = ()
    fields = [Field.NAME] if asked.kind is Kind.COUNTER else [Field.NAME, Field.ADDRESS]
    to = post.addressees(
        [each.resident for each in winners], fields, reason=asked.reason, by=turn.by, at=turn.at,
        approval=asked.approval,
    )  # fmt: skip
    kept_back = Tally(
        shielded=to.shielded, gone=len(people) - len(winners),
        incomplete=tuple(each.number for each in winners if each.resident in to.incomplete),
    )
    known = [each for each in winners if each.resident in to.known]
    return _drawn(turn, facts, winners=known, to=to, kept_back=kept_back)


def _drawn(
    turn: Turn, facts: SalePage, *, winners: Sequence[ApplicationView], to: post.Addressees, kept_back: Tally
) -> Drawn:
    title = f"{facts.programme_name.ja} {facts.round_name.ja}"
    if turn.asked.kind is Kind.COUNTER:
        rows = [
            (each.number, to.of(each.resident)[0], f"{each.units_won:,}口", f"{each.to_pay_yen:,}円")
            for each in winners
        ]
        return drawn_list(turn, rows, title=f"窓口の名簿 {title}", kept_back=kept_back)
    sender = sender_of(
        turn.by.municipality, department=facts.department, path=reverse("resident:sale", args=[facts.id]), at=turn.at
    )
    if turn.asked.kind in (Kind.UTF8, Kind.CP932):
        lines = [_line(each, to=to, sender=sender) for each in winners]
        return drawn_lines(turn, HEADS, rows=lines, kept_back=kept_back)
    worth = queries.worth_yen(facts, [each.resident for each in winners], municipality=turn.by.municipality)
    sheets = (
        winner_sheet(each, sale=facts, face_yen=worth[each.resident], sender=sender, name=name, address=address)
        for each in winners for name, address in [to.of(each.resident)]
    )  # fmt: skip
    return drawn_letters(turn, sheets, title=title, kept_back=kept_back)


def _line(each: ApplicationView, *, to: post.Addressees, sender: Sender) -> list[str]:
    sums = (str(each.units_won), str(each.to_pay_yen))
    return [each.number, *to.of(each.resident), *sums, said_until(each), sender.link]
