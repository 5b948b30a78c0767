"""Each page of a company and the office's about it: both languages, nothing of another's, nothing twice."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.notices import partner_telling, webhook_queries
from meguri.notices import webhook_operations as webhooks
from meguri.notices.partner_telling import NewEvent
from meguri.parties import operations as parties
from meguri.parties import queries as people
from meguri.parties.rules import Both
from meguri.programmes.operations import depositing
from meguri.programmes.operations.proposing import Proposed, propose_action
from meguri.programmes.points import operations as points
from meguri.programmes.queries.proposals import proposals
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day, now
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_applying import TYPED, link_of, officer
from tests.faces.partner.test_deposits import fund_of
from tests.faces.people import browser_of
from tests.notices.receiver import Receiver
from tests.town import found_town

OWN_PAGES = (
    "", "spent", "statement", "deposits", "proposals", "places", "actions", "keys", "webhooks", "members",
)  # fmt: skip
AS_WRITTEN = {"deposits": {"めぐり"}}
"""What people wrote in one language only: the reason of a decision."""
JAPANESE = re.compile(r"[ぁ-ん]{2,}")


@pytest.fixture(autouse=True)
def to_loopback(settings: LazySettings) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def furnished(company: Company) -> UUID:
    """A company with one of everything; gives its endpoint."""
    town, at = company.town, company.town.at
    who, by = Actor(town.municipality, ActorRole.PARTNER, company.sponsor), town.makers["planning"]
    depositing.announce_deposit(fund=fund_of(company).id, yen=70_001, due_on=day(at), by=who, at=at)
    propose_action(
        Proposed(company.programme, "夜道の見守り", "Night watch", 7, day(at), day(at), "Main gate", "device"),
        by=who, at=at,
    )  # fmt: skip
    bus = points.open_action(programme=company.programme, code="bus", by=by, at=at)
    points.open_place(
        action=bus, name=Both("正門の前", "Main gate"), by=by, at=at, host=company.sponsor, rotating=False
    )
    parties.issue_api_key(
        label="counting-desk", scopes=["event.see"], acts_as=who, by=who, at=now(),
        expires_at=now() + timedelta(days=1),
    )
    made = webhooks.register_webhook("http://127.0.0.1:9/secret-path", by=who, at=at)
    event = NewEvent(company.sponsor, "points.granted", 1, at, {"funds": [{"fund": "unmistakable", "yen": 1}]})
    partner_telling.tell_partners([event], until=1, by=town.actor(ActorRole.SYSTEM), at=at)
    return made.id


def body(answer: object) -> str:
    """What stands between the page's head and its end, without the switch of languages."""
    text = answer.content.decode()  # type: ignore[attr-defined]
    main = re.search(r"<main.*</main>", text, re.DOTALL)
    return main[0] if main else text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_speaks_the_reader_s_language(company: Company, furnished: UUID, language: str) -> None:
    """In English nothing is left in Japanese; names that people gave have an English form here."""
    for path in (*OWN_PAGES, f"webhooks/{furnished}"):
        answer = company.office.get(f"/partner/{path}?lang={language}")
        assert answer.status_code == 200, path
        found = JAPANESE.findall(re.sub(r"<details.*?</details>|lang=\"ja\"[^<]*<", "", body(answer), flags=re.DOTALL))
        found = [each for each in found if each not in AS_WRITTEN.get(path, ())]
        assert bool(found) == (language == "ja"), (path, found[:5])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_form_for_companies_and_its_answer_speak_both(
    company: Company, settings: LazySettings, language: str
) -> None:
    settings.MUNICIPALITY = company.town.municipality
    visitor = Client()
    assert bool(JAPANESE.search(body(visitor.get(f"/partner/apply?lang={language}")))) == (language == "ja")
    wrong = visitor.post(f"/partner/apply?lang={language}", TYPED | {"corporate_number": "6000012050002"})
    words = "検査数字" if language == "ja" else "The check digit"
    assert words in body(wrong)
    link = link_of(visitor.post("/partner/apply", TYPED))
    assert ("審査中" if language == "ja" else "under review") in body(visitor.get(f"{link}?lang={language}"))


