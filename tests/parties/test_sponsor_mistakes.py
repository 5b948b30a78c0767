"""Careless companies and bold ones: numbers as they are typed, links two officers who are one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties import operations, queries
from meguri.parties.models import Approval, Invitation, Sponsor, SponsorApplication
from meguri.parties.operations.sponsors import FIRST_LINK_LASTS
from meguri.parties.sponsoring import NAME_MOST, REASON_MOST, WISH_MOST, check_digit, judged
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import Town
from tests.parties.test_sponsoring import ENTRY, NUMBER

NEXT_TOWN = 2
OTHER_NUMBER = "1180301018771"
TWELVE = st.text("0123456789", min_size=12, max_size=12)
GAPS = st.sampled_from(["", " ", "-", "ー", "−", "\u3000", "‐"])


def refused(code: str, act: Any, *args: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as told:
        act(*args, **named)
    assert told.value.code == code
    assert told.value.sentence("ja") != told.value.sentence("en")
    return told.value


def applied(town: Town, **changed: str) -> tuple[str, UUID]:
    token = operations.apply_as_sponsor(replace(ENTRY, **changed), by=town.actor("visitor"), at=town.at)
    found = queries.sponsor_application_of(token, municipality=town.municipality)
    assert found is not None
    return token, found.id


def accepted(town: Town, application: UUID) -> UUID:
    operations.propose_sponsor(application, by=town.actor("maker", "planning"), at=town.at)
    return operations.approve_sponsor(application, by=town.actor("checker", "planning"), at=town.at)


# --- what is typed ----------------------------------------------------------------------------------------------------


def wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


@given(twelve=TWELVE, gap=GAPS, every=st.integers(1, 5), is_wide=st.booleans(), mark=st.sampled_from("TtＴｔ"))
def test_a_number_is_the_same_however_it_is_typed(
    twelve: str, gap: str, every: int, is_wide: bool, mark: str  # noqa: FBT001
) -> None:
    number = f"{check_digit(twelve)}{twelve}"
    typed = gap.join(number[place : place + every] for place in range(0, 13, every))
    typed = wide(typed) if is_wide and gap == "" else typed
    kept = judged(replace(ENTRY, corporate_number=f" {typed} ", registration_number=f"{mark}{typed}"))
    assert (kept.corporate_number, kept.registration_number) == (number, f"T{number}")


@given(twelve=TWELVE, wrong=st.integers(0, 9))
def test_every_other_first_digit_is_refused_with_the_one_that_fits(twelve: str, wrong: int) -> None:
    right = check_digit(twelve)
    if wrong == right:
        return
    told = refused("corporate_number_misread", judged, replace(ENTRY, corporate_number=f"{wrong}{twelve}"))
    assert (told.field, told.kind.status) == ("corporate_number", 422)
    assert f"先頭は{right}" in told.sentence("ja")
    assert f"it would be {right}" in told.sentence("en")


@given(st.text(max_size=20))
def test_no_text_is_taken_for_a_number_that_is_none(typed: str) -> None:
    code, number = "", NUMBER
    try:
        number = judged(replace(ENTRY, corporate_number=typed, registration_number="")).corporate_number
    except Refusal as told:
        code = told.code
    assert code in ("", "corporate_number_wrong", "corporate_number_misread")
    assert len(number) == 13
    assert int(number[0]) == check_digit(number[1:])


OTHER_DIGITS = ("٧٠٠٠٠١٢٠٥٠٠٠٢", "७०००००१२०५०००२", "七〇〇〇〇一二〇五〇〇〇二", f"{NUMBER}0", f"+{NUMBER}")


@pytest.mark.parametrize("typed", OTHER_DIGITS)
def test_digits_of_other_scripts_are_no_corporate_number(typed: str) -> None:
    told = refused("corporate_number_wrong", judged, replace(ENTRY, corporate_number=typed))
    assert f"{len(typed)}文字" in told.sentence("ja")


@pytest.mark.parametrize(
    ("field", "most"),
    [("name_ja", NAME_MOST), ("name_en", NAME_MOST), ("wish", WISH_MOST), ("contact_name", NAME_MOST)],
)
def test_words_fit_to_the_sign(field: str, most: int) -> None:
    assert getattr(judged(replace(ENTRY, **{field: "字" * most})), field) == "字" * most
    told = refused("sponsor_word_wrong", judged, replace(ENTRY, **{field: "字" * (most + 1)}))
    assert told.field == field
    assert str(most) in told.sentence("ja").replace(",", "")


@pytest.mark.parametrize("field", ["name_ja", "name_en", "wish", "contact_name", "email"])
def test_signs_that_no_table_keeps_are_refused_at_their_field(field: str) -> None:
    """A NUL sent by a program is an answer, no fault of ours."""
    with pytest.raises(Refusal) as told:
        judged(replace(ENTRY, **{field: "a\x00b@example.jp"}))
    assert told.value.field == field


@pytest.mark.parametrize(
    "email", ["a@b.jp\nBcc: x@y.jp", "a b@c.jp", "a@@b.jp", "@b.jp", "a@.jp", "a@b.", "a@b..jp", "", "a,b@c"]
)
def test_no_mail_address_carries_a_second_one(email: str) -> None:
    told = refused("sponsor_contact_wrong", judged, replace(ENTRY, email=email))
    assert told.field == "email"


def test_a_mail_address_in_full_width_is_written_plainly() -> None:
    assert judged(replace(ENTRY, email="ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ")).email == "hanako@example.jp"


# --- two officers -----------------------------------------------------------------------------------------------------


def test_one_person_in_two_roles_is_still_one(town: Town) -> None:
    """Neither as checker of the department nor after the first proposal was sent back and made anew."""
    _, application = applied(town)
    both = uuid4()
    as_maker, as_checker = (town.actor(role, "planning", party=both) for role in ("maker", "checker"))
    operations.propose_sponsor(application, by=as_maker, at=town.at)
    told = refused("checker_is_maker", operations.approve_sponsor, application, by=as_checker, at=town.at)
    assert told.kind.status == 403
    operations.send_back_sponsor(
        application, note="もう一度", by=town.actor("checker", "planning"), at=town.at
    )
    operations.propose_sponsor(application, by=as_maker, at=town.at)
    refused("checker_is_maker", operations.approve_sponsor, application, by=as_checker, at=town.at)
    assert operations.approve_sponsor(application, by=town.actor("checker", "planning"), at=town.at)


def test_proposed_twice_is_asked_once(town: Town) -> None:
    _, application = applied(town)
    operations.propose_sponsor(application, by=town.actor("maker", "planning"), at=town.at)
    refused("approval_open", operations.propose_sponsor, application, by=town.actor("maker", "welfare"), at=town.at)
    assert Approval.objects.filter(object_id=application, outcome="").count() == 1


@pytest.mark.parametrize("reason", ["", " \n\u3000", "字" * (REASON_MOST + 1)])
def test_a_no_without_a_reason_is_no_answer(town: Town, reason: str) -> None:
    _, application = applied(town)
    maker = town.actor("maker", "planning")
    told = refused(
        "sponsor_reason_missing", operations.decline_sponsor, application, reason=reason, by=maker, at=town.at
    )
    assert (told.field, told.kind.status) == ("reason", 422)
    operations.decline_sponsor(application, reason="字" * REASON_MOST, by=maker, at=town.at)


def test_a_decided_application_is_decided(town: Town) -> None:
    _, application = applied(town)
    accepted(town, application)
    maker, checker = town.actor("maker", "planning"), town.actor("checker", "planning")
    for act in (
        lambda: operations.propose_sponsor(application, by=maker, at=town.at),
        lambda: operations.approve_sponsor(application, by=checker, at=town.at),
        lambda: operations.send_back_sponsor(application, note="x", by=checker, at=town.at),
        lambda: operations.decline_sponsor(application, reason="x", by=maker, at=town.at),
    ):
        told = refused("sponsor_application_decided", act)
        assert "承認済み" in told.sentence("ja")
        assert "approved" in told.sentence("en")
    assert Sponsor.objects.count() == 1


@pytest.mark.parametrize("role", sorted(set(ActorRole) - {ActorRole.MAKER, ActorRole.OPERATOR, ActorRole.SYSTEM}))
def test_only_officers_propose_and_decline(town: Town, role: ActorRole) -> None:
    _, application = applied(town)
    who = town.actor(role, "planning")
    refused("not_allowed", operations.propose_sponsor, application, by=who, at=town.at)
    refused("not_allowed", operations.decline_sponsor, application, reason="x", by=who, at=town.at)


# --- links, towns, members --------------------------------------------------------------------------------------------


def test_the_company_s_link_ends_and_works_for_one_person(town: Town) -> None:
    token, application = applied(town)
    visitor = Actor(1, ActorRole.VISITOR, uuid4())
    told = refused("invitation_unknown", operations.accept_invitation, token, by=visitor, at=town.at)
    assert told.kind.status == 404
    accepted(town, application)
    refused("sign_in_first", operations.accept_invitation, token, by=Actor(1, ActorRole.VISITOR), at=town.at)
    late = town.at + FIRST_LINK_LASTS
    refused("invitation_unknown", operations.accept_invitation, token, by=visitor, at=late)
    operations.accept_invitation(token, by=visitor, at=late - timedelta(seconds=1))
    refused("invitation_unknown", operations.accept_invitation, token, by=visitor, at=town.at)
    assert token not in str(list(Invitation.objects.values())), "kept as a digest alone"
    assert token not in str(list(SponsorApplication.objects.values()))


def test_a_town_knows_nothing_of_another_town_s_companies(town: Town) -> None:
    there = Town(NEXT_TOWN, town.at).open()
    token, application = applied(town)
    assert queries.sponsor_application_of(token, municipality=NEXT_TOWN) is None
    assert queries.sponsor_application(application, municipality=NEXT_TOWN) is None
    assert queries.sponsor_applications(NEXT_TOWN) == ()
    told = refused(
        "sponsor_application_unknown", operations.propose_sponsor, application, by=there.actor("maker", "planning"),
        at=town.at,
    )  # fmt: skip
    assert told.kind.status == 404
    sponsor = accepted(town, application)
    refused("invitation_unknown", operations.accept_invitation, token,
            by=Actor(NEXT_TOWN, ActorRole.VISITOR, uuid4()), at=town.at)  # fmt: skip
    assert queries.sponsor(sponsor, municipality=NEXT_TOWN) is None
    assert queries.sponsor_members(sponsor, municipality=NEXT_TOWN) == ()
    _, second = applied(there)
    assert accepted(there, second) != sponsor, "the same company may help two towns"


def test_a_member_whose_days_ended_may_come_again_as_something_else(town: Town) -> None:
    _, application = applied(town)
    sponsor, system, person = accepted(town, application), town.system, uuid4()
    first = Actor(1, ActorRole.PARTNER, sponsor, person=uuid4())
    assert first.person is not None
    for member in (first.person, person):
        operations.join_sponsor(sponsor, member=member, by=system, at=town.at)
    operations.end_membership(member=person, by=first, at=town.at + timedelta(days=1), sponsor=sponsor)
    former = replace(first, person=person)
    later = town.at + timedelta(days=2)
    invite = {"role": ActorRole.PARTNER, "at": later, "sponsor": sponsor}
    told = refused("sponsor_manager_needed", operations.invite_member, by=former, **invite)
    assert told.kind.status == 403
    refused("member_unknown", operations.end_membership, member=person, by=first, at=later, sponsor=sponsor)
    assert ActorRole.PARTNER not in {hat.actor.role for hat in queries.hats(person, municipality=1, at=later)}
    link = operations.invite_member(by=first, sponsor_role="reader", **invite)
    operations.accept_invitation(link, by=Actor(1, ActorRole.VISITOR, person), at=later)
    refused("sponsor_manager_needed", operations.invite_member, by=former, **invite)
    assert [(each.role, each.valid_until is None) for each in queries.sponsor_members(sponsor, municipality=1)] == [
        ("manager", True), ("manager", False), ("reader", True),
    ]  # fmt: skip


def test_a_company_invites_into_itself_alone(town: Town) -> None:
    _, application = applied(town)
    sponsor = accepted(town, application)
    other = operations.register_sponsor(name_ja="別", name_en="Other", by=town.system, at=town.at)
    who = Actor(1, ActorRole.PARTNER, sponsor)
    invite = {"by": who, "at": town.at}
    refused("not_allowed", operations.invite_member, role=ActorRole.PARTNER, sponsor=other, **invite)
    for role in (ActorRole.OWNER, ActorRole.CHECKER, ActorRole.RESIDENT):
        told = refused("invitation_leads_nowhere", operations.invite_member, role=role, sponsor=sponsor, **invite)
        assert told.kind.status == 422
    refused("invitation_leads_nowhere", operations.invite_member, role=ActorRole.PARTNER, sponsor=uuid4(),
            by=town.system, at=town.at)  # fmt: skip


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_its_company_s_and_no_stronger_than_it(town: Town) -> None:
    one, other = (
        Actor(1, ActorRole.PARTNER, operations.register_sponsor(name_ja=n, name_en=n, by=town.system, at=town.at))
        for n in ("甲", "乙")
    )
    ends = town.at + timedelta(days=1)
    usual: dict[str, Any] = {"label": "x", "scopes": ["event.see"], "expires_at": ends, "at": town.at}
    made = operations.issue_api_key(acts_as=one, by=one, **usual)
    refused("not_allowed", operations.issue_api_key, acts_as=other, by=one, **usual)
    told = refused("api_key_unknown", operations.revoke_api_key, made.id, by=other, at=town.at)
    assert told.kind.status == 404
    refused("api_key_unknown", operations.revoke_api_key, made.id, by=Actor(NEXT_TOWN, ActorRole.OPERATOR, uuid4()),
            at=town.at)  # fmt: skip
    told = refused("scope_unknown", operations.issue_api_key, acts_as=one, by=one, **usual | {"scopes": ["all"]})
    assert (told.field, "all" in told.sentence("ja")) == ("scopes", True)
    refused("api_key_too_strong", operations.issue_api_key, acts_as=one, by=one, **usual | {"scopes": ["rehearsal"]})
    refused("api_key_too_strong", operations.issue_api_key, acts_as=replace(one, role=ActorRole.OWNER), by=one, **usual)
    for wrong in (town.at, town.at - timedelta(days=1), town.at + timedelta(days=367)):
        asked = usual | {"expires_at": wrong}
        told = refused("api_key_span_wrong", operations.issue_api_key, acts_as=one, by=one, **asked)
        assert "366" in told.sentence("en")
    operations.revoke_api_key(made.id, by=one, at=town.at)
    refused("api_key_unknown", operations.revoke_api_key, made.id, by=one, at=town.at)
    assert queries.api_keys(municipality=1, owner=other.party) == ()


# --- at one moment ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_applications_of_one_number_cannot_both_become_a_company() -> None:
    """The second application came while the number was free again; two checkers press at one moment."""
    town = Town().open()
    _, first = applied(town, corporate_number=OTHER_NUMBER, registration_number="")
    maker = town.actor("maker", "planning")
    operations.propose_sponsor(first, by=maker, at=town.at)

    def approve(_: int) -> str:
        try:
            return str(operations.approve_sponsor(first, by=town.actor("checker", "planning"), at=town.at))
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(approve, range(4)))
    assert answers.count("sponsor_application_decided") == 3
    (sponsor,) = queries.sponsors(1)
    assert str(sponsor.id) in answers
    assert Invitation.objects.count() == 1
