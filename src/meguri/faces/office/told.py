"""Who is told of a coming amendment by which way, letters to those without the app, and the words for a shop's wall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.drawable import undrawable
from meguri.faces.office.frame import do_once, may, officers_only, page, picked, say, short
from meguri.faces.office.letter_words import AmendedWords, Sender, amended_sheet
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
from meguri.faces.office.print_run import KINDS, SET, Asked, Drawn, Kind, Tally, Turn, drawn_letters, drawn_lines
from meguri.faces.office.tables import Table, table
from meguri.faces.office.told_ways import NEEDED, Ways, coming_of, topic_of, ways
from meguri.faces.office.versions import found_programme, path_to
from meguri.notices.operations import keep_letters
from meguri.notices.rules import Wording
from meguri.parties.rules import Both, require
from meguri.programmes.queries import Announced, ProgrammeView
from meguri.programmes.texts import for_residents
from meguri.wallets.letter_jobs import LETTERS_MOST
from meguri.words.refusal import Refusal, declare

AMENDED = "amended"
"""How a print names these letters; its people are residents."""
AMENDED_AGAIN = "amended_again"
"""The same letters, once more, to who was written to already."""
LISTED = 200
HEADS = ("氏名", "住所", "事業", "変わる日", "変わること", "案内のURL")
LETTER_KINDS = {kind: words for kind, words in KINDS.items() if kind is not Kind.COUNTER}

NOTHING_COMES = declare(
    "amendment_letters_over",
    ja="知らせる変更がありません。予定の日に始まったか、取りやめになったので、手紙は出しません。",
    en="There is no change to tell of: it began on its day or was withdrawn, so no letter goes out.",
)
NOBODY_TO_WRITE_TO = declare(
    "amendment_letters_to_nobody",
    ja="手紙を出す人がいません。もう出したか、アプリで知らせているか、住所の登録がありません。",
    en="Nobody is to be written to: they were, or have the app, or no address is registered.",
)


@officers_only
def told(request: TownRequest, programme: UUID) -> HttpResponse | FileResponse:
    """The counts by way, the letters that are to be made, and those whom nothing reaches."""
    require(request.actor, "programme.see")
    view = found_programme(request, programme)
    one = coming_of(programme, municipality=request.municipality)
    found = ways(one, municipality=request.municipality) if one else None
    refusal = None
    if request.method == "POST":
        try:
            return _acted(request, view, found=found)
        except Refusal as no:
            refusal = no
    values: dict[str, Any] = {}
    if one is not None and found is not None:
        values = _shown(request, one, found=found)
    return page(
        request, "told", way="programmes", path=path_to(request, view, "だれに伝わったか", "Who is told"), view=view,
        name=say(request, view.name_ja, view.name_en), refusal=refusal, found=found, jobs=made_jobs(request, programme),
        **values,
    )  # fmt: skip


@officers_only
@require_GET
def poster(request: TownRequest, programme: UUID) -> HttpResponse:
    """The words for a shop's wall, in both languages, to be printed."""
    require(request.actor, "programme.see")
    view = found_programme(request, programme)
    one = coming_of(programme, municipality=request.municipality)
    changes = for_residents(one.change) if one else ()
    both = [
        {"language": language, "name": view.name_ja if language == "ja" else view.name_en,
         "day": show_day(one.first_day, "ja" if language == "ja" else "en", style="year") if one else "",
         "changes": [each.plain("ja" if language == "ja" else "en") for each in changes]}
        for language in ("ja", "en")
    ]  # fmt: skip
    return page(
        request, "told_poster", way="programmes", path=path_to(request, view, "店に貼る知らせ", "Poster for shops"),
        view=view, name=say(request, view.name_ja, view.name_en), one=one, both=both,
        sender=_sender(view, municipality=request.municipality, turn_at=request.at),
    )  # fmt: skip


def _shown(request: TownRequest, one: Announced, *, found: Ways) -> dict[str, Any]:
    department = one.programme.department
    return {
        "day": show_day(one.first_day, "ja" if request.language == "ja" else "en", style="year"),
        "app": len(found.by_app), "letter": len(found.by_letter), "to_write": len(found.to_write),
        "desk": len(found.at_the_desk), "none": len(found.by_none), "unreached": _unreached(request, found),
        "concerns_people": bool(for_residents(one.change)), "needs_approval": post.needs_approval(len(found.to_write)),
        "rules": one.rules, "again": _again(request, one, found=found),
        "kinds": [{"value": kind, "label": say(request, *words)} for kind, words in LETTER_KINDS.items()],
        "may_print": may(request, "programme.amend", department=department)
        or may(request, "programme.approve_amendment", department=department),
        **eyes(request, one.programme.id, digest=post.digest_of_people(found.to_write), department=department),
    }  # fmt: skip


def _again(request: TownRequest, one: Announced, *, found: Ways) -> dict[str, Any]:
    """Where the approval stands to print what was printed already, where so many need one."""
    people = _people(found, again=True)
    return {
        "needs_approval": post.needs_approval(len(people)),
        **eyes(request, one.programme.id, digest=post.digest_of_people(people), department=one.programme.department),
    }


def _people(found: Ways, *, again: bool) -> Sequence[UUID]:
    """To whom letters go; `again`: to whom they went already, since paper is spoilt and lost."""
    return sorted(found.by_letter) if again else found.to_write


