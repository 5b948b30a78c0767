"""Codes by letter over the API: each no has its status and field, and a wrong code stays counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from meguri.faces.api import vouchers as view
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.vouchers.codes import new_code
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from meguri.words.signs import WRONG_MOST
from tests.faces.api.conftest import Caller, problem, set_clock, token
from tests.faces.resident.test_codes import NOON, OVER, Letters, letters_of
from tests.town import Town


@pytest.fixture
def letters(town: Town) -> Letters:
    return letters_of(town)


def entered(caller: Caller, code: str, *, by: Actor | None = None) -> HttpResponse:
    return caller.ask("vouchers_enter_code", {"code": code}, by=by or caller.town.resident)


def held(town: Town) -> int:
    found = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    return sum(balance.amount for balance in found)


def left(caller: Caller) -> int:
    no = problem(entered(caller, new_code()))
    assert (no["code"], no["status"], no["field"]) == ("voucher_code_unknown", 404, "code")
    return int(no["facts"]["left"])


def test_wrong_codes_stay_counted_over_requests(caller: Caller, letters: Letters) -> None:
    assert [left(caller) for _ in range(WRONG_MOST)] == list(range(WRONG_MOST - 1, -1, -1))
    stopped = entered(caller, letters.mine)
    no = problem(stopped)
    assert (no["code"], no["status"], no["field"]) == ("voucher_too_many_tries", 429, "code")
    assert 0 < no["facts"]["minutes"] <= 60
    assert stopped["Retry-After"] == str(60 * no["facts"]["minutes"]), "the wait that the sentence names, in seconds"
    assert held(caller.town) == 0


def test_if_the_view_raised_the_count_would_be_lost(
    caller: Caller, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the API rolls back whatever is raised, so the test above bites."""

    def raising(**asked: Any) -> Any:
        answer = answering(**asked)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    answering = view.operations.enter_code
    monkeypatch.setattr(view.operations, "enter_code", raising)
    assert [left(caller) for _ in range(3)] == [9, 9, 9]
    monkeypatch.undo()
    assert [left(caller) for _ in range(3)] == [9, 8, 7]


def test_each_no_has_its_code_and_its_field(caller: Caller, letters: Letters, town: Town) -> None:
    no = problem(entered(caller, "hello"))
    assert (no["code"], no["status"], no["field"]) == ("voucher_code_misread", 422, "code")
    assert problem(entered(caller, "A" * 81))["code"] == "malformed_request"
    neighbour = town.actor(ActorRole.RESIDENT, party=town.other)
    assert entered(caller, letters.mine, by=neighbour).status_code == 200
    no = problem(entered(caller, letters.mine))
    assert (no["code"], no["status"]) == ("voucher_code_used", 409)
    set_clock(town, OVER)
    no = problem(entered(caller, letters.printed[town.other]))
    assert (no["code"], no["status"]) == ("voucher_code_expired", 409)
    assert held(town) == 0


def test_only_a_resident_with_the_scope_enters_a_code(caller: Caller, letters: Letters, town: Town) -> None:
    assert problem(entered(caller, letters.mine, by=town.at_small_shop))["code"] == "not_allowed"
    narrow = token(town.resident, "voucher.apply")
    assert problem(caller.ask("vouchers_enter_code", {"code": letters.mine}, by=narrow))["code"] == "scope_missing"
    set_clock(town, NOON)
    assert held(town) == 0
