"""How strongly somebody signed in, and how long that holds. Officers need two factors; a code by mail is one."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

DEMO_ENTRY = "demo_entry"
"""Session key: a demo person was entered by one click."""
SEEN = "seen_at"
"""Session key: when an officer last did something, in seconds of real time."""
ENTERED = "entered_at"

IDLE_MOST = timedelta(minutes=30)
WORK_MOST = timedelta(hours=12)
LOOK_AGAIN = timedelta(minutes=1)
"""The session row is touched at most so often."""


def is_strong(request: HttpRequest) -> bool:
    """Whether the session rests on a passkey, on a password with a second factor, or on the demo's click."""
    if is_demo_entry(request):
        return True
    records = get_authentication_records(request, request.user)
    methods = {record.get("method") for record in records}
    passkey = any(record.get("method") == "mfa" and record.get("passwordless") for record in records)
    return passkey or {"password", "mfa"} <= methods


def is_demo_entry(request: HttpRequest) -> bool:
    """True only while the demo runs, and only for a login that is marked as a demo person's."""
    return bool(settings.DEMO and request.session.get(DEMO_ENTRY) and getattr(request.user, "demo", False))


def has_lapsed(request: HttpRequest, at: datetime) -> bool:
    """Whether an officer's session was idle for half an hour or is twelve hours old; notes the visit otherwise."""
    seconds = int(at.timestamp())
    entered = request.session.setdefault(ENTERED, seconds)
    seen = request.session.get(SEEN, seconds)
    if seconds - seen > IDLE_MOST.total_seconds() or seconds - entered > WORK_MOST.total_seconds():
        return True
    if SEEN not in request.session or seconds - seen > LOOK_AGAIN.total_seconds():
        request.session[SEEN] = seconds
    return False
