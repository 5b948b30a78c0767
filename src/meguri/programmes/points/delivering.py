"""Many deeds at once, from whoever saw them: by the API or in one file, each with an answer of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from meguri.parties.rules import Both
from meguri.programmes.points import operations, queries, serving
from meguri.programmes.points.operations import Recorded
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import JST
from meguri.words.ids import named_id
from meguri.words.period import with_zone
from meguri.words.refusal import Refusal, declare
from meguri.words.wareki import parse_date

DEEDS_MAX: Final = 1_000
"""In one delivery; a longer file is sent in parts."""
FILE_BYTES_MOST: Final = 500_000
NUMBER_MOST: Final = 200

ACTION_NOT_OPEN = declare(
    "action_not_open", status=404,
    ja="「{action}」という行動は、いま開いていません。", en="No action “{action}” is open now.",
)  # fmt: skip
DEEDS_UNREADABLE = declare(
    "deeds_unreadable", status=422,
    ja="ファイルが読めません。CSV(UTF-8かシフトJIS)の1行目に「番号・行動・人・日時」と書いた列を入れてください"
       "(足りない列: {absent:ja})。",
    en="The file cannot be read. Let the first line of the CSV (UTF-8 or Shift_JIS) name the columns number, action, "
       "resident and done_at (absent: {absent:en}).",
)  # fmt: skip
DEEDS_TOO_MANY = declare(
    "deeds_too_many", status=422,
    ja="一度に届けられるのは{most}行までです。分けて送ってください。",
    en="Up to {most} lines can be delivered at once. Please send them in parts.",
)  # fmt: skip
DEED_LINE_WRONG = declare(
    "deed_line_wrong", status=422,
    ja="この行の「{what:ja}」を確かめてください。", en="Please check {what:en} in this line.",
)  # fmt: skip

_HEADS: Final = {
    "number": ("番号", "number"), "action": ("行動", "action"), "resident": ("人", "resident"),
    "done_at": ("日時", "done_at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """What one person did. `number` is the sender's own: sent again under it, it is the same deed.

    `place`: where; none: a partner's own place of that action.
    """

    number: str
    action: str
    resident: UUID
    done_at: datetime | None = None
    place: UUID | None = None


def deliver(
    deeds: Sequence[Deed], *, programme: UUID, by: Actor, at: datetime
) -> list[Recorded | Refusal]:
    """Record deeds as confirmed by `by`; the answers stand in their order, and a refused one holds up no other.

    The same deed from two senders, or twice with times close together, is held until an officer has looked. A partner
    confirms only what partners confirm, and at its own places.
    """
    known = queries.actions_by_code(programme, municipality=by.municipality)
    own = _own_places(by)
    reports = [
        operations.Report(
            action=known[each.action], by=by, resident=each.resident, done_at=each.done_at, attested=True,
            place=each.place or own.get(known[each.action]),
            request=named_id(f"deliver:{by.party or by.department}:{each.number}"),
        )
        for each in deeds if each.action in known
    ]  # fmt: skip
    made = iter(serving.record_all_soon([serving.Coming(each, by.municipality, at) for each in reports]))
    return [
        next(made) if each.action in known else ACTION_NOT_OPEN.refusal(action=each.action, field="action")
        for each in deeds
    ]


def _own_places(by: Actor) -> dict[UUID, UUID]:
    """The first place of each action that a partner hosts."""
    if by.role is not ActorRole.PARTNER or by.party is None:
        return {}
    found = queries.places_of_host(by.party, municipality=by.municipality)
    return {place.action: place.id for place in reversed(found)}


def read_deeds(content: bytes) -> list[tuple[str, Deed | Refusal]]:
    """The lines of a file: the sender's number, and the deed or what is wrong in that line.

    Raises Refusal `deeds_unreadable`, `deeds_too_many`.
    """
    table = _table(content)
    known = {head: name for name, heads in _HEADS.items() for head in heads}
    heading = [known.get(cell.strip(), "") for cell in table[0]] if table else []
    if absent := [heads for name, heads in _HEADS.items() if name not in heading]:
        named = Both("・".join(heads[0] for heads in absent), ", ".join(heads[1] for heads in absent))
        raise DEEDS_UNREADABLE.refusal(field="file", absent=named)
    lines = [row for row in table[1:] if any(map(str.strip, row))]
    if len(lines) > DEEDS_MAX:
        raise DEEDS_TOO_MANY.refusal(field="file", most=DEEDS_MAX)
    return [_line(dict(zip(heading, cells, strict=False))) for cells in lines]


def _table(content: bytes) -> list[list[str]]:
    if len(content) > FILE_BYTES_MOST:
        raise DEEDS_TOO_MANY.refusal(field="file", most=DEEDS_MAX)
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
    return []


def _line(cells: Mapping[str, str]) -> tuple[str, Deed | Refusal]:
    number = cells.get("number", "").strip()
    if not 0 < len(number) <= NUMBER_MOST:
        return number[:NUMBER_MOST], _wrong("number")
    try:
        resident = UUID(cells.get("resident", "").strip())
    except ValueError:
        return number, _wrong("resident")
    try:
        done_at = _moment(cells.get("done_at", "").strip())
    except (ValueError, Refusal):
        return number, _wrong("done_at")
    return number, Deed(number, cells.get("action", "").strip(), resident, done_at)


def _moment(text: str) -> datetime:
    """`2026-12-01 10:30`, with or without a zone (Japan's), or a day as people write it: its noon."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        try:
            return with_zone(datetime.fromisoformat(text))
        except ValueError:
            on = parse_date(text)
    return datetime.combine(on, time(12), tzinfo=JST)


def _wrong(name: str) -> Refusal:
    return DEED_LINE_WRONG.refusal(field=name, what=Both(*_HEADS[name]))
