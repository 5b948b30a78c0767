"""The small town with a till: an owner and a clerk, signed in, and a customer with money of three departments.

Paying works on threads of its own, so the town is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from playwright.sync_api import Browser

from meguri.ledger.operations import set_clock_offset
from meguri.ledger.queries import municipality
from meguri.parties import operations as parties
from meguri.tills import codes, operations
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.people import browser_of
from tests.town import Town, found_town


@dataclass
class Till:
    """A shop's till. `post` sends the pad's form as the page would."""

    town: Town
    clerk: Client
    owner: Client
    elsewhere: Client
    owner_id: UUID
    offset: timedelta

    def shown(self) -> codes.HolderCode:
        """A fresh code on the customer's phone, at the town's present time."""
        return operations.mint_holder_code(by=self.town.resident, at=now(self.offset), holder=self.town.holder)[0]

    def form(self, yen: str, *, code: str | None = None, number: str = "") -> dict[str, str]:
        shown = self.shown().digits if code is None else code
        return {"amount_yen": yen, "code": shown, "number": number or str(uuid4())}


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    found = found_town()
    set_clock_offset(municipality=found.municipality, offset=found.at - now())
    yield found
    operations.stop()


@pytest.fixture
def till(town: Town) -> Till:
    system, owner, other = town.actor(ActorRole.SYSTEM), uuid4(), uuid4()
    for member, role, shop in (
        (town.clerk, ActorRole.CLERK, town.small_shop), (owner, ActorRole.OWNER, town.small_shop),
        (other, ActorRole.CLERK, town.large_shop),
    ):  # fmt: skip
        parties.join_shop(shop, member=member, role=role, by=system, at=town.at)
    for code, yen in (("points", 300), ("bonus", 500), ("premium", 3_000)):
        town.give(code, yen)
    return Till(
        town, clerk=browser_of(town, town.clerk), owner=browser_of(town, owner), elsewhere=browser_of(town, other),
        owner_id=owner, offset=municipality(town.municipality).clock_offset,  # type: ignore[union-attr]
    )  # fmt: skip


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
