"""Taking a payment through the pages: once, kindly refused, given back."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings

from meguri.ledger import queries as books
from meguri.ledger.operations import set_clock_offset
from meguri.ledger.templates import AccountRole
from meguri.settlement import operations as settlement
from meguri.tills import codes, operations, queries
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.merchant.conftest import Till

ROWS = re.compile(r"<title>([^<]*)")


def taken(till: Till) -> int:
    held = books.balances([till.town.small_shop], AccountRole.SHOP, municipality=till.town.municipality)
    return sum(balance.amount for balance in held)


def lines(till: Till) -> tuple[queries.TillLine, ...]:
    return queries.till_lines(till.town.small_shop, municipality=till.town.municipality)


def test_a_payment_is_taken_and_told(till: Till) -> None:
    answer = till.clerk.post("/till/", till.form("1,280"), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/till/paid/")
    text = answer.content.decode()
    assert all(words in text for words in ('data-paid="yes"', "1,280", "つぎのお客さま", "グリーン・健康ポイント"))
    assert taken(till) == 1_280
    home = till.clerk.get("/till/").content.decode()
    assert "1,280" in home
    assert "きょう 1件" in home


@pytest.mark.parametrize("typed", ["１２８０", "1,280円", " ¥1280 "])
def test_amounts_are_read_as_people_type_them(till: Till, typed: str) -> None:
    code = codes.show(till.shown().digits)
    assert till.clerk.post("/till/", till.form(typed, code=code)).status_code == 302
    assert taken(till) == 1_280


def test_a_double_tap_is_one_payment(till: Till) -> None:
    form = till.form("500")
    first, second = till.clerk.post("/till/", form), till.clerk.post("/till/", form)
    assert first["Location"] == second["Location"]
    assert (taken(till), len(lines(till))) == (500, 1)


def test_the_number_of_a_sale_that_is_over_takes_nothing_more(till: Till) -> None:
    number = str(uuid4())
    till.clerk.post("/till/", till.form("500", number=number))
    answer = till.clerk.post("/till/", till.form("700", number=number))
    assert answer.status_code == 409
    assert number not in answer.content.decode()
    assert taken(till) == 500


def test_a_short_purse_offers_what_is_there(till: Till) -> None:
    form = till.form("9,000")
    answer = till.clerk.post("/till/", form)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "5,200円 足りません" in text
    assert "3,800円だけ受け取る" in text
    assert 'value="9,000"' in text  # what was typed is kept
    assert form["number"] in text
    less = till.clerk.post("/till/", form | {"amount_yen": "3800"}, follow=True)
    assert less.status_code == 200
    assert taken(till) == 3_800


def test_an_empty_purse_offers_nothing(till: Till) -> None:
    till.clerk.post("/till/", till.form("3800"))
    text = till.clerk.post("/till/", till.form("10")).content.decode()
    assert "だけ受け取る" not in text
    assert "受け取れませんでした" in text


@pytest.mark.parametrize(
    ("amount", "code", "words"),
    [
        ("", "", "金額を入力してください"),
        ("500", "", "お客さまのコードがまだです"),
        ("五百", "", "金額として読めません"),
        ("0", "", "1円以上"),
        ("500", "123", "数字が3けたあります"),
        ("500", "12ab", "読み取れませんでした"),
        ("500", "https://elsewhere.example/m/000000000001", "お客さまの支払いコードではありません"),
        ("500", "<script>alert(1)</script>", "お客さまの"),
        ("500", "../../etc/passwd", "お客さまの支払いコードではありません"),
        ("500", codes.new_holder_code(lambda most: most // 3).digits, "見つかりません"),
        ("500", codes.new_shop_code(lambda most: most // 3).digits, "お店のコードです"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(till: Till, amount: str, code: str, words: str) -> None:
    answer = till.clerk.post("/till/", till.form(amount, code=code))
    text = answer.content.decode()
    assert answer.status_code in (404, 422)
    assert words in text
    assert "お店の人に知らせて" not in text, "these are a customer's words"
    assert "<script>alert" not in text
    assert f'value="{amount}"' in text or not amount
    assert taken(till) == 0
    english = till.clerk.post("/till/?lang=en", till.form(amount, code=code)).content.decode()
    assert "The payment was not taken" in english


def test_a_code_that_was_used_leaves_the_field_empty(till: Till) -> None:
    code = till.shown().digits
    till.clerk.post("/till/", till.form("100", code=code))
    answer = till.clerk.post("/till/", till.form("100", code=code))
    assert answer.status_code == 409
    assert code not in answer.content.decode()
    assert "この店で100円)" in answer.content.decode()


def test_a_digit_mistyped_is_found_in_its_group_while_the_code_is_shown(till: Till) -> None:
    code = till.shown().digits
    wrong = f"{code[:12]}{(int(code[12]) + 1) % 10}{code[13:]}"
    text = till.clerk.post("/till/", till.form("100", code=codes.show(wrong))).content.decode()
    assert f"3組目「{wrong[10:15]}」のどこかが違っています" in text
    assert codes.show(wrong) in text  # to be mended, not typed anew
    assert taken(till) == 0
    stranger = codes.new_holder_code().digits
    wrong = f"{stranger[:12]}{(int(stranger[12]) + 1) % 10}{stranger[13:]}"
    assert "組目" not in till.clerk.post("/till/", till.form("100", code=wrong)).content.decode()


def test_a_payment_is_given_back_with_a_reason(till: Till) -> None:
    before = books.balances([till.town.holder], AccountRole.WALLET, municipality=till.town.municipality)
    till.clerk.post("/till/", till.form("2000"))
    payment = lines(till)[0].posting
    page = till.clerk.get(f"/till/payment/{payment}").content.decode()
    assert f"/till/payment/{payment}/refund" in page
    nothing = till.clerk.post(f"/till/payment/{payment}/refund", {"note": "x"})
    assert nothing.status_code == 422
    assert "理由を選んでください" in nothing.content.decode()
    assert taken(till) == 2_000
    for _ in range(2):  # a double tap
        back = till.clerk.post(f"/till/payment/{payment}/refund", {"reason": "goods", "note": "卵"}, follow=True)
        assert "返金しました" in back.content.decode()
    assert books.balances([till.town.holder], AccountRole.WALLET, municipality=till.town.municipality) == before
    refund = books.posting(lines(till)[0].posting, municipality=till.town.municipality)
    assert refund is not None
    assert refund.about["reason"] == "商品が返された: 卵"
    assert till.clerk.get(f"/till/paid/{payment}")["Location"] == f"/till/payment/{payment}"
    assert "返金済み" in till.clerk.get("/till/day").content.decode()


def test_an_owner_gives_back_too_and_another_shop_does_not_know_it(till: Till) -> None:
    till.clerk.post("/till/", till.form("700"))
    payment = lines(till)[0].posting
    for path in (f"/till/payment/{payment}", f"/till/payment/{payment}/refund", f"/till/paid/{payment}"):
        assert till.elsewhere.get(path).status_code == 404
    assert till.elsewhere.post(f"/till/payment/{payment}/refund", {"reason": "goods"}).status_code == 404
    assert till.owner.post(f"/till/payment/{payment}/refund", {"reason": "twice"}).status_code == 302
    assert taken(till) == 0


def test_the_shops_code_leads_to_the_official_host(till: Till) -> None:
    text = till.clerk.get("/till/code").content.decode()
    assert settings.OFFICIAL_HOST in text
    assert "架空の町の見本" in text
    assert "Specimen of an invented town" in text


def test_the_list_below_the_pad_is_of_today(till: Till) -> None:
    till.clerk.post("/till/", till.form("430"))
    assert "430" in till.clerk.get("/till/").content.decode()
    set_clock_offset(municipality=till.town.municipality, offset=till.town.at + timedelta(days=1) - now())
    tomorrow = till.clerk.get("/till/").content.decode()
    assert "430" not in tomorrow
    assert "きょうの支払いはまだありません" in tomorrow
    assert "きょう 0件" in tomorrow
    assert "430" in till.clerk.get("/till/day?on=2025-11-12").content.decode()


def test_a_refund_tells_when_and_why_in_both_languages(till: Till) -> None:
    till.clerk.post("/till/", till.form("640"))
    payment = lines(till)[0].posting
    clean = till.owner.get(f"/till/payment/{payment}").content.decode()
    assert "返金した時刻" not in clean
    till.clerk.post(f"/till/payment/{payment}/refund", {"reason": "amount", "note": "  640円を\n460円に  "})
    for browser in (till.clerk, till.owner):
        told = browser.get(f"/till/payment/{payment}?lang=ja").content.decode()
        assert "金額をまちがえた: 640円を 460円に" in told
        assert "11月12日" in told
    english = till.owner.get(f"/till/payment/{payment}?lang=en").content.decode()
    assert "The amount was wrong: 640円を 460円に" in english


def test_a_note_is_never_cut_off(till: Till) -> None:
    till.clerk.post("/till/", till.form("640"))
    payment = lines(till)[0].posting
    where = f"/till/payment/{payment}/refund"
    assert "100文字まで" in till.clerk.get(where).content.decode()
    long = "あ" * 101
    answer = till.clerk.post(where, {"reason": "other", "note": long})
    assert answer.status_code == 422
    assert "メモは100文字までです(いま101文字)" in answer.content.decode()
    assert long in answer.content.decode()
    assert taken(till) == 640
    assert "The note may have 100 letters" in till.clerk.post(
        f"{where}?lang=en", {"reason": "other", "note": long}
    ).content.decode()
    assert till.clerk.post(where, {"reason": "other", "note": long[:100]}).status_code == 302
    assert long[:100] in till.clerk.get(f"/till/payment/{payment}").content.decode()


def test_a_reason_is_one_of_those_offered(till: Till) -> None:
    till.clerk.post("/till/", till.form("640"))
    where = f"/till/payment/{lines(till)[0].posting}/refund"
    for reason in ("", "goods; DROP", "商品が返された"):
        assert till.clerk.post(where, {"reason": reason}).status_code == 422
    assert taken(till) == 640


def test_a_refund_of_what_was_settled_and_paid_out_is_refused(till: Till) -> None:
    """Nothing is left in the shop's takings from which it could be given back."""
    till.clerk.post("/till/", till.form("640"))
    payment = lines(till)[0].posting
    at = till.town.at + timedelta(minutes=30)
    accountant = till.town.actor(ActorRole.ACCOUNTANT, department="accounting")
    settlement.run_settlement(by=accountant, at=at, cutoff=at)
    answer = till.clerk.post(f"/till/payment/{payment}/refund", {"reason": "goods"})
    assert answer.status_code == 409
    assert "返金できませんでした" in answer.content.decode()


