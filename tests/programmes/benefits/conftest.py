"""A launched benefit for children, with families in the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.models import Entitlement
from meguri.programmes.operations import Launched
from meguri.words.actor import Actor
from tests.programmes.builders import BENEFIT, changed
from tests.programmes.vouchers.lived_town import LivedTown, keep_proving, moment

IMPORTED, DECIDED, CHOOSING, PAYING, LATER = moment(9, 10), moment(9, 20), moment(10, 10), moment(11, 10), moment(12, 1)
Row = tuple[Actor, Actor]
"""A child and the guardian who receives."""


def csv_of(rows: Sequence[Row | tuple[object, ...]], heading: str = "person,recipient") -> bytes:
    lines = [",".join(str(cell.party if isinstance(cell, Actor) else cell) for cell in row) for row in rows]
    return "\n".join([heading, *lines, ""]).encode()


@dataclass
class Desk:
    """The welfare desk: those who import, decide and pay."""

    town: LivedTown
    made: Launched

    @property
    def maker(self) -> Actor:
        return self.town.officer("maker", "welfare")

    @property
    def checker(self) -> Actor:
        return self.town.officer("checker", "welfare")

    def family(self, *, born: date = date(2018, 4, 1)) -> Row:
        guardian = self.town.person(household=(home := f"F{uuid4()}"))
        return self.town.person(household=home, born=born), guardian

    def baby(self) -> Row:
        return self.family(born=date(2025, 3, 1))

    def take_in(self, rows: Sequence[Row], total: int | None = None, **more: Any) -> operations.Imported:
        wanted: dict[str, Any] = {
            "content": csv_of(rows),
            "declared_count": len(rows),
            "name": "令和7年9月1日 対象児童",
            "declared_total_yen": 10_000 * len(rows) if total is None else total,
            "by": self.maker,
            "at": IMPORTED,
        }
        return operations.import_list(programme=self.made.programme, **{**wanted, **more})

    def propose(self, benefit_list: UUID) -> None:
        operations.propose_list(benefit_list=benefit_list, by=self.maker, at=IMPORTED)

    def decided(self, rows: Sequence[Row], total: int | None = None) -> UUID:
        made = self.take_in(rows, total).benefit_list
        self.propose(made)
        operations.decide(benefit_list=made, by=self.checker, at=DECIDED)
        return made

    def choose(self, row: Row, receipt: str, at: Any = CHOOSING, by: Actor | None = None) -> None:
        from meguri.programmes.parts import Receipt

        operations.choose_receipt(entitlement=self.entitled(row).id, receipt=Receipt(receipt), by=by or row[1], at=at)

    def entitled(self, row: Row) -> Entitlement:
        return Entitlement.objects.get(programme=self.made.programme, person=row[0].party)

    def seen(self, row: Row, at: Any = LATER) -> queries.Benefit:
        assert row[1].party
        mine = queries.benefits_of(row[1].party, municipality=self.town.municipality, at=at)
        return next(each for each in mine if each.person == row[0].party)

    def budget(self, fund: str = "benefit") -> int:
        return self.town.fund(self.made, fund).budget.left_yen


def desk(**changes: Any) -> Desk:
    """The shipped document, changed at paths such as `obtaining__statutory` (two underscores a step)."""
    town = LivedTown().open()
    assert isinstance(town, LivedTown)
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return Desk(town, town.launch(changed(BENEFIT, paths)))


@pytest.fixture
def welfare(db: None) -> Desk:
    return desk()


@pytest.fixture(autouse=True)
def books_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that touched the books, the auditor's claims hold."""
    yield from keep_proving(request)
