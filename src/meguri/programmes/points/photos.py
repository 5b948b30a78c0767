"""What may be asked about photos of deeds without seeing one: who waits for what, and whether one was sent before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from meguri.parties.rules import Both
from meguri.programmes.points import photo_rules
from meguri.programmes.points.models import ActionPhoto, ActionRecord, RecordState
from meguri.programmes.points.queries import Done, done_of, names_of
from meguri.programmes.points.rules import RECORD_UNKNOWN


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo of a deed. `answer`: empty while it waits, yes, no, again, back. `drop_at`: when it is deleted."""

    id: UUID
    sent_at: datetime
    answer: str
    reason: str
    answered_at: datetime | None
    dropped_at: datetime | None

    @property
    def why(self) -> Both:
        return photo_rules.in_words(self.reason)

    @property
    def drop_at(self) -> datetime | None:
        return None if self.answered_at is None else photo_rules.drop_at(self.answered_at)


@dataclass(frozen=True, slots=True)
class Photographed:
    """A deed with its photos, oldest first."""

    done: Done
    photos: tuple[PhotoView, ...]

    @property
    def why(self) -> Both:
        """Why it came to nothing."""
        return photo_rules.in_words(self.done.reason)

    @property
    def waiting(self) -> PhotoView | None:
        return next((each for each in self.photos if not each.answer), None)

    @property
    def is_asked(self) -> bool:
        """Whether it is the person's turn: another photo is asked for."""
        return self.done.state == RecordState.HELD and self.waiting is None


@dataclass(frozen=True, slots=True)
class SamePhoto:
    """How often a photo of this record was sent with others: of the same person's, and by how many other people."""

    own: int
    others: int


def photographed(record: UUID, *, municipality: int, resident: UUID | None = None) -> Photographed:
    """One deed with its photos, of this resident if one is named. Raises Refusal `action_record_unknown`."""
    rows = ActionRecord.objects.filter(id=record, municipality=municipality, photos__isnull=False)
    found = _all(rows if resident is None else rows.filter(resident=resident))
    if not found:
        raise RECORD_UNKNOWN.refusal()
    return found[0]


def record_of_photo(photo: UUID, *, municipality: int) -> UUID:
    """Of which deed a photo is. Raises Refusal `action_record_unknown`."""
    found = ActionPhoto.objects.filter(id=photo, municipality=municipality).values_list("record", flat=True).first()
    if found is None:
        raise RECORD_UNKNOWN.refusal()
    return found


def photos_waiting(
    programmes: Collection[UUID], *, municipality: int, but: UUID | None = None, limit: int = 100
) -> tuple[Photographed, ...]:
    """Deeds of these programmes whose photo waits for an answer, the oldest first; not of `but`, who may not judge."""
    waiting = ActionPhoto.objects.filter(municipality=municipality, answer="", record__programme__in=list(programmes))
    others = waiting if but is None else waiting.exclude(resident=but)
    rows = ActionRecord.objects.filter(state=RecordState.HELD, photos__in=others)
    return _all(rows, limit=limit)


def count_photos(programme: UUID, *, municipality: int) -> tuple[int, int]:
    """How many deeds of a programme with photos are held, and how many of them wait for an answer of the office."""
    held = ActionRecord.objects.filter(programme=programme, municipality=municipality, state=RecordState.HELD)
    with_photos = held.filter(photos__isnull=False).distinct().count()
    return with_photos, held.filter(photos__answer="").distinct().count()


def photos_of(resident: UUID, *, municipality: int, limit: int = 50) -> tuple[Photographed, ...]:
    """A resident's own deeds with photos, the newest first."""
    rows = ActionRecord.objects.filter(municipality=municipality, resident=resident, photos__isnull=False)
    return _all(rows, limit=limit, newest=True)


def _all(rows: QuerySet[ActionRecord], *, limit: int = 1, newest: bool = False) -> tuple[Photographed, ...]:
    records = list(rows.distinct().select_related("action", "place").order_by("-id" if newest else "id")[:limit])
    if not records:
        return ()
    names = names_of({row.programme for row in records}, municipality=records[0].municipality)
    photos: dict[UUID, list[PhotoView]] = defaultdict(list)
    for each in ActionPhoto.objects.filter(record__in=records).order_by("id"):
        photos[each.record_id].append(
            PhotoView(each.id, each.sent_at, each.answer, each.reason, each.answered_at, each.dropped_at)
        )
    return tuple(
        Photographed(done_of(row, names[row.programme, row.action.code]), tuple(photos[row.id])) for row in records
    )


def same_photos(records: Collection[UUID], *, municipality: int) -> dict[UUID, SamePhoto]:
    """For each of these records with photos: with how many others the same file or the same pixels came, ever.

    Also what was refused or taken back counts: a photo that is tried again is worth a look.
    """
    photos = ActionPhoto.objects.filter(municipality=municipality)
    own = list(photos.filter(record__in=list(records)).values_list("record", "resident", "file_mark", "pixel_mark"))
    files, pixels = {each[2] for each in own}, {each[3] for each in own}
    near = list(
        photos.filter(Q(file_mark__in=files) | Q(pixel_mark__in=pixels))
        .values_list("record", "resident", "file_mark", "pixel_mark")
    )  # fmt: skip
    by_mark: dict[str, set[tuple[UUID, UUID]]] = defaultdict(set)
    for record, resident, *marks in near:
        for mark in marks:
            by_mark[mark].add((record, resident))
    found: dict[UUID, SamePhoto] = {}
    met: dict[UUID, set[tuple[UUID, UUID]]] = defaultdict(set)
    whose: dict[UUID, UUID] = {}
    for record, resident, *marks in own:
        whose[record] = resident
        met[record] |= {each for mark in marks for each in by_mark[mark] if each[0] != record}
    for record, others in met.items():
        of_others = Counter(resident for _, resident in others if resident != whose[record])
        found[record] = SamePhoto(sum(resident == whose[record] for _, resident in others), len(of_others))
    return found
