"""An amendment that was approved for a later day: the old version rules until then, the new one from then on."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import approval
from meguri.parties.rules import Both
from meguri.programmes import operations, queries, tasks
from meguri.programmes.models import Fund, TermsVersion
from meguri.programmes.operations import Launched
from meguri.programmes.queries import VersionView
from meguri.programmes.rules import PurseKindView
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vouchers.operations import open_sale
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import midnight
from meguri.words.refusal import Refusal
from tests.programmes.amended import amend, draft, submit
from tests.programmes.builders import POINT, VOUCHER, TownHall, changed
from tests.programmes.test_budgets import refused
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books

START = midnight(date(2025, 12, 1))
JUST_BEFORE = START - timedelta(microseconds=1)
NAME = {"ja": "県の補助", "en": "Prefecture"}
LINE = {"account": "一般会計", "kan": "a", "kou": "b", "moku": "c", "setsu": "d"}
FRESH = {"code": "prefecture", "name": NAME, "funder": "prefecture", "fiscal_year": 2025, "budget_line": LINE,
         "source": NAME, "amount_yen": 300_000}  # fmt: skip
EVERYWHERE = {"kind": "all", "of": []}
GREEN = {"code": "green", "name": NAME, "part": "granted", "funded_by": "town", "where": EVERYWHERE}
WIDER: dict[str, Any] = {
    "name.ja": "ポイント(改)", "purses.0.where": EVERYWHERE, "purses.0.name": NAME, "purses.1": GREEN,
    "funds.0.amount_yen": 2_300_000, "funds.2": FRESH, "limits.balance_max_yen": 20_000, "sources": [],
}  # fmt: skip


@pytest.fixture
def made(hall: TownHall) -> Launched:
    hall.shop("large")
    return hall.launch(shipped()[POINT])


def begin(hall: TownHall, at: datetime) -> int:
    return operations.begin_amendments(municipality=hall.municipality, at=at)


def states(hall: TownHall, programme: UUID) -> list[tuple[int, str]]:
    return [(each.number, each.state) for each in queries.versions(programme, municipality=hall.municipality)]


def points(hall: TownHall, made: Launched, at: datetime) -> PurseKindView:
    return queries.rules_in_force(hall.municipality, at).purse_kinds[made.purse_kinds["points"]]


def waiting(hall: TownHall, made: Launched) -> VersionView:
    found = queries.coming(made.programme, municipality=hall.municipality)
    assert found is not None
    return found


def left(hall: TownHall, made: Launched) -> int:
    """What can still be granted: the fund's own account."""
    (own,) = ledger.balances([made.funds["town"]], AccountRole.FUND, municipality=hall.municipality)
    return own.amount


def apart(hall: TownHall, version: UUID) -> int:
    held = ledger.balances([version], AccountRole.FUND, municipality=hall.municipality)
    return sum(each.amount for each in held)


def version_id(made: Launched, number: int = 2) -> UUID:
    return TermsVersion.objects.get(programme_id=made.programme, number=number).id


# --- until the start, and from it on ---------------------------------------------------------------------------------


def test_the_old_version_rules_until_the_start_and_the_new_one_from_it_on(hall: TownHall, made: Launched) -> None:
    before = queries.terms(made.programme, municipality=hall.municipality)
    assert amend(hall, made.programme, WIDER, starts_at=START) == 2
    assert states(hall, made.programme) == [(2, "approved"), (1, "in_force")]
    assert begin(hall, JUST_BEFORE) == 0
    assert queries.terms(made.programme, municipality=hall.municipality) == before
    assert begin(hall, START) == 1
    assert begin(hall, START) == 0
    assert states(hall, made.programme) == [(2, "in_force"), (1, "past")]
    newest, _ = queries.versions(made.programme, municipality=hall.municipality)
    assert (newest.approved_at, newest.starts_at, newest.launched_at) == (hall.at, START, START)
    assert newest.launched_by == hall.officer("checker", "planning").party
    view = queries.programme(made.programme, municipality=hall.municipality)
    assert view is not None
    assert (view.number, view.name_ja) == (2, "ポイント(改)")
    rules = queries.rules_in_force(hall.municipality, START)
    assert {kind.code for kind in rules.purse_kinds.values()} == {"points", "green"}


