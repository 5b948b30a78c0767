"""The wallet as its holder meets it: every page in both languages, paying by the shop's code, and kind refusals."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import queries as parties
from meguri.tills import queries as tills
from tests.faces.people import browser_of
from tests.town import Town

PAGES = ["", "pay", "get", "get/actions", "history", "shops", "notices", "lost"]


def shop_code(town: Town) -> str:
    shop = parties.shop(town.small_shop, municipality=town.municipality)
    assert shop is not None
    return shop.code


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_in_both_languages(town: Town, phone: Client, language: str) -> None:
    town.give("premium", 3000)
    for path in PAGES:
        answer = phone.get(f"/wallet/{path}", {"lang": language})
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.content.decode()
        assert "架空の町" in answer.content.decode() or "invented" in answer.content.decode().lower()


def test_a_visitor_is_led_to_the_entrance_and_a_clerk_is_told_kindly(town: Town) -> None:
    assert Client().get("/wallet/").status_code == 302
    officer = browser_of(town, town.makers["commerce"].party or UUID(int=0))
    assert officer.get("/wallet/").status_code in (200, 302, 403)  # a person without a role is a holder


def test_the_first_page_shows_what_i_have_by_purse(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    town.give("points", 120)
    page = phone.get("/wallet/").content.decode()
    assert "3,120" in page
    assert "hue-voucher" in page
    assert "hue-point" in page


def test_paying_by_the_shops_code_in_two_decisions(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    town.give("points", 120)
    where = f"/wallet/pay/{shop_code(town)}"
    assert "八百屋まるは" in phone.get(where).content.decode()
    confirm = phone.post(where, {"amount_yen": "1，２８０円"}).content.decode()
    assert "1,280" in confirm
    number = re.search(r'name="number" value="([^"]+)"', confirm)
    assert number is not None
    asked = {"amount_yen": "1280", "number": number[1]}
    assert phone.post(where, asked).status_code == 200
    assert phone.post(where, asked).status_code == 200  # tapped twice
    held = books.balances([town.small_shop], AccountRole.SHOP, municipality=town.municipality)
    assert sum(balance.amount for balance in held) == 1280
    (line,) = tills.till_lines(town.small_shop, municipality=town.municipality)
    assert "1,280" in phone.get(f"/wallet/receipt/{line.posting}").content.decode()
    assert "八百屋まるは" in phone.get("/wallet/history").content.decode()


def test_another_persons_receipt_stays_closed(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    where = f"/wallet/pay/{shop_code(town)}"
    phone.post(where, {"amount_yen": "100", "number": "n1"})
    (line,) = tills.till_lines(town.small_shop, municipality=town.municipality)
    assert browser_of(town, town.other).get(f"/wallet/receipt/{line.posting}").status_code == 404


@pytest.mark.parametrize(("typed", "status"), [("0", 422), ("-5", 422), ("1000000000", 422), ("abc", 422), ("", 422)])
def test_amounts_that_cannot_be_paid_are_refused_on_the_page(
    town: Town, phone: Client, typed: str, status: int
) -> None:
    town.give("premium", 3000)
    answer = phone.post(f"/wallet/pay/{shop_code(town)}", {"amount_yen": typed})
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()


def test_too_little_money_is_said_before_paying(town: Town, phone: Client) -> None:
    town.give("premium", 300)
    confirm = phone.post(f"/wallet/pay/{shop_code(town)}", {"amount_yen": "1000"}).content.decode()
    assert "700" in confirm
    assert 'name="number"' not in confirm


def test_a_lost_phone_stops_and_goes_on(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    phone.post("/wallet/lost")
    assert "止めています" in phone.get("/wallet/", {"lang": "ja"}).content.decode()
    assert phone.get("/wallet/pay").status_code == 409
    phone.post("/wallet/open")
    assert phone.get("/wallet/pay").status_code == 200


def test_a_code_of_another_host_is_refused(phone: Client) -> None:
    answer = phone.get("/wallet/pay/to", {"code": "https://evil.example/m/123456789012"})
    assert answer.status_code == 422
