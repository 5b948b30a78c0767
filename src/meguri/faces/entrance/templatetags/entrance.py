"""Small words that only the entrance's templates use: `{% load entrance %}`."""

from __future__ import annotations

from django.template import Library

register = Library()

KINDS = {"error": "refusal", "warning": "warning", "success": "success"}


@register.filter
def notice_kind(level: str) -> str:
    """The design's kind of notice for a level of Django's messages."""
    return KINDS.get(level, "info")


CHANNEL_SIGNS = {"sms": "phone", "mail": "mail", "push": "bell", "letter": "print", "in_app": "info"}


@register.filter
def channel_sign(channel: str) -> str:
    """The sign of a channel of notices."""
    return CHANNEL_SIGNS.get(channel, "info")
