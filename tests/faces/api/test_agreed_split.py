"""Paying as it was shown: a program sends the split that its holder saw; a changed one is refused, with the new."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from meguri.faces.api import lean
from meguri.faces.entrance.agreed_split import read_seal
from meguri.parties.queries import shop as shop_of
from meguri.words.actor import ActorRole
from tests.faces.api.conftest import Caller
from tests.faces.api.test_lean import say
from tests.town import Town


@pytest.fixture
def mixed(caller: Caller) -> Caller:
    caller.town.give("points", 1_000)
    caller.town.give("premium", 300)
    return caller


def printed(town: Town) -> str:
    found = shop_of(town.small_shop, municipality=town.municipality)
    assert found is not None
    return found.code


def quoted(caller: Caller, yen: int = 500) -> dict[str, Any]:
    asked = {"shop": caller.town.small_shop, "amount_yen": yen}
    found: dict[str, Any] = caller.call("payments_quote", asked, by=caller.town.resident)
    return found


def pay(caller: Caller, shown: str, *, yen: int = 500, key: str = "", lean_route: bool = True) -> tuple[int, Any]:
    body = {"amount_yen": yen, "shop_code": printed(caller.town), "shown": shown}
    if lean_route:
        status, _, answer = say(body, by=caller.town.resident, key=key or str(uuid4()))
        return status, answer
    response = caller.ask("payments_pay", body, by=caller.town.resident, key=key or str(uuid4()))
    return response.status_code, response.json()


def split(answer: dict[str, Any]) -> list[int]:
    return [part["yen"] for part in answer["taken"]]


def test_a_quote_is_paid_as_it_was_shown_and_once(mixed: Caller) -> None:
    seen = quoted(mixed)
    assert sum(split(seen)) == 500
    assert all("until" in part for part in seen["taken"])
    status, paid = pay(mixed, seen["shown"], key="one")
    assert (status, split(paid)) == (201, split(seen))
    status, again = pay(mixed, seen["shown"], key="one")
    assert (status, again["payment"]) == (200, paid["payment"])


@pytest.mark.parametrize("lean_route", [True, False])
def test_a_split_that_has_changed_is_refused_with_the_new_one_which_then_pays(
    mixed: Caller, *, lean_route: bool
) -> None:
    seen = quoted(mixed, 1_100)
    assert len(seen["taken"]) == 2
    mixed.call("payments_pay", {"amount_yen": 100, "shop_code": printed(mixed.town)}, by=mixed.town.resident,
               key="between")  # fmt: skip
    before = mixed.call("wallet_purses", by=mixed.town.resident)["total_yen"]
    status, no = pay(mixed, seen["shown"], yen=1_100, key="mine", lean_route=lean_route)
    assert (status, no["code"], no["field"]) == (409, "split_changed", "shown")
    assert mixed.call("wallet_purses", by=mixed.town.resident)["total_yen"] == before, "nothing was paid"
    facts = no["facts"]
    assert (facts["amount_yen"], facts["short_yen"]) == (1_100, 0)
    assert split(facts) != split(seen)
    assert split(facts) == split(quoted(mixed, 1_100))
    status, paid = pay(mixed, facts["shown"], yen=1_100, key="mine", lean_route=lean_route)
    assert (status, split(paid)) == (201, split(facts))


def test_where_the_money_does_not_suffice_any_more_there_is_nothing_to_agree_to(mixed: Caller) -> None:
    seen = quoted(mixed, 1_250)
    mixed.call("payments_pay", {"amount_yen": 100, "shop_code": printed(mixed.town)}, by=mixed.town.resident,
               key="between")  # fmt: skip
    status, no = pay(mixed, seen["shown"], yen=1_250)
    assert (status, no["code"]) == (409, "split_changed")
    assert (no["facts"]["short_yen"], no["facts"]["shown"]) == (50, "")
    assert quoted(mixed, 5_000)["shown"] == "", "nor where it did not from the start"


def test_a_seal_of_another_payment_is_refused_and_nothing_is_paid(mixed: Caller) -> None:
    seen = quoted(mixed)["shown"]
    before = mixed.call("wallet_purses", by=mixed.town.resident)["total_yen"]
    for shown, yen in ((seen, 499), (seen[:-1], 500), ("x", 500), (seen + "\u00e9", 500)):
        status, no = pay(mixed, shown, yen=yen)
        assert (status, no["code"], no["field"]) == (422, "split_not_of_this", "shown"), shown
    other = mixed.town.actor(ActorRole.RESIDENT, party=mixed.town.other)
    body = {"amount_yen": 500, "shop_code": printed(mixed.town), "shown": seen}
    assert say(body, by=other)[2]["code"] == "split_not_of_this"
    at_till = {"amount_yen": 500, "code": mixed.code(), "shown": seen}
    assert say(at_till, by=mixed.town.at_small_shop)[2]["code"] == "split_not_of_this"
    assert mixed.call("wallet_purses", by=mixed.town.resident)["total_yen"] == before


def test_without_a_seal_it_pays_as_ever(mixed: Caller) -> None:
    status, paid = pay(mixed, "")
    assert (status, sum(split(paid))) == (201, 500)
    assert lean.PAY == "/api/v1/pay"


def test_the_page_s_seal_is_bound_to_its_number(mixed: Caller) -> None:
    """A seal of a page names its payment's number: a program cannot pay with it, nor a page with a program's."""
    holder, shop = mixed.town.holder, mixed.town.small_shop
    seen = quoted(mixed)["shown"]
    assert read_seal(seen, holder=holder, shop=shop, amount_yen=500)
    assert not read_seal(seen, holder=holder, shop=shop, amount_yen=500, number="n-1")