def test_another_shops_code_and_payment_stay_unknown(till: Till) -> None:
    till.clerk.post("/till/", till.form("300"))
    payment = lines(till)[0].posting
    assert till.elsewhere.get(f"/till/payment/{payment}").status_code == 404
    assert "300" not in till.elsewhere.get("/till/day").content.decode()
    csv = till.elsewhere.get("/till/day?format=csv").content.decode("utf-8-sig")
    assert csv.strip().count("\n") == 0, "a head and no row"


def pay_by_shop_code(till: Till, yen: int) -> None:
    """The customer reads the shop's printed code and pays alone."""
    town = till.town
    asked = operations.ask_at_shop(
        by=town.resident, at=now(till.offset), holder=town.holder, shop=town.small_shop, amount_yen=yen,
        request=str(uuid4()),
    )  # fmt: skip
    operations.pay(asked)


def test_the_open_till_hears_of_what_a_customer_paid_alone(till: Till) -> None:
    till.clerk.post("/till/", till.form("300"))
    newest = str(lines(till)[0].posting)
    assert f'data-after="{newest}"' in till.clerk.get("/till/").content.decode()
    assert till.clerk.get("/till/latest", {"after": newest}).status_code == 204
    pay_by_shop_code(till, 450)
    answer = till.clerk.get("/till/latest", {"after": newest})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"].count("no-store") == 1
    for words in ("お客さまが払いました", "data-landed", 'data-paid="yes"', "きょう 2件", "450", "プレミアム"):
        assert words in text, words
    assert f'data-after="{lines(till)[0].posting}"' in text
    assert "ほかに" not in text


def test_several_payments_at_once_are_counted(till: Till) -> None:
    for yen in (100, 200, 300):
        pay_by_shop_code(till, yen)
    text = till.clerk.get("/till/latest").content.decode()
    assert "300" in text
    assert "ほかに2件あります" in text


def test_what_this_till_took_and_what_is_old_is_only_listed(till: Till) -> None:
    till.clerk.post("/till/", till.form("300"))
    taken_here = till.clerk.get("/till/latest", {"after": "no number"})
    assert taken_here.status_code == 200
    assert "data-landed" not in taken_here.content.decode()
    pay_by_shop_code(till, 450)
    set_clock_offset(municipality=till.town.municipality, offset=till.offset + timedelta(minutes=11))
    late = till.clerk.get("/till/latest").content.decode()
    assert "450" in late
    assert "data-landed" not in late


def test_another_shops_till_hears_nothing(till: Till) -> None:
    pay_by_shop_code(till, 450)
    assert till.elsewhere.get("/till/latest").status_code == 204
