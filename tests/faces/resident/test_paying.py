"""Paying by the shop's code: two decisions with addresses of their own, once, and kindly refused."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from meguri.faces.merchant.days import REASONS
from meguri.faces.resident.paying import REFUND_WORDS_EN
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.tills import operations
from meguri.tills import queries as tills
from meguri.tills.codes import ShopCode
from meguri.words.actor import ActorRole
from tests.faces.resident.conftest import pay, pressed, seen, shop_code, turn_clock, words
from tests.town import Town

NUMBER = re.compile(r'name="number" value="([^"]+)"')


@pytest.fixture
def where(town: Town) -> str:
    """The address of the small shop, from a phone with money of two departments."""
    town.give("premium", 3000)
    town.give("points", 120)
    return f"/wallet/pay/{shop_code(town)}"


def taken(town: Town) -> int:
    held = books.balances([town.small_shop], AccountRole.SHOP, municipality=town.municipality)
    return sum(balance.amount for balance in held)


def newest(town: Town) -> UUID:
    return tills.till_lines(town.small_shop, municipality=town.municipality)[0].posting


def number_of(page: str) -> str:
    found = NUMBER.search(page)
    assert found is not None
    return found[1]


def test_paying_in_two_decisions(town: Town, phone: Client, where: str) -> None:
    first = phone.get(where).content.decode()
    assert "八百屋まるは" in first
    number = number_of(first)
    confirm = phone.get(where, {"amount_yen": "1，２８０円", "number": number}).content.decode()
    assert "1,280円を払う" in words(confirm)
    assert number_of(confirm) == number
    answer = phone.post(where, pressed(phone, where, 1_280, number=number))
    assert answer.status_code == 302
    assert answer["Location"] == f"/wallet/paid/{newest(town)}"
    sheet = words(phone.get(answer["Location"]).content.decode())
    assert "お支払いできました" in sheet
    assert "1,280" in sheet
    assert "八百屋まるは" in sheet
    assert taken(town) == 1_280
    assert "八百屋まるは" in seen(phone, "history")


def test_a_double_tap_and_a_lost_reply_are_one_payment(town: Town, phone: Client, where: str) -> None:
    asked = pressed(phone, where, 500, number=str(uuid4()))
    places = {phone.post(where, asked)["Location"] for _ in range(3)}
    assert places == {f"/wallet/paid/{newest(town)}"}
    assert taken(town) == 500


def test_going_back_after_paying_pays_nothing_and_says_so(town: Town, phone: Client, where: str) -> None:
    asked = {"amount_yen": "500", "number": str(uuid4())}
    pay(phone, where, 500, number=asked["number"])
    back = phone.get(where, asked)
    assert back.status_code == 200
    assert "この支払いは済んでいます" in words(back.content.decode())
    assert f"/wallet/receipt/{newest(town)}" in back.content.decode()
    assert number_of(back.content.decode()) != asked["number"]
    assert taken(town) == 500
    assert "This payment has been made" in words(phone.get(where, asked | {"lang": "en"}).content.decode())


def test_the_number_of_a_payment_pays_no_other_amount(town: Town, phone: Client, where: str) -> None:
    number = str(uuid4())
    less, more = (pressed(phone, where, yen, number=number) for yen in (500, 700))
    phone.post(where, less)
    answer = phone.post(where, more)
    assert answer.status_code == 409
    assert taken(town) == 500
    assert number_of(answer.content.decode()) != number


def test_a_request_without_a_number_is_asked_first(town: Town, phone: Client, where: str) -> None:
    answer = phone.post(where, {"amount_yen": "1,280"})
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["amount_yen"] == ["1280"]
    assert UUID(query["number"][0])
    assert taken(town) == 0


def test_the_sheet_is_shown_while_it_is_fresh(town: Town, phone: Client, where: str) -> None:
    pay(phone, where, 100)
    sheet = f"/wallet/paid/{newest(town)}"
    assert phone.get(sheet)["Cache-Control"].count("no-store") == 1
    turn_clock(town, town.at + timedelta(minutes=11))
    assert phone.get(sheet)["Location"] == f"/wallet/receipt/{newest(town)}"


def test_what_is_mine_is_only_mine(town: Town, phone: Client, neighbour: Client, where: str) -> None:
    pay(phone, where, 100)
    for path in (f"receipt/{newest(town)}", f"paid/{newest(town)}"):
        answer = neighbour.get(f"/wallet/{path}")
        assert answer.status_code == 404, path
        assert "八百屋まるは" not in answer.content.decode()
    assert "100" in seen(phone, f"receipt/{newest(town)}")


@pytest.mark.parametrize(("language", "said"), [("ja", "りれきから選んでください"), ("en", "from your history")])
def test_an_unknown_receipt_is_told_in_the_residents_words(phone: Client, language: str, said: str) -> None:
    answer = phone.get(f"/wallet/receipt/{uuid4()}", {"lang": language})
    assert answer.status_code == 404
    assert said in words(answer.content.decode())
    assert "「今日」の一覧" not in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "金額を入力してください"), ("0", "1円以上"), ("-5", "1円以上"), ("1000000000", "以下で入力してください"),
        ("9" * 23, "以下で入力してください"), ("abc", "金額として読めません"), ("12.5", "金額として読めません"),
    ],
)  # fmt: skip
def test_amounts_that_cannot_be_paid_are_refused_on_the_page(
    town: Town, phone: Client, where: str, typed: str, said: str
) -> None:
    for answer in (
        phone.get(where, {"amount_yen": typed}), phone.post(where, {"amount_yen": typed, "number": "n"}),
    ):  # fmt: skip
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
        assert said in words(answer.content.decode())
        assert f'value="{typed}"' in answer.content.decode() or not typed
    assert taken(town) == 0


def test_too_little_money_is_said_before_paying_and_the_rest_offered(town: Town, phone: Client, where: str) -> None:
    page = phone.get(where, {"amount_yen": "60283", "number": "n"}).content.decode()
    assert "57,163円足りません" in words(page)
    assert "3,120円だけ払う" in words(page)
    assert 'method="post"' not in page.split("<main")[1].split("</main>")[0]
    english = words(phone.get(where, {"amount_yen": "60283", "lang": "en"}).content.decode())
    assert "¥57,163 short" in english
    assert "Pay only ¥3,120" in english
    pay(phone, where, 3120, number="n")
    assert taken(town) == 3_120
    empty = words(phone.get(where, {"amount_yen": "10", "lang": "ja"}).content.decode())
    assert "この店で使えるお金がありません" in empty
    assert "だけ払う" not in empty


def test_paying_more_than_there_is_is_only_asked(town: Town, phone: Client, where: str) -> None:
    answer = phone.post(where, {"amount_yen": "5000", "number": "n"}, follow=True)
    assert "1,880円足りません" in words(answer.content.decode())
    assert taken(town) == 0


def test_the_order_of_spending_is_shown_before_paying(town: Town, phone: Client, where: str) -> None:
    """The voucher ends before the points do, so it goes first; only what it lacks comes from the points."""
    page = phone.get(where, {"amount_yen": "3050"}).content.decode()
    purses = re.findall(r'class="purse hue-(\w+)', page)
    told = words(page.split('class="purses"')[1].split("</main>")[0])
    assert len(purses) == 2
    figures = [int(text.replace(",", "")) for text in re.findall(r"([\d,]+) ?円", told)[:2]]
    assert sum(figures) == 3_050
    held = {"voucher": 3_000, "point": 120}
    assert figures[0] == held[purses[0]], "the first purse is emptied before the second is touched"


def test_a_split_that_changed_before_the_press_is_shown_again_and_asked(town: Town, phone: Client, where: str) -> None:
    """The voucher is spent elsewhere between looking and pressing: the same sum from other money is not paid unseen."""
    town.give("bonus", 3_000)
    press = pressed(phone, where, 3_100, number="n1")
    pay(phone, where, 2_000, number="n2")
    again = phone.post(where, press)
    page = again.content.decode()
    assert again.status_code == 409
    assert "払い方が変わりました" in words(page)
    assert "まだ払っていません" in words(page)
    assert taken(town) == 2_000
    assert number_of(page) == "n1"
    anew = pressed(phone, where, 3_100, number="n1")
    assert anew["shown"] in page
    assert anew["shown"] != press["shown"]
    paid = {phone.post(where, each)["Location"] for each in (anew, anew, press)}  # the old press finds what was made
    assert paid == {f"/wallet/paid/{newest(town)}"}
    assert taken(town) == 5_100


def test_a_voucher_that_ran_out_before_the_press_is_not_replaced_unseen(town: Town, phone: Client, where: str) -> None:
    town.give("bonus", 3_000)
    page = phone.get(where, {"amount_yen": "2000", "number": "n"}).content.decode()
    press = pressed(phone, where, 2_000, number="n")
    first = re.findall(r'class="purse__until".*?</span>', page)[0]
    assert "まで" in first
    shown = operations.quote_payment(
        by=town.resident, at=town.at, holder=town.holder, shop=town.small_shop, amount_yen=2_000
    ).shown
    assert shown[0].until is not None
    turn_clock(town, shown[0].until)
    assert phone.post(where, press).status_code == 409
    assert taken(town) == 0


@pytest.mark.parametrize("seal", ["", "nonsense", "n2"])
def test_a_press_pays_only_what_was_shown_to_it(town: Town, phone: Client, where: str, seal: str) -> None:
    """Without a seal, with a broken one, or with that of another payment it is only asked."""
    press = pressed(phone, where, 500, number="n1")
    other = pressed(phone, where, 500, number="n2")["shown"] if seal == "n2" else seal
    answer = phone.post(where, press | {"shown": other})
    assert urlsplit(answer["Location"]).query == "amount_yen=500&number=n1"
    assert taken(town) == 0


def test_a_refund_says_when_and_why_in_the_readers_language(town: Town, phone: Client, where: str) -> None:
    pay(phone, where, 640)
    payment = newest(town)
    clean = seen(phone, f"receipt/{payment}")
    assert "返金されました" not in clean
    operations.refund_payment(
        by=town.at_small_shop, at=town.at, shop=town.small_shop, payment=payment, reason="商品が返された: 卵のパック"
    )
    told = seen(phone, f"receipt/{payment}")
    assert "返金されました" in told
    assert "商品が返された: 卵のパック" in told
    assert "11月12日" in told
    english = seen(phone, f"receipt/{payment}", lang="en")
    assert "Goods came back: 卵のパック" in english
    assert phone.get(f"/wallet/paid/{payment}")["Location"] == f"/wallet/receipt/{payment}"
    assert "3,120" in seen(phone, "")
    assert seen(phone, "history").count("640") == 2


def test_reasons_of_refunds_are_known_in_english_wherever_they_are_read() -> None:
    assert {ja: en for _, ja, en in REASONS} == REFUND_WORDS_EN


def test_a_shop_that_is_closed_takes_nothing(town: Town, phone: Client, where: str) -> None:
    press = pressed(phone, where, 100, number="n")
    parties.set_shop_status(town.small_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
    answer = phone.post(where, press)
    assert answer.status_code == 409
    assert taken(town) == 0


# --- codes ---------------------------------------------------------------------------------------------------------


def test_the_code_for_the_till_is_fresh_each_time_and_kept_nowhere(town: Town, phone: Client, where: str) -> None:
    pages = [phone.get("/wallet/pay") for _ in range(2)]
    shown = [re.search(r"\d{5}(?: \d{5}){5}", page.content.decode()) for page in pages]
    assert shown[0] is not None
    assert shown[1] is not None
    assert shown[0][0] != shown[1][0]
    assert all("no-store" in page["Cache-Control"] for page in pages)
    part = phone.get("/wallet/pay/code").content.decode()
    assert "<html" not in part
    assert "data-until" in part


def test_a_shops_number_leads_to_the_shop(town: Town, phone: Client) -> None:
    code = shop_code(town)
    spaced = " ".join(code[start : start + 4] for start in range(0, 12, 4))
    for typed in (code, spaced, ShopCode(code).link(settings.OFFICIAL_HOST)):
        assert phone.get("/wallet/pay/to", {"code": typed})["Location"] == f"/wallet/pay/{code}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("https://evil.example/m/123456789012", "支払わずに"), ("12", "読み取れませんでした"),
        ("", "お店の番号がまだです"), ("  ", "お店の番号がまだです"), ("123456789012", "違っています"),
        ("<script>", "読み取れませんでした"),
    ],
)  # fmt: skip
def test_other_codes_are_refused(phone: Client, typed: str, said: str) -> None:
    answer = phone.get("/wallet/pay/to", {"code": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in words(page)
    assert page.index('id="code-error"') < page.index('class="code"'), "what is wrong stands first, in the same place"
    assert typed.strip() == "" or f'value="{escape(typed)}"' in page


def test_a_right_number_of_no_shop_is_said(phone: Client) -> None:
    answer = phone.get(f"/wallet/pay/{nobodys_code()}")
    assert answer.status_code == 404


def nobodys_code() -> str:
    """Twelve digits that check and that no shop has."""
    return f"{9999999999}{98 - 9999999999 * 100 % 97:02}"


def take_by_code(town: Town, yen: int, *, later: timedelta = timedelta(0)) -> UUID:
    """The shop reads the code on the holder's phone."""
    at = town.at + later
    code, _ = operations.mint_holder_code(by=town.resident, at=at, holder=town.holder)
    by = town.at_small_shop
    number = str(uuid4())
    asked = operations.ask_with_code(by=by, at=at, shop=town.small_shop, code=code, amount_yen=yen, request=number)
    return operations.pay(asked).id


