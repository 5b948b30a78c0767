"""Who is let in: tokens and keys, their scopes and ends, and what a wide token still does not open."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from meguri.faces.api.auth import claims_of
from meguri.faces.entrance.tokens import mint_token
from meguri.ledger.operations import open_municipality
from meguri.parties.operations import issue_api_key, revoke_api_key
from meguri.parties.operations.api_keys import REHEARSAL_SCOPE
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.refusal import Refusal
from tests.faces.api.conftest import DOCUMENT, OPERATIONS, Caller, key_for, problem, token
from tests.town import Town

OPEN = {"refusals_list", "programmes_templates", "line_see", "line_place"}
"""What everybody may ask; a place in a line by its ticket."""


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - OPEN))
def test_without_a_token_nothing_is_told(caller: Caller, operation: str) -> None:
    body = {name: uuid4() for name in OPERATIONS[operation].in_path}
    assert caller.refused(operation, body)["code"] == "not_signed_in"


def test_the_open_ones_say_so_in_the_document() -> None:
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            assert ("security" in operation) == (operation["operationId"] not in OPEN)


def test_a_refused_token_says_why(caller: Caller) -> None:
    resident = caller.town.resident
    good = token(resident, "wallet.see")
    old = mint_token(resident, scopes=["wallet.see"], seconds=60, at=now() - timedelta(minutes=2))
    for given, code, status in (
        (good[:-1] + ("A" if good[-1] != "A" else "B"), "token_unreadable", 401), ("x", "token_unreadable", 401),
        (old, "token_expired", 401), (token(resident, "wallet.open"), "scope_missing", 403),
        ("meguri_invented", "key_unknown", 401), (token(caller.town.at_small_shop), "not_allowed", 403),
    ):  # fmt: skip
        answer = caller.ask("wallet_purses", by=given)
        assert (problem(answer)["code"], answer.status_code) == (code, status)
        assert ("WWW-Authenticate" in answer) == (status == 401)
    assert caller.call("wallet_purses", by=good)["total_yen"] == 0


def test_what_is_remembered_of_a_token_opens_no_other_scope_and_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lean routes see a token many times and judge its scope once; its time is looked at every time."""
    resident = Actor(1, ActorRole.RESIDENT, uuid4())
    good = mint_token(resident, scopes=["till.pay"], seconds=60)
    for _ in range(2):
        assert claims_of(good, scope="till.pay").actor == resident
        with pytest.raises(Refusal, match="scope_missing"):
            claims_of(good, scope="wallet.see")
    later = now() + timedelta(seconds=61)
    monkeypatch.setattr("meguri.faces.entrance.tokens.now", lambda: later)
    with pytest.raises(Refusal, match="token_expired"):
        claims_of(good, scope="till.pay")


def test_a_session_alone_opens_nothing(caller: Caller) -> None:
    """Cookies do not count, so no foreign page can make a browser call the API."""
    answer = caller.http.get("/api/v1/wallet/purses", headers={"Authorization": "Basic eDp5"})
    assert problem(answer)["code"] == "not_signed_in"


def test_a_key_opens_its_scopes_until_its_end(caller: Caller, town: Town) -> None:
    clerk = Actor(town.municipality, ActorRole.CLERK, uuid4(), shop=town.small_shop)
    system = town.actor(ActorRole.SYSTEM)
    assert caller.call("till_day", by=key_for(town, clerk, scopes=["till.day"]))["payments"] == 0
    assert caller.refused("till_day", by=key_for(town, clerk, scopes=["till.pay"]))["code"] == "scope_missing"
    ended = key_for(town, clerk, scopes=["till.day"], lasts=timedelta(seconds=-1))
    assert caller.refused("till_day", by=ended)["code"] == "key_unknown"
    revoked = issue_api_key(
        label="x", scopes=["till.day"], acts_as=clerk, expires_at=now() + timedelta(days=1), by=system, at=now()
    )
    revoke_api_key(revoked.id, by=town.actor(ActorRole.OPERATOR), at=now())
    assert caller.refused("till_day", by=revoked.secret)["code"] == "key_unknown"
    careless = key_for(town, clerk, scopes=["settlement.see"])
    assert caller.refused("settlement_list", by=careless)["code"] == "not_allowed"


@pytest.mark.parametrize(("operation", "role"), [
    ("settlement_list", ActorRole.RESIDENT), ("settlement_list", ActorRole.OWNER), ("till_day", ActorRole.RESIDENT),
    ("programmes_list", ActorRole.RESIDENT), ("points_place_code", ActorRole.RESIDENT),
    ("points_place_code", ActorRole.MAKER), ("wallet_history", ActorRole.MAKER),
    ("rehearsal_token", ActorRole.OPERATOR),
])  # fmt: skip
def test_a_token_with_every_scope_opens_no_more_than_its_actor_may_do(
    caller: Caller, town: Town, operation: str, role: ActorRole
) -> None:
    programme = {"programme": uuid4(), "action": "bus"}
    body = {"points_place_code": programme, "rehearsal_token": {"role": "resident", "party": uuid4()}}.get(
        operation, {}
    )
    by = town.actor(role, department="commerce", shop=town.small_shop if role is ActorRole.OWNER else None)
    assert caller.refused(operation, body, by=by)["status"] == 403


def test_another_departments_place_shows_its_code_to_nobody_else(caller: Caller, town: Town) -> None:
    maker = town.makers["planning"]
    listed = caller.call("programmes_list", by=maker)
    points = next(row["programme"] for row in listed if row["family"] == "point")
    caller.call("points_open_actions", {"programme": points}, by=maker)
    asked = {"programme": points, "action": "bus"}
    assert caller.call("points_place_code", asked, by=maker)["code"]
    assert caller.refused("points_place_code", asked, by=town.makers["commerce"])["code"] == "not_allowed"


REHEARSED = {
    "rehearsal_token": {"role": "resident", "party": "00000000-0000-0000-0000-000000000001"},
    "rehearsal_set_clock": {"at": "2025-11-12T00:00:00+09:00"}, "rehearsal_residents": {"residents": []},
    "rehearsal_shops": {"shops": []}, "rehearsal_sponsors": {"sponsors": []},
    "shops_close": {"shop": "00000000-0000-0000-0000-000000000001"},
    "rehearsal_tell_of_payment": {"order": "00000000-0000-0000-0000-000000000001", "kind": "final"},
}  # fmt: skip


@pytest.mark.parametrize("operation", sorted(REHEARSED))
def test_a_real_town_has_no_rehearsal(caller: Caller, town: Town, operation: str) -> None:
    number = town.municipality + 500_000
    open_municipality(municipality=number, code=f"real-{number}", name_ja="市", name_en="City", kind="real")
    key = issue_api_key(
        label="x", scopes=[REHEARSAL_SCOPE], acts_as=Actor(number, ActorRole.OPERATOR),
        expires_at=now() + timedelta(days=1), by=Actor(number, ActorRole.SYSTEM), at=now(),
    ).secret  # fmt: skip
    assert caller.refused(operation, REHEARSED[operation], by=key)["code"] == "only_in_a_rehearsal"


def test_the_rehearsal_needs_its_scope_by_name(caller: Caller, town: Town) -> None:
    """A token that may do everything its operator may do is not the rehearsal's key."""
    operator = town.actor(ActorRole.OPERATOR)
    assert (
        caller.refused("rehearsal_token", REHEARSED["rehearsal_token"], by=token(operator, "wallet.open"))["status"]
        == 403
    )
    assert caller.refused("rehearsal_token", REHEARSED["rehearsal_token"], by=operator)["code"] == "only_in_a_rehearsal"
