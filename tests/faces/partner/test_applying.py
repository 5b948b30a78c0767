"""From the public form to the first manager's page: what is wrong is said at its field, two officers say yes."""

from __future__ import annotations

import re
from dataclasses import asdict
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.parties import operations as parties
from meguri.parties import queries as people
from meguri.words.actor import ActorRole
from tests.faces.people import browser_of
from tests.faces.test_access import STRENGTH, WHOSE
from tests.parties.test_sponsoring import ENTRY, NUMBER
from tests.town import Town

TYPED = {**asdict(ENTRY), "act": "apply"}


@pytest.fixture(autouse=True)
def here(town: Town, settings: LazySettings) -> None:
    """Visitors come to this town; the planners' department is open."""
    settings.MUNICIPALITY = town.municipality
    system = town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=town.at)


def officer(town: Town, role: ActorRole) -> Client:
    """A planner of the town, signed in by two factors as the demo's people are."""
    person = uuid4()
    parties.appoint(officer=person, role=role, department="planning", by=town.actor(ActorRole.SYSTEM), at=town.at)
    browser = browser_of(town, person)
    session = browser.session
    session[WHOSE] = session["_auth_user_id"]
    session[STRENGTH] = [{"method": "password", "at": 0}, {"method": "mfa", "type": "totp", "at": 0}]
    session.save()
    return browser


def link_of(answer: object) -> str:
    return str(answer["Location"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("corporate_number", "6000012050002", "先頭は7"), ("corporate_number", "123", "13桁"),
        ("registration_number", "T0000000000000", "T7000012050002"), ("email", "nobody", "連絡できません"),
        ("kind", "", "法人か個人事業主か"), ("wish", "", "町と一緒にしたいこと"),
    ],
)  # fmt: skip
def test_the_form_says_where_it_is_wrong_and_keeps_what_was_typed(
    town: Town, field: str, value: str, words: str
) -> None:
    answer = Client().post("/partner/apply", TYPED | {field: value})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text
    assert words in text[text.index(f'id="{field}-error"') :][:1500]
    assert ENTRY.contact_name in text
    assert people.sponsor_applications(town.municipality) == ()


def test_from_the_form_to_the_first_manager(town: Town) -> None:
    visitor, maker, checker = Client(), officer(town, ActorRole.MAKER), officer(town, ActorRole.CHECKER)
    page = visitor.get("/partner/apply").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once is not None
    link = link_of(visitor.post("/partner/apply", TYPED | {"once": once[1]}))
    assert link_of(visitor.post("/partner/apply", TYPED | {"once": once[1]})) == "/partner/apply", "pressed twice"
    assert "審査中" in Client().get(link).content.decode()
    (asked,) = people.sponsor_applications(town.municipality)
    at_office = f"/office/sponsors/applications/{asked.id}"
    desk = maker.get("/office/").content.decode()
    assert "協賛の申込みを確かめる" in desk
    assert ENTRY.email not in maker.get(at_office).content.decode()
    shown = maker.post(at_office, {"act": "reveal", "reason": "審査の連絡"}).content.decode()
    assert ENTRY.email in shown
    assert maker.post(at_office, {"act": "propose"}).status_code == 302
    assert "協賛企業の承認" in checker.get("/office/").content.decode()
    assert maker.post(at_office, {"act": "approve"}).status_code == 403
    assert checker.post(at_office, {"act": "approve"}).status_code == 302
    text = Client().get(link).content.decode()
    assert "担当者として入る" in text
    invitation = re.search(r'href="(/enter/invitation/[^"]+)"', text)
    assert invitation is not None
    first = browser_of(town, uuid4())
    assert link_of(first.post(invitation[1])) == "/partner/"
    home = first.get("/partner/").content.decode()
    assert ENTRY.name_ja in home
    (company,) = people.sponsors(town.municipality)
    assert company.corporate_number == NUMBER
    assert NUMBER in maker.get(f"/office/sponsors/{company.id}").content.decode()


def test_a_declined_company_reads_why(town: Town) -> None:
    link = link_of(Client().post("/partner/apply", TYPED))
    (asked,) = people.sponsor_applications(town.municipality)
    maker = officer(town, ActorRole.MAKER)
    at_office = f"/office/sponsors/applications/{asked.id}"
    assert maker.post(at_office, {"act": "decline", "reason": ""}).status_code == 422
    assert maker.post(at_office, {"act": "decline", "reason": "町の方針に合いません"}).status_code == 302
    text = Client().get(link).content.decode()
    assert "町の方針に合いません" in text
    assert "担当者として入る" not in text


def test_nobody_reads_an_application_without_its_link(town: Town) -> None:
    assert Client().get("/partner/apply/guessed").status_code == 404


def test_members_come_by_invitation_in_a_role_and_go(town: Town) -> None:
    system = town.actor(ActorRole.SYSTEM)
    company = parties.register_sponsor(name_ja="しずか商会(架空)", name_en="Shizuka", by=system, at=town.at)
    first, second = uuid4(), uuid4()
    parties.join_sponsor(company, member=first, by=system, at=town.at)
    manager, reader = browser_of(town, first), browser_of(town, second)
    text = manager.post("/partner/members", {"act": "invite", "role": "reader"}).content.decode()
    link = re.search(r'value="http://testserver(/enter/invitation/[^"]+)"', text)
    assert link is not None
    assert reader.post(link[1]).status_code == 302
    assert "閲覧者" in manager.get("/partner/members").content.decode()
    looks = reader.get("/partner/members").content.decode()
    assert "招待のリンクを作る" not in looks
    assert reader.post("/partner/members", {"act": "invite", "role": "manager"}).status_code == 403
    assert reader.post("/partner/members", {"act": "end", "member": str(first)}).status_code == 403
    assert manager.post("/partner/members", {"act": "end", "member": str(first)}).status_code == 409
    assert manager.post("/partner/members", {"act": "end", "member": str(second)}).status_code == 302
    assert "前にいた人" in manager.get("/partner/members").content.decode()
    assert reader.get("/partner/").status_code == 403
    assert _roles(town, company) == ["manager"]


def _roles(town: Town, company: UUID) -> list[str]:
    found = people.sponsor_members(company, municipality=town.municipality)
    return [each.role for each in found if each.valid_until is None]
