"""The wallet as its holder meets it: every page in both languages, what it holds, where to spend it, a lost phone."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.parties import operations as parties
from meguri.wallets import operations as wallets
from meguri.words.actor import ActorRole
from tests.faces.people import browser_of
from tests.faces.resident.conftest import pressed, seen, shop_code, turn_clock, words
from tests.town import Town

PAGES = ["", "pay", "get", "get/actions", "get/missions", "get/code", "gifts", "gift", "history", "debt", "shops",
         "notices", "notices/expiry", "lost"]  # fmt: skip
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
OWN_NAMES = re.compile(r"試験町|八百屋まるは|大市マート|日本語")
"""What stays Japanese on an English page: names that the small town has in no other language, and the way back."""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_in_both_languages(town: Town, phone: Client, language: str) -> None:
    town.give("premium", 3000)
    for path in PAGES:
        answer = phone.get(f"/wallet/{path}", {"lang": language})
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.content.decode()
        assert "架空の町" in answer.content.decode() or "invented" in answer.content.decode().lower()


def test_an_english_page_is_english(town: Town, phone: Client) -> None:
    for code, yen in (("premium", 3000), ("points", 120), ("bonus", 2500)):
        town.give(code, yen)
    for path in [*PAGES, f"pay/{shop_code(town)}"]:
        main = phone.get(f"/wallet/{path}", {"lang": "en"}).content.decode().split('<main id="main"')[1]
        left = OWN_NAMES.sub("", words(main.split("</main>")[0]))
        assert not JAPANESE.search(left), (path, JAPANESE.findall(left))


def test_a_visitor_is_led_to_the_entrance_and_back(town: Town) -> None:
    for path in PAGES:
        answer = Client().get(f"/wallet/{path}")
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/enter/"), path
        assert f"/wallet/{path}" in answer["Location"].replace("%2F", "/"), path


def test_a_person_without_a_role_is_a_holder_and_sees_nothing_of_others(town: Town) -> None:
    town.give("premium", 3000)
    officer = browser_of(town, town.makers["commerce"].party or UUID(int=0))
    answer = officer.get("/wallet/")
    assert answer.status_code in (200, 302, 403)
    assert "3,000" not in answer.content.decode()


def test_the_first_page_shows_what_i_have_by_purse(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    town.give("points", 120)
    page = phone.get("/wallet/").content.decode()
    assert "3,120" in page
    assert "hue-voucher" in page
    assert "hue-point" in page
    assert "円" in words(page)
    english = seen(phone, "", lang="en")
    assert "3,120" in english
    assert "What I have" in english


def test_an_empty_wallet_says_how_to_fill_it(phone: Client) -> None:
    assert "まだお金が入っていません" in seen(phone, "")
    assert "まだお金は動いていません" in seen(phone, "history")


def test_what_cannot_be_spent_yet_says_from_when(town: Town, phone: Client) -> None:
    town.give("bonus", 2500)
    turn_clock(town, town.at - timedelta(days=20))
    told = seen(phone, "")
    assert "から使えます" in told
    assert "2,500" in told


def test_what_has_expired_is_folded_away_and_not_counted(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    turn_clock(town, town.at + timedelta(days=120))
    told = seen(phone, "")
    assert "期限が切れたもの" in told
    assert "まだお金が入っていません" in told


def test_a_newcomer_opens_the_wallet_first(town: Town) -> None:
    newcomer = uuid4()
    browser = browser_of(town, newcomer)
    assert "財布を開きましょう" in seen(browser, "")
    assert browser.get("/wallet/open").status_code == 405
    assert browser.post("/wallet/open")["Location"] == "/wallet/"
    assert "財布を開きましょう" not in seen(browser, "")


# --- a lost phone --------------------------------------------------------------------------------------------------


def test_a_lost_phone_stops_and_goes_on(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    assert "支払いをすぐに止めます" in seen(phone, "lost")
    assert phone.post("/wallet/lost")["Location"] == "/wallet/"
    told = seen(phone, "")
    assert "止めています" in told
    assert "お金は守られています" in told
    assert "3,000" in told
    assert phone.get("/wallet/pay")["Location"] == "/wallet/", "where the button stands with which one goes on"
    phone.post("/wallet/open")
    assert phone.get("/wallet/pay").status_code == 200
    assert "止めています" not in seen(phone, "")


def test_a_stopped_wallet_pays_nowhere_but_receives(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    where = f"/wallet/pay/{shop_code(town)}"
    press = pressed(phone, where, 100, number="n")
    phone.post("/wallet/lost")
    answer = phone.post(where, press)
    assert answer.status_code == 409
    assert "停止中" in words(answer.content.decode())
    town.give("points", 50)
    assert "3,050" in seen(phone, "")


def test_what_the_town_stopped_the_button_does_not_lift(town: Town, phone: Client) -> None:
    officer = town.actor(ActorRole.CHECKER, department="commerce")
    wallets.suspend(town.holder, because="suspected fraud", by=officer, at=town.at)
    phone.post("/wallet/open")
    assert phone.get("/wallet/pay")["Location"] == "/wallet/"
    assert phone.get("/wallet/pay/code").status_code == 409
    assert "suspected fraud" not in phone.get("/wallet/").content.decode()


@pytest.mark.parametrize(
    ("language", "go_on", "ask"),
    [
        ("ja", "この電話で続ける", "町の窓口でおたずねください"),
        ("en", "Go on with this phone", "ask at the town's desk"),
    ],
)
def test_going_on_is_offered_only_where_it_works(
    town: Town, phone: Client, language: str, go_on: str, ask: str
) -> None:
    town.give("premium", 3000)
    phone.post("/wallet/lost")
    mine = seen(phone, "", lang=language)
    assert go_on in mine
    assert ask not in mine
    phone.post("/wallet/open")
    officer = town.actor(ActorRole.CHECKER, department="commerce")
    wallets.suspend(town.holder, because="suspected fraud", by=officer, at=town.at)
    towns = seen(phone, "", lang=language)
    assert go_on not in towns
    assert ask in towns
    assert "3,000" in towns
    assert 'action="/wallet/open"' not in phone.get("/wallet/").content.decode()
    wallets.resume(town.holder, by=officer)
    assert ask not in seen(phone, "", lang=language)


# --- shops ---------------------------------------------------------------------------------------------------------


def test_shops_are_found_by_name_and_area(town: Town, phone: Client) -> None:
    everything = seen(phone, "shops")
    assert "八百屋まるは" in everything
    assert "大市マート" in everything
    some = seen(phone, "shops", text="まるは")
    assert "八百屋まるは" in some
    assert "大市マート" not in some
    assert "見つかりませんでした" in seen(phone, "shops", text="ない店", area="minato")
    assert "Nothing found" in seen(phone, "shops", text="x" * 500, lang="en")


def test_a_shop_that_left_is_not_offered(town: Town, phone: Client) -> None:
    parties.set_shop_status(town.large_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
    assert "大市マート" not in seen(phone, "shops")


def test_shops_are_turned_by_cursor_with_the_search_kept(
    town: Town, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.faces.resident.home.PAGE", 1)
    first = phone.get("/wallet/shops", {"area": "minato"}).content.decode()
    further = re.search(r'href="(\?after=[^"]+)" rel="next"', first)
    assert further is not None
    assert "area=minato" in further[1]
    second = phone.get("/wallet/shops" + further[1].replace("&amp;", "&")).content.decode()
    links = [re.findall(r'class="move__what"><a href="([^"]+)"', page) for page in (first, second)]
    assert len(links[0]) == len(links[1]) == 1
    assert links[0] != links[1]


# --- history -------------------------------------------------------------------------------------------------------


def test_history_is_turned_by_cursor_and_an_odd_cursor_is_the_beginning(
    town: Town, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.faces.resident.home.PAGE", 2)
    for yen in (11, 22, 33):
        town.give("points", yen)
    first = phone.get("/wallet/history").content.decode()
    assert "+33" in words(first).replace(" ", "")
    assert "+11" not in words(first).replace(" ", "")
    further = re.search(r'href="(\?after=[^"]+)" rel="next"', first)
    assert further is not None
    assert "+11" in words(phone.get("/wallet/history" + further[1]).content.decode()).replace(" ", "")
    assert "+33" in seen(phone, "history", after="yesterday").replace(" ", "")


def test_history_is_my_own(town: Town, phone: Client, neighbour: Client) -> None:
    town.give("points", 77)
    assert "77" in seen(phone, "history")
    assert "まだお金は動いていません" in seen(neighbour, "history")