SECRETS = ("70,001", "夜道の見守り", "正門の前", "counting-desk", "secret-path", "unmistakable")


def test_another_company_sees_and_touches_nothing_of_it(company: Company, furnished: UUID, stranger: Client) -> None:
    shown = "".join(company.office.get(f"/partner/{path}").content.decode() for path in OWN_PAGES)
    assert not [each for each in SECRETS if each not in shown], "the search would find them"
    for path in OWN_PAGES:
        text = stranger.get(f"/partner/{path}").content.decode()
        assert not [each for each in SECRETS if each in text], path
    key = people.api_keys(municipality=company.town.municipality, owner=company.sponsor)[0].id
    page = f"/partner/webhooks/{furnished}"
    assert stranger.get(page).status_code == 404
    for act in ("rotate", "resume", "replay", "again", "end"):
        assert stranger.post(page, {"act": act, "after": "0", "number": "1"}).status_code == 404
    assert stranger.post("/partner/keys", {"act": "revoke", "key": str(key)}).status_code == 404
    for member in people.sponsor_members(company.sponsor, municipality=company.town.municipality):
        answer = stranger.post("/partner/members", {"act": "end", "member": str(member.member)})
        assert answer.status_code == 404
    assert people.api_keys(municipality=company.town.municipality, owner=company.sponsor)[0].revoked_at is None


def test_a_key_of_one_company_reads_its_stream_alone_and_in_its_town_alone(
    company: Company, furnished: UUID, settings: LazySettings
) -> None:
    town = company.town
    settings.MUNICIPALITY = town.municipality
    other = parties.register_sponsor(
        name_ja="別", name_en="Other", by=town.actor(ActorRole.SYSTEM), at=town.at
    )
    programs = []
    for sponsor in (company.sponsor, other):
        who = Actor(town.municipality, ActorRole.PARTNER, sponsor)
        made = parties.issue_api_key(
            label="x", scopes=["event.see"], acts_as=who, expires_at=now() + timedelta(days=1), by=who, at=now()
        )
        programs.append(Client(headers={"authorization": f"Bearer {made.secret}"}))
    address = "/api/v1/partner/events"
    ours, theirs = programs
    (event,) = ours.get(address).json()["events"]
    assert (event["number"], event["type"], event["data"]["funds"][0]["fund"]) == (1, "points.granted", "unmistakable")
    assert theirs.get(address).json() == {"events": [], "last": 0}
    for query, numbers, last in (("after=-5", [1], 1), ("after=1", [], 1), ("after=77", [], 77), ("limit=0", [1], 1)):
        told = ours.get(f"{address}?{query}").json()
        assert ([each["number"] for each in told["events"]], told["last"]) == (numbers, last)
    assert ours.get(f"{address}?after={10**30}").status_code in (200, 422), "an answer, no fault"
    assert ours.get(f"{address}?after=soon").status_code == 422
    assert Client(headers={"authorization": "Bearer meguri_guessed"}).get(address).status_code == 401
    assert Client().get(address).status_code == 401
    settings.MUNICIPALITY = found_town([]).municipality
    (event,) = ours.get(address).json()["events"]
    assert event["data"]["funds"][0]["fund"] == "unmistakable", "a key names its town, whichever the host's is"
    assert furnished


BAD_FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("deposits", {"act": "announce", "fund": "x", "yen": "1", "due_on": "2025-12-01"}),
    ("deposits", {"act": "withdraw", "deposit": "x"}), ("deposits", {"act": "explode"}), ("deposits", {}),
    ("proposals", {"act": "withdraw", "proposal": ""}), ("proposals", {"act": "take"}),
    ("keys", {"act": "revoke", "key": "1 OR 1=1"}), ("members", {"act": "end", "member": "me"}),
    ("webhooks", {"act": "end"}), ("apply", {"act": "approve"}),
)  # fmt: skip


