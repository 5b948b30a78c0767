"""A company proposes, the town answers; codes of its places are printed, its programs have keys."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.operations import proposing
from meguri.programmes.parts import GrantByAction
from meguri.programmes.points import operations as points
from meguri.programmes.queries.proposals import ProposalView, proposals
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_applying import officer

FORM = {
    "act": "propose", "name_ja": "マイボトルを持ち歩く", "name_en": "", "yen": "１５", "first_day": "2025-12-01",
    "last_day": "2026-02-28", "place": "まわる電力の店", "evidence": "partner_confirms",
}  # fmt: skip


def actions(company: Company, *, number: int) -> list[str]:
    obtaining = queries.version_terms(company.programme, number, municipality=company.town.municipality).obtaining
    assert isinstance(obtaining, GrantByAction)
    return [each.code for each in obtaining.actions]


def proposed(company: Company, **changed: str) -> ProposalView:
    answer = company.office.post("/partner/proposals", FORM | {"programme": str(company.programme)} | changed)
    assert answer.status_code == 302, answer.content.decode()
    return proposals(company.town.municipality)[0]


@pytest.fixture
def maker(company: Company) -> Client:
    system = company.town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=company.town.at)
    return officer(company.town, ActorRole.MAKER)


def test_a_proposal_becomes_an_action_of_the_amendment_by_one_press(company: Company, maker: Client) -> None:
    found = proposed(company)
    assert (found.name_en, found.yen, found.state) == ("マイボトルを持ち歩く", 15, "waiting")
    assert "企業の提案に答える" in maker.get("/office/").content.decode()
    page = f"/office/sponsors/proposals/{found.id}"
    assert "まわる電力" in maker.get(page).content.decode()
    assert maker.post(page, {"act": "take"}).status_code == 302
    drafted = queries.amendment(company.programme, municipality=company.town.municipality)
    assert drafted is not None
    assert drafted.state == "draft"
    assert drafted.reason == "まわる電力株式会社(架空)の提案「マイボトルを持ち歩く」を加える"
    assert actions(company, number=drafted.number) == [*actions(company, number=1), "proposed-1"]
    assert "町の文書に入りました" in company.office.get("/partner/proposals").content.decode()
    assert maker.post(page, {"act": "take"}).status_code == 409, "taken once"
    second = proposed(company, name_ja="もう一つ")
    maker.post(f"/office/sponsors/proposals/{second.id}", {"act": "take"})
    drafted = queries.amendment(company.programme, municipality=company.town.municipality)
    assert drafted is not None
    assert actions(company, number=drafted.number)[-2:] == ["proposed-1", "proposed-2"], "the draft is added to"
    assert drafted.reason.count("\n") == 1


def test_the_amendment_with_it_may_be_submitted(company: Company, maker: Client) -> None:
    found = proposed(company)
    maker.post(f"/office/sponsors/proposals/{found.id}", {"act": "take"})
    by = company.town.makers["planning"]
    assert programmes.submit_amendment(programme=company.programme, by=by, at=company.town.at)
    late = proposed(company, name_ja="おそい提案")
    answer = maker.post(f"/office/sponsors/proposals/{late.id}", {"act": "take"})
    assert answer.status_code == 409, "what lies before the second officer does not change under the hand"


def test_a_declined_one_says_why_and_a_withdrawn_one_is_gone(company: Company, maker: Client) -> None:
    first, second = proposed(company), proposed(company, name_ja="もう一つ")
    page = f"/office/sponsors/proposals/{first.id}"
    assert maker.post(page, {"act": "decline", "reason": ""}).status_code == 422
    assert maker.post(page, {"act": "decline", "reason": "町では確かめられません"}).status_code == 302
    text = company.office.get("/partner/proposals").content.decode()
    assert "町では確かめられません" in text
    company.office.post("/partner/proposals", {"act": "withdraw", "proposal": str(second.id)})
    assert maker.post(f"/office/sponsors/proposals/{second.id}", {"act": "take"}).status_code == 409
    assert queries.amendment(company.programme, municipality=company.town.municipality) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_ja", " "), ("yen", "0"), ("yen", "百"), ("yen", "10001"), ("last_day", "2025-11-30"),
        ("last_day", "2025-10-01"), ("first_day", "soon"), ("evidence", "magic"), ("place", "あ" * 101),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(company: Company, field: str, value: str) -> None:
    form = FORM | {"programme": str(company.programme), field: value}
    answer = company.office.post("/partner/proposals", form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    assert proposals(company.town.municipality) == ()


def test_only_for_programmes_of_actions_only_ones_own_and_not_without_end(company: Company) -> None:
    town = company.town
    who = town.actor(ActorRole.PARTNER, party=company.sponsor)
    proposed(company)
    one = proposals(town.municipality)[0]
    voucher = next(each for each in queries.programmes(town.municipality) if each.family == "voucher")
    wish = proposing.Proposed(
        programme=voucher.id, name_ja="x", name_en="", yen=1, first_day=town.at.date(),
        last_day=town.at.date(), place="", evidence="device",
    )  # fmt: skip
    with pytest.raises(Refusal, match="proposal_without_actions"):
        proposing.propose_action(wish, by=who, at=town.at)
    stranger = Actor(town.municipality, ActorRole.PARTNER, uuid4())
    with pytest.raises(Refusal, match="not_allowed"):
        proposing.withdraw_proposed_action(one.id, by=stranger, at=town.at)
    with pytest.raises(Refusal, match="not_allowed"):
        proposing.take_proposal(one.id, by=town.makers["welfare"], at=town.at)
    for _ in range(proposing.WAITING_MOST - 1):
        proposed(company)
    assert company.office.post(
        "/partner/proposals", FORM | {"programme": str(company.programme)}
    ).status_code == 409  # fmt: skip


def test_codes_of_own_places_are_printed_and_no_others(company: Company) -> None:
    by, at = company.town.makers["planning"], company.town.at
    bottle = points.open_action(programme=company.programme, code="bus", by=by, at=at)
    own = points.open_place(
        action=bottle, name=Both("まわる電力の店", "Our shop"), by=by, at=at, host=company.sponsor, rotating=False
    )
    other = points.open_place(action=bottle, name=Both("役場", "Hall"), by=by, at=at, rotating=False)
    moving = points.open_place(
        action=bottle, name=Both("画面", "Screen"), by=by, at=at, host=company.sponsor, rotating=True
    )
    text = company.office.get("/partner/places").content.decode()
    assert "まわる電力の店" in text
    assert "役場" not in text
    pdf = company.office.get(f"/partner/places/{own}.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    svg = company.office.get(f"/partner/places/{own}.svg")
    assert b"<svg" in svg.content
    for wrong in (f"{other}.pdf", f"{moving}.pdf", f"{own}.exe", f"{uuid4()}.svg"):
        assert company.office.get(f"/partner/places/{wrong}").status_code == 404, wrong


def test_a_key_is_shown_once_does_what_it_may_and_stops(company: Company, settings: LazySettings) -> None:
    settings.MUNICIPALITY = company.town.municipality
    form = {"act": "issue", "label": "集計係", "scopes": ["event.see"], "days": "30"}
    text = company.office.post("/partner/keys", form).content.decode()
    secret = re.search(r'value="(meguri_[^"]+)"', text)
    assert secret is not None
    listed = company.office.get("/partner/keys").content.decode()
    assert secret[1] not in listed
    assert "集計係" in listed
    program = Client(headers={"authorization": f"Bearer {secret[1]}"})
    assert program.get("/api/v1/partner/events").json() == {"events": [], "last": 0}
    assert program.get("/api/v1/notices").status_code == 403, "only what it was given"
    key = re.search(r'name="key" value="([^"]+)"', listed)
    assert key is not None
    assert company.office.post("/partner/keys", {"act": "revoke", "key": key[1]}).status_code == 302
    assert program.get("/api/v1/partner/events").status_code == 401


@pytest.mark.parametrize(
    "changed", [{"label": " "}, {"scopes": []}, {"scopes": ["api_key.issue"]}, {"days": "9999"}]
)
def test_a_key_needs_a_name_and_a_modest_use(company: Company, changed: dict[str, object]) -> None:
    form: dict[str, object] = {"act": "issue", "label": "x", "scopes": ["event.see"], "days": "30"}
    answer = company.office.post("/partner/keys", form | changed)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert company.office.get("/partner/keys").content.decode().count("meguri_") == 0


def test_a_reader_makes_no_key_and_proposes_nothing(company: Company) -> None:
    reader = uuid4()
    by = Actor(company.town.municipality, ActorRole.PARTNER, company.sponsor)
    at = company.town.at
    link = parties.invite_member(
        role=ActorRole.PARTNER, by=by, at=at, sponsor=company.sponsor, sponsor_role="reader"
    )
    parties.accept_invitation(link, by=Actor(company.town.municipality, ActorRole.VISITOR, reader), at=at)
    acting = Actor(company.town.municipality, ActorRole.PARTNER, company.sponsor, person=reader)
    with pytest.raises(Refusal, match="sponsor_manager_needed"):
        parties.issue_api_key(
            label="x", scopes=["event.see"], acts_as=acting, expires_at=at + timedelta(days=1), by=acting, at=at
        )
    wish = proposing.Proposed(
        programme=company.programme, name_ja="x", name_en="", yen=1, first_day=at.date(), last_day=at.date(),
        place="", evidence="device",
    )  # fmt: skip
    with pytest.raises(Refusal, match="sponsor_manager_needed"):
        proposing.propose_action(wish, by=acting, at=at)
    assert isinstance(reader, UUID)
