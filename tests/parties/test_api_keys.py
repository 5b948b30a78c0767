from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from meguri.parties import queries
from meguri.parties.models import ApiKey
from meguri.parties.operations import issue_api_key, revoke_api_key
from meguri.parties.operations.api_keys import LONGEST, IssuedKey
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

SOON = AT + timedelta(days=30)


def issue(by: Actor, acts_as: Actor, *scopes: str, **more: object) -> IssuedKey:
    values: dict[str, object] = {"expires_at": SOON, "at": AT, "label": "POS", **more}
    return issue_api_key(scopes=scopes or ("till.pay",), acts_as=acts_as, by=by, **values)  # type: ignore[arg-type]


def test_a_shops_key_acts_as_its_clerk_until_it_ends(town: Town) -> None:
    shop = town.shop()
    owner = town.actor("owner", shop=shop)
    key = issue(owner, Actor(1, ActorRole.CLERK, owner.party, shop=shop), "till.pay", "till.day")
    found = queries.api_key(key.secret, at=AT)
    assert found is not None
    assert (found.actor.role, found.actor.shop, found.scopes) == (ActorRole.CLERK, shop, ("till.pay", "till.day"))
    assert key.secret.startswith(key.prefix)
    assert queries.api_key(key.secret, at=SOON) is None
    assert queries.api_key(key.secret + "x", at=AT) is None
    assert key.secret not in str(ApiKey.objects.values())


def test_a_revoked_key_stops_at_once(town: Town) -> None:
    owner = town.actor("owner", shop=town.shop())
    key = issue(owner, owner)
    stranger = town.actor("owner", shop=town.shop())
    with pytest.raises(Refusal, match="api_key_unknown"):
        revoke_api_key(key.id, by=stranger, at=AT)
    revoke_api_key(key.id, by=owner, at=AT)
    assert queries.api_key(key.secret, at=AT) is None
    with pytest.raises(Refusal, match="api_key_unknown"):
        revoke_api_key(key.id, by=owner, at=AT)


@pytest.mark.parametrize("role", ["checker", "accountant", "resident", "system", "visitor"])
def test_no_program_approves_or_pays_out(role: str, town: Town) -> None:
    with pytest.raises(Refusal, match="api_key_too_strong"):
        issue(town.actor("operator"), town.actor(role, "commerce"))


def test_nobody_gives_more_than_the_own(town: Town) -> None:
    owner, shop = town.actor("owner", shop=town.shop()), town.shop()
    with pytest.raises(Refusal, match="not_allowed"):
        issue(owner, town.actor("clerk", shop=shop))
    with pytest.raises(Refusal, match="api_key_too_strong"):
        issue(owner, Actor(1, ActorRole.OPERATOR, owner.party))
    with pytest.raises(Refusal, match="not_allowed"):
        issue(town.actor("checker", "commerce"), town.actor("maker", "welfare"))
    issue(town.actor("checker", "commerce"), town.actor("maker", "commerce"), "benefit.import")
    with pytest.raises(Refusal, match="not_allowed"):
        issue(town.actor("operator"), Actor(2, ActorRole.CLERK, uuid4()))


def test_the_rehearsals_scope_comes_from_the_operator_only(town: Town) -> None:
    owner = town.actor("owner", shop=town.shop())
    with pytest.raises(Refusal, match="api_key_too_strong"):
        issue(owner, owner, "rehearsal")
    operator = town.actor("operator")
    assert issue(operator, operator, "rehearsal")
    assert issue(town.system, operator, "rehearsal")


def test_scopes_are_actions_and_keys_end(town: Town) -> None:
    operator = town.actor("operator")
    with pytest.raises(Refusal, match="scope_unknown"):
        issue(operator, operator, "everything")
    for wrong in (AT, AT + LONGEST + timedelta(seconds=1)):
        with pytest.raises(Refusal, match="api_key_span_wrong"):
            issue(operator, operator, expires_at=wrong)


def test_keys_are_listed_without_secrets(town: Town) -> None:
    owner = town.actor("owner", shop=town.shop())
    key = issue(owner, owner)
    issue(town.actor("checker", "commerce"), town.actor("maker", "commerce"))
    assert [k.id for k in queries.api_keys(municipality=1, owner=owner.shop)] == [key.id]
    assert len(queries.api_keys(municipality=1, department="commerce")) == 1
    assert len(queries.api_keys(municipality=1)) == 2
