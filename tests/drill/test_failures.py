"""The short forms of the failure drills, each with the control that must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill import crashed, full, power

no_power_cut = power.possible()
no_small_disk = full.possible()


@pytest.mark.skipif(bool(no_power_cut), reason=no_power_cut)
def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = power.cut(tmp_path, durable=True, payments=100)
    assert found.acknowledged >= 100
    assert found.well, found


@pytest.mark.skipif(bool(no_power_cut), reason=no_power_cut)
def test_without_flushing_a_power_cut_loses_payments(tmp_path: Path) -> None:
    """The control: if this lost nothing, the cut would be none."""
    assert power.cut(tmp_path, durable=False, payments=100).lost > 0


@pytest.mark.skipif(bool(no_small_disk), reason=no_small_disk)
def test_a_full_disk_stops_payments_and_loses_none(tmp_path: Path) -> None:
    found = full.fill(tmp_path, payments=50)
    assert found.acknowledged >= 100  # before and after
    assert found.well, found


@pytest.mark.skipif(bool(no_small_disk), reason=no_small_disk)
def test_whoever_acknowledges_before_writing_loses_payments_on_a_full_disk(tmp_path: Path) -> None:
    """The control: if this lost nothing, the disk would not have been full."""
    assert full.fill(tmp_path, payments=50, settings=crashed.HASTY).lost > 0


def test_a_killed_database_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = crashed.kill(tmp_path, payments=100)
    assert found.acknowledged >= 200  # before and after
    assert found.well, found


def test_whoever_acknowledges_before_writing_loses_payments_when_killed(tmp_path: Path) -> None:
    """The control: if this lost nothing, nobody would have been killed."""
    assert crashed.kill(tmp_path, payments=100, settings=crashed.HASTY).lost > 0
