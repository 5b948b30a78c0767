"""The draw of arms: bound at the launch, its list fixed, drawn once, and nobody obtains anything before."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.programmes import operations, queries
from meguri.programmes.models import ArmMember, ArmsDraw, ArmUnit
from meguri.programmes.operations import Launched
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.words import draw as draws
from meguri.words.actor import Actor, ActorRole
from tests.programmes.trials import DRAWN, VALUE, arm, arm_code, draw, drawn_programme, points, trial, voucher
from tests.programmes.vouchers.lived_town import LivedTown, at_once, moment, refused
from tests.programmes.vouchers.test_commuters import HERE, compare

REMINDED = trial(arm("reminded", reminder_days=14))
TOGETHER = trial(arm("reminded", reminder_days=14), per="household", strata="ward")
EVE, LATER = moment(7, 25), moment(7, 27)


@pytest.fixture
def town(db: None) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    return found


def checker(town: LivedTown, department: str = "commerce") -> Actor:
    return town.officer("checker", department)


def row(made: Launched) -> ArmsDraw:
    return ArmsDraw.objects.get(programme=made.programme)


def people(town: LivedTown, number: int) -> list[Actor]:
    return [town.person() for _ in range(number)]


def draw_it(
    town: LivedTown, programme: UUID, *, by: Actor | None = None, at: datetime = DRAWN, value: str = VALUE
) -> str:
    return operations.draw_arms(programme=programme, public_value=value, by=by or checker(town), at=at)


def list_it(town: LivedTown, programme: UUID, *, by: Actor | None = None) -> str:
    return operations.list_arms(programme=programme, by=by or checker(town), at=town.at)


# --- step by step -----------------------------------------------------------------------------------------------------


def test_the_secret_is_bound_by_its_hash_with_the_launch_and_kept(town: LivedTown) -> None:
    made = town.launch(voucher(REMINDED))
    page = queries.arms_page(made.programme, municipality=town.municipality)
    assert page.commitment == hashlib.sha256(row(made).secret.encode()).hexdigest()
    assert (page.secret, page.list_hash, page.lines, page.assigned, page.agrees) == ("", "", (), (), None)
    assert page.recipe == draws.RECIPE


def test_a_programme_without_a_trial_promises_nothing_and_draws_nothing(town: LivedTown) -> None:
    made = town.launch(voucher(None))
    assert not ArmsDraw.objects.filter(programme=made.programme).exists()
    for attempt in (
        lambda: list_it(town, made.programme), lambda: draw_it(town, made.programme),
        lambda: queries.arms_page(made.programme, municipality=town.municipality),
    ):  # fmt: skip
        with refused("programme_draws_no_arms"):
            attempt()


def test_everybody_eligible_is_in_the_list_under_a_name_that_says_nothing(town: LivedTown) -> None:
    inside = people(town, 5)
    gone = town.person(moved_out=date(2025, 7, 1))  # before the eligibility date
    made = town.launch(voucher(REMINDED))
    assert list_it(town, made.programme) == row(made).list_hash
    late = town.person()
    members = dict(ArmMember.objects.filter(programme=made.programme).values_list("person", "unit_id"))
    assert members.keys() == {each.party for each in inside}
    assert not {gone.party, late.party} & members.keys()
    assert not {str(each.party) for each in inside} & {str(unit) for unit in members.values()}
    assert {unit.version for unit in members.values()} == {4}  # random: not even in the order of the register


def test_who_works_or_studies_here_is_drawn_where_the_terms_mean_them(town: LivedTown) -> None:
    """Each is a unit of their own; who only said so, and whom the terms do not mean, is in no list."""
    (resident,), worker, student = people(town, 1), town.commuter(), town.commuter("study")
    for who, meant in ((HERE, {resident, worker, student}), (compare("resident"), {resident})):
        made = town.launch(voucher(TOGETHER, {"code": f"for-{len(meant)}", "eligibility.who": who}))
        list_it(town, made.programme)
        members = ArmMember.objects.filter(programme=made.programme)
        assert {member.person for member in members} == {each.party for each in meant}
        assert ArmUnit.objects.filter(draw=row(made)).count() == len(meant)


def test_the_hash_of_the_list_is_that_of_its_published_lines(town: LivedTown) -> None:
    people(town, 3)
    made = town.launch(voucher(trial(arm("reminded", reminder_days=3), strata="ward")))
    found = list_it(town, made.programme)
    lines = sorted(f"{unit.id} minato" for unit in ArmUnit.objects.filter(draw=row(made)))
    assert found == hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def test_a_household_is_one_unit_of_the_draw_and_never_split(town: LivedTown) -> None:
    families = [[town.person(household=f"F{number}") for _ in range(3)] for number in range(8)]
    made = drawn_programme(town, voucher(TOGETHER))
    assert ArmUnit.objects.filter(draw=row(made)).count() == 8
    for family in families:
        assert len({arm_code(town, made, each) for each in family}) == 1
    assert sorted(arm_code(town, made, family[0]) for family in families) == ["as-written"] * 4 + ["reminded"] * 4


def test_all_who_live_with_somebody_eligible_are_drawn_with_them(town: LivedTown) -> None:
    grown = {"kind": "compare", "field": "age", "op": ">=", "value": 18}
    parent, child = town.person(household="F"), town.person(household="F", born=date(2018, 4, 1))
    alone = town.person(household="G", born=date(2018, 4, 1))
    for per, together in (("household", True), ("resident", False)):
        terms = voucher(trial(arm("reminded", reminder_days=14), per=per), {"eligibility.who": grown, "code": per})
        made = drawn_programme(town, terms)
        assert arm_code(town, made, parent) != ""
        assert arm_code(town, made, child) == (arm_code(town, made, parent) if together else "")
        assert arm_code(town, made, alone) == ""


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["minato", "kita", "nishi"])), min_size=1, max_size=8))
def test_whatever_families_live_in_a_town_each_is_drawn_whole_and_shares_hold(
    db: None, families: list[tuple[int, str]]
) -> None:
    town = LivedTown().open()
    assert isinstance(town, LivedTown)
    known = [
        [town.person(household=f"F{number}", ward=ward) for _ in range(size)]
        for number, (size, ward) in enumerate(families)
    ]
    made = drawn_programme(town, voucher(TOGETHER))
    drawn = [{arm_code(town, made, each) for each in family} for family in known]
    assert all(len(arms) == 1 for arms in drawn)
    reminded = sum(arms == {"reminded"} for arms in drawn)
    assert abs(2 * reminded - len(families)) < 2
    found = queries.assignments(made.programme, municipality=town.municipality)
    assert sum(each.people for each in found) == sum(size for size, _ in families)
    assert {each.probability for each in found} == {5_000}


def test_there_is_one_draw_and_it_stays(town: LivedTown) -> None:
    inside = people(town, 6)
    made = drawn_programme(town, voucher(REMINDED))
    first, digest = [arm_code(town, made, each) for each in inside], row(made).results_digest
    assert sorted(first) == ["as-written"] * 3 + ["reminded"] * 3
    assert draw_it(town, made.programme, at=LATER) == digest  # again: the same draw
    with refused("arms_drawn_otherwise"):
        draw_it(town, made.programme, value="another")
    assert list_it(town, made.programme) == row(made).list_hash
    assert [arm_code(town, made, each) for each in inside] == first
    assert arm_code(town, made, town.person()) == ""


def test_what_must_come_first_comes_first(town: LivedTown) -> None:
    people(town, 2)
    made = town.launch(voucher(REMINDED))
    with refused("arms_not_listed"):
        draw_it(town, made.programme)
    list_it(town, made.programme)
    with refused("arms_too_early"):
        draw_it(town, made.programme, at=EVE)
    for wrong in ("", "  ", "two\nlines", "x" * 201):
        with refused("arms_value_unreadable"):
            draw_it(town, made.programme, value=wrong)
    assert row(made).drawn_at is None
    assert draw_it(town, made.programme, value=f"  {VALUE} ") == row(made).results_digest
    assert row(made).public_value == VALUE


def test_a_list_that_differs_from_the_published_one_stops_the_draw(town: LivedTown) -> None:
    people(town, 3)
    made = town.launch(voucher(REMINDED))
    list_it(town, made.programme)
    ArmUnit.objects.create(id=uuid4(), municipality=town.municipality, draw=row(made), unit=uuid4(), stratum="")
    with refused("arms_list_changed"):
        draw_it(town, made.programme)
    assert not ArmUnit.objects.exclude(arm="").filter(draw=row(made)).exists()


def test_a_town_without_anybody_eligible_has_nothing_to_draw(town: LivedTown) -> None:
    made = town.launch(voucher(REMINDED))
    with refused("arms_list_empty"):
        list_it(town, made.programme)


def test_only_the_departments_own_checker_draws_and_only_while_it_runs(town: LivedTown) -> None:
    people(town, 2)
    made = town.launch(voucher(REMINDED))
    other = LivedTown().open()
    for stranger in (
        town.officer("maker", "commerce"), town.officer("checker", "welfare"),
        Actor(town.municipality, ActorRole.RESIDENT, uuid4()),
    ):  # fmt: skip
        with refused("not_allowed"):
            list_it(town, made.programme, by=stranger)
        with refused("not_allowed"):
            draw_it(town, made.programme, by=stranger)
    with refused("programme_unknown"):
        list_it(town, made.programme, by=other.officer("checker", "commerce"))
    operations.close_programme(programme=made.programme, by=checker(town), at=town.at)
    with refused("arms_of_no_running_programme"):
        list_it(town, made.programme)


# --- before and after -------------------------------------------------------------------------------------------------


def test_no_sale_opens_before_lot_has_decided(town: LivedTown) -> None:
    people(town, 2)
    made = town.launch(voucher(REMINDED))
    with refused("arms_not_drawn"):
        vouchers.open_sale(programme=made.programme, round_code="first", by=checker(town), at=DRAWN)
    draw(town, made)
    sale = vouchers.open_sale(programme=made.programme, round_code="first", by=checker(town), at=DRAWN)
    assert vouchers_of.sales(town.municipality, programme=made.programme) == (sale,)


def test_nothing_is_granted_before_lot_has_decided(town: LivedTown) -> None:
    resident = town.person()
    made = town.launch(points(trial(arm("silent", reminder_days=0), drawn_on=date(2025, 4, 1))))
    assert resident.party is not None
    with refused("arms_not_drawn"):
        town.grant(made, "points", {"town": 10}, holder=resident.party, at=town.at)
    draw(town, made, department="planning", at=town.at)
    town.grant(made, "points", {"town": 10}, holder=resident.party, at=town.at)


def test_who_is_drawn_is_shown_to_nobody_until_the_programme_is_closed_and_then_to_everybody(town: LivedTown) -> None:
    inside = people(town, 9)
    made = drawn_programme(town, voucher(trial(arm("reminded", share_bp=5_000, reminder_days=14), strata="ward")))
    page = queries.arms_page(made.programme, municipality=town.municipality)
    assert (page.units, page.public_value, page.is_open) == (9, VALUE, False)
    assert (page.secret, page.lines, page.assigned, page.agrees) == ("", (), (), None)
    operations.close_programme(programme=made.programme, by=checker(town), at=moment(11, 1))
    page = queries.arms_page(made.programme, municipality=town.municipality)
    assert page.agrees is True
    assert len(page.lines) == len(page.assigned) == 9
    assert draws.hash_of_list(page.lines) == page.list_hash
    own = queries.own_conditions(made.programme, inside[0].party or uuid4(), municipality=town.municipality)
    assert own is not None
    assert own.arm is not None
    assert (own.pseudonym, own.arm.code) in page.assigned


def test_an_arm_that_was_changed_by_hand_shows_on_the_public_page(town: LivedTown) -> None:
    people(town, 4)
    made = drawn_programme(town, voucher(REMINDED))
    unit = ArmUnit.objects.filter(draw=row(made), arm="as-written").first()
    assert unit is not None
    unit.arm = "reminded"
    unit.save()
    operations.close_programme(programme=made.programme, by=checker(town), at=moment(11, 1))
    assert queries.arms_page(made.programme, municipality=town.municipality).agrees is False


def test_another_town_sees_no_arm(town: LivedTown) -> None:
    resident = town.person()
    made = drawn_programme(town, voucher(REMINDED))
    other = LivedTown().open()
    assert resident.party is not None
    assert queries.arm_of(made.programme, resident.party, municipality=town.municipality)
    with refused("programme_unknown"):
        queries.arm_of(made.programme, resident.party, municipality=other.municipality)


# --- what the tables keep ---------------------------------------------------------------------------------------------


def test_nobody_has_two_arms_and_no_household_is_drawn_twice(town: LivedTown) -> None:
    resident = town.person()
    made = drawn_programme(town, voucher(TOGETHER))
    assert resident.party is not None
    member = ArmMember.objects.get(programme=made.programme, person=resident.party)
    with pytest.raises(IntegrityError, match="a_person_has_one_arm_of_a_programme"), transaction.atomic():
        ArmMember.objects.create(
            id=uuid4(), municipality=town.municipality, programme=made.programme, person=resident.party,
            unit=member.unit,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="a_unit_is_drawn_into_one_arm"), transaction.atomic():
        ArmUnit.objects.create(
            id=uuid4(), municipality=town.municipality, draw=row(made), unit=member.unit.unit, stratum=""
        )


def test_a_draw_keeps_all_it_rests_on(town: LivedTown) -> None:
    people(town, 2)
    made = drawn_programme(town, voucher(REMINDED))
    for name, value, rule in (
        ("public_value", "", "arms_are_drawn_after_their_list_is_fixed"),
        ("list_hash", "", "a_list_of_arms_carries_its_hash"),
        ("commitment", "unbound", "arms_are_committed_before_they_are_drawn"),
        ("listed_at", LATER, "arms_are_drawn_after_their_list_is_fixed"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            ArmsDraw.objects.filter(programme=made.programme).update(**{name: value})


def test_the_three_tables_stand_behind_the_second_wall(town: LivedTown) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relrowsecurity FROM pg_class WHERE relname LIKE 'programmes_arm%' "
                       "AND relkind = 'r'")
        assert dict(cursor.fetchall()) == dict.fromkeys(
            ("programmes_armsdraw", "programmes_armunit", "programmes_armmember"), True
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_at_once_make_one_draw() -> None:
    town = LivedTown().open()
    assert isinstance(town, LivedTown)
    inside = people(town, 6)
    made = town.launch(voucher(REMINDED))
    by = checker(town)
    lists = at_once(*[lambda: list_it(town, made.programme, by=by)] * 3)
    assert len(set(map(str, lists))) == 1
    assert ArmMember.objects.filter(programme=made.programme).count() == 6
    found = at_once(*[lambda: draw_it(town, made.programme, by=by)] * 3)
    assert {str(each) for each in found} == {row(made).results_digest}
    assert sorted(arm_code(town, made, each) for each in inside) == ["as-written"] * 3 + ["reminded"] * 3
