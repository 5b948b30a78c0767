from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.parties import operations, queries
from meguri.parties.models import Invitation
from meguri.parties.operations import accept_invitation, invite_member
from meguri.parties.operations.members import INVITATION_LASTS
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town


def test_an_owner_invites_a_clerk_who_then_has_the_hat(town: Town) -> None:
    shop = town.shop()
    owner = town.actor("owner", shop=shop)
    token = invite_member(role=ActorRole.CLERK, shop=shop, by=owner, at=AT)
    shown = queries.invitation(token, municipality=1, at=AT)
    assert shown is not None
    assert (shown.role, shown.place_ja) == (ActorRole.CLERK, "八百屋まるは")
    person = uuid4()
    accepted = accept_invitation(token, by=town.actor("visitor", party=person), at=AT)
    assert (accepted.role, accepted.shop, accepted.party) == (ActorRole.CLERK, shop, person)
    (hat,) = queries.hats(person, municipality=1, at=AT)
    assert (hat.actor.role, hat.actor.shop, hat.actor.party) == (ActorRole.CLERK, shop, person)
    assert queries.shop_members(shop, municipality=1) == ((person, ActorRole.CLERK),)


def test_only_the_hash_of_a_token_is_kept(town: Town) -> None:
    token = invite_member(role=ActorRole.CLERK, shop=town.shop(), by=town.system, at=AT)
    row = Invitation.objects.get()
    assert len(row.token_hash) == 32
    assert token.encode() not in bytes(row.token_hash)
    assert len(token) >= 32


def test_an_invitation_works_once_and_not_for_ever(town: Town) -> None:
    shop = town.shop()
    token = invite_member(role=ActorRole.CLERK, shop=shop, by=town.system, at=AT)
    with pytest.raises(Refusal, match="invitation_unknown"):
        accept_invitation(token, by=town.actor("visitor"), at=AT + INVITATION_LASTS)
    accept_invitation(token, by=town.actor("visitor"), at=AT + timedelta(days=1))
    for again in (token, "guess"):
        with pytest.raises(Refusal, match="invitation_unknown"):
            accept_invitation(again, by=town.actor("visitor"), at=AT + timedelta(days=1))
    assert queries.invitation(token, municipality=1, at=AT) is None


def test_an_owner_invites_to_no_other_shop(town: Town) -> None:
    owner = town.actor("owner", shop=town.shop())
    with pytest.raises(Refusal, match="not_allowed"):
        invite_member(role=ActorRole.CLERK, shop=town.shop(), by=owner, at=AT)


@pytest.mark.parametrize("role", ["clerk", "partner", "resident", "maker"])
def test_an_invitation_without_its_place_leads_nowhere(role: str, town: Town) -> None:
    with pytest.raises(Refusal, match="invitation_leads_nowhere"):
        invite_member(role=ActorRole(role), by=town.system, at=AT)


def test_an_invitation_to_an_unknown_or_doubled_place_leads_nowhere(town: Town) -> None:
    with pytest.raises(Refusal, match="invitation_leads_nowhere"):
        invite_member(role=ActorRole.CLERK, shop=uuid4(), by=town.system, at=AT)
    sponsor = operations.register_sponsor(name_ja="s", name_en="s", by=town.system, at=AT)
    with pytest.raises(Refusal, match="invitation_leads_nowhere"):
        invite_member(role=ActorRole.CLERK, shop=town.shop(), sponsor=sponsor, by=town.system, at=AT)
    with pytest.raises(IntegrityError, match="an_invitation_leads_to_one_place"), transaction.atomic():
        Invitation.objects.create(
            id=uuid4(), municipality=1, token_hash=b"x", role="clerk", made_at=AT, expires_at=AT
        )


def test_who_is_not_signed_in_joins_nothing(town: Town) -> None:
    token = invite_member(role=ActorRole.CLERK, shop=town.shop(), by=town.system, at=AT)
    visitor = town.actor("visitor")
    nobody = type(visitor)(1, ActorRole.VISITOR)
    with pytest.raises(Refusal, match="sign_in_first"):
        accept_invitation(token, by=nobody, at=AT)
    assert queries.invitation(token, municipality=1, at=AT) is not None, "a refused acceptance uses nothing up"


def test_a_partner_acts_as_the_sponsor(town: Town) -> None:
    sponsor = operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    token = invite_member(role=ActorRole.PARTNER, sponsor=sponsor, by=town.system, at=AT)
    person = uuid4()
    assert accept_invitation(token, by=town.actor("visitor", party=person), at=AT).sponsor == sponsor
    (hat,) = queries.hats(person, municipality=1, at=AT)
    assert (hat.actor.role, hat.actor.party, hat.key) == (ActorRole.PARTNER, sponsor, f"partner:{sponsor}")


def test_members_join_once_and_leave(town: Town) -> None:
    shop, person = town.shop(), uuid4()
    sponsor = operations.register_sponsor(name_ja="s", name_en="s", by=town.system, at=AT)
    for _ in range(2):
        operations.join_shop(shop, member=person, role=ActorRole.OWNER, by=town.system, at=AT)
        operations.join_sponsor(sponsor, member=person, by=town.system, at=AT)
    assert len(queries.hats(person, municipality=1, at=AT)) == 2
    later = AT + timedelta(hours=1)
    operations.end_membership(member=person, shop=shop, by=town.system, at=later)
    operations.end_membership(member=person, sponsor=sponsor, by=town.system, at=later)
    assert [h.key for h in queries.hats(person, municipality=1, at=later)] == ["resident"]
    assert len(queries.hats(person, municipality=1, at=AT)) == 2, "as of then it still holds"
    with pytest.raises(Refusal, match="member_unknown"):
        operations.end_membership(member=person, shop=shop, by=town.system, at=later)


def test_hats_are_many_officers_first_and_bound_to_their_town(town: Town) -> None:
    maker, _ = town.officer("maker", "welfare")
    assert maker.party is not None
    operations.appoint(
        officer=maker.party, role=ActorRole.CHECKER, department="commerce", by=town.system, at=AT,
        valid_from=AT + timedelta(days=1), valid_until=AT + timedelta(days=2),
    )
    operations.join_shop(town.shop(), member=maker.party, role=ActorRole.CLERK, by=town.system, at=AT)
    today = queries.hats(maker.party, municipality=1, at=AT)
    assert [h.key.split(":")[0] for h in today] == ["maker", "clerk"]
    assert (today[0].name_ja, today[0].name_en) == ("welfare課 起票者", "maker, welfare")
    tomorrow = queries.hats(maker.party, municipality=1, at=AT + timedelta(days=1))
    assert [h.key for h in tomorrow][:2] == ["checker:commerce", "maker:welfare"]
    assert [h.is_officer for h in tomorrow] == [True, True, False]
    assert len(queries.hats(maker.party, municipality=1, at=AT + timedelta(days=2))) == 2, "half-open: ended by then"
    assert [h.key for h in queries.hats(maker.party, municipality=2, at=AT)] == ["resident"]
