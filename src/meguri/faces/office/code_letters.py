"""Letters that bring codes: made in the same step in which the codes are, because a code is kept as a digest only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.by_number import person_by_number
from meguri.faces.office.frame import do_once, may, officers_only, page, picked, say, short
from meguri.faces.office.letter_paper import Sheet
from meguri.faces.office.letter_words import ForCodes, Sender, code_sheet
from meguri.faces.office.paper_jobs import make_again
from meguri.faces.office.print_page import (
    approval_id,
    asked_and_answered,
    eyes,
    fetch_made,
    handed,
    made_jobs,
    reason_of,
    sender_of,
)
from meguri.faces.office.print_run import (
    KINDS,
    Asked,
    Drawn,
    Kind,
    Tally,
    Turn,
    drawn_letters,
    drawn_lines,
)
from meguri.parties.rules import Both, require
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByCode
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ProgrammeView
from meguri.programmes.vouchers import operations
from meguri.programmes.vouchers.codes import NO_CODES
from meguri.programmes.vouchers.operations.codes import Letter
from meguri.vault.rules import Field
from meguri.wallets.letter_jobs import LETTERS_MOST
from meguri.words.refusal import Refusal, declare

CODES, LOST = "codes", "lost_code"
"""How a print names these letters: for everybody without a code, and for one person whose letter was lost."""
NO_CODE_TO_REPLACE = declare(
    "letter_no_code_to_replace",
    ja="この方のコードはすでに使われたか、まだ出ていないため、出し直せません。",
    en="This person's code was used already, or none was issued, so it cannot be replaced.",
)
HEADS = ("氏名", "住所", "商品券コード", "額面(円)", "入力期限", "案内のURL")
LETTER_KINDS = {kind: words for kind, words in KINDS.items() if kind is not Kind.COUNTER}


@officers_only
def code_letters(request: TownRequest, programme: UUID) -> HttpResponse | FileResponse:
    """Issue codes and print their letters, once; a lost letter's code is replaced by another."""
    view = programmes.programme(programme, municipality=request.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    require(request.actor, "voucher.see_applications", department=view.department)
    of = _for_codes(view, municipality=request.municipality)
    refusal = None
    if request.method == "POST":
        try:
            return _acted(request, view, of=of)
        except Refusal as no:
            refusal = no
    path = [(reverse("office:vouchers"), say(request, "販売と抽選", "Sales and draw")),
            ("", say(request, "コードの手紙", "Code letters"))]
    return page(
        request, "letters", way="vouchers", path=path, refusal=refusal, of=of.name, by_code=True,
        ask=say(request, "コードの手紙を出しますか", "Shall letters with codes go out?"), needs_approval=True,
        may_issue=may(request, "voucher.issue_codes", department=view.department),
        kinds=[{"value": kind, "label": say(request, *words)} for kind, words in LETTER_KINDS.items()],
        jobs=made_jobs(request, programme),
        **eyes(request, programme, digest=post.digest_of_people([programme]), department=view.department),
    )  # fmt: skip


def _for_codes(view: ProgrammeView, *, municipality: int) -> ForCodes:
    """What letters say of the programme. Raises Refusal `voucher_programme_has_no_codes`."""
    terms = programmes.terms(view.id, municipality=municipality)
    if not isinstance(terms.obtaining, GrantByCode):
        raise NO_CODES.refusal()
    grant = terms.obtaining
    face_yen = sum(part.yen for part in grant.face)
    return ForCodes(Both(view.name_ja, view.name_en), face_yen, grant.entering.last_day)


def _acted(request: TownRequest, view: ProgrammeView, *, of: ForCodes) -> HttpResponse | FileResponse:
    """The pressed button: codes are issued and their letters made together or not at all. Raises Refusal."""
    digest = post.digest_of_people([view.id])
    if request.POST.get("act") == "fetch_job":
        return fetch_made(request, view.id)
    if request.POST.get("act") == "retry_job":
        do_once(request, lambda: make_again(request, view.id))
        return redirect("office:code_letters", programme=view.id)
    if request.POST.get("act") != "print":
        asked_and_answered(request, about=view.id, digest=digest, department=view.department)
        return redirect("office:code_letters", programme=view.id)
    approval = approval_id(request, view.id, digest=digest)
    made = do_once(request, lambda: _issued(request, view, approval=approval))
    return made or redirect("office:code_letters", programme=view.id)


def _issued(request: TownRequest, view: ProgrammeView, *, approval: UUID | None) -> FileResponse | None:
    kind = picked(request, "kind", kind=Kind)
    lost = _lost(request)
    reason = reason_of(request, f"商品券コードの{KINDS[kind][0]}")
    asked = Asked(LOST if lost else CODES, view.id, kind, reason, approval)
    people = [lost] if lost else operations.awaiting_codes(programme=view.id, by=request.actor)[:LETTERS_MOST]
    return handed(
        request, asked, people=people, residents=people, maker=codes_part, file=f"codes-{kind}", whole=CODES,
    )  # fmt: skip


def _lost(request: TownRequest) -> UUID | None:
    """Whose letter was lost, by the register's number; None if none was typed. Nothing is opened for it."""
    return person_by_number(request) if request.POST.get("number", "").strip() else None


def codes_part(turn: Turn) -> Drawn:
    """Codes for some people and the letters that bring them, together or not at all; for who lost theirs, another one.

    Raises Refusal `letter_no_code_to_replace`, and as `issue_codes`, `parties.operations.reveal_people`.
    """
    asked, people = turn.asked, turn.part.people
    is_anew = asked.of == LOST
    letters = operations.issue_codes(
        programme=asked.about, by=turn.by, at=turn.at, only=() if is_anew else people, anew=people if is_anew else (),
    )  # fmt: skip
    if is_anew and not letters:
        raise NO_CODE_TO_REPLACE.refusal(field="number")
    to = post.addressees(
        [each.resident for each in letters], [Field.NAME, Field.ADDRESS], reason=asked.reason, by=turn.by, at=turn.at,
        approval=asked.approval,
    )  # fmt: skip
    over_the_desk = [each for each in letters if is_anew and each.resident not in to.known]
    kept_back = Tally(
        shielded=0 if over_the_desk else to.shielded, gone=len(people) - len(letters),
        incomplete=tuple(short(each) for each in to.incomplete),
    )
    posted = [each for each in letters if each.resident in to.known]
    return _drawn(turn, posted, over_the_desk=over_the_desk, to=to, kept_back=kept_back)


def _drawn(
    turn: Turn, posted: Sequence[Letter], *, over_the_desk: Sequence[Letter], to: post.Addressees, kept_back: Tally
) -> Drawn:
    view = programmes.programme(turn.asked.about, municipality=turn.by.municipality)
    assert view is not None  # noqa: S101 - its codes were just issued
    of = _for_codes(view, municipality=turn.by.municipality)
    sender = sender_of(
        turn.by.municipality, department=view.department, path=reverse("resident:enter_code"), at=turn.at
    )
    named = [(each.code, *to.of(each.resident)) for each in posted] + [(each.code, "", "") for each in over_the_desk]
    if turn.asked.kind in (Kind.UTF8, Kind.CP932):
        until = show_day(of.until, "ja", style="year")
        rows = [[name, address, code, str(of.face_yen), until, sender.link] for code, name, address in named]
        return drawn_lines(turn, HEADS, rows=rows, kept_back=kept_back)
    sheets = _sheets(named, of=of, sender=sender)
    return drawn_letters(turn, sheets, title=f"{of.name.ja} コードの手紙", kept_back=kept_back)


def _sheets(named: Sequence[tuple[str, str, str]], *, of: ForCodes, sender: Sender) -> Iterator[Sheet]:
    for code, name, address in named:
        yield code_sheet(code, of=of, sender=sender, name=name, address=address)
