"""An amendment in the office: changed by fields or as text, seen in words, approved by two, kept for ever."""

from __future__ import annotations

import re
from datetime import date
from typing import cast
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import operations, queries, tasks
from meguri.programmes.terms import read_terms, write_terms
from meguri.words.clock import now
from tests.faces.office.lived import Office
from tests.faces.office.reading import cells, page, send, words
from tests.faces.office.test_runs import go_to

MAKER, CHECKER = "maker:planning", "checker:planning"
LATER = {
    "expiry.last_day": "2026-05-31", "spending.window.last_day": "2026-05-31",
    "refunds.shop_claims_until": "2026-06-30",
}  # fmt: skip
CARRIED = 'carry_over = { kind = "carried_forward", resolved_on = 2026-03-10 }\n'


@pytest.fixture
def number(office: Office) -> UUID:
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    return office.programme("point")


def in_force(office: Office, number: UUID) -> str:
    return write_terms(queries.terms(number, municipality=office.number)).decode()


def carried(text: str) -> str:
    """The document with a resolution for each fund to be spent in the year after."""
    return re.sub(r"(?m)^fiscal_year = 2025\n", "fiscal_year = 2025\n" + CARRIED, text)


def keep(client: Client, number: UUID, text: str, **form: object) -> HttpResponse:
    return send(client, "amend", number, document=text, reason="令和8年3月議会の議決", **form)


def extended(maker: Client, office: Office, number: UUID) -> HttpResponse:
    """The draft of a longer life, by fields over the carried text."""
    was = {"was:expiry.last_day": "2026-03-31", "was:spending.window.last_day": "2026-03-31",
           "was:refunds.shop_claims_until": "2026-04-30"}  # fmt: skip
    return keep(maker, number, carried(in_force(office, number)), **(LATER | was))


def test_a_longer_life_from_the_form_to_the_wallets(office: Office, number: UUID) -> None:
    office.town.give("points", 1_200)
    office.town.give("points", 300, holder=office.town.other)
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    assert "文書を変更する" in words(page(maker, "programme", number))
    assert "変更の理由" in words(page(maker, "amend", number))
    seen = extended(maker, office, number).content.decode()
    assert "変更案を保存しました" in words(seen)
    rows = cells(seen, "変わること")
    assert ["使える期間と期限 — 期限", "2026年3月31日(火)", "2026年5月31日(日)"] in rows
    assert cells(seen, "期限が延びる、すでに渡した分")[0][1:3] == ["1,500円", "2"]
    assert cells(seen, "財源ごとの費用")[0][0] == "ポイント原資(町) 予算 2,100,000円"
    assert "承認して有効にする" not in words(page(checker, "amendment", number))
    assert "承認を求めました" in words(send(maker, "amendment", number, act="submit"))
    assert "別の人の承認を待っています" in words(page(maker, "amendment", number))
    desk = words(page(checker, "desk"))
    assert "事業の変更の承認" in desk
    assert "承認して有効にする" in words(page(checker, "amendment", number))
    done = words(send(checker, "amendment", number, act="approve"))
    assert "第2版が有効になりました" in done
    assert "令和8年3月議会の議決" in done
    for _ in range(3):
        tasks.carry_out_runs(municipality=office.number, at=office.town.at)
    runs = words(page(checker, "runs", number))
    assert "変更で期限が2026年5月31日(日)に延びました" in runs
    assert "期限の延長 2026年5月31日(日)" in runs
    (run,) = queries.value_runs(number, municipality=office.number)
    assert run.state == "done"


def test_every_version_is_kept_with_who_when_what_and_its_file(office: Office, number: UUID) -> None:
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    before = in_force(office, number)
    after = before.replace("goal = 40000", "goal = 50000").replace("amount_yen = 2100000", "amount_yen = 2500000")
    assert after != before
    keep(maker, number, after)
    send(maker, "amendment", number, act="submit")
    send(checker, "amendment", number, act="approve")
    listed = words(page(maker, "programme", number))
    assert "第2版" in listed
    assert "前の版" in listed
    first, second = (maker.get(reverse("office:version_file", args=[number, each])).content for each in (1, 2))
    assert (read_terms(first), read_terms(second)) == (read_terms(before.encode()), read_terms(after.encode()))
    seen = page(maker, "version", number, 2)
    assert ["予算 — ポイント原資(町)", "2,100,000円", "2,500,000円"] in cells(seen, "変わること")
    assert ["obtaining.actions.walk.goal", "40,000", "50,000"] in cells(seen, "文書の値")
    assert "公開したときの版です" in words(page(maker, "version", number, 1))
    assert maker.get(reverse("office:version", args=[number, 9])).status_code == 404
    sheet = cast("HttpResponse", maker.get(reverse("office:version", args=[number, 2]), {"format": "csv"}))
    assert "2,500,000円" in sheet.content.decode("utf-8-sig")
    english = page(maker, "version", number, 2, lang="en")
    assert "What did this version change?" in words(english)
    assert ["Budget — Points, town's part", "¥2,100,000", "¥2,500,000"] in cells(english, "What changes")