def test_the_tills_know_both_versions_and_the_hour_says_which(hall: TownHall, made: Launched) -> None:
    """Also while nobody has let the new one begin yet, and also for a payment of before that arrives afterwards."""
    amend(hall, made.programme, WIDER, starts_at=START)
    def seen() -> list[tuple[str, str, int, int | None]]:
        kinds = [points(hall, made, at) for at in (JUST_BEFORE, START)]
        return [(each.programme_name_ja, each.name_ja, each.tightness, each.balance_max_yen) for each in kinds]

    both = [
        ("めぐりグリーン・健康ポイント", "グリーン・健康ポイント", 10_000, 10_000),
        ("ポイント(改)", "県の補助", 0, 20_000),
    ]
    assert seen() == both
    begin(hall, START)
    assert seen() == both
    assert {JUST_BEFORE, START, hall.at} & queries.turning_moments(hall.municipality) == {START, hall.at}


def test_the_worker_lets_it_begin_when_nobody_comes(hall: TownHall, made: Launched) -> None:
    amend(hall, made.programme, WIDER, starts_at=START)
    tasks.begin_amendments(municipality=hall.municipality, at=START + timedelta(hours=9))
    newest, _ = queries.versions(made.programme, municipality=hall.municipality)
    assert (newest.state, newest.launched_at) == ("in_force", START)


def test_a_longer_life_is_ordered_at_the_start(hall: TownHall, made: Launched) -> None:
    carried = {"kind": "carried_forward", "resolved_on": date(2026, 3, 10)}
    hall.grant(made, "points", {"town": 700}, holder=uuid4(), at=hall.at)
    amend(hall, made.programme, {
        "expiry.last_day": date(2026, 5, 31), "spending.window.last_day": date(2026, 5, 31),
        "refunds.shop_claims_until": date(2026, 6, 30), "funds.0.carry_over": carried, "funds.1.carry_over": carried,
    }, starts_at=START)  # fmt: skip
    assert queries.value_runs(made.programme, municipality=hall.municipality) == ()
    begin(hall, START)
    (run,) = queries.value_runs(made.programme, municipality=hall.municipality)
    assert (run.kind, run.state, run.day, run.ordered_at) == ("extend", "ordered", date(2026, 5, 31), START)


def test_it_begins_for_those_who_hold_value_also_after_the_programme_has_closed(hall: TownHall, made: Launched) -> None:
    amend(hall, made.programme, WIDER, starts_at=START)
    operations.close_programme(programme=made.programme, by=hall.officer("checker", "planning"), at=hall.later(days=9))
    assert begin(hall, START) == 1


# --- the budget ------------------------------------------------------------------------------------------------------


def test_what_it_adds_is_set_apart_with_the_approval_and_granted_from_the_start_on(
    hall: TownHall, made: Launched
) -> None:
    amend(hall, made.programme, WIDER, starts_at=START)
    assert (left(hall, made), apart(hall, version_id(made))) == (2_100_000, 500_000)
    told = [(each.amount_yen, each.reason) for each in queries.appropriations(
        made.programme, municipality=hall.municipality)][-2:]  # fmt: skip
    assert told == [(yen, "事業の変更: めぐりグリーン・健康ポイント(第2版、施行待ち)") for yen in (200_000, 300_000)]
    with refused("insufficient"):
        hall.grant(made, "points", {"town": 2_100_001}, holder=uuid4(), at=JUST_BEFORE)
    begin(hall, START)
    assert (left(hall, made), apart(hall, version_id(made))) == (2_300_000, 0)
    hall.grant(made, "points", {"town": 2_100_001}, holder=uuid4(), at=START)


