"""Tills work on threads of their own, beside the test's transaction; so their town is committed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meguri.tills import operations
from tests.town import Town, found_town


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    yield found_town()
    operations.stop()


@pytest.fixture
def counter(db: None) -> Town:
    """A town in which nobody pays: what needs no thread of the tills is rolled back, which is quicker."""
    return found_town()
