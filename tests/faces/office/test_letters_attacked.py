"""Letters between asking and making: people erased, workers killed, files in the wrong hands, words in English."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client

from meguri.faces.office import letters as letters_page
from meguri.faces.office import print_making, print_page, print_run
from meguri.faces.office.told_ways import coming_of, topic_of
from meguri.notices.queries import written_to
from meguri.parties import operations as parties
from meguri.parties.models import Resident
from meguri.vault.models import RevealLog
from meguri.wallets import letter_jobs
from meguri.wallets.letter_jobs import LETTERS_MOST, LetterPart, ask_letters, fetch_letters
from meguri.wallets.models import PrintedPart, PrintJob
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.faces.office.lived import Office
from tests.faces.office.printing import Printed, fetch, settle_in, tight
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_code_letters import PRINT, Coded, coded
from tests.faces.office.test_letter_jobs import TODAY, Killed
from tests.faces.office.test_letters import PEOPLE, Drawn, drawn
from tests.faces.office.test_told import holds, number, officers, people
from tests.programmes.vouchers.lived_town import refused

__all__ = ["coded", "drawn", "number", "officers", "people"]


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two letters a part, and more than one are many."""
    monkeypatch.setattr(print_run, "IN_A_FILE", 2)
    monkeypatch.setattr(print_page, "AT_ONCE", 0)
    monkeypatch.setattr(letters_page, "AT_ONCE", 0)


def work(office: Office, at: Any = TODAY) -> int:
    turns = 0
    while print_making.make_next_part(municipality=office.number, at=at):
        turns += 1
    return turns


def taken(drawn: Drawn) -> Printed:
    return fetch(drawn.maker, "letters", drawn.sale, act="fetch_job", job=PrintJob.objects.latest("id").id)


# --- people who are not there any more -------------------------------------------------------------------------------


