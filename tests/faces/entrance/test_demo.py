"""The demo's entrance: one press, and one is somebody of the invented town. And the rehearsal's tokens and clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.test import Client

from meguri.faces.entrance import operations
from meguri.faces.entrance.demo import ROSTER, demo_id, players, settle_demo_people
from meguri.faces.entrance.tokens import Claims, mint_token, read_claims, town_time
from meguri.ledger.operations import open_municipality, set_clock_offset
from meguri.ledger.queries import Balance
from meguri.notices.operations import send
from meguri.notices.rules import Wording
from meguri.parties import operations as parties
from meguri.parties.operations import ResidentEntry, ShopEntry
from meguri.parties.operations.api_keys import REHEARSAL_SCOPE
from meguri.parties.rules import Both
from meguri.programmes.vouchers.line import Selling
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.period import Period
from meguri.words.refusal import Refusal
from tests.faces.entrance.conftest import SYSTEM

OFFICERS = {p.key for p in ROSTER if p.department}


@pytest.fixture
def demo(town: int, settings: LazySettings) -> int:
    settings.DEMO = True
    return town


@pytest.fixture
def lived(demo: int, at: datetime, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """A town with residents who have money, a shop and a company; the residents' ids."""
    ages = {"a": 1950, "b": 1953, "c": 1990, "d": 2020}
    people = parties.register_residents(
        [
            ResidentEntry(date(year, 1, 1), "中町", date(2021, 1, 1), "H1" if key in "cd" else key, number=key)
            for key, year in ages.items()
        ],
        by=SYSTEM, at=at,
    )
    parties.register_shop(ShopEntry("大店", "Big", "56", "駅前", "large"), by=SYSTEM, at=at)
    parties.register_shop(ShopEntry("八百屋まるは", "Maruha", "58", "中町", "street"), by=SYSTEM, at=at)
    parties.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=SYSTEM, at=at)
    amounts = dict(zip(people, (100, 5_000, 300, 9_999), strict=True))

    def held(owners: list[UUID], *_: object, **__: object) -> list[Any]:
        return [Balance(type("A", (), {"owner": one}), None, amounts[one]) for one in owners]  # type: ignore[arg-type]

    monkeypatch.setattr("meguri.faces.entrance.demo.ledger.balances", held)
    return people


def test_an_empty_town_has_its_town_hall_at_once(demo: int, at: datetime) -> None:
    assert {p.part.key for p in settle_demo_people(municipality=demo, at=at)} == OFFICERS


def test_a_lived_town_plays_every_part_and_settling_again_changes_nothing(
    demo: int, at: datetime, lived: list[UUID]
) -> None:
    first = settle_demo_people(municipality=demo, at=at)
    assert [p.part for p in first] == list(ROSTER)
    assert settle_demo_people(municipality=demo, at=at) == first
    by_key = {p.part.key: p.login.party for p in first}
    assert by_key["elder"] == lived[1], "of two pensioners the one with the fuller wallet"
    assert by_key["parent"] == lived[2]


def test_people_join_the_demo_as_the_town_is_lived(demo: int, at: datetime, lived: list[UUID]) -> None:
    settle_demo_people(municipality=demo, at=at)
    get_user_model().objects.filter(id=demo_id("elder", municipality=1, what="login")).delete()
    assert len(players(demo)) == len(ROSTER) - 1
    assert len(settle_demo_people(municipality=demo, at=at)) == len(ROSTER), "an open part is filled at the next look"


@pytest.mark.parametrize(
    ("key", "role", "department", "home"),
    [("elder", "resident", "", "/wallet/"), ("clerk", "clerk", "", "/till/"), ("owner", "owner", "", "/till/"),
     ("commerce-maker", "maker", "commerce", "/office/"), ("welfare-checker", "checker", "welfare", "/office/"),
     ("accountant", "accountant", "accounting", "/office/"), ("partner", "partner", "", "/partner/"),
     ("analyst", "analyst", "planning", "/office/"), ("operator", "operator", "planning", "/office/")],
)
def test_one_press_and_one_is_somebody(  # noqa: PLR0917 - one column each
    key: str, role: str, department: str, home: str, demo: int, lived: list[UUID], browser: Client
) -> None:
    page = browser.get("/enter/")
    assert "これは体験版です" in page.content.decode()
    assert browser.post(f"/enter/as/{key}").headers["location"] == home
    page = browser.get("/enter/hats")
    actor = page.wsgi_request.actor
    assert (str(actor.role), actor.department) == (role, department)
    assert page.context["demo_strip"]["who"] == page.context["signed_in"]["name"] != ""


def test_becoming_somebody_else_leaves_nothing_of_the_first(demo: int, lived: list[UUID], browser: Client) -> None:
    browser.get("/enter/")
    browser.post("/enter/as/accountant")
    first = browser.session.session_key
    browser.post("/enter/as/elder", {"next": "/wallet/?x=1"})
    assert browser.session.session_key != first
    assert [h.key for h in browser.get("/enter/hats").wsgi_request.hats] == ["resident"]
    browser.post("/enter/leave")
    assert browser.get("/").wsgi_request.actor.role is ActorRole.VISITOR