def test_what_it_gives_back_is_gone_with_the_approval_so_that_nobody_spends_it_first(
    hall: TownHall, made: Launched
) -> None:
    amend(hall, made.programme, {"funds.0.amount_yen": 1_000_000}, starts_at=START)
    assert left(hall, made) == 1_000_000
    begin(hall, START)
    assert left(hall, made) == 1_000_000


def test_what_a_sale_will_promise_is_set_apart_from_what_is_left(hall: TownHall) -> None:
    """6,000,000 yen carry 2,000 units; another 500 of a second sale need 1,500,000 that are not there."""
    made = hall.launch(shipped()[VOUCHER])
    more = {"obtaining.rounds.1": {
        "code": "second", "name": NAME, "units": 500, "allocation": "first_come",
        "purchase": {"first_day": date(2025, 12, 10), "last_day": date(2025, 12, 20)},
    }}  # fmt: skip
    fund = made.funds["premium"]
    operations.appropriate_budget(
        fund=fund, amount_yen=1_000_000, reason="補正予算", decided_on=hall.at.date(),
        by=hall.officer("checker", "commerce"), at=hall.at,
    )  # fmt: skip
    assert amend(hall, made.programme, more | {"funds.0.amount_yen": 7_500_000}, starts_at=START) == 2
    assert apart(hall, version_id(made)) == 1_500_000
    other = hall.launch(_cheaper("other", amount=9_000_000))
    amend(hall, other.programme, more, starts_at=START)
    assert apart(hall, version_id(other)) == 1_500_000
    with refused("insufficient"):
        operations.return_appropriation(
            fund=other.funds["premium"], amount_yen=7_500_001, reason="減額", decided_on=hall.at.date(),
            by=hall.officer("checker", "commerce"), at=hall.at,
        )  # fmt: skip


def _cheaper(code: str, *, amount: int) -> ProgrammeTerms:
    return changed(VOUCHER, {"code": code, "funds.0.amount_yen": amount})


# --- withdrawn before it began ---------------------------------------------------------------------------------------


def propose(hall: TownHall, made: Launched, *, at: datetime) -> UUID:
    return operations.propose_withdrawal(
        programme=made.programme, note="議会で否決", by=hall.officer("maker", "planning"), at=at
    )


def test_two_people_withdraw_it_and_all_is_as_before(hall: TownHall, made: Launched) -> None:
    checker = hall.officer("checker", "planning")
    before = hall.fund(made, "town").budget
    amend(hall, made.programme, WIDER | {"funds.1.amount_yen": 800_000}, starts_at=START)
    with refused("withdrawal_not_proposed"):
        operations.approve_withdrawal(programme=made.programme, by=checker, at=hall.at)
    asked = propose(hall, made, at=hall.later(days=1))
    assert propose(hall, made, at=hall.later(days=1)) == asked
    maker = hall.officer("maker", "planning")
    with refused("checker_is_maker"):
        both_hats = Actor(hall.municipality, ActorRole.CHECKER, maker.party, "planning")
        operations.approve_withdrawal(programme=made.programme, by=both_hats, at=hall.at)
    with refused("not_allowed"):
        operations.approve_withdrawal(programme=made.programme, by=maker, at=hall.at)
    operations.approve_withdrawal(programme=made.programme, by=checker, at=JUST_BEFORE)
    assert states(hall, made.programme) == [(2, "withdrawn"), (1, "in_force")]
    assert begin(hall, START) == 0
    assert points(hall, made, START).name_ja == "グリーン・健康ポイント"
    assert hall.fund(made, "town").budget == before
    assert apart(hall, version_id(made)) == 0
    assert hall.fund(made, "sponsor").budget.left_yen == 900_000
    with refused("amendment_waits_not"):
        propose(hall, made, at=hall.later(days=2))
    amend(hall, made.programme, WIDER, at=START)
    assert states(hall, made.programme) == [(3, "in_force"), (2, "withdrawn"), (1, "past")]
    assert hall.fund(made, "town").budget.left_yen == 2_300_000


