"""The worker's turns: a try is counted before it is begun; what fails or kills is set aside and pressed again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import OperationalError, transaction

from meguri.faces.office import letters as letters_page
from meguri.faces.office import print_making, print_page, print_run, tasks
from meguri.vault.models import RevealLog
from meguri.wallets.models import TRIES, PrintJob
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_code_letters import PRINT
from tests.faces.office.test_letter_jobs import TODAY
from tests.faces.office.test_letters import PEOPLE, Drawn, drawn
from tests.programmes.vouchers.lived_town import refused

__all__ = ["drawn"]


class Killed(BaseException):
    """The process is ended from outside in the middle of a part."""


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two letters a PDF, more than one are many, and a worker that counted nothing yet."""
    monkeypatch.setattr(print_run, "IN_A_FILE", 2)
    monkeypatch.setattr(print_page, "AT_ONCE", 1)
    monkeypatch.setattr(letters_page, "AT_ONCE", 1)
    tasks._counted.clear()
    yield
    tasks._counted.clear()


def turn(drawn: Drawn, *, at: datetime = TODAY) -> bool:
    with transaction.atomic():
        return tasks.make_print_files(municipality=drawn.office.number, at=at)


def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a name that nobody foresaw")


def killing(*_: object, **__: object) -> None:
    raise Killed


def asked(drawn: Drawn) -> PrintJob:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    return PrintJob.objects.latest("id")


def test_counted_then_made_until_all_is_there(drawn: Drawn) -> None:
    job = asked(drawn)
    turns = 0
    while turn(drawn):
        turns += 1
    job.refresh_from_db()
    assert (turns, job.done, job.tries) == (6, len(PEOPLE) + 2, 0), "three parts, each counted and made"


def test_a_letter_that_fails_opens_nothing_is_set_aside_and_lets_the_others_go_on(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(drawn)
    assert [turn(drawn), turn(drawn)] == [True, True]
    opened = RevealLog.objects.count()
    with monkeypatch.context() as failing:
        failing.setitem(print_making.MAKERS, letters_page.WINNERS, broken)
        tried = [turn(drawn) for _ in range(2 * TRIES)]
    assert tried == [True, False] * TRIES, "what failed waits for its next turn"
    assert RevealLog.objects.count() == opened
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "utf8"})
    while turn(drawn):
        pass
    shown = page(drawn.maker, "letters", drawn.sale)
    for word in ("途中で止まりました", "3番目からの分が3回続けて失敗", "ZeroDivisionError", "続きからもう一度つくる"):
        assert word in words(shown), word
    other = PrintJob.objects.latest("id")
    assert (other.id != job.id, other.stopped) == (True, None)
    assert other.expires_at is not None, "the file behind it was made"


def test_a_press_makes_the_rest_of_it(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    job = asked(drawn)
    with monkeypatch.context() as failing:
        failing.setitem(print_making.MAKERS, letters_page.WINNERS, broken)
        for _ in range(2 * TRIES + 1):
            turn(drawn)
    checker = drawn.office.browser("checker:commerce")
    assert "続きからもう一度つくる" not in words(page(checker, "letters", drawn.sale))
    answer = send(checker, "letters", drawn.sale, act="retry_job", job=job.id)
    assert answer.status_code == 403
    assert "つくった人だけ" in words(answer)
    told = words(send(drawn.maker, "letters", drawn.sale, act="retry_job", job=job.id))
    assert "続きからもう一度つくります" in told
    assert "途中で止まりました" not in told
    while turn(drawn):
        pass
    job.refresh_from_db()
    assert (job.stopped, job.done) == (None, len(PEOPLE) + 2)
    answer = send(drawn.maker, "letters", drawn.sale, act="retry_job", job=job.id)
    assert answer.status_code == 409
    assert "わきに置かれていません" in words(answer)


def test_a_worker_that_is_killed_in_the_same_part_every_time_is_counted_by_those_after_it(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(drawn)
    monkeypatch.setitem(print_making.MAKERS, letters_page.WINNERS, killing)
    for number in range(1, TRIES + 1):
        assert turn(drawn)
        with pytest.raises(Killed):
            turn(drawn)
        tasks._counted.clear()  # the next process remembers nothing
        job.refresh_from_db()
        assert (job.tries, job.done) == (number, 0)
    assert not turn(drawn)
    job.refresh_from_db()
    assert "止まった" in job.stopped["ja"]


def test_a_try_that_another_process_counted_is_no_try_of_ours(drawn: Drawn) -> None:
    job = asked(drawn)
    assert turn(drawn)
    PrintJob.objects.filter(id=job.id).update(tries=2)
    assert turn(drawn), "it counts its own try first"
    job.refresh_from_db()
    assert (job.tries, job.done) == (3, 0)


def test_a_database_that_is_away_is_no_fault_of_the_file(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    job = asked(drawn)
    turn(drawn)
    monkeypatch.setitem(print_making.MAKERS, letters_page.WINNERS, away)
    with pytest.raises(OperationalError):
        turn(drawn)
    job.refresh_from_db()
    assert job.fault == ""


def test_nothing_to_make_is_nothing_done(drawn: Drawn) -> None:
    assert not turn(drawn)
    assert not print_making.make_next_part(drawn.office.number, at=TODAY)
    with refused("print_job_unknown"):
        print_page.fetch_letters(job=drawn.sale, about=drawn.sale, by=drawn.office.officer("maker:commerce"), at=TODAY)
