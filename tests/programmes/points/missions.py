"""Programmes with missions, for the tests of their lives."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from meguri.programmes.points import operations
from meguri.programmes.points.models import MissionBonus
from meguri.words.actor import Actor
from tests.programmes.points.conftest import NOW, Menu, menu

DAY = timedelta(days=1)
STREAK: dict[str, Any] = {"by": "streak", "wanted": 3}


def mission(
    counting: dict[str, Any], *actions: str, code: str = "round", yen: int = 100, **more: Any
) -> dict[str, Any]:
    """A mission as its document writes it."""
    return {
        "code": code, "name": {"ja": f"めぐり({code})", "en": f"Round ({code})"}, "yen": yen,
        "actions": list(actions or ("walk",)), "counting": counting, **more,
    }  # fmt: skip


def with_missions(*missions: dict[str, Any], **changes: Any) -> Menu:
    """The shipped programme with these missions and no other."""
    return menu(obtaining__missions=list(missions), **changes)


def walk(points: Menu, person: Actor, *days: int) -> list[operations.Recorded]:
    """A walk on each of these days, counted from the tests' day; reported on the day itself."""
    return [points.do(person, at=NOW + day * DAY) for day in days]


def visit(points: Menu, person: Actor, place: UUID, at: datetime = NOW) -> operations.Recorded:
    return points.do(person, "bus", at, code=points.shown(place, at))


def yen_of(*done: operations.Recorded) -> list[int]:
    """The yen of the bonuses that each deed completed."""
    return [sum(each.yen for each in one.bonuses) for one in done]


def bonuses(points: Menu, person: Actor) -> list[tuple[int, int, str]]:
    """Number, yen and state of a person's bonuses."""
    rows = MissionBonus.objects.filter(municipality=points.town.municipality, resident=person.party)
    return list(rows.order_by("mission", "number").values_list("number", "granted_yen", "state"))
