from __future__ import annotations

import pytest
from django.conf import LazySettings

from tests.notices import people


@pytest.fixture(autouse=True)
def carriers(settings: LazySettings) -> None:
    """Mail and short messages are taken by a carrier that only remembers."""
    settings.NOTICE_CARRIERS = {"mail": "tests.notices.people.take", "sms": "tests.notices.people.take"}
    people.taken.clear()
