"""Expiry and demurrage in the office: seen before, ordered by two officers, carried out bit by bit, undone by two."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import operations, queries, tasks
from meguri.words.clock import now
from tests.faces.office.lived import Office
from tests.faces.office.reading import cells, page, words
from tests.faces.office.test_flows import send, text
from tests.programmes.builders import POINT, changed
from tests.programmes.shrinking import noon
from tests.town import BEFORE

MAKER, CHECKER = "maker:planning", "checker:planning"
FIRST = date(2025, 12, 27)
"""The ninth demurrage day of a programme whose spending begins on 1 April: thirty days each."""


def open_shrinking(office: Office) -> object:
    """A programme of points that shrink; its days until November are done."""
    terms = changed(POINT, {
        "code": "shrinking", "name": {"ja": "町の花ポイント", "en": "Town flower points"},
        "demurrage": {"every_days": 30, "rate_bp": 100},
        "purses.0.code": "petals", "obtaining.purse": "petals", "purses.0.name": {"ja": "花びら", "en": "Petals"},
    })  # fmt: skip
    maker, checker = office.officer(MAKER), office.officer(CHECKER)
    made = operations.draft_programme(terms=terms, by=maker, at=BEFORE)
    operations.submit_for_launch(programme=made, by=maker, at=BEFORE)
    operations.launch(programme=made, by=checker, at=BEFORE)
    operations.shrink_programme(programme=made, by=office.system, at=office.town.at)
    return made


def go_to(office: Office, day: date) -> None:
    office.town.at = noon(day)
    set_clock_offset(municipality=office.number, offset=office.town.at - now())


@pytest.fixture
def flowers(office: Office) -> Office:
    open_shrinking(office)
    office.town.give("petals", 1_299)
    office.town.give("petals", 400, holder=office.town.other)
    return office


def programme(office: Office) -> object:
    return queries.programme_by_code("shrinking", municipality=office.number).id  # type: ignore[union-attr]


def look(client: Client, office: Office, **query: str) -> str:
    answer = client.get(reverse("office:runs", args=[programme(office)]), query)
    assert answer.status_code == 200
    return words(answer)  # type: ignore[arg-type]


def test_what_the_next_day_takes_is_seen_before_it_comes(flowers: Office) -> None:
    maker = flowers.browser(MAKER)
    seen = look(maker, flowers)
    assert "30日ごとに、無償で渡した残高の1%が財源に戻ります" in seen
    assert "つぎは2025年11月27日(木)です" in seen
    (row,) = cells(page(maker, "runs", programme(flowers)), "2025年11月27日(木)に財布から財源に戻る額")
    assert row == ["ポイント原資(町)", "16円", "2", "4円", "12円"]
    assert "承認を求める" not in seen
    english = look(maker, flowers, lang="en")
    assert "Every 30 days 1% of each granted balance returns to its fund" in english


def test_two_officers_order_it_and_it_goes_on_by_itself(flowers: Office) -> None:
    go_to(flowers, date(2025, 11, 28))
    maker, checker, number = flowers.browser(MAKER), flowers.browser(CHECKER), programme(flowers)
    assert "減価の日が来ています" in look(maker, flowers)
    assert "まだ何も動いていません" in text(send(maker, "runs", number, act="propose", kind="demurrage"))
    run, *_ = queries.value_runs(number, municipality=flowers.number)  # type: ignore[arg-type]
    assert "残高を財源に戻す承認" in text(checker.get(reverse("office:desk")))  # type: ignore[arg-type]
    assert "2025年11月27日(木)の分が出されています" in look(maker, flowers)
    (row,) = cells(page(checker, "runs", number), "2025年11月27日(木)に財布から財源に戻る額")
    assert row[1:3] == ["16円", "2"]  # the second officer sees what the first one saw
    assert "承認して実行する" not in look(maker, flowers)
    assert "承認して実行する" in look(checker, flowers)
    assert "少しずつ自動で進みます" in text(send(checker, "runs", number, act="order", approval=run.approval))
    assert "実行中" in look(checker, flowers)
    for _ in range(3):
        tasks.carry_out_runs(municipality=flowers.number, at=flowers.town.at)
    assert "済み" in look(checker, flowers)
    send(maker, "runs", number, act="undo", run=run.id)
    assert "取消しの承認待ち" in look(maker, flowers)
    again, *_ = queries.value_runs(number, municipality=flowers.number)  # type: ignore[arg-type]
    send(checker, "runs", number, act="order", approval=again.approval)
    for _ in range(3):
        tasks.carry_out_runs(municipality=flowers.number, at=flowers.town.at)
    assert "取り消した" in look(maker, flowers)


def test_a_proposal_is_withdrawn_or_sent_back_with_a_reason(flowers: Office) -> None:
    go_to(flowers, date(2025, 12, 28))
    maker, checker, number = flowers.browser(MAKER), flowers.browser(CHECKER), programme(flowers)
    for act, who in (("withdraw", maker), ("send_back", checker)):
        send(maker, "runs", number, act="propose", kind="demurrage")
        found = queries.value_runs(number, municipality=flowers.number)  # type: ignore[arg-type]
        assert [each.day for each in found[:2]] == [FIRST, date(2025, 11, 27)]
        assert words(page(checker, "runs", number)).count("承認して実行する") == 1  # one press for both days
        send(who, "runs", number, act=act, approval=found[0].approval, reason="来月にします")
        left = queries.value_runs(number, municipality=flowers.number)  # type: ignore[arg-type]
        assert not [each for each in left if each.state == "proposed"]
    assert "来月にします" in text(checker.get(reverse("office:approvals")))  # type: ignore[arg-type]


def test_expired_value_is_seen_and_ordered_on_the_same_page(flowers: Office) -> None:
    go_to(flowers, date(2026, 4, 1))
    maker, checker, number = flowers.browser(MAKER), flowers.browser(CHECKER), programme(flowers)
    (row,) = cells(page(maker, "runs", number), "期限が切れて、まだ財布にある額")
    assert row == ["ポイント原資(町)", "1,699円", "2", "400円", "1,299円"]
    send(maker, "runs", number, act="propose", kind="expiry")
    run = next(each for each in queries.value_runs(number, municipality=flowers.number)  # type: ignore[arg-type]
               if each.kind == "expiry")  # fmt: skip
    send(checker, "runs", number, act="order", approval=run.approval)
    tasks.carry_out_runs(municipality=flowers.number, at=flowers.town.at)
    assert queries.lapsed(number, municipality=flowers.number, at=flowers.town.at) == []  # type: ignore[arg-type]


def test_who_may_not_order_sees_and_presses_nothing(flowers: Office) -> None:
    go_to(flowers, date(2025, 11, 28))
    other = flowers.browser("maker:commerce")
    assert "承認を求める" not in look(other, flowers)
    answer = send(other, "runs", programme(flowers), act="propose", kind="demurrage")
    assert answer.status_code == 403
    assert send(flowers.browser(MAKER), "runs", programme(flowers), act="propose", kind="gift").status_code == 400
