"""What waits to be confirmed: seen by action and day, confirmed together, each a deed of its own."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from meguri.faces.office import points as desk
from meguri.parties.rules import Both
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries
from meguri.programmes.points.doubts import Doubt
from meguri.words.actor import ActorRole
from tests.faces.office.lived import Office
from tests.faces.office.reading import number_of, page, send, words


def report(office: Office, holder: UUID, *, code: str = "check-up") -> UUID:
    """Somebody reports an action that the desk has to confirm."""
    action = queries.action_by_code(office.programme("point"), code, municipality=office.number)
    assert action is not None
    by = office.town.actor(ActorRole.RESIDENT, party=holder)
    return points.record_action(action=action, request=uuid4(), by=by, at=office.town.at).record


@pytest.fixture
def waiting(office: Office) -> list[UUID]:
    office.held()
    report(office, office.town.other)
    found = queries.records(office.programme("point"), municipality=office.number, state="held")
    return [each.id for each in found]


def states(office: Office) -> dict[UUID, str]:
    return {each.id: each.state for each in queries.records(office.programme("point"), municipality=office.number)}


def test_the_desk_says_how_much_waits_and_since_when(office: Office, waiting: list[UUID]) -> None:
    text = page(office.browser("maker:planning"), "points")
    read = words(text)
    for said in ("確認待ち 2件", "待っている人 2人", "認めると付与する額 1,000円", "いちばん古い日"):
        assert said in read, said
    assert len(re.findall(r"<h4\b", text)) == 1, "one action on one day is one group"
    checked = re.findall(r'<input type="checkbox" name="record" value="([0-9a-f-]+)" form="([^"]+)" checked>', text)
    assert {UUID(record) for record, _ in checked} == set(waiting)
    (form,) = {form for _, form in checked}
    assert f'<form method="post" id="{form}">' in text
    assert re.search(rf'<button[^>]*value="attest" form="{form}"', text)


def test_all_checked_are_confirmed_at_one_press(office: Office, waiting: list[UUID]) -> None:
    answer = send(office.browser("checker:planning"), "points", act="attest", record=waiting)
    assert "2件を確かめました。1,000円分を付与しました。" in words(answer)
    assert set(states(office).values()) == {"granted"}
    rows = queries.records(office.programme("point"), municipality=office.number)
    assert len({each.posting for each in rows}) == 2, "each is a posting of its own"


def test_what_is_not_checked_goes_on_waiting(office: Office, waiting: list[UUID]) -> None:
    send(office.browser("checker:planning"), "points", act="attest", record=waiting[:1])
    assert states(office) == {waiting[0]: "granted", waiting[1]: "held"}


def test_a_refusal_for_one_stops_no_other_and_is_said(office: Office, waiting: list[UUID]) -> None:
    points.decline_action(
        record=waiting[0], reason="別の人の記録", by=office.officer("maker:planning"), at=office.town.at
    )
    answer = send(office.browser("checker:planning"), "points", act="attest", record=waiting)
    assert "1件を確かめました。500円分を付与しました。" in words(answer)
    assert "1件は確かめられませんでした。" in words(answer)
    assert states(office) == {waiting[0]: "refused", waiting[1]: "granted"}
    alone = send(office.browser("maker:planning"), "points", act="attest", record=waiting[:1])
    assert alone.status_code == 409
    assert "手続きは行われませんでした" in words(alone)


def test_nothing_checked_is_asked_for(office: Office, waiting: list[UUID]) -> None:
    answer = send(office.browser("checker:planning"), "points", act="attest")
    assert answer.status_code == 422
    assert "どれかを選んでください" in words(answer)
    assert set(states(office).values()) == {"held"}


def test_a_double_press_confirms_once(office: Office, waiting: list[UUID]) -> None:
    checker = office.browser("checker:planning")
    once = number_of(page(checker, "points"))
    send(checker, "points", act="attest", record=waiting, once=once)
    again = send(checker, "points", act="attest", record=waiting, once=once)
    assert "すでに受け付けています" in words(again)
    assert queries.totals(office.programme("point"), municipality=office.number).granted_yen == 1_000


def test_more_than_a_page_shows_is_no_form_of_ours(office: Office, waiting: list[UUID]) -> None:
    answer = send(office.browser("checker:planning"), "points", act="attest", record=[uuid4() for _ in range(51)])
    assert answer.status_code == 400


def test_what_facts_ask_to_be_looked_at_stands_first_and_is_not_checked_beforehand(
    office: Office, waiting: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    fact, browser = Doubt("crowd", 3, 2, Both("前後15秒に3人", "3 within 15 seconds")), office.browser("maker:planning")
    for suspect in waiting:
        facts = {each: (fact,) if each == suspect else () for each in waiting}
        monkeypatch.setattr(desk, "doubts_of", lambda _, facts=facts, **__: facts)
        text = page(browser, "points")
        boxes = re.findall(r'<input type="checkbox" name="record" value="([0-9a-f-]+)" form="[^"]+"( checked)?>', text)
        assert [(UUID(record), bool(checked)) for record, checked in boxes] == [
            (suspect, False), *((each, True) for each in waiting if each != suspect)
        ]
        assert words(text).count("前後15秒に3人") == 1


def test_the_totals_tell_what_is_verified_and_what_each_cost(office: Office, waiting: list[UUID]) -> None:
    send(office.browser("checker:planning"), "points", act="attest", record=waiting)
    read = words(page(office.browser("maker:planning"), "points"))
    assert "裏づけのある回数" in read
    assert re.search(r"特定健診を受ける 2 500円", read)
