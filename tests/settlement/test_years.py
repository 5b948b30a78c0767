"""A fiscal year ends by two accountants; what is paid in its closing period may stand in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from meguri.ledger import queries as books
from meguri.ledger.operations import end_year
from meguri.ledger.years import YearEnds, YearState
from meguri.settlement import checks, operations, queries, rules, year_end
from meguri.settlement.years import Remains, YearView, object_of, remains, year, year_of, years
from meguri.words import clock
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import midnight
from meguri.words.period import FiscalYear
from meguri.words.refusal import Refusal
from tests.settlement.books import DAY, account, small_town
from tests.settlement.old_year import APRIL, CUTOFF, JUNE, LAST, MARCH, YEAR, OldYear
from tests.walled import behind_the_wall

NEVER = YearEnds()


@pytest.fixture
def old(db: None) -> OldYear:
    return OldYear()


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, match=f"^{code}:")


def seen(old: OldYear, *, at: datetime = APRIL) -> YearView:
    found = year(YEAR.year, municipality=old.number, at=at)
    assert found is not None
    return found


# --- the two steps, by two persons --------------------------------------------------------------------------------


def test_two_accountants_let_the_closing_period_begin_and_close_the_year(old: OldYear) -> None:
    assert (seen(old).state, seen(old).next_state, seen(old).next_from) == ("open", "closing", date(2025, 4, 1))
    asked = old.propose()
    assert asked.state == "open"
    assert asked.proposed is not None
    assert asked.proposed.made_by == old.first.party
    assert books.year_ends(municipality=old.number) == NEVER
    assert old.confirm().state == "closing"
    assert old.end("closed", at=JUNE).state == "closed"
    assert books.year_ends(municipality=old.number) == YearEnds(closing=YEAR.year, closed=YEAR.year)
    steps = [(step.state, step.at, step.proposed_by, step.confirmed_by) for step in seen(old, at=JUNE).steps]
    pair = (old.first.party, old.second.party)
    assert steps == [("closing", APRIL, *pair), ("closed", JUNE, *pair)]
    (row, _) = books.steps_of_years(municipality=old.number)
    assert row.by == f"accountant:{old.second.party}"
    with refused("year_closed"):
        old.town.pay(old.person, old.shop, 1, old.programme, at=MARCH)


def test_a_maker_is_never_the_checker(old: OldYear) -> None:
    old.propose()
    with refused("checker_is_maker"):
        old.confirm(by=old.first)
    assert seen(old).state == "open"
    nobody = Actor(old.number, ActorRole.ACCOUNTANT, None, "accounting")
    with refused("checker_is_maker"):
        old.confirm(by=nobody)


@pytest.mark.parametrize("role", [role for role in ActorRole if role is not ActorRole.ACCOUNTANT])
def test_nobody_else_may(old: OldYear, role: ActorRole) -> None:
    other = old.town.actor(role)
    with refused("not_allowed"):
        old.propose(by=other)
    old.propose()
    with refused("not_allowed"):
        old.confirm(by=other)
    with refused("not_allowed"):
        year_end.withdraw_year_end(by=other, at=APRIL, number=YEAR.year, state="closing")


def test_nothing_is_confirmed_that_was_not_proposed(old: OldYear) -> None:
    with refused("approval_unknown"):
        old.confirm()
    old.propose()
    year_end.withdraw_year_end(by=old.second, at=APRIL, number=YEAR.year, state="closing")
    with refused("approval_unknown"):
        old.confirm()
    with refused("approval_unknown"):
        year_end.withdraw_year_end(by=old.second, at=APRIL, number=YEAR.year, state="closing")
    old.propose(by=old.second)
    with refused("approval_open"):
        old.propose(by=old.first)


def test_both_have_read_what_is_unpaid(old: OldYear) -> None:
    with refused("year_unpaid_wrong") as no:
        old.propose(yen=0)
    assert "600円" in no.value.sentence("ja")
    old.propose()
    with refused("year_unpaid_wrong"):
        old.confirm(yen=601)
    assert old.confirm().state == "closing"


def test_what_changed_since_it_was_proposed_is_proposed_anew(old: OldYear) -> None:
    old.propose()
    old.town.grant(old.person, old.programme, 50, at=MARCH)
    with refused("digest_differs"):
        old.confirm()
    with refused("approval_open"):
        old.propose()
    year_end.withdraw_year_end(by=old.first, at=APRIL, number=YEAR.year, state="closing")
    old.propose()
    assert old.confirm().state == "closing"


@pytest.mark.parametrize(("state", "at"), [
    ("closing", CUTOFF - timedelta(microseconds=1)), ("closed", midnight(date(2025, 6, 1)) - timedelta(microseconds=1)),
])  # fmt: skip
def test_a_step_waits_for_its_day(old: OldYear, state: YearState, at: datetime) -> None:
    if state == "closed":
        old.end("closing", at=APRIL)
    assert not year_end.may_come(seen(old, at=at), at=at)
    with refused("year_not_over"):
        old.propose(state, at=at)
    just_then = at + timedelta(microseconds=1)
    assert year_end.may_come(seen(old, at=just_then), at=just_then)
    assert old.end(state, at=just_then).state == state


def test_steps_are_taken_in_their_order(old: OldYear) -> None:
    with refused("year_step_wrong"):
        old.propose("closed", at=JUNE)
    old.end("closing", at=JUNE)
    with refused("year_step_wrong"):
        old.propose("closing", at=JUNE)
    with refused("year_step_wrong"):
        old.confirm("closing", at=JUNE)
    late = datetime(2026, 4, 2, tzinfo=UTC)
    with refused("year_before_open") as no:
        old.propose("closing", at=late, number=YEAR.year + 1)
    assert "令和6年度" in no.value.sentence("ja")
    old.end("closed", at=late)
    assert old.propose("closing", at=late, number=YEAR.year + 1).proposed is not None


@pytest.mark.parametrize("number", [YEAR.year - 1, YEAR.year + 2, 0, -5, 10**9])
def test_a_year_outside_the_books_is_unknown(old: OldYear, number: int) -> None:
    with refused("year_unknown"):
        old.propose(number=number)


def test_an_invented_clock_that_runs_ahead_ends_nothing(old: OldYear, monkeypatch: pytest.MonkeyPatch) -> None:
    """The town's clock says April of a year that has not come; what is true time is asked too."""
    at = datetime(2126, 4, 10, tzinfo=UTC)
    with monkeypatch.context() as hurried:
        hurried.setattr(clock, "now", lambda: at)
        end_year(2124, state="closed", municipality=old.number, by="test", at=at)
    found = year(2125, municipality=old.number, at=at)
    assert found is not None
    assert (found.state, found.next_state, year_end.may_come(found, at=at)) == ("open", "closing", False)
    with refused("year_not_over"):
        old.propose(number=2125, at=at)


