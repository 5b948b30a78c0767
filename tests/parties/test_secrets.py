"""Links and keys at their edges: the moment they end, the town they belong to, what they open and what they do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.parties import operations, queries
from meguri.parties.models import ApiKey, Invitation
from meguri.parties.operations import accept_invitation, invite_member, issue_api_key, revoke_api_key
from meguri.parties.operations.api_keys import LONGEST, ROLES_OF_PROGRAMS, IssuedKey
from meguri.parties.operations.members import INVITATION_LASTS
from meguri.vault.queries import login_of
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

TICK = timedelta(microseconds=1)


def issue(by: Actor, acts_as: Actor, **more: Any) -> IssuedKey:
    values: dict[str, Any] = {"label": "POS", "scopes": ["till.pay"], "expires_at": AT + LONGEST, "at": AT, **more}
    return issue_api_key(acts_as=acts_as, by=by, **values)


def refusal_of(**asked: Any) -> Refusal:
    with pytest.raises(Refusal) as no:
        issue(**asked)
    return no.value


# --- keys of programs ------------------------------------------------------------------------------------------------


def test_a_key_works_until_the_moment_it_ends(town: Town) -> None:
    owner = town.actor("owner", shop=town.shop())
    key = issue(owner, owner)
    assert queries.api_key(key.secret, at=AT + LONGEST - TICK) is not None
    assert queries.api_key(key.secret, at=AT + LONGEST) is None
    row = ApiKey.objects.get(id=key.id)
    assert (row.label, row.issued_by, row.issued_at, row.expires_at) == ("POS", owner.party, AT, AT + LONGEST)
    assert (len(bytes(row.key_hash)), row.prefix, len(row.prefix)) == (32, key.secret[:12], 12)
    assert issue(owner, owner).secret != key.secret


@pytest.mark.parametrize("end", [AT - TICK, AT, AT + LONGEST + TICK])
def test_a_key_ends_within_a_year_from_now(end: Any, town: Town) -> None:
    operator = town.actor("operator")
    no = refusal_of(by=operator, acts_as=operator, expires_at=end)
    assert (no.code, no.field, no.facts["most_days"]) == ("api_key_span_wrong", "expires_at", 366)
    assert "366日以内" in no.sentence("ja")
    assert "within 366 days" in no.sentence("en")
    assert not ApiKey.objects.exists()


def test_a_scope_nobody_knows_is_named(town: Town) -> None:
    operator = town.actor("operator")
    no = refusal_of(by=operator, acts_as=operator, scopes=["till.pay", "till.rob"])
    assert (no.code, no.field, no.facts["scope"]) == ("scope_unknown", "scopes", "till.rob")
    assert "till.rob" in no.sentence("ja")
    assert issue(operator, operator, scopes=[]), "a key that may do nothing is a key"


@pytest.mark.parametrize("role", list(ActorRole))
def test_which_roles_a_program_may_have(role: ActorRole, town: Town) -> None:
    acts_as = town.actor(role, "commerce")
    if role in ROLES_OF_PROGRAMS:
        assert issue(town.actor("operator"), acts_as)
        return
    no = refusal_of(by=town.actor("operator"), acts_as=acts_as)
    assert (no.code, no.kind.status) == ("api_key_too_strong", 403)
    assert "承認や振込の役割" in no.sentence("ja")
    assert "approval or payout roles" in no.sentence("en")


@pytest.mark.parametrize("role", sorted(ROLES_OF_PROGRAMS))
@pytest.mark.parametrize("giver", ["owner", "partner", "checker"])
def test_everybody_else_gives_only_what_lies_below_them(giver: str, role: ActorRole, town: Town) -> None:
    by = town.actor(giver, "commerce")
    below = {"owner": {"clerk", "owner"}, "partner": {"partner"}, "checker": {"maker", "analyst"}}[giver]
    acts_as = Actor(1, role, by.party, "commerce")
    if role in below:
        assert issue(by, acts_as)
    else:
        assert refusal_of(by=by, acts_as=acts_as).code == "api_key_too_strong"


def test_a_key_is_taken_back_by_whoever_could_have_given_it(town: Town) -> None:
    owner = town.actor("owner", shop=town.shop())
    keys = [issue(owner, owner) for _ in range(2)]
    for stranger in (Actor(2, ActorRole.OPERATOR, uuid4()), town.actor("checker", "commerce"), town.actor("clerk")):
        with pytest.raises(Refusal) as no:
            revoke_api_key(keys[0].id, by=stranger, at=AT)
        assert (no.value.code, no.value.kind.status) == ("api_key_unknown", 404)
    revoke_api_key(keys[0].id, by=town.actor("operator"), at=AT + timedelta(days=1))
    assert ApiKey.objects.get(id=keys[0].id).revoked_at == AT + timedelta(days=1)
    assert queries.api_key(keys[1].secret, at=AT) is not None, "the other one goes on"
    assert {key.id: key.revoked_at is None for key in queries.api_keys(municipality=1)} == {
        keys[0].id: False, keys[1].id: True
    }


def test_keys_are_listed_newest_first_by_department_or_owner(town: Town) -> None:
    checker, owner = town.actor("checker", "commerce"), town.actor("owner", shop=town.shop())
    first, second = (issue(checker, town.actor("maker", "commerce")).id for _ in range(2))
    third = issue(owner, Actor(1, ActorRole.CLERK, uuid4(), shop=owner.shop)).id
    assert [key.id for key in queries.api_keys(municipality=1)] == [third, second, first]
    assert [key.id for key in queries.api_keys(municipality=1, department="commerce")] == [second, first]
    assert [key.id for key in queries.api_keys(municipality=1, department="commerce", owner=owner.shop)] == []
    assert [key.id for key in queries.api_keys(municipality=1, owner=owner.shop)] == [third]
    assert queries.api_keys(municipality=2) == ()


# --- invitations -----------------------------------------------------------------------------------------------------


def test_a_link_works_until_the_moment_it_ends_in_its_own_town(town: Town) -> None:
    shop = town.shop()
    token = invite_member(role=ActorRole.CLERK, shop=shop, by=town.system, at=AT)
    end = AT + INVITATION_LASTS
    shown = queries.invitation(token, municipality=1, at=end - TICK)
    assert shown is not None
    assert (shown.expires_at, shown.place_en) == (end, "Maruha Greengrocer")
    assert queries.invitation(token, municipality=1, at=end) is None
    assert queries.invitation(token, municipality=2, at=AT) is None
    with pytest.raises(Refusal) as no:
        accept_invitation(token, by=Actor(2, ActorRole.VISITOR, uuid4()), at=AT)
    assert (no.value.code, no.value.kind.status) == ("invitation_unknown", 404)
    assert "新しい招待" in no.value.sentence("ja")
    assert "new one" in no.value.sentence("en")
    me = uuid4()
    accept_invitation(token, by=town.actor("visitor", party=me), at=end - TICK)
    row = Invitation.objects.get()
    assert (row.accepted_by, row.accepted_at) == (me, end - TICK)


def test_a_link_says_where_it_leads(town: Town) -> None:
    sponsor = operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    wanted: dict[ActorRole, tuple[dict[str, UUID], str]] = {
        ActorRole.OWNER: ({"shop": town.shop()}, "八百屋まるは"),
        ActorRole.PARTNER: ({"sponsor": sponsor}, "めぐり電力"),
    }
    for role, (place, name) in wanted.items():
        shown = queries.invitation(
            invite_member(role=role, by=town.system, at=AT, **place), municipality=1, at=AT  # type: ignore[arg-type]
        )
        assert shown is not None
        assert (shown.role, shown.place_ja) == (role, name)


@pytest.mark.parametrize("role", ["clerk", "owner"])
def test_another_towns_shop_is_no_place_to_invite_to(role: str, town: Town) -> None:
    shop = town.shop()
    with pytest.raises(Refusal) as no:
        invite_member(role=ActorRole(role), shop=shop, by=Actor(2, ActorRole.OPERATOR, uuid4()), at=AT)
    assert (no.value.code, no.value.kind.status) == ("invitation_leads_nowhere", 422)
    with pytest.raises(Refusal, match="invitation_leads_nowhere"):
        operations.join_shop(shop, member=uuid4(), role=ActorRole.PARTNER, by=town.system, at=AT)
    assert not Invitation.objects.exists()


def test_an_owners_link_makes_an_owner_and_a_clerks_a_clerk(town: Town) -> None:
    shop, person = town.shop(), uuid4()
    for role in (ActorRole.CLERK, ActorRole.OWNER, ActorRole.CLERK):
        token = invite_member(role=role, shop=shop, by=town.system, at=AT)
        assert accept_invitation(token, by=town.actor("visitor", party=person), at=AT).role is role
    assert sorted(queries.shop_members(shop, municipality=1)) == [(person, ActorRole.CLERK), (person, ActorRole.OWNER)]
    assert [hat.key.partition(":")[0] for hat in queries.hats(person, municipality=1, at=AT)] == ["owner", "clerk"]


def test_a_new_link_for_an_officer_comes_from_somebody_else_while_the_role_is_held(town: Town) -> None:
    maker, appointment = town.officer("maker")
    checker = town.actor("checker", "commerce")
    token = operations.reinvite_officer(appointment, by=checker, at=AT)
    accepted = accept_invitation(token, by=Actor(1, ActorRole.VISITOR), at=AT)
    assert (accepted.party, accepted.role) == (maker.party, ActorRole.MAKER)
    stranger = Actor(2, ActorRole.OPERATOR, uuid4())
    for by, code in (
        (town.actor("checker", "welfare"), "not_allowed"), (stranger, "appointment_unknown"),
        (town.actor("operator", party=maker.party), "not_oneself"),
    ):
        with pytest.raises(Refusal, match=code):
            operations.reinvite_officer(appointment, by=by, at=AT)
    operations.end_appointment(appointment, by=town.system, at=AT + TICK)
    with pytest.raises(Refusal, match="appointment_unknown"):
        operations.reinvite_officer(appointment, by=checker, at=AT + TICK)


@pytest.mark.parametrize(("name", "may"), [("青", True), ("名" * 100, True), ("名" * 101, False), (" ", False)])
def test_an_officers_name_has_a_length(*, name: str, may: bool, town: Town) -> None:
    _, appointment = town.officer("maker")
    if may:
        operations.name_officer(appointment, name=name, by=town.system, at=AT)
        return
    with pytest.raises(Refusal) as no:
        operations.name_officer(appointment, name=name, by=town.system, at=AT)
    assert (no.value.code, no.value.field, no.value.facts["most"]) == ("officer_name_missing", "name", 100)
    assert "100文字以内" in no.value.sentence("ja")


def test_an_officer_is_enrolled_with_the_address_and_name_without_blanks(town: Town) -> None:
    asked: dict[str, Any] = {"role": ActorRole.MAKER, "department": "commerce", "by": town.system, "at": AT}
    made = operations.enrol_officer(email=" Aoki@town.example ", name=f" {'名' * 100} ", **asked)
    login = login_of(made.party, municipality=1)
    assert login is not None
    assert login.email == "aoki@town.example"
    shown = operations.reveal_person(made.party, [Field.NAME], reason="名簿の確認", by=town.actor("checker"), at=AT)
    assert shown == {Field.NAME: "名" * 100}
    for wrong, field in (({"email": "aoki"}, "email"), ({"email": "b@town.example", "name": "名" * 101}, "name")):
        with pytest.raises(Refusal) as no:
            operations.enrol_officer(**asked, **wrong)  # type: ignore[arg-type]
        assert (no.value.field, no.value.kind.status) == (field, 422)
    with pytest.raises(Refusal, match="login_taken"):
        operations.enrol_officer(email="aoki@TOWN.example", **asked)
    assert len(queries.officers(municipality=1, at=AT)) == 1, "nobody is appointed who cannot sign in"


def test_a_name_is_written_for_the_officer_of_this_town_and_department(town: Town) -> None:
    _, appointment = town.officer("maker")
    stranger, neighbour = Actor(2, ActorRole.OPERATOR, uuid4()), town.actor("checker", "welfare")
    for by, code in ((stranger, "appointment_unknown"), (neighbour, "not_allowed")):
        with pytest.raises(Refusal, match=code):
            operations.name_officer(appointment, name="青木", by=by, at=AT)
