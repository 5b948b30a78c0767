"""Under which hats a person may act at a moment, in which town, and how they are called."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from meguri.parties import operations, queries
from meguri.parties.queries import Hat
from meguri.parties.rules import OFFICER_ROLES, ROLE_NAMES, Facts, allows
from meguri.words.actor import Actor, ActorRole
from tests.parties.conftest import AT, Town, entry

DAY = timedelta(days=1)


def worn(party: UUID, *, days: int = 0, municipality: int = 1) -> list[str]:
    return [hat.key for hat in queries.hats(party, municipality=municipality, at=AT + days * DAY)]


def test_somebody_nobody_knows_holds_a_wallet(town: Town) -> None:
    stranger = uuid4()
    assert queries.hats(stranger, municipality=1, at=AT) == (
        Hat("resident", Actor(1, ActorRole.RESIDENT, stranger), "利用者", "wallet holder"),
    )


def test_a_resident_of_the_register_wears_the_same_hat_once(town: Town) -> None:
    (person,) = town.residents(entry())
    assert worn(person) == worn(person, municipality=2) == ["resident"]
    operations.join_shop(town.shop(), member=person, role=ActorRole.CLERK, by=town.system, at=AT)
    assert [key.partition(":")[0] for key in worn(person)] == ["clerk", "resident"]


def test_a_hat_is_worn_from_its_first_moment_until_before_its_last(town: Town) -> None:
    officer, shop = uuid4(), town.shop()
    operations.appoint(
        officer=officer, role=ActorRole.MAKER, department="welfare", by=town.system, at=AT, valid_from=AT + 2 * DAY,
        valid_until=AT + 5 * DAY,
    )
    operations.join_shop(shop, member=officer, role=ActorRole.CLERK, by=town.system, at=AT + DAY)
    operations.end_membership(member=officer, shop=shop, by=town.system, at=AT + 4 * DAY)
    assert [worn(officer, days=day) for day in range(6)] == [
        ["resident"], [f"clerk:{shop}"], ["maker:welfare", f"clerk:{shop}"], ["maker:welfare", f"clerk:{shop}"],
        ["maker:welfare"], ["resident"],
    ]
    assert worn(officer, days=3, municipality=2) == ["resident"]


def test_hats_are_in_one_order_whatever_the_order_they_were_given_in(town: Town) -> None:
    person, shops = uuid4(), sorted([town.shop(), town.shop()], key=str)
    sponsor = operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    operations.join_sponsor(sponsor, member=person, by=town.system, at=AT)
    for shop in reversed(shops):
        operations.join_shop(shop, member=person, role=ActorRole.CLERK, by=town.system, at=AT)
    operations.join_shop(shops[0], member=person, role=ActorRole.OWNER, by=town.system, at=AT)
    for role, department in (("maker", "welfare"), ("analyst", "commerce"), ("maker", "commerce")):
        operations.appoint(officer=person, role=ActorRole(role), department=department, by=town.system, at=AT)
    assert worn(person) == [
        "analyst:commerce", "maker:commerce", "maker:welfare", f"partner:{sponsor}", f"owner:{shops[0]}",
        *(f"clerk:{shop}" for shop in shops),
    ]


def test_a_hat_says_where_it_is_worn_in_both_languages(town: Town) -> None:
    person, shop = uuid4(), town.shop()
    operations.join_shop(shop, member=person, role=ActorRole.OWNER, by=town.system, at=AT)
    operations.appoint(officer=person, role=ActorRole.ANALYST, department="planning", by=town.system, at=AT)
    analyst, owner = queries.hats(person, municipality=1, at=AT)
    assert (analyst.name_ja, analyst.name_en) == ("planning課 分析担当", "analyst, planning")
    assert (owner.name_ja, owner.name_en) == ("八百屋まるは 店主", "shop owner, Maruha Greengrocer")
    assert (analyst.is_officer, owner.is_officer) == (True, False)
    assert (analyst.actor, owner.actor) == (
        Actor(1, ActorRole.ANALYST, person, "planning"), Actor(1, ActorRole.OWNER, person, "", shop)
    )


def test_an_actor_made_of_a_hat_may_do_what_the_hat_is_for_and_nothing_elsewhere(town: Town) -> None:
    """From the row in the table to the permission: the facts that a hat carries are those that the rules ask for."""
    person, shop, other_shop = uuid4(), town.shop(), town.shop()
    sponsor = operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    operations.join_shop(shop, member=person, role=ActorRole.CLERK, by=town.system, at=AT)
    operations.join_sponsor(sponsor, member=person, by=town.system, at=AT)
    operations.appoint(officer=person, role=ActorRole.CHECKER, department="commerce", by=town.system, at=AT)
    checker, partner, clerk = (hat.actor for hat in queries.hats(person, municipality=1, at=AT))
    assert allows(checker, "programme.launch", facts=Facts(department="commerce"))
    assert not allows(checker, "programme.launch", facts=Facts(department="welfare"))
    assert not allows(checker, "programme.launch", facts=Facts(department="commerce", municipality=2))
    assert allows(partner, "action.attest", facts=Facts(owner=sponsor))
    assert not allows(partner, "action.attest", facts=Facts(owner=person))
    assert allows(clerk, "till.refund", facts=Facts(owner=shop))
    assert not allows(clerk, "till.refund", facts=Facts(owner=other_shop))
    assert not allows(clerk, "programme.launch", facts=Facts(department="commerce", owner=shop))


@pytest.mark.parametrize("role", list(ActorRole))
def test_every_role_has_a_name_for_people_in_both_languages(role: ActorRole) -> None:
    name = ROLE_NAMES[role]
    assert f"{name:ja}" == name.ja
    assert f"{name:en}" == name.en
    assert str(name) == f"{name.ja} / {name.en}"
    assert name.ja not in {other.ja for key, other in ROLE_NAMES.items() if key is not role}
    assert (role in OFFICER_ROLES) is (role in {"maker", "checker", "accountant", "analyst", "operator"})
