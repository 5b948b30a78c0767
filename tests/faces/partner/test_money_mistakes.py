"""Deposits and proposals under careless hands and at one moment: counted once, told with the field, apart by town."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger.wall import name_municipality
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.models import ActionProposal, SponsorDeposit
from meguri.programmes.operations import depositing, proposing
from meguri.programmes.operations.amending import REASON_MOST, draft_amendment
from meguri.programmes.operations.proposing import Proposed, propose_action, take_proposal, with_action
from meguri.programmes.parts import Action, Evidence, GrantByAction, Text
from meguri.programmes.queries.deposits import deposits
from meguri.programmes.queries.proposals import proposal, proposals
from meguri.programmes.shipped import shipped
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day
from meguri.words.refusal import Refusal
from tests.faces.partner.conftest import Company


def refused(code: str, act: Any, *args: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as told:
        act(*args, **named)
    assert told.value.code == code
    assert told.value.sentence("ja") != told.value.sentence("en")
    return told.value


def own(company: Company) -> Actor:
    return Actor(company.town.municipality, ActorRole.PARTNER, company.sponsor)


def fund_of(company: Company) -> queries.FundView:
    (found,) = queries.funds(company.town.municipality, payer=str(company.sponsor))
    return found


def announced(company: Company, *, yen: int = 1_000) -> UUID:
    at = company.town.at
    return depositing.announce_deposit(fund=fund_of(company).id, yen=yen, due_on=day(at), by=own(company), at=at)


def wish(company: Company, **changed: Any) -> Proposed:
    on = day(company.town.at)
    usual = Proposed(
        programme=company.programme, name_ja="歩いて買う", name_en="", yen=5, first_day=on, last_day=on, place="",
        evidence="partner_confirms",
    )  # fmt: skip
    return replace(usual, **changed)


def proposed(company: Company, **changed: Any) -> UUID:
    return propose_action(wish(company, **changed), by=own(company), at=company.town.at)


def together(company: Company, act: Callable[[int], object], *, times: int) -> list[str]:
    """What each of several presses at one moment answered."""

    def press(place: int) -> str:
        name_municipality(company.town.municipality)
        try:
            return str(act(place))
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(press, range(times)))


def drafted_actions(company: Company) -> list[str]:
    town = company.town.municipality
    drafted = queries.amendment(company.programme, municipality=town)
    assert drafted is not None
    obtaining = queries.version_terms(company.programme, drafted.number, municipality=town).obtaining
    assert isinstance(obtaining, GrantByAction)
    return [each.code for each in obtaining.actions]


# --- deposits --------------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_deposit_is_said_with_its_field(company: Company) -> None:
    at, fund, by = company.town.at, fund_of(company).id, own(company)
    for yen, due_on, field in (
        (0, day(at), "yen"), (-5, day(at), "yen"), (depositing.YEN_MOST + 1, day(at), "yen"),
        (1, day(at) - timedelta(days=1), "due_on"), (0, day(at) - timedelta(days=1), "yen"),
    ):  # fmt: skip
        told = refused("deposit_wrong", depositing.announce_deposit, fund=fund, yen=yen, due_on=due_on, by=by, at=at)
        assert (told.field, told.kind.status) == (field, 422)
        assert str(depositing.YEN_MOST) in told.sentence("ja").replace(",", "")
    told = refused("fund_unknown", depositing.announce_deposit, fund=uuid4(), yen=1, due_on=day(at), by=by, at=at)
    assert told.kind.status == 404
    told = refused("deposit_unknown", depositing.withdraw_deposit, uuid4(), by=by, at=at)
    assert told.kind.status == 404
    assert announced(company, yen=depositing.YEN_MOST)


def test_money_does_not_arrive_tomorrow_nor_before_the_town_counts(company: Company) -> None:
    deposit, at, by = announced(company), company.town.at, company.town.checkers["planning"]
    before = fund_of(company).budget.loaded_yen
    for on in (day(at) + timedelta(days=1), date(1999, 12, 31)):
        told = refused("appropriation_day_wrong", depositing.record_deposit, deposit, arrived_on=on, by=by, at=at)
        assert on.isoformat() in told.sentence("en")
    assert fund_of(company).budget.loaded_yen == before
    (view,) = deposits(company.town.municipality, on=day(at))
    assert (view.state, view.arrived_on) == ("announced", None)
    depositing.record_deposit(deposit, arrived_on=day(at), by=by, at=at)
    assert fund_of(company).budget.loaded_yen == before + 1_000


def test_who_records_is_a_checker_of_that_department_alone(company: Company) -> None:
    deposit, at, town = announced(company), company.town.at, company.town
    for who in (
        town.checkers["welfare"], town.makers["welfare"], town.actor(ActorRole.ANALYST, department="planning"),
        town.actor(ActorRole.RESIDENT), own(company),
    ):  # fmt: skip
        refused("not_allowed", depositing.record_deposit, deposit, arrived_on=day(at), by=who, at=at)
    assert deposits(town.municipality, on=day(at))[0].state == "announced"


def test_a_department_s_fund_and_another_town_s_are_nobody_s_to_announce(company: Company) -> None:
    at, by = company.town.at, own(company)
    others = [each for each in queries.funds(company.town.municipality) if each.id != fund_of(company).id]
    assert others
    for fund in others:
        refused("not_allowed", depositing.announce_deposit, fund=fund.id, yen=1, due_on=day(at), by=by, at=at)
    there = Actor(company.town.municipality + 90_000, ActorRole.PARTNER, company.sponsor)
    told = refused(
        "fund_unknown", depositing.announce_deposit, fund=fund_of(company).id, yen=1, due_on=day(at), by=there, at=at
    )
    assert told.kind.status == 404
    deposit = announced(company)
    refused("deposit_unknown", depositing.withdraw_deposit, deposit, by=there, at=at)
    checker = replace(company.town.checkers["planning"], municipality=there.municipality)
    refused("deposit_unknown", depositing.record_deposit, deposit, arrived_on=day(at), by=checker, at=at)
    assert deposits(there.municipality, on=day(at)) == ()
    assert deposits(company.town.municipality, on=day(at), funds=[]) == ()


def test_a_reader_or_a_former_manager_announces_nothing(company: Company) -> None:
    person, at, town = uuid4(), company.town.at, company.town
    system = town.actor(ActorRole.SYSTEM)
    parties.join_sponsor(company.sponsor, member=person, by=system, at=at)
    who = replace(own(company), person=person)
    fund = fund_of(company).id
    deposit = depositing.announce_deposit(fund=fund, yen=1, due_on=day(at), by=who, at=at)
    wished = propose_action(wish(company), by=who, at=at)
    parties.end_membership(member=person, by=system, at=at + timedelta(seconds=1), sponsor=company.sponsor)
    for act in (
        lambda: depositing.announce_deposit(fund=fund, yen=1, due_on=day(at), by=who, at=at),
        lambda: depositing.withdraw_deposit(deposit, by=who, at=at),
        lambda: propose_action(wish(company), by=who, at=at),
        lambda: proposing.withdraw_proposed_action(wished, by=who, at=at),
    ):
        assert refused("sponsor_manager_needed", act).kind.status == 403


def test_recorded_and_withdrawn_at_one_moment_is_one_of_the_two(company: Company) -> None:
    deposit, at, before = announced(company), company.town.at, fund_of(company).budget.loaded_yen
    checker, by = company.town.checkers["planning"], own(company)

    def act(place: int) -> object:
        if place % 2:
            return depositing.withdraw_deposit(deposit, by=by, at=at)
        return depositing.record_deposit(deposit, arrived_on=day(at), by=checker, at=at)

    answers = together(company, act, times=4)
    assert answers.count("deposit_settled") == 3
    row = SponsorDeposit.objects.get()
    assert (row.recorded_at is None) != (row.withdrawn_at is None)
    assert fund_of(company).budget.loaded_yen - before == (0 if row.recorded_at is None else 1_000)


def test_announcements_at_one_moment_stay_within_their_number(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(depositing, "WAITING_MOST", 2)
    monkeypatch.setattr(proposing, "WAITING_MOST", 2)
    assert together(company, lambda _: announced(company), times=5).count("deposits_too_many") == 3
    assert together(company, lambda _: proposed(company), times=5).count("proposals_too_many") == 3
    assert (SponsorDeposit.objects.count(), ActionProposal.objects.count()) == (2, 2)
    told = refused("proposals_too_many", proposed, company)
    assert "2件まで" in told.sentence("ja")
    proposing.withdraw_proposed_action(proposals(company.town.municipality)[0].id, by=own(company), at=company.town.at)
    assert proposed(company)


# --- proposals -------------------------------------------------------------------------------------------------------


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name_ja": "字" * 101}, "name_ja"), ({"name_ja": "a\x00"}, "name_ja"), ({"name_en": "x" * 101}, "name_en"),
    ({"yen": 0}, "yen"), ({"yen": proposing.YEN_MOST + 1}, "yen"), ({"last_day": date(2025, 1, 1)}, "last_day"),
    ({"first_day": date(2030, 1, 1)}, "last_day"), ({"place": "字" * 101}, "place"), ({"place": "\x00"}, "place"),
    ({"evidence": ""}, "evidence"), ({"evidence": "steps; DROP"}, "evidence"),
)  # fmt: skip


def test_what_is_wrong_with_a_proposal_is_said_with_its_field(company: Company) -> None:
    for changed, field in WRONG:
        told = refused("proposal_wrong", proposed, company, **changed)
        assert (told.field, told.kind.status) == (field, 422)
        assert "確かめて" in told.sentence("ja")


def test_nobody_answers_what_is_unknown_or_decided(company: Company) -> None:
    at, maker = company.town.at, company.town.makers["planning"]
    for act in (
        lambda number: take_proposal(number, by=maker, at=at),
        lambda number: proposing.decline_proposal(number, reason="x", by=maker, at=at),
        lambda number: proposing.withdraw_proposed_action(number, by=own(company), at=at),
    ):
        assert refused("proposal_unknown", act, uuid4()).kind.status == 404
    number = proposed(company)
    for reason in ("", " ", "字" * (proposing.REASON_MOST + 1)):
        told = refused("proposal_unreasoned", proposing.decline_proposal, number, reason=reason, by=maker, at=at)
        assert told.field == "reason"
    proposing.decline_proposal(number, reason="字" * proposing.REASON_MOST, by=maker, at=at)
    told = refused("proposal_decided", take_proposal, number, by=maker, at=at)
    assert "見送り" in told.sentence("ja")
    assert "declined" in told.sentence("en")
    refused("proposal_decided", proposing.withdraw_proposed_action, number, by=own(company), at=at)
    refused("programme_unknown", proposed, company, programme=uuid4())


def test_a_proposal_is_its_department_s_and_its_town_s(company: Company) -> None:
    number, at, town = proposed(company), company.town.at, company.town
    for who in (town.checkers["planning"], town.makers["welfare"], own(company), town.actor(ActorRole.RESIDENT)):
        refused("not_allowed", take_proposal, number, by=who, at=at)
    refused("not_allowed", proposing.decline_proposal, number, reason="x", by=town.makers["commerce"], at=at)
    there = town.municipality + 90_000
    maker = replace(town.makers["planning"], municipality=there)
    refused("proposal_unknown", take_proposal, number, by=maker, at=at)
    assert proposal(number, municipality=there) is None
    assert proposals(there) == ()
    assert [each.id for each in proposals(town.municipality, department="planning", state="waiting")] == [number]
    assert proposals(town.municipality, department="welfare") == ()
    assert proposals(town.municipality, sponsor=uuid4()) == ()


def test_four_makers_take_one_proposal_once(company: Company) -> None:
    number, maker = proposed(company), company.town.makers["planning"]
    answers = together(company, lambda _: take_proposal(number, by=maker, at=company.town.at), times=4)
    assert sorted(answers) == ["proposal_decided"] * 3 + ["proposed-1"]
    assert drafted_actions(company).count("proposed-1") == 1


def test_different_proposals_taken_at_one_moment_all_stand_in_the_draft(company: Company) -> None:
    numbers = [proposed(company, name_ja=f"その{place}") for place in range(3)]
    maker = company.town.makers["planning"]
    answers = together(company, lambda place: take_proposal(numbers[place], by=maker, at=company.town.at), times=3)
    assert sorted(answers) == ["proposed-1", "proposed-2", "proposed-3"]
    assert sorted(drafted_actions(company)[-3:]) == sorted(answers)


def test_what_a_maker_changed_meanwhile_stays_beside_the_proposal(company: Company) -> None:
    """The draft has its own action under the very code that the proposal would have had."""
    number, at, maker = proposed(company), company.town.at, company.town.makers["planning"]
    terms = queries.terms(company.programme, municipality=company.town.municipality)
    mine = Action(code="proposed-1", name=Text(ja="手で", en="By hand"), yen=3, evidence=Evidence.PARTNER_CONFIRMS)
    draft_amendment(programme=company.programme, terms=with_action(terms, mine), reason="手で加える", by=maker, at=at)
    assert take_proposal(number, by=maker, at=at) == "proposed-2"
    assert drafted_actions(company)[-2:] == ["proposed-1", "proposed-2"]
    drafted = queries.amendment(company.programme, municipality=company.town.municipality)
    assert drafted is not None
    assert drafted.reason.splitlines()[0] == "手で加える"


def test_a_draft_that_rewards_no_action_any_more_takes_none(company: Company) -> None:
    number, at, maker = proposed(company), company.town.at, company.town.makers["planning"]
    terms = queries.terms(company.programme, municipality=company.town.municipality)
    voucher = next(each for each in shipped().values() if each.family == "voucher")
    other = msgspec.structs.replace(terms, obtaining=voucher.obtaining)
    draft_amendment(programme=company.programme, terms=other, reason="別のものに", by=maker, at=at)
    told = refused("proposal_without_actions", take_proposal, number, by=maker, at=at)
    assert told.kind.status == 422
    found = proposal(number, municipality=company.town.municipality)
    assert found is not None
    assert (found.state, found.action) == ("waiting", "")
    programmes.drop_amendment(programme=company.programme, by=maker)
    assert take_proposal(number, by=maker, at=at) == "proposed-1"


def test_many_long_names_do_not_make_the_draft_refuse_the_next(company: Company) -> None:
    maker, at = company.town.makers["planning"], company.town.at
    for place in range(18):
        take_proposal(proposed(company, name_ja=f"{place:02}" + "字" * 98), by=maker, at=at)
    drafted = queries.amendment(company.programme, municipality=company.town.municipality)
    assert drafted is not None
    assert len(drafted.reason) <= REASON_MOST
    assert drafted_actions(company)[-1] == "proposed-18"


@given(st.sets(st.integers(1, 30), max_size=25))
def test_a_new_action_never_takes_another_s_code(taken: set[int]) -> None:
    terms = next(each for each in shipped().values() if each.family == "point")
    for place in taken:
        terms = with_action(terms, Action(
            code=f"proposed-{place}", name=Text(ja="x", en="x"), yen=1, evidence=Evidence.PARTNER_CONFIRMS
        ))  # fmt: skip
    code = proposing._free_code(terms)
    assert isinstance(terms.obtaining, GrantByAction)
    assert code not in {each.code for each in terms.obtaining.actions}
    assert int(code.removeprefix("proposed-")) == min(set(range(1, 40)) - taken)
