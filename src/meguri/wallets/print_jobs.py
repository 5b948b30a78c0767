"""A large print file made in the background: asked for, made part by part by the worker, fetched, and gone after days.

Booklets are asked for here, letters in `letter_jobs`; the worker makes both. What is made is as good as money, or says
where people live, so it lies sealed (`print_seal`). Each part is one transaction: a worker that is killed loses one
part at most, and the next one goes on there. Who fetches booklets says why, as with a file that is made at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from meguri.parties.rules import require
from meguri.wallets.models import TRIES, PrintedFile, PrintedPart, PrintJob
from meguri.wallets.print_runs import (
    PRINT_RUN_NOT_APPROVED,
    PrintedNote,
    department_of,
    found_run,
    printed_booklets,
)
from meguri.wallets.print_seal import opened, sealed
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

KEPT: Final = timedelta(days=7)
"""How long a file can be fetched once it is made."""
PART: Final = 25
"""Booklets of one part: some seconds of one worker."""
JOB_MOST: Final = 5_000
"""Booklets of one file."""
SAID: Final = "said"
"""The place under which the page to read first is sealed."""

PRINT_JOB_UNKNOWN = declare(
    "print_job_unknown", status=404,
    ja="このファイルはありません。保管の期限が過ぎたときは、もう一度つくってください。",
    en="There is no such file. If its time is over, please have it made again.",
)
PRINT_JOB_NOT_READY = declare(
    "print_job_not_ready",
    ja="ファイルはまだできていません({done} / {pieces})。できたら、この画面で受け取れます。",
    en="The file is not ready yet ({done} of {pieces}). It can be fetched here once it is.",
)
PRINT_JOB_TOO_LARGE = declare(
    "print_job_too_large", status=422,
    ja="一つのファイルは1冊以上{most}冊までです。分けてつくってください。",
    en="One file holds 1 to {most} booklets. Please have several made.",
)


@dataclass(frozen=True, slots=True)
class JobView:
    """A file and how far it is: pieces `first` to `last`, `done` of them made; `expires_at` once it is ready.

    `of`: the print run, or what letters are about. `stopped`: why no more of it is made (Japanese, English);
    `is_set_aside`: because making it failed again and again, and it may be tried anew.
    """

    id: UUID
    of: UUID
    first: int
    last: int
    done: int
    asked_at: datetime
    asked_by: UUID
    because: str
    expires_at: datetime | None
    stopped: tuple[str, str] | None = None
    is_set_aside: bool = False

    @property
    def pieces(self) -> int:
        return self.last - self.first + 1

    @property
    def last_made(self) -> int:
        return self.first + self.done - 1


@dataclass(frozen=True, slots=True)
class NextPart:
    """What is to be made next of this job: booklets of a run, or (`run` is None) letters out of `material`.

    `said`: what is to be read first about the letters made so far.
    """

    job: UUID
    first: int
    pieces: int
    run: UUID | None = None
    booklets: Sequence[Sequence[PrintedNote]] = ()
    material: bytes = b""
    said: bytes = b""


@dataclass(frozen=True, slots=True)
class MadePart:
    """A part as it is kept: of letters also its file's name and what is to be read first from now on."""

    content: bytes
    name: str = ""
    said: bytes = b""


@transaction.atomic
def ask_print_job(*, run: UUID, first: int, last: int, because: str, by: Actor, at: datetime) -> UUID:
    """Have the booklets `first` to `last` of a run made as sheets to cut; gives the file's id. Asked again while it is
    being made, it is the same.

    Order: permission, the run's approval, the span, the row.
    Raises Refusal `print_run_unknown`, `not_allowed`, `print_run_not_approved`, `print_job_too_large`.
    """
    row = found_run(run, municipality=by.municipality)
    require(by, "paper.print", department=department_of(row), municipality=row.municipality)
    if row.approved_at is None:
        raise PRINT_RUN_NOT_APPROVED.refusal()
    assert by.party is not None  # noqa: S101 - whoever may print is an officer
    first, last = max(first, 1), min(last, row.booklets)
    if not 1 <= last - first + 1 <= JOB_MOST:
        raise PRINT_JOB_TOO_LARGE.refusal(field="part", most=JOB_MOST)
    fresh = PrintJob(
        id=uuid7(at), municipality=row.municipality, run=row, first=first, last=last, asked_at=at, asked_by=by.party,
        because=because[:200],
    )
    PrintJob.objects.bulk_create([fresh], ignore_conflicts=True)
    return PrintJob.objects.get(run=row, first=first, last=last, expires_at__isnull=True).id


def next_part(municipality: int) -> NextPart | None:
    """The oldest file's next part, its row held until the transaction ends; None: there is nothing to make.

    The caller makes it and keeps it (`keep_part`) in the same transaction.
    """
    job = next_job(municipality)
    if job is None:
        return None
    first = job.first + job.done
    if job.run is None:
        part = PrintedPart.objects.get(job=job, first=first)
        assert job.said is not None  # noqa: S101 - the table's constraint: letters have it
        said = opened(job, bytes(job.said), place=SAID)
        return NextPart(
            job.id, first, part.pieces, material=opened(job, bytes(part.content), place=str(first)), said=said
        )
    last = min(first + PART - 1, job.last)
    booklets = list(printed_booklets(job.run, first=first, last=last))
    return NextPart(job.id, first, len(booklets), job.run_id, booklets)


