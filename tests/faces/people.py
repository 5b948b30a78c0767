"""Browsers of people of the small town, signed in."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client

from meguri.vault.operations import make_login
from tests.town import Town


def browser_of(town: Town, party: UUID) -> Client:
    """A browser in which this person of the town is signed in."""
    login = make_login(municipality=town.municipality, party=party, at=town.at, email=f"{party.hex}@town.example")
    client = Client()
    client.force_login(
        get_user_model().objects.get(pk=login), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client