def test_what_would_take_is_said_and_cannot_be_submitted(office: Office, number: UUID) -> None:
    office.town.give("points", 1_200)
    maker = office.browser(MAKER)
    text = in_force(office, number).replace("yen = 500\n", "yen = 400\n").replace(
        "last_day = 2026-03-31", "last_day = 2026-02-28"
    )  # fmt: skip
    seen = words(keep(maker, number, text))
    assert "できません" in seen
    assert "500から400に下げられません" in seen
    assert "承認を求める" not in seen
    answer = send(maker, "amendment", number, act="submit")
    assert answer.status_code == 422
    assert "取り上げるのでできません" in words(answer)
    assert "変更案を捨てました" in words(send(maker, "amendment", number, act="drop"))
    assert "変更案はありません" in words(page(maker, "amendment", number))


def test_a_wrong_form_is_answered_beside_its_field_and_keeps_what_was_typed(office: Office, number: UUID) -> None:
    maker, text = office.browser(MAKER), in_force(office, number)
    unreasoned = send(maker, "amend", number, document=text.replace("goal = 40000", "goal = 1"), reason=" ")
    assert unreasoned.status_code == 422
    assert "変更の理由を2,000文字以内で" in words(unreasoned)
    same = keep(maker, number, text)
    assert (same.status_code, "いまの文書と同じです" in words(same)) == (422, True)
    broken = keep(maker, number, "code = ")
    assert broken.status_code == 422
    assert "code = " in broken.content.decode()
    wrong = keep(maker, number, text, **{"expiry.last_day": "きのう", "was:expiry.last_day": "2026-03-31"})
    assert wrong.status_code == 422
    assert "きのう" in wrong.content.decode()
    assert "変更案を仕上げて" not in words(page(maker, "desk"))
    sent = SimpleUploadedFile("new.toml", text.replace("goal = 40000", "goal = 1").encode())
    assert "変更案を保存しました" in words(keep(maker, number, "", file=sent))
    assert "goal = 1" in page(maker, "amend", number)  # the draft is what is worked on
    assert "変更案を仕上げて承認を求める" in words(page(maker, "desk"))


def test_it_is_sent_back_withdrawn_and_only_worked_on_by_its_department(office: Office, number: UUID) -> None:
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    keep(maker, number, in_force(office, number).replace("goal = 40000", "goal = 1"))
    send(maker, "amendment", number, act="submit")
    assert "差し戻しました" in words(send(checker, "amendment", number, act="send_back", note="目標が低い"))
    assert "目標が低い" in words(page(checker, "approvals"))
    send(maker, "amendment", number, act="submit")
    assert "取り下げました" in words(send(maker, "amendment", number, act="withdraw"))
    other = office.browser("maker:commerce")
    assert other.get(reverse("office:amend", args=[number])).status_code == 403
    assert send(other, "amendment", number, act="submit").status_code == 403
    assert "変更案を直す" not in words(page(other, "amendment", number))


def test_the_end_of_a_programme_is_seen_and_ordered_on_the_runs_page(office: Office, number: UUID) -> None:
    office.town.give("points", 1_200)
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    assert "事業の終了時の処理" not in words(page(maker, "runs", number))
    operations.close_programme(programme=number, by=office.officer(CHECKER), at=office.town.at)
    assert "この処理ができるのは2026年4月1日(水)からです" in words(page(maker, "runs", number))
    assert send(maker, "runs", number, act="propose", kind="closing").status_code == 409
    go_to(office, date(2026, 4, 2))
    assert "財布に残った分の終了時の処理を求める" in words(page(maker, "desk"))
    assert cells(page(maker, "runs", number), "財布に残っている無償分")[0][1:3] == ["1,200円", "1"]
    send(maker, "runs", number, act="propose", kind="closing")
    run, *_ = queries.value_runs(number, municipality=office.number)
    send(checker, "runs", number, act="order", approval=run.approval)
    for _ in range(3):
        tasks.carry_out_runs(municipality=office.number, at=office.town.at)
    assert queries.remaining(number, municipality=office.number) == []
    assert "終了時の処理 2026年4月2日(木)" in words(page(checker, "runs", number))
