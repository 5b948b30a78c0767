"""One open town, and browsers of people who come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.test import Client

from meguri.ledger.operations import open_municipality
from meguri.parties import operations as parties
from meguri.vault.operations import make_login
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now

PASSWORD = "seventeen calm otters"
SYSTEM = Actor(1, ActorRole.SYSTEM)


@pytest.fixture(autouse=True)
def entrance_alone(settings: LazySettings) -> None:
    """The entrance's own pages need no other face."""
    settings.ROOT_URLCONF = "tests.faces.entrance.town_urls"


@pytest.fixture
def at() -> datetime:
    return now()


@pytest.fixture
def town(db: None, at: datetime) -> int:
    """The number of an invented town with its departments."""
    open_municipality(municipality=1, code="990019", name_ja="めぐり町", name_en="Meguri-cho", kind="rehearsal")
    for code in ("commerce", "planning", "welfare", "accounting"):
        parties.open_department(code=code, name_ja=f"{code}課", name_en=code, by=SYSTEM, at=at)
    return 1


@pytest.fixture
def person(town: int, at: datetime) -> Callable[..., Any]:
    """Makes a login (Django's user) of the town, with whatever `make_login` takes."""

    def make(**more: Any) -> Any:
        values = {"email": f"{uuid4().hex}@town.example", **more}
        made = make_login(municipality=town, party=values.pop("party", uuid4()), at=at, **values)
        return get_user_model().objects.get(pk=made)

    return make


@pytest.fixture
def officer(person: Callable[..., Any], at: datetime) -> Callable[..., Any]:
    """Makes an appointed officer's login with a password."""

    def make(role: str = "maker", department: str = "commerce", **more: Any) -> Any:
        party: UUID = more.pop("party", None) or uuid4()
        parties.appoint(officer=party, role=ActorRole(role), department=department, by=SYSTEM, at=at)
        return person(party=party, password=PASSWORD, **more)

    return make


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=False)
