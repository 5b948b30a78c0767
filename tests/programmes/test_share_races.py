"""Many grants at once under one agreement: first with the lock broken, then with the lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections

from meguri.programmes import operations, queries
from meguri.programmes.models import AgreementShare
from meguri.programmes.operations import Launched, budgets
from meguri.programmes.shipped import shipped
from meguri.words.actor import Actor
from tests.programmes.builders import POINT, TownHall

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, GRANTS = 4, 15


@pytest.fixture
def launched(transactional_db: None) -> tuple[TownHall, Launched]:
    hall = TownHall().open()
    return hall, hall.launch(shipped()[POINT])


def grant_at_once(hall: TownHall, made: Launched) -> dict[UUID, int]:
    """Fund -> yen that the grants were told it pays, over all connections."""
    gate = threading.Barrier(THREADS)

    def work(_: int) -> list[operations.FundShare]:
        gate.wait()
        try:
            parts = [operations.share_grant(agreement=made.agreements["together"], amount_yen=1, by=hall.system)
                     for _ in range(GRANTS)]
        finally:
            connections.close_all()
        return [part for each in parts for part in each]

    told = dict.fromkeys(made.funds.values(), 0)
    with ThreadPoolExecutor(THREADS) as pool:
        for part in [part for parts in pool.map(work, range(THREADS)) for part in parts]:
            told[part.fund] += part.yen
    return told


def carried(hall: TownHall, made: Launched) -> dict[UUID, int]:
    together = queries.agreement(made.programme, "together", municipality=hall.municipality)
    assert together is not None
    return {share.fund: share.granted_yen for share in together.shares}


def unlocked(agreement: UUID, by: Actor) -> list[AgreementShare]:
    rows = list(AgreementShare.objects.filter(agreement_id=agreement, municipality=by.municipality).order_by("place"))
    time.sleep(0.002)  # stands for a busy server
    return rows


def test_the_alarm_rings_when_the_lock_is_broken(
    launched: tuple[TownHall, Launched], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock: Callable[..., object] = unlocked
    monkeypatch.setattr(budgets, "_locked_shares", lock)
    told = grant_at_once(*launched)
    assert sum(told.values()) == THREADS * GRANTS
    assert carried(*launched) != told


def test_shares_are_exact_over_concurrent_grants(launched: tuple[TownHall, Launched]) -> None:
    hall, made = launched
    told = grant_at_once(hall, made)
    assert told == {made.funds["town"]: 42, made.funds["sponsor"]: 18}
    assert carried(hall, made) == told
