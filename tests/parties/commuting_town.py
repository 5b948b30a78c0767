"""A town hall to which people come who live elsewhere and work or study here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from meguri.parties.operations import confirm_commuter, declare_commuter
from meguri.parties.queries import CommuterView
from meguri.words.actor import Actor
from tests.parties.conftest import AT, Town

BORN = date(1990, 6, 15)
SINCE, UNTIL = date(2026, 4, 1), date(2027, 3, 31)


def declare(by: Actor, kind: str = "work", **more: object) -> UUID:
    """Say it, as the wallet's form sends it."""
    words: dict[str, object] = {"place": "めぐり製作所", "name": "外山 通", "birth_date": BORN, **more}
    return declare_commuter(kind=kind, by=by, at=AT, **words)  # type: ignore[arg-type]


def confirm(commuter: UUID, by: Actor, **more: object) -> CommuterView:
    """The officer has seen an employee card, good for the fiscal year."""
    seen: dict[str, object] = {"proof": "employee_card", "first_day": SINCE, "last_day": UNTIL, **more}
    return confirm_commuter(commuter, by=by, at=AT, **seen)  # type: ignore[arg-type]


def confirmed(town: Town, by: Actor, kind: str = "work", **more: object) -> UUID:
    """Somebody who said it and was confirmed; gives the id of the word."""
    said = declare(by, kind, **{key: more.pop(key) for key in ("name", "birth_date", "place") if key in more})
    confirm(said, town.actor("maker"), **more)
    return said
