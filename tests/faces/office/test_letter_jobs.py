"""Many letters: asked for by pseudonym, opened and made by the worker for who asked, fetched by them, destroyed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.db import transaction

from meguri.faces.office import letters as letters_page
from meguri.faces.office import print_making, print_page, print_run
from meguri.parties import operations as parties
from meguri.parties.models import Resident
from meguri.parties.queries import officers
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries
from meguri.programmes.vouchers.models import VoucherCode
from meguri.programmes.vouchers.operations import codes as codes_operations
from meguri.vault import rules as vault
from meguri.vault.models import RevealLog
from meguri.wallets import print_jobs
from meguri.wallets.letter_jobs import fetch_letters
from meguri.wallets.models import PrintedPart, PrintJob
from meguri.wallets.print_jobs import KEPT
from tests.faces.office.lived import moment
from tests.faces.office.printing import REASON, Printed, fetch, tight
from tests.faces.office.reading import OPERATOR, page, party, send, words
from tests.faces.office.test_code_letters import NAMES, PRINT, SECRET, Coded, coded
from tests.faces.office.test_letters import PEOPLE, Drawn, drawn
from tests.programmes.vouchers.lived_town import refused

__all__ = ["coded", "drawn"]


TODAY = moment(10, 10)
"""When the winners are written to."""


class Killed(Exception):
    """A worker that dies before its transaction ends."""


def killed_turn(coded: Coded) -> None:
    with transaction.atomic():
        print_making.make_next_part(municipality=coded.office.number, at=coded.office.town.at)
        assert VoucherCode.objects.exists()
        raise Killed


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two letters a PDF, and more than one are many."""
    monkeypatch.setattr(print_run, "IN_A_FILE", 2)
    monkeypatch.setattr(print_page, "AT_ONCE", 1)
    monkeypatch.setattr(letters_page, "AT_ONCE", 1)


def work(drawn: Drawn) -> int:
    turns = 0
    while print_making.make_next_part(municipality=drawn.office.number, at=TODAY):
        turns += 1
    return turns


def taken(drawn: Drawn) -> Printed:
    job = PrintJob.objects.latest("id")
    return fetch(drawn.maker, "letters", drawn.sale, act="fetch_job", job=job.id)


def test_they_are_asked_for_watched_and_fetched_again_and_again(drawn: Drawn) -> None:
    told = words(send(drawn.maker, "letters", drawn.sale, **PRINT))
    for word in ("裏でつくります", "6人分", "0 / 6 人", REASON):
        assert word in told, word
    assert not RevealLog.objects.exists(), "asking opens nothing: that is why it is done in an instant"
    assert print_making.make_next_part(municipality=drawn.office.number, at=TODAY)
    assert "2 / 6 人" in words(page(drawn.maker, "letters", drawn.sale))
    assert work(drawn) == 2
    assert set(RevealLog.objects.values_list("by_party", flat=True)) == {party(drawn.office, "maker:commerce")}
    for _ in range(2):
        printed = taken(drawn)
        assert set(printed.files) <= {f"letters-00{number}.pdf" for number in (1, 2, 3)} | {"read-first.txt"}
        assert len(printed.pages) == len(PEOPLE)
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
    at, maker = TODAY + KEPT, drawn.office.officer("maker:commerce")
    with refused("print_job_unknown"):
        fetch_letters(job=job.id, about=uuid4(), by=maker, at=TODAY)
    with refused("print_job_unknown"):
        fetch_letters(job=job.id, about=drawn.sale, by=maker, at=at)
    assert print_jobs.drop_print_jobs(drawn.office.number, at=at - timedelta(seconds=1)) == 0
    assert print_jobs.drop_print_jobs(drawn.office.number, at=at) == 1
    assert not PrintedPart.objects.exists()


