"""What the pages that print have in common: what can be printed, the counts, the reason, four eyes for many people,
and the file: at once where few wait for it, made by the worker where many do.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import FileResponse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.frame import attempt, chosen, done, may, say
from meguri.faces.office.letter_words import Sender
from meguri.faces.office.merge_file import cp932_file, utf8_file
from meguri.faces.office.paper_jobs import shown_jobs
from meguri.faces.office.print_run import AT_ONCE, fetched, files_of
from meguri.parties import queries as parties
from meguri.parties.rules import Both
from meguri.wallets.letter_jobs import LetterPart, ask_letters, fetch_letters, letter_jobs
from meguri.words.period import day_of


class Kind(StrEnum):
    """What is printed."""

    LETTERS = "letters"
    LARGE = "large"
    COUNTER = "counter"
    UTF8 = "utf8"
    CP932 = "cp932"


KINDS = {
    Kind.LETTERS: ("手紙(窓あき封筒 長形3号)", "Letters for window envelopes"),
    Kind.LARGE: ("手紙・大きな文字(18ポイント)", "Letters in large type (18 pt)"),
    Kind.COUNTER: ("窓口の名簿(住所なし)", "List for the counter (no addresses)"),
    Kind.UTF8: ("差込ファイル CSV(UTF-8)", "Merge file, CSV (UTF-8)"),
    Kind.CP932: ("差込ファイル CSV(Shift_JIS/CP932)", "Merge file, CSV (Shift_JIS/CP932)"),
}

def standing(request: TownRequest, people: Sequence[UUID], *, about: UUID, department: str) -> dict[str, Any]:
    """The counts that the page shows, and where the approval stands, where one is needed."""
    hidden = post.shielded_among(people, municipality=request.municipality, at=request.at)
    return {
        "count": len(people) - len(hidden), "shielded": len(hidden),
        "needs_approval": post.needs_approval(len(people) - len(hidden)),
        **eyes(request, about, digest=post.digest_of_people(people), department=department),
    }  # fmt: skip


def eyes(request: TownRequest, about: UUID, *, digest: str, department: str) -> dict[str, Any]:
    """Where the approval stands and who may go on with it."""
    return {
        "approval": post.approval(about, digest=digest, municipality=request.municipality),
        "may_ask": may(request, "approval.propose", department=department),
        "may_approve": may(request, "voucher.draw", department=department),
    }  # fmt: skip


def approval_id(request: TownRequest, about: UUID, *, digest: str) -> UUID | None:
    """The approval to print, if it was given for exactly these people."""
    found = post.approval(about, digest=digest, municipality=request.municipality)
    return found.id if found is not None and found.outcome else None


def asked_and_answered(request: TownRequest, *, about: UUID, digest: str, department: str) -> None:
    """Ask for the approval of a large print, or give it. Raises Refusal."""
    by, at = request.actor, request.at

    def ask() -> None:
        post.ask(about, digest=digest, department=department, by=by, at=at)
        done(request, "印刷の承認を求めました。", "The approval was asked for.")

    def approve() -> None:
        post.approve(about, digest=digest, department=department, by=by, at=at)
        done(request, "印刷を承認しました。", "The print is approved.")

    refusal = attempt(request, {"ask": ask, "approve": approve})
    if refusal is not None:
        raise refusal


def reason_of(request: TownRequest, kind: str) -> str:
    """What the log of reveals keeps: which print, and the officer's own words; nothing if they wrote none."""
    typed = request.POST.get("reason", "").strip()
    return f"{kind}: {typed}" if typed else ""


def sender_of(request: TownRequest, *, department: str, path: str) -> Sender:
    """Who writes, as letters say it: always the official address, whatever this browser was sent to."""
    rooms = {each.code: Both(each.name_ja, each.name_en) for each in parties.departments(request.municipality)}
    town = request.town
    return Sender(
        town=Both(town.name_ja, town.name_en) if town else Both("", ""),
        department=rooms.get(department, Both(department, department)), day=day_of(request.at),
        link=f"https://{settings.OFFICIAL_HOST}{path}", invented=town is None or town.kind != "real",
    )


def merge(kind: Kind, rows: Sequence[Sequence[str]]) -> tuple[list[LetterPart], Sequence[str]]:
    """The merge file in the encoding that was chosen, and the signs that it could not say. `rows`: the heads first."""
    content, missing = (utf8_file(rows), ()) if kind is Kind.UTF8 else cp932_file(rows)
    return [LetterPart("merge.csv", len(rows) - 1, content, is_made=True)], [each.text for each in missing]


def handed(
    request: TownRequest, parts: Sequence[LetterPart], *, about: UUID, file: str, said: str, reason: str
) -> FileResponse | None:
    """The file; None where so many letters are made by the worker, to be fetched from this page."""
    if sum(part.pieces for part in parts) <= AT_ONCE:
        return fetched(files_of(parts), name=file, said=said)
    ask_letters(about=about, file=file, parts=parts, said=said, because=reason, by=request.actor, at=request.at)
    done(request, "裏でつくります。この画面を閉じても続き、できたらここで受け取れます。",
         "It is being made; you may close this page and fetch it here later.")  # fmt: skip
    return None


@transaction.atomic
def fetch_made(request: TownRequest, about: UUID) -> FileResponse:
    """The file that the worker has made. Raises Refusal as `fetch_letters`."""
    found = fetch_letters(job=chosen(request, "job"), about=about, by=request.actor, at=request.at)
    return fetched(found.files, name=found.name, said=found.said)


def made_jobs(request: TownRequest, about: UUID) -> list[dict[str, Any]]:
    """The files that are being made or can be fetched, as the page shows them; who asked for one fetches it."""
    found = letter_jobs(about, municipality=request.municipality, at=request.at)
    return shown_jobs(
        request, found, label=lambda each: say(request, f"手紙 {each.pieces:,}通", f"{each.pieces:,} letters"),
        words=lambda _each: say(request, "通", "letters"), may_fetch=lambda each: each.asked_by == request.actor.party,
    )  # fmt: skip
