"""The planning officer finds a recorded action, sees what withdrawing it does, and withdraws it with a reason."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.programmes.points import debts, operations
from meguri.programmes.points import queries as points
from tests.faces.office.lived import Office
from tests.faces.office.reading import cells, look, page, send, sheet, words

MAKER, CHECKER = "maker:planning", "checker:planning"
FACTS = {"back": "財布から戻る", "owed": "もう使われていて、これから付くポイントからあてる"}


@pytest.fixture
def walked(office: Office) -> UUID:
    """The holder walked: ten yen, seven of the town's and three of the sponsor's."""
    action = operations.open_action(
        programme=office.programme("point"), code="walk", by=office.officer(MAKER), at=office.town.at
    )
    done = operations.record_action(action=action, request=uuid4(), by=office.town.resident, at=office.town.at)
    assert done.granted_yen == 10
    return done.record


def test_a_record_is_found_by_action_day_and_state(office: Office, walked: UUID) -> None:
    office.held()
    maker = office.browser(MAKER)
    rows = cells(page(maker, "records"), "行動の記録")
    assert [(row[1], row[4], row[5]) for row in rows] == [
        ("特定健診を受ける", "0円", "確認待ち"), ("1日5,000歩あるく", "10円", "付与した"),
    ]  # fmt: skip
    assert len(cells(page(maker, "records", action="walk"), "行動の記録")) == 1
    assert len(cells(page(maker, "records", state="held"), "行動の記録")) == 1
    assert len(cells(page(maker, "records", day="2025-11-12"), "行動の記録")) == 2
    assert "あてはまる記録はありません" in page(maker, "records", day="2025-11-13")
    assert look(maker, "records", day="next week").status_code == 422
    assert [row[1] for row in sheet(maker, "records", action="walk", lang="en")][1:] == ["Walk 5,000 steps in a day"]
    assert reverse("office:records") in page(maker, "points")


def test_what_comes_back_and_what_is_owed_is_said_before_the_press(office: Office, walked: UUID) -> None:
    office.pay("points", 4)  # a granted yen of the town more, and all four of them spent
    maker = office.browser(MAKER)
    seen = words(page(maker, "record", walked))
    assert f"{FACTS['back']} 10円" in seen
    assert f"{FACTS['owed']} 0円" in seen
    spend(office, 10)
    seen = words(page(maker, "record", walked))
    assert f"{FACTS['back']} 0円" in seen
    assert f"{FACTS['owed']} 10円" in seen


def spend(office: Office, yen: int) -> None:
    """All that the wallet has, straight in the books."""
    held = ledger.balances([office.town.holder], AccountRole.WALLET, municipality=office.number)
    leg = Leg(Account(office.town.holder, AccountRole.WALLET), Account(office.town.small_shop, AccountRole.SHOP), yen,
              tuple(each.lot.id for each in held))  # fmt: skip
    books.post(Posting(f"pay:{uuid4()}", "pay", (leg,), office.town.at, "test"), municipality=office.number)


def test_it_is_withdrawn_with_a_reason_once_and_the_person_is_told(office: Office, walked: UUID) -> None:
    spend(office, 6)
    checker = office.browser(CHECKER)
    refused = send(checker, "record", walked, act="withdraw", reason=" ")
    assert refused.status_code == 422
    assert points.records(office.programme("point"), municipality=office.number)[0].state == "granted"
    done = send(checker, "record", walked, act="withdraw", reason="歩数計の誤り")
    assert "取り消しました" in words(done)
    assert "歩数計の誤り" in words(done)
    assert "付与を取り消す" not in words(done)
    assert debts.debt_yen(office.town.holder, municipality=office.number) == 6
    (told, *_) = notices.inbox(office.town.holder, municipality=office.number)
    assert "4円分を財布から戻しました" in told.wording.text_ja
    assert "取り消した" in words(page(checker, "records", state="withdrawn"))
    send(checker, "record", walked, act="withdraw", reason="もう一度")  # a page that has grown old changes nothing
    assert debts.debt_yen(office.town.holder, municipality=office.number) == 6


def test_a_maker_sees_what_it_would_do_and_cannot_do_it(office: Office, walked: UUID) -> None:
    """Whoever confirms actions does not take them back: the permission `action.reverse` is the checker's."""
    maker = office.browser(MAKER)
    seen = words(page(maker, "record", walked))
    assert f"{FACTS['back']} 10円" in seen
    assert "取り消せるのは、この課の承認者です。" in seen
    assert 'value="withdraw"' not in page(maker, "record", walked)
    assert "A checker of this department can withdraw it." in words(page(maker, "record", walked, lang="en"))
    assert send(maker, "record", walked, act="withdraw", reason="歩数計の誤り").status_code == 403
    assert points.records(office.programme("point"), municipality=office.number)[0].state == "granted"
    checkers = page(office.browser(CHECKER), "record", walked)
    assert 'value="withdraw"' in checkers
    assert "取り消せるのは" not in words(checkers)


def test_others_neither_see_nor_withdraw(office: Office, walked: UUID) -> None:
    other = office.browser("maker:commerce")
    assert look(other, "records").status_code == 403
    assert look(other, "record", walked).status_code == 403
    assert send(other, "record", walked, act="withdraw", reason="x").status_code == 403
    maker = office.browser(MAKER)
    assert look(maker, "record", uuid4()).status_code == 404
    assert send(maker, "record", walked, act="grant").status_code == 400
