"""The nightly checks of draws of arms: silent over an honest one, loud over each planted fault."""

from __future__ import annotations

from uuid import uuid4

import pytest

from meguri.programmes import checks, operations
from meguri.programmes.models import ArmsDraw, ArmUnit
from meguri.programmes.operations import Launched
from meguri.site.checking import checks as all_checks
from tests.programmes.trials import arm, drawn_programme, trial, voucher
from tests.programmes.vouchers.lived_town import LivedTown, moment


@pytest.fixture
def town(db: None) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    for _ in range(6):
        found.person()
    return found


@pytest.fixture
def made(town: LivedTown) -> Launched:
    return drawn_programme(town, voucher(trial(arm("reminded", reminder_days=14))))


def test_an_honest_draw_is_silent_while_it_runs_and_afterwards(town: LivedTown, made: Launched) -> None:
    assert checks.arms_can_be_drawn_again(town.municipality) == []
    assert checks.arms_are_not_forgotten(town.municipality, moment(9, 1)) == []
    operations.close_programme(programme=made.programme, by=town.officer("checker", "commerce"), at=moment(11, 1))
    assert checks.arms_can_be_drawn_again(town.municipality) == []


def one_moved(made: Launched) -> None:
    unit = ArmUnit.objects.filter(draw__programme=made.programme, arm="as-written").first()
    assert unit is not None
    ArmUnit.objects.filter(id=unit.id).update(arm="reminded")


def one_added(made: Launched) -> None:
    kept = ArmsDraw.objects.get(programme=made.programme)
    ArmUnit.objects.create(
        id=uuid4(), municipality=kept.municipality, draw=kept, unit=uuid4(), stratum="", arm="reminded"
    )


def another_secret(made: Launched) -> None:
    ArmsDraw.objects.filter(programme=made.programme).update(secret="0" * 64)


def another_value(made: Launched) -> None:
    ArmsDraw.objects.filter(programme=made.programme).update(public_value="1")


@pytest.mark.parametrize("fault", [one_moved, one_added, another_secret, another_value])
def test_whatever_was_changed_after_the_draw_is_told_the_same_night(
    town: LivedTown, made: Launched, fault: object
) -> None:
    """Not only when the programme is closed and everybody can look."""
    assert callable(fault)
    fault(made)
    (told,) = checks.arms_can_be_drawn_again(town.municipality)
    assert str(made.programme) in told
    other = LivedTown().open()
    assert checks.arms_can_be_drawn_again(other.municipality) == []


def test_a_draw_that_nobody_made_is_told_a_day_late_and_not_before(town: LivedTown) -> None:
    made = town.launch(voucher(trial(arm("reminded", reminder_days=14))))
    assert checks.arms_are_not_forgotten(town.municipality, moment(7, 26)) == []
    (told,) = checks.arms_are_not_forgotten(town.municipality, moment(7, 27))
    assert str(made.programme) in told
    assert "2025-07-26" in told
    operations.close_programme(programme=made.programme, by=town.officer("checker", "commerce"), at=moment(8, 1))
    assert checks.arms_are_not_forgotten(town.municipality, moment(8, 2)) == []


def test_every_night_runs_both() -> None:
    names = {name for name, _ in all_checks()}
    assert {"programmes.checks.arms_can_be_drawn_again", "programmes.checks.arms_are_not_forgotten"} <= names