def _unreached(request: TownRequest, found: Ways) -> Table:
    """Whom nothing reaches but a poster: people by the end of their pseudonym, booklets by their covers."""
    rows = [[short(each), say(request, "アプリも住所もない", "Neither app nor address")] for each in found.by_none]
    unknown = say(request, "買った人が分からない紙の券", "Paper of an unknown buyer")
    rows += [[cover, unknown] for cover in found.bearers]
    return table(
        request, "unreached", caption=("知らせが届かない人と紙の券", "People and booklets that nothing reaches"),
        columns=[("だれ・どれ", "Who or which", "keep"), ("わけ", "Why")], rows=rows[:LISTED], count=len(rows),
        export=False, empty=("知らせが届かない人はいません", "Everybody is reached"),
    )  # fmt: skip


def _acted(request: TownRequest, view: ProgrammeView, *, found: Ways | None) -> HttpResponse | FileResponse:
    here = redirect("office:told", programme=view.id)
    if request.POST.get("act") == "fetch_job":
        return fetch_made(request, view.id)
    if request.POST.get("act") == "retry_job":
        do_once(request, lambda: make_again(request, view.id))
        return redirect("office:told", programme=view.id)
    if found is None:
        raise NOTHING_COMES.refusal()
    again = bool(request.POST.get("again"))
    digest = post.digest_of_people(_people(found, again=again))
    if request.POST.get("act") != "print":
        asked_and_answered(request, about=view.id, digest=digest, department=view.department)
        return here
    approval = approval_id(request, view.id, digest=digest)
    of = AMENDED_AGAIN if again else AMENDED
    return do_once(request, lambda: _printed(request, view, found=found, of=of, approval=approval)) or here


def _printed(
    request: TownRequest, view: ProgrammeView, *, found: Ways, of: str, approval: UUID | None
) -> FileResponse | None:
    require(request.actor, "notice.send", department=view.department)
    kind = picked(request, "kind", kind=Kind)
    reason = reason_of(request, f"変更のお知らせの{KINDS[kind][0]}")
    asked = Asked(of, view.id, kind, reason, approval)
    people = _people(found, again=of == AMENDED_AGAIN)[:LETTERS_MOST]
    if not people:
        raise NOBODY_TO_WRITE_TO.refusal()
    return handed(
        request, asked, people=people, residents=people, maker=amended_part, file=f"amended-{kind}", whole=of
    )


def amended_part(turn: Turn) -> Drawn:
    """Letters about the coming change for some of those without the app; whoever was written to meanwhile is left out.

    Raises Refusal `amendment_letters_over`, and as `parties.operations.reveal_people`.
    """
    asked, town = turn.asked, turn.by.municipality
    one = coming_of(asked.about, municipality=town)
    if one is None:
        raise NOTHING_COMES.refusal()
    now = ways(one, municipality=town)
    to_reach = {*now.to_write, *now.at_the_desk}
    again = asked.of == AMENDED_AGAIN
    wanted = [each for each in turn.part.people if each in (now.by_letter if again else to_reach)]
    to = post.addressees(wanted, NEEDED, reason=asked.reason, by=turn.by, at=turn.at, approval=asked.approval)
    kept_back = Tally(
        shielded=to.shielded, gone=len(turn.part.people) - len(wanted),
        incomplete=tuple(short(each) for each in to.incomplete),
    )
    sender, words = _sender(one.programme, municipality=town, turn_at=turn.at), _words(one)
    known = [each for each in wanted if each in to.known]
    if asked.kind in SET:
        sheets = [amended_sheet(words, holds=each in now.holding, sender=sender, name=name, address=address)
                  for each in known for name, address in [to.of(each)]]  # fmt: skip
        drawn = drawn_letters(turn, sheets, title=f"{words.name.ja} 変更のお知らせ", kept_back=kept_back)
        known = [each for each in known if not undrawable("".join(to.of(each)))]
    else:
        day, what = show_day(one.first_day, "ja", style="year"), " / ".join(text for *_, text in words.changes)
        lines = [[*to.of(each), words.name.ja, day, what, sender.link] for each in known]
        drawn = drawn_lines(turn, HEADS, rows=lines, kept_back=kept_back)
    if not again:
        keep_letters(known, _kept(words), topic=topic_of(one), by=turn.by, at=turn.at)
    return drawn


def _words(one: Announced) -> AmendedWords:
    changes = tuple(
        (each.heading.ja, each.heading.en, "".join(each.plain("ja").after) or "なくなります")
        for each in for_residents(one.change)
    )
    return AmendedWords(Both(one.programme.name_ja, one.programme.name_en), one.first_day, changes, rules=one.rules)


def _kept(words: AmendedWords) -> Wording:
    """What the row of the letter says: that it went out, and about what."""
    headings: Sequence[tuple[str, str, str]] = words.changes
    return Wording(
        title_ja="きまりの変更を手紙で知らせました", title_en="Written to about a change of the rules",
        text_ja=f"「{words.name.ja}」: {'、'.join(ja for ja, *_ in headings)}",
        text_en=f"“{words.name.en}”: {', '.join(en for _, en, _ in headings)}",
    )


def _sender(view: ProgrammeView, *, municipality: int, turn_at: datetime) -> Sender:
    return sender_of(
        municipality, department=view.department, path=reverse("public:programme", args=[view.id]), at=turn_at
    )
