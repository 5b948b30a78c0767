"""The accounting desk on its way to the bank: what each of the two sees, may press, and is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from meguri.ledger.operations import set_clock_offset
from meguri.settlement import operations, queries
from meguri.settlement.queries import RunView
from meguri.words.clock import midnight, now
from meguri.words.wareki import parse_date
from tests.faces.office.lived import Office
from tests.faces.office.reading import words
from tests.faces.office.test_flows import send, text

ACCOUNTANT, TREASURER = "accountant:accounting", "accountant:accounting#2"
CUTOFF = "2025-11-11"


@pytest.fixture
def run(lived: Office) -> RunView:
    """Settled by the accountant, not approved."""
    lived.banked()
    by = lived.officer(ACCOUNTANT)
    return operations.run_settlement(by=by, at=lived.town.at, cutoff=midnight(parse_date(CUTOFF)))


@pytest.fixture
def approved(lived: Office, run: RunView) -> RunView:
    count, yen = queries.to_confirm(run.id, municipality=lived.number)
    return operations.approve_payouts(
        by=lived.officer(TREASURER), at=lived.town.at, run=run.id, confirmed_count=count, confirmed_yen=yen
    ).run


def page_of(client: Client, run: UUID, **query: str) -> str:
    return text(client.get(reverse("office:settlement", args=[run]), query))


def days_later(office: Office, days: int) -> None:
    """The demo's clock goes on."""
    set_clock_offset(municipality=office.number, offset=office.town.at + timedelta(days=days) - now())


def test_the_maker_is_told_who_approves_and_gets_no_form(lived: Office, run: RunView) -> None:
    page = page_of(lived.browser(ACCOUNTANT), run.id)
    assert "この精算はあなたが締めたものです" in page
    assert 'name="confirmed_yen"' not in page
    page = page_of(lived.browser(TREASURER), run.id)
    assert "この精算はあなたが締めたものです" not in page
    assert 'name="confirmed_yen"' in page
    assert "締め済み・承認待ち" in page


def test_titles_say_the_year(lived: Office, run: RunView) -> None:
    client = lived.browser(ACCOUNTANT)
    assert "2025年11月11日(火) 00:00 締め" in page_of(client, run.id)
    assert "2025年11月11日(火) 00:00" in text(client.get(reverse("office:settlements")))
    assert "Tue 11 Nov 2025" in page_of(client, run.id, lang="en")


def test_a_count_is_refused_as_a_count(lived: Office, run: RunView) -> None:
    client = lived.browser(TREASURER)
    page = text(send(client, "settlement", run.id, act="approve", confirmed_count="-1", confirmed_yen="1"))
    assert "件" in page
    assert "-1円" not in page
    assert "金額として読めません" not in text(
        send(client, "settlement", run.id, act="approve", confirmed_count="", confirmed_yen="1")
    )


def test_a_settled_cutoff_is_shown_and_not_offered_again(lived: Office, run: RunView) -> None:
    client = lived.browser(ACCOUNTANT)
    page = text(send(client, "settlements", act="look", cutoff=CUTOFF))
    assert "この締めはもう済んでいます(締め済み・承認待ち)" in page
    assert reverse("office:settlement", args=[run.id]) in page
    assert "この内容で締める" not in page
    assert "振込の合計" not in page


def test_closing_again_says_what_is_true(lived: Office, approved: RunView) -> None:
    page = text(send(lived.browser(ACCOUNTANT), "settlements", act="run", cutoff=CUTOFF))
    assert "この締めはもう済んでいます(承認済み・銀行へ送る前)。何も動いていません。" in page
    assert "別の出納の承認を待ちます" not in page
    assert queries.run(approved.id, municipality=lived.number) == approved


def test_a_cutoff_before_the_last_is_refused_in_words(lived: Office, run: RunView) -> None:
    client = lived.browser(ACCOUNTANT)
    for act in ("look", "run"):
        answer = send(client, "settlements", act=act, cutoff="2020-01-01")
        assert answer.status_code == 422
        assert "最後に締めた日時(2025-11-11 00:00)より前です" in text(answer)
        assert 'value="2020-01-01"' in text(answer)  # what was typed is kept
        assert "この内容で締める" not in text(answer)
    assert [each.id for each in queries.runs(lived.number)] == [run.id]


@pytest.mark.parametrize("typed", ["0001-01-01", "1999-12-31", "9999-12-31", "2025-02-30", "", "あした"])
@pytest.mark.parametrize("act", ["look", "run"])
def test_no_date_breaks_the_page(office: Office, typed: str, act: str) -> None:
    answer = send(office.browser(ACCOUNTANT), "settlements", act=act, cutoff=typed)
    assert answer.status_code == 422
    assert "この内容で締める" not in text(answer)
    assert queries.runs(office.number) == ()


def test_a_cutoff_with_nothing_due_offers_no_button(office: Office) -> None:
    page = text(send(office.browser(ACCOUNTANT), "settlements", act="look", cutoff=CUTOFF))
    assert "この締めで支払うものはありません" in page
    assert "この内容で締める" not in page


