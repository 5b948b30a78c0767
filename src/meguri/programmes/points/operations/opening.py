"""Actions and the places where their codes hang."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.parties.rules import Both, require
from meguri.programmes.points import rules
from meguri.programmes.points.models import Action, ActionPlace
from meguri.programmes.points.offer import Offer, find_offer, require_running
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.signs import signs_of


@transaction.atomic
def open_action(*, programme: UUID, code: str, by: Actor, at: datetime) -> UUID:
    """Let people do an action of the launched terms; gives its id. Opening it again is the same, closed or not.

    Order: permission, the terms, the row. Raises Refusal `programme_unknown`, `action_programme_grants_nothing`,
    `not_allowed`, `programme_not_launched`, `action_unknown`.
    """
    offer = find_offer(programme, municipality=by.municipality)
    require(by, "action.open", department=offer.department, municipality=offer.municipality)
    require_running(offer)
    rules.find_action(offer.granting, code)
    fresh = Action(
        id=uuid7(at), municipality=by.municipality, programme=programme, code=code, opened_at=at, opened_by=by.party,
        seed=secrets.token_hex(32),
    )
    Action.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = Action.objects.select_for_update().get(programme=programme, code=code)
    if kept.closed_at is not None:
        kept.closed_at = None
        kept.save(update_fields=["closed_at"])
    return kept.id


@transaction.atomic
def close_action(*, action: UUID, by: Actor, at: datetime) -> None:
    """Nobody may do it any more; what is held can still be confirmed.

    Raises Refusal `action_unknown`, `not_allowed`.
    """
    kept, _ = _locked_action(action, by)
    if kept.closed_at is None:
        kept.closed_at = at
        kept.save(update_fields=["closed_at"])


@transaction.atomic
def open_place(
    *, action: UUID, name: Both, by: Actor, at: datetime, rotating: bool = True, host: UUID | None = None
) -> UUID:
    """A place where the action is done. `rotating`: a screen shows a new code each minute; else one code is printed.

    `host` is the shop or sponsor that may confirm actions here. A printed code proves little and is bounded by the
    limits alone. Raises Refusal `action_unknown`, `not_allowed`, `action_place_name_wrong`.
    """
    kept, _ = _locked_action(action, by)
    for field, text in (("name_ja", name.ja), ("name_en", name.en)):
        if not 1 <= len(text.strip()) <= rules.PLACE_NAME_MOST:
            raise rules.PLACE_NAME_WRONG.refusal(field=field, most=rules.PLACE_NAME_MOST)
    place = ActionPlace(
        id=uuid7(at), municipality=kept.municipality, action=kept, code=_free_code(kept.municipality), name_ja=name.ja,
        name_en=name.en, host=host, rotating=rotating, secret=secrets.token_hex(32), opened_at=at,
    )
    place.save(force_insert=True)
    return place.id


@transaction.atomic
def close_place(*, place: UUID, by: Actor, at: datetime) -> None:
    """Its codes stop at once. Raises Refusal `action_place_unknown`, `not_allowed`."""
    kept = ActionPlace.objects.select_for_update().filter(id=place, municipality=by.municipality).first()
    if kept is None:
        raise rules.PLACE_UNKNOWN.refusal()
    _locked_action(kept.action_id, by)
    if kept.closed_at is None:
        kept.closed_at = at
        kept.save(update_fields=["closed_at"])


def _locked_action(action: UUID, by: Actor) -> tuple[Action, Offer]:
    found = Action.objects.select_for_update().filter(id=action, municipality=by.municipality).first()
    if found is None:
        raise rules.ACTION_UNKNOWN.refusal()
    offer = find_offer(found.programme, municipality=by.municipality)
    require(by, "action.open", department=offer.department, municipality=found.municipality)
    return found, offer


def _free_code(municipality: int) -> str:
    """A short code that no other place of the town has; five tries among 850 thousand million are plenty."""
    for _ in range(5):
        code = signs_of(secrets.randbits(40), length=8)
        if not ActionPlace.objects.filter(municipality=municipality, code=code).exists():
            return code
    raise RuntimeError("no free code for a place: the town's places must have used them all up")
