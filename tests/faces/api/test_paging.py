"""Lists by cursor: while new rows arrive, no page repeats a row and none is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from meguri.notices.operations import send
from meguri.notices.rules import Wording
from meguri.words.actor import ActorRole
from tests.faces.api.conftest import Caller


def pages(caller: Caller, ask: Callable[[dict[str, Any]], Any], *, between: Callable[[], object]) -> list[str]:
    """The keys of all rows, page by page; a new row arrives before every page but the first."""
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        rows, following = ask(query)
        seen += rows
        if following is None:
            return seen
        query["after"] = following
        between()


def test_a_wallets_history(caller: Caller) -> None:
    town = caller.town
    town.give("points", 400)
    town.give("bonus", 400)  # a payment of both purses is one row
    made = [caller.pay(50)["payment"] for _ in range(7)]

    def ask(query: dict[str, Any]) -> Any:
        given = caller.call("wallet_history", query, by=town.resident)
        return [row["posting"] for row in given["movements"]], given["next"]

    seen = pages(caller, ask, between=lambda: caller.pay(1))
    assert len(seen) == len(set(seen)) == 9
    assert seen[:7] == made[::-1]


def test_a_tills_day(caller: Caller) -> None:
    town = caller.town
    town.give("points", 120)
    town.give("bonus", 400)
    made = [caller.pay(50)["payment"] for _ in range(7)]

    def ask(query: dict[str, Any]) -> Any:
        given = caller.call("till_day", query, by=town.at_small_shop)
        assert all(row["amount_yen"] in (50, 1) for row in given["lines"])
        return [row["posting"] for row in given["lines"]], given["next"]

    assert pages(caller, ask, between=lambda: caller.pay(1)) == made[::-1]


def test_notices(caller: Caller) -> None:
    town, system = caller.town, caller.town.actor(ActorRole.SYSTEM)

    def arrive() -> None:
        send(town.holder, Wording("題", "Title", "本文", "Text"), channel="in_app", topic="test", by=system, at=town.at)

    before = len(caller.call("notices_inbox", by=town.resident))
    for _ in range(7):
        arrive()

    def ask(query: dict[str, Any]) -> Any:
        rows = [row["notice"] for row in caller.call("notices_inbox", query, by=town.resident)]
        return rows, rows[-1] if len(rows) == 3 else None

    seen = pages(caller, ask, between=arrive)
    assert len(seen) == len(set(seen)) == before + 7


def test_a_page_after_the_last_is_empty(caller: Caller) -> None:
    first = "00000000-0000-7000-8000-000000000000"
    assert caller.call("wallet_history", {"after": first}, by=caller.town.resident) == {"movements": [], "next": None}
    assert caller.call("notices_inbox", {"after": first}, by=caller.town.resident) == []
    assert caller.call("till_day", {"after": first}, by=caller.town.at_small_shop)["lines"] == []


@pytest.mark.parametrize("limit", [0, -1, 10**6])
def test_a_limit_is_kept_within_bounds(caller: Caller, limit: int) -> None:
    caller.town.give("points", 10)
    assert len(caller.call("wallet_history", {"limit": limit}, by=caller.town.resident)["movements"]) == 1


def test_a_request_can_be_looked_up_by_its_own_number(caller: Caller) -> None:
    """The same number asked again tells what became of it, also when the code has long run out."""
    town = caller.town
    town.give("points", 100)
    body, number = {"amount_yen": 10, "code": caller.code()}, str(uuid4())
    made = caller.call("payments_pay", body, by=town.at_small_shop, key=number)
    found = caller.call("payments_pay", body, by=town.at_small_shop, key=number)
    assert (found["payment"], found["status"]) == (made["payment"], "paid_before")
