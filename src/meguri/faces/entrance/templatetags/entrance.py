"""Small words that the entrance's templates use, and those above it: `{% load entrance %}`."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import uuid4

import phonenumbers
from django.http import HttpRequest
from django.template import Context, Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

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


@register.simple_tag(takes_context=True)
def named_address(context: Context) -> str:
    """Where this page has a name, if it is being read at a bare number: browsers keep passkeys for names only.

    Empty when all is well; `-` for a number that has no name we know of.
    """
    request: HttpRequest = context["request"]
    place = urlsplit(f"//{request.get_host()}")
    try:
        number = ip_address(place.hostname or "")
    except ValueError:
        return ""
    port = f":{place.port}" if place.port else ""
    return f"{request.scheme}://localhost{port}{request.get_full_path()}" if number.is_loopback else "-"


@register.simple_tag
def once() -> SafeString:
    """A fresh number for a form, so that a double press is one."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4())
