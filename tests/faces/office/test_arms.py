"""A trial in the office: the list is fixed, the arms are drawn, the sale opens, and the page tells arm from arm."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import queries as programmes
from meguri.programmes.models import ArmUnit
from meguri.programmes.vouchers import operations as vouchers
from meguri.words.clock import now
from tests.faces.office.lived import Office
from tests.faces.office.reading import cells, look, page, send, words
from tests.faces.resident.test_browser import chromium as chromium  # noqa: PLC0414 - a fixture
from tests.faces.resident.test_browser import shot
from tests.faces.trial_town import draw_trial, launch_trial
from tests.programmes.trials import VALUE

CHECKER, MAKER, ANALYST = "checker:commerce", "maker:commerce", "analyst:planning"


@pytest.fixture
def made(office: Office) -> UUID:
    return launch_trial(office)


def table(client: Client, made: UUID, name: str) -> list[list[str]]:
    answer = look(client, "arms", made, format="csv", table=name)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_from_the_list_to_the_draw_as_the_checker_presses_it(office: Office, made: UUID) -> None:
    checker = office.browser(CHECKER)
    assert "条件の抽選の名簿を確定する" in words(page(checker, "desk"))
    text = words(page(checker, "arms", made))
    assert "条件を抽選する名簿を確定しますか" in text
    assert "多め・長め (50%)" in text
    assert "期限の14日前にお知らせ、有効期限は令和8年2月28日、1口につき「プレミアム分」3,500円" in text
    fixed = send(checker, "arms", made, act="fix", once="a1")
    assert "名簿を確定し、その指紋を公開しました" in words(fixed)
    assert "7月25日の日経平均株価の終値" in words(page(checker, "arms", made))
    wrong = send(checker, "arms", made, act="draw", once="a2", public_value=" ")
    assert wrong.status_code == 422
    assert "公開の値を1行" in words(wrong)
    drawn = send(checker, "arms", made, act="draw", once="a3", public_value=VALUE)
    text = words(drawn)
    assert "条件を抽選しました" in text
    assert "どの群も、割合どおりの数です" in text
    assert "条件の抽選の名簿" not in words(page(checker, "desk"))
    assert ArmUnit.objects.filter(draw__programme=made).exclude(arm="").count() == ArmUnit.objects.filter(
        draw__programme=made
    ).count() > 0


def test_before_its_day_nobody_can_draw_and_nobody_but_the_checker_ever(office: Office, made: UUID) -> None:
    checker = office.browser(CHECKER)
    office.town.at -= timedelta(days=2)
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    send(checker, "arms", made, act="fix", once="b1")
    text = page(checker, "arms", made)
    assert "抽選できるのは2025年11月12日(水)からです" in words(text)
    assert 'value="draw"' not in text
    assert send(checker, "arms", made, act="draw", once="b2", public_value=VALUE).status_code == 409
    for key in (MAKER, ANALYST):
        other = office.browser(key)
        assert 'name="act"' not in page(other, "arms", made)
        assert send(other, "arms", made, act="draw", once="b3", public_value=VALUE).status_code == 403


def test_the_programme_leads_to_its_arms_and_others_have_none(office: Office, made: UUID) -> None:
    checker = office.browser(CHECKER)
    text = page(checker, "programme", made)
    assert f"/office/evidence/{made}/arms" in text
    assert "抽選で決まる条件" in words(text)
    plain = office.programme("voucher")
    assert f"/office/evidence/{plain}/arms" not in page(checker, "programme", plain)
    assert look(checker, "arms", plain).status_code == 404


def test_the_page_tells_by_arm_who_took_part_spent_and_let_lapse(office: Office, made: UUID) -> None:
    sale = draw_trial(office, made)
    buyer = office.town.resident
    vouchers.buy_at_once(sale=sale, units=2, by=buyer, at=office.town.at)
    analyst = office.browser(ANALYST)
    rows = cells(page(analyst, "arms", made), "群ごとに")
    assert [row[0] for row in rows] == ["要綱のまま", "多め・長め"]
    own = programmes.arm_of(made, office.town.holder, municipality=office.number)
    assert own is not None
    mine = rows[0 if own.is_control else 1]
    assert mine[5] == "1"  # took part
    assert mine[6:9] == ["0", "0", "0"]  # nothing is spent or lapsed yet
    assert rows[1 if own.is_control else 0][5] == "0"
    assert sum(int(row[2]) for row in rows) == ArmUnit.objects.filter(draw__programme=made).count()


def test_its_files_hold_the_table_the_picture_and_every_assignment_by_random_name(office: Office, made: UUID) -> None:
    draw_trial(office, made)
    analyst = office.browser(ANALYST)
    assert [row[0] for row in table(analyst, made, "arms")] == ["群", "要綱のまま", "多め・長め"]
    assert len(table(analyst, made, "take_up")) == 3
    assigned = table(analyst, made, "assignments")
    units = {str(unit.id): unit.arm for unit in ArmUnit.objects.filter(draw__programme=made)}
    assert {row[0]: row[3] for row in assigned[1:]} == units
    assert {row[4] for row in assigned[1:]} == {"5000"}
    assert not {str(office.town.holder), str(office.town.other)} & {row[0] for row in assigned}
    assert str(next(iter(units))) not in page(analyst, "arms", made)


def test_before_anybody_took_part_nothing_is_said_of_a_difference(office: Office, made: UUID) -> None:
    draw_trial(office, made)
    text = page(office.browser(ANALYST), "arms", made)
    assert "まだだれも受け取っていません" in text
    assert "はっきりした差は見えません" not in text
    assert [row[-1] for row in cells(text, "群ごとに")] == ["—", "—"]


def test_an_arm_that_is_off_its_share_is_said_aloud(office: Office, made: UUID) -> None:
    draw_trial(office, made)
    ArmUnit.objects.filter(draw__programme=made).update(arm="rich")
    assert "割合とちがう群があります" in words(page(office.browser(ANALYST), "arms", made))


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible_and_fits_before_and_after_the_draw(
    live_server: object, chromium: Browser, office: Office, made: UUID, width: int
) -> None:
    client = office.browser(CHECKER)
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="ja-JP")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(live_server)}])
    seen = context.new_page()
    for stage in ("list", "draw", "drawn"):
        if stage == "draw":
            send(client, "arms", made, act="fix", once=f"c{width}")
        if stage == "drawn":
            send(client, "arms", made, act="draw", once=f"d{width}", public_value=VALUE)
        for language in ("ja", "en"):
            seen.goto(f"{live_server}/office/evidence/{made}/arms?lang={language}")
            shot(seen, f"office-arms-{width}-{stage}-{language}")
            found = Axe().run(seen)
            assert found.violations_count == 0, f"{stage}: {found.generate_report()}"
            assert seen.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
