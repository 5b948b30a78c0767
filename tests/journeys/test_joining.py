"""Somebody who signed in by e-mail joins the register with a paper from the desk, and may then apply: in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from meguri.notices.models import Notice
from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.tills import operations as tills
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from meguri.words.actor import ActorRole
from tests.browsers import running_chromium
from tests.journeys.test_walk import Walk, apply, open_sale
from tests.town import BEFORE, found_town

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")


@pytest.fixture
def walk(transactional_db: None, settings: LazySettings, live_server: object) -> Iterator[Walk]:
    cache.clear()
    town = found_town()
    settings.DEMO, settings.MUNICIPALITY = True, town.municipality
    settings.OFFICIAL_HOST = str(live_server).removeprefix("http://")
    with running_chromium() as browser:
        yield Walk(town, browser, str(live_server))
    tills.stop()


def look(page: Page, name: str) -> None:
    """A picture; nothing wider than the screen, and nothing that axe finds."""
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"joining-{name}.png"), full_page=True)


def of_the_register(walk: Walk) -> UUID:
    system = walk.town.actor(ActorRole.SYSTEM)
    entry = parties.ResidentEntry(
        birth_date=date(1950, 3, 3), ward="minato", moved_in=date(1990, 1, 1), household_number="h9"
    )
    (person,) = parties.register_residents([entry], by=system, at=BEFORE)
    seal(person, {Field.RESIDENT_NUMBER: "1-207"}, by=system, at=BEFORE)
    return person


def paper_of(walk: Walk, number: str) -> str:
    """The desk looks somebody up and prints the paper; gives the code that stands on it."""
    desk = walk.as_demo_person("welfare-maker")
    walk.go(desk, "/office/residents")
    desk.get_by_label(re.compile("^宛名番号")).fill(number)
    desk.get_by_role("button", name="探す").click()
    expect(desk.get_by_role("heading", name="見つかった方")).to_be_visible()
    look(desk, "desk")
    desk.get_by_label("窓口で渡す").check()
    with desk.expect_download() as printed:
        desk.get_by_role("button", name="登録コードの紙をつくる").click()
    (sheet,) = PdfReader(printed.value.path()).pages
    (code,) = re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", re.sub(r"\s+", "", sheet.extract_text()))
    return str(code)


def sign_in(page: Page) -> None:
    """By an e-mail address that nobody has used here."""
    page.locator("[name=contact]").fill("hana@example.jp")
    page.get_by_role("button", name="番号を受け取る").click()
    page.wait_for_url(re.compile("confirm"))
    newest = Notice.objects.order_by("-id").first()
    assert newest is not None
    sent = re.search(r"\b(\d{6})\b", newest.text_ja)
    assert sent is not None
    page.locator("[name=code]").fill(sent[1])
    page.locator("form button.button--primary").click()


def test_a_newcomer_joins_and_may_apply(walk: Walk) -> None:
    walk.set_clock(2025, 7, 28, 10)
    person = of_the_register(walk)
    sale = open_sale(walk, walk.as_demo_person("commerce-checker"))
    code = paper_of(walk, "１－２０７")
    phone = walk.browser.new_context(viewport={"width": 360, "height": 780}, locale="ja-JP").new_page()
    phone.goto(f"{walk.address}/enter/join#c={code.replace('-', '')}")
    sign_in(phone)
    phone.wait_for_url(re.compile("/enter/join"))
    expect(phone.locator("[name=code]")).to_have_value(code.replace("-", ""))
    assert code.replace("-", "") not in phone.url
    phone.locator("[name=birth_date]").fill("昭和26年3月3日")
    phone.get_by_role("button", name="登録につなぐ").click()
    expect(phone.get_by_role("alert")).to_contain_text("あと4回")
    look(phone, "wrong")
    phone.locator("[name=birth_date]").fill("昭和25年3月3日")
    phone.get_by_role("button", name="登録につなぐ").click()
    expect(phone.get_by_role("heading", name="町の登録につながりました")).to_be_visible()
    look(phone, "joined")
    phone.get_by_role("link", name="財布を見る").click()
    phone.get_by_role("button", name="財布を開く").click()
    apply(walk, phone, sale, units="2")
    assert queries.is_registered(person, municipality=walk.town.municipality)
