"""Large print files on a run's page: asked for, watched, fetched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import called, chosen, done, officer_names, say
from meguri.faces.office.note_file import made_file
from meguri.wallets.paper import RunView
from meguri.wallets.print_jobs import JOB_MOST, JobView, ask_print_job, fetch_print_job, print_jobs


def spans(run: RunView) -> list[dict[str, Any]]:
    """What one file may hold: the whole run, or as much as a file takes."""
    return [
        {"value": first, "label": f"{first:,}–{min(first + JOB_MOST - 1, run.booklets):,}"}
        for first in range(1, run.booklets + 1, JOB_MOST)
    ]


def jobs(request: TownRequest, run: RunView) -> list[dict[str, Any]]:
    """The run's files as the page shows them."""
    names = officer_names(request)
    found = print_jobs(run.id, municipality=request.municipality, at=request.at)
    return [_shown(request, each, names=names, notes_each=run.notes_each) for each in found]


def _shown(request: TownRequest, each: JobView, *, names: dict[UUID, str], notes_each: int) -> dict[str, Any]:
    by = called(names, each.asked_by, language=request.language)
    return {
        "view": each,
        "label": say(request, f"冊子 {each.first:,}〜{each.last:,}", f"Booklets {each.first:,} to {each.last:,}"),
        "words": say(
            request, f"冊(券 {each.done * notes_each:,}枚)", f"booklets ({each.done * notes_each:,} notes)",
        ),
        "by": by, "id": str(each.id),
    }  # fmt: skip


def ask(request: TownRequest, run: RunView, *, first: int, because: str) -> None:
    """Have it made. Raises Refusal as `ask_print_job`."""
    ask_print_job(
        run=run.id, first=first, last=first + JOB_MOST - 1, because=because, by=request.actor, at=request.at
    )  # fmt: skip
    done(request, "裏でつくり始めます。この画面を閉じても続きます。", "It is being made; you may close this page.")


@transaction.atomic
def fetch(request: TownRequest, run: RunView, *, because: str) -> FileResponse:
    """The file that is ready. Raises Refusal as `fetch_print_job`."""
    view, parts = fetch_print_job(job=chosen(request, "job"), because=because, by=request.actor, at=request.at)
    return made_file(parts, run=run, span=(view.first, view.last))