def test_the_open_code_hears_that_it_was_taken(town: Town, phone: Client, neighbour: Client, where: str) -> None:
    since = {"since": town.at.isoformat()}
    assert phone.get("/wallet/pay/landed", since).status_code == 204
    pay(phone, where, 100, number="by-the-shops-code")
    assert phone.get("/wallet/pay/landed", since).status_code == 204, "that one was shown already"
    payment = take_by_code(town, 400)
    answer = phone.get("/wallet/pay/landed", since)
    assert (answer.status_code, answer["HX-Location"]) == (200, f"/wallet/paid/{payment}")
    assert answer["Cache-Control"].count("no-store") == 1
    assert neighbour.get("/wallet/pay/landed", since).status_code == 204


@pytest.mark.parametrize("since", ["", "yesterday", "2025-11-12T03:00:00", "2025-11-12T02:00+00:00", "2999-01-01T00Z"])
def test_nobody_asks_for_ever(phone: Client, since: str) -> None:
    """286 ends the asking: a moment that is unreadable, too old, or still to come."""
    assert phone.get("/wallet/pay/landed", {"since": since}).status_code == 286


def test_the_code_renews_itself_for_some_minutes(phone: Client, where: str) -> None:
    assert where
    shown = phone.get("/wallet/pay").content.decode()
    assert "/wallet/pay/code?turn=1" in shown
    assert "60秒ごとに新しくなります" in shown
    assert "/wallet/pay/code?turn=3" in phone.get("/wallet/pay/code", {"turn": "2"}).content.decode()
    for turn in ("5", "", "-1", "9999", "x"):
        last = phone.get("/wallet/pay/code", {"turn": turn}).content.decode()
        assert "hx-get" not in last, turn
        assert "新しいコードを出す" in last