def test_a_withdrawal_may_be_turned_down(hall: TownHall, made: Launched) -> None:
    amend(hall, made.programme, WIDER, starts_at=START)
    asked = propose(hall, made, at=hall.at)
    operations.keep_amendment(
        programme=made.programme, note="予定どおり", by=hall.officer("checker", "planning"), at=hall.at
    )
    judged = approval(asked, municipality=hall.municipality)
    assert judged is not None
    assert judged.outcome == "rejected"
    assert waiting(hall, made).withdrawal is None
    assert begin(hall, START) == 1


def test_from_its_start_on_it_rules_whoever_wanted_to_withdraw_it(hall: TownHall, made: Launched) -> None:
    """Also in the seconds before anybody has let it begin: the tills pay by it already."""
    amend(hall, made.programme, WIDER, starts_at=START)
    asked = propose(hall, made, at=hall.at)
    with refused("amendment_waits_not"):
        operations.approve_withdrawal(programme=made.programme, by=hall.officer("checker", "planning"), at=START)
    assert begin(hall, START) == 1
    judged = approval(asked, municipality=hall.municipality)
    assert judged is not None
    assert judged.outcome == "withdrawn"


# --- what may not be -------------------------------------------------------------------------------------------------


def test_a_second_amendment_waits_until_the_first_has_begun(hall: TownHall, made: Launched) -> None:
    amend(hall, made.programme, WIDER, starts_at=START)
    with refused("amendment_waits") as caught:
        draft(hall, made.programme, {"name.ja": "別の名"})
    assert "2025-12-01" in caught.value.sentence("ja")
    maker = hall.officer("maker", "planning")
    with refused("amendment_waits"):
        operations.submit_amendment(programme=made.programme, by=maker, at=hall.at)
    with refused("amendment_waits"):
        operations.drop_amendment(programme=made.programme, by=maker)
    with refused("amendment_not_proposed"):
        operations.withdraw_amendment(programme=made.programme, by=maker, at=hall.at)
    begin(hall, START)
    assert amend(hall, made.programme, {"name.ja": "別の名"}, at=START) == 3


def test_a_start_that_is_over_is_refused_at_every_step(hall: TownHall, made: Launched) -> None:
    with refused("amendment_start_over") as caught:
        draft(hall, made.programme, WIDER, starts_at=hall.at)
    assert caught.value.field == "starts_on"
    draft(hall, made.programme, WIDER, starts_at=START)
    maker, checker = hall.officer("maker", "planning"), hall.officer("checker", "planning")
    with refused("amendment_start_over"):
        operations.submit_amendment(programme=made.programme, by=maker, at=START)
    operations.submit_amendment(programme=made.programme, by=maker, at=hall.at)
    with refused("amendment_start_over"):
        operations.approve_amendment(programme=made.programme, by=checker, at=START)
    assert states(hall, made.programme) == [(2, "proposed"), (1, "in_force")]


def test_an_approval_is_for_the_start_that_was_shown(hall: TownHall, made: Launched) -> None:
    submit(hall, made.programme, WIDER, starts_at=START)
    TermsVersion.objects.filter(programme_id=made.programme, number=2).update(starts_at=START + timedelta(days=1))
    with refused("digest_differs"):
        operations.approve_amendment(programme=made.programme, by=hall.officer("checker", "planning"), at=hall.at)


def test_what_could_take_from_those_who_come_until_the_start_is_refused(hall: TownHall, made: Launched) -> None:
    """Nobody holds anything today, so today this would pass; by December somebody will."""
    sooner = {"refunds.shop_claims_until": date(2026, 4, 29), "funds.0.amount_yen": 2_000_000}
    with refused("amendment_takes") as caught:
        submit(hall, made.programme, sooner, starts_at=START)
    assert [each.code for each in caught.value.facts["takings"]] == ["ends_earlier"]  # type: ignore[attr-defined]
    operations.drop_amendment(programme=made.programme, by=hall.officer("maker", "planning"))
    assert amend(hall, made.programme, sooner) == 2


