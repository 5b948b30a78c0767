"""What may be asked about everyday actions. Answers are frozen; people are pseudonyms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from meguri.parties.rules import Both
from meguri.programmes.parts import Action as ActionTerms
from meguri.programmes.parts import Evidence
from meguri.programmes.points import rules, wording
from meguri.programmes.points.limits import Within, bounds_of, left_of, lots_of
from meguri.programmes.points.models import Action, ActionPlace, ActionRecord, RecordState
from meguri.programmes.points.offer import Offer, find_offer, require_eligible
from meguri.words.period import day_of
from meguri.words.refusal import Refusal

PAGE = 50


@dataclass(frozen=True, slots=True)
class Room:
    """What a limit still gives: `left` of `most`, in yen or times."""

    words: Both
    unit: str  # yen, piece
    per: str  # day, month, programme
    left: int
    most: int


@dataclass(frozen=True, slots=True)
class Doable:
    """An action that a resident can do today. `yen` is what it still earns now; `why_not` says why it earns nothing.

    `attested` tells the resident who vouches for it, or that nobody does.
    """

    action: UUID
    programme: UUID
    programme_name: Both
    department: str
    code: str
    name: Both
    full_yen: int
    yen: int
    evidence: str
    evidence_words: Both
    attested: Both
    steps: int | None
    spot_check_bp: int
    rooms: tuple[Room, ...]
    why_not: Both | None
    places: tuple[PlaceView, ...]

    @property
    def is_full(self) -> bool:
        """Whether it is a limit for which it earns nothing now."""
        return any(room.left == 0 for room in self.rooms)


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place where an action is done. `host`: the shop or sponsor that confirms there."""

    id: UUID
    action: UUID
    code: str
    name: Both
    rotating: bool
    host: UUID | None


@dataclass(frozen=True, slots=True)
class PlaceCode:
    """What a place shows: the text of its QR code, and when the next one comes (None: printed for good)."""

    text: str
    changes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Done:
    """Something that somebody did."""

    id: UUID
    action: UUID
    programme: UUID
    name: Both
    resident: UUID
    done_at: datetime
    day: date
    place: Both | None
    asked_yen: int
    granted_yen: int
    cut_by: str
    state: str
    state_words: Both
    reason: str
    posting: UUID | None
    held_for: Both | None
    steps: int | None
    evidence: str


@dataclass(frozen=True, slots=True)
class ActionTotal:
    """One action's figures; `goal` is how often the town hopes to see it done.

    `verified`: how many of the granted ones somebody confirmed, or a code that changes at the place. `drawn` were
    looked at by lot, and `drawn_true` of them were confirmed.
    """

    code: str
    name: Both
    records: int
    people: int
    granted_yen: int
    goal: int
    verified: int
    drawn: int
    drawn_true: int

    @property
    def yen_per_verified(self) -> int | None:
        """All that was granted for it, also where nobody looked, for each verified one, to the nearest yen."""
        return (2 * self.granted_yen + self.verified) // (2 * self.verified) if self.verified else None

    @property
    def true_bp(self) -> tuple[int, int] | None:
        """Between which shares (1/100 %) the true ones lie, as the draws tell."""
        return rules.share_between(self.drawn_true, self.drawn) if self.drawn else None


@dataclass(frozen=True, slots=True)
class Totals:
    """A programme's figures. People count once, however many actions they did."""

    programme: UUID
    records: int
    people: int
    granted_yen: int
    held: int
    refused: int
    by_action: tuple[ActionTotal, ...]


def doable(resident: UUID, *, municipality: int, at: datetime) -> tuple[Doable, ...]:
    """What a resident can do now, over all programmes, those that earn something first."""
    rows = Action.objects.filter(municipality=municipality, closed_at=None).order_by("id")
    found = [each for row in rows if (each := _doable(row, resident=resident, at=at)) is not None]
    return tuple(sorted(found, key=lambda each: each.yen == 0))


def done_by(
    resident: UUID, *, municipality: int, after: UUID | None = None, limit: int = PAGE
) -> tuple[Done, ...]:
    """What a resident did, newest first. `after` is the stable cursor: the last record of the page before."""
    return page_of(ActionRecord.objects.filter(resident=resident, municipality=municipality), after=after, limit=limit)


