"""Many letters: sealed when they are asked for, set by the worker, fetched by who asked, destroyed after days."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from meguri.faces.office import letters as letters_page
from meguri.faces.office import print_page, print_run, tasks
from meguri.vault.models import RevealLog
from meguri.wallets import print_jobs
from meguri.wallets.letter_jobs import fetch_letters
from meguri.wallets.models import PrintedPart, PrintJob
from meguri.wallets.print_jobs import KEPT
from tests.faces.office.printing import REASON, Printed, fetch, tight
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_code_letters import NAMES, PRINT, SECRET, Coded, coded
from tests.faces.office.test_letters import PEOPLE, Drawn, drawn
from tests.programmes.vouchers.lived_town import refused

__all__ = ["coded", "drawn"]


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two letters a PDF, and more than one are many."""
    monkeypatch.setattr(print_run, "IN_A_FILE", 2)
    monkeypatch.setattr(print_page, "AT_ONCE", 1)
    monkeypatch.setattr(letters_page, "AT_ONCE", 1)


def work(drawn: Drawn) -> int:
    turns = 0
    while tasks.make_print_files(municipality=drawn.office.number, at=drawn.office.town.at):
        turns += 1
    return turns


def taken(drawn: Drawn) -> Printed:
    job = PrintJob.objects.latest("id")
    return fetch(drawn.maker, "letters", drawn.sale, act="fetch_job", job=job.id)


def test_they_are_asked_for_watched_and_fetched_again_and_again(drawn: Drawn) -> None:
    told = words(send(drawn.maker, "letters", drawn.sale, **PRINT))
    for word in ("裏でつくります", "手紙 4通", "0 / 4 通", REASON):
        assert word in told, word
    assert RevealLog.objects.count() == len(PEOPLE) + 1, "who looks is known when it is asked for"
    assert tasks.make_print_files(municipality=drawn.office.number, at=drawn.office.town.at)
    assert "2 / 4 通" in words(page(drawn.maker, "letters", drawn.sale))
    assert work(drawn) == 1
    for _ in range(2):
        printed = taken(drawn)
        assert sorted(printed.files) == ["letters-001.pdf", "letters-002.pdf", "read-first.txt"]
        assert all(tight(name) in printed.everything for name, _ in PEOPLE)
        assert "支援措置の方 1件" in printed.said
        assert drawn.number(drawn.homeless) in printed.said
    assert RevealLog.objects.count() == len(PEOPLE) + 1


def test_only_who_asked_fetches_them_and_only_while_they_are_kept(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    job = PrintJob.objects.get()
    assert send(drawn.maker, "letters", drawn.sale, act="fetch_job", job=job.id).status_code == 409, "not ready"
    work(drawn)
    checker = drawn.office.browser("checker:commerce")
    assert "受け取れるのは、つくった人だけです" in words(page(checker, "letters", drawn.sale))
    answer = send(checker, "letters", drawn.sale, act="fetch_job", job=job.id)
    assert answer.status_code == 403
    assert "つくった人だけが受け取れます" in words(answer)
    at, maker = drawn.office.town.at + KEPT, drawn.office.officer("maker:commerce")
    with refused("print_job_unknown"):
        fetch_letters(job=job.id, about=uuid4(), by=maker, at=drawn.office.town.at)
    with refused("print_job_unknown"):
        fetch_letters(job=job.id, about=drawn.sale, by=maker, at=at)
    assert print_jobs.drop_print_jobs(drawn.office.number, at=at - timedelta(seconds=1)) == 0
    assert print_jobs.drop_print_jobs(drawn.office.number, at=at) == 1
    assert not PrintedPart.objects.exists()


def test_no_name_lies_open_and_no_part_is_good_elsewhere(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    assert "めぐり町港".encode() not in b"".join(bytes(each.content) for each in PrintedPart.objects.all())
    work(drawn)
    first, second = PrintedPart.objects.order_by("first")
    assert b"%PDF" not in bytes(first.content)
    PrintedPart.objects.filter(id=first.id).update(content=bytes(second.content))
    with pytest.raises(InvalidTag):
        taken(drawn)


def test_a_merge_file_and_the_counter_s_list_are_kept_the_same_way(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "utf8"})
    assert len(taken(drawn).rows("utf-8-sig")) == 1 + len(PEOPLE), "nothing is left to be set"
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "counter"})
    assert work(drawn) == 1
    assert "counter-list.pdf" in taken(drawn).files


def test_so_many_that_one_file_does_not_hold_them_are_chosen_in_spans(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters_page, "LETTERS_MOST", 3)
    monkeypatch.setattr(print_page, "AT_ONCE", 0)
    assert "1–3" in words(page(drawn.maker, "letters", drawn.sale))
    for first in ("1", "4"):
        send(drawn.maker, "letters", drawn.sale, **PRINT, span=first)
    assert send(drawn.maker, "letters", drawn.sale, **PRINT, span="3").status_code == 400
    assert sum(job.last for job in PrintJob.objects.all()) == len(PEOPLE)
    assert set(RevealLog.objects.values_list("subject", flat=True)) == {*drawn.winners, drawn.homeless}


def test_codes_survive_a_worker_that_is_killed_and_a_download_that_breaks(coded: Coded) -> None:
    """What is kept of a code elsewhere is a digest only: were the file lost, so would be every code."""
    assert "裏でつくります" in words(send(coded.checker, "code_letters", coded.programme, **PRINT))
    job = PrintJob.objects.get()
    wanted = print_jobs.next_part(coded.office.number)
    assert wanted is not None, "made, and the worker dies before it is kept"
    while tasks.make_print_files(municipality=coded.office.number, at=coded.office.town.at):
        pass
    form = {"act": "fetch_job", "job": job.id}
    first, again = (fetch(coded.checker, "code_letters", coded.programme, **form) for _ in range(2))
    codes = coded.codes(first)
    assert codes == coded.codes(again)
    assert tight(SECRET) not in first.everything
    person = next(who for who, name in coded.people.items() if name == NAMES[0])
    assert coded.enter(codes[NAMES[0]], person) == "entered"
