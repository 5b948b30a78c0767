"""The small town, committed (paying works on threads of its own), at the moment its clock says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from uuid import UUID

import pytest
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties_done
from meguri.parties import queries as parties
from meguri.parties.rules import Both
from meguri.programmes.points import operations as points
from meguri.tills import operations
from meguri.words.clock import now
from tests.faces.office.lived import DEPARTMENTS, LONG_AGO, Office
from tests.faces.people import browser_of
from tests.town import Town, found_town


def turn_clock(town: Town, at: datetime) -> None:
    """Let the town's clock say this moment."""
    town.at = at
    set_clock_offset(municipality=town.municipality, offset=at - now())


def words(page: str) -> str:
    """What a reader sees of a page, readings left out: tags gone, spaces single."""
    plain = re.sub(r"<rt>.*?</rt>|<rp>.*?</rp>|<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", plain)))


def seen(browser: Client, path: str, **query: str) -> str:
    """The words of a page of the wallet that opens."""
    answer = browser.get(f"/wallet/{path}", query)
    assert answer.status_code == 200, (path, answer.status_code)
    return words(answer.content.decode())


HIDDEN = re.compile(r'<input type="hidden" name="(amount_yen|number|shown)" value="([^"]*)"')


def pressed(phone: Client, where: str, yen: int, *, number: str) -> dict[str, str]:
    """What the button of the page of what would pay sends."""
    page = phone.get(where, {"amount_yen": str(yen), "number": number}).content.decode()
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


def pay(phone: Client, where: str, yen: int, *, number: str = "n1") -> None:
    """Pay as somebody does who looks first."""
    assert phone.post(where, pressed(phone, where, yen, number=number)).status_code == 302


def shop_code(town: Town) -> str:
    shop = parties.shop(town.small_shop, municipality=town.municipality)
    assert shop is not None
    return shop.code


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    found = found_town()
    turn_clock(found, found.at)
    yield found
    operations.stop()


@pytest.fixture
def office(town: Town) -> Office:
    """The same town with its departments and officers who act for it."""
    found = Office(town)
    for code, (ja, en) in DEPARTMENTS.items():
        parties_done.open_department(code=code, name_ja=ja, name_en=en, by=found.system, at=LONG_AGO)
    return found


@pytest.fixture
def phone(town: Town) -> Client:
    """The holder's phone."""
    return browser_of(town, town.holder)


@pytest.fixture
def neighbour(town: Town) -> Client:
    """Another resident's phone."""
    return browser_of(town, town.other)


@pytest.fixture
def deeds(town: Town, office: Office) -> dict[str, UUID]:
    """Walking (a device), taking the bus (a code at the stop), a health check (a member of staff)."""
    maker, programme = office.officer("maker:planning"), office.programme("point")
    made = {
        code: points.open_action(programme=programme, code=code, by=maker, at=town.at)
        for code in ("walk", "bus", "check-up")
    }
    points.open_place(action=made["bus"], name=Both("駅前の停留所", "Bus stop"), by=maker, at=town.at)
    return made