def test_a_round_that_will_change_is_not_opened_before(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    start = midnight(date(2025, 7, 10))
    amend(hall, made.programme, {"obtaining.rounds.0.units": 1_900}, starts_at=start)
    asked: dict[str, Any] = {
        "programme": made.programme, "round_code": "first", "value_named": Both("終値", "closing price"),
        "by": hall.officer("checker", "commerce"),
    }  # fmt: skip
    with refused("voucher_round_will_change") as caught:
        open_sale(at=hall.at, **asked)
    assert "2025年7月10日" in caught.value.sentence("ja")
    begin(hall, start)
    open_sale(at=start, **asked)


# --- any order, and at once ------------------------------------------------------------------------------------------

STEPS = st.lists(st.sampled_from(["grant", "begin_early", "ask", "refuse", "withdraw", "begin"]), max_size=8)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_no_yen_of_the_budget_comes_or_goes(db: None, steps: list[str]) -> None:
    """The fund holds what its document says less what was granted, and the version's own account nothing, or all."""
    hall = TownHall().open()
    made = hall.launch(shipped()[POINT])
    amend(hall, made.programme, WIDER, starts_at=START)
    maker, checker = hall.officer("maker", "planning"), hall.officer("checker", "planning")
    granted, at, both = 0, hall.at, {"programme": made.programme}
    for step in steps:
        at += timedelta(hours=1)
        state = queries.versions(made.programme, municipality=hall.municipality)[0].state
        with suppress(Refusal):  # a step that cannot be taken now
            if step == "grant":
                hall.grant(made, "points", {"town": 1_000}, holder=uuid4(), at=at)
                granted += 1_000
            elif step == "begin_early":
                assert begin(hall, JUST_BEFORE) == 0
            elif step == "ask":
                operations.propose_withdrawal(note="", by=maker, at=at, **both)
            elif step == "refuse":
                operations.keep_amendment(note="", by=checker, at=at, **both)
            elif step == "withdraw":
                operations.approve_withdrawal(by=checker, at=at, **both)
            else:
                assert begin(hall, START) == (state == "approved")
        state = queries.versions(made.programme, municipality=hall.municipality)[0].state
        own = 2_300_000 if state == "in_force" else 2_100_000
        assert (left(hall, made), apart(hall, version_id(made))) == (own - granted, 500_000 * (state == "approved"))


@pytest.mark.django_db(transaction=True)
def test_many_who_come_at_the_start_let_it_begin_once() -> None:
    hall = TownHall().open()
    made = hall.launch(shipped()[POINT])
    amend(hall, made.programme, WIDER, starts_at=START)
    answers = at_once(*[lambda: begin(hall, START)] * 6)
    assert sorted(answers) == [0, 0, 0, 0, 0, 1]  # type: ignore[type-var]
    assert Fund.objects.filter(programme_id=made.programme).count() == 3
    assert left(hall, made) == 2_300_000
    prove_committed_books()


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_and_a_beginning_that_meet_do_one_of_the_two() -> None:
    hall = TownHall().open()
    made = hall.launch(shipped()[POINT])
    amend(hall, made.programme, WIDER, starts_at=START)
    propose(hall, made, at=hall.at)
    checker = hall.officer("checker", "planning")
    at_once(
        lambda: operations.approve_withdrawal(programme=made.programme, by=checker, at=JUST_BEFORE),
        lambda: begin(hall, datetime(2025, 12, 1, tzinfo=UTC)),
    )
    state = states(hall, made.programme)[0][1]
    assert state in {"withdrawn", "in_force"}
    assert apart(hall, version_id(made)) == 0
    assert left(hall, made) == (2_300_000 if state == "in_force" else 2_100_000)
    prove_committed_books()
