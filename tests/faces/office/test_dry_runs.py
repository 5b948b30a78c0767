"""Dry runs at the programme desk: begun and stopped by button, turned day by day, and plainly of invented people."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from meguri.programmes import operations, queries
from tests.faces.office.kept_dry_run import (
    ENDING,
    MAKER,
    SOLD_OUT,
    asked,
    draft,
    draft_tried,
    drafted,
    ended,
    going,
)
from tests.faces.office.lived import Office
from tests.faces.office.reading import address, cells, look, page, send, sheet, words

CHECKER = "checker:commerce"
INVENTED = "ここに出てくる人・店・結果はすべて架空です"


@pytest.fixture
def tried(office: Office) -> UUID:
    """A dry run that was lived to its end."""
    return draft_tried(office)[1]


def test_a_draft_leads_to_its_dry_runs_and_a_press_begins_one(office: Office) -> None:
    programme, maker = drafted(office), office.browser(MAKER)
    assert address("dry_runs", programme) in page(maker, "programme", programme)
    assert INVENTED in page(maker, "dry_runs", programme)
    landed = send(maker, "dry_runs", programme, act="ask", once=str(uuid4()))
    (dry_run,) = queries.dry_runs(programme, municipality=office.number)
    assert landed.request["PATH_INFO"] == address("dry_run", dry_run.id)  # type: ignore[attr-defined]
    assert "予行を始めました" in words(landed)
    assert "順番を待っています" in words(landed)
    assert 'hx-trigger="every 3s"' in landed.content.decode(), "the page follows it"
    again = page(maker, "dry_runs", programme)
    assert 'value="ask"' not in again
    assert "予行が進んでいます" in words(again)


def test_a_launched_programme_has_no_dry_runs_to_begin(office: Office) -> None:
    maker, programme = office.browser(MAKER), office.programme("voucher")
    assert address("dry_runs", programme) not in page(maker, "programme", programme)
    assert 'value="ask"' not in page(maker, "dry_runs", programme)
    assert send(maker, "dry_runs", programme, act="ask").status_code == 409


def test_others_may_look_and_not_press(office: Office) -> None:
    programme, dry_run = draft_tried(office)
    waiting = asked(office, programme)
    for key in ("maker:welfare", "accountant:accounting", "analyst:planning"):
        client = office.browser(key)
        assert 'value="ask"' not in page(client, "dry_runs", programme)
        assert INVENTED in page(client, "dry_run", dry_run)
        assert 'value="stop"' not in page(client, "dry_run", waiting)
        assert send(client, "dry_runs", programme, act="ask").status_code == 403
        assert send(client, "dry_run", waiting, act="stop").status_code == 403


@pytest.mark.parametrize(("typed", "seed"), [("", 1), ("77", 77), (" ４１ ", 41)])
def test_a_seed_may_be_chosen(office: Office, typed: str, seed: int) -> None:
    programme = drafted(office)
    send(office.browser(CHECKER), "dry_runs", programme, act="ask", seed=typed)
    assert [each.seed for each in queries.dry_runs(programme, municipality=office.number)] == [seed]


@pytest.mark.parametrize("typed", ["0", "-3", "seven", "1e3", "1000000", "9" * 40])
def test_a_seed_that_is_none_is_said_at_its_field(office: Office, typed: str) -> None:
    programme = drafted(office)
    answer = send(office.browser(MAKER), "dry_runs", programme, act="ask", seed=typed)
    assert answer.status_code == 422
    assert 'id="seed-error"' in answer.content.decode()
    assert queries.dry_runs(programme, municipality=office.number) == ()


def test_a_draft_with_an_error_is_not_tried_and_says_what_is_wrong(office: Office) -> None:
    programme = drafted(office, draft(**{"funds.0.amount_yen": 1_000}))
    answer = send(office.browser(MAKER), "dry_runs", programme, act="ask")
    assert answer.status_code >= 400
    assert "約束した" in words(answer)


def test_stopping_is_one_press(office: Office) -> None:
    programme = drafted(office)
    dry_run, maker = going(office, programme, days=3), office.browser(MAKER)
    text = page(maker, "dry_run", dry_run)
    assert "進行中" in words(text)
    assert 'value="3" max="10"' in text, "it says how far it is"
    assert "止めています" in words(send(maker, "dry_run", dry_run, act="stop"))
    assert 'value="stop"' not in page(maker, "dry_run", dry_run), "once is enough"
    operations.end_dry_run(dry_run=dry_run, by=office.system, at=office.town.at)
    over = page(maker, "dry_run", dry_run)
    assert "途中で止めた予行です" in words(over)
    assert 'hx-trigger="every 3s"' not in over


def test_who_watches_gets_the_whole_page_when_it_ends(office: Office) -> None:
    programme, maker = drafted(office), office.browser(MAKER)
    dry_run, watching = going(office, programme, days=3), {"HX-Request": "true", "HX-Trigger": "under-way"}
    assert "HX-Refresh" not in maker.get(address("dry_run", dry_run), headers=watching).headers
    operations.end_dry_run(dry_run=dry_run, by=office.system, at=office.town.at, ending=ENDING)
    assert maker.get(address("dry_run", dry_run), headers=watching).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in maker.get(address("dry_run", dry_run), headers={"HX-Request": "true"}).headers


def test_the_days_are_turned_one_by_one_and_by_weeks(office: Office, tried: UUID) -> None:
    maker = office.browser(MAKER)
    first = page(maker, "dry_run", tried)
    assert "2025年7月24日(木)" in first
    assert re.findall(r'id="step-\d" href="(\?day=\d+)#machine"', first) == ["?day=1", "?day=7"], "none before"
    assert re.search(r'type="range"[^>]*min="0" max="9" value="0"', first)
    middle = page(maker, "dry_run", tried, day="3")
    assert re.findall(r'id="step-\d" href="(\?day=\d+)#machine"', middle) == ["?day=0", "?day=2", "?day=4", "?day=9"]
    assert "抽選の日です。" in middle
    assert cells(middle, "この日に送ったお知らせ") == [["当選", "2"]]
    last = page(maker, "dry_run", tried, day="9")
    assert re.findall(r'id="step-\d" href="(\?day=\d+)#machine"', last) == ["?day=2", "?day=8"]
    assert cells(last, "この日に断られたこと") == [[SOLD_OUT, "3"]]
    assert cells(last, "この日の終わりの財源")[0][0] == "プレミアム分"
    assert "だれも断られませんでした" in words(first)


@pytest.mark.parametrize(("typed", "shown"), [
    ("99", "8月2日(土)"), ("-1", "7月24日(木)"), ("x", "7月24日(木)"), ("9999999999", "7月24日(木)"),
    ("²", "7月24日(木)"), ("", "7月24日(木)"),
])  # fmt: skip
def test_a_day_that_there_is_not_is_the_last_or_the_first(office: Office, tried: UUID, typed: str, shown: str) -> None:
    text = page(office.browser(MAKER), "dry_run", tried, day=typed)
    head = words(text.split('id="that-day"')[1].split("</h3>")[0])
    assert head.rpartition("1週間後 ")[2].startswith(f"2025年{shown}")


def test_what_went_wrong_stands_above_and_leads_to_its_day(office: Office, tried: UUID) -> None:
    text = page(office.browser(MAKER), "dry_run", tried)
    found = text.split('id="surprises"')[1].split("</section>")[0]
    assert found.index("9日目に尽きました") < found.index("売れ残りました")
    assert 'href="?day=9#machine"' in found
    assert "直すところ" in found
    assert "知っておく" in found


def test_the_forecast_stands_beside_what_was_lived(office: Office, tried: UUID) -> None:
    rows = cells(page(office.browser(MAKER), "dry_run", tried), "見通しと予行")
    assert rows == [
        ["売れる口数", "20", "6", "払い忘れた人がいます。"], ["出る額", "60,000円", "18,000円", "同じ理由です。"],
        ["当たる割合", "7.32%", "8.03%", "申込みの数です。"],
    ]  # fmt: skip


def test_every_table_and_picture_can_be_taken_as_a_file(office: Office, tried: UUID) -> None:
    client = office.browser(MAKER)
    assert [row[1] for row in sheet(client, "dry_run", tried, table="money")[1:]] == [
        str(10_000 * sold + 3_000 * sold) for sold in (0, 0, 0, 0, 1, 2, 3, 4, 5, 6)
    ]
    assert len(sheet(client, "dry_run", tried, table="people")) == 11
    assert sheet(client, "dry_run", tried, table="refusals", day="9")[1:] == [[SOLD_OUT, "3"]]
    assert sheet(client, "dry_run", tried, table="funds", day="9")[2][:3] == ["販売代金", "0", "60000"]
    assert sheet(client, "dry_run", tried, table="compared")[1][:3] == ["売れる口数", "20", "6"]


def test_a_draft_that_changed_says_that_this_was_an_earlier_version(office: Office) -> None:
    programme, dry_run = draft_tried(office)
    maker, said = office.browser(MAKER), "文書はこの予行のあとで変わりました"
    assert said not in page(maker, "dry_run", dry_run)
    drafted(office, draft(**{"obtaining.rounds.0.units": 1_900}))
    assert said in page(maker, "dry_run", dry_run)
    assert "これは前の版の予行です" in words(page(maker, "dry_run", dry_run))
    assert "This was rehearsed with an earlier version" in page(maker, "dry_run", dry_run, lang="en")
    assert "of an earlier document" in words(page(maker, "dry_runs", programme))


@pytest.mark.parametrize(("broke", "said"), [("", "この予行は途中で切れました"), ("yes", "この予行は失敗しました")])
def test_a_dry_run_without_an_end_says_so_and_shows_the_days_so_far(office: Office, broke: str, said: str) -> None:
    dry_run = ended(office, drafted(office), ending=None, is_fault=bool(broke))
    text = page(office.browser(MAKER), "dry_run", dry_run)
    assert said in text
    assert "2025年7月24日(木)" in text
    assert "見通しと予行" not in text


def test_a_dry_run_that_has_no_day_yet_says_that_its_town_is_being_built(office: Office) -> None:
    text = words(page(office.browser(MAKER), "dry_run", going(office, drafted(office), days=0)))
    assert "予行の町を建てています" in text
    assert "日をめくる" not in text


def test_a_picture_needs_two_days(office: Office) -> None:
    programme, maker = drafted(office), office.browser(MAKER)
    assert 'id="pictures"' not in page(maker, "dry_run", going(office, programme, days=1))
    operations.cut_dry_runs(by=office.system, at=office.town.at)
    assert 'id="pictures"' in page(maker, "dry_run", going(office, programme, days=2))


def test_a_dry_run_that_there_is_not_is_kindly_unknown(office: Office) -> None:
    client = office.browser(MAKER)
    for name in ("dry_run", "dry_runs"):
        assert look(client, name, uuid4()).status_code == 404


def test_what_a_dry_run_says_is_also_said_in_english(office: Office, tried: UUID) -> None:
    text = words(page(office.browser(MAKER), "dry_run", tried, lang="en", day="3"))
    for said in ("All people, shops and results here are invented", "Draw today.", "Units sold", "Some forgot to pay.",
                 "Nobody was refused anything", "ran dry on day 9", "Most lies in wallets on"):  # fmt: skip
        assert said in text