def test_a_year_that_ended_has_ended_those_before_it(old: OldYear) -> None:
    end_year(YEAR.year + 1, state="closing", municipality=old.number, by="test", at=datetime(2026, 4, 2, tzinfo=UTC))
    at = datetime(2026, 5, 1, tzinfo=UTC)
    assert [(one.year.year, one.state) for one in years(old.number, at=at)] == [
        (2026, "open"), (2025, "closing"), (2024, "closing"),
    ]  # fmt: skip
    later = datetime(2026, 6, 2, tzinfo=UTC)
    end_year(YEAR.year + 1, state="closed", municipality=old.number, by="test", at=later)
    assert [one.state for one in years(old.number, at=later)] == ["open", "closed", "closed"]
    (step, _) = years(old.number, at=later)[1].steps
    assert (step.proposed_by, step.confirmed_by) == (None, None)


def test_a_town_without_books_has_its_present_year(db: None) -> None:
    (only,) = years(small_town().municipality, at=APRIL)
    assert (only.year.year, only.state, only.next_from) == (2025, "open", date(2026, 4, 1))


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_a_step_has_one_number_in_the_approvals(state: YearState) -> None:
    assert year_of(object_of(YEAR, state)) == (YEAR, state)
    assert object_of(YEAR, "closing") != object_of(YEAR, "closed") != object_of(FiscalYear(2025), "closing")


def test_another_towns_proposal_is_not_ours(old: OldYear) -> None:
    old.propose()
    other = OldYear()
    with refused("approval_unknown"):
        other.confirm()
    other.end("closing", at=APRIL)
    assert seen(old).state == "open"