def records(
    programme: UUID, *, municipality: int, state: str = "", host: UUID | None = None, after: UUID | None = None,
    limit: int = PAGE, with_photos: bool = True,
) -> tuple[Done, ...]:
    """A programme's records, newest first; `state="held"`: what waits to be confirmed; `host`: at its places only.

    `with_photos`: also deeds with photos, which wait at a desk of their own.
    """
    rows = ActionRecord.objects.filter(programme=programme, municipality=municipality)
    if state:
        rows = rows.filter(state=state)
    if host is not None:
        rows = rows.filter(place__host=host, held_for="")
    if not with_photos:
        rows = rows.filter(photos=None)
    return page_of(rows, after=after, limit=limit)


def totals(programme: UUID, *, municipality: int) -> Totals:
    """A programme's figures so far. Raises Refusal as `find_offer`."""
    offer = find_offer(programme, municipality=municipality)
    rows = ActionRecord.objects.filter(programme=programme, municipality=municipality)
    granted = rows.filter(state=RecordState.GRANTED)
    whole = granted.aggregate(records=Count("id"), people=Count("resident", distinct=True), yen=Sum("granted_yen"))
    waiting = rows.aggregate(
        held=Count("id", filter=Q(state=RecordState.HELD)), refused=Count("id", filter=Q(state=RecordState.REFUSED))
    )
    return Totals(
        programme=programme, records=whole["records"], people=whole["people"], granted_yen=whole["yen"] or 0,
        held=waiting["held"], refused=waiting["refused"], by_action=_by_action(offer, rows),
    )


def places(action: UUID, *, municipality: int) -> tuple[PlaceView, ...]:
    """Where an action is done."""
    rows = ActionPlace.objects.filter(action_id=action, municipality=municipality, closed_at=None).order_by("id")
    return tuple(_place(row) for row in rows)


def places_of_host(host: UUID, *, municipality: int) -> tuple[PlaceView, ...]:
    """The places that a shop or sponsor hosts."""
    rows = ActionPlace.objects.filter(host=host, municipality=municipality, closed_at=None).order_by("id")
    return tuple(_place(row) for row in rows)


def place_code(place: UUID, *, municipality: int, at: datetime) -> PlaceCode:
    """What the place shows now. Only for its screen or print: whoever reads this can claim to have been there.

    Raises Refusal `action_place_unknown`.
    """
    row = ActionPlace.objects.filter(id=place, municipality=municipality, closed_at=None).first()
    if row is None:
        raise rules.PLACE_UNKNOWN.refusal()
    token = rules.place_token(row.secret, code=row.code, at=at if row.rotating else None)
    return PlaceCode(f"{row.code}-{token}", rules.changes_at(at) if row.rotating else None)


def actions_by_code(programme: UUID, *, municipality: int) -> dict[str, UUID]:
    """The open actions of a programme, by what its document calls them."""
    rows = Action.objects.filter(programme=programme, municipality=municipality, closed_at=None)
    return dict(rows.values_list("code", "id"))


def action_by_code(programme: UUID, code: str, *, municipality: int) -> UUID | None:
    """The open action that a programme's document calls `code`."""
    rows = Action.objects.filter(programme=programme, municipality=municipality, code=code, closed_at=None)
    return rows.values_list("id", flat=True).first()


def action_of_code(text: str, *, municipality: int) -> UUID:
    """Which action a scanned code belongs to, before it is recorded. Raises Refusal `action_code_wrong`."""
    code, _ = rules.split_code(text)
    found = ActionPlace.objects.filter(municipality=municipality, code=code, closed_at=None).first()
    if found is None:
        raise rules.CODE_WRONG.refusal(field="code")
    return found.action_id


