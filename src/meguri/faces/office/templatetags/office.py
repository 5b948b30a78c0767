"""`{% load office %}`: names with two tongues, without going through a sentence; and a table of the office."""

from __future__ import annotations

from django.template import Library
from django.utils.translation import get_language

from meguri.faces.entrance.templatetags.entrance import once

register = Library()
register.simple_tag(once)


@register.filter
def named(thing: object) -> str:
    """The name of whatever carries it in both languages: `.ja`/`.en`, or `.name_ja`/`.name_en`."""
    code = "en" if (get_language() or "").startswith("en") else "ja"
    return str(getattr(thing, code, None) or getattr(thing, f"name_{code}", ""))


@register.filter
def percent(basis_points: int | None) -> str:
    """1/100 % as per cent: 9,870 -> 98.7%."""
    return "—" if basis_points is None else f"{basis_points / 100:g}%"
