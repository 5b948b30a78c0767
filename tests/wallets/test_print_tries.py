"""A print file that cannot be made is set aside with its reason, the others go on, and a press tries it again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.wallets import print_jobs
from meguri.wallets.models import TRIES, PrintJob
from meguri.wallets.print_jobs import KEPT, JobView
from meguri.wallets.print_tries import Try, count_try, next_try, note_fault, try_again
from tests.paper import Paper, found_paper
from tests.programmes.vouchers.lived_town import refused
from tests.wallets.test_print_jobs import ask, fetch, turn


@pytest.fixture
def printed(db: None, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """A run of twenty booklets, made eight at a time."""
    monkeypatch.setattr(print_jobs, "PART", 8)
    return found_paper(20)


def count(printed: Paper) -> Try | None:
    with transaction.atomic():
        return count_try(printed.municipality, at=printed.town.at)


def view(printed: Paper, job: UUID) -> JobView:
    found = print_jobs.print_jobs(printed.run, municipality=printed.municipality, at=printed.town.at)
    return next(each for each in found if each.id == job)


def again(printed: Paper, job: UUID, *, at: timedelta = timedelta(0)) -> None:
    try_again(job=job, about=printed.run, by=printed.maker, at=printed.town.at + at)


def set_aside(printed: Paper) -> UUID:
    """A file of which eight booklets were made, and the next eight killed their worker every time."""
    job = ask(printed)
    count(printed)
    turn(printed)
    for _ in range(TRIES):
        count(printed)
    assert count(printed) is None
    return job


def test_a_part_that_kills_its_worker_every_time_is_set_aside_and_the_file_behind_it_goes_on(printed: Paper) -> None:
    job, behind = ask(printed), ask(printed, last=5)
    tries = [count(printed) for _ in range(TRIES)]
    assert tries == [Try(job, 1, number) for number in (1, 2, 3)]
    assert view(printed, job).stopped is None
    assert count(printed) == Try(behind, 1, 1), "nobody waits behind what cannot be made"
    stopped = view(printed, job).stopped
    assert stopped is not None
    assert "3回続けて止まった" in stopped[0]
    assert "ended 3 times in a row" in stopped[1]
    assert (view(printed, job).is_set_aside, view(printed, job).expires_at) == (True, printed.town.at + KEPT)
    assert turn(printed)
    assert view(printed, behind).expires_at is not None
    assert count(printed) is None


def test_what_failed_says_of_what(printed: Paper) -> None:
    job = ask(printed)
    for _ in range(TRIES):
        count(printed)
        note_fault(job, ZeroDivisionError("x" * 999))
    count(printed)
    stopped = view(printed, job).stopped
    assert stopped is not None
    for sentence, word in zip(stopped, ("3回続けて失敗", "failed 3 times"), strict=True):
        assert word in sentence
        assert "ZeroDivisionError" in sentence


def test_the_reason_is_that_of_the_last_try(printed: Paper) -> None:
    job = ask(printed)
    count(printed)
    note_fault(job, ValueError("once"))
    for _ in range(TRIES):
        count(printed)
    stopped = view(printed, job).stopped
    assert stopped is not None
    assert "止まった" in stopped[0], "the last try ended with its process"


def test_a_part_that_is_made_at_last_gives_the_next_one_all_its_tries(printed: Paper) -> None:
    job = ask(printed)
    for _ in range(TRIES):
        count(printed)
    assert turn(printed)
    assert next_try(printed.municipality) == Try(job, 9, 0)
    assert count(printed) == Try(job, 9, 1)


def test_what_was_made_is_fetched_and_a_press_goes_on_behind_it(printed: Paper) -> None:
    job = set_aside(printed)
    assert [first for first, _ in fetch(printed, job)] == [1]
    kept = print_jobs.PrintedFile.objects.get()
    assert (kept.first, kept.last) == (1, 8), "what is kept of the fetching names the booklets that were in it"
    again(printed, job)
    assert (view(printed, job).done, view(printed, job).stopped, view(printed, job).is_set_aside) == (8, None, False)
    while turn(printed):
        pass
    assert [first for first, _ in fetch(printed, job)] == [1, 9, 17]


def test_of_which_nothing_was_made_nothing_is_fetched(printed: Paper) -> None:
    job = ask(printed)
    for _ in range(TRIES + 1):
        count(printed)
    with refused("print_job_not_ready"):
        fetch(printed, job)


def test_a_press_is_refused_where_there_is_nothing_to_try_again(printed: Paper) -> None:
    job = ask(printed)
    with refused("print_job_not_set_aside"):
        again(printed, job)
    while turn(printed):
        pass
    with refused("print_job_not_set_aside"):
        again(printed, job)
    with refused("print_job_unknown"):
        again(printed, uuid4())
    with refused("print_job_unknown"):
        try_again(job=job, about=uuid4(), by=printed.maker, at=printed.town.at)
    with refused("print_job_unknown"):
        again(printed, job, at=KEPT)


def test_only_who_may_print_presses_and_not_while_the_same_is_being_made(printed: Paper) -> None:
    job = set_aside(printed)
    with refused("not_allowed"):
        try_again(job=job, about=printed.run, by=printed.town.resident, at=printed.town.at)
    other = ask(printed)
    assert other != job
    with refused("print_job_made_anew"):
        again(printed, job)
    with pytest.raises(IntegrityError, match="one_open_print_job"), transaction.atomic():
        PrintJob.objects.filter(id=job).update(expires_at=None, stopped=None)


def test_the_table_itself_ends_the_tries(printed: Paper) -> None:
    job = ask(printed)
    with pytest.raises(IntegrityError, match="a_part_is_not_tried_for_ever"), transaction.atomic():
        PrintJob.objects.filter(id=job).update(tries=TRIES + 1)
