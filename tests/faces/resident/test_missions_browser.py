"""The cards of stamps in a real browser at phone width: axe finds nothing, nothing overflows, both themes."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser

from meguri.programmes.points import operations as points
from meguri.programmes.points.step_rules import StepSource
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import turn_clock
from tests.faces.resident.test_browser import chromium, opened, shot
from tests.faces.resident.test_missions import ride, stops
from tests.town import Town

__all__ = ["chromium", "stops"]


@pytest.fixture
def under_way(town: Town, office: Office, phone: Client, stops: list[object]) -> None:
    """Two of three places reached, and a streak in its second week."""
    points.open_action(
        programme=office.programme("point"), code="walk-8000", by=office.officer("maker:planning"), at=town.at
    )
    for weeks in (0, 1):
        turn_clock(town, town.at + timedelta(weeks=weeks))
        brought = points.bring_steps(
            {town.at.date(): 9_000}, source=StepSource.CSV, digest=f"{weeks}" * 64, by=town.resident, at=town.at
        )
        points.count_steps(brought=brought, by=town.resident, at=town.at)
        ride(town, phone, stops[weeks])  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("language", "scheme"), [("ja", "light"), ("en", "light"), ("ja", "dark")])
def test_the_cards_are_accessible_and_fit(
    live_server: object, chromium: Browser, phone: Client, under_way: None, *, width: int, language: str,
    scheme: Literal["light", "dark"],
) -> None:
    address = str(live_server)
    page = opened(chromium, address, phone, width=width)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/wallet/get/missions?lang={language}")
    shot(page, f"missions-{width}-{language}-{scheme}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("svg.chart__picture .chart-waiting").count() >= 2
    assert page.locator("svg.chart__picture circle.fill-point").count() >= 3


def test_the_card_is_told_to_whoever_hears_it(
    live_server: object, chromium: Browser, phone: Client, under_way: None
) -> None:
    address = str(live_server)
    page = opened(chromium, address, phone, width=360)
    page.goto(f"{address}/wallet/get/missions?lang=ja")
    card = page.get_by_role("img", name="3か所のうち2か所まで来ました")
    assert card.locator("desc").text_content() == "済: 駅前、病院前。まだ: 港の広場。"
    assert "まだの場所: 港の広場" in page.locator("main").inner_text()
