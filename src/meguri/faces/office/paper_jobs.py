"""Large print files on their pages: asked for, watched, fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import called, chosen, done, may, officer_names, say
from meguri.faces.office.note_file import made_file
from meguri.wallets.paper import RunView
from meguri.wallets.print_jobs import JOB_MOST, JobView, ask_print_job, fetch_print_job, print_jobs
from meguri.wallets.print_tries import try_again


def spans(run: RunView) -> list[dict[str, Any]]:
    """What one file may hold: the whole run, or as much as a file takes."""
    return [
        {"value": first, "label": f"{first:,}–{min(first + JOB_MOST - 1, run.booklets):,}"}
        for first in range(1, run.booklets + 1, JOB_MOST)
    ]


def jobs(request: TownRequest, run: RunView) -> list[dict[str, Any]]:
    """The run's files as the page shows them."""
    return shown_jobs(
        request, print_jobs(run.id, municipality=request.municipality, at=request.at),
        label=lambda each: say(
            request, f"冊子 {each.first:,}〜{each.last:,}", f"Booklets {each.first:,} to {each.last:,}"
        ),
        words=lambda each: say(
            request, f"冊(券 {each.done * run.notes_each:,}枚)", f"booklets ({each.done * run.notes_each:,} notes)"
        ),
        may_fetch=lambda _each: may(request, "paper.print", department=run.department),
    )


Said = Callable[[JobView], str]


def shown_jobs(
    request: TownRequest, found: Iterable[JobView], *, label: Said, words: Said, may_fetch: Callable[[JobView], bool]
) -> list[dict[str, Any]]:
    """Files that are being made or can be fetched, as `office/parts/jobs.html` shows them."""
    names = officer_names(request)
    return [
        {"view": each, "id": str(each.id), "label": label(each), "words": words(each), "may_fetch": may_fetch(each),
         "by": called(names, each.asked_by, language=request.language),
         "stopped": say(request, *each.stopped) if each.stopped else ""}
        for each in found
    ]  # fmt: skip


def ask(request: TownRequest, run: RunView, *, first: int, because: str) -> None:
    """Have it made. Raises Refusal as `ask_print_job`."""
    ask_print_job(
        run=run.id, first=first, last=first + JOB_MOST - 1, because=because, by=request.actor, at=request.at
    )  # fmt: skip
    done(request, "裏でつくり始めます。この画面を閉じても続きます。", "It is being made; you may close this page.")


def make_again(request: TownRequest, about: UUID) -> None:
    """A file that was set aside goes on where it stopped. Raises Refusal as `try_again`."""
    try_again(job=chosen(request, "job"), about=about, by=request.actor, at=request.at)
    done(request, "続きからもう一度つくります。", "It is being made again, from where it stopped.")


@transaction.atomic
def fetch(request: TownRequest, run: RunView, *, because: str) -> FileResponse:
    """The file that is ready. Raises Refusal as `fetch_print_job`."""
    view, parts = fetch_print_job(job=chosen(request, "job"), because=because, by=request.actor, at=request.at)
    return made_file(parts, run=run, span=(view.first, view.last_made))
