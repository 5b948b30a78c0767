"""Whoever leaves must leave enough behind: owners, partners, checkers, accountants, the last operator."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties import checks, operations, queries
from meguri.parties.models import OfficerAppointment
from meguri.parties.operations import appoint, end_appointment, end_membership
from meguri.parties.rules import gaps
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

HOUR = timedelta(hours=1)
LATER = AT + 100 * HOUR


def moment(hours: int) -> datetime:
    return AT + hours * HOUR


hours = st.integers(0, 12)
span = st.tuples(hours, st.none() | hours).filter(lambda one: one[1] is None or one[0] < one[1])
spans = st.lists(span, max_size=5)


@given(spans, hours, st.none() | hours, st.integers(1, 3))
def test_a_gap_is_where_too_few_hold(
    held: list[tuple[int, int | None]], start: int, end: int | None, least: int
) -> None:
    """Against an account of every hour: the first moment of each stretch is named, and no good hour is."""
    found = gaps(
        [(moment(begins), None if ends is None else moment(ends)) for begins, ends in held],
        start=moment(start), end=None if end is None else moment(end), least=least,
    )
    asked = range(start, 40 if end is None else end)
    poor = {
        hour for hour in asked if sum(begins <= hour and (ends is None or hour < ends) for begins, ends in held) < least
    }
    named = {round((one - AT) / HOUR) for one in found}
    assert named <= poor
    assert {hour for hour in poor if hour == start or hour - 1 not in poor} <= named, "no stretch goes unnamed"
    assert bool(found) is bool(poor)
    assert all(one < other for one, other in pairwise(found))


def two(town: Town, role: str, department: str = "commerce") -> tuple[tuple[Actor, UUID], tuple[Actor, UUID]]:
    return town.officer(role, department), town.officer(role, department)


def test_a_department_needs_two_accountants(town: Town) -> None:
    _, leaving = town.officer("accountant")
    two(town, "accountant")
    end_appointment(leaving, by=town.system, at=LATER)
    for accountant in queries.officers(municipality=1, at=LATER, department="commerce"):
        with pytest.raises(Refusal) as no:
            end_appointment(accountant.id, by=town.system, at=LATER)
        assert no.value.code == "two_accountants_stay"
        assert "commerce課には出納が二人" in no.value.sentence("ja")
        assert "commerce needs two accountants" in no.value.sentence("en")
    assert len(queries.officers(municipality=1, at=LATER)) == 2


def test_accountants_of_another_department_do_not_stand_in(town: Town) -> None:
    _, (_, leaving) = two(town, "accountant")
    two(town, "accountant", "welfare")
    with pytest.raises(Refusal, match="two_accountants_stay"):
        end_appointment(leaving, by=town.system, at=LATER)


def test_operators_are_counted_over_the_whole_town(town: Town) -> None:
    (_, first), (_, second) = town.officer("operator", "commerce"), town.officer("operator", "welfare")
    end_appointment(first, by=town.system, at=LATER)
    with pytest.raises(Refusal) as no:
        end_appointment(second, by=town.system, at=LATER)
    assert no.value.code == "last_operator_stays"
    assert "最後の運営" in no.value.sentence("ja")
    assert "last operator" in no.value.sentence("en")


def test_an_operator_of_another_town_is_no_successor(town: Town) -> None:
    elsewhere = Town(municipality=2).open()
    _, leaving = town.officer("operator")
    elsewhere.officer("operator")
    with pytest.raises(Refusal, match="last_operator_stays"):
        end_appointment(leaving, by=town.system, at=LATER)


def test_who_was_appointed_for_a_while_leaves_nobody_behind_only_for_that_while(town: Town) -> None:
    """The last checker until Friday may end on Thursday if another one checks from Thursday to Friday."""
    def checker(start: datetime, end: datetime | None) -> UUID:
        return appoint(
            officer=uuid4(), role=ActorRole.CHECKER, department="commerce", by=town.system, at=AT, valid_from=start,
            valid_until=end,
        )

    leaving = checker(AT, moment(10))
    checker(moment(5), moment(10))
    with pytest.raises(Refusal, match="last_checker_stays"):
        end_appointment(leaving, by=town.system, at=AT, valid_until=moment(4))
    end_appointment(leaving, by=town.system, at=AT, valid_until=moment(5))
    assert OfficerAppointment.objects.get(id=leaving).valid_until == moment(5)


def test_an_end_that_was_set_can_be_moved_nearer_but_not_into_the_past(town: Town) -> None:
    by, appointment = town.actor("operator"), town.officer("maker")[1]
    end_appointment(appointment, by=by, at=AT, valid_until=moment(10))
    end_appointment(appointment, by=by, at=moment(2), valid_until=moment(1))
    row = OfficerAppointment.objects.get(id=appointment)
    assert (row.valid_until, row.ended_by) == (moment(2), by.party), "nobody's past hours are taken away"
    with pytest.raises(Refusal, match="appointment_unknown"):
        end_appointment(appointment, by=by, at=moment(2), valid_until=moment(9))


def test_an_appointment_that_has_not_begun_cannot_end_before_it(town: Town) -> None:
    appointment = appoint(
        officer=uuid4(), role=ActorRole.MAKER, department="commerce", by=town.system, at=AT, valid_from=moment(5)
    )
    for end in (moment(3), moment(5)):
        with pytest.raises(Refusal) as no:
            end_appointment(appointment, by=town.system, at=AT, valid_until=end)
        assert (no.value.code, no.value.kind.status) == ("appointment_unknown", 404)
    end_appointment(appointment, by=town.system, at=AT, valid_until=moment(6))


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [(0, 5, False), (0, 6, True), (10, None, False), (9, None, True), (6, 8, True), (0, None, True), (12, 14, False)],
)
def test_one_role_is_held_once_at_a_time(*, start: int, end: int | None, taken: bool, town: Town) -> None:
    officer = uuid4()
    asked: dict[str, Any] = {"officer": officer, "role": ActorRole.MAKER, "department": "commerce", "by": town.system}
    appoint(at=AT, valid_from=moment(5), valid_until=moment(10), **asked)
    wish = {"at": AT, "valid_from": moment(start), "valid_until": None if end is None else moment(end)}
    if not taken:
        assert appoint(**wish, **asked)
        return
    with pytest.raises(Refusal, match="already_appointed"):
        appoint(**wish, **asked)
    assert appoint(**wish, **asked | {"department": "welfare"}), "in another department it is another role"


def test_officers_are_listed_by_department_and_moment(town: Town) -> None:
    (one, first), (other, _) = town.officer("maker"), town.officer("maker", "welfare")
    end_appointment(first, by=town.system, at=AT, valid_until=moment(5))
    assert one.party is not None

    def there(at: datetime, department: str | None = None) -> list[UUID]:
        return [seen.officer for seen in queries.officers(municipality=1, at=at, department=department)]

    assert there(AT) == [one.party, other.party]
    assert there(moment(5)) == [other.party] == there(AT, "welfare")
    assert there(AT - HOUR) == there(moment(5), "commerce") == []
    assert queries.officers(municipality=2, at=AT) == ()
    (kept,) = queries.appointments(one.party, municipality=1)
    assert (kept.id, kept.department, kept.valid_from, kept.valid_until) == (first, "commerce", AT, moment(5))
    assert queries.appointments(one.party, municipality=2) == ()


def test_a_department_without_makers_needs_no_checker(town: Town) -> None:
    assert checks.departments_can_approve(1, AT) == []
    town.officer("maker", "welfare")
    assert checks.departments_can_approve(1, AT) == ["department welfare has no checker on 2026-10-01"]
    assert checks.departments_can_approve(2, AT) == []


# --- shops and sponsors ----------------------------------------------------------------------------------------------


def test_the_last_owner_stays_until_there_is_another_one(town: Town) -> None:
    shop, owner, second, clerk = town.shop(), uuid4(), uuid4(), uuid4()
    for member, role in ((owner, "owner"), (clerk, "clerk")):
        operations.join_shop(shop, member=member, role=ActorRole(role), by=town.system, at=AT)
    by = town.actor("owner", party=owner, shop=shop)
    with pytest.raises(Refusal) as no:
        end_membership(member=owner, shop=shop, by=by, at=LATER)
    assert no.value.code == "last_owner_stays"
    assert "最後の店主" in no.value.sentence("ja")
    assert "last shop owner" in no.value.sentence("en")
    end_membership(member=clerk, shop=shop, by=by, at=LATER)
    operations.join_shop(shop, member=second, role=ActorRole.OWNER, by=by, at=LATER)
    end_membership(member=owner, shop=shop, by=by, at=LATER)
    assert queries.shop_members(shop, municipality=1) == ((second, ActorRole.OWNER),)


@pytest.mark.parametrize("role", ["maker", "checker", "operator"])
def test_the_town_may_leave_a_shop_without_an_owner(role: str, town: Town) -> None:
    shop, owner = town.shop(), uuid4()
    operations.join_shop(shop, member=owner, role=ActorRole.OWNER, by=town.system, at=AT)
    end_membership(member=owner, shop=shop, by=town.actor(role), at=LATER)
    assert queries.shop_members(shop, municipality=1) == ()


def test_the_last_partner_of_a_sponsor_stays_too(town: Town) -> None:
    sponsor = operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    one, other = uuid4(), uuid4()
    by = town.actor("partner", party=sponsor)
    operations.join_sponsor(sponsor, member=one, by=by, at=AT)
    with pytest.raises(Refusal, match="last_owner_stays") as no:
        end_membership(member=one, sponsor=sponsor, by=by, at=LATER)
    assert "協賛企業" in no.value.sentence("ja")
    operations.join_sponsor(sponsor, member=other, by=by, at=AT)
    end_membership(member=one, sponsor=sponsor, by=by, at=LATER)
    assert [hat.key for hat in queries.hats(one, municipality=1, at=LATER)] == ["resident"]
    assert [hat.key for hat in queries.hats(other, municipality=1, at=LATER)] == [f"partner:{sponsor}"]


def test_a_member_leaves_the_place_that_was_named_and_no_other(town: Town) -> None:
    shop, other_shop, person, colleague = town.shop(), town.shop(), uuid4(), uuid4()
    for place, member in ((shop, person), (other_shop, person), (shop, colleague)):
        operations.join_shop(place, member=member, role=ActorRole.CLERK, by=town.system, at=AT)
    end_membership(member=person, shop=shop, by=town.system, at=LATER)
    assert queries.shop_members(shop, municipality=1) == ((colleague, ActorRole.CLERK),)
    assert queries.shop_members(other_shop, municipality=1) == ((person, ActorRole.CLERK),)
    with pytest.raises(Refusal, match="member_unknown"):
        end_membership(member=person, by=town.system, at=LATER)
    with pytest.raises(Refusal, match="member_unknown"):
        end_membership(member=colleague, shop=shop, by=Actor(2, ActorRole.SYSTEM), at=LATER)


def test_an_owner_of_one_shop_lets_nobody_go_elsewhere(town: Town) -> None:
    shop, other_shop, person = town.shop(), town.shop(), uuid4()
    operations.join_shop(other_shop, member=person, role=ActorRole.CLERK, by=town.system, at=AT)
    with pytest.raises(Refusal, match="not_allowed"):
        end_membership(member=person, shop=other_shop, by=town.actor("owner", shop=shop), at=LATER)
    with pytest.raises(Refusal, match="not_allowed"):
        operations.join_shop(
            other_shop, member=uuid4(), role=ActorRole.CLERK, by=town.actor("owner", shop=shop), at=LATER
        )


def test_whoever_comes_back_is_a_member_anew(town: Town) -> None:
    shop, person = town.shop(), uuid4()
    for start in (0, 20):
        operations.join_shop(shop, member=person, role=ActorRole.CLERK, by=town.system, at=moment(start))
        end_membership(member=person, shop=shop, by=town.system, at=moment(start + 10))
    worn = [queries.hats(person, municipality=1, at=moment(hour))[0].key.partition(":")[0] for hour in (5, 15, 25, 30)]
    assert worn == ["clerk", "resident", "clerk", "resident"]
