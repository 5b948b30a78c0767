"""A small town: three departments, officers, one merchant with a shop, one household."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from meguri.parties import operations
from meguri.parties.operations import ResidentEntry, ShopEntry
from meguri.words.actor import Actor, ActorRole

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)


@dataclass
class Town:
    """Tiny constructors, so that tests read like the town hall."""

    municipality: int = 1
    at: datetime = AT
    system: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.system = Actor(self.municipality, ActorRole.SYSTEM)

    def open(self) -> Town:
        for code in ("commerce", "planning", "welfare"):
            operations.open_department(code=code, name_ja=f"{code}課", name_en=code, by=self.system, at=self.at)
        return self

    def actor(self, role: str, department: str = "", **more: object) -> Actor:
        party = more.pop("party", None) or uuid4()
        return Actor(self.municipality, ActorRole(role), party, department, **more)  # type: ignore[arg-type]

    def officer(self, role: str, department: str = "commerce") -> tuple[Actor, UUID]:
        """An appointed officer and the appointment's id."""
        actor = self.actor(role, department)
        assert actor.party is not None
        appointment = operations.appoint(
            officer=actor.party, role=actor.role, department=department, by=self.system, at=self.at
        )
        return actor, appointment

    def shop(self, **more: object) -> UUID:
        values: dict[str, object] = {
            "name_ja": "八百屋まるは", "name_en": "Maruha Greengrocer", "trade": "58", "area": "中町", **more
        }
        return operations.register_shop(ShopEntry(**values), by=self.system, at=self.at)  # type: ignore[arg-type]

    def residents(self, *entries: ResidentEntry) -> list[UUID]:
        return operations.register_residents(entries, by=self.system, at=self.at)


def entry(number: str = "1", household: str = "H1", **more: object) -> ResidentEntry:
    values: dict[str, object] = {
        "birth_date": date(1980, 5, 5), "ward": "中町", "moved_in": date(2000, 4, 1), "household_number": household,
        "number": number, **more,
    }
    return ResidentEntry(**values)  # type: ignore[arg-type]


@pytest.fixture
def town(db: None) -> Town:
    return Town().open()