def test_it_works_behind_the_wall(old: OldYear) -> None:
    with behind_the_wall(old.number):
        assert old.end("closing", at=APRIL).state == "closing"
        assert seen(old).steps[0].confirmed_by == old.second.party


# --- what remains ---------------------------------------------------------------------------------------------------


def test_what_remains_is_of_31_march_and_of_what_was_known(old: OldYear) -> None:
    old.town.grant(old.person, old.programme, 30, at=APRIL)  # belongs to the next year
    now = Remains(takings_yen=600, payable_yen=0, wallets_yen=0, left_yen=400, runs=0)
    assert remains(YEAR, municipality=old.number) == now
    then = remains(YEAR, municipality=old.number, known_at=CUTOFF)
    assert then == Remains(takings_yen=0, payable_yen=0, wallets_yen=0, left_yen=0, runs=0), "all was recorded today"
    old.approved()
    assert remains(YEAR, municipality=old.number) == Remains(
        takings_yen=0, payable_yen=600, wallets_yen=0, left_yen=400, runs=1
    )


# --- dated into the old year ----------------------------------------------------------------------------------------


def test_a_run_of_april_settles_march_in_march(old: OldYear) -> None:
    old.end("closing", at=APRIL)
    old.approved()
    assert (old.at_year_end("shop"), old.at_year_end("payable")) == (0, 600)
    assert checks.reconcile(old.number) == []


@pytest.mark.parametrize(("cutoff", "at", "closed", "owed"), [
    (CUTOFF, APRIL, None, LAST), (CUTOFF, APRIL, 2023, LAST), (CUTOFF, APRIL, 2024, APRIL),
    (MARCH, APRIL, None, MARCH - timedelta(microseconds=1)),
    (CUTOFF + DAY, APRIL, None, APRIL),  # some of it may be of the new year
    (CUTOFF, midnight(date(2025, 6, 1)), None, midnight(date(2025, 6, 1))),  # the closing period is over
    (MARCH, MARCH + DAY, None, MARCH + DAY),
])  # fmt: skip
def test_when_a_runs_yen_became_a_duty(cutoff: datetime, at: datetime, closed: int | None, owed: datetime) -> None:
    assert rules.duty_at(cutoff, at=at, ends=YearEnds(closed, closed)) == owed


def test_a_payout_of_the_closing_period_stands_in_the_old_year(old: OldYear) -> None:
    """The fund's line in the city's books shows it as paid on 31 March."""
    old.end("closing", at=APRIL)
    run = old.approved()
    told = queries.duties_of_year_before(run.id, municipality=old.number)
    assert told == queries.YearDuties(YEAR, 1, 600)
    operations.mark_sent(by=old.second, at=APRIL, run=run.id, year_before=True)
    assert (old.line().used_yen, old.line().spent_yen, old.line().left_yen) == (0, 600, 400)
    line, *_ = books.statement(account(old.shop, "paid_out"), municipality=old.number)
    assert (line.effective_at, line.about["pay_on"]) == (LAST, "2025-04-08")
    assert line.recorded_at > APRIL
    assert checks.reconcile(old.number) == []
    assert old.end("closed", at=JUNE, yen=0).state == "closed"


def test_without_the_accountants_word_a_payout_is_dated_by_its_hand_over(old: OldYear) -> None:
    run = old.approved()
    operations.mark_sent(by=old.second, at=APRIL, run=run.id)
    assert (old.line().used_yen, old.line().spent_yen) == (600, 0)
    assert queries.duties_of_year_before(run.id, municipality=old.number) is None


@pytest.mark.parametrize("role", [ActorRole.CHECKER, ActorRole.OPERATOR, ActorRole.SYSTEM])
def test_only_an_accountant_dates_back(old: OldYear, role: ActorRole) -> None:
    run = old.approved()
    with refused("not_allowed"):
        operations.mark_sent(by=old.town.actor(role), at=APRIL, run=run.id, year_before=True)


