"""A town hall with empty books for every test that asks for one."""

from __future__ import annotations

import pytest

from tests.programmes.builders import TownHall


@pytest.fixture
def hall(db: None) -> TownHall:
    return TownHall().open()
