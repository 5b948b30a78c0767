"""Large print files: made part by part, going on after a kill, sealed, fetched with a reason, destroyed in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction

from meguri.wallets import paper, print_jobs
from meguri.wallets.models import PrintedPart, PrintJob
from meguri.wallets.print_jobs import (
    KEPT,
    MadePart,
    ask_print_job,
    drop_print_jobs,
    fetch_print_job,
    keep_part,
    next_part,
)
from meguri.wallets.tasks import drop_print_files
from tests.paper import Paper, found_paper
from tests.programmes.vouchers.lived_town import at_once, refused

TEXT = b"%PDF of secrets"


@pytest.fixture
def printed(db: None, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """A run of twenty booklets, made eight at a time."""
    monkeypatch.setattr(print_jobs, "PART", 8)
    return found_paper(20)


def ask(printed: Paper, *, last: int = 20) -> UUID:
    return ask_print_job(run=printed.run, first=1, last=last, because="印刷所へ", by=printed.maker, at=printed.town.at)


def turn(printed: Paper) -> bool:
    """One turn of a worker."""
    with transaction.atomic():
        wanted = next_part(printed.municipality)
        if wanted is None:
            return False
        names = ",".join(note.serial.shown for booklet in wanted.booklets for note in booklet[:1])
        keep_part(wanted, MadePart(TEXT + names.encode()), at=printed.town.at)
        return True


def view(printed: Paper) -> print_jobs.JobView:
    return print_jobs.print_jobs(printed.run, municipality=printed.municipality, at=printed.town.at)[0]


def made(printed: Paper) -> UUID:
    job = ask(printed)
    while turn(printed):
        pass
    return job


def fetch(printed: Paper, job: UUID, *, at: timedelta = timedelta(0)) -> list[tuple[int, bytes]]:
    with transaction.atomic():
        _, parts = fetch_print_job(job=job, because="刷る", by=printed.maker, at=printed.town.at + at)
        return list(parts)


@transaction.atomic
def killed(printed: Paper) -> None:
    """A turn that ends before its transaction does."""
    wanted = next_part(printed.municipality)
    assert wanted is not None
    keep_part(wanted, MadePart(b"half"), at=printed.town.at)
    raise KeyboardInterrupt


def test_it_is_made_in_parts_that_can_be_watched(printed: Paper) -> None:
    job = ask(printed)
    assert ask(printed) == job, "asked twice it is the same file"
    done = [view(printed).done]
    while turn(printed):
        done.append(view(printed).done)
    assert done == [0, 8, 16, 20]
    assert view(printed).expires_at == printed.town.at + KEPT
    parts = fetch(printed, job)
    assert [first for first, _ in parts] == [1, 9, 17]
    covers = [each for _, text in parts for each in text.removeprefix(TEXT).decode().split(",")]
    assert covers == [printed.cover(number).shown for number in range(1, 21)], "every booklet, once, in order"
    assert not turn(printed)


def test_a_worker_that_is_killed_loses_one_part_and_the_next_goes_on(printed: Paper) -> None:
    ask(printed)
    turn(printed)
    with pytest.raises(KeyboardInterrupt):
        killed(printed)
    assert (view(printed).done, PrintedPart.objects.count()) == (8, 1)
    while turn(printed):
        pass
    assert view(printed).done == 20


def test_nobody_reads_what_lies_there(printed: Paper) -> None:
    job = made(printed)
    part = PrintedPart.objects.order_by("first")[0]
    assert TEXT not in bytes(part.content)
    assert b"secrets" not in bytes(part.content)
    other = PrintedPart.objects.order_by("first")[1]
    PrintedPart.objects.filter(id=part.id).update(content=bytes(other.content))
    with pytest.raises(InvalidTag):
        fetch(printed, job)


def test_who_may_fetch_it_when_and_what_is_kept_of_that(printed: Paper) -> None:
    job = ask(printed)
    with refused("print_job_not_ready") as caught:
        fetch(printed, job)
    assert (caught.value.facts["done"], caught.value.facts["pieces"]) == (0, 20)
    while turn(printed):
        pass
    with refused("not_allowed"), transaction.atomic():
        fetch_print_job(job=job, because="x", by=printed.town.makers["welfare"], at=printed.town.at)
    with refused("print_job_unknown"):
        fetch(printed, uuid4())
    before = len(paper.files(printed.run, municipality=printed.municipality))
    fetch(printed, job)
    kept = paper.files(printed.run, municipality=printed.municipality)
    assert (len(kept) - before, kept[0].first, kept[0].last, kept[0].because) == (1, 1, 20, "刷る")
    with refused("print_job_unknown"):
        fetch(printed, job, at=KEPT)


def test_after_its_days_it_is_destroyed_and_the_fetching_stays(printed: Paper) -> None:
    job = made(printed)
    fetch(printed, job)
    drop_print_files(municipality=printed.municipality, at=printed.town.at + KEPT - timedelta(seconds=1))
    assert PrintedPart.objects.count() == 3
    drop_print_files(municipality=printed.municipality, at=printed.town.at + KEPT)
    assert not PrintedPart.objects.exists()
    assert not PrintJob.objects.exists()
    assert len(paper.files(printed.run, municipality=printed.municipality)) == 1
    assert drop_print_jobs(printed.municipality, at=printed.town.at + KEPT) == 0


def test_what_is_not_approved_or_too_large_is_not_made(printed: Paper) -> None:
    other = printed.order(3)
    with refused("print_run_not_approved"):
        ask_print_job(run=other, first=1, last=3, because="x", by=printed.maker, at=printed.town.at)
    with refused("print_job_too_large"):
        ask_print_job(run=printed.run, first=21, last=30, because="x", by=printed.maker, at=printed.town.at)
    with refused("not_allowed"):
        ask_print_job(run=printed.run, first=1, last=3, because="x", by=printed.town.resident, at=printed.town.at)
    job = ask(printed)
    with pytest.raises(IntegrityError, match="reason"), transaction.atomic():
        PrintJob.objects.filter(id=job).update(because="")
    with pytest.raises(IntegrityError, match="ready"), transaction.atomic():
        PrintJob.objects.update(done=20)


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_make_each_part_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_jobs, "PART", 2)
    printed = found_paper(20)
    job = ask(printed)

    def work() -> int:
        turns = 0
        for _ in range(30):
            turns += turn(printed)
        return turns

    answers = at_once(*[work] * 4)
    while turn(printed):
        pass
    assert all(isinstance(each, int) for each in answers), answers
    assert [first for first, _ in fetch(printed, job)] == list(range(1, 21, 2))
