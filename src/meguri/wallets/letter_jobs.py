"""Large prints of letters: what they say is sealed when they are asked for, and the worker sets it part by part.

Names are revealed and codes are made in the asking's own step, by the officer who asks and for their reason; the worker
only sets what lies there, part by part, as it makes booklets (`print_jobs`). So nobody but who asked fetches the file:
the log of reveals names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from meguri.parties.rules import require
from meguri.wallets.models import PrintedPart, PrintJob
from meguri.wallets.print_jobs import KEPT, PRINT_JOB_UNKNOWN, JobView, job_view, ready_job
from meguri.wallets.print_seal import opened, sealed
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

LETTERS_MOST: Final = 20_000
"""Letters of one file: what one request can still reveal and seal."""
SAID: Final = "said"

LETTERS_TOO_MANY = declare(
    "print_letters_too_many", status=422,
    ja="一つのファイルは1通以上{most}通までです。分けてつくってください。",
    en="One file holds 1 to {most} letters. Please have several made.",
)
LETTERS_OF_ANOTHER = declare(
    "print_letters_of_another", status=403,
    ja="この手紙のファイルは、つくった人だけが受け取れます。氏名と住所を見た記録がその人のものだからです。",
    en="Only who asked for these letters fetches them: the log of who saw the names and addresses says so.",
)


@dataclass(frozen=True, slots=True)
class LetterPart:
    """One file of the zip: `pieces` letters. `content` is what the worker sets, or (`is_made`) what is fetched."""

    name: str
    pieces: int
    content: bytes
    is_made: bool = False


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file that is fetched: how its zip is called, its page to read first, its parts opened one after the other."""

    name: str
    said: str
    files: Iterator[tuple[str, bytes]]


@transaction.atomic
def ask_letters(
    *, about: UUID, file: str, parts: Sequence[LetterPart], said: str, because: str, by: Actor, at: datetime
) -> UUID:
    """Have letters about a sale or a programme made; gives the file's id. The parts that are made already come first.

    Order: permission, the number, the row, its sealed parts.
    Raises Refusal `not_allowed`, `print_letters_too_many`.
    """
    require(by, "vault.reveal")
    assert by.party is not None  # noqa: S101 - whoever may reveal many people is an officer
    pieces = sum(part.pieces for part in parts)
    if not 1 <= pieces <= LETTERS_MOST:
        raise LETTERS_TOO_MANY.refusal(most=LETTERS_MOST)
    done = sum(part.pieces for part in parts if part.is_made)
    job = PrintJob(
        id=uuid7(at), municipality=by.municipality, about=about, file=file, first=1, last=pieces, done=done,
        asked_at=at, asked_by=by.party, because=because[:200], expires_at=at + KEPT if done == pieces else None,
    )
    job.said = sealed(job, said.encode(), place=SAID)
    job.save(force_insert=True)
    first, rows = 1, []
    for part in parts:
        content = sealed(job, part.content, place=str(first))
        rows.append(PrintedPart(
            id=uuid7(at), municipality=job.municipality, job=job, first=first, pieces=part.pieces, name=part.name,
            is_made=part.is_made, content=content,
        ))  # fmt: skip
        first += part.pieces
    PrintedPart.objects.bulk_create(rows)
    return job.id


def fetch_letters(*, job: UUID, about: UUID, by: Actor, at: datetime) -> LetterFile:
    """The file, as often as it is needed while it is kept; for who asked for it only.

    Raises Refusal `not_allowed`, `print_job_unknown`, `print_job_not_ready`, `print_letters_of_another`.
    """
    require(by, "vault.reveal")
    row = PrintJob.objects.filter(id=job, about=about, municipality=by.municipality).first()
    if row is None or row.said is None:
        raise PRINT_JOB_UNKNOWN.refusal()
    if row.asked_by != by.party:
        raise LETTERS_OF_ANOTHER.refusal()
    ready_job(row, at=at)
    return LetterFile(row.file, opened(row, bytes(row.said), place=SAID).decode(), _files(row))


def letter_jobs(about: UUID, *, municipality: int, at: datetime) -> tuple[JobView, ...]:
    """The letters of a sale or a programme that are being made or can be fetched, newest first."""
    rows = PrintJob.objects.filter(about=about, municipality=municipality).order_by("-id")
    return tuple(job_view(row) for row in rows if row.expires_at is None or at < row.expires_at)


def _files(job: PrintJob) -> Iterator[tuple[str, bytes]]:
    for part in PrintedPart.objects.filter(job=job).order_by("first").iterator(chunk_size=1):
        yield part.name, opened(job, bytes(part.content), place=str(part.first))
