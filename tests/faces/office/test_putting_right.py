"""A mistake at the counter, on the receipt's own page: undone by its clerk, or corrected by two; paper comes back."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers.orders import ReceiptView
from meguri.wallets import booklets
from meguri.wallets.paper import counts
from meguri.words.clock import now
from tests.faces.office.lived import Office, moment
from tests.faces.office.reading import look, page, send, words
from tests.faces.office.test_counter import CHECKER, MAKER, sell, selling, won
from tests.faces.office.test_paper import Counter, counter

__all__ = ["counter", "selling"]


def newest(office: Office) -> ReceiptView:
    return orders.receipts("commerce", municipality=office.number)[0]


def undo(clerk: Client, receipt: UUID, *, reason: str = "別の人の分") -> str:
    return words(send(clerk, "receipt", receipt, act="undo", reason=reason))


def test_a_sale_is_undone_on_its_receipt_with_a_reason(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk = office.browser(MAKER)
    sell(office, sale, clerk, holder=office.town.holder)
    receipt = newest(office).id
    assert "取り消して現金を返す" in words(page(clerk, "receipt", receipt))
    refused = send(clerk, "receipt", receipt, act="undo", reason=" ")
    assert refused.status_code == 422
    assert "理由" in words(refused)
    told = undo(clerk, receipt)
    for word in ("取り消しました", "現金20,000円を返してください", "この領収は取り消しました", "別の人の分"):
        assert word in told, word
    assert "取り消して現金を返す" not in told
    assert won(office, office.town.holder).state == "won"
    assert "取り消し" in words(page(clerk, "cash"))
    sell(office, sale, clerk, holder=office.town.holder)
    assert newest(office).name == "2025-000002"


def test_who_is_offered_what(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk, checker = office.browser(MAKER), office.browser(CHECKER)
    sell(office, sale, clerk, holder=office.town.holder)
    receipt = newest(office).id
    seen = words(page(checker, "receipt", receipt))
    assert "取り消して" not in seen
    assert "訂正を起票" not in seen
    assert send(checker, "receipt", receipt, act="undo", reason="x").status_code == 403
    assert look(office.browser("maker:welfare"), "receipt", receipt).status_code == 403
    set_clock_offset(municipality=office.number, offset=moment(10, 11) - now())
    seen = words(page(clerk, "receipt", receipt))
    assert "取り消して" not in seen, "its day is over"
    assert "訂正を起票する" in seen


def test_counted_cash_is_corrected_by_two(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk, checker = office.browser(MAKER), office.browser(CHECKER)
    sell(office, sale, clerk, holder=office.town.holder)
    receipt = newest(office).id
    send(clerk, "cash", act="cash_up", counted_yen="20,000", reason="")
    told = words(send(clerk, "receipt", receipt, act="ask", reason="金額がちがった"))
    for word in ("訂正を起票しました", "訂正の承認を待っています", "金額がちがった"):
        assert word in told, word
    assert "訂正を承認する" not in told
    listed = words(page(checker, "desk"))
    assert "窓口の現金の訂正の承認" in listed
    assert "2025-000001" in listed
    told = words(page(checker, "receipt", receipt))
    assert "訂正を承認する" in told
    told = words(send(checker, "receipt", receipt, act="approve"))
    for word in ("訂正を承認しました", "この領収は訂正しました", "訂正の領収書を見る"):
        assert word in told, word
    fix = newest(office)
    told = words(page(clerk, "receipt", fix.id))
    for word in ("領収の訂正として", "20,000円", "訂正した元の領収書"):
        assert word in told, word
    told = words(page(clerk, "cash"))
    assert "締めていない現金 -20,000円" in told.replace("−", "-").replace("\u2011", "-"), told[:900]
    told = words(send(clerk, "cash", act="cash_up", counted_yen="-20,000", reason=""))
    assert "窓口を締めました" in told
    assert "訂正済み" in told


def test_a_request_is_sent_back_with_a_reason(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk, checker = office.browser(MAKER), office.browser(CHECKER)
    sell(office, sale, clerk, holder=office.town.holder)
    receipt = newest(office).id
    send(clerk, "cash", act="cash_up", counted_yen="20,000", reason="")
    send(clerk, "receipt", receipt, act="ask", reason="まちがい")
    told = words(send(checker, "receipt", receipt, act="reject", reason="正しい"))
    assert "差し戻しました" in told
    assert "訂正の承認を待っています" not in told


@pytest.mark.parametrize("how", ["undo", "correct"])
def test_booklets_come_back_with_the_sale(counter: Counter, how: str) -> None:
    run = counter.approved()
    number = counter.receipt()
    covers = "\n".join(counter.cover(each).shown for each in (1, 2))
    send(counter.maker, "paper_run", run, act="sell", number=number, booklets=covers)
    office, given = counter.office, newest(counter.office)
    assert counts(run, municipality=office.number).handed == 2
    if how == "undo":
        told = undo(counter.maker, given.id)
        assert "冊子を渡していたときは、回収してください" in told
    else:
        send(counter.maker, "cash", act="cash_up", counted_yen="20,000", reason="")
        send(counter.maker, "receipt", given.id, act="ask", reason="まちがい")
        assert "訂正を承認しました" in words(send(counter.checker, "receipt", given.id, act="approve"))
    after = counts(run, municipality=office.number)
    assert (after.replaced, after.unsold) == (2, 1)
    assert counter.held(counter.town.holder) == counter.held(counter.town.other) == 0


def test_a_booklet_with_a_spent_note_keeps_its_sale(counter: Counter) -> None:
    run = counter.approved()
    covers = "\n".join(counter.cover(each).shown for each in (1, 2))
    send(counter.maker, "paper_run", run, act="sell", number=counter.receipt(), booklets=covers)
    booklets.block(
        serials=[counter.cover(2).of(1)], because="紛失", by=counter.office.officer(MAKER), at=counter.town.at
    )
    given = newest(counter.office)
    answer = send(counter.maker, "receipt", given.id, act="undo", reason="まちがい")
    assert answer.status_code == 409
    assert "そろっていないので、販売を取り消せません" in words(answer)
    assert newest(counter.office).undone_at is None
