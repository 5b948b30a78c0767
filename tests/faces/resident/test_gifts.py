"""Giving by a code on two phones: made, shown, handed on, seen before it is taken, taken once, had back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page

from meguri.tills import operations as tills
from meguri.wallets import operations as wallets
from meguri.wallets import queries
from meguri.wallets.gift_codes import code_of
from meguri.wallets.tasks import return_gifts
from meguri.words.signs import WRONG_MOST
from tests.browsers import running_chromium
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, turn_clock, words
from tests.faces.resident.test_browser import LOW, opened, shot
from tests.faces.resident.test_pages import JAPANESE, OWN_NAMES
from tests.town import Town, found_town
from tests.wallets.giving import documents

PATHS = ("gifts", "gift")
NOBODYS = "0199a2dc-bf80-7000-8021-3e7c660952d7"
"""A purse kind that nobody has."""


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    """A town whose vouchers and points can be given."""
    found = found_town(documents())
    turn_clock(found, found.at)
    found.give("paid", 10_000)
    found.give("points", 1_200)
    yield found
    tills.stop()


@pytest.fixture
def phones(phone: Client, neighbour: Client) -> tuple[Client, Client]:
    return phone, neighbour


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def purse_of(page: str, name: str) -> str:
    """The value of the choice that stands beside this name."""
    found = re.search(rf'value="([^"]+)"[^>]*><span>[^<]*{name}', page)
    assert found, words(page)
    return unescape(found[1])


def make(phone: Client, yen: str, *, name: str = "購入分", number: str = "", lang: str = "ja") -> tuple[int, str]:
    """Fill the form in and send it: the status after any redirect, and the page."""
    page = phone.get("/wallet/gifts?lang=ja").content.decode()
    form = {"purse": purse_of(page, name), "amount_yen": yen, "number": number or str(uuid4())}
    answer = phone.post(f"/wallet/gifts?lang={lang}", form, follow=True)
    return answer.status_code, answer.content.decode()


def made(phone: Client, yen: str, **asked: str) -> str:
    """The code of a gift that was made."""
    status, page = make(phone, yen, **asked)
    assert status == 200
    found = re.search(r'code__words">([A-Z2-9-]{19})<', page)
    assert found, words(page)
    return found[1]


def enter(phone: Client, code: str, *, do: str = "look", lang: str = "ja") -> tuple[int, str]:
    answer = phone.post(f"/wallet/gift?lang={lang}", {"code": code, "do": do}, follow=True)
    return answer.status_code, answer.content.decode()


def total(town: Town, who: UUID) -> int:
    found = queries.wallet(who, municipality=town.municipality, at=town.at)
    assert found is not None
    return found.total_yen


# --- from one phone to the other --------------------------------------------------------------------------------------


def test_a_gift_from_one_phone_to_the_other(town: Town, phone: Client, neighbour: Client) -> None:
    status, page = make(phone, "3,000")
    assert status == 200
    told = words(page)
    assert "このコードを相手に渡してください" in told
    assert "3,000" in told
    assert "売り買いではありません" in told
    code = re.search(r'code__words">([A-Z2-9-]{19})<', page)
    assert code
    assert f"/wallet/gift#c={code[1]}" in page
    assert "<svg" in page
    assert total(town, town.holder) == 8_200
    status, page = enter(neighbour, code[1])
    assert status == 200
    for said in ("この贈り物を受け取りますか", "3,000", "贈った人が払った分", "売り買いではありません",
                 "1月31日(土)まで", "受け取れるのは2025年11月18日"):
        assert said in words(page), said
    assert total(town, town.other) == 0, "seen, not taken"
    status, page = enter(neighbour, code[1], do="take")
    assert "3,000円が財布に入りました" in words(page)
    assert (total(town, town.holder), total(town, town.other)) == (8_200, 3_000)


def test_both_histories_tell_it_and_nobody_s_name(town: Town, phone: Client, neighbour: Client) -> None:
    enter(neighbour, made(phone, "500"), do="take")
    gave, got = seen(phone, "history"), seen(neighbour, "history")
    assert "贈り物を用意" in gave
    assert "贈り物を受け取り" in got
    for page in (gave, got, seen(phone, "notices"), seen(phone, "gifts")):
        assert str(town.other) not in page
        assert str(town.holder) not in page


def test_taking_twice_brings_it_once_and_says_so(town: Town, phone: Client, neighbour: Client) -> None:
    code = made(phone, "500")
    enter(neighbour, code, do="take")
    status, page = enter(neighbour, code.lower(), do="take")
    assert status == 200
    assert "前にあなたが受け取っています" in words(page)
    assert total(town, town.other) == 500
    (status, page) = enter(phone, code)
    assert status == 409
    assert "もう受け取られています" in words(page)


def test_it_is_had_back_and_its_code_is_of_no_use_then(town: Town, phone: Client, neighbour: Client) -> None:
    code = made(phone, "1000")
    gift = queries.gifts(town.holder, municipality=town.municipality, at=town.at)[0].id
    told = words(phone.post(f"/wallet/gifts/{gift}/back", follow=True).content.decode())
    assert "財布にもどりました" in told
    assert code not in told
    assert total(town, town.holder) == 11_200
    status, page = enter(neighbour, code, do="take")
    assert status == 409
    assert "もう受け取れません" in words(page)


def test_who_wants_it_back_too_late_is_told_kindly(town: Town, phone: Client, neighbour: Client) -> None:
    code = made(phone, "1000")
    gift = queries.gifts(town.holder, municipality=town.municipality, at=town.at)[0].id
    enter(neighbour, code, do="take")
    answer = phone.post(f"/wallet/gifts/{gift}/back")
    assert answer.status_code == 409
    assert "取りもどせませんでした" in words(answer.content.decode())


def test_what_nobody_takes_stands_in_the_list_until_it_is_back(town: Town, phone: Client) -> None:
    code = made(phone, "500")
    turn_clock(town, town.at + timedelta(days=8))
    assert "まもなくもどります" in seen(phone, "gifts")
    gift = queries.gifts(town.holder, municipality=town.municipality, at=town.at)[0].id
    page = seen(phone, f"gifts/{gift}")
    assert "受け取る人がいませんでした" in page
    assert code not in page
    return_gifts(municipality=town.municipality, at=town.at)
    assert "財布にもどりました" in seen(phone, "gifts")
    assert "贈り物がもどりました" in seen(phone, "notices")


# --- carelessness -----------------------------------------------------------------------------------------------------


def test_a_form_sent_twice_makes_one_gift(town: Town, phone: Client) -> None:
    assert made(phone, "500", number="n1") == made(phone, "500", number="n1")
    assert total(town, town.holder) == 10_700


@pytest.mark.parametrize(("yen", "status", "said"), [
    ("", 422, "まだ"), ("750", 422, "500円ごと"), ("9000", 422, "5,000円まで"), ("五百", 422, "金額"),
    ("0", 422, "円"), ("-500", 422, "円"),
])  # fmt: skip
def test_a_wrong_amount_is_refused_with_what_was_typed(
    town: Town, phone: Client, yen: str, status: int, said: str
) -> None:
    found, page = make(phone, yen)
    assert found == status
    assert "コードはつくっていません" in words(page)
    assert said in words(page) or yen == ""
    assert not yen or f'value="{yen}"' in page
    assert total(town, town.holder) == 11_200


def test_too_much_for_one_purse_says_what_there_is(town: Town, phone: Client) -> None:
    status, page = make(phone, "1500", name="ポイント")
    assert status == 409
    assert "1,200" in words(page) or "1200" in words(page)


@pytest.mark.parametrize("purse", ["", "x", f"{NOBODYS} ", f"{NOBODYS} yesterday", f"{NOBODYS} 2026-01-31T00:00:00",
                                   f"{NOBODYS} 0001-01-01T00:00:00"])  # fmt: skip
def test_a_purse_that_is_none_gives_nothing(town: Town, phone: Client, purse: str) -> None:
    answer = phone.post("/wallet/gifts", {"purse": purse, "amount_yen": "500", "number": "1"})
    assert answer.status_code == 409
    assert "贈れません" in words(answer.content.decode())
    assert total(town, town.holder) == 11_200


def test_other_people_s_gifts_are_not_there(town: Town, phone: Client, neighbour: Client) -> None:
    made(phone, "500")
    gift = queries.gifts(town.holder, municipality=town.municipality, at=town.at)[0].id
    assert neighbour.get(f"/wallet/gifts/{gift}").status_code == 404
    assert neighbour.post(f"/wallet/gifts/{gift}/back").status_code == 404
    assert neighbour.get(f"/wallet/gift/{gift}")["Location"] == "/wallet/gift"
    assert phone.get(f"/wallet/gift/{gift}")["Location"] == "/wallet/gift", "nor did I receive what I gave"


def test_wrong_codes_are_counted_over_requests(town: Town, phone: Client, neighbour: Client) -> None:
    code = made(phone, "500")
    for left in range(WRONG_MOST - 1, -1, -1):
        status, page = enter(neighbour, "2345-6789-ABCD-EFGH")
        assert (status, f"あと{left}回" in words(page)) == (404, True)
    status, page = enter(neighbour, code)
    assert (status, "60分後" in words(page)) == (429, True)
    assert total(town, town.other) == 0


def test_a_code_that_is_none_comes_back_in_its_field(town: Town, neighbour: Client) -> None:
    status, page = enter(neighbour, "AB<CD>")
    assert status == 422
    assert 'value="AB&lt;CD&gt;"' in page
    assert 'aria-invalid="true"' in page


def test_a_lost_phone_s_codes_stop(town: Town, phone: Client, neighbour: Client) -> None:
    code = made(phone, "500")
    wallets.report_lost_phone(town.holder, by=town.resident, at=town.at)
    status, page = enter(neighbour, code)
    assert status == 409
    assert "いま止められています" in words(page)
    assert "いま人に贈れるお金はありません" in seen(phone, "gifts")


def test_who_is_no_resident_is_refused_kindly(town: Town, phone: Client) -> None:
    outsider = uuid4()
    wallets.open_wallets([outsider], by=town.actor(next(iter(town.makers.values())).role), at=town.at)
    status, page = enter(browser_of(town, outsider), made(phone, "500"))
    assert status == 403
    assert "町の住民だけ" in words(page)


# --- ways there, languages, screens -----------------------------------------------------------------------------------


def test_the_ways_stand_only_where_something_can_be_given(town: Town, phone: Client, neighbour: Client) -> None:
    assert "人に贈る" in seen(phone, "")
    assert "人に贈る" not in seen(neighbour, "")
    assert "贈り物をコードで受け取る" in seen(neighbour, "get")


@pytest.mark.django_db(transaction=True)
def test_no_way_stands_in_a_town_whose_terms_are_silent(transactional_db: None) -> None:
    silent = found_town()
    turn_clock(silent, silent.at)
    silent.give("paid", 1_000)
    mine = browser_of(silent, silent.holder)
    assert "贈" not in seen(mine, "") + seen(mine, "get")
    assert "いま人に贈れるお金はありません" in seen(mine, "gifts")


def test_all_of_it_is_english_too(town: Town, phone: Client, neighbour: Client) -> None:
    _, page = make(phone, "500", lang="en")
    code = re.search(r'code__words">([A-Z2-9-]{19})<', page)
    assert code
    shown = enter(neighbour, code[1], lang="en")[1]
    wrong = enter(neighbour, "2345-6789-ABCD-EFGH", lang="en")[1]
    taken = enter(neighbour, code[1], do="take", lang="en")[1]
    lists = phone.get("/wallet/gifts", {"lang": "en"}).content.decode()
    for each in (page, shown, wrong, taken, lists):
        main = each.split('<main id="main"')[1].split("</main>")[0]
        left = OWN_NAMES.sub("", words(main))
        assert not JAPANESE.search(left), JAPANESE.findall(left)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_whole_of_it_in_a_browser(
    live_server: object, chromium: Browser, town: Town, phones: tuple[Client, Client], width: int
) -> None:
    """By keyboard and touch: the code goes from one screen to the other by its link, signed in; axe finds nothing."""
    mine, theirs = (opened(chromium, str(live_server), each, width=width) for each in phones)

    def good(page: Page, name: str) -> None:
        shot(page, f"gift-{width}-{name}")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), name
        assert page.evaluate(LOW) == [], name

    mine.goto(f"{live_server}/wallet/?lang=ja")
    mine.get_by_role("link", name="人に贈る").click()
    good(mine, "make")
    mine.get_by_label("いくら贈りますか").fill("2,000")
    mine.keyboard.press("Enter")
    mine.get_by_text("このコードを相手に渡してください").wait_for()
    good(mine, "code")
    link = mine.locator(".gift-link").inner_text()
    theirs.goto(f"{live_server}{link[link.index('/wallet/') :]}")
    field = theirs.get_by_label("もらったコード(16文字)")
    assert field.input_value() == link[-19:], "the link has brought it"
    assert link[-19:] not in theirs.url, "and the address no longer shows it"
    good(theirs, "field")
    theirs.get_by_role("button", name="中身を見る").click()
    theirs.get_by_text("この贈り物を受け取りますか").wait_for()
    good(theirs, "shown")
    theirs.get_by_role("button", name="2,000円を受け取る").click()
    theirs.get_by_text("財布に入りました").wait_for()
    good(theirs, "taken")
    mine.reload()
    mine.get_by_role("heading", name="受け取られました").wait_for()
    good(mine, "given")
    mine.goto(f"{live_server}/wallet/gifts")
    good(mine, "list")
    assert (total(town, town.holder), total(town, town.other)) == (9_200, 2_000)


def test_the_qr_s_address_is_the_official_one(town: Town, phone: Client, settings: object) -> None:
    settings.OFFICIAL_HOST = "machi.example.lg.jp"  # type: ignore[attr-defined]
    code = made(phone, "500")
    gift = queries.gifts(town.holder, municipality=town.municipality, at=town.at)[0]
    assert gift.link == f"https://machi.example.lg.jp/wallet/gift#c={code}"
    assert code == code_of(gift.id, town.municipality)
    assert Path(gift.link).name.startswith("gift#c=")
