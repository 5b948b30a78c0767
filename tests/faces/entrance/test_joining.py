"""The page on which a newcomer joins the register, as its reader meets it: signed in or not, right or wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.models import Invitation
from meguri.parties.operations import ResidentEntry, invite_resident
from meguri.vault.models import Login
from meguri.vault.operations import make_login
from meguri.wallets.models import Wallet
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor, ActorRole
from tests.faces.entrance.conftest import SYSTEM
from tests.faces.entrance.test_sign_in import ask, enter, sent_code

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
JOIN = "/enter/join"
BORN = date(1990, 4, 9)


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def resident(town: int, at: datetime) -> UUID:
    return parties.register_residents([ResidentEntry(BORN, "中町", date(2021, 1, 1), "H1")], by=SYSTEM, at=at)[0]


@pytest.fixture
def code(resident: UUID, at: datetime) -> str:
    return invite_resident(resident, by=SYSTEM, at=at)


@pytest.fixture
def me(person: Callable[..., Any], browser: Client) -> Any:
    """A newcomer who has signed in."""
    user = person()
    browser.force_login(user, backend=BACKEND)
    return user


def test_who_is_not_signed_in_does_that_first_and_comes_back(browser: Client, code: str) -> None:
    page = browser.get(JOIN)
    assert page.headers["location"] == "/accounts/login/code/?next=%2Fenter%2Fjoin"
    asked = ask(browser, "taro@example.jp", next=JOIN)
    assert f'name="next" value="{JOIN}"' in asked.content.decode()
    assert enter(browser, sent_code(), next=JOIN).redirect_chain[-1][0] == JOIN


@pytest.mark.parametrize("typed", ["1990-04-09", "平成2年4月9日", "H2.4.9", "１９９０/４/９"])
def test_the_code_and_the_birth_date_join(
    typed: str, browser: Client, me: Any, code: str, resident: UUID
) -> None:
    answer = browser.post(JOIN, {"code": code.lower(), "birth_date": typed})
    assert (answer.status_code, answer.headers["location"]) == (302, f"{JOIN}?done")
    assert "町の登録につながりました" in browser.get(answer.headers["location"]).content.decode()
    assert Login.objects.get(id=me.id).party == resident
    assert browser.get("/enter/hats").status_code == 200, "the session goes on"


def test_what_was_in_the_wallet_comes_along(browser: Client, me: Any, code: str, resident: UUID, at: datetime) -> None:
    open_wallet(me.party, by=Actor(1, ActorRole.RESIDENT, me.party), at=at)
    browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()})
    assert Wallet.objects.get(id=me.party).moved_to == resident
    assert Wallet.objects.filter(id=resident).exists()
    assert books.balances([me.party], AccountRole.WALLET, municipality=1) == []


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"code": "ABC", "birth_date": "1990-4-9"}, 422, "16文字"),
        ({"code": "2222-3333-4444-5555", "birth_date": "1990-4-9"}, 404, "この登録コードは使えません"),
        ({"birth_date": "きのう"}, 422, "きのう"),
        ({"birth_date": ""}, 422, "日付"),
        ({"birth_date": "1991-4-9"}, 422, "あと4回"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(  # noqa: PLR0917 - a table and its fixtures
    form: dict[str, str], status: int, words: str, browser: Client, me: Any, code: str
) -> None:
    page = browser.post(JOIN, {"code": code, **form})
    text = page.content.decode()
    assert page.status_code == status
    assert words in text
    assert 'aria-invalid="true"' in text
    assert f'value="{form.get("code", code)}"' in text
    assert Login.objects.get(id=me.id).party == me.party


def test_a_wrong_date_stays_counted_although_the_page_refuses(browser: Client, me: Any, code: str) -> None:
    for wrong in range(1, 6):
        browser.post(JOIN, {"code": code, "birth_date": "1991-4-9"})
        assert Invitation.objects.get().wrong_tries == wrong
    assert browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()}).status_code == 404


def test_a_way_in_that_cannot_go_along_keeps_everything_as_it_was(
    browser: Client, me: Any, code: str, resident: UUID, at: datetime
) -> None:
    """The register and the wallet together or not at all."""
    open_wallet(me.party, by=Actor(1, ActorRole.RESIDENT, me.party), at=at)
    Wallet.objects.filter(id=me.party).update(suspended_at=at, suspended_because="x")
    page = browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()})
    assert page.status_code == 409
    assert "停止中" in page.content.decode()
    assert Login.objects.get(id=me.id).party == me.party
    assert Invitation.objects.get().accepted_at is None


def test_a_demo_person_joins_nothing_but_the_visitor_may(
    person: Callable[..., Any], browser: Client, code: str
) -> None:
    user = person(demo=True)
    browser.force_login(user, backend=BACKEND)
    assert browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()}).status_code == 302
    assert "_auth_user_id" not in browser.session
    assert Login.objects.get(id=user.id).party == user.party


def test_an_officer_is_told_to_come_privately(officer: Callable[..., Any], browser: Client, code: str) -> None:
    browser.force_login(officer(), backend=BACKEND)
    page = browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()}, headers={"accept-language": "en"})
    assert page.status_code == 409
    assert "private phone or e-mail" in page.content.decode()


def test_the_sign_in_makes_a_newcomer_who_can_join(browser: Client, code: str, resident: UUID) -> None:
    """From the first touch: an unknown phone, a code, the register."""
    ask(browser, "090-1234-5678")
    enter(browser, sent_code())
    browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()})
    assert Login.objects.get(phone="+819012345678").party == resident


def test_nobody_joins_twice(browser: Client, me: Any, code: str, resident: UUID, at: datetime) -> None:
    browser.post(JOIN, {"code": code, "birth_date": BORN.isoformat()})
    (other,) = parties.register_residents(
        [ResidentEntry(BORN, "中町", date(2021, 1, 1), "H2")], by=SYSTEM, at=at
    )
    page = browser.post(JOIN, {"code": invite_resident(other, by=SYSTEM, at=at), "birth_date": BORN.isoformat()})
    assert page.status_code == 409
    assert "一人に一つ" in page.content.decode()
    make_login(municipality=1, party=other, at=at, email="other@example.jp")  # the entry is free still