def test_no_name_lies_open_and_no_part_is_good_elsewhere(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    work(drawn)
    assert "めぐり町港".encode() not in b"".join(bytes(each.content) for each in PrintedPart.objects.all())
    first, second, _ = PrintedPart.objects.order_by("first")
    assert b"%PDF" not in bytes(first.content)
    PrintedPart.objects.filter(id=first.id).update(content=bytes(second.content))
    with pytest.raises(InvalidTag):
        taken(drawn)


def test_a_merge_file_and_the_counter_s_list_are_kept_the_same_way(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "utf8"})
    assert work(drawn) == 3
    heads, *rows = taken(drawn).rows("utf-8-sig")
    assert heads[0] == "受付番号"
    assert sorted((row[1], row[2]) for row in rows) == sorted(PEOPLE), "three parts, one file"
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "cp932"})
    work(drawn)
    printed = taken(drawn)
    line = next(number for number, row in enumerate(printed.rows("cp932"), start=1) if "U+20BB7" in row[1])
    assert f"{line}行目 / line {line}「氏名」: 𠮷 (U+20BB7)" in printed.said
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "counter"})
    assert work(drawn) == 3
    assert "counter-list-003.pdf" in taken(drawn).files


def test_so_many_that_one_file_does_not_hold_them_are_chosen_in_spans(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters_page, "LETTERS_MOST", 3)
    monkeypatch.setattr(print_page, "AT_ONCE", 0)
    assert "1–3" in words(page(drawn.maker, "letters", drawn.sale))
    for first in ("1", "4"):
        send(drawn.maker, "letters", drawn.sale, **PRINT, span=first)
    assert send(drawn.maker, "letters", drawn.sale, **PRINT, span="3").status_code == 400
    assert sum(job.last for job in PrintJob.objects.all()) == len(PEOPLE) + 2, "the shielded are left out when made"
    work(drawn)
    assert set(RevealLog.objects.values_list("subject", flat=True)) == {*drawn.winners, drawn.homeless}


def test_codes_survive_a_worker_that_is_killed_and_a_download_that_breaks(coded: Coded) -> None:
    """What is kept of a code elsewhere is a digest only: were the file lost, so would be every code."""
    assert "裏でつくります" in words(send(coded.checker, "code_letters", coded.programme, **PRINT))
    job = PrintJob.objects.get()
    assert not VoucherCode.objects.exists(), "codes are made with their letters"
    with pytest.raises(Killed):
        killed_turn(coded)
    assert not VoucherCode.objects.exists(), "a part is made whole or not at all"
    while print_making.make_next_part(municipality=coded.office.number, at=coded.office.town.at):
        pass
    form = {"act": "fetch_job", "job": job.id}
    first, again = (fetch(coded.checker, "code_letters", coded.programme, **form) for _ in range(2))
    codes = coded.codes(first)
    assert codes == coded.codes(again)
    assert tight(SECRET) not in first.everything
    person = next(who for who, name in coded.people.items() if name == NAMES[0])
    assert coded.enter(codes[NAMES[0]], person) == "entered"


# --- between asking and making ---------------------------------------------------------------------------------------


def test_the_same_asked_twice_is_one_file_and_each_code_is_made_once(coded: Coded) -> None:
    for _ in range(3):
        send(coded.checker, "code_letters", coded.programme, **PRINT)
    job = PrintJob.objects.get()
    other = coded.office.browser("checker:commerce#2")
    answer = send(other, "code_letters", coded.programme, **PRINT)
    assert answer.status_code == 409
    assert "ほかの職員がいまつくっています" in words(answer)
    while print_making.make_next_part(municipality=coded.office.number, at=coded.office.town.at):
        pass
    assert VoucherCode.objects.filter(programme=coded.programme).count() == job.last
    printed = fetch(coded.checker, "code_letters", coded.programme, act="fetch_job", job=job.id)
    assert len(set(coded.codes(printed))) == len(coded.codes(printed))


