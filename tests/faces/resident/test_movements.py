"""What each movement was for: the action, the programme, the shop; and a day of many grants as one line."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.faces.resident.movements import FOLDED, KINDS
from meguri.ledger.templates import TEMPLATES, AccountRole
from meguri.programmes.points import queries as points_of
from meguri.tills import operations as tills
from meguri.tills import queries as taken
from tests.faces.resident.conftest import pay, seen, shop_code, turn_clock, words
from tests.town import Town

ROW = re.compile(r'<li class="move.*?(?=<li class="move|</main>)', re.DOTALL)


def rows(phone: Client, path: str = "history", **query: str) -> list[str]:
    page = phone.get(f"/wallet/{path}", query).content.decode()
    return [words(row) for row in ROW.findall(page)]


def walk(phone: Client, deeds: dict[str, UUID]) -> None:
    answer = phone.post("/wallet/get/actions", {"action": str(deeds["walk"]), "number": str(uuid4())})
    assert answer.status_code == 302


def test_every_movement_of_a_wallet_has_words() -> None:
    """A row never shows a template's own name."""
    of_wallets = {name for name, each in TEMPLATES.items() if any(AccountRole.WALLET in pair for pair in each.legs)}
    assert of_wallets - set(KINDS) <= {"repay_debt"}


def test_points_say_for_what_they_came(town: Town, phone: Client, deeds: dict[str, UUID]) -> None:
    walk(phone, deeds)
    (done,) = points_of.done_by(town.holder, municipality=town.municipality)
    (row,) = rows(phone)
    assert done.name.ja in row
    assert "ポイント" in row
    assert done.name.en in rows(phone, lang="en")[0]
    assert done.name.ja in seen(phone, "", lang="ja")


def test_points_of_no_action_and_vouchers_say_their_programme(town: Town, phone: Client) -> None:
    for code in ("points", "premium", "bonus"):
        town.give(code, 40)
        kind = town.kind(code)
        assert kind.programme_name_ja in rows(phone, lang="ja")[0], code
        assert kind.programme_name_en in rows(phone, lang="en")[0], code


def test_a_payment_and_what_came_back_say_the_shop(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    pay(phone, f"/wallet/pay/{shop_code(town)}", 500)
    payment = taken.till_lines(town.small_shop, municipality=town.municipality)[0].posting
    for yen, number in ((120, "p1"), (None, "")):
        turn_clock(town, town.at + timedelta(minutes=5))
        tills.refund_payment(
            by=town.at_small_shop, at=town.at, shop=town.small_shop, payment=payment, reason="そのほか",
            amount_yen=yen, request=number,
        )  # fmt: skip
    rest, part, paid, _ = rows(phone, lang="ja")
    for row in (rest, part, paid):
        assert "八百屋まるは" in row
    assert "支払い" in paid
    assert "一部の返金" in part
    assert "120" in part
    assert "一部の返金" not in rest
    assert "380" in rest
    assert phone.get("/wallet/history").content.decode().count(f"/wallet/receipt/{payment}") == 3
    assert "Refund of a part" in rows(phone, lang="en")[1]


def test_many_grants_of_one_day_are_one_line_that_unfolds(
    town: Town, phone: Client, deeds: dict[str, UUID]
) -> None:
    walk(phone, deeds)
    (done,) = points_of.done_by(town.holder, municipality=town.municipality)
    for _ in range(FOLDED - 1):
        town.give("points", 10)
    page = phone.get("/wallet/history", {"lang": "ja"}).content.decode()
    (summary,) = re.findall(r"<summary>(.*?)</summary>", page.split("<main")[1], re.DOTALL)
    told = words(summary)
    assert f"きょう {FOLDED}件" in told
    assert f"+{done.granted_yen + 20}" in told.replace(" ", "")
    for name in (done.name.ja, town.kind("points").programme_name_ja):
        assert name in told, "also the folded line says what for"
    assert len(rows(phone)) == FOLDED + 1, "the line, and below it each grant"
    assert f"Today {FOLDED} grants" in seen(phone, "history", lang="en")
    assert f"きょう {FOLDED}件" in seen(phone, "", lang="ja")


def test_few_grants_other_days_and_payments_are_not_folded(town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    for _ in range(FOLDED - 1):
        town.give("points", 10)
    assert "<summary>" not in phone.get("/wallet/history").content.decode().split("<main")[1]
    turn_clock(town, town.at + timedelta(days=1))
    for _ in range(FOLDED):
        town.give("points", 7)
    pay(phone, f"/wallet/pay/{shop_code(town)}", 500)
    told = rows(phone, lang="ja")
    assert "八百屋まるは" in told[0], "what came later stands above"
    assert f"きょう {FOLDED}件" in told[1]
    assert len(told) == 1 + 1 + FOLDED + (FOLDED - 1) + 1
    turn_clock(town, town.at + timedelta(days=1))
    assert "きょう" not in seen(phone, "history", lang="ja")


@pytest.mark.parametrize("days", [0, 1])
def test_the_first_page_shows_three_lines_however_many_grants(town: Town, phone: Client, days: int) -> None:
    town.give("premium", 3000)
    turn_clock(town, town.at + timedelta(days=days))
    for _ in range(6):
        town.give("points", 10)
    told = seen(phone, "", lang="ja")
    assert "6件" in told
    lately = told.split("さいきんの動き")[1]
    assert town.kind("premium").programme_name_ja in lately, "a day of walking does not push all else away"
