"""The wallet says ahead, and kindly, how much of granted value goes back to the town, and when; and what has gone."""

from __future__ import annotations

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser

from meguri.programmes import operations, queries
from tests.faces.office.lived import Office
from tests.faces.office.test_runs import open_shrinking
from tests.faces.resident.conftest import seen, turn_clock
from tests.faces.resident.test_browser import chromium as chromium  # noqa: PLC0414 - a fixture
from tests.faces.resident.test_browser import opened, shot
from tests.programmes.shrinking import noon
from tests.town import Town


@pytest.fixture
def flowers(town: Town, office: Office) -> Town:
    open_shrinking(office)
    town.give("petals", 1_200)
    return town


def test_what_leaves_next_is_said_before_it_leaves(flowers: Town, phone: Client) -> None:
    ja = seen(phone, "")
    assert "11月27日(木)に、町の花ポイント 花びら 1,200円のうち12円が町に戻ります。" in ja
    assert "その日までに使った分は減りません" in ja
    english = seen(phone, "", lang="en")
    assert "On Thu 27 Nov, ¥12 of your ¥1,200 in Town flower points Petals goes back to the town." in english


def test_nobody_is_told_of_what_does_not_concern_them(flowers: Town, neighbour: Client) -> None:
    flowers.give("premium", 3_000, holder=flowers.other)
    flowers.give("petals", 99, holder=flowers.other)
    assert "町に戻ります" not in seen(neighbour, "")


def test_what_has_gone_stands_in_the_history_by_its_name(flowers: Town, office: Office, phone: Client) -> None:
    turn_clock(flowers, noon(date(2025, 11, 28)))
    made = queries.programme_by_code("shrinking", municipality=flowers.municipality)
    assert made is not None
    operations.shrink_programme(programme=made.id, by=office.system, at=flowers.at)
    assert "減価" in seen(phone, "history")
    assert "1,188円のうち11円が町に戻ります" in seen(phone, "")
    operations.undo_demurrage(programme=made.id, day=date(2025, 11, 27), by=office.system, at=flowers.at)
    assert "減価の取消" in seen(phone, "history")
    assert "Given back" in seen(phone, "history", lang="en")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_look_ahead_fits_a_phone(
    live_server: object, chromium: Browser, flowers: Town, phone: Client, language: str
) -> None:
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/?lang={language}")
    shot(page, f"shrinking-{language}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
