"""Indicators in words: a value with its unit, its denominator, and what it does not say."""

from __future__ import annotations

from meguri.evidence.indicator import Indicator
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.words.yen import show_yen

UNITS = {
    "people": ("人", " people"), "shops": ("店", " shops"), "payments": ("件", " payments"), "days": ("日", " days"),
    "times": ("回", " times"),
}


def value_of(request: TownRequest, one: Indicator) -> str:
    """A figure as people read it; a dash for what cannot be counted yet."""
    if one.value is None:
        return "—"
    if one.meaning.unit == "yen":
        return show_yen(round(one.value), request.language)
    if one.meaning.unit == "share":
        return f"{one.value * 100:.1f}%"
    shown = f"{one.value:,.2f}" if isinstance(one.value, float) else f"{one.value:,}"
    return shown + say(request, *UNITS.get(one.meaning.unit, ("", "")))


def target_of(request: TownRequest, target: float, *, unit: str) -> str:
    """What an indicator is to reach, in the unit in which its value is shown."""
    if unit == "share":
        return f"{target * 100:g}%"
    if unit == "yen":
        return show_yen(round(target), request.language)
    return f"{target:,g}" + say(request, *UNITS.get(unit, ("", "")))


def of_what(request: TownRequest, one: Indicator) -> str:
    """「対象者数 9,812 のうち」: what a share is a share of."""
    if one.denominator is None:
        return ""
    what = one.of(request.language)
    return say(request, f"{what} {one.denominator:,} のうち", f"of {one.denominator:,} {what}")