def test_a_press_needs_the_pages_own_token(demo: int, lived: list[UUID]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get("/enter/")
    assert strict.post("/enter/as/elder").status_code == 403
    assert strict.get("/enter/as/elder").status_code == 405


def test_parts_that_nobody_plays_yet_cannot_be_pressed(demo: int, browser: Client) -> None:
    page = browser.get("/enter/").content.decode()
    assert page.count("disabled") >= 5
    answer = browser.post("/enter/as/elder")
    assert (answer.status_code, "この役はいま選べません" in answer.content.decode()) == (404, True)


@pytest.mark.parametrize(("behind", "told"), [(timedelta(days=20), True), (timedelta(0), False)])
def test_a_visitor_is_told_while_the_towns_clock_hurries(
    demo: int, browser: Client, behind: timedelta, *, told: bool
) -> None:
    set_clock_offset(municipality=demo, offset=-behind)
    for language, words in (("ja", "早送り中"), ("en", "clock is hurrying")):
        assert (words in browser.get(f"/enter/?lang={language}").text) is told


def test_a_visitor_is_told_of_the_sale_and_stands_in_its_line_with_one_press(
    demo: int, lived: list[UUID], browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = timedelta(days=3)
    said = {"now": now() - soon, "soon": now() + soon}
    sales = {name: Selling(uuid4(), Both("先着の券", "First come"), Both("2回目", "Second"), Period(at, at + 9 * soon),
                           4_000, 5_200, 318) for name, at in said.items()}  # fmt: skip
    monkeypatch.setattr("meguri.faces.entrance.views.line.selling", lambda *_, **__: tuple(sales.values()))
    page = browser.get("/enter/?lang=en").text
    assert ("On sale now" in page, "Soon on sale" in page, page.count("318 units left")) == (True, True, 2)
    assert page.count("Stand in line:") == 2, "as a pensioner or as a parent, in the sale that is open"
    answer = browser.post("/enter/as/elder", {"next": f"/wallet/get/vouchers/{sales['now'].sale}"})
    assert f'value="{answer.headers["location"]}"' in page
    set_clock_offset(municipality=demo, offset=timedelta(days=-20))
    assert "Stand in line:" not in browser.get("/enter/?lang=en").text, "while the clock hurries a turn is over at once"


def test_without_the_demo_there_are_no_parts(town: int, browser: Client, settings: LazySettings, at: datetime) -> None:
    settings.DEMO = True
    settle_demo_people(municipality=town, at=at)
    settings.DEMO = False
    page = browser.get("/enter/").content.decode()
    assert "体験版" not in page
    assert "サインイン" in page
    assert browser.post("/enter/as/operator").status_code == 404
    assert browser.get("/enter/outbox").status_code == 404
    assert not browser.get("/").wsgi_request.user.is_authenticated


def test_all_mail_of_the_invented_town_is_shown(demo: int, browser: Client) -> None:
    for number in range(31):
        wording = Wording(f"題{number}", f"Title {number}", "本文", "Text")
        at = now() + timedelta(milliseconds=number)
        send(uuid4(), wording, channel="mail", topic="x", by=SYSTEM, at=at)
    page = browser.get("/enter/outbox")
    assert "題30" in page.content.decode()
    last = page.context["letters"][-1].notice.id
    earlier = browser.get(f"/enter/outbox?after={last}&lang=en").content.decode()
    assert "Title 0" in earlier
    assert browser.get("/enter/outbox?after=nonsense").status_code == 200
    assert "前のお知らせ" in page.text
    assert "Earlier ones" not in earlier, "it was the last page"


@pytest.fixture
def holder(town: int, at: datetime) -> Claims:
    """A program of the operator's with the scope `rehearsal`."""
    operator = Actor(town, ActorRole.OPERATOR, uuid4())
    return Claims(operator, frozenset({REHEARSAL_SCOPE}), at + timedelta(days=30))


def test_a_rehearsal_acts_for_anybody_and_moves_the_clock(town: int, holder: Claims) -> None:
    checker = Actor(town, ActorRole.CHECKER, uuid4(), "welfare")
    token = operations.mint_for_rehearsal(checker, scopes=["benefit.decide"], holder=holder)
    assert read_claims(token).actor == checker
    operations.move_clock(timedelta(days=40), holder=holder)
    assert town_time(town) - now() > timedelta(days=39)


def test_no_rehearsal_in_a_real_town(holder: Claims, at: datetime) -> None:
    open_municipality(municipality=5, code="131016", name_ja="市", name_en="City", kind="real")
    real = Claims(Actor(5, ActorRole.OPERATOR, uuid4()), frozenset({"rehearsal"}), at + timedelta(days=1))
    for attempt in (
        lambda: operations.mint_for_rehearsal(Actor(5, ActorRole.RESIDENT, uuid4()), scopes=[], holder=real),
        lambda: operations.move_clock(timedelta(days=1), holder=real),
    ):
        with pytest.raises(Refusal, match="only_in_a_rehearsal"):
            attempt()


@pytest.mark.parametrize("scopes", [(), ("pay",)])
def test_no_rehearsal_without_its_scope(scopes: tuple[str, ...], town: int) -> None:
    operator = Actor(town, ActorRole.OPERATOR, uuid4())
    without = read_claims(mint_token(operator, scopes=scopes, seconds=60))
    with pytest.raises(Refusal, match="only_in_a_rehearsal"):
        operations.mint_for_rehearsal(operator, scopes=[], holder=without)


def test_a_rehearsal_stays_in_its_town_and_role(town: int, holder: Claims, at: datetime) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        operations.mint_for_rehearsal(Actor(2, ActorRole.RESIDENT, uuid4()), scopes=[], holder=holder)
    clerk = Claims(Actor(town, ActorRole.CLERK, uuid4()), frozenset({"rehearsal"}), at + timedelta(days=1))
    with pytest.raises(Refusal, match="not_allowed"):
        operations.move_clock(timedelta(days=1), holder=clerk)
