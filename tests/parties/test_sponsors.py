"""A company asks, two officers say yes, its first manager comes in by the link it has had from the beginning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.parties import operations, queries
from meguri.parties.models import Sponsor, SponsorApplication
from meguri.parties.operations import sponsors as room
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town
from tests.parties.test_sponsoring import ENTRY, NUMBER


def applied(town: Town, **changed: str) -> tuple[str, UUID]:
    token = operations.apply_as_sponsor(replace(ENTRY, **changed), by=town.actor("visitor"), at=town.at)
    found = queries.sponsor_application_of(token, municipality=town.municipality)
    assert found is not None
    return token, found.id


def refused(code: str, act: object, *args: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as told:
        act(*args, **named)  # type: ignore[operator]
    assert told.value.code == code
    return told.value


def accepted(town: Town, application: UUID) -> UUID:
    maker, checker = town.actor("maker", "planning"), town.actor("checker", "planning")
    operations.propose_sponsor(application, by=maker, at=town.at)
    return operations.approve_sponsor(application, by=checker, at=town.at)


def test_two_officers_make_a_sponsor_and_the_link_lets_its_manager_in(town: Town) -> None:
    token, application = applied(town)
    assert queries.invitation(token, municipality=1, at=town.at) is None, "nobody comes in before two said yes"
    sponsor = accepted(town, application)
    found = queries.sponsor(sponsor, municipality=1)
    assert found is not None
    assert (found.name_ja, found.corporate_number, found.registration_number) == (ENTRY.name_ja, NUMBER, f"T{NUMBER}")
    person = uuid4()
    who = Actor(1, ActorRole.VISITOR, person)
    led = operations.accept_invitation(token, by=who, at=town.at)
    assert (led.role, led.sponsor) == (ActorRole.PARTNER, sponsor)
    (hat,) = queries.hats(person, municipality=1, at=town.at)
    assert hat.actor == Actor(1, ActorRole.PARTNER, sponsor, person=person)
    (member,) = queries.sponsor_members(sponsor, municipality=1)
    assert (member.member, member.role, member.valid_from) == (person, "manager", town.at)
    refused("invitation_unknown", operations.accept_invitation, token, by=Actor(1, ActorRole.VISITOR, uuid4()),
            at=town.at)  # fmt: skip


def test_the_contact_lies_in_the_vault_alone(town: Town) -> None:
    _, application = applied(town)
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM parties_sponsorapplication a")
        (text,) = cursor.fetchone()
    assert ENTRY.email not in text
    assert ENTRY.contact_name not in text
    maker = town.actor("maker", "planning")
    found = operations.reveal_person(application, [Field.NAME, Field.EMAIL], reason="審査の連絡", by=maker, at=town.at)
    assert found == {Field.NAME: ENTRY.contact_name, Field.EMAIL: ENTRY.email}


def test_the_maker_is_not_the_checker_and_nothing_skips_the_second(town: Town) -> None:
    _, application = applied(town)
    maker, both = town.actor("maker", "planning"), uuid4()
    checker = town.actor("checker", "planning", party=both)
    refused("approval_unknown", operations.approve_sponsor, application, by=checker, at=town.at)
    operations.propose_sponsor(application, by=town.actor("maker", "planning", party=both), at=town.at)
    refused("checker_is_maker", operations.approve_sponsor, application, by=checker, at=town.at)
    refused("not_allowed", operations.approve_sponsor, application, by=maker, at=town.at)
    refused("not_allowed", operations.approve_sponsor, application, by=town.actor("checker", "welfare"), at=town.at)
    assert not Sponsor.objects.exists()


def test_what_changed_after_the_proposal_is_not_approved(town: Town) -> None:
    _, application = applied(town)
    operations.propose_sponsor(application, by=town.actor("maker", "planning"), at=town.at)
    SponsorApplication.objects.update(name_ja="べつの会社(架空)")
    refused("digest_differs", operations.approve_sponsor, application, by=town.actor("checker", "planning"), at=town.at)


def test_sent_back_it_may_be_proposed_again_or_declined_with_the_reason(town: Town) -> None:
    token, application = applied(town)
    maker, checker = town.actor("maker", "planning"), town.actor("checker", "planning")
    operations.propose_sponsor(application, by=maker, at=town.at)
    refused("approval_open", operations.decline_sponsor, application, reason="だめ", by=maker, at=town.at)
    refused("sponsor_reason_missing", operations.send_back_sponsor, application, note=" ", by=checker, at=town.at)
    operations.send_back_sponsor(application, note="電話で確かめて", by=checker, at=town.at)
    operations.propose_sponsor(application, by=maker, at=town.at)
    operations.send_back_sponsor(application, note="やはり", by=checker, at=town.at)
    refused("sponsor_reason_missing", operations.decline_sponsor, application, reason="", by=maker, at=town.at)
    operations.decline_sponsor(application, reason="町の方針に合いません", by=maker, at=town.at)
    found = queries.sponsor_application_of(token, municipality=1)
    assert found is not None
    assert (found.state, found.reason, found.sponsor) == ("declined", "町の方針に合いません", None)
    told = refused("sponsor_application_decided", operations.propose_sponsor, application, by=maker, at=town.at)
    assert "見送り" in told.sentence("ja")
    applied(town)  # declined, it may ask again


def test_one_company_asks_once_and_is_registered_once(town: Town) -> None:
    _, application = applied(town)
    told = refused("sponsor_known", applied, town)
    assert told.field == "corporate_number"
    accepted(town, application)
    refused("sponsor_known", applied, town)
    for _ in range(2):  # sole traders have no number that could tell
        applied(town, kind="sole_trader", registration_number="")


def test_a_program_that_floods_the_form_is_stopped_for_the_day(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "A_DAY_MOST", 2)
    for _ in range(2):
        applied(town, kind="sole_trader", registration_number="")
    refused("sponsor_applications_too_many", applied, town)
    town.at += timedelta(days=1, seconds=1)
    applied(town)


@pytest.mark.parametrize(
    "changed",
    [
        {"corporate_number": "123"},
        {"registration_number": "T1"},
        {"state": "approved"},
        {"state": "declined"},
        {"kind": "sole_trader"},
        {"corporate_number": ""},
    ],
)
def test_the_database_keeps_what_the_code_promises(town: Town, changed: dict[str, str]) -> None:
    applied(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        SponsorApplication.objects.update(**changed)


def test_a_reader_looks_and_a_manager_acts(town: Town) -> None:
    token, application = applied(town)
    sponsor = accepted(town, application)
    person, colleague = uuid4(), uuid4()
    operations.accept_invitation(token, by=Actor(1, ActorRole.VISITOR, person), at=town.at)
    manager = Actor(1, ActorRole.PARTNER, sponsor, person=person)
    link = operations.invite_member(
        role=ActorRole.PARTNER, by=manager, at=town.at, sponsor=sponsor, sponsor_role="reader"
    )
    operations.accept_invitation(link, by=Actor(1, ActorRole.VISITOR, colleague), at=town.at)
    reader = Actor(1, ActorRole.PARTNER, sponsor, person=colleague)
    invite = {"role": ActorRole.PARTNER, "at": town.at, "sponsor": sponsor}
    refused("sponsor_manager_needed", operations.invite_member, by=reader, **invite)
    refused("sponsor_manager_needed", operations.end_membership, member=person, by=reader, at=town.at, sponsor=sponsor)
    refused("sponsor_manager_needed", operations.issue_api_key, label="x", scopes=["budget.see"], acts_as=reader,
            expires_at=town.at + timedelta(days=1), by=reader, at=town.at)  # fmt: skip
    refused("invitation_leads_nowhere", operations.invite_member, by=manager, sponsor_role="boss", **invite)
    refused("last_owner_stays", operations.end_membership, member=person, by=manager, at=town.at, sponsor=sponsor)
    town.at += timedelta(days=3)
    operations.end_membership(member=colleague, by=manager, at=town.at, sponsor=sponsor)
    first, second = queries.sponsor_members(sponsor, municipality=1)
    assert (first.role, first.valid_until) == ("manager", None)
    assert (second.role, second.valid_from, second.valid_until) == ("reader", AT, town.at)


@pytest.mark.django_db(transaction=True)
def test_a_company_that_presses_twice_asks_once() -> None:
    town = Town().open()

    def press(_: int) -> str:
        try:
            return applied(town)[0]
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert max(answers, key=len) != "sponsor_known"
    assert answers.count("sponsor_known") == 3
    assert SponsorApplication.objects.count() == 1
