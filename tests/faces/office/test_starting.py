"""An amendment with a first day of its own in the office: named in the form, seen by everybody, withdrawn by two."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import queries
from meguri.words.clock import midnight, now
from tests.faces.office.lived import Office
from tests.faces.office.reading import address, cells, look, page, send, words
from tests.faces.office.test_amending import CHECKER, MAKER, in_force, keep
from tests.faces.office.test_runs import go_to

START = "2025-12-01"


@pytest.fixture
def number(office: Office) -> UUID:
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    return office.programme("point")


def higher(office: Office, number: UUID) -> str:
    return in_force(office, number).replace("goal = 40000", "goal = 50000")


def approved(office: Office, number: UUID) -> tuple[Client, Client]:
    """Drafted for 1 December, submitted and approved; gives the browsers of both officers."""
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    keep(maker, number, higher(office, number), starts_on=START)
    send(maker, "amendment", number, act="submit")
    send(checker, "amendment", number, act="approve")
    return maker, checker


def test_from_the_form_to_its_first_day(office: Office, number: UUID) -> None:
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    drafted = words(keep(maker, number, higher(office, number), starts_on=START))
    assert "施行日: 2025年12月1日(月)の0時から" in drafted
    assert f'value="{START}"' in page(maker, "amend", number)
    send(maker, "amendment", number, act="submit")
    assert "承認して施行日を待つ" in words(page(checker, "amendment", number))
    said = words(send(checker, "amendment", number, act="approve"))
    assert "第2版を承認しました。2025年12月1日(月)から、ひとりでに有効になります。" in said
    assert "2025年12月1日(月)の0時から、この版になります" in said
    assert "承認して" not in said.split("ひとりでに有効になります。")[1]
    for reader in (maker, checker, office.browser("analyst:planning")):
        seen = words(page(reader, "programme", number))
        assert "2025年12月1日(月)に変わります(承認済み)" in seen
        assert "施行待ち" in seen
    leads = look(maker, "amend", number)
    assert (leads.status_code, leads.headers["Location"]) == (302, address("amendment", number))
    go_to(office, date(2025, 12, 1))
    after = words(page(maker, "programme", number))
    assert "に変わります(承認済み)" not in after
    assert "第2版" in after
    seen = page(maker, "version", number, 2)
    assert ["obtaining.actions.walk.goal", "40,000", "50,000"] in cells(seen, "文書の値")
    assert "施行日 2025年12月1日(月)" in words(seen)


def test_a_wrong_day_is_said_beside_its_field_and_keeps_what_was_typed(office: Office, number: UUID) -> None:
    maker, text = office.browser(MAKER), higher(office, number)
    for typed, sentence in (("あした", "日付"), ("2025-01-01", "施行日(2025-01-01)が過ぎています")):
        answer = keep(maker, number, text, starts_on=typed)
        assert answer.status_code == 422
        assert sentence in words(answer)
        assert f'value="{typed}"' in answer.content.decode()
        assert 'id="starts_on-error"' in answer.content.decode()


def test_what_may_take_until_the_first_day_is_told_while_it_is_drafted(office: Office, number: UUID) -> None:
    maker, text = office.browser(MAKER), in_force(office, number)
    seen = words(keep(maker, number, text.replace("= 2026-03-31", "= 2026-03-30"), starts_on=START))
    assert "できません" in seen
    assert "承認を求める" not in seen


def test_two_officers_withdraw_it_before_its_day(office: Office, number: UUID) -> None:
    maker, checker = approved(office, number)
    assert "この変更を取りやめる" in words(page(maker, "amendment", number))
    assert "別の人の承認を待っています" not in words(page(maker, "amendment", number))
    assert "この変更を取りやめる" not in words(page(checker, "amendment", number))
    asked = words(send(maker, "amendment", number, act="ask_withdrawal", note="議会で否決された"))
    assert "取りやめの承認を求めました" in asked
    assert "承認者の判断を待っています" in asked
    assert "施行前の変更を取りやめる承認" in words(page(checker, "desk"))
    assert "議会で否決された" in words(page(checker, "amendment", number))
    kept = words(send(checker, "amendment", number, act="keep_amendment", note="予定どおり"))
    assert "取りやめないことにしました" in kept
    send(maker, "amendment", number, act="ask_withdrawal", note="やはり")
    gone = words(send(checker, "amendment", number, act="approve_withdrawal"))
    assert "この変更を取りやめました" in gone
    go_to(office, date(2025, 12, 2))
    seen = page(maker, "programme", number)
    assert "取りやめ" in words(seen)
    assert queries.coming(number, municipality=office.number) is None
    assert "goal = 40000" in in_force(office, number)
    withdrawn = words(page(maker, "version", number, 2))
    assert "取りやめ" in withdrawn
    assert "40,000" in withdrawn


def test_only_its_department_withdraws_it(office: Office, number: UUID) -> None:
    approved(office, number)
    other = office.browser("maker:commerce")
    assert "この変更を取りやめる" not in words(page(other, "amendment", number))
    assert send(other, "amendment", number, act="ask_withdrawal", note="?").status_code == 403
    found = queries.coming(number, municipality=office.number)
    assert found is not None
    assert (found.starts_at, found.withdrawal) == (midnight(date(2025, 12, 1)), None)


def test_in_english(office: Office, number: UUID) -> None:
    maker, _ = approved(office, number)
    seen = words(page(maker, "amendment", number, lang="en"))
    assert "This version rules from midnight of Mon 1 Dec 2025 on" in seen
    assert "Withdraw this amendment" in seen
    assert "It changes on Mon 1 Dec 2025 (approved)" in words(page(maker, "programme", number, lang="en"))


def test_its_text_is_drafted_checked_and_told_to_everybody(office: Office, number: UUID) -> None:
    """The officers take the text of the amendment along; whoever reads the public page sees what changes and when."""
    maker, _ = approved(office, number)
    leads = address("texts", number) + "?kind=amending"
    assert leads in page(maker, "amendment", number)
    seen = words(page(maker, "texts", number, kind="amending"))
    assert "実施要綱の一部を次のように改正する。" in seen
    assert "この要綱は、令和7年12月1日から施行する。" in seen
    assert "承認の記録(施行日)" in seen
    text = look(maker, "texts", number, kind="amending", format="txt").content.decode()
    wrong = text.replace("令和7年12月1日", "令和7年11月1日")
    drifted = words(send(maker, "texts", number, kind="amending", edited=wrong))
    assert "値が違います: 文「令和7年11月1日」、文書「令和7年12月1日」" in drifted
    assert "ずれはありません" in words(send(maker, "texts", number, kind="amending", edited=text))
    ordinance = words(page(maker, "texts", number))
    assert "附則 1" in ordinance or "附則 この要綱は" in ordinance
    public = words(maker.get(reverse("public:programme", args=[number])).content.decode())
    assert "2025年12月1日(月)から、きまりが変わります" in public
    assert "令和8年3月議会の議決" in public
    assert "この要綱は、令和7年12月1日から施行する。" in public
    go_to(office, date(2025, 12, 1))
    after = words(maker.get(reverse("public:programme", args=[number])).content.decode())
    assert "これから変わること" not in after
    assert "改正文" in words(page(maker, "texts", number))
