"""Whoever brings a note is not known: a booklet is told nothing, earns nothing, and is no person in the evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from meguri.evidence import snapshot
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.programmes.operations import rewards
from meguri.wallets.operations import warn_of_expiry
from meguri.words.actor import ActorRole
from tests.paper import Paper, found_paper


@pytest.fixture
def printed(db: None) -> Paper:
    paper = found_paper(2)
    paper.sell(1)
    return paper


def test_a_booklet_is_not_warned_of_its_expiry_but_its_buyer_is_of_what_is_in_the_wallet(printed: Paper) -> None:
    town = printed.town
    (end,) = {each.lot.expires_at for each in held(printed)}
    assert end is not None
    morning = end - timedelta(days=7) + timedelta(hours=10)
    system = town.actor(ActorRole.SYSTEM)
    assert warn_of_expiry(by=system, at=morning) == 0
    printed.bought()  # this unit stays in the phone
    assert warn_of_expiry(by=system, at=morning) == 1
    told = notices.outbox(municipality=printed.municipality, about="wallet")
    assert {each.recipient for each in told} == {town.holder}


def test_a_note_earns_no_points_and_a_payment_by_phone_would(printed: Paper) -> None:
    printed.count(printed.codes(1))
    assert unrewarded(printed) == 0
    with connection.cursor() as cursor:  # the same payments, had a phone made them
        cursor.execute("ALTER TABLE ledger.posting DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger.posting SET about = about - 'channel' WHERE municipality_id = %s AND template = 'pay'",
            [printed.municipality],
        )
    assert unrewarded(printed) == 12


def test_a_booklet_is_no_person_who_pays_and_its_buyer_is_one_who_received(printed: Paper) -> None:
    printed.count(printed.codes(1))
    seen = snapshot.take(printed.municipality)
    (row,) = [each for each in seen.reach if each.programme == printed.programme]
    assert (row.receivers, row.payers) == (1, 0)


def held(printed: Paper) -> list[books.Balance]:
    return books.balances([printed.booklet(1)], AccountRole.WALLET, municipality=printed.municipality)


def unrewarded(printed: Paper) -> int:
    """How many payments a programme that rewards payments would look at."""
    at = printed.town.at
    asked = {
        "m": printed.municipality, "after": "00000000-0000-0000-0000-000000000000", "programme": "any", "most": 100,
        "start": at - timedelta(days=1), "end": at + timedelta(days=1),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(rewards._UNREWARDED_SQL, asked)
        return len(cursor.fetchall())