def test_who_is_erased_between_asking_and_making_has_no_letter_and_is_named_by_number(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    gone, *_ = drawn.winners
    checker = drawn.office.officer("checker:commerce")
    parties.forget_person(gone, by=checker, at=TODAY)
    assert work(drawn.office) == 3
    printed = taken(drawn)
    assert len(printed.pages) == len(PEOPLE) - 1
    assert tight(drawn.winners[gone]) not in printed.everything
    assert drawn.number(gone) in printed.said, "they stand with those who have no name"
    assert printed.said.startswith(f"{len(PEOPLE) - 1}件 / {len(PEOPLE) - 1} in this file")


def test_who_is_erased_after_making_lies_only_in_what_is_destroyed(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT | {"kind": "utf8"})
    work(drawn.office)
    gone, *_ = drawn.winners
    parties.forget_person(gone, by=drawn.office.officer("checker:commerce"), at=TODAY)
    assert drawn.winners[gone].encode() not in b"".join(bytes(each.content) for each in PrintedPart.objects.all())


def test_everybody_shielded_meanwhile_leaves_a_file_that_says_so(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    Resident.objects.filter(id__in=[*drawn.winners, drawn.homeless]).update(shielded=True)
    work(drawn.office)
    printed = taken(drawn)
    assert sorted(printed.files) == ["read-first.txt"]
    assert printed.said.startswith("0件 / 0 in this file")
    for word in (f"支援措置の方 {len(PEOPLE) + 2}件は入れていません", "kept back: protected address"):
        assert word in printed.said, word
    assert not RevealLog.objects.exists()


# --- a worker that dies ----------------------------------------------------------------------------------------------


def killed(office: Office, at: Any) -> None:
    with transaction.atomic():
        assert print_making.make_next_part(municipality=office.number, at=at)
        raise Killed


def test_a_worker_killed_in_any_part_leaves_neither_letter_nor_line_in_the_log(drawn: Drawn) -> None:
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    logged = 0
    for part in range(3):
        with pytest.raises(Killed):
            killed(drawn.office, TODAY)
        assert PrintedPart.objects.filter(is_made=True).count() == part
        assert RevealLog.objects.count() == logged
        assert print_making.make_next_part(municipality=drawn.office.number, at=TODAY)
        logged = RevealLog.objects.count()
    assert not print_making.make_next_part(municipality=drawn.office.number, at=TODAY)
    assert len(taken(drawn).pages) == len(PEOPLE)


def test_letters_about_a_change_are_kept_as_sent_only_with_their_part(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client]
) -> None:
    for place in range(3):
        holds(office, settle_in(office, f"鈴木 {place}郎", f"めぐり町港9-{place}"))
    for _ in range(2):
        send(officers[0], "told", number, **PRINT)
    assert PrintJob.objects.count() == 1, "asked twice, it is one file"
    one = coming_of(number, municipality=office.number)
    assert one is not None
    with pytest.raises(Killed):
        killed(office, office.town.at)
    assert written_to(topic_of(one), municipality=office.number) == frozenset()
    assert work(office, office.town.at) == 2
    assert len(written_to(topic_of(one), municipality=office.number)) == 4
    printed = fetch(officers[0], "told", number, act="fetch_job", job=PrintJob.objects.get().id)
    assert len(printed.pages) == 4
    told = words(page(officers[0], "told", number, lang="en"))
    for word in ("Does this change reach everybody?", "by letter 4"):
        assert word.casefold() in told.casefold(), word


# --- the wrong hands -------------------------------------------------------------------------------------------------


def ask(office: Office, by: Actor, *, about: UUID, pieces: int = 1, digest: str = "d" * 64) -> UUID:
    return ask_letters(
        about=about, file="x", parts=[LetterPart(pieces, b"{}")] if pieces else [], said=b"{}", digest=digest,
        because="理由", by=by, at=office.town.at,
    )


def both(refusal: Refusal) -> str:
    return f"{refusal.sentence('ja')} {refusal.sentence('en')}"


def test_every_refusal_of_a_letter_file_is_reached_with_its_words(office: Office) -> None:
    about, maker, other = uuid4(), office.officer("maker:commerce"), office.officer("checker:commerce")
    for pieces in (0, LETTERS_MOST + 1):
        with refused("print_letters_too_many") as caught:
            ask(office, maker, about=about, pieces=pieces)
        assert "1通以上20,000通まで" in both(caught.value)
        assert "1 to 20,000 letters" in both(caught.value)
    job = ask(office, maker, about=about)
    assert ask(office, maker, about=about) == job
    with refused("print_letters_being_made") as caught:
        ask(office, other, about=about)
    assert "ほかの職員がいまつくっています" in both(caught.value)
    assert "Another officer is having these very letters made" in both(caught.value)
    assert ask(office, other, about=about, digest="e" * 64) != job
    with refused("print_letters_of_another") as caught:
        fetch_letters(job=job, about=about, by=other, at=office.town.at)
    assert "つくった人だけが受け取れます" in both(caught.value)
    assert "Only who asked for these letters" in both(caught.value)
    with refused("print_job_not_ready"):
        fetch_letters(job=job, about=about, by=maker, at=office.town.at)
    for wrong in ({"job": uuid4()}, {"about": uuid4()}):
        with refused("print_job_unknown"):
            fetch_letters(**{"job": job, "about": about, "by": maker, "at": office.town.at} | wrong)
    resident = office.town.resident
    with refused("not_allowed"):
        fetch_letters(job=job, about=about, by=resident, at=office.town.at)
    abroad = Actor(office.number + 1, ActorRole.MAKER, maker.party, department="commerce")
    with refused("print_job_unknown"):
        fetch_letters(job=job, about=about, by=abroad, at=office.town.at)


def test_who_left_is_said_in_both_languages_and_the_file_of_nothing_can_be_fetched(drawn: Drawn) -> None:
    assert "任命が終わった" in letter_jobs.LETTERS_ASKER_LEFT.refusal().sentence("ja")
    send(drawn.maker, "letters", drawn.sale, **PRINT)
    maker = drawn.office.officer("maker:commerce")
    at = TODAY - timedelta(minutes=1)
    (held,) = [each for each in parties_officers(drawn.office) if each.officer == maker.party]
    parties.end_appointment(held.id, by=drawn.office.officer("operator:planning"), at=at)
    assert work(drawn.office) == 1
    assert not RevealLog.objects.exists()
    stopped = PrintJob.objects.get().stopped
    assert stopped is not None
    assert "任命が終わったため、途中で止めました" in stopped["ja"]
    assert "holds the office no more" in stopped["en"]
    got = fetch_letters(job=PrintJob.objects.get().id, about=drawn.sale, by=maker, at=TODAY)
    assert list(got.files) == []
    assert got.stopped == (stopped["ja"], stopped["en"])


def parties_officers(office: Office) -> Any:
    from meguri.parties.queries import officers as held

    return held(municipality=office.number, at=TODAY - timedelta(minutes=2))


# --- in English ------------------------------------------------------------------------------------------------------


def test_the_letters_page_speaks_english_while_it_works_and_when_it_is_done(drawn: Drawn) -> None:
    told = words(page(drawn.maker, "letters", drawn.sale, lang="en"))
    for word in ("Shall letters go to the winners?", "Letters for window envelopes", "Won, and not bought yet"):
        assert word in told, word
    told = words(send(drawn.maker, "letters", drawn.sale, **PRINT))
    assert "0 / 6" in told
    work(drawn.office)
    told = words(page(drawn.maker, "letters", drawn.sale))
    assert "0 / 6" not in told
    assert "fetch" in told.casefold()


def test_codes_for_who_was_erased_meanwhile_are_in_no_letter(coded: Coded) -> None:
    send(coded.checker, "code_letters", coded.programme, **PRINT)
    gone, name = next(iter(coded.people.items()))
    parties.forget_person(gone, by=coded.office.officer("checker:commerce"), at=coded.office.town.at)
    work(coded.office, coded.office.town.at)
    printed = fetch(coded.checker, "code_letters", coded.programme, act="fetch_job", job=PrintJob.objects.get().id)
    assert tight(name) not in printed.everything
    assert name not in coded.codes(printed)
    assert "氏名か住所の登録がありません" in printed.said, "and somebody is told so"
