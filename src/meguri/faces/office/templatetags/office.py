"""`{% load office %}`: names with two tongues, without going through a sentence; and a table of the office."""

from __future__ import annotations

from uuid import uuid4

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()


@register.filter
def named(thing: object) -> str:
    """The name of whatever carries it in both languages: `.ja`/`.en`, or `.name_ja`/`.name_en`."""
    code = "en" if (get_language() or "").startswith("en") else "ja"
    return str(getattr(thing, code, None) or getattr(thing, f"name_{code}", ""))


@register.filter
def percent(basis_points: int | None) -> str:
    """1/100 % as per cent: 9,870 -> 98.7%."""
    return "—" if basis_points is None else f"{basis_points / 100:g}%"


@register.simple_tag
def once() -> SafeString:
    """A fresh number for a form, so that a double press is one."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4())
