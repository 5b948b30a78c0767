"""A launched points programme with some of its actions open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.parties.rules import Both
from meguri.programmes.operations import Launched
from meguri.programmes.points import operations, queries
from meguri.words.actor import Actor, ActorRole
from tests.programmes.builders import POINT, changed
from tests.programmes.vouchers.lived_town import LivedTown, keep_proving, moment

NOW = moment(7, 10)
CODES = ("walk", "my-bottle", "bus", "clean-up", "check-up", "walk-8000")


@dataclass
class Menu:
    """The open actions by code, and those who run them."""

    town: LivedTown
    made: Launched
    actions: dict[str, UUID] = field(default_factory=dict)
    bus_stop: UUID = field(default_factory=uuid4)

    @property
    def maker(self) -> Actor:
        return self.town.officer("maker", "planning")

    @property
    def checker(self) -> Actor:
        return self.town.officer("checker", "planning")

    def open(self) -> Menu:
        for code in CODES:
            self.actions[code] = operations.open_action(
                programme=self.made.programme, code=code, by=self.maker, at=self.town.at
            )
        self.bus_stop = self.place("bus")
        return self

    def place(self, code: str, **more: Any) -> UUID:
        return operations.open_place(
            action=self.actions[code], name=Both("駅前", "Station"), by=self.maker, at=self.town.at, **more
        )

    def do(self, person: Actor, action: str = "walk", at: datetime = NOW, **more: Any) -> operations.Recorded:
        wanted: dict[str, Any] = {"request": uuid4(), **more}
        return operations.record_action(action=self.actions[action], by=person, at=at, **wanted)

    def ride(self, person: Actor, at: datetime = NOW, **more: Any) -> operations.Recorded:
        """Take the bus: scan what the stop shows."""
        return self.do(person, "bus", at, code=self.shown(self.bus_stop, at), **more)

    def shown(self, place: UUID, at: datetime) -> str:
        return queries.place_code(place, municipality=self.town.municipality, at=at).text

    def clerk(self, shop: UUID) -> Actor:
        return Actor(self.town.municipality, ActorRole.CLERK, uuid4(), shop=shop)

    def budget(self, fund: str) -> int:
        return self.town.fund(self.made, fund).budget.left_yen


def menu(**changes: Any) -> Menu:
    """The shipped document, changed at paths such as `obtaining__limits` (two underscores a step).

    Without its missions, unless a test asks for some: what an action earns is that action's alone.
    """
    changes = {"obtaining__missions": [], **changes}
    town = LivedTown().open()
    assert isinstance(town, LivedTown)
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return Menu(town, town.launch(changed(POINT, paths))).open()


@pytest.fixture
def points(db: None) -> Menu:
    return menu()


@pytest.fixture(autouse=True)
def books_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that touched the books, the auditor's claims hold."""
    yield from keep_proving(request)
