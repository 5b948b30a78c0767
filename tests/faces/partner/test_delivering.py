"""A company delivers deeds by file and by API: each line has its answer, the same deed never counts twice."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries
from meguri.programmes.points.delivering import Deed, deliver
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.refusal import Refusal
from tests.faces.partner.conftest import Company


@pytest.fixture
def bottle(company: Company) -> UUID:
    """An action that partners confirm, with the company's own place."""
    by, at = company.town.makers["planning"], company.town.at
    made = points.open_action(programme=company.programme, code="my-bottle", by=by, at=at)
    points.open_place(action=made, name=Both("店", "Shop"), by=by, at=at, host=company.sponsor, rotating=False)
    return made


def sent(company: Company, *lines: str, act: str = "csv") -> HttpResponse:
    file = SimpleUploadedFile("deeds.csv", "\n".join(["番号,行動,人,日時", *lines]).encode())
    answer: HttpResponse = company.office.post(
        "/partner/actions", {"act": act, "programme": str(company.programme), "file": file}
    )
    return answer


def answers(company: Company, *lines: str) -> list[list[str]]:
    text = sent(company, *lines).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def line(number: str, person: UUID, *, at: datetime, action: str = "my-bottle") -> str:
    return f"{number},{action},{person},{at.isoformat()}"


def test_each_line_has_its_answer_and_a_file_sent_again_counts_once(company: Company, bottle: UUID) -> None:
    one, two, at = company.people[0], company.people[1], company.town.at - timedelta(hours=1)
    lines = [
        line("1", one, at=at), line("2", two, at=at), line("3", one, at=at, action="fly"),
        "4,my-bottle,花子,2025-11-12",
        line("5", one, at=at + timedelta(days=3)), line("6", two, at=at, action="bus"),
    ]  # fmt: skip
    first = answers(company, *lines)
    assert [(row[0], row[1], row[2]) for row in first] == [
        ("1", "付与しました", "10"), ("2", "付与しました", "10"), ("3", "受け付けられません", "0"),
        ("4", "受け付けられません", "0"), ("5", "受け付けられません", "0"), ("6", "受け付けられません", "0"),
    ]  # fmt: skip
    assert "fly" in first[2][3]
    assert "人" in first[3][3]
    assert answers(company, *lines) == first
    done = queries.records(company.programme, municipality=company.town.municipality)
    assert len([each for each in done if each.action == bottle]) == 2
    page = sent(company, *lines, act="deliver").content.decode()
    assert "1行ごとの答え" in page


def test_the_same_deed_from_two_partners_or_under_another_time_is_held_or_refused(
    company: Company, bottle: UUID
) -> None:
    town, person, at = company.town, company.people[0], company.town.at - timedelta(hours=2)
    assert answers(company, line("1", person, at=at))[0][1] == "付与しました"
    (again,) = answers(company, line("2", person, at=at + timedelta(minutes=3)))
    assert again[2] == "0"
    assert again[1] in ("担当者が確かめます", "受け付けられません")
    system = town.actor(ActorRole.SYSTEM)
    other = parties.register_sponsor(name_ja="別の会社(架空)", name_en="Other", by=system, at=town.at)
    points.open_place(
        action=bottle, name=Both("別の店", "Other"), by=town.makers["planning"], at=town.at, host=other, rotating=False
    )
    (answer,) = deliver(
        [Deed("9", "my-bottle", person, at + timedelta(hours=1))], programme=company.programme,
        by=Actor(town.municipality, ActorRole.PARTNER, other), at=town.at,
    )  # fmt: skip
    assert isinstance(answer, Refusal) or (answer.state, answer.granted_yen) == ("held", 0)
    granted = [
        each for each in queries.records(company.programme, municipality=town.municipality) if each.state == "granted"
    ]
    assert len(granted) == 1


def test_a_partner_confirms_at_its_own_place_only(company: Company, bottle: UUID) -> None:
    town, at = company.town, company.town.at - timedelta(hours=1)
    stranger = Actor(town.municipality, ActorRole.PARTNER, uuid4())
    (own_place,) = queries.places_of_host(company.sponsor, municipality=town.municipality)
    for place in (None, own_place.id):
        (answer,) = deliver(
            [Deed("1", "my-bottle", company.people[0], at, place)], programme=company.programme, by=stranger,
            at=town.at,
        )  # fmt: skip
        assert isinstance(answer, Refusal)
        assert answer.code == "not_allowed"
    assert bottle == own_place.action


def test_a_program_delivers_with_its_key(company: Company, bottle: UUID, settings: LazySettings) -> None:
    town = company.town
    settings.MUNICIPALITY = town.municipality
    who = Actor(town.municipality, ActorRole.PARTNER, company.sponsor)
    made = parties.issue_api_key(
        label="till", scopes=["action.attest"], acts_as=who, expires_at=now() + timedelta(days=1), by=who, at=now()
    )
    program = Client(headers={"authorization": f"Bearer {made.secret}"})
    deed = {"number": "A1", "action": "my-bottle", "resident": str(company.people[0])}
    asked = {"programme": str(company.programme), "deeds": [deed, deed | {"number": "A2", "action": "fly"}]}
    for _ in range(2):
        told = program.post("/api/v1/actions/deliveries", asked, content_type="application/json").json()["answers"]
        assert [each["state"] for each in told] == ["granted", "refused"]
    assert told[0]["granted_yen"] == 10
    done = queries.records(company.programme, municipality=town.municipality)
    assert [each.action for each in done] == [bottle]


def test_a_wrong_file_is_said_at_the_field(company: Company) -> None:
    file = SimpleUploadedFile("deeds.csv", b"what,ever\n1,2\n")
    answer = company.office.post(
        "/partner/actions", {"act": "deliver", "programme": str(company.programme), "file": file}
    )
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.content.decode()
    assert company.office.post("/partner/actions", {"act": "deliver"}).status_code == 422
