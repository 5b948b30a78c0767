"""Giving back a part through the pages: as often as something is left, once per press, and told to both sides."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.tills import queries
from tests.faces.merchant.conftest import Till
from tests.faces.merchant.test_pages import rows_of
from tests.faces.merchant.test_taking import lines, taken
from tests.faces.people import browser_of

NUMBER = re.compile(r'name="number" value="([^"]+)"')


@pytest.fixture
def payment(till: Till) -> UUID:
    """A payment of 2,000 yen out of several purses."""
    till.clerk.post("/till/", till.form("2000"))
    return lines(till)[0].posting


def part(yen: str, number: str, **more: str) -> dict[str, str]:
    return {"part": "1", "amount_yen": yen, "number": number, "reason": "amount", **more}


def held(till: Till) -> list[books.Balance]:
    return books.balances([till.town.holder], AccountRole.WALLET, municipality=till.town.municipality)


def text(till: Till, path: str, **query: str) -> str:
    answer = till.clerk.get(f"/till/{path}", query)
    assert answer.status_code == 200, path
    return re.sub(r"<rt>.*?</rt>|<rp>.*?</rp>|<[^>]+>", "", answer.content.decode())


def test_the_whole_is_the_default_and_a_part_has_a_page_of_its_own(till: Till, payment: UUID) -> None:
    whole = till.clerk.get(f"/till/payment/{payment}/refund").content.decode()
    assert "2,000円を返す" in whole
    assert "data-pad-input" not in whole
    assert "?part=1" in whole
    asked = till.clerk.get(f"/till/payment/{payment}/refund?part=1").content.decode()
    assert "data-pad-input" in asked
    assert NUMBER.search(asked)
    assert "打った金額を返す" in asked
    assert "2,000円を返す" not in asked, "a button never names more than what it gives back"
    assert "2,000円まで返せます" in text(till, f"payment/{payment}/refund", part="1")
    assert "Up to ¥2,000 can be given back" in text(till, f"payment/{payment}/refund", part="1", lang="en")


def test_parts_are_given_back_until_nothing_is_left(till: Till, payment: UUID) -> None:
    till.clerk.post("/till/", till.form("100"))
    before = held(till)
    where = f"/till/payment/{payment}/refund"
    for yen, number, left in (("３００円", "a", 1700), ("500", "b", 1200)):
        for _ in range(2):  # a double tap
            assert till.clerk.post(where, part(yen, number))["Location"] == f"/till/payment/{payment}"
        assert taken(till) == 100 + left
        assert f"あと{left:,}円まで返せます" in text(till, f"payment/{payment}", lang="ja")
        assert f"{2000 - left:,}円は返金済み" in text(till, f"payment/{payment}/refund", lang="ja")
    told = text(till, f"payment/{payment}", lang="ja")
    for words in ("800円を返しました", "300円", "500円", "金額をまちがえた", "残りを返金する"):
        assert words in told, words
    assert "1,200円を返す" in text(till, f"payment/{payment}/refund", lang="ja")
    assert till.clerk.get(f"/till/paid/{payment}")["Location"] == f"/till/payment/{payment}"
    till.clerk.post(where, {"reason": "goods"})
    assert taken(till) == 100
    assert sum(each.amount for each in held(till)) - sum(each.amount for each in before) == 2_000
    assert "全額がお客さまの元の財布にもどりました" in text(till, f"payment/{payment}", lang="ja")
    assert till.clerk.post(where, part("1", "c"))["Location"] == f"/till/payment/{payment}"
    assert taken(till) == 100


@pytest.mark.parametrize(
    ("yen", "status", "said"),
    [
        ("1501", 409, "あと1,500円まで"), ("", 422, "金額を入力してください"), ("0", 422, "1円以上"),
        ("-5", 422, "1円以上"), ("12.5", 422, "金額として読めません"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_back_is_refused_kindly(
    till: Till, payment: UUID, yen: str, status: int, said: str
) -> None:
    where = f"/till/payment/{payment}/refund"
    till.clerk.post(where, part("500", "a"))
    answer = till.clerk.post(where, part(yen, "b", note="卵"))
    page = answer.content.decode()
    assert answer.status_code == status
    assert said in page
    assert 'value="卵"' in page, "what was typed is kept"
    assert 'name="part" value="1"' in page, "never turned into a refund of the whole"
    assert taken(till) == 1_500
    assert till.clerk.post(where, part("1500", "b")).status_code == 302
    assert taken(till) == 0


def test_a_number_gives_back_no_other_part(till: Till, payment: UUID) -> None:
    where = f"/till/payment/{payment}/refund"
    till.clerk.post(where, part("500", "a"))
    answer = till.clerk.post(where, part("700", "a"))
    assert answer.status_code == 409
    assert taken(till) == 1_500
    found = NUMBER.search(answer.content.decode())
    assert found is not None
    assert found[1] != "a"


def test_a_part_needs_a_reason_and_the_own_shop(till: Till, payment: UUID) -> None:
    where = f"/till/payment/{payment}/refund"
    assert till.clerk.post(where, part("500", "a", reason="")).status_code == 422
    assert till.elsewhere.post(where, part("500", "a")).status_code == 404
    assert taken(till) == 2_000


def test_the_day_tells_parts_from_the_whole(till: Till, payment: UUID) -> None:
    till.clerk.post(f"/till/payment/{payment}/refund", part("500", "a"))
    for path in ("", "day"):
        shown = text(till, path, lang="ja")
        assert "一部返金" in shown, path
        assert "返金済み" not in shown, path
        assert "1,500" in shown, path
    assert "Part back" in text(till, "day", lang="en")
    rows = rows_of(till.clerk.get("/till/day?format=csv&lang=ja").content)
    assert [(row[1], row[2]) for row in rows[1:]] == [("一部返金", "-500"), ("支払い", "2000")]
    assert rows[1][4] == rows[2][3]


def test_the_customers_receipt_tells_each_part(till: Till, payment: UUID) -> None:
    phone = browser_of(till.town, till.town.holder)
    for yen, number in (("300", "a"), ("500", "b")):
        till.clerk.post(f"/till/payment/{payment}/refund", part(yen, number, note="卵"))
    told = phone.get(f"/wallet/receipt/{payment}", {"lang": "ja"}).content.decode()
    for words in ("800円が返金されました", "差し引き1,200円", "300円", "500円", "金額をまちがえた: 卵", "2,000"):
        assert words in told, words
    assert "¥800 was refunded" in phone.get(f"/wallet/receipt/{payment}", {"lang": "en"}).content.decode()
    assert phone.get(f"/wallet/paid/{payment}")["Location"] == f"/wallet/receipt/{payment}"
    found = queries.payment(payment, municipality=till.town.municipality, at=till.town.at)
    assert found is not None
    made = queries.refunds_of(found, municipality=till.town.municipality)
    assert [each.amount_yen for each in made] == [300, 500]
    assert sum(yen for _, yen in found.refundable_parts) == found.refundable_yen == 1_200
    till.clerk.post(f"/till/payment/{payment}/refund", {"reason": "goods"})
    assert "返金されました" in phone.get(f"/wallet/receipt/{payment}", {"lang": "ja"}).content.decode()
