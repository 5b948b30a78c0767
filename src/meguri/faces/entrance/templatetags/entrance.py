"""Small words that only the entrance's templates use: `{% load entrance %}`."""

from __future__ import annotations

import phonenumbers
from django.template import Library

register = Library()

KINDS = {"error": "refusal", "warning": "warning", "success": "success"}
CHANNEL_SIGNS = {"sms": "phone", "mail": "mail", "push": "bell", "letter": "print", "in_app": "info"}
JAPAN = 81


@register.filter
def notice_kind(level: str) -> str:
    """The design's kind of notice for a level of Django's messages."""
    return KINDS.get(level, "info")


@register.filter
def channel_sign(channel: str) -> str:
    """The sign of a channel of notices."""
    return CHANNEL_SIGNS.get(channel, "info")


@register.filter
def phone_as_written(number: str | None) -> str:
    """+819012345678 as people here write it: 090-1234-5678; foreign numbers in the international way."""
    if not number:
        return ""
    parsed = phonenumbers.parse(number, "JP")
    at_home = parsed.country_code == JAPAN
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
