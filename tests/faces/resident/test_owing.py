"""The resident sees points that later points make up for: on the first page, in the history, and how it came."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes.points import operations
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import seen, turn_clock
from tests.faces.resident.test_browser import chromium as chromium  # noqa: PLC0414 - a fixture
from tests.faces.resident.test_browser import opened, shot
from tests.town import Town


def walk(town: Town, deeds: dict[str, UUID]) -> UUID:
    return operations.record_action(action=deeds["walk"], request=uuid4(), by=town.resident, at=town.at).record


@pytest.fixture
def owing(town: Town, office: Office, deeds: dict[str, UUID]) -> Town:
    """Ten yen were earned by a walk and spent; then the walk was withdrawn."""
    record = walk(town, deeds)
    held = ledger.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    legs = tuple(
        Leg(Account(town.holder, AccountRole.WALLET), Account(town.small_shop, AccountRole.SHOP), each.amount,
            (each.lot.id,))
        for each in held
    )  # fmt: skip
    about = {"shop": str(town.small_shop)}
    books.post(Posting("pay-all", "pay", legs, town.at, "test", about), municipality=town.municipality)
    checker = office.officer("checker:planning")
    operations.withdraw_action(record=record, reason="歩数計の誤り", by=checker, at=town.at)
    return town


def test_the_wallet_and_the_history_say_what_remains(owing: Town, phone: Client) -> None:
    for path in ("", "history"):
        told = seen(phone, path)
        assert "次に付くポイントから、先にあてる分があります" in told
        assert "もう使われていた10円が残っています" in told
    assert "¥10 of points that were withdrawn had been spent already." in seen(phone, "", lang="en")


def test_the_page_tells_how_it_came_and_how_it_went(owing: Town, phone: Client, deeds: dict[str, UUID]) -> None:
    told = seen(phone, "debt")
    assert "何もしなくて大丈夫です" in told
    assert "1日5,000歩あるく取り消しで増えた" in told.replace(" ", "")
    assert "理由: 歩数計の誤り" in told
    turn_clock(owing, owing.at + timedelta(days=1))
    walk(owing, deeds)
    told = seen(phone, "debt")
    assert "もう残っていません" in told
    assert "ポイントからあてた" in told
    assert "先にあてる分があります" not in seen(phone, "")
    assert "ポイントが取り消されました" in seen(phone, "notices")
    assert "All points that you earn from now on stay in your wallet." in seen(phone, "debt", lang="en")


def test_nobody_else_owes_anything(owing: Town, neighbour: Client) -> None:
    assert "先にあてる分はありません" in seen(neighbour, "debt")
    assert "先にあてる分があります" not in seen(neighbour, "")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_fits_a_phone(
    live_server: object, chromium: Browser, owing: Town, phone: Client, language: str
) -> None:
    page = opened(chromium, str(live_server), phone, width=360)
    for path in ("", "debt", "history"):
        page.goto(f"{live_server}/wallet/{path}?lang={language}")
        shot(page, f"owing-{path or 'home'}-{language}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
