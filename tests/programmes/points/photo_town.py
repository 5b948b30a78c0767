"""A town in which people send photos of picked up litter, and officers look at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from meguri.programmes.points import operations
from meguri.programmes.points.models import ActionPhoto, ActionRecord
from meguri.words.actor import Actor
from tests.pictures import phone_photo
from tests.programmes.points.conftest import NOW, Menu, menu

REASON = "行動の写真の確認"


@lru_cache(maxsize=64)
def taken(seed: int) -> bytes:
    """A phone's photo; drawn once for all tests."""
    return phone_photo(seed, size=(200, 200))


@dataclass
class PhotoTown:
    points: Menu
    action: UUID

    @property
    def town(self) -> int:
        return self.points.town.municipality

    def send(self, person: Actor, seed: int = 0, *, at: datetime = NOW, **more: Any) -> operations.Recorded:
        wanted: dict[str, Any] = {"request": uuid4(), "data": taken(seed), "told": "", "action": self.action, **more}
        return operations.send_photo(by=person, at=at, **wanted)

    def another(
        self, person: Actor, record: UUID, seed: int, *, at: datetime = NOW, **more: Any
    ) -> operations.Recorded:
        wanted: dict[str, Any] = {"request": uuid4(), "data": taken(seed), "told": "", **more}
        return operations.send_another_photo(record=record, by=person, at=at, **wanted)

    def last(self, record: UUID) -> ActionPhoto:
        found = ActionPhoto.objects.filter(record=record).order_by("id").last()
        assert found is not None
        return found

    def look(self, record: UUID, *, by: Actor | None = None, at: datetime = NOW, reason: str = REASON) -> bytes:
        officer = by or self.points.maker
        return operations.look_at_photo(photo=self.last(record).id, reason=reason, by=officer, at=at).jpeg

    def yes(self, record: UUID, *, by: Actor | None = None, at: datetime = NOW) -> operations.Recorded:
        """Look at what waits, and confirm it."""
        officer = by or self.points.maker
        self.look(record, by=officer, at=at)
        return operations.attest_action(record=record, photo=self.last(record).id, by=officer, at=at)

    def no(self, record: UUID, *, reason: str = "ごみが写っていません", at: datetime = NOW) -> operations.Recorded:
        return operations.decline_action(
            record=record, photo=self.last(record).id, reason=reason, by=self.points.maker, at=at
        )

    def again(self, record: UUID, *, reason: str = "ぼけています", at: datetime = NOW) -> operations.Recorded:
        return operations.ask_for_another(
            record=record, photo=self.last(record).id, reason=reason, by=self.points.maker, at=at
        )

    def state(self, record: UUID) -> str:
        return ActionRecord.objects.get(id=record).state


def photo_town(**changes: Any) -> PhotoTown:
    """The shipped document, changed as `menu` says, with its photographed action open."""
    points = menu(**changes)
    action = operations.open_action(programme=points.made.programme, code="litter", by=points.maker, at=points.town.at)
    return PhotoTown(points, action)
