"""Large prints of letters: asked for in an instant, made by the worker part by part under the hat of who asked.

What is asked for names people by pseudonym only. Names are opened and codes are made in the worker's step, for the
officer who asked and for their reason, as long as they still hold the office; each part is one transaction, so whoever
kills the worker loses one part, with its codes and its lines in the log of reveals. What lies there is sealed, and
nobody but who asked fetches it: the log names them. Asked again while it is being made, it is the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from meguri.parties.queries import officers
from meguri.parties.rules import require
from meguri.wallets.models import PrintedPart, PrintJob
from meguri.wallets.print_jobs import KEPT, PRINT_JOB_UNKNOWN, SAID, JobView, NextPart, job_view, made_parts, ready_job
from meguri.wallets.print_seal import opened, sealed
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare

LETTERS_MOST: Final = 20_000
"""Letters of one file: what a printer takes in one go, some hundred megabytes."""

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
LETTERS_BEING_MADE = declare(
    "print_letters_being_made",
    ja="同じ手紙を、ほかの職員がいまつくっています。できるまでお待ちください。",
    en="Another officer is having these very letters made. Please wait until they are done.",
)
LETTERS_ASKER_LEFT = declare(
    "print_letters_asker_left", status=403,
    ja="つくるよう求めた職員の任命が終わったため、途中で止めました。残りは、いまの職員がもう一度つくってください。",
    en="The officer who asked for it holds the office no more, so it was stopped. The rest is for an officer of today.",
)


@dataclass(frozen=True, slots=True)
class LetterPart:
    """One step of the worker: `pieces` people, and what says who they are and what is made for them (`material`)."""

    pieces: int
    material: bytes


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file that is fetched: how its zip is called, what its page to read first is made of, its files one by one.

    `stopped`: why it holds less than was asked for (Japanese, English).
    """

    name: str
    said: bytes
    files: Iterator[tuple[str, bytes]]
    stopped: tuple[str, str] | None


@transaction.atomic
def ask_letters(
    *, about: UUID, file: str, parts: Sequence[LetterPart], said: bytes, digest: str, because: str, by: Actor,
    at: datetime,
) -> UUID:
    """Have letters about a sale or a programme made; gives the file's id. Nothing is opened yet.

    `digest` names what is asked: asked again while it is being made, it is the same file.
    Order: permission, the number, the row, its sealed parts.
    Raises Refusal `not_allowed`, `print_letters_too_many`, `print_letters_being_made`.
    """
    require(by, "vault.reveal")
    assert by.party is not None  # noqa: S101 - whoever may reveal many people is an officer
    pieces = sum(part.pieces for part in parts)
    if not 1 <= pieces <= LETTERS_MOST:
        raise LETTERS_TOO_MANY.refusal(most=LETTERS_MOST)
    job = PrintJob(
        id=uuid7(at), municipality=by.municipality, about=about, file=file, first=1, last=pieces, digest=digest,
        asked_at=at, asked_by=by.party, asked_role=by.role, asked_department=by.department, because=because[:200],
    )
    job.said = sealed(job, said, place=SAID)
    PrintJob.objects.bulk_create([job], ignore_conflicts=True)
    kept = PrintJob.objects.filter(about=about, digest=digest).latest(F("expires_at").asc(nulls_last=True))
    if kept.asked_by != by.party:
        raise LETTERS_BEING_MADE.refusal()
    if kept.id == job.id:
        PrintedPart.objects.bulk_create(_rows(job, parts, at=at))
    return kept.id


def _rows(job: PrintJob, parts: Sequence[LetterPart], *, at: datetime) -> Iterator[PrintedPart]:
    first = 1
    for part in parts:
        content = sealed(job, part.material, place=str(first))
        yield PrintedPart(
            id=uuid7(at), municipality=job.municipality, job=job, first=first, pieces=part.pieces, name=WAITING,
            is_made=False, content=content,
        )  # fmt: skip
        first += part.pieces


WAITING: Final = "…"
"""The name of a part that is not made yet."""


def asker_of(part: NextPart, *, at: datetime) -> Actor:
    """Under whose hat the next part is made. Raises Refusal `print_letters_asker_left`."""
    job = PrintJob.objects.get(id=part.job)
    by = Actor(job.municipality, ActorRole(job.asked_role), party=job.asked_by, department=job.asked_department)
    held = officers(municipality=job.municipality, at=at)
    if not any((each.officer, each.role, each.department) == (by.party, by.role, by.department) for each in held):
        raise LETTERS_ASKER_LEFT.refusal()
    return by


def stop_letters(part: NextPart, refusal: Refusal, *, at: datetime) -> None:
    """A refusal ends the file: what was made can be fetched, what was not is said. `next_part` holds the row."""
    job = PrintJob.objects.get(id=part.job)
    job.stopped, job.expires_at = {"ja": refusal.sentence("ja"), "en": refusal.sentence("en")}, at + KEPT
    job.save(update_fields=["stopped", "expires_at"])


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
    stopped = (row.stopped["ja"], row.stopped["en"]) if row.stopped else None
    return LetterFile(row.file, opened(row, bytes(row.said), place=SAID), _files(row), stopped)


def letter_jobs(about: UUID, *, municipality: int, at: datetime) -> tuple[JobView, ...]:
    """The letters of a sale or a programme that are being made or can be fetched, newest first."""
    rows = PrintJob.objects.filter(about=about, municipality=municipality).order_by("-id")
    return tuple(job_view(row) for row in rows if row.expires_at is None or at < row.expires_at)


def _files(job: PrintJob) -> Iterator[tuple[str, bytes]]:
    """The made parts in their order; neighbours of one name are one file, as a merge file is."""
    for name, same in groupby(made_parts(job), key=lambda part: part.name):
        content = b"".join(opened(job, bytes(part.content), place=str(part.first)) for part in same)
        if content:
            yield name, content
