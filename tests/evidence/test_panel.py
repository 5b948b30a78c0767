"""The household panel: what is taken in, what is refused, and what may be shown of it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.evidence import operations, queries
from meguri.evidence.models import HouseholdSpending
from meguri.evidence.operations import SpendingReport
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, SmallTown

MONDAY = date(2026, 4, 6)


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def report(
    household: UUID | None = None, *, week: date = MONDAY, inside: int = 0, outside: int = 50_000
) -> SpendingReport:
    return SpendingReport(household or uuid4(), week, inside, outside)


def test_rows_are_taken_in_and_replaced(town: SmallTown) -> None:
    by, household = town.actor(ActorRole.ANALYST), uuid4()
    assert operations.import_household_spending([report(household), report()], by=by, at=AT) == 2
    operations.import_household_spending([report(household, inside=700, outside=1)], by=by, at=AT)
    rows = HouseholdSpending.objects.filter(municipality=town.municipality)
    assert sorted((row.inside_yen, row.outside_yen) for row in rows) == [(0, 50_000), (700, 1)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (report(week=MONDAY + timedelta(days=1)), "rows[2].week"),
        (report(inside=-1), "rows[2].inside_yen"),
        (report(outside=100_000_001), "rows[2].outside_yen"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken_in(town: SmallTown, wrong: SpendingReport, field: str) -> None:
    with refused("panel_row_wrong") as caught:
        operations.import_household_spending([report(), wrong], by=town.actor(ActorRole.ANALYST), at=AT)
    assert caught.value.field == field
    assert not HouseholdSpending.objects.filter(municipality=town.municipality).exists()


def test_a_household_and_week_stand_once_in_a_file(town: SmallTown) -> None:
    household = uuid4()
    with refused("panel_row_twice"):
        operations.import_household_spending(
            [report(household), report(household)], by=town.actor(ActorRole.ANALYST), at=AT
        )


def test_a_file_is_bounded(town: SmallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "ROWS_AT_ONCE", 1)
    with refused("panel_too_large"):
        operations.import_household_spending([report(), report()], by=town.actor(ActorRole.ANALYST), at=AT)


@pytest.mark.parametrize("role", [ActorRole.RESIDENT, ActorRole.OWNER, ActorRole.VISITOR])
def test_residents_and_shops_take_nothing_in(town: SmallTown, role: ActorRole) -> None:
    with refused("not_allowed"):
        operations.import_household_spending([report()], by=town.actor(role), at=AT)


def test_the_database_keeps_mondays(town: SmallTown) -> None:
    row = HouseholdSpending(
        id=uuid4(), municipality=town.municipality, household=uuid4(), week=MONDAY + timedelta(days=2), inside_yen=0,
        outside_yen=0, imported_at=AT,
    )
    with pytest.raises(IntegrityError, match="a_week_is_named_by_its_monday"), transaction.atomic():
        row.save()


def test_averages_are_shown_for_ten_households_or_more(town: SmallTown) -> None:
    by = town.actor(ActorRole.ANALYST)
    ten = [report(inside=10 * number, outside=1000) for number in range(10)]
    nine = [report(week=MONDAY + timedelta(days=7)) for _ in range(9)]
    operations.import_household_spending([*ten, *nine], by=by, at=AT)
    (week,) = queries.household_panel(town.municipality)
    assert (week.week, week.households, week.inside_yen, week.outside_yen) == (MONDAY, 10, 45.0, 1000.0)
