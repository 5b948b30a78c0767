"""What a request knows, and how a refusal is shown."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meguri.faces.entrance.telling import told_to
from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.parties.models import Department
from meguri.parties.operations import ShopEntry
from meguri.parties.rules import NOT_ALLOWED, Both
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from meguri.words.refusal import Refusal
from tests.faces.entrance.conftest import SYSTEM

Make = Callable[..., Any]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_a_visitor_of_the_town(town: int, browser: Client) -> None:
    request = browser.get("/").wsgi_request
    assert (request.actor.role, request.actor.municipality, request.actor.party) == (ActorRole.VISITOR, town, None)
    assert (request.town.name_ja, request.hats, request.hat) == ("めぐり町", (), None)
    assert abs(request.at - now()) < timedelta(seconds=2)


def test_a_request_lives_by_the_towns_clock(town: int, browser: Client) -> None:
    set_clock_offset(municipality=town, offset=timedelta(days=90))
    assert abs(browser.get("/").wsgi_request.at - now() - timedelta(days=90)) < timedelta(seconds=2)


def test_a_head_request_is_answered(town: int, browser: Client) -> None:
    assert browser.head("/enter/").status_code == 200


@pytest.mark.django_db
def test_before_the_books_are_open_a_page_still_opens(browser: Client) -> None:
    page = browser.get("/enter/sign-in")
    assert page.status_code == 200
    assert page.wsgi_request.town is None


@pytest.mark.parametrize(
    ("query", "cookie", "header", "language"),
    [
        ("", "", "", "ja"), ("?lang=en", "", "", "en"), ("", "en", "", "en"), ("?lang=ja", "en", "en", "ja"),
        ("", "", "en-GB,en;q=0.9", "en"), ("", "ja", "en-GB", "ja"), ("?lang=xx", "", "", "ja"), ("", "", "fr", "ja"),
    ],
)
def test_the_language_is_chosen_remembered_or_wished(  # noqa: PLR0917 - one column each
    query: str, cookie: str, header: str, language: str, town: int, browser: Client
) -> None:
    if cookie:
        browser.cookies["lang"] = cookie
    page = browser.get(f"/{query}", headers={"accept-language": header} if header else {})
    assert page.content.decode() == f"visitor {language}"
    assert (page.headers["content-language"], "Cookie" in page.headers["vary"]) == (language, True)
    if query:
        assert browser.get("/").content.decode() == f"visitor {language}", "remembered"


@pytest.mark.parametrize(("cookie", "language", "readings"), [
    ("on", "ja", True), ("off", "ja", False), ("", "ja", False), ("<b>", "ja", False), ("on", "en", False),
])
def test_who_asked_for_readings_gets_them_in_text_and_not_in_attributes(
    cookie: str, language: str, town: int, browser: Client, *, readings: bool
) -> None:
    if cookie:
        browser.cookies["readings"] = cookie
    page = browser.get(f"/enter/sign-in?lang={language}")
    assert page.wsgi_request.readings is readings
    assert ("<rt>でんわ" in page.text) is readings
    assert not re.search(r'="[^"]*(?:<ruby|\ufff9)', page.text)
    assert not re.search("[\ufff9-\ufffb]", page.text)
    assert "<ruby" not in re.search("<title>.*?</title>", page.text, re.DOTALL)[0]  # type: ignore[index]


def test_a_refusal_is_a_kind_page_and_undoes_what_was_written(town: int, person: Make, browser: Client) -> None:
    browser.force_login(person(), backend=BACKEND)
    page = browser.get("/refuse", headers={"referer": "http://testserver/wallet/"})
    text = page.content.decode()
    assert page.status_code == 403
    assert "利用者の役割では「事業を始める」ことはできません" in text
    assert "not_allowed" in text
    assert 'href="http://testserver/wallet/"' in text
    assert "サインインする" not in text
    assert not Department.objects.filter(code="half").exists()


@pytest.mark.parametrize(("language", "words"), [
    ("ja", "これはほかの課のものです。「事業を始める」ことは、自分の課のものについてだけできます。いまの役割: "),
    ("en", "This belongs to another department. You may launch a programme for your own department only."),
])  # fmt: skip
def test_another_departments_object_is_no_fault_of_the_role(
    language: str, words: str, officer: Make, browser: Client
) -> None:
    strongly(browser, officer("checker", "planning"))
    page = browser.get(f"/refuse?lang={language}")
    assert (page.status_code, words in page.text) == (403, True)
    assert "できる役割" not in page.text, "it is the right role, of another department"
    assert "not_allowed" in page.text


def test_the_department_whose_object_it_is_is_named(officer: Make, browser: Client) -> None:
    strongly(browser, officer("checker", "planning"))
    request = browser.get("/").wsgi_request
    refusal = refused("programme.launch")
    refusal.facts["department"] = "welfare"
    assert told_to(request, refusal).sentence("ja").startswith("これはwelfare課のものです。")
    refusal.facts["department"] = "no such department"
    assert told_to(request, refusal).sentence("ja").startswith("これはほかの課のものです。")


def test_a_role_that_may_not_at_all_is_told_which_may(officer: Make, browser: Client) -> None:
    strongly(browser, officer("maker", "planning"))
    request = browser.get("/").wsgi_request
    assert "できる役割: 承認者" in told_to(request, refused("programme.launch")).sentence("ja")
    assert told_to(request, refused("")).sentence("ja") == refused("").sentence("ja")


def refused(action: str) -> Refusal:
    word = Both("見る", "look")
    return NOT_ALLOWED.refusal(role=word, action=word, roles=Both("承認者", "checker"), limit=action)


def strongly(browser: Client, user: Any) -> None:
    browser.force_login(user, backend=BACKEND)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "passwordless": True, "at": 1.0}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.mark.parametrize(("path", "code", "shown"), [
    ("/refuse", "not_allowed", True), ("/nowhere", "page_unknown", False),
    ("/m/000000000001", "shop_code_unknown", False),
    ("/enter/?q=%00", "unusable_sign", False),
])  # fmt: skip
def test_the_code_is_shown_where_the_desk_can_help(
    path: str, code: str, shown: bool, town: int, browser: Client  # noqa: FBT001
) -> None:
    page = browser.get(f"{path}{'&' if '?' in path else '?'}lang=ja").text
    assert (code in page, "窓口で見せる記号" in page) == (shown, shown)
    assert "お問い合わせ番号" not in page, "it is no number"


def test_a_refusal_speaks_the_readers_language(town: int, browser: Client) -> None:
    text = browser.get("/refuse?lang=en").content.decode()
    assert "As a visitor you may not launch a programme" in text
    assert "/enter/?next=/refuse" in text, "signing in may help a visitor"


def test_a_refusal_to_htmx_is_a_part_of_a_page(town: int, browser: Client) -> None:
    text = browser.get("/refuse", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in text
    assert "not_allowed" in text


def test_a_link_back_leads_to_no_other_host(town: int, browser: Client) -> None:
    assert "evil" not in browser.get("/refuse", headers={"referer": "https://evil.example/"}).content.decode()


def test_programs_get_problem_details(town: int, browser: Client) -> None:
    for answer in (browser.get("/api/v1/refuse"), browser.get("/refuse", headers={"accept": "application/json"})):
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        body = json.loads(answer.content)
        assert (body["code"], body["status"], body["limit"]) == ("not_allowed", 403, "programme.launch")
        assert body["title_en"].startswith("As a visitor")
        assert body["facts"]["role"] == "訪問者 / visitor"


def test_a_refusal_is_no_error_but_a_fault_is(town: int, browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    browser.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        browser.get("/refuse")
        assert caplog.records == []
        assert browser.get("/fall").status_code == 500
    assert any("nobody expected this" in str(record.exc_info) for record in caplog.records)


def test_a_visitor_is_led_to_the_sign_in_and_back(town: int, browser: Client) -> None:
    assert browser.get("/till/?day=1").headers["location"] == "/enter/?next=%2Ftill%2F%3Fday%3D1"
    answer = browser.get("/till/", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/enter/?next=%2Ftill%2F")
    assert browser.get("/till/", headers={"accept": "application/json"}).status_code == 401


def test_another_hat_is_offered_where_it_would_help(town: int, person: Make, browser: Client) -> None:
    user = person()
    for trade, role in (("58", ActorRole.CLERK), ("76", ActorRole.OWNER)):
        shop = parties.register_shop(ShopEntry(f"店{trade}", f"Shop {trade}", trade, "中町"), by=SYSTEM, at=now())
        parties.join_shop(shop, member=user.party, role=role, by=SYSTEM, at=now() - timedelta(seconds=5))
    browser.force_login(user, backend=BACKEND)
    assert browser.get("/till/").status_code == 200
    page = browser.get("/office/")
    text = page.content.decode()
    assert page.status_code == 403
    assert "このページは起票者のためのページです" in text
    assert "役割を変える" in text


def test_the_view_class_lets_in_its_roles(officer: Make, browser: Client) -> None:
    user = officer("maker")
    browser.force_login(user, backend=BACKEND)
    assert browser.get("/office/").headers["location"] == "/enter/second-factor", "half signed in"
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "passwordless": True, "at": 1.0}]
    session["_account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    assert browser.get("/office/").content.decode() == "maker ja"


def test_a_page_knows_its_frame(town: int, person: Make, browser: Client) -> None:
    user = person()
    browser.force_login(user, backend=BACKEND)
    page = browser.get("/enter/hats")
    assert page.context["signed_in"] == {"name": "利用者", "url": "/enter/hats"}
    frame = {name: page.context[name] for name in ("invented_town", "home_url", "language")}
    assert frame == {"invented_town": True, "home_url": "/wallet/", "language": "ja"}
    assert "架空" in page.content.decode()


def test_a_printed_code_names_its_shop(town: int, person: Make, browser: Client) -> None:
    entry = ShopEntry("八百屋まるは", "Maruha Greengrocer", "58", "中町")
    parties.register_shop(entry, number=42, by=SYSTEM, at=now())
    code = "000000004269"
    text = browser.get(f"/m/{code}").content.decode()
    assert "八百屋まるは" in text
    assert f"/enter/?next=/m/{code}" in text
    browser.force_login(person(), backend=BACKEND)
    assert browser.get(f"/m/{code}").headers["location"] == f"/wallet/pay/{code}"
    unknown = browser.get("/m/000000000001")
    assert (unknown.status_code, "このコードの店は登録されていません" in unknown.content.decode()) == (404, True)
