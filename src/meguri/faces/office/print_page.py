"""What the pages that print have in common: the counts, the reason, four eyes for many people, and the file: at once
where few wait for it, made by the worker where many do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.http import FileResponse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.frame import attempt, chosen, done, may, say
from meguri.faces.office.letter_words import Sender
from meguri.faces.office.paper_jobs import shown_jobs
from meguri.faces.office.print_run import (
    AT_ONCE,
    Asked,
    Kind,
    Maker,
    Tally,
    fetched,
    made_at_once,
    parts_of,
    put_away,
    report,
    tally_of,
)
from meguri.ledger import queries as books
from meguri.parties import operations as parties_operations
from meguri.parties import queries as parties
from meguri.parties.rules import Both, digest_of
from meguri.vault.rules import Field
from meguri.wallets.letter_jobs import ask_letters, fetch_letters, letter_jobs
from meguri.words.period import day_of


def standing(request: TownRequest, people: Sequence[UUID], *, about: UUID, department: str) -> dict[str, Any]:
    """The counts that the page shows, and where the approval stands, where one is needed."""
    hidden = post.shielded_among(people, municipality=request.municipality)
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


def sender_of(municipality: int, *, department: str, path: str, at: datetime) -> Sender:
    """Who writes, as letters say it: always the official address, whatever a browser was sent to."""
    rooms = {each.code: Both(each.name_ja, each.name_en) for each in parties.departments(municipality)}
    town = books.municipality(municipality)
    return Sender(
        town=Both(town.name_ja, town.name_en) if town else Both("", ""),
        department=rooms.get(department, Both(department, department)), day=day_of(at),
        link=f"https://{settings.OFFICIAL_HOST}{path}", invented=town is None or town.kind != "real",
    )


def handed(
    request: TownRequest, asked: Asked, *, people: Sequence[UUID], residents: Sequence[UUID], maker: Maker, file: str,
    whole: str = "",
) -> FileResponse | None:
    """The file; None where so many letters are made by the worker, to be fetched from this page.

    `people` are as the maker names them, `residents` the same as the vault knows them. `whole`: what the same print is
    for everybody who asks for it; empty: for this officer and these people. Raises Refusal.
    """
    if len(people) <= AT_ONCE:
        files, tally = made_at_once(parts_of(asked, people), maker=maker, by=request.actor, at=request.at)
        return fetched(files, name=file, said=report(tally))
    fields = [Field.NAME] if asked.kind is Kind.COUNTER else [Field.NAME, Field.ADDRESS]
    hidden = post.shielded_among(residents, municipality=request.municipality)
    parties_operations.require_people(
        [each for each in residents if each not in hidden], fields, reason=asked.reason, by=request.actor,
        approval=asked.approval,
    )
    digest = whole or digest_of([str(request.actor.party), str(asked.kind), *sorted(map(str, people))])
    ask_letters(
        about=asked.about, file=file, parts=[put_away(part) for part in parts_of(asked, people)], digest=digest,
        said=msgspec.json.encode(Tally()), because=asked.reason, by=request.actor, at=request.at,
    )  # fmt: skip
    done(request, "裏でつくります。この画面を閉じても続き、できたらここで受け取れます。",
         "It is being made; you may close this page and fetch it here later.")  # fmt: skip
    return None


@transaction.atomic
def fetch_made(request: TownRequest, about: UUID) -> FileResponse:
    """The file that the worker has made. Raises Refusal as `fetch_letters`."""
    found = fetch_letters(job=chosen(request, "job"), about=about, by=request.actor, at=request.at)
    return fetched(found.files, name=found.name, said=report(tally_of(found.said), stopped=found.stopped))


def made_jobs(request: TownRequest, about: UUID) -> list[dict[str, Any]]:
    """The files that are being made or can be fetched, as the page shows them; who asked for one fetches it."""
    found = letter_jobs(about, municipality=request.municipality, at=request.at)
    return shown_jobs(
        request, found, label=lambda each: say(request, f"{each.pieces:,}人分", f"For {each.pieces:,} people"),
        words=lambda _each: say(request, "人", "people"), may_fetch=lambda each: each.asked_by == request.actor.party,
    )  # fmt: skip
