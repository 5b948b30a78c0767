"""A template's results in a real browser: clean and fitting on a phone and a desk, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import Browser

from meguri.programmes import operations
from meguri.programmes.terms import read_terms, write_terms
from tests.browsers import running_chromium
from tests.faces.office.lived import found_office, moment
from tests.faces.office.test_browser import VIEWS, looked_at
from tests.faces.office.test_handing_on import ended, template
from tests.faces.resident.conftest import turn_clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.mark.parametrize("view", VIEWS)
def test_what_was_handed_on_is_clean_and_fits(
    browser: Browser, live_server: Any, transactional_db: None, settings: LazySettings, view: tuple[int, str, Any]
) -> None:
    first, programme = ended(cost=50_000)
    taken = read_terms(write_terms(template(first, programme)))
    second = found_office([])
    settings.MUNICIPALITY = second.number
    turn_clock(second.town, moment(12, 10))
    maker = second.officer("maker:commerce")
    draft = operations.draft_programme(terms=taken, by=maker, at=moment(12, 10))
    pages = [reverse("office:programme", args=[draft]), f"{reverse('office:programme_new')}?draft={taken.code}&x="]
    assert looked_at(browser, second, {"maker:commerce": pages}, url=live_server.url, view=view) == []
