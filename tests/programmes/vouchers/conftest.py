"""A launched voucher programme of few units, opened for its lottery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from meguri.parties.rules import Both
from meguri.programmes.operations import Launched
from meguri.programmes.vouchers import operations
from meguri.words.actor import Actor
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.lived_town import LivedTown, keep_proving, moment

OPENED, APPLYING, CLOSED, DRAWN, BUYING, OVER = (
    moment(7, 20),
    moment(8, 1),
    moment(8, 18),
    moment(9, 5),
    moment(10, 10),
    moment(11, 1),
)
VALUE = "日経平均株価 2025-09-04 終値 42580.27"


@dataclass
class Fair:
    """One sale and those who run it."""

    town: LivedTown
    made: Launched
    sale: UUID = field(init=False)

    @property
    def maker(self) -> Actor:
        return self.town.officer("maker", "commerce")

    @property
    def checker(self) -> Actor:
        return self.town.officer("checker", "commerce")

    def open(self, round_code: str = "first") -> Fair:
        named = Both("9月4日の日経平均株価の終値", "the Nikkei 225's close on 4 September")
        self.sale = operations.open_sale(
            programme=self.made.programme, round_code=round_code, by=self.checker, at=OPENED, value_named=named
        )
        return self

    def apply(self, person: Actor, units: int = 1, at: datetime = APPLYING) -> operations.Applied:
        return operations.apply(sale=self.sale, units=units, by=person, at=at)

    def draw(self, value: str = VALUE) -> str:
        operations.close_applications(sale=self.sale, by=self.checker, at=CLOSED)
        return operations.draw_lottery(sale=self.sale, public_value=value, by=self.checker, at=DRAWN)

    def won(self, person: Actor, units: int = 1) -> operations.Applied:
        """Somebody who applied alone and won."""
        applied = self.apply(person, units)
        self.draw()
        return applied


def fair(**changes: Any) -> Fair:
    """A sale of the shipped document, changed at paths such as `obtaining__rounds__0__units` (`__` is a dot)."""
    town = LivedTown().open()
    assert isinstance(town, LivedTown)
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return Fair(town, town.launch(changed(VOUCHER, paths)))


@pytest.fixture
def small(db: None) -> Fair:
    """Ten units, five for each person."""
    return fair(obtaining__rounds__0__units=10).open()


@pytest.fixture(autouse=True)
def books_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that touched the books, the auditor's claims hold."""
    yield from keep_proving(request)