def test_a_payout_with_anything_newer_in_it_is_of_the_new_year(old: OldYear) -> None:
    old.town.grant(old.person, old.programme, 5, at=APRIL)
    old.town.pay(old.person, old.shop, 5, old.programme, at=APRIL)
    other = old.town.shop()
    run = old.approved(cutoff=APRIL + DAY, at=APRIL + 2 * DAY)
    assert run.payouts_yen == 605
    with refused("year_duty_none") as no:
        operations.mark_sent(by=old.second, at=APRIL + 2 * DAY, run=run.id, year_before=True)
    assert "令和6年度" in no.value.sentence("ja")
    assert old.town.holds(other, "paid_out") == old.town.holds(old.shop, "paid_out") == 0


def test_only_old_duties_of_a_file_are_dated_back(old: OldYear) -> None:
    """A benefit decided in April goes with the same file; it is of the new year."""
    person = old.town.resident()
    old.town.bank_account(person)
    old.town.benefit_to_bank(person, old.programme, 7, at=APRIL)
    run = old.approved()
    assert run.payouts_yen == 607
    operations.mark_sent(by=old.second, at=APRIL, run=run.id, year_before=True)
    assert old.line().spent_yen == 600
    assert old.town.holds(person, "paid_out") == 7


def test_what_was_paid_once_is_no_old_duty_any_more(old: OldYear) -> None:
    """The oldest duty is paid first: what comes after it in April is not March's, though the lot is the same."""
    operations.mark_sent(by=old.second, at=APRIL, run=old.approved().id)
    old.town.grant(old.person, old.programme, 300, at=APRIL)
    old.town.pay(old.person, old.shop, 300, old.programme, at=APRIL + DAY)
    run = old.approved(cutoff=APRIL + 2 * DAY, at=APRIL + 2 * DAY)
    with refused("year_duty_none"):
        operations.mark_sent(by=old.second, at=APRIL + 2 * DAY, run=run.id, year_before=True)


def test_what_the_bank_sent_back_is_an_old_duty_again(old: OldYear) -> None:
    run = old.approved()
    operations.mark_sent(by=old.second, at=APRIL, run=run.id)
    (payout,) = queries.payouts(municipality=old.number, run=run.id)
    operations.return_payout(by=old.first, at=APRIL + DAY, payout=payout.id, reason="口座なし")
    again = old.approved(cutoff=CUTOFF + DAY, at=APRIL + 2 * DAY)
    operations.mark_sent(by=old.second, at=APRIL + 2 * DAY, run=again.id, year_before=True)
    assert old.line().spent_yen == 600


def test_what_was_dated_back_and_returned_is_paid_in_the_new_year(old: OldYear) -> None:
    """The old year shows it as paid already; the return and the second transfer cancel out in the new one."""
    run = old.approved()
    operations.mark_sent(by=old.second, at=APRIL, run=run.id, year_before=True)
    (payout,) = queries.payouts(municipality=old.number, run=run.id)
    operations.return_payout(by=old.first, at=APRIL + DAY, payout=payout.id, reason="口座なし")
    again = old.approved(cutoff=CUTOFF + DAY, at=APRIL + 2 * DAY)
    with refused("year_duty_none"):
        operations.mark_sent(by=old.second, at=APRIL + 2 * DAY, run=again.id, year_before=True)
    operations.mark_sent(by=old.second, at=APRIL + 2 * DAY, run=again.id)
    assert (old.line().spent_yen, old.town.holds(old.shop, "paid_out")) == (600, 600)


def test_a_transfer_after_31_may_is_of_the_new_year(old: OldYear) -> None:
    may = datetime(2025, 5, 30, 3, tzinfo=UTC)  # a Friday: the bank pays on Monday 2 June
    run = old.approved(at=may)
    assert run.pay_on == date(2025, 6, 2)
    with refused("year_dating_late") as no:
        operations.mark_sent(by=old.second, at=may, run=run.id, year_before=True)
    assert re.search("2025-04-01から2025-05-31まで", no.value.sentence("ja"))
    operations.mark_sent(by=old.second, at=may, run=run.id)


def test_a_closed_year_takes_no_payout(old: OldYear) -> None:
    run = old.approved()
    old.end("closing", at=JUNE)
    old.end("closed", at=JUNE)
    with refused("year_dating_late"):
        operations.mark_sent(by=old.second, at=JUNE, run=run.id, year_before=True)
    assert queries.duties_of_year_before(run.id, municipality=old.number) is None
    operations.mark_sent(by=old.second, at=JUNE, run=run.id)
