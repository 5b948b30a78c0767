"""The small town, committed (paying works on threads of its own), at the moment its clock says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.tills import operations
from meguri.words.clock import now
from tests.faces.people import browser_of
from tests.town import Town, found_town


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    found = found_town()
    set_clock_offset(municipality=found.municipality, offset=found.at - now())
    yield found
    operations.stop()


@pytest.fixture
def phone(town: Town) -> Client:
    """The holder's phone."""
    return browser_of(town, town.holder)
