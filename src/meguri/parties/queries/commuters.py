"""Who says to work or study in the town, and what the town found out. Names stay in the vault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from meguri.parties.commuting import Listed
from meguri.parties.models import Commuter, CommuterState, Resident
from meguri.vault.queries import alike, find, find_many
from meguri.vault.rules import Field


@dataclass(frozen=True, slots=True)
class CommuterView:
    """One word of a person. `state` is a `CommuterState`; what is not decided has no proof, days or judge.

    `last_day` still counts. `reason` is of a refusal, in the words that the person reads. `recorded_by`: the officer
    who wrote it down, where it came in at the desk.
    """

    id: UUID
    person: UUID
    kind: str
    birth_date: date
    state: str
    said_at: datetime
    proof: str
    first_day: date | None
    last_day: date | None
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    recorded_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """What a line of a list meets: `found` (one waiting word, to be confirmed), `absent` or `unclear` (several)."""

    listed: Listed
    state: str
    commuter: UUID | None = None


def commuter(commuter_id: UUID, *, municipality: int) -> CommuterView | None:
    row = Commuter.objects.filter(id=commuter_id, municipality=municipality).first()
    return commuter_view(row) if row else None


def commuters(
    municipality: int, *, state: str = "", after: UUID | None = None, limit: int = 100
) -> tuple[CommuterView, ...]:
    """What was said, newest first; who waits stands in the order of coming. `after` is the last id seen."""
    rows = Commuter.objects.filter(municipality=municipality)
    oldest_first = state == CommuterState.WAITING
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(id__gt=after) if oldest_first else rows.filter(id__lt=after)
    return tuple(commuter_view(row) for row in rows.order_by("id" if oldest_first else "-id")[:limit])


def commuters_waiting(municipality: int) -> int:
    """How many wait to be looked into."""
    return Commuter.objects.filter(municipality=municipality, state=CommuterState.WAITING).count()


def commuters_of(people: Iterable[UUID], *, municipality: int) -> dict[UUID, tuple[CommuterView, ...]]:
    """What each of these people said, newest first; who said nothing is absent."""
    found: dict[UUID, list[CommuterView]] = {}
    rows = Commuter.objects.filter(municipality=municipality, person__in=list(people)).order_by("-id")
    for row in rows:
        found.setdefault(row.person, []).append(commuter_view(row))
    return {person: tuple(views) for person, views in found.items()}


def commuters_named(name: str, *, municipality: int) -> tuple[CommuterView, ...]:
    """What people of this name said, newest first, found by the name's digest; nothing is opened."""
    found = commuters_of(find(Field.NAME, name, municipality=municipality), municipality=municipality)
    return tuple(sorted((each for views in found.values() for each in views), key=lambda each: each.id, reverse=True))


def known_alike(person: UUID, *, birth_date: date, municipality: int, on: date) -> tuple[UUID, ...]:
    """Others of the same name and date of birth who are residents on the day, or confirmed and not over by then.

    Names are compared by their digests; nothing is opened.
    """
    others = alike(person, Field.NAME, municipality=municipality)
    same = Q(municipality=municipality, birth_date=birth_date)
    here = Resident.objects.filter(same, Q(moved_out__isnull=True) | Q(moved_out__gt=on), id__in=others)
    confirmed = Commuter.objects.filter(same, state=CommuterState.CONFIRMED, valid_until__gt=on, person__in=others)
    return tuple(sorted({*here.values_list("id", flat=True), *confirmed.values_list("person", flat=True)}))


def waiting_alike(person: UUID, *, birth_date: date, municipality: int) -> int:
    """How many others of the same name and date of birth wait, because they came forward by phone."""
    others = alike(person, Field.NAME, municipality=municipality)
    rows = Commuter.objects.filter(municipality=municipality, birth_date=birth_date, state=CommuterState.WAITING)
    return rows.filter(person__in=others).count()


def match_list(listed: Sequence[Listed], *, municipality: int, on: date) -> tuple[Matched, ...]:
    """What each line of a list meets, by name, date of birth and kind. Nothing is written and nobody is named.

    A line that nobody has spoken for is absent: of people who asked for nothing, nothing is kept.
    """
    named = find_many(Field.NAME, [each.name for each in listed], municipality=municipality)
    people = {person for subjects in named.values() for person in subjects}
    rows = Commuter.objects.filter(municipality=municipality, state=CommuterState.WAITING, person__in=people)
    waiting: dict[tuple[UUID, date, str], Commuter] = {(row.person, row.birth_date, row.kind): row for row in rows}
    matches = []
    for each in listed:
        keys = [(person, each.birth_date, each.kind) for person in named.get(each.name, ())]
        found = [waiting[key] for key in keys if key in waiting]
        matches.append(_matched(each, found, on=on))
    return tuple(matches)


def _matched(listed: Listed, found: Sequence[Commuter], *, on: date) -> Matched:
    if not found:
        return Matched(listed, "absent")
    row = found[0]
    known = known_alike(row.person, birth_date=row.birth_date, municipality=row.municipality, on=on)
    if len(found) > 1 or known:
        return Matched(listed, "unclear")
    return Matched(listed, "found", row.id)


def commuter_view(row: Commuter) -> CommuterView:
    last = None if row.valid_until is None else row.valid_until - timedelta(days=1)
    return CommuterView(
        id=row.id, person=row.person, kind=row.kind, birth_date=row.birth_date, state=row.state, said_at=row.said_at,
        proof=row.proof, first_day=row.valid_from, last_day=last, decided_by=row.decided_by,
        decided_at=row.decided_at, reason=row.reason, recorded_by=row.recorded_by,
    )
