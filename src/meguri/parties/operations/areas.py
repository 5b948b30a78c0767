"""What areas are called in English."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from meguri.parties.models import Area
from meguri.parties.operations.shops import SHOWN_MOST
from meguri.parties.rules import require
from meguri.words.actor import Actor
from meguri.words.refusal import declare

AREA_NAME_WRONG = declare(
    "area_name_wrong", status=422,
    ja="{area}の英語名「{value}」は、英字と空白とハイフンで{most}字までにしてください。",
    en="The English name “{value}” of {area} may hold up to {most} plain letters, spaces and hyphens.",
)


@transaction.atomic
def name_areas(names: Mapping[str, str], *, by: Actor) -> None:
    """Say what areas (by Japanese name) are called in English; an empty name takes one away. All of them or none.

    Raises Refusal `not_allowed`, `area_name_wrong`.
    """
    require(by, "party.change_shop")
    for area, typed in names.items():
        name = " ".join(typed.split())
        if len(name) > SHOWN_MOST or not name.isascii() or not area:
            raise AREA_NAME_WRONG.refusal(area=area, value=name[:SHOWN_MOST], most=SHOWN_MOST)
        _say(area, name, municipality=by.municipality)


def _say(area: str, name: str, *, municipality: int) -> None:
    if name:
        Area.objects.update_or_create(municipality=municipality, name_ja=area, defaults={"name_en": name})
    else:
        Area.objects.filter(municipality=municipality, name_ja=area).delete()
