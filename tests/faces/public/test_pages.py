"""What anybody sees: every page in both languages without signing in, no person in them, and figures that add up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.faces.public import views
from meguri.ledger.operations import set_clock_offset
from meguri.parties.operations import ShopEntry, register_shop
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.vouchers.line import Selling
from meguri.tills import operations
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.period import Period
from tests.town import Town, found_town

PAGES = ["", "public/programmes", "public/shops", "public/data", "public/refusals", "public/how-we-know"]


@pytest.fixture
def town(transactional_db: None, settings: LazySettings) -> Iterator[Town]:
    found = found_town()
    settings.MUNICIPALITY = found.municipality
    set_clock_offset(municipality=found.municipality, offset=found.at - now())
    yield found
    operations.stop()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_for_a_stranger(town: Town, language: str) -> None:
    town.give("premium", 3000)
    for path in PAGES:
        answer = Client().get(f"/{path}", {"lang": language})
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.content.decode()


def test_what_is_sold_first_come_is_said_on_the_first_page(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Selling(uuid4(), Both("先着の券", "First come"), Both("1回目", "First"),
                     Period(town.at - timedelta(days=1), town.at + timedelta(days=9)), 4_000, 5_200, 318)  # fmt: skip
    monkeypatch.setattr("meguri.faces.public.views.line.selling", lambda *_, **__: (opened,))
    page = Client().get("/", {"lang": "ja"}).content.decode()
    assert all(words in page for words in ("いま先着で売っています", "4,000円で5,200円分", "残り 318口"))
    assert f"/wallet/get/vouchers/{opened.sale}" in page


def test_the_ring_says_what_was_issued(town: Town) -> None:
    town.give("premium", 3000)
    town.give("points", 120)
    assert "3,120" in Client().get("/", {"lang": "ja"}).content.decode()


def test_each_programme_shows_its_document_and_sources(town: Town) -> None:
    for each in programmes.programmes(town.municipality):
        page = Client().get(f"/public/programmes/{each.id}", {"lang": "ja"})
        assert page.status_code == 200
        assert each.name_ja in page.content.decode()
        document = Client().get(f"/public/programmes/{each.id}", {"format": "toml"})
        assert f'code = "{each.code}"' in document.content.decode()


def test_open_data_is_the_same_as_the_books(town: Town) -> None:
    town.give("premium", 3000)
    answer = Client().get("/public/data", {"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    issued = next(row for row in rows if row[0] == "issued_yen")
    assert sum(int(cell) for cell in issued[2:] if cell) == 3000


def test_no_pseudonym_is_shown(town: Town) -> None:
    town.give("premium", 3000)
    for path in PAGES:
        assert str(town.holder) not in Client().get(f"/{path}").content.decode()


def test_a_search_goes_on_over_its_pages_and_shows_every_shop_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 1)
    by = Actor(town.municipality, ActorRole.SYSTEM)
    for name in ("みなと屋", "さくら", "みなと軒"):
        register_shop(ShopEntry(name_ja=name, name_en=name, trade="58", area="a"), by=by, at=town.at)
    seen, address = [], f"/public/shops?{urlencode({'text': 'みなと', 'lang': 'ja'})}"
    while address:
        page = Client().get(address).content.decode()
        seen += re.findall(r"<li><b>(.*?)</b>", page)
        further = re.search(r'href="([^"]*)" rel="next"', page)
        address = f"/public/shops{unescape(further[1])}" if further else ""
    assert seen == ["みなと屋", "みなと軒"]


@pytest.mark.parametrize("bent", ["x", "z" * 36, "0" * 400])
def test_a_bent_cursor_of_the_shops_starts_from_the_beginning(town: Town, bent: str) -> None:
    answer = Client().get("/public/shops", {"after": bent})
    assert answer.status_code == 200
    assert "<li><b>" in answer.content.decode()
