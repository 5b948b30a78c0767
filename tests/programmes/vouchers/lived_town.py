"""A town hall with people in it, for the lives of the three kinds of programme."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, connections

from meguri.ledger import audit, queries
from meguri.ledger.templates import AccountRole
from meguri.notices.models import Notice
from meguri.parties import operations as parties
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.builders import TownHall

_numbers = count(1)
Answer = TypeVar("Answer")


def moment(month: int, day: int, hour: int = 3, *, year: int = 2025) -> datetime:
    """Noon in Japan by default."""
    return datetime(year, month, day, hour, tzinfo=UTC)


@dataclass
class LivedTown(TownHall):
    """Residents are made as tests need them; each has a household of their own unless one is named."""

    def person(self, *, household: str = "", born: date = date(1980, 5, 5), **more: object) -> Actor:
        number = next(_numbers)
        facts: dict[str, object] = {"ward": "minato", "moved_in": max(born, date(2000, 4, 1)), **more}
        entry = parties.ResidentEntry(
            birth_date=born,
            household_number=household or f"H{number}",
            number=f"N{number}",
            **facts,  # type: ignore[arg-type]
        )
        (person,) = parties.register_residents([entry], by=self.system, at=self.at)
        return Actor(self.municipality, ActorRole.RESIDENT, person)

    def held(self, person: Actor) -> dict[str, int]:
        """What a wallet holds, by the code of the purse kind."""
        from meguri.programmes.models import PurseKind

        assert person.party is not None
        found = queries.balances([person.party], AccountRole.WALLET, municipality=self.municipality)
        codes = dict(PurseKind.objects.filter(municipality=self.municipality).values_list("id", "code"))
        held: dict[str, int] = {}
        for balance in found:
            assert balance.lot.purse_kind is not None
            code = codes[balance.lot.purse_kind]
            held[code] = held.get(code, 0) + balance.amount
        return held

    def owed(self, person: Actor) -> int:
        assert person.party is not None
        found = queries.balances([person.party], AccountRole.PAYABLE, municipality=self.municipality)
        return sum(balance.amount for balance in found)

    def topics(self, person: Actor) -> list[str]:
        """What a person was told about, in order."""
        rows = Notice.objects.filter(municipality=self.municipality, recipient=person.party)
        return list(rows.order_by("made_at", "id").values_list("topic", flat=True))

    def commuter(
        self, kind: str = "work", *, by: Actor | None = None, first_day: date = date(2015, 4, 1),
        last_day: date = date(2030, 3, 31), born: date = date(1980, 5, 5),
    ) -> Actor:
        """Somebody whom the town has confirmed to work or study here; from elsewhere, unless it is `by`."""
        person = by or self.stranger()
        said = self.declared(person, kind, born=born)
        parties.confirm_commuter(
            said, proof="certificate", first_day=first_day, last_day=last_day, by=self.officer("maker", "commerce"),
            at=moment(4, 1),
        )  # fmt: skip
        return person

    def declared(self, person: Actor, kind: str = "work", *, born: date = date(1980, 5, 5)) -> UUID:
        """Somebody says to work or study here; nobody has looked into it yet."""
        return parties.declare_commuter(
            kind=kind, place="めぐり製作所", name=f"通 {next(_numbers)}号", birth_date=born, by=person,
            at=moment(4, 1),
        )  # fmt: skip

    def stranger(self) -> Actor:
        """Signed in, but not in the register."""
        return Actor(self.municipality, ActorRole.RESIDENT, uuid4())


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def unless(code: str, work: Callable[[], Answer]) -> Answer | None:
    """What `work` answers; None where it is refused with this code. Every other refusal or error shows."""
    try:
        return work()
    except Refusal as refusal:
        if refusal.code != code:
            raise
        return None


def told(attempt: Callable[[Actor], object], actor: Actor) -> str:
    """The code with which an actor's attempt is refused; empty when it is not."""
    try:
        attempt(actor)
    except Refusal as refusal:
        return refusal.code
    return ""


def prove_books() -> None:
    """Every claim of the auditor, on Django's connection: it sees what the test's own transaction wrote."""
    with connection.cursor() as cursor:
        for claim in audit.CLAIMS:
            cursor.execute(f"{claim.offenders} LIMIT 3")
            assert cursor.fetchall() == [], claim.en


def keep_proving(request: pytest.FixtureRequest) -> Iterator[None]:
    """For an autouse fixture: after each test that touches the database, prove the books before it is rolled back."""
    wanted = {"db", "transactional_db"} & set(request.fixturenames)
    for name in wanted:
        request.getfixturevalue(name)
    yield
    if "transactional_db" in wanted:
        prove_committed_books()
    elif wanted:
        prove_books()


def prove_committed_books() -> None:
    """The auditor itself, on a connection of its own."""
    known = connection.get_connection_params()
    wanted = {
        key: value for key, value in known.items() if key not in ("cursor_factory", "context", "prepare_threshold")
    }
    with psycopg.connect(**wanted) as other:
        for proof in audit.prove(other):
            assert proof.holds, (proof.claim.en, proof.offenders)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all on connections of their own, released together; a refusal or an error is an answer, too."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        gate.wait()
        try:
            return work()
        except Exception as answer:  # noqa: BLE001 - the test looks at it
            return answer
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
