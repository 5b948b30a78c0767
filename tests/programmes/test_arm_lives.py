"""Arms really act: each holder gets the expiry, the premium and the demurrage that lot gave, to the yen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.programmes import operations, queries
from meguri.programmes.operations import Launched
from meguri.programmes.points import operations as points_operations
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes import amended
from tests.programmes.trials import DRAWN, arm, arm_code, drawn_programme, ends, points, trial, voucher
from tests.programmes.vouchers.lived_town import LivedTown, keep_proving, moment, refused, unless

JANUARY, FEBRUARY = datetime(2026, 1, 31, 15, tzinfo=UTC), datetime(2026, 2, 28, 15, tzinfo=UTC)
UNTIL_FEBRUARY = {"spending.window.last_day": date(2026, 2, 28)}
LONGER = trial(arm("longer", expiry={"kind": "on", "last_day": date(2026, 2, 28)}))
MORE = trial(arm("more", premium=[{"purse": "premium", "yen": 3_500}]))
BUYING = moment(8, 1)


@pytest.fixture(autouse=True)
def proven(request: pytest.FixtureRequest) -> Iterator[None]:
    yield from keep_proving(request)


@pytest.fixture
def town(db: None) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    return found


def sale_of(town: LivedTown, made: Launched) -> UUID:
    by = town.officer("checker", "commerce")
    return vouchers.open_sale(programme=made.programme, round_code="first", by=by, at=DRAWN)


def buy(sale: UUID, person: Actor, units: int = 1) -> vouchers.Purchased:
    return vouchers.buy_at_once(sale=sale, units=units, by=person, at=BUYING)


def party(person: Actor) -> UUID:
    assert person.party is not None
    return person.party


# --- expiry -----------------------------------------------------------------------------------------------------------


def test_what_somebody_buys_lives_as_long_as_their_arm_says_paid_and_granted_part_alike(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    made = drawn_programme(town, voucher(LONGER, UNTIL_FEBRUARY))
    sale = sale_of(town, made)
    seen = set()
    for each in people:
        buy(sale, each, units=2)
        code = arm_code(town, made, each)
        assert ends(town, party(each)) == {FEBRUARY if code == "longer" else JANUARY: 26_000}
        seen.add(code)
    assert seen == {"as-written", "longer"}


def test_all_of_an_arm_share_their_lots(town: LivedTown) -> None:
    from meguri.ledger import queries as ledger

    people = [town.person() for _ in range(6)]
    made = drawn_programme(town, voucher(LONGER, UNTIL_FEBRUARY))
    sale = sale_of(town, made)
    for each in people:
        buy(sale, each)
    held = ledger.lots_of_funds(made.funds.values(), municipality=town.municipality)
    purses = sorted((str(lot.purse_kind), lot.expires_at) for lot in held if lot.purse_kind is not None and
                    lot.expires_at is not None)  # fmt: skip
    assert len(purses) == len(set(purses)) == 4  # two purses, two expiries


def test_who_came_later_lives_under_the_terms_as_they_are(town: LivedTown) -> None:
    town.person()
    made = drawn_programme(town, voucher(LONGER, UNTIL_FEBRUARY))
    late = town.person()
    buy(sale_of(town, made), late)
    assert ends(town, party(late)) == {JANUARY: 13_000}
    own = queries.own_conditions(made.programme, party(late), municipality=town.municipality)
    assert own is not None
    assert (own.arm, own.pseudonym, own.reminder_days) == (None, "", None)


def test_an_expiry_run_takes_each_arm_in_its_own_time(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    made = drawn_programme(town, voucher(LONGER, UNTIL_FEBRUARY))
    sale = sale_of(town, made)
    for each in people:
        buy(sale, each)
    first = operations.expire_programme(programme=made.programme, by=town.system, at=JANUARY)
    assert (first.granted_yen, first.paid_yen) == (2 * 3_000, 2 * 10_000)
    assert sorted(town.holds(party(each)) for each in people) == [0, 0, 13_000, 13_000]
    second = operations.expire_programme(programme=made.programme, by=town.system, at=FEBRUARY)
    assert (second.granted_yen, second.paid_yen) == (2 * 3_000, 2 * 10_000)
    assert town.fund(made, "premium").budget.left_yen == 6_000_000


def test_points_for_actions_end_by_arm_also_when_many_are_granted_at_once(town: LivedTown) -> None:
    from meguri.programmes.points.operations.judging import Report
    from meguri.programmes.points.operations.recording import record_actions

    people = [town.person() for _ in range(6)]
    sooner = trial(arm("sooner", expiry={"kind": "on", "last_day": date(2026, 3, 15)}), drawn_on=date(2025, 4, 1))
    made = drawn_programme(town, points(sooner), at=moment(7, 2))
    action = points_operations.open_action(
        programme=made.programme, code="walk", by=town.officer("maker", "planning"), at=town.at
    )
    reports = [Report(action, uuid4(), each, done_at=moment(7, 9)) for each in people]
    answers = record_actions(reports, municipality=town.municipality, at=moment(7, 10))
    assert not [each for each in answers if isinstance(each, Refusal)]
    early, late = datetime(2026, 3, 15, 15, tzinfo=UTC), datetime(2026, 3, 31, 15, tzinfo=UTC)
    seen = []
    for each in people:
        (end,) = ends(town, party(each))
        assert end == (early if arm_code(town, made, each) == "sooner" else late)
        seen.append(end)
        notices = told(town, each)
        assert ("3月15日" in notices[-1]) == (end == early)
    assert sorted(seen, key=str) == [early] * 3 + [late] * 3


def told(town: LivedTown, person: Actor) -> list[str]:
    from meguri.notices.models import Notice

    rows = Notice.objects.filter(municipality=town.municipality, recipient=party(person)).order_by("made_at", "id")
    return list(rows.values_list("text_ja", flat=True))


def test_a_running_extension_leaves_arms_alone_because_their_expiry_stands(town: LivedTown) -> None:
    town.person()
    made = drawn_programme(town, voucher(LONGER, UNTIL_FEBRUARY))
    with refused("amendment_takes") as refusal:
        amended.amend(town, made.programme, {"expiry.last_day": date(2026, 2, 15)})
    assert [each.path for each in refusal.value.facts["takings"]] == ["expiry"]


# --- premium ----------------------------------------------------------------------------------------------------------


def test_a_buyer_gets_the_premium_of_the_arm_and_the_answer_says_so(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    made = drawn_programme(town, voucher(MORE))
    sale = sale_of(town, made)
    granted = 0
    for each in people:
        premium = 3_500 if arm_code(town, made, each) == "more" else 3_000
        page = vouchers_of.sale_page(sale, municipality=town.municipality, resident=party(each))
        assert page.face_yen == 10_000 + premium  # told before paying
        bought = buy(sale, each, units=2)
        assert (bought.price_yen, bought.face_yen) == (20_000, 20_000 + 2 * premium)
        assert town.held(each) == {"paid": 20_000, "premium": 2 * premium}
        assert buy(sale, each, units=2) == replayed(bought)
        assert f"{20_000 + 2 * premium:,}円" in told(town, each)[-1]
        granted += 2 * premium
    assert granted == 2 * 2 * 3_500 + 2 * 2 * 3_000
    assert town.fund(made, "premium").budget.left_yen == 6_000_000 - granted
    assert vouchers_of.sale_page(sale, municipality=town.municipality).face_yen == 13_000  # to nobody in particular


def replayed(bought: vouchers.Purchased) -> vouchers.Purchased:
    from dataclasses import replace

    return replace(bought, replayed=True)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    premiums=st.lists(st.integers(3_001, 9_000), min_size=1, max_size=3, unique=True),
    units=st.lists(st.integers(1, 5), min_size=1, max_size=7), stock=st.integers(1, 20),
)  # fmt: skip
def test_whatever_lot_decides_the_budget_of_sound_terms_suffices_to_the_last_unit(
    db: None, premiums: list[int], units: list[int], stock: int
) -> None:
    """The least budget that a sound document may have: nobody who is sold a unit meets an empty fund."""
    town = LivedTown().open()
    assert isinstance(town, LivedTown)
    each_share = 10_000 // (len(premiums) + 1)
    arms = [arm(f"a{n}", share_bp=each_share, premium=[{"purse": "premium", "yen": yen}])
            for n, yen in enumerate(premiums)]  # fmt: skip
    drawn = trial(*arms)
    drawn["arms"][0] = {**drawn["arms"][0], "share_bp": 10_000 - each_share * len(premiums)}
    budget = stock * max(premiums)
    changes: dict[str, Any] = {"obtaining.rounds.0.units": stock, "funds.0.amount_yen": budget}
    people = [(town.person(), wanted) for wanted in units]
    made = drawn_programme(town, voucher(drawn, changes))
    sale, granted, sold = sale_of(town, made), 0, 0
    worth = {"as-written": 3_000, **{f"a{n}": yen for n, yen in enumerate(premiums)}}
    for person, wanted in people:
        bought = unless("voucher_sold_out", lambda one=person, units=wanted: buy(sale, one, units=units))
        assert (bought is None) == (wanted > stock - sold)
        if bought is None:
            continue
        sold += wanted
        granted += wanted * worth[arm_code(town, made, person)]
    found = town.fund(made, "premium").budget
    assert found.left_yen == budget - granted >= (stock - sold) * max(premiums)
    assert found.reserved_yen == granted


def test_a_budget_for_the_control_alone_cannot_be_launched(town: LivedTown) -> None:
    with refused("programme_has_errors") as refusal:
        town.launch(voucher(MORE, {"funds.0.amount_yen": 3_499_999}))
    assert refusal.value.field == "funds.premium.amount_yen"
    assert town.launch(voucher(MORE, {"funds.0.amount_yen": 3_500_000})).programme


def test_a_withdrawn_purchase_goes_back_with_the_premium_it_had(town: LivedTown) -> None:
    from meguri.programmes.vouchers.models import Application
    from meguri.programmes.vouchers.operations.issuing import undo

    person = town.person()
    everybody = trial(arm("more", share_bp=9_999, premium=[{"purse": "premium", "yen": 3_500}]))
    everybody["arms"][0] = {**everybody["arms"][0], "share_bp": 1}
    made = drawn_programme(town, voucher(everybody))
    assert arm_code(town, made, person) == "more"
    buy(sale_of(town, made), person, units=3)
    taken = undo(Application.objects.get(resident=party(person)), by=town.system, at=BUYING)
    assert (taken.back_yen, taken.owed_yen) == (3 * 13_500, 0)
    assert town.held(person) == {}
    assert town.fund(made, "premium").budget.left_yen == 6_000_000


# --- demurrage --------------------------------------------------------------------------------------------------------

SHRINKING = {"demurrage": {"every_days": 30, "rate_bp": 1_000}, "spending.window.first_day": date(2025, 7, 26)}


def test_each_holder_loses_at_the_rate_of_the_arm_and_the_fund_gets_just_that_back(town: LivedTown) -> None:
    people = [town.person() for _ in range(6)]
    drawn = trial(arm("less", share_bp=2_500, demurrage_bp=250), arm("none", share_bp=2_500, demurrage_bp=0))
    made = drawn_programme(town, voucher(drawn, SHRINKING))
    sale = sale_of(town, made)
    for each in people:
        buy(sale, each)
    late = town.person()
    buy(sale, late)
    loses = {"as-written": 300, "less": 75, "none": 0, "": 300}
    day, before = date(2025, 8, 25), datetime(2025, 8, 20, tzinfo=UTC)
    expected = {party(each): loses[arm_code(town, made, each)] for each in [*people, late]}
    assert set(expected.values()) == {0, 75, 300}
    ahead = {each: queries.shrinks_next(each, municipality=town.municipality, at=before) for each in expected}
    assert {each: sum(one.amount_yen for one in found) for each, found in ahead.items()} == expected
    seen = queries.shrinking(made.programme, day, rate_bp=1_000, municipality=town.municipality)
    assert {each.holder: each.amount_yen for each in seen} == {each: yen for each, yen in expected.items() if yen}
    at = datetime(2025, 8, 25, 3, tzinfo=UTC)
    run = operations.shrink_programme(programme=made.programme, by=town.system, at=at)
    assert (run.days, run.amount_yen) == ((day,), sum(expected.values()))
    for each, yen in expected.items():
        assert town.holds(each) == 13_000 - yen  # what was paid for never shrinks
    again = operations.shrink_programme(programme=made.programme, by=town.system, at=at + timedelta(hours=1))
    assert again.amount_yen == 0
    undone = operations.undo_demurrage(programme=made.programme, day=day, by=town.system, at=at + timedelta(hours=2))
    assert undone.amount_yen == sum(expected.values())
    assert {town.holds(each) for each in expected} == {13_000}


# --- amendments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [
    {"trial.arms.1.reminder_days": 3}, {"trial.arms.0.share_bp": 4_000, "trial.arms.1.share_bp": 6_000},
    {"trial.per": "household"}, {"trial.arms.1.code": "other"}, {"trial.reason.ja": "べつの理由です。"},
])  # fmt: skip
@pytest.mark.parametrize("is_drawn", [False, True])
def test_no_amendment_changes_an_arm_of_a_launched_programme(
    town: LivedTown, changes: dict[str, Any], *, is_drawn: bool
) -> None:
    """Not even before the draw: the terms were told, and the secret is bound to them."""
    buyer = town.person()
    terms = voucher(trial(arm("reminded", reminder_days=14)))
    made = drawn_programme(town, terms) if is_drawn else town.launch(terms)
    if is_drawn:
        buy(sale_of(town, made), buyer)
    with refused("amendment_takes") as refusal:
        amended.amend(town, made.programme, changes)
    assert "trial" in [each.path for each in refusal.value.facts["takings"]]


def test_no_amendment_brings_a_trial_into_a_running_programme_or_takes_it_out(town: LivedTown) -> None:
    from tests.programmes.builders import GONE

    town.person()
    plain, drawn = town.launch(voucher(None)), town.launch(voucher(MORE, {"code": "with-arms"}))
    for made, changes in ((plain, {"trial": MORE}), (drawn, {"trial": GONE})):
        with refused("amendment_takes") as refusal:
            amended.amend(town, made.programme, changes)
        assert [each.path for each in refusal.value.facts["takings"]] == ["trial"]


def test_everything_else_may_change_as_before(town: LivedTown) -> None:
    town.person()
    made = drawn_programme(town, voucher(MORE))
    assert amended.amend(town, made.programme, {"expiry.last_day": date(2026, 2, 28), **UNTIL_FEBRUARY}) == 2