def test_a_form_that_no_page_of_ours_sends_is_a_bad_request(company: Company) -> None:
    for page, form in BAD_FORMS:
        assert company.office.post(f"/partner/{page}", form).status_code == 400, (page, form)


def test_an_event_is_named_by_its_number_alone(company: Company, furnished: UUID) -> None:
    for number in ("", "-1", "１", "1e3", "9" * 30, "1\x00"):
        answer = company.office.post(f"/partner/webhooks/{furnished}", {"act": "again", "number": number})
        assert answer.status_code == 400, number


def test_a_replay_from_nowhere_is_said_at_its_field(company: Company, furnished: UUID) -> None:
    for after, status in (("", 422), ("x", 422), ("-1", 422), ("2", 404), ("9" * 30, 422)):
        answer = company.office.post(f"/partner/webhooks/{furnished}", {"act": "replay", "after": after})
        assert answer.status_code == status, after
        assert 'id="after-error"' in answer.content.decode()
    (found,) = webhook_queries.endpoints(company.sponsor, municipality=company.town.municipality)
    assert found.sent_until == 0


def test_one_press_counts_once_on_every_form(company: Company) -> None:
    """The same form sent again, as an impatient finger does."""
    fund = str(fund_of(company).id)
    receiver = Receiver().up()
    forms = {
        "deposits": {"act": "announce", "fund": fund, "yen": "5", "due_on": "2025-12-01"},
        "proposals": {"act": "propose", "programme": str(company.programme), "name_ja": "一度", "yen": "1",
                      "first_day": "2025-12-01", "last_day": "2025-12-02", "evidence": "device"},
        "keys": {"act": "issue", "label": "once", "scopes": ["event.see"], "days": "30"},
        "members": {"act": "invite", "role": "reader"},
        "webhooks": {"act": "register", "url": receiver.url},
    }  # fmt: skip
    for page, form in forms.items():
        once = re.search(r'name="once" value="([^"]+)"', company.office.get(f"/partner/{page}").content.decode())
        assert once is not None, page
        first, second = (company.office.post(f"/partner/{page}", form | {"once": once[1]}) for _ in range(2))
        assert first.status_code in (200, 302), (page, body(first)[:500])
        assert second.status_code == 302, page
        assert "すでに受け付けています" in company.office.get(f"/partner/{page}").content.decode(), page
    receiver.down()
    keys = people.api_keys(municipality=company.town.municipality, owner=company.sponsor)
    assert [each.label for each in keys] == ["once"]


def test_who_left_the_company_finds_its_doors_shut(company: Company) -> None:
    town, person = company.town, uuid4()
    system = town.actor(ActorRole.SYSTEM)
    parties.join_sponsor(company.sponsor, member=person, by=system, at=town.at)
    former = browser_of(town, person)
    assert former.get("/partner/keys").status_code == 200
    parties.end_membership(member=person, by=system, at=town.at + timedelta(seconds=1), sponsor=company.sponsor)
    for path in OWN_PAGES:
        assert former.get(f"/partner/{path}").status_code == 403, path
    form = {"act": "issue", "label": "x", "scopes": ["event.see"], "days": "30"}
    assert former.post("/partner/keys", form).status_code == 403


# --- the office's pages about companies ------------------------------------------------------------------------------


@pytest.fixture
def maker(company: Company) -> Client:
    system = company.town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=company.town.at)
    return officer(company.town, ActorRole.MAKER)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_office_reads_of_companies_in_both_languages(
    company: Company, maker: Client, furnished: UUID, settings: LazySettings, language: str
) -> None:
    settings.MUNICIPALITY = company.town.municipality
    Client().post("/partner/apply", TYPED)
    (asked,) = people.sponsor_applications(company.town.municipality)
    (wish,) = proposals(company.town.municipality)
    for path in (
        "sponsors/", f"sponsors/{company.sponsor}", f"sponsors/applications/{asked.id}", "sponsors/proposals",
        f"sponsors/proposals/{wish.id}",
    ):  # fmt: skip
        answer = maker.get(f"/office/{path}?lang={language}")
        assert answer.status_code == 200, path
        assert ("会社" in body(answer) or "協賛" in body(answer)) == (language == "ja"), path
    assert furnished


