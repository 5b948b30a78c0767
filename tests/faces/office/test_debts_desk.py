"""A buyer's debt at the counter of the office: seen, taken in cash with a receipt, counted, undone in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes.vouchers import orders
from tests.faces.office.lived import Office, moment
from tests.faces.office.reading import cells, page, send, words
from tests.faces.office.test_counter import CHECKER, MAKER, hear, ordered, selling
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen

__all__ = ["selling"]


@pytest.fixture
def owing(selling: tuple[Office, UUID]) -> Office:
    """The holder's slip was withdrawn after 12,000 yen had been spent."""
    office, _ = selling
    order = ordered(office, office.town.holder)
    hear(order, office, "early")
    held = books.balances([office.town.holder], AccountRole.WALLET, municipality=office.number)
    ends = Account(office.town.holder, AccountRole.WALLET), Account(office.town.small_shop, AccountRole.SHOP)
    leg = Leg(*ends, 12_000, tuple(each.lot.id for each in held))
    ledger.post(Posting("spent", "pay", (leg,), moment(10, 9), "test"), municipality=office.number)
    hear(order, office, "withdrawn", at=moment(10, 9) + timedelta(hours=5))
    return office


def debt(office: Office) -> int:
    return sum(each.yen for each in books.debts([office.town.holder], municipality=office.number))


def form(office: Office, yen: str) -> dict[str, object]:
    (owed,) = orders.debts_owed("commerce", municipality=office.number)
    return {"act": "debt_taken", "holder": owed.holder, "programme": owed.programme, "amount_yen": yen}


def test_the_clerk_sees_it_takes_a_part_and_hands_a_receipt_over(owing: Office) -> None:
    clerk = owing.browser(MAKER)
    text = words(page(clerk, "payments"))
    for said in ("返していただく分", "12,000円", "窓口では現金で"):
        assert said in text, said
    assert 'value="12,000"' in page(clerk, "payments")
    told = words(send(clerk, "payments", **form(owing, "５，０００")))
    for said in ("現金5,000円を受け取りました", "領収書", "2025-000001", "支払いが取り消された商品券の返納", "印刷"):
        assert said in told, said
    assert "口" not in told.split("ただし")[1].split("発行")[0].replace("窓口", "")
    assert debt(owing) == 7_000
    assert "7,000円" in words(page(clerk, "payments"))
    phone = browser_of(owing.town, owing.town.holder)
    assert "窓口で返した" in seen(phone, "debt")


@pytest.mark.parametrize("typed", ["", "0", "-5", "12001", "1e3", "万"])
def test_a_wrong_amount_takes_nothing(owing: Office, typed: str) -> None:
    answer = send(owing.browser(MAKER), "payments", **form(owing, typed))
    assert answer.status_code in (409, 422)
    assert debt(owing) == 12_000


def test_who_does_not_stand_at_the_counter_only_reads(owing: Office) -> None:
    checker = owing.browser(CHECKER)
    assert "現金は窓口の担当が受け取ります" in words(page(checker, "payments"))
    assert send(checker, "payments", **form(owing, "100")).status_code == 403
    assert debt(owing) == 12_000


def test_it_is_counted_with_the_day_s_cash(owing: Office) -> None:
    clerk = owing.browser(MAKER)
    send(clerk, "payments", **form(owing, "12,000"))
    assert "12,000円" in words(page(clerk, "cash"))
    send(clerk, "cash", act="cash_up", counted_yen="12,000", reason="")
    text = page(clerk, "cash")
    (up,) = cells(text, "締めの記録")
    assert [cell for cell in up if cell in ("12,000", "0")] == ["0", "12,000", "0", "0", "12,000", "0"]
    (receipt,) = cells(text, "領収書")
    assert "返納" in receipt
    assert "返していただく分" not in words(page(clerk, "payments"))


def test_a_mistake_is_undone_with_a_reason_and_the_paper_says_so(owing: Office) -> None:
    clerk = owing.browser(MAKER)
    send(clerk, "payments", **form(owing, "12,000"))
    (given,) = orders.receipts("commerce", municipality=owing.number)
    assert "まちがえたとき" in words(page(clerk, "receipt", given.id))
    assert "まちがえたとき" not in words(page(owing.browser(CHECKER), "receipt", given.id))
    assert send(clerk, "receipt", given.id, act="undo", reason="").status_code == 422
    told = words(send(clerk, "receipt", given.id, act="undo", reason="別の人の分だった"))
    for said in ("取り消しました。", "この領収は取り消しました", "別の人の分だった"):
        assert said in told, said
    assert "まちがえたとき" not in told
    assert debt(owing) == 12_000
    (receipt,) = cells(page(clerk, "cash"), "領収書")
    assert "取り消し" in receipt


@pytest.mark.parametrize("lang", ["en"])
def test_it_is_said_in_english(owing: Office, lang: str) -> None:
    clerk = owing.browser(MAKER)
    assert "Owed by a buyer" in words(page(clerk, "payments", lang=lang))
    send(clerk, "payments", **form(owing, "1000"))
    (given,) = orders.receipts("commerce", municipality=owing.number)
    told = words(page(clerk, "receipt", given.id, lang=lang))
    assert "repaid for vouchers whose payment was withdrawn" in told
