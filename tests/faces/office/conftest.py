"""The office's town at the moment its clock says, with the demo's way of signing in."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from meguri.ledger.operations import set_clock_offset
from meguri.words.clock import now
from tests.faces.office.lived import Office, found_office, live


@pytest.fixture(autouse=True)
def demo(settings: LazySettings) -> None:
    """Officers sign in by one press, as in the demo; who may do what is the same."""
    settings.DEMO = True


@pytest.fixture
def office(db: None) -> Office:
    found = found_office()
    set_clock_offset(municipality=found.number, offset=found.town.at - now())
    return found


@pytest.fixture
def lived(office: Office) -> Office:
    return live(office)
