"""Somebody asks for a code for the first time: a login of a fresh pseudonym waits for it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from meguri.faces.entrance.people import municipality_here
from meguri.vault.operations import make_login
from meguri.words.clock import now
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal


def login_for(*, email: str | None = None, phone: str | None = None) -> Any:
    """Make the waiting login (Django's user object, for allauth). Unentered ones are swept after two days.

    None if the address belongs to a closed login: nothing is sent then, and the page looks the same.
    """
    at = now()
    try:
        made = make_login(
            municipality=municipality_here(), party=uuid7(at), at=at, email=email, phone=phone, self_made=True
        )
    except Refusal:
        return None
    return get_user_model().objects.get(pk=made)
