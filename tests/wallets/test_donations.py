"""Donating: a cause listed by two officers, granted value only, a receipt of yen, a day to undo, money that arrives."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from msgspec.structs import replace

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms
from meguri.settlement.payouts import unspoken_for
from meguri.wallets import checks, donation_views, donations, operations, queries
from meguri.wallets.donation_rules import UNDO_WITHIN
from meguri.wallets.models import Cause, Donation
from meguri.wallets.tasks import pass_donations
from meguri.words.refusal import Refusal
from tests.wallets.donating import END, NAME, Donating, donating

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Donating:
    return donating()


def refusal(what: object, *given: object, **asked: object) -> Refusal:
    with pytest.raises(Refusal) as no:
        what(*given, **asked)  # type: ignore[operator]
    return no.value


def code(what: object, *given: object, **asked: object) -> str:
    return refusal(what, *given, **asked).kind.code


def everywhere(**changes: object) -> list[ProgrammeTerms]:
    """The shipped documents, each changed alike."""
    return [replace(each, **changes) for each in shipped().values()]


# --- causes ----------------------------------------------------------------------------------------------------------


def test_a_cause_takes_two_officers(town: Donating) -> None:
    cause = town.propose()
    own = town.town.actor(town.checker.role, party=town.maker.party, department="planning")
    assert code(donations.approve_cause, cause, by=town.maker, at=town.town.at) == "not_allowed"
    assert code(donations.approve_cause, cause, by=own, at=town.town.at) == "checker_is_maker"
    assert code(town.donate, cause=cause) == "cause_unknown", "until then it is on no list"
    donations.approve_cause(cause, by=town.checker, at=town.town.at)
    assert town.donate(cause=cause)


def test_what_was_approved_is_what_was_proposed(town: Donating) -> None:
    cause = town.propose()
    Cause.objects.filter(id=cause).update(receiver=uuid4())
    assert code(donations.approve_cause, cause, by=town.checker, at=town.town.at) == "digest_differs"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": Both("名前", "")}, "cause_text_missing"),
        ({"receiver": UUID(int=7)}, "cause_receiver_unknown"),
        ({"days": (date(2025, 12, 1), date(2025, 11, 30))}, "cause_period_wrong"),
    ],
)  # fmt: skip
def test_what_a_cause_must_say(town: Donating, asked: dict[str, object], expected: str) -> None:
    assert code(town.propose, **asked) == expected


def test_a_proposed_cause_is_taken_back_or_sent_back_and_an_approved_one_stays(town: Donating) -> None:
    first, second = town.propose(), town.propose()
    donations.close_cause(first, by=town.maker, at=town.town.at)
    donations.close_cause(second, by=town.checker, at=town.town.at, reason="期間を確かめてください")
    left = donation_views.causes(town.town.municipality, at=town.town.at)
    assert [each.id for each in left] == [town.cause]
    assert code(donations.close_cause, town.cause, by=town.maker, at=town.town.at) == "cause_decided"
    assert code(donations.close_cause, first, by=town.maker, at=town.town.at) == "cause_unknown"


def test_a_cause_takes_donations_in_its_days_only(town: Donating) -> None:
    at = town.town.at
    coming = town.listed(days=(date(2025, 12, 1), date(2025, 12, 31)))
    assert code(town.donate, cause=coming) == "cause_closed"
    assert code(town.donate, at=END) == "cause_closed"
    states = {each.id: each.state for each in donation_views.causes(town.town.municipality, at=at)}
    assert states == {town.cause: "open", coming: "coming"}
    assert donation_views.causes(town.town.municipality, at=END)[-1].state == "over"


# --- giving ----------------------------------------------------------------------------------------------------------


def test_a_donation_leaves_the_wallet_at_once_and_arrives_after_a_day(town: Donating) -> None:
    it = town.town
    made = town.donate(300)
    assert (town.held(it.holder), town.held(made, AccountRole.HELD)) == (11_700, 300)
    assert town.held(town.receiver, AccountRole.PAYABLE) == 0
    assert town.pass_on(at=it.at + UNDO_WITHIN - timedelta(seconds=1)) == 0
    pass_donations(municipality=it.municipality, at=it.at + UNDO_WITHIN)
    assert town.pass_on(at=it.at + UNDO_WITHIN) == 0, "once"
    assert (town.held(made, AccountRole.HELD), town.held(town.receiver, AccountRole.PAYABLE)) == (0, 300)
    (owed,) = books.balances([town.receiver], AccountRole.PAYABLE, municipality=it.municipality)
    assert owed.lot.fund in it.kind("points").fund_order, "who paid for it is known to the end"
    (due,) = [each for each in unspoken_for(it.municipality) if each.owner == town.receiver]
    assert due.yen == 300, "the next settlement transfers it"
    assert checks.donations_hold_what_they_say(it.municipality) == []


def test_what_was_paid_for_stays_paid_and_says_which_limit_bit(db: None) -> None:
    town = donating(everywhere(donations=True))
    no = refusal(town.donate, 300, code="paid")
    assert (no.kind.code, no.limit, no.field) == ("donation_paid_value", "granted_part", "purse")
    assert town.held(town.town.holder) == 12_000
    town.donate(300)


def test_nothing_is_donated_where_the_terms_do_not_say_so(db: None) -> None:
    town = donating(everywhere(donations=False))
    no = refusal(town.donate, 300)
    assert (no.kind.code, no.limit) == ("donation_not_permitted", "donations")
    assert code(town.donate, 300, code="paid") == "donation_not_permitted"
    view = queries.wallet(town.town.holder, municipality=town.town.municipality, at=town.town.at)
    assert view is not None
    assert donation_views.donatable(view) == ()


def test_the_database_refuses_paid_value_too(town: Donating) -> None:
    row = Donation.objects.get(id=town.donate(300))
    row.id, row.part = uuid4(), "paid"
    with pytest.raises(IntegrityError, match="only_granted_value_is_donated"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(("yen", "expected"), [(0, "donation_amount_wrong"), (-5, "donation_amount_wrong"),
                                               (2_001, "insufficient")])  # fmt: skip
def test_no_more_than_there_is(town: Donating, yen: int, expected: str) -> None:
    assert code(town.donate, yen) == expected
    assert town.held(town.town.holder) == 12_000


def test_the_same_request_is_the_same_donation_and_another_amount_is_refused(town: Donating) -> None:
    first = town.donate(300, request="once")
    assert town.donate(300, request="once") == first
    assert code(town.donate, 301, request="once") == "key_reused"
    assert town.held(town.town.holder) == 11_700


def test_a_stopped_wallet_gives_nothing_and_nobody_gives_for_somebody_else(town: Donating) -> None:
    it = town.town
    other = it.actor(it.resident.role, party=it.other)
    with pytest.raises(Refusal) as no:
        donations.donate(
            cause=town.cause, holder=it.holder, purse_kind=it.kind("points").id, expires_at=None, amount_yen=1,
            request="x", by=other, at=it.at,
        )  # fmt: skip
    assert no.value.kind.code == "not_allowed"
    operations.suspend(it.holder, because="lost", by=it.checkers["planning"], at=it.at)
    assert code(town.donate) == "wallet_suspended"


def test_expired_points_are_not_donated(town: Donating) -> None:
    end = town.town.kind("points").spending.end
    assert end is not None
    late = town.listed(days=(date(2025, 11, 1), date(2026, 12, 31)))
    assert code(town.donate, cause=late, at=end) == "donation_not_permitted"
    made = town.donate(cause=late, at=end - timedelta(hours=1))
    assert Donation.objects.get(id=made).until == end, "nothing comes back into a wallet after its end"


# --- a mistake -------------------------------------------------------------------------------------------------------


def test_a_mistake_is_undone_whole_within_a_day_and_no_later(town: Donating) -> None:
    it = town.town
    before = books.balances([it.holder], AccountRole.WALLET, municipality=it.municipality)
    made, late = town.donate(300), town.donate(200)
    last = it.at + UNDO_WITHIN - timedelta(seconds=1)
    town.undo(made, at=last)
    town.undo(made, at=last)
    no = refusal(town.undo, late, at=it.at + UNDO_WITHIN)
    assert (no.kind.code, no.limit) == ("donation_final", "until")
    town.pass_on(at=it.at + UNDO_WITHIN)
    assert code(town.undo, late, at=it.at) == "donation_final"
    after = books.balances([it.holder], AccountRole.WALLET, municipality=it.municipality)
    assert {each.lot.id for each in before} == {each.lot.id for each in after}, "into the very same lots"
    assert (town.held(it.holder), town.held(town.receiver, AccountRole.PAYABLE)) == (11_800, 200)


def test_only_who_gave_undoes_it(town: Donating) -> None:
    made = town.donate(300)
    stranger = town.town.actor(town.town.resident.role, party=town.town.other)
    assert code(town.undo, made, by=stranger) == "donation_unknown"
    assert donation_views.donation(made, holder=town.town.other, municipality=town.town.municipality,
                                   at=town.town.at) is None  # fmt: skip


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_totals_count_what_stands_and_how_many_gave(town: Donating) -> None:
    it = town.town
    it.give("points", 500, holder=it.other)
    other = it.actor(it.resident.role, party=it.other)
    town.donate(300)
    town.donate(100)
    town.donate(50, by=other)
    undone = town.donate(200)
    town.undo(undone)
    town.pass_on(at=it.at + UNDO_WITHIN)
    town.donate(10, at=it.at + timedelta(days=2))
    (seen,) = donation_views.listed_causes(it.municipality, at=it.at)
    assert (seen.yen, seen.people, seen.passed_yen, seen.name) == (460, 2, 450, NAME)
    assert seen.receiver_name.en == "Friends of Children"
    owed = town.held(town.receiver, AccountRole.PAYABLE)
    assert owed == seen.passed_yen, "the page says what the books say"
    mine = donation_views.donations(it.holder, municipality=it.municipality, at=it.at + timedelta(days=2))
    assert {(each.yen, each.state) for each in mine} == {
        (10, "waiting"), (200, "undone"), (100, "passed"), (300, "passed"),
    }  # fmt: skip


def test_the_history_says_donation_and_the_posting_names_no_person_but_the_wallet(town: Donating) -> None:
    it = town.town
    town.donate(300)
    (moved,) = queries.history(it.holder, municipality=it.municipality, at=it.at, limit=1)
    assert (moved.template, moved.amount_yen) == ("donate", -300)
    assert set(moved.about) == {"programme", "donation", "cause"}


def test_the_night_s_check_sees_a_donation_whose_money_is_elsewhere(town: Donating) -> None:
    made = town.donate(300)
    Donation.objects.filter(id=made).update(yen=299)
    (said,) = checks.donations_hold_what_they_say(town.town.municipality)
    assert "299 yen (waiting) holds 300 yen" in said