def test_the_sheet_says_which_purses_paid_in_their_order(town: Town, phone: Client, where: str) -> None:
    pay(phone, where, 500)
    sheet = words(phone.get(f"/wallet/paid/{newest(town)}").content.decode())
    receipt = words(phone.get(f"/wallet/receipt/{newest(town)}").content.decode())
    confirm = words(phone.get(where, {"amount_yen": "500", "number": "n2"}).content.decode())
    parts = tills.payment(newest(town), municipality=town.municipality, at=town.at)
    assert parts is not None
    assert len(parts.parts) == 2
    for page in (sheet, receipt):
        places = [page.index(kind.programme_name_ja) for kind, _ in parts.parts]
        assert places == sorted(places)
        assert all(f"{yen:,}円" in page for _, yen in parts.parts)
    assert parts.parts[-1][0].programme_name_ja in confirm


def test_a_closed_shop_is_told_before_an_amount_is_typed(town: Town, phone: Client, where: str) -> None:
    asked, press = {"amount_yen": "300"}, pressed(phone, where, 300, number="n")
    parties.set_shop_status(town.small_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
    for answer in (phone.get(where), phone.get(where, asked), phone.post(where, press)):
        page = words(answer.content.decode())
        assert answer.status_code == 409
        assert "八百屋まるはでは、いまお支払いを受け付けていません" in page
        assert "使える店をさがす" in page
        assert "つぎへ" not in page
    assert taken(town) == 0


def test_a_lost_reply_is_found_again_although_the_shop_closed(town: Town, phone: Client, where: str) -> None:
    asked = {"amount_yen": "300", "number": "n1"}
    pay(phone, where, 300)
    parties.set_shop_status(town.small_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
    assert "この支払いは済んでいます" in words(phone.get(where, asked).content.decode())
    assert taken(town) == 300
