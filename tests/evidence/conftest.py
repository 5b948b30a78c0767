from __future__ import annotations

import pytest

from tests.settlement.books import SmallTown, small_town


@pytest.fixture
def town(db: None) -> SmallTown:
    return small_town()
