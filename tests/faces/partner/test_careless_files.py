"""Files of deeds as careless people and their spreadsheets make them, and as an attacker would: through the page."""

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
from meguri.programmes.points.delivering import DEEDS_MAX
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from tests.faces.partner.conftest import Company
from tests.faces.people import browser_of

HEAD = "番号,行動,人,日時"


@pytest.fixture
def bottle(company: Company) -> UUID:
    by, at = company.town.makers["planning"], company.town.at
    made = points.open_action(programme=company.programme, code="my-bottle", by=by, at=at)
    points.open_place(action=made, name=Both("店", "Shop"), by=by, at=at, host=company.sponsor, rotating=False)
    return made


def sent(company: Company, content: bytes, *, act: str = "csv", lang: str = "ja", **typed: str) -> HttpResponse:
    form = {"act": act, "programme": str(company.programme), "file": SimpleUploadedFile("deeds.csv", content)}
    answer: HttpResponse = company.office.post(f"/partner/actions?lang={lang}", form | typed)
    return answer


def rows(answer: HttpResponse) -> list[list[str]]:
    assert answer.status_code == 200, answer.content.decode()[:2_000]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


def line(number: str, person: UUID, *, at: datetime | str) -> str:
    return f"{number},my-bottle,{person},{at if isinstance(at, str) else at.isoformat()}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_spreadsheets_of_every_kind_count(company: Company, bottle: UUID, encoding: str, ending: str) -> None:
    at = company.town.at - timedelta(hours=1)
    text = ending.join([HEAD, "", line("①", company.people[0], at=at), ",,,", "  ", ""])
    ((number, state, yen, _),) = rows(sent(company, text.encode(encoding)))
    assert (number, state, yen) == ("①", "付与しました", "10")
    assert bottle


def test_a_wrong_moment_is_told_in_its_line_and_holds_up_no_other(company: Company, bottle: UUID) -> None:
    """Also moments that no calendar can turn into another zone."""
    at, people = company.town.at, company.people
    wrong = ("0001-01-01 00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2024-01-01", "2025-11-31")
    lines = [line(str(place), people[place], at=each) for place, each in enumerate(wrong)]
    found = rows(sent(company, "\n".join([HEAD, *lines, line("ok", people[9], at=at - timedelta(hours=1))]).encode()))
    assert [row[1] for row in found] == ["受け付けられません"] * len(wrong) + ["付与しました"]
    assert all(row[3] for row in found[: len(wrong)]), "each says why"
    assert bottle


def test_a_moment_in_packed_form_keeps_its_hour(company: Company, bottle: UUID) -> None:
    early = company.town.at - timedelta(hours=5)
    packed = early.strftime("%Y%m%dT%H%M%S+0000")
    rows(sent(company, "\n".join([HEAD, line("1", company.people[0], at=packed)]).encode()))
    (record,) = (
        each for each in queries.records(company.programme, municipality=company.town.municipality)
        if each.action == bottle
    )  # fmt: skip
    assert record.done_at == early


def test_a_formula_stays_text_in_the_answers(company: Company, bottle: UUID) -> None:
    at = company.town.at - timedelta(hours=1)
    evil = ("=1+1", "+1", "-1", "@SUM(A1)", '"=HYPERLINK(""http://x"",""y"")"')
    lines = [line(each, company.people[place], at=at) for place, each in enumerate(evil)]
    found = rows(sent(company, "\n".join([HEAD, *lines]).encode()))
    assert [row[0] for row in found] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'=HYPERLINK(\"http://x\",\"y\")"]
    page = sent(company, f"{HEAD}\n<script>alert(1)</script>,x,y,z".encode(), act="deliver").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert bottle


def test_one_number_for_two_people_in_one_file_is_one_deed(company: Company, bottle: UUID) -> None:
    """The second one is no new deed of the first, and is told so."""
    at, (one, two) = company.town.at - timedelta(hours=1), company.people[:2]
    found = rows(sent(company, "\n".join([HEAD, line("7", one, at=at), line("7", two, at=at)]).encode()))
    assert [row[1] for row in found] == ["付与しました", "受け付けられません"]
    assert found[1][3]
    done = queries.records(company.programme, municipality=company.town.municipality)
    assert [each.resident for each in done if each.action == bottle] == [one]


