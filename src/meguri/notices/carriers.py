"""Carriers take a notice out of the house. Which one serves a channel is the setting NOTICE_CARRIERS."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.utils.module_loading import import_string


class CarrierRefusedError(Exception):
    """The carrier did not take the notice; the message says why."""


class Carrier(Protocol):
    def __call__(self, *, address: str, title: str, text: str) -> None:
        """Hand over one notice. Raises CarrierRefusedError."""


def by_mail(*, address: str, title: str, text: str) -> None:
    """Through Django's mail setting."""
    try:
        send_mail(title, text, None, [address])
    except OSError as exc:  # smtplib's errors are OSErrors
        raise CarrierRefusedError(str(exc)[:200]) from exc


def carrier_of(channel: str) -> Carrier | None:
    """The carrier of a channel; none: notices of that channel wait to be fetched (letters) or shown (the demo)."""
    paths: dict[str, str] = getattr(settings, "NOTICE_CARRIERS", {})
    if channel not in paths:
        return None
    carrier: Carrier = import_string(paths[channel])
    return carrier