def test_winners_asked_for_twice_are_one_file_and_another_officer_has_their_own(drawn: Drawn) -> None:
    for _ in range(2):
        send(drawn.maker, "letters", drawn.sale, **PRINT)
    assert PrintJob.objects.count() == 1
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "utf8"})
    send(drawn.office.browser("checker:commerce"), "letters", drawn.sale, **PRINT)
    assert PrintJob.objects.count() == 3


def test_who_pays_or_is_shielded_meanwhile_gets_no_letter_and_is_counted(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    first, second, *_ = drawn.winners
    one = next(each for each in queries.applications_of(first, municipality=drawn.office.number)
               if each.sale == drawn.sale)  # fmt: skip
    vouchers.sell_at_counter(application=one.id, by=drawn.office.officer("maker:commerce"), at=moment(10, 6),
                             units=None)  # fmt: skip
    Resident.objects.filter(id=second).update(shielded=True)
    work(drawn)
    printed = taken(drawn)
    assert len(printed.pages) == len(PEOPLE) - 2
    assert tight(drawn.winners[second]) not in printed.everything
    assert "支援措置の方 2件" in printed.said
    assert "求めたあとに対象でなくなった方 1件" in printed.said
    assert not RevealLog.objects.filter(subject__in=[first, second]).exists()


def test_who_leaves_the_office_has_nothing_more_opened_and_what_was_made_stays(drawn: Drawn) -> None:
    at = TODAY
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    assert print_making.make_next_part(municipality=drawn.office.number, at=at)
    opened = RevealLog.objects.count()
    (held,) = [each for each in officers(municipality=drawn.office.number, at=at)
               if each.officer == party(drawn.office, "maker:commerce")]  # fmt: skip
    parties.end_appointment(held.id, by=drawn.office.officer(OPERATOR), at=at)
    later = at + timedelta(minutes=1)
    assert print_making.make_next_part(municipality=drawn.office.number, at=later), "the others' files go on"
    assert not print_making.make_next_part(municipality=drawn.office.number, at=later)
    assert RevealLog.objects.count() == opened
    told = words(page(drawn.office.browser("checker:commerce"), "letters", drawn.sale))
    assert "途中で止まりました" in told
    assert "任命が終わったため" in told


def test_a_refusal_on_the_way_keeps_the_codes_that_were_made(coded: Coded, monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget is given away while letters are being made: half of the codes are out, and their letters must be."""
    at = coded.office.town.at
    send(coded.checker, "code_letters", coded.programme, **PRINT)
    job = PrintJob.objects.get()
    assert print_making.make_next_part(municipality=coded.office.number, at=at)
    made = VoucherCode.objects.count()
    assert made == 2
    monkeypatch.setattr(codes_operations.cost, "worth_of", lambda *_a, **_k: {"premium": 10**12})
    assert print_making.make_next_part(municipality=coded.office.number, at=at)
    assert VoucherCode.objects.count() == made
    printed = fetch(coded.checker, "code_letters", coded.programme, act="fetch_job", job=job.id)
    assert "途中で止まった" in printed.said
    assert "予算を増やしてから" in printed.said
    monkeypatch.undo()
    monkeypatch.setattr(print_page, "AT_ONCE", 300)
    rest = coded.fetch()
    assert VoucherCode.objects.count() == job.last
    assert not set(coded.codes(rest).values()) & set(coded.codes(printed).values())


def test_without_a_reason_or_an_approval_nothing_is_even_asked_for(
    coded: Coded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be refused part by part is refused as a whole: a part of 200 people alone would need no approval."""
    assert send(coded.checker, "code_letters", coded.programme, **PRINT | {"reason": ""}).status_code == 422
    monkeypatch.setattr(vault, "REVEAL_MOST", 2)
    answer = send(coded.checker, "code_letters", coded.programme, **PRINT)
    assert answer.status_code == 403
    assert "一度に見られるのは2人まで" in words(answer)
    assert not PrintJob.objects.exists()
