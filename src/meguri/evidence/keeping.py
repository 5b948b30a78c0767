"""The last snapshot of every town, kept in the database until there is something new to count.

Small towns are counted anew whenever something was posted. A snapshot that takes longer has its rest, however many
people look: they read the last one and are told of which moment it is. The worker renews it ahead of them (`tasks`),
and one for which nobody would wait is taken by the worker alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from time import perf_counter
from uuid import UUID

import msgspec
from django.db import connection, transaction

from meguri.evidence.models import KeptSnapshot
from meguri.evidence.reading import sources, state, text_of
from meguri.evidence.snapshot import READER, Snapshot, take
from meguri.words.ids import uuid7

AT_ONCE = timedelta(seconds=0.4)
"""A snapshot that takes no longer needs no rest."""
REST = 30
"""A slower one rests thirty times as long as it took: one of a second for half a minute."""
PATIENCE = timedelta(seconds=2)
"""Nobody who looks waits longer."""
_LOCK = 0x45564944  # "EVID": the first half of the advisory lock under which one reader at a time counts


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot and the town's moment at which it was taken."""

    at: datetime
    seen: Snapshot


_READ: dict[int, tuple[UUID, Kept]] = {}


def kept(municipality: int) -> Kept | None:
    """The last snapshot; None before the first one. A process that has read it does not read it again."""
    row = KeptSnapshot.objects.filter(municipality=municipality, form=form()).values_list("version", "taken_at").first()
    if row is None:
        return None
    version, taken_at = row
    if municipality not in _READ or _READ[municipality][0] != version:
        content = KeptSnapshot.objects.values_list("content", flat=True).get(version=version)
        _READ[municipality] = version, Kept(taken_at, READER.decode(bytes(content)))
    return _READ[municipality][1]


def shown(municipality: int, *, at: datetime) -> Kept:
    """The snapshot for somebody who looks: renewed, unless that takes too long to wait for."""
    last = KeptSnapshot.objects.filter(municipality=municipality, form=form()).values_list("took", flat=True).first()
    found = kept(municipality) if last is not None and last > PATIENCE else None
    return found or renewed(municipality, at=at)


def renewed(municipality: int, *, at: datetime) -> Kept:
    """The last snapshot, taken anew if there is something new, it has had its rest, and nobody else is at it."""
    last = KeptSnapshot.objects.filter(municipality=municipality, form=form()).defer("content").first()
    now = state(municipality)
    if last is not None and (last.state == now or _rests(last, at=at) or not _free(municipality)):
        return kept(municipality) or keep(municipality, at=at)
    return keep(municipality, at=at)


def _rests(last: KeptSnapshot, *, at: datetime) -> bool:
    return last.took > AT_ONCE and at - last.taken_at < last.took * REST


def _free(municipality: int) -> bool:
    """Whether nobody else counts this town now; until the transaction ends nobody else will."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, municipality])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def keep(municipality: int, *, at: datetime) -> Kept:
    """Take a snapshot of all up to `at` and keep it. The state is asked first, so that what comes later is new."""
    before, begun = state(municipality), perf_counter()
    seen = take(municipality, until=at + timedelta(microseconds=1))
    row = KeptSnapshot(
        id=uuid7(at), municipality=municipality, version=uuid7(at), taken_at=at, form=form(), state=before,
        took=timedelta(seconds=perf_counter() - begun), content=msgspec.json.encode(seen),
    )
    KeptSnapshot.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["municipality"],
        update_fields=["version", "taken_at", "took", "form", "state", "content"],
    )
    return Kept(at, seen)


@cache
def form() -> str:
    """Names the sources and the figures: what a program with others has kept is taken anew."""
    text = [text_of(name) for name in sources()] + [field.name for field in fields(Snapshot)]
    return sha256("\n".join(text).encode()).hexdigest()[:8]
