"""The parts of the town in which shops lie, as people read them in English."""

from __future__ import annotations

from meguri.parties.models import Area, Shop


def areas(municipality: int) -> dict[str, str]:
    """Japanese name to English name of every area with a shop, in the order of the names; "" where none was given."""
    found: list[str] = sorted(
        Shop.objects.filter(municipality=municipality).order_by().values_list("area", flat=True).distinct()
    )
    named = dict(Area.objects.filter(municipality=municipality).values_list("name_ja", "name_en"))
    return {area: named.get(area, "") for area in found}