def test_the_look_ahead_adds_up(lived: Office) -> None:
    page = text(send(lived.browser(ACCOUNTANT), "settlements", act="look", cutoff=CUTOFF))
    assert "この内容で締める" in page
    seen, *_ = queries.runs(lived.number)
    assert seen.payouts_yen == 2_340
    assert page.count("2,340") >= 2  # the takings and the sum are the same here: nothing else waits
    assert "まだ動いていません" in page


def test_only_what_the_bank_has_can_be_noted_as_returned(lived: Office, approved: RunView) -> None:
    client = lived.browser(ACCOUNTANT)
    assert "振込不能を記録する" not in page_of(client, approved.id)
    (payout,) = queries.payouts(municipality=lived.number, run=approved.id)
    answer = send(client, "settlement", approved.id, act="returned", payout=payout.id, reason="口座なし")
    assert answer.status_code == 409
    assert "承認済み・銀行へ送る前" in text(answer)
    send(client, "settlement", approved.id, act="sent")
    assert "振込不能を記録する" in page_of(client, approved.id)
    page = text(send(client, "settlement", approved.id, act="returned", payout=payout.id, reason="口座なし"))
    assert "振込不能を記録しました" in page
    assert "口座なし" in page
    assert "振込不能を記録する" not in page  # nothing is left that could come back


def test_the_way_to_the_bank_in_words(lived: Office, approved: RunView) -> None:
    client = lived.browser(TREASURER)
    assert "承認済み・銀行へ送る前" in page_of(client, approved.id)
    page = text(send(client, "settlement", approved.id, act="sent"))
    assert "銀行に渡したことを記録しました。振込日は2025年11月" in page
    assert "銀行へ渡した" in page
    assert "振込済み" not in page
    days_later(lived, 7)
    assert "振込済み" in page_of(client, approved.id)
    assert "Transferred" in page_of(client, approved.id, lang="en")


def test_a_file_that_is_not_handed_over_in_time_is_late(lived: Office, approved: RunView) -> None:
    client = lived.browser(ACCOUNTANT)
    days_later(lived, 7)
    page = page_of(client, approved.id)
    assert "遅れ・銀行へ送っていません" in page
    assert "店にはまだ支払われていません" in page
    assert "振込済み" not in page
    assert "遅れ・銀行へ送っていません" in text(client.get(reverse("office:settlements"), {"lang": "ja"}))
    assert "Late: the bank has no file" in page_of(client, approved.id, lang="en")


def test_a_late_file_is_withdrawn_and_the_next_settlement_pays(lived: Office, approved: RunView) -> None:
    client = lived.browser(ACCOUNTANT)
    days_later(lived, 7)
    assert send(client, "settlement", approved.id, act="withdraw", reason="").status_code == 422
    page = text(send(client, "settlement", approved.id, act="withdraw", reason="振込日を過ぎた"))
    assert "ファイルを取り下げました" in page
    assert "取り下げ・次の精算で支払い" in page
    assert "振込ファイルを受け取る" not in page
    assert client.post(reverse("office:transfer_file", args=[approved.id])).status_code == 409
    page = text(send(client, "settlements", act="look", cutoff="2025-11-12"))
    assert "この内容で締める" in page
    assert "2,340" in page


def test_the_file_is_the_same_however_often_it_is_fetched(lived: Office, approved: RunView) -> None:
    client = lived.browser(TREASURER)
    address = reverse("office:transfer_file", args=[approved.id])
    first = client.post(address).content
    send(client, "settlement", approved.id, act="sent")
    assert client.post(address).content == first
    assert approved.file_digest in page_of(client, approved.id)
    assert client.get(address).status_code == 405


def test_the_list_begins_with_what_is_owed(lived: Office, run: RunView) -> None:
    page = words(text(lived.browser(ACCOUNTANT).get(reverse("office:settlements"))))
    owed = queries.owed(lived.number, at=lived.town.at)
    assert owed.yen == run.payouts_yen > 0
    assert f"いま未払い {owed.yen:,}円" in page
    assert "いちばん古い未払い 11月10日" in page, "a cutoff at midnight is up to the day before"
    assert run.pay_on
    assert f"次の振込日 {run.pay_on.month}月{run.pay_on.day}日" in page


def test_a_run_that_nobody_approves_is_late_on_its_pay_day(lived: Office, run: RunView) -> None:
    listed = text(lived.browser(ACCOUNTANT).get(reverse("office:settlements")))
    assert "締め済み・承認待ち" in listed
    assert "遅れ・承認されていません" not in listed
    days_later(lived, 14)
    client = lived.browser(TREASURER)
    for page in (text(client.get(reverse("office:settlements"))), page_of(client, run.id)):
        assert "遅れ・承認されていません" in page
        assert "badge--bad" in page
    assert "振込日を過ぎましたが、承認されていません" in page
    assert 'name="confirmed_yen"' in page, "it can still be approved"


def test_an_empty_cutoff_is_asked_for(lived: Office) -> None:
    answer = send(lived.browser(ACCOUNTANT), "settlements", act="look", cutoff="")
    assert answer.status_code == 422
    assert "日付を入力してください" in text(answer)
    assert "「」" not in text(answer)