def test_1000_lines_are_read_and_1001_are_not(company: Company, bottle: UUID) -> None:
    lines = [f"{place},none,{uuid4()},2025-11-12" for place in range(DEEDS_MAX)]
    found = rows(sent(company, "\n".join([HEAD, *lines, "", ""]).encode()))
    assert len(found) == DEEDS_MAX
    assert {row[3] for row in found} == {"「none」という行動は、いま開いていません。"}
    answer = sent(company, "\n".join([HEAD, *lines, lines[0]]).encode())
    assert answer.status_code == 422
    assert "1000行まで" in answer.content.decode().replace("1,000", "1000")
    assert bottle


@pytest.mark.parametrize(
    ("content", "ja", "en"),
    [
        (b"", "番号・行動・人・日時", "number, action, resident, done_at"),
        ("番号\t行動\t人\t日時\n".encode(), "番号・行動・人・日時", "number, action, resident, done_at"),
        (f"{HEAD}\n".encode("utf-16"), "番号・行動・人・日時", "number, action, resident, done_at"),
        ("番号,行動,日時\n1,a,2025-11-12".encode("cp932"), "足りない列: 人", "absent: resident"),
    ],
)
def test_what_a_file_lacks_is_named_in_both_languages(company: Company, content: bytes, ja: str, en: str) -> None:
    for lang, words in (("ja", ja), ("en", en)):
        answer = sent(company, content, act="deliver", lang=lang)
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_an_empty_list_under_a_good_head_is_no_fault(company: Company) -> None:
    assert rows(sent(company, HEAD.encode())) == []


def test_a_file_for_no_programme_or_for_another_towns_counts_nothing(company: Company, bottle: UUID) -> None:
    at = company.town.at - timedelta(hours=1)
    content = "\n".join([HEAD, line("1", company.people[0], at=at)]).encode()
    assert sent(company, content, programme="none").status_code == 400
    ((_, state, yen, why),) = rows(sent(company, content, programme=str(uuid4())))
    assert (state, yen) == ("受け付けられません", "0")
    assert "my-bottle" in why
    assert not [e for e in queries.records(company.programme, municipality=company.town.municipality)
                if e.action == bottle]  # fmt: skip


def test_a_reader_delivers_nothing(company: Company, bottle: UUID) -> None:
    town, person = company.town, uuid4()
    by = Actor(town.municipality, ActorRole.PARTNER, company.sponsor)
    link = parties.invite_member(
        role=ActorRole.PARTNER, by=by, at=town.at, sponsor=company.sponsor, sponsor_role="reader"
    )
    parties.accept_invitation(link, by=Actor(town.municipality, ActorRole.VISITOR, person), at=town.at)
    reader = browser_of(town, person)
    file = SimpleUploadedFile("deeds.csv", f"{HEAD}\n{line('1', company.people[0], at=town.at)}".encode())
    answer = reader.post("/partner/actions", {"act": "deliver", "programme": str(company.programme), "file": file})
    assert answer.status_code == 403
    assert "閲覧者" in answer.content.decode()
    assert bottle


def test_a_program_that_forgets_the_zone_is_understood(
    company: Company, bottle: UUID, settings: LazySettings
) -> None:
    town = company.town
    settings.MUNICIPALITY = town.municipality
    who = Actor(town.municipality, ActorRole.PARTNER, company.sponsor)
    made = parties.issue_api_key(
        label="till", scopes=["action.attest"], acts_as=who, expires_at=now() + timedelta(days=1), by=who, at=now()
    )
    program = Client(headers={"authorization": f"Bearer {made.secret}"})
    def deliver(*moments: str) -> HttpResponse:
        deeds = [
            {"number": str(place), "action": "my-bottle", "resident": str(company.people[place]), "done_at": moment}
            for place, moment in enumerate(moments)
        ]
        answer: HttpResponse = program.post(
            "/api/v1/actions/deliveries", {"programme": str(company.programme), "deeds": deeds},
            content_type="application/json",
        )  # fmt: skip
        return answer

    assert deliver("0001-01-01T00:00:00+14:00").status_code == 422, "a moment that no calendar has"
    answer = deliver("2025-11-12T10:30:00", "1990-01-01T00:00:00", "2025-11-12T10:30:00+09:00")
    assert answer.status_code == 200, answer.content
    assert [each["state"] for each in answer.json()["answers"]] == ["granted", "refused", "granted"]
    moments = {each.done_at for each in queries.records(company.programme, municipality=town.municipality)
               if each.action == bottle}  # fmt: skip
    assert len(moments) == 1, "without a zone it is Japan's"
