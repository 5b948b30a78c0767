"""Wrong codes of one person, counted under a lock: after ten somebody waits for an hour, whatever the codes are for.

Each room that takes codes has a count of its own, so that mistyped letters never close a gift.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import models

from meguri.words import signs
from meguri.words.ids import uuid7
from meguri.words.refusal import RefusalKind


class WrongTries(models.Model):
    """How many wrong codes a person has entered since; one row a person, so that tries wait for each other.

    A room's own table names its uniqueness (municipality, person).
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    person = models.UUIDField()
    since = models.DateTimeField()
    wrong = models.PositiveIntegerField(default=0)
    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract: ClassVar[bool] = True


Tries = TypeVar("Tries", bound=WrongTries)


def locked_tries(
    table: type[Tries], person: UUID, *, too_many: RefusalKind, municipality: int, at: datetime
) -> Tries:
    """The person's count, held until the end; it begins anew an hour after its first wrong code.

    Raises Refusal `too_many` with the limit (`most`) and the `minutes` to wait.
    """
    fresh = table(id=uuid7(at), municipality=municipality, person=person, since=at)
    table.objects.bulk_create([fresh], ignore_conflicts=True)
    tries: Tries = table.objects.select_for_update().get(municipality=municipality, person=person)
    if signs.is_new_count(wrong=tries.wrong, since=tries.since, at=at):
        tries.since, tries.wrong = at, 0
    if tries.wrong >= signs.WRONG_MOST:
        minutes = signs.minutes_to_wait(since=tries.since, at=at)
        raise too_many.refusal(field="code", most=signs.WRONG_MOST, minutes=minutes)
    return tries


def count_wrong(tries: WrongTries) -> int:
    """Count one more; gives how many tries are left."""
    tries.wrong += 1
    tries.save(update_fields=["wrong", "since"])
    return signs.WRONG_MOST - tries.wrong
