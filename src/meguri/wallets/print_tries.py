"""A print file that cannot be made does not keep the others waiting: its tries are counted, and then it is set aside.

A try is counted before it is begun, in a transaction of its own: so a part that takes its worker's process with it is
counted as well as one that fails. A file that is set aside keeps what was made of it and goes on there by a press.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.parties.rules import require
from meguri.wallets.letter_jobs import LETTERS_OF_ANOTHER
from meguri.wallets.models import TRIES, PrintJob
from meguri.wallets.print_jobs import KEPT, PRINT_JOB_UNKNOWN, next_job
from meguri.wallets.print_runs import department_of
from meguri.words.actor import Actor
from meguri.words.refusal import declare

_log = logging.getLogger(__name__)

FAILED = declare(
    "print_job_failed",
    ja="{first:,}番目からの分が{tries}回続けて失敗したため、わきに置きました({fault})。ほかのファイルは先につくっています。"
    "くわしい記録は運営者が見られます。",
    en="The part from piece {first:,} on failed {tries} times in a row, so it was set aside ({fault}). Other files go "
    "on. The operator finds the details in the log.",
)
GONE = declare(
    "print_job_killed",
    ja="{first:,}番目からの分をつくる途中で、つくる仕組みが{tries}回続けて止まったため、わきに置きました。"
    "ほかのファイルは先につくっています。くわしい記録は運営者が見られます。",
    en="While the part from piece {first:,} on was being made, the program that makes it ended {tries} times in a row, "
    "so it was set aside. Other files go on. The operator finds the details in the log.",
)
NOT_SET_ASIDE = declare(
    "print_job_not_set_aside",
    ja="このファイルは、わきに置かれていません。もうつくり直しているか、終わっています。",
    en="This file is not set aside: it is being made again already, or it is done.",
)
MADE_ANEW = declare(
    "print_job_made_anew",
    ja="同じものを、いま別のファイルとしてつくっています。できるまでお待ちください。",
    en="The very same is being made as another file. Please wait until it is done.",
)


@dataclass(frozen=True, slots=True)
class Try:
    """One counted try of a file's next part."""

    job: UUID
    first: int
    number: int


def next_try(municipality: int) -> Try | None:
    """The latest try of the part that is made next; its file's row is held until the transaction ends."""
    job = next_job(municipality)
    return Try(job.id, job.first + job.done, job.tries) if job else None


def count_try(municipality: int, *, at: datetime) -> Try | None:
    """Count that the next part will be begun; None: there is nothing to make.

    A file whose part was begun in vain as often as is tried is set aside first, and the one behind it comes.
    """
    while job := next_job(municipality):
        if job.tries < TRIES:
            job.tries += 1
            job.fault = ""
            job.save(update_fields=["tries", "fault"])
            return Try(job.id, job.first + job.done, job.tries)
        _set_aside(job, at=at)
    return None


def note_fault(job: UUID, error: Exception) -> None:
    """What a try failed of, for the office; the log has the whole of it."""
    PrintJob.objects.filter(id=job).update(fault=type(error).__name__[:60])


def _set_aside(job: PrintJob, *, at: datetime) -> None:
    first = job.first + job.done
    why = (
        FAILED.refusal(first=first, tries=job.tries, fault=job.fault) if job.fault
        else GONE.refusal(first=first, tries=job.tries)
    )  # fmt: skip
    job.stopped, job.expires_at = {"ja": why.sentence("ja"), "en": why.sentence("en")}, at + KEPT
    job.save(update_fields=["stopped", "expires_at"])
    _log.error("municipality %s: print file %s is set aside: %s", job.municipality, job.id, why.sentence("en"))


@transaction.atomic
def try_again(*, job: UUID, about: UUID, by: Actor, at: datetime) -> None:
    """Make a file that was set aside go on where it stopped. `about`: its print run, sale or programme.

    Order: the row, permission, whether it is set aside, whether the same is being made by now.
    Raises Refusal `print_job_unknown`, `not_allowed`, `print_letters_of_another`, `print_job_not_set_aside`,
    `print_job_made_anew`.
    """
    rows = PrintJob.objects.select_for_update(of=("self",)).select_related("run")
    row = rows.filter(id=job, municipality=by.municipality).first()
    if row is None or about not in (row.run_id, row.about) or (row.expires_at and row.expires_at <= at):
        raise PRINT_JOB_UNKNOWN.refusal()
    _require(row, by=by)
    if row.stopped is None or row.tries < TRIES:
        raise NOT_SET_ASIDE.refusal()
    same = PrintJob.objects.filter(expires_at__isnull=True, municipality=row.municipality)
    if same.filter(run=row.run, about=row.about, digest=row.digest, first=row.first, last=row.last).exists():
        raise MADE_ANEW.refusal()
    row.stopped, row.expires_at, row.tries, row.fault = None, None, 0, ""
    row.save(update_fields=["stopped", "expires_at", "tries", "fault"])


def _require(row: PrintJob, *, by: Actor) -> None:
    if row.run is not None:
        require(by, "paper.print", department=department_of(row.run), municipality=row.municipality)
        return
    require(by, "vault.reveal")
    if row.asked_by != by.party:
        raise LETTERS_OF_ANOTHER.refusal()
