from __future__ import annotations

from dataclasses import FrozenInstanceError
from uuid import UUID

import pytest

from meguri.words.actor import Actor, ActorRole

PARTY = UUID("0198c6a0-0000-7000-8000-000000000001")


def test_a_visitor_has_no_party_no_department_and_no_shop() -> None:
    visitor = Actor(municipality=1, role=ActorRole.VISITOR)
    assert (visitor.party, visitor.department, visitor.shop) == (None, "", None)


def test_an_actor_cannot_change_the_hat_while_acting() -> None:
    maker = Actor(municipality=1, role=ActorRole.MAKER, party=PARTY, department="commerce")
    with pytest.raises(FrozenInstanceError):
        maker.role = ActorRole.CHECKER  # type: ignore[misc]


def test_actors_with_different_hats_differ_and_can_be_keys() -> None:
    maker = Actor(municipality=1, role=ActorRole.MAKER, party=PARTY)
    checker = Actor(municipality=1, role=ActorRole.CHECKER, party=PARTY)
    elsewhere = Actor(municipality=2, role=ActorRole.MAKER, party=PARTY)
    same = Actor(municipality=1, role=ActorRole("maker"), party=PARTY)
    assert len({maker, checker, elsewhere, same}) == 3


def test_a_role_is_stored_and_read_as_its_word() -> None:
    assert {ActorRole(role.value) for role in ActorRole} == set(ActorRole)
    assert str(ActorRole.ACCOUNTANT) == "accountant"
    with pytest.raises(ValueError, match="mayor"):
        ActorRole("mayor")
