"""The kept snapshot: read until something is new, taken at once in small towns, at rest in large ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.evidence import keeping, queries
from meguri.evidence.models import KeptSnapshot
from meguri.evidence.tasks import renew_snapshot
from meguri.parties import operations as parties
from meguri.words.actor import Actor, ActorRole
from tests.settlement.books import AT, DAY, SmallTown, small_town


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moments of which a snapshot was taken."""
    moments: list[datetime] = []
    real = keeping.take

    def take(municipality: int, *, until: datetime) -> object:
        moments.append(until)
        return real(municipality, until=until)

    monkeypatch.setattr(keeping, "take", take)
    return moments


def issued(town: SmallTown, programme: UUID, *, at: datetime = AT) -> object:
    return queries.indicator("issued_yen", queries.latest(town.municipality, at=at).seen, programme=programme).value


def slow(town: SmallTown, seconds: float) -> None:
    """As if the last snapshot had taken so long."""
    KeptSnapshot.objects.filter(municipality=town.municipality).update(took=timedelta(seconds=seconds))


def test_it_is_taken_once_until_something_is_posted(town: SmallTown, counted: list[datetime]) -> None:
    programme, person = town.programme(), town.resident()
    assert issued(town, programme.id) == issued(town, programme.id, at=AT + DAY) == 0
    assert len(counted) == 1
    town.grant(person, programme, 70)
    assert issued(town, programme.id) == 70
    assert len(counted) == 2
    assert queries.latest(town.municipality, at=AT + DAY).at == AT


@pytest.mark.parametrize("change", ["shop", "resident", "programme"])
def test_facts_of_shops_and_people_are_something_new_too(
    town: SmallTown, counted: list[datetime], change: str
) -> None:
    programme = town.programme()
    queries.latest(town.municipality, at=AT)
    getattr(town, change)()
    seen = queries.latest(town.municipality, at=AT + timedelta(seconds=1)).seen
    assert len(counted) == 2
    assert dict(seen.eligible)[programme.id] == (1 if change == "resident" else 0)


def test_a_worker_who_is_confirmed_ended_or_refused_is_something_new(
    town: SmallTown, counted: list[datetime]
) -> None:
    """Whoever counts the eligible counts them, too. What merely waits is nothing new."""
    town.programme()
    number, at = town.municipality, AT + timedelta(seconds=1)
    me, maker = Actor(number, ActorRole.RESIDENT, uuid4()), Actor(number, ActorRole.MAKER, uuid4(), "commerce")
    queries.latest(number, at=AT)
    said = parties.declare_commuter(
        kind="work", place="架空", name="外山 通", birth_date=date(1990, 1, 1), by=me, at=AT
    )
    queries.latest(number, at=at)
    assert len(counted) == 1
    first, last = date(2026, 4, 1), date(2027, 3, 31)
    parties.confirm_commuter(said, proof="list", first_day=first, last_day=last, by=maker, at=AT)
    queries.latest(number, at=at)
    parties.end_commuter(said, last_day=first, by=maker)
    queries.latest(number, at=at)
    parties.refuse_commuter(said, reason="退職していました", by=maker, at=AT)
    queries.latest(number, at=at)
    assert len(counted) == 4


def test_a_slow_one_has_its_rest(town: SmallTown, counted: list[datetime]) -> None:
    programme, person = town.programme(), town.resident()
    queries.latest(town.municipality, at=AT)
    slow(town, 2)
    town.grant(person, programme, 70)
    assert issued(town, programme.id, at=AT + timedelta(seconds=59)) == 0
    assert issued(town, programme.id, at=AT + timedelta(seconds=60)) == 70
    assert len(counted) == 2


def test_nobody_waits_for_one_that_takes_very_long_the_worker_takes_it(
    town: SmallTown, counted: list[datetime]
) -> None:
    programme, person = town.programme(), town.resident()
    queries.latest(town.municipality, at=AT)
    slow(town, 2.1)
    town.grant(person, programme, 70)
    assert issued(town, programme.id, at=AT + 30 * DAY) == 0
    assert len(counted) == 1
    renew_snapshot(municipality=town.municipality, at=AT + 30 * DAY)
    assert issued(town, programme.id, at=AT + 30 * DAY) == 70
    assert len(counted) == 2


def test_what_is_said_is_of_the_moment_it_was_taken(town: SmallTown) -> None:
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 70)
    town.grant(person, programme, 500, at=AT + DAY)
    seen = queries.latest(town.municipality, at=AT).seen
    assert queries.indicator("issued_yen", seen, programme=programme.id).value == 70
    assert [one.days for one in seen.lying(programme.id)] == [0]  # not until its expiry: that is not known yet


def test_another_process_reads_what_this_one_kept(town: SmallTown, counted: list[datetime]) -> None:
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 70)
    town.pay(person, town.shop(), 30, programme, at=AT)
    mine = queries.latest(town.municipality, at=AT)
    keeping._READ.clear()
    theirs = queries.latest(town.municipality, at=AT + DAY)
    assert theirs is not mine
    assert theirs == mine
    assert len(counted) == 1
    assert queries.latest(town.municipality, at=AT + DAY) is theirs  # read once


def test_a_program_with_other_sources_counts_anew(
    town: SmallTown, counted: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    queries.latest(town.municipality, at=AT)
    monkeypatch.setattr(keeping, "form", lambda: "other")
    assert keeping.kept(town.municipality) is None
    queries.latest(town.municipality, at=AT)
    assert len(counted) == 2
    assert [row.form for row in KeptSnapshot.objects.filter(municipality=town.municipality)] == ["other"]


def test_while_one_reader_counts_the_others_read_the_last_one(
    town: SmallTown, counted: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, person = town.programme(), town.resident()
    queries.latest(town.municipality, at=AT)
    town.grant(person, programme, 70)
    monkeypatch.setattr(keeping, "_free", lambda _: False)
    assert issued(town, programme.id) == 0
    assert len(counted) == 1


def test_towns_do_not_mix(town: SmallTown) -> None:
    other = small_town()
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 70)
    assert queries.latest(other.municipality, at=AT).seen.flows == ()
    assert issued(town, programme.id) == 70


def test_the_worker_keeps_it_fresh(town: SmallTown, counted: list[datetime]) -> None:
    renew_snapshot(municipality=town.municipality, at=AT)
    renew_snapshot(municipality=town.municipality, at=AT + DAY)
    assert len(counted) == 1
    town.resident()
    renew_snapshot(municipality=town.municipality, at=AT + DAY)
    assert len(counted) == 2
    queries.latest(town.municipality, at=AT + DAY)
    assert len(counted) == 2
