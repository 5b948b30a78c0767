"""The resident chooses when to be warned before money expires, and finds the warning among the notices."""

from __future__ import annotations

from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, expect

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.wallets.tasks import warn_holders
from tests.faces.resident.conftest import seen, turn_clock
from tests.faces.resident.test_browser import chromium as chromium  # noqa: PLC0414 - a fixture
from tests.faces.resident.test_browser import opened, shot
from tests.town import Town


def test_the_choice_is_kept_and_shown_again(town: Town, phone: Client) -> None:
    page = phone.get("/wallet/notices/expiry").content.decode()
    assert 'value="7" checked' in page  # what everybody has who chose nothing
    assert phone.post("/wallet/notices/expiry", {"days": "14", "mail": "yes"})["Location"].endswith("?kept=1")
    page = phone.get("/wallet/notices/expiry?kept=1").content.decode()
    assert 'value="14" checked' in page
    assert 'value="yes" checked' in page
    assert "この設定にしました" in page


def test_another_day_is_refused_and_nothing_changes(town: Town, phone: Client) -> None:
    for typed in ("5", "", "七", "-1"):
        answer = phone.post("/wallet/notices/expiry", {"days": typed})
        assert answer.status_code == 422
        assert "一覧から選んでください" in answer.content.decode()
    assert 'value="7" checked' in phone.get("/wallet/notices/expiry").content.decode()


def test_the_warning_stands_among_the_notices(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    held = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    end = held[0].lot.expires_at
    assert end is not None
    turn_clock(town, end - timedelta(days=6, hours=12))
    warn_holders(municipality=town.municipality, at=town.at)
    told = seen(phone, "notices")
    assert "3,000円の期限は" in told
    assert "期限の何日前に知らせるかを選ぶ" in told
    assert "can be spent until" in seen(phone, "notices", lang="en")


def test_it_is_chosen_by_hand_on_a_phone(live_server: object, chromium: Browser, town: Town, phone: Client) -> None:
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/notices/expiry?lang=ja")
    page.get_by_label("30日前").check()
    page.get_by_label("メールでも知らせる").check()
    page.get_by_role("button", name="この設定にする").click()
    expect(page.get_by_text("この設定にしました")).to_be_visible()
    expect(page.get_by_label("30日前")).to_be_checked()
    shot(page, "warning-360")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page).violations_count == 0