def test_what_does_not_exist_in_this_town_is_not_found(company: Company, maker: Client) -> None:
    there = found_town([])
    away = parties.register_sponsor(
        name_ja="隣町の会社", name_en="Next door", by=there.actor(ActorRole.SYSTEM), at=there.at
    )
    for path in (f"sponsors/{uuid4()}", f"sponsors/{away}", f"sponsors/applications/{uuid4()}",
                 f"sponsors/proposals/{uuid4()}"):  # fmt: skip
        for answer in (maker.get(f"/office/{path}"), maker.post(f"/office/{path}", {"act": "approve"})):
            assert answer.status_code == 404, path
    assert "隣町の会社" not in maker.get("/office/sponsors/").content.decode()
    assert company.sponsor


def test_a_second_officer_is_needed_and_is_another_person(
    company: Company, maker: Client, settings: LazySettings
) -> None:
    settings.MUNICIPALITY = company.town.municipality
    Client().post("/partner/apply", TYPED)
    (asked,) = people.sponsor_applications(company.town.municipality)
    page, checker = f"/office/sponsors/applications/{asked.id}", officer(company.town, ActorRole.CHECKER)
    assert checker.post(page, {"act": "approve"}).status_code in (404, 409), "nobody has asked yet"
    assert checker.post(page, {"act": "propose"}).status_code == 403
    assert maker.post(page, {"act": "propose"}).status_code == 302
    assert maker.post(page, {"act": "propose"}).status_code == 302, "the same person's is the same"
    assert officer(company.town, ActorRole.MAKER).post(page, {"act": "propose"}).status_code == 409, "asked already"
    assert maker.post(page, {"act": "decline", "reason": "x"}).status_code == 409
    assert maker.post(page, {"act": "withdraw"}).status_code == 302
    assert checker.post(page, {"act": "send_back", "note": "x"}).status_code in (404, 409), "it was taken back"
    assert maker.post(page, {"act": "propose"}).status_code == 302
    assert checker.post(page, {"act": "send_back", "note": ""}).status_code == 422
    assert checker.post(page, {"act": "approve"}).status_code == 302
    assert checker.post(page, {"act": "approve"}).status_code == 409, "decided"
    assert maker.post(page, {"act": "explode"}).status_code == 400


def test_money_that_arrives_in_the_future_is_refused_where_it_was_typed(company: Company, furnished: UUID) -> None:
    system = company.town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=company.town.at)
    checker, page = officer(company.town, ActorRole.CHECKER), f"/office/sponsors/{company.sponsor}"
    deposit = re.search(r'name="deposit" value="([^"]+)"', checker.get(page).content.decode())
    assert deposit is not None
    form = {"act": "record", "deposit": deposit[1]}
    for arrived_on, words in (("2031-01-01", "2031-01-01"), ("", "日付"), ("いつか", "いつか")):
        answer = checker.post(page, form | {"arrived_on": arrived_on})
        assert answer.status_code == 422, arrived_on
        assert words in answer.content.decode()
    assert checker.post(page, form | {"deposit": str(uuid4()), "arrived_on": "2025-11-12"}).status_code == 404
    assert checker.post(page, form | {"deposit": "x", "arrived_on": "2025-11-12"}).status_code == 400
    set_clock_offset(municipality=company.town.municipality, offset=company.town.at - now() + timedelta(days=1))
    assert checker.post(page, form | {"arrived_on": "令和7年11月12日"}).status_code == 302
    assert furnished
