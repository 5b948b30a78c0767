"""One town and the people who may look into its vault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from meguri.words.actor import Actor, ActorRole

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def actor() -> Callable[..., Actor]:
    """Makes an actor of municipality 1 in a role."""

    def make(role: str, party: UUID | None = None, **more: object) -> Actor:
        return Actor(1, ActorRole(role), party or uuid4(), **more)  # type: ignore[arg-type]

    return make
