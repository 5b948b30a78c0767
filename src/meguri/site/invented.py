"""Founding the demo's town: its books, its offices and officers, and the key with which the rehearsal lives it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connections, transaction

from meguri.faces.entrance.demo import settle_demo_people
from meguri.ledger.operations import open_municipality, set_clock_offset
from meguri.ledger.queries import municipality
from meguri.ledger.wall import name_municipality
from meguri.parties.operations import issue_api_key
from meguri.parties.operations.api_keys import REHEARSAL_SCOPE
from meguri.settlement.operations import set_paying_account
from meguri.site.settings import MEGURI
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day, midnight

CODE = "999999"
"""A municipality code that no municipality has."""

BEFORE = timedelta(days=400)
"""How long before today the offices opened: earlier than the longest rehearsal begins, so that everybody is in office
by then."""

KEY_LASTS = timedelta(days=7)


@transaction.atomic
def found_town(*, at: datetime) -> str:
    """Open the invented town, or find it open, and give a fresh key's secret. `at` is the real time.

    The town's own clock starts `BEFORE` today, not at `at`: the rehearsal ends in the present. A town that lives
    already keeps its time.
    """
    town = MEGURI.municipality
    name_municipality(town)
    opening = midnight(day(at)) - BEFORE
    if municipality(town) is None:
        open_municipality(municipality=town, code=CODE, name_ja="めぐり町", name_en="Meguri-cho", kind="rehearsal")
        set_clock_offset(municipality=town, offset=opening - at)
    settle_demo_people(municipality=town, at=opening)
    set_paying_account(  # a real bank and branch, an invented account: the file must be one that a bank could read
        by=Actor(town, ActorRole.SYSTEM), at=opening, bank="0001", branch="001", number="1234567",
        payer_code="9900190001", payer_name="メグリチヨウ カイケイカンリシヤ",
    )
    return issue_api_key(
        label="rehearsal", scopes=[REHEARSAL_SCOPE], acts_as=Actor(town, ActorRole.OPERATOR), expires_at=at + KEY_LASTS,
        by=Actor(town, ActorRole.SYSTEM), at=at,
    ).secret


def introduce(*, at: datetime) -> list[str]:
    """A line for every person of the town whom a visitor may be now. `at` is the real time. Closes its connection."""
    try:
        name_municipality(MEGURI.municipality)
        town = municipality(MEGURI.municipality)
        ahead = town.clock_offset if town is not None else timedelta(0)
        playing = settle_demo_people(municipality=MEGURI.municipality, at=at + ahead)
        return [f"{one.part.name.ja} / {one.part.name.en} — {one.part.line.ja} / {one.part.line.en}" for one in playing]
    finally:
        connections.close_all()  # asked once in a while, from whatever thread
