"""Walked in a real browser: a passkey is made and used, the demo is entered by one press, pages pass axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from meguri.notices.models import Notice
from tests.browsers import running_chromium
from tests.faces.entrance.conftest import PASSWORD

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser, live_server: Any, town: int) -> Iterator[Page]:
    cache.clear()
    with a_phone(chromium, live_server) as opened:
        yield opened


@contextmanager
def a_phone(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """A page of a browser that knows nobody yet."""
    context = chromium.new_context(
        base_url=live_server.url.replace("127.0.0.1", "localhost"), viewport={"width": 360, "height": 740}, locale="ja"
    )
    opened = context.new_page()
    opened.set_default_timeout(8_000)
    yield opened
    context.close()


def give_authenticator(page: Page) -> None:
    """A device that says yes by itself: fingerprint always matches."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})


def make_passkey(page: Page) -> None:
    page.get_by_role("button", name="作る").click()
    page.wait_for_url(re.compile("2fa/$"))


def use_passkey(page: Page) -> None:
    page.goto("/enter/sign-in")
    page.get_by_role("button", name="パスキーを使う").click()
    page.wait_for_url(re.compile("^(?!.*sign-in)"))


def no_faults(page: Page) -> None:
    levels = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=levels).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


def come_by_code(page: Page) -> None:
    page.goto("/enter/sign-in")
    page.get_by_role("link", name="番号を受け取る").click()
    no_faults(page)
    page.get_by_label("電話番号かメール").fill("０９０－１２３４－５６７８")
    page.get_by_role("button", name="6けたの番号を受け取る").click()
    page.wait_for_url("**/code/confirm/")
    no_faults(page)
    newest = Notice.objects.order_by("-id").first()
    assert newest is not None
    code = re.search(r"\d{6}", newest.text_ja)
    assert code is not None
    page.locator("#code").fill(code[0])
    page.get_by_role("button", name="サインイン").click()
    page.wait_for_url(re.compile("^(?!.*/code/confirm/)"))


@pytest.mark.django_db(transaction=True)
def test_a_resident_comes_by_code_and_next_time_by_passkey(page: Page) -> None:
    give_authenticator(page)
    page.goto("/enter/sign-in")
    no_faults(page)
    come_by_code(page)
    page.get_by_role("heading", name="ようこそ").wait_for()
    no_faults(page)
    page.get_by_role("link", name="パスキー").click()
    no_faults(page)
    make_passkey(page)
    page.get_by_text("パスキーを作りました").wait_for()
    no_faults(page)
    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/accounts/2fa/totp/activate/")
    no_faults(page)
    page.get_by_role("button", name="パスキーで確かめる").click()
    page.wait_for_url(re.compile(r"^[^?]*/totp/activate/$"))
    no_faults(page)
    page.goto("/enter/hats")
    no_faults(page)
    page.get_by_role("button", name="サインアウト").click()
    use_passkey(page)
    assert page.request.get("/").text() == "resident ja"


def type_password(page: Page, user: Any) -> None:
    page.goto("/accounts/login/")
    no_faults(page)
    page.get_by_label("メール").fill(user.email)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="次へ").click()


def add_passkey_after_password(page: Page, user: Any, *, alone: bool) -> None:
    """Come in by the password, which opens no role yet, and make a passkey that signs in alone or only seconds it."""
    type_password(page, user)
    page.wait_for_url("**/enter/second-factor")
    no_faults(page)
    assert page.request.get("/").text() == "visitor ja"
    page.get_by_role("link", name="パスキーを作る").click()
    no_faults(page)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.get_by_label("これだけで入れるようにする").set_checked(alone)
    make_passkey(page)
    no_faults(page)
    page.get_by_role("button", name="サインアウトして入り直す").click()
    page.wait_for_url("**/accounts/login/")


@pytest.mark.django_db(transaction=True)
def test_an_officer_makes_a_passkey_and_then_has_the_role(page: Page, officer: Make) -> None:
    give_authenticator(page)
    add_passkey_after_password(page, officer("checker", "welfare"), alone=True)
    use_passkey(page)
    assert page.request.get("/").text() == "checker ja"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alone", [True, False])
def test_a_passkey_made_after_a_password_is_its_second_step(page: Page, officer: Make, *, alone: bool) -> None:
    user = officer("checker", "welfare")
    give_authenticator(page)
    add_passkey_after_password(page, user, alone=alone)
    type_password(page, user)
    page.wait_for_url("**/2fa/authenticate/")
    no_faults(page)
    assert page.request.get("/").text() == "visitor ja", "the password alone opens nothing"
    page.get_by_role("button", name="パスキーを使う").click()
    page.wait_for_url(re.compile("^(?!.*(login|authenticate))"))
    assert page.request.get("/").text() == "checker ja"


@pytest.mark.django_db(transaction=True)
def test_a_passkey_of_another_device_is_no_second_step(
    page: Page, officer: Make, chromium: Browser, live_server: Any
) -> None:
    user = officer("checker", "welfare")
    give_authenticator(page)
    add_passkey_after_password(page, user, alone=False)
    with a_phone(chromium, live_server) as other:
        give_authenticator(other)
        type_password(other, user)
        other.wait_for_url("**/2fa/authenticate/")
        other.get_by_role("button", name="パスキーを使う").click()
        other.get_by_text("パスキーを使えませんでした").wait_for()
        assert other.request.get("/").text() == "visitor ja"


@pytest.mark.django_db(transaction=True)
def test_signing_out_everywhere_ends_the_other_browser_too(page: Page, chromium: Browser, live_server: Any) -> None:
    come_by_code(page)
    with a_phone(chromium, live_server) as other:
        come_by_code(other)
        assert other.request.get("/").text() == "resident ja"
        page.goto("/accounts/2fa/")
        no_faults(page)
        page.get_by_role("button", name="すべて終わる").click()
        page.get_by_text("すべての端末からサインアウトしました").wait_for()
        no_faults(page)
        assert [each.request.get("/").text() for each in (page, other)] == ["visitor ja"] * 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_demo_is_entered_by_one_press(scheme: str, page: Page, settings: LazySettings) -> None:
    settings.DEMO = True
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/enter/")
    no_faults(page)
    page.get_by_role("button", name="商工課の承認者").click()
    page.wait_for_url("**/office/")
    page.goto("/till/")
    no_faults(page)
    assert page.get_by_text("このページは店員・店主のためのページです").is_visible()
    page.goto("/enter/outbox?lang=en")
    no_faults(page)
    assert page.get_by_role("heading", level=1).inner_text() == "What the town has sent"
