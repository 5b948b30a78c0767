"""Two officers confirm at the same moment. Each test runs first with the lock off, and then the harm must be seen."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet

from meguri.parties import queries
from meguri.parties.models import Commuter
from meguri.parties.operations import commuters, confirm_listed, refuse_commuter
from tests.parties.commuting_town import SINCE, UNTIL, confirm, declare
from tests.parties.conftest import AT, Town
from tests.parties.test_commuter_lists import LINE, listed
from tests.parties.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_town(transactional_db: None) -> Town:
    """A committed town, so that two connections see it."""
    return Town().open()


def let_both_look_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The locks off: each reads its row, and who is alike, before the other has written anything."""
    together = threading.Barrier(2, timeout=10)
    alike = commuters.known_alike

    def unlocked(commuter: UUID, municipality: int) -> Commuter:
        return Commuter.objects.get(id=commuter, municipality=municipality)

    def slowly(*args: Any, **more: Any) -> Any:
        found = alike(*args, **more)
        together.wait()
        return found

    monkeypatch.setattr(commuters, "_locked", unlocked)
    monkeypatch.setattr(commuters, "_hold", lambda _: None)
    monkeypatch.setattr(commuters, "known_alike", slowly)


@pytest.mark.parametrize("locked", [False, True])
def test_two_officers_confirm_one_word_at_once(
    *, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = open_town.actor("maker"), open_town.actor("maker")
    said = declare(open_town.actor("resident"))
    if not locked:
        let_both_look_first(monkeypatch)
    outcomes = at_once(lambda: confirm(said, one), lambda: confirm(said, other, last_day=SINCE))
    assert outcomes == (["commuter_decided", "done"] if locked else ["done", "done"])


def test_a_confirmation_and_a_refusal_at_once_leave_one_answer(open_town: Town) -> None:
    """A refusal may follow a confirmation, which it takes back; a confirmation never follows a refusal."""
    said = declare(open_town.actor("resident"))
    outcomes = at_once(
        lambda: confirm(said, open_town.actor("maker")),
        lambda: refuse_commuter(said, reason="書類の不足", by=open_town.actor("maker"), at=AT),
    )
    told = queries.commuter(said, municipality=1)
    assert told is not None
    assert told.state == "refused"
    assert outcomes in (["done", "done"], ["commuter_decided", "done"])


@pytest.mark.parametrize("locked", [False, True])
def test_two_sign_ins_of_one_person_are_confirmed_at_once(
    *, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [declare(open_town.actor("resident")) for _ in range(2)]
    if not locked:
        let_both_look_first(monkeypatch)
    outcomes = at_once(*(lambda each=each: confirm(each, open_town.actor("maker")) for each in said))  # type: ignore[misc]
    assert outcomes == (["commuter_twice", "done"] if locked else ["done", "done"])


def test_a_list_and_an_officer_confirm_one_word_at_once(open_town: Town) -> None:
    said = declare(open_town.actor("resident"))
    outcomes = at_once(
        lambda: confirm(said, open_town.actor("maker"), last_day=SINCE),
        lambda: confirm_listed(listed(LINE), by=open_town.actor("maker"), at=AT),
    )
    told = queries.commuter(said, municipality=1)
    assert told is not None
    assert outcomes in (["commuter_decided", "done"], ["done", "done"])
    assert (told.proof, told.last_day) in {("employee_card", SINCE), ("list", UNTIL)}


@pytest.mark.parametrize("locked", [False, True])
def test_a_person_says_it_twice_at_once(*, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    me, together = open_town.actor("resident"), threading.Barrier(2, timeout=10)
    if not locked:
        monkeypatch.setattr(commuters, "_hold", lambda _: None)
        first = QuerySet.update

        def wait(rows: QuerySet[Any], **values: Any) -> int:
            changed = first(rows, **values)
            together.wait()
            return changed

        monkeypatch.setattr(QuerySet, "update", wait)
    outcomes = at_once(lambda: declare(me), lambda: declare(me, name="別人 名"))
    assert outcomes == (["done", "done"] if locked else ["constraint", "done"]), "the constraint is the second wall"
    assert queries.commuters_waiting(1) == 1
