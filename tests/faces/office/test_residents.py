"""A person of the register at the desk: found by number, given a paper whose code joins their phone to it."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.http import FileResponse
from django.test import Client
from pypdf import PdfReader

from meguri.parties import queries
from meguri.parties.models import Invitation
from meguri.parties.operations import Joined, join_register
from meguri.vault.models import RevealLog
from meguri.vault.operations import make_login
from meguri.words.actor import ActorRole
from meguri.words.clock import day
from tests.faces.office.lived import Office
from tests.faces.office.printing import settle_in, tight
from tests.faces.office.reading import page, send, words

NAME, HOME = "山田 花子", "めぐり町港1-1"


@pytest.fixture
def hanako(office: Office) -> UUID:
    return settle_in(office, NAME, HOME, number="N-7")


@pytest.fixture
def desk(office: Office) -> Client:
    return office.browser("maker:welfare")


def paper(client: Client, person: UUID, **form: object) -> str:
    """The one page of the paper, without spaces."""
    answer = client.post("/office/residents", {"act": "invite", "resident": str(person), "handing": "desk", **form})
    assert isinstance(answer, FileResponse), words(answer)
    assert answer.headers["cache-control"] == "no-store"
    (sheet,) = PdfReader(io.BytesIO(answer.getvalue())).pages
    return tight(sheet.extract_text())


def code_on(text: str) -> str:
    (code,) = re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", text)
    return str(code)


def found(client: Client, number: str = "N-7") -> str:
    return words(send(client, "residents", act="find", number=number))


def test_the_desk_sees_facts_and_no_name(desk: Client, hanako: UUID) -> None:
    text = found(desk, "Ｎ－７")
    assert "minato" in text or "港" in text
    assert "まだありません" in text
    assert "1980年5月5日" in text, "to be compared with the ID"
    assert NAME not in text
    assert HOME not in text
    assert not RevealLog.objects.filter(subject=hanako).exists()


def test_who_is_not_there_is_said_beside_the_number(desk: Client) -> None:
    assert "この宛名番号の方は登録にありません" in found(desk, "N-99")


def test_a_number_is_found_without_its_leading_zeros_unless_two_people_share_the_rest(
    desk: Client, office: Office
) -> None:
    settle_in(office, NAME, HOME, number="00042")
    for typed in ("00042", "42", " ４２ ", "０００４２", "042"):
        assert "まだありません" in found(desk, typed), typed
    assert "登録にありません" in found(desk, "420")
    settle_in(office, "山田 次郎", HOME, number="0042")
    assert "登録にありません" in found(desk, "42"), "not a guess between two"
    assert "まだありません" in found(desk, "0042"), "a number as it is written counts first"


def test_the_paper_over_the_desk_names_nobody_and_its_code_joins(desk: Client, office: Office, hanako: UUID) -> None:
    text = paper(desk, hanako)
    assert tight("窓口でお渡しするもの") in text
    assert tight(NAME) not in text
    assert not RevealLog.objects.filter(subject=hanako).exists()
    me = office.town.actor(ActorRole.RESIDENT)
    assert me.party is not None
    make_login(municipality=office.town.municipality, party=me.party, at=office.town.at, email="hanako@example.jp")
    facts = queries.resident_facts([hanako], municipality=office.town.municipality, on=day(office.town.at))[hanako]
    joined = join_register(code=code_on(text), birth_date=facts.birth_date, by=me, at=office.town.at)
    assert joined == Joined(me.party, hanako)
    assert "電話かメールで入ったこと" in found(desk) or "登録がありますが" in found(desk)


def test_a_letter_shows_name_and_address_and_the_look_is_logged(desk: Client, hanako: UUID) -> None:
    text = paper(desk, hanako, handing="letter", reason="登録コードの郵送のため")
    assert tight(NAME) in text
    assert tight(HOME) in text
    assert "登録コードの手紙: 登録コードの郵送のため" in RevealLog.objects.get(subject=hanako).reason


def test_a_letter_without_a_reason_is_not_made(desk: Client, hanako: UUID) -> None:
    text = words(send(desk, "residents", act="invite", resident=hanako, handing="letter"))
    assert "理由" in text
    assert not Invitation.objects.exists()


def test_nothing_is_posted_to_a_protected_address(desk: Client, office: Office) -> None:
    secret = settle_in(office, "秘密 花子", "かくれ町九丁目", shielded=True, number="N-8")
    assert "支援措置の方です" in found(desk, "N-8")
    text = words(send(desk, "residents", act="invite", resident=secret, handing="letter", reason="郵送のため"))
    assert "窓口で渡してください" in text
    assert not Invitation.objects.exists()
    assert code_on(paper(desk, secret))


def test_who_has_a_way_in_gets_another_only_on_purpose(desk: Client, office: Office, hanako: UUID) -> None:
    make_login(municipality=office.town.municipality, party=hanako, at=office.town.at, email="old@example.jp")
    assert "前の入り方を閉じる" in found(desk)
    assert "もう自分の電話番号かメールで入れます" in words(
        send(desk, "residents", act="invite", resident=hanako, handing="desk")
    )
    assert code_on(paper(desk, hanako, replaces="yes"))
    assert Invitation.objects.get().replaces


def test_the_page_says_that_a_code_is_out_and_a_new_one_ends_it(desk: Client, office: Office, hanako: UUID) -> None:
    first = code_on(paper(desk, hanako))
    assert "まで使えます" in found(desk)
    assert code_on(paper(desk, hanako)) != first
    open_ones = Invitation.objects.filter(expires_at__gt=office.town.at + timedelta(days=1))
    assert open_ones.count() == 1


def test_a_form_pressed_twice_makes_one_code(desk: Client, hanako: UUID) -> None:
    (number,) = set(re.findall(r'name="once" value="([^"]+)"', send(
        desk, "residents", act="find", number="N-7").content.decode()))  # fmt: skip
    paper(desk, hanako, once=number)
    again = send(desk, "residents", act="invite", resident=hanako, handing="desk", once=number)
    assert "すでに受け付けています" in words(again)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(("hat", "sees", "gives"), [
    ("maker:commerce", True, True), ("checker:commerce", True, False), ("accountant:accounting", False, False),
])  # fmt: skip
def test_who_may_look_and_who_may_give(*, hat: str, sees: bool, gives: bool, office: Office, hanako: UUID) -> None:
    client = office.browser(hat)
    assert (client.get("/office/residents").status_code == 200) is sees
    answer = client.post("/office/residents", {"act": "find", "number": "N-7"})
    assert ("登録コードの紙をつくる" in answer.content.decode()) is gives
    client.post("/office/residents", {"act": "invite", "resident": str(hanako), "handing": "desk"})
    assert Invitation.objects.exists() is gives


def test_the_page_speaks_english(desk: Client, hanako: UUID) -> None:
    assert "Join this person's phone to the register?" in words(page(desk, "residents", lang="en"))