def next_job(municipality: int) -> PrintJob | None:
    """The oldest file that is being made, its row held until the transaction ends."""
    rows = PrintJob.objects.filter(municipality=municipality, expires_at__isnull=True)
    return rows.select_for_update(skip_locked=True, of=("self",)).select_related("run").order_by("id").first()


def keep_part(wanted: NextPart, made: MadePart, *, at: datetime) -> bool:
    """Seal what was made and count it; whether more of this file is to be made. `next_part` holds the row."""
    job = PrintJob.objects.select_related("run").get(id=wanted.job)
    kept = sealed(job, made.content, place=str(wanted.first))
    if job.run is None:
        PrintedPart.objects.filter(job=job, first=wanted.first).update(content=kept, name=made.name, is_made=True)
        job.said = sealed(job, made.said, place=SAID)
    else:
        PrintedPart.objects.create(
            id=uuid7(at), municipality=job.municipality, job=job, first=wanted.first, pieces=wanted.pieces, content=kept
        )
    job.done, job.tries, job.fault = job.done + wanted.pieces, 0, ""
    if job.first + job.done > job.last:
        job.expires_at = at + KEPT
    job.save(update_fields=["done", "said", "expires_at", "tries", "fault"])
    return job.expires_at is None


def fetch_print_job(
    *, job: UUID, because: str, by: Actor, at: datetime
) -> tuple[JobView, Iterator[tuple[int, bytes]]]:
    """The file's parts, each with its first booklet, opened one after the other. The fetching is kept for ever.

    Raises Refusal `print_job_unknown`, `not_allowed`, `print_job_not_ready`.
    """
    row = PrintJob.objects.select_related("run").filter(id=job, municipality=by.municipality).first()
    if row is None or row.run is None:
        raise PRINT_JOB_UNKNOWN.refusal()
    require(by, "paper.print", department=department_of(row.run), municipality=row.municipality)
    ready_job(row, at=at)
    if row.done == 0:  # it was set aside before a single booklet was made
        raise PRINT_JOB_NOT_READY.refusal(done=0, pieces=row.last - row.first + 1)
    PrintedFile.objects.create(
        id=uuid7(at), municipality=row.municipality, run=row.run, first=row.first, last=row.first + row.done - 1,
        form="pdf", printed_at=at, printed_by=by.party, because=because[:200],
    )  # fmt: skip
    return job_view(row), _opened(row)


def ready_job(row: PrintJob, *, at: datetime) -> None:
    """Raises Refusal `print_job_not_ready`, or `print_job_unknown` once its days are over."""
    if row.expires_at is None:
        raise PRINT_JOB_NOT_READY.refusal(done=row.done, pieces=row.last - row.first + 1)
    if row.expires_at <= at:
        raise PRINT_JOB_UNKNOWN.refusal()


@transaction.atomic
def drop_print_jobs(municipality: int, *, at: datetime) -> int:
    """Destroy what can be fetched no longer; gives how many files. Their rows go with them: the fetchings stay."""
    over = PrintJob.objects.filter(municipality=municipality, expires_at__lte=at)
    PrintedPart.objects.filter(job__in=over).delete()
    return over.delete()[0]


def print_jobs(run: UUID, *, municipality: int, at: datetime) -> tuple[JobView, ...]:
    """The files of a run that are being made or can be fetched, newest first."""
    rows = PrintJob.objects.filter(run=run, municipality=municipality).order_by("-id")
    return tuple(job_view(row) for row in rows if row.expires_at is None or at < row.expires_at)


def job_view(row: PrintJob) -> JobView:
    """The row as pages show it."""
    of = row.run_id or row.about
    assert of is not None  # noqa: S101 - the table's constraint: a job is of one of both
    stopped = (row.stopped["ja"], row.stopped["en"]) if row.stopped else None
    return JobView(
        row.id, of, row.first, row.last, row.done, row.asked_at, row.asked_by, row.because, row.expires_at, stopped,
        is_set_aside=stopped is not None and row.tries == TRIES,
    )  # fmt: skip


def made_parts(row: PrintJob) -> Iterator[PrintedPart]:
    """The parts that are made, in their order, one in memory at a time.

    Read one by one and not by a server's cursor: one that is left open when a fetching breaks off is closed by the
    garbage collector, in the middle of another query of the same connection, which then waits for itself for ever.
    """
    rows = PrintedPart.objects.filter(job=row, is_made=True).order_by("first")
    for number in list(rows.values_list("id", flat=True)):
        yield PrintedPart.objects.get(id=number)


def _opened(row: PrintJob) -> Iterator[tuple[int, bytes]]:
    for part in made_parts(row):
        yield part.first, opened(row, bytes(part.content), place=str(part.first))