def _doable(row: Action, *, resident: UUID, at: datetime) -> Doable | None:
    """None while the programme is not running or outside the action's windows."""
    offer = find_offer(row.programme, municipality=row.municipality)
    terms = rules.find_action(offer.granting, row.code)
    try:
        rules.require_open(terms, offer.granting, at=at)
    except Refusal:
        return None
    if offer.state != "launched":
        return None
    on = day_of(at)
    bounds = bounds_of(offer, terms, on=on)
    lots = lots_of((each for each in bounds if each.unit != "held"), municipality=row.municipality)
    (left,) = left_of([Within(resident, bounds, offer, at)], lots=lots, municipality=row.municipality)
    why_not = None
    try:
        require_eligible(offer, resident=resident)
        yen = rules.still_earns(terms.yen, drawn_on=bounds, left=left, on=on).yen
    except Refusal as refusal:
        yen, why_not = 0, Both(refusal.sentence("ja"), refusal.sentence("en"))
    return Doable(
        action=row.id, programme=row.programme, programme_name=offer.name, department=offer.department, code=row.code,
        name=rules.named(terms), full_yen=terms.yen, yen=yen, evidence=terms.evidence,
        evidence_words=rules.EVIDENCES[terms.evidence], attested=wording.attested(terms),
        steps=terms.steps, spot_check_bp=terms.spot_check_bp,
        rooms=tuple(Room(c.words, c.unit, c.per, max(0, left[c.allowed]), c.most) for c in bounds), why_not=why_not,
        places=places(row.id, municipality=row.municipality),
    )


def page_of(rows: QuerySet[ActionRecord], *, after: UUID | None, limit: int) -> tuple[Done, ...]:
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows.select_related("action", "place").order_by("-id")[:limit])
    names = names_of({row.programme for row in found}, municipality=found[0].municipality) if found else {}
    return tuple(done_of(row, names[row.programme, row.action.code]) for row in found)


def names_of(wanted: set[UUID], *, municipality: int) -> dict[tuple[UUID, str], Both]:
    names: dict[tuple[UUID, str], Both] = {}
    for programme in wanted:
        offer = find_offer(programme, municipality=municipality)
        names |= {(programme, action.code): rules.named(action) for action in offer.granting.actions}
        names |= {(programme, each.code): Both(each.name.ja, each.name.en) for each in offer.granting.missions}
    return names


def done_of(row: ActionRecord, name: Both) -> Done:
    place = Both(row.place.name_ja, row.place.name_en) if row.place else None
    return Done(
        id=row.id, action=row.action_id, programme=row.programme, name=name, resident=row.resident, done_at=row.done_at,
        day=row.day, place=place, asked_yen=row.asked_yen, granted_yen=row.granted_yen, cut_by=row.cut_by,
        state=row.state, state_words=wording.STATES[row.state], reason=row.reason, posting=row.posting,
        held_for=rules.HELD.get(row.held_for), steps=row.steps, evidence=row.evidence,
    )


def _place(row: ActionPlace) -> PlaceView:
    return PlaceView(row.id, row.action_id, row.code, Both(row.name_ja, row.name_en), row.rotating, row.host)


def _by_action(offer: Offer, rows: QuerySet[ActionRecord]) -> tuple[ActionTotal, ...]:
    granted, drawn = Q(state=RecordState.GRANTED), Q(held_for=rules.Held.SPOT_CHECK, confirmed_at__isnull=False)
    is_verified = Q(confirmed_at__isnull=False) | Q(place__rotating=True, evidence=Evidence.PLACE_CODE)
    sums = rows.values_list("action__code").annotate(
        records=Count("id", filter=granted), people=Count("resident", distinct=True, filter=granted),
        granted_yen=Sum("granted_yen", filter=granted, default=0), verified=Count("id", filter=granted & is_verified),
        drawn=Count("id", filter=drawn), drawn_true=Count("id", filter=drawn & granted),
    )  # fmt: skip
    by_code = {code: figures for code, *figures in sums}
    return tuple(_total(action, by_code.get(action.code, [0] * 6)) for action in offer.granting.actions)


def _total(action: ActionTerms, figures: Sequence[int]) -> ActionTotal:
    records, people, granted_yen, verified, drawn, drawn_true = figures
    return ActionTotal(
        code=action.code, name=rules.named(action), records=records, people=people, granted_yen=granted_yen,
        goal=action.goal, verified=verified, drawn=drawn, drawn_true=drawn_true,
    )
