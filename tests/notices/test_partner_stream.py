"""The stream of a company's events: without a gap, without a double, and its sums are those of what was spent."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.notices import webhook_queries as queries
from meguri.notices.models import PartnerEvent, PartnerSum
from meguri.notices.partner_telling import PEOPLE_LEAST, NewEvent, Spending, read_until, tell_partners
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day

TOWN, NEXT_TOWN = 1, 2
MONDAY = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CROWD = tuple(UUID(int=place) for place in range(1, 31))


def tell(*found: NewEvent | Spending, until: int, at: datetime = MONDAY, town: int = TOWN) -> int:
    return tell_partners(found, until=until, by=Actor(town, ActorRole.SYSTEM), at=at)


def granted(owner: UUID, number: int, *, at: datetime = MONDAY) -> NewEvent:
    return NewEvent(owner, "points.granted", number, at, {"funds": [{"fund": str(owner), "yen": number}]})


def spent(owner: UUID, number: int, *, people: int, at: datetime, yen: int = 100, back: int = 0) -> Spending:
    return Spending(owner, owner, number, at, yen, back, frozenset(CROWD[:people]))


def sums(owner: UUID, *, town: int = TOWN) -> list[dict[str, Any]]:
    found = queries.events(owner, municipality=town, limit=1_000)
    return [part for each in found if each.topic == "fund.spent" for part in json.loads(each.body)["data"]["funds"]]


@pytest.mark.django_db
def test_money_that_no_wallet_gave_is_told_within_its_days() -> None:
    """A held payment names no wallet: its yen wait without people, and the sum begins on their day."""
    owner = uuid4()
    tell(spent(owner, 1, people=0, at=MONDAY, yen=70), until=1)
    tell(spent(owner, 2, people=0, at=MONDAY + DAY, yen=30), until=2, at=MONDAY + DAY)
    wednesday = MONDAY + 2 * DAY
    tell(spent(owner, 3, people=PEOPLE_LEAST, at=wednesday, yen=1), until=3, at=wednesday)
    tell(until=3, at=wednesday + DAY)
    (told,) = sums(owner)
    assert (told["first_day"], told["last_day"], told["spent_yen"]) == ("2026-10-05", "2026-10-07", 101)


@pytest.mark.django_db
def test_the_log_s_order_at_midnight_is_not_the_clock_s() -> None:
    """Two postings around midnight may stand in the log the other way round: the sum's days hold both."""
    owner, midnight = uuid4(), datetime(2026, 10, 5, 15, 0, tzinfo=UTC)
    tell(
        spent(owner, 1, people=PEOPLE_LEAST, at=midnight),
        spent(owner, 2, people=1, at=midnight - timedelta(milliseconds=1)), until=2, at=midnight,
    )  # fmt: skip
    tell(until=2, at=midnight + DAY)
    (told,) = sums(owner)
    assert (told["first_day"], told["last_day"], told["spent_yen"]) == ("2026-10-05", "2026-10-06", 200)


@pytest.mark.django_db
def test_a_refund_after_the_sum_was_told_comes_back_in_the_next() -> None:
    owner = uuid4()
    tell(spent(owner, 1, people=PEOPLE_LEAST, at=MONDAY, yen=500), until=1)
    tell(spent(owner, 2, people=PEOPLE_LEAST, at=MONDAY + DAY, yen=-40, back=7), until=2, at=MONDAY + DAY)
    tell(until=2, at=MONDAY + 2 * DAY)
    assert [(each["spent_yen"], each["returned_yen"]) for each in sums(owner)] == [(500, 0), (-40, 7)]


@pytest.mark.django_db
def test_nine_people_wait_for_ever_and_the_tenth_opens_the_sum() -> None:
    owner = uuid4()
    for place in range(20):
        at = MONDAY + place * DAY
        tell(spent(owner, place + 1, people=PEOPLE_LEAST - 1, at=at, yen=1), until=place + 1, at=at)
    tell(until=20, at=MONDAY + 300 * DAY)
    assert sums(owner) == []
    assert PartnerSum.objects.get(owner=owner).spent_yen == 20
    late = MONDAY + 301 * DAY
    tell(spent(owner, 21, people=PEOPLE_LEAST, at=late, yen=1), until=21, at=late)
    tell(until=21, at=late + DAY)
    assert [each["spent_yen"] for each in sums(owner)] == [21]


@pytest.mark.django_db
def test_no_more_pseudonyms_wait_than_the_rule_needs() -> None:
    owner = uuid4()
    tell(spent(owner, 1, people=30, at=MONDAY), until=1)
    assert len(PartnerSum.objects.get(owner=owner).holders) == PEOPLE_LEAST
    tell(until=1, at=MONDAY + DAY)
    assert PartnerSum.objects.get(owner=owner).holders == [], "once told, nobody is remembered"


spendings = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 2), st.integers(-500, 2_000), st.integers(0, 300),
        st.sets(st.integers(0, 14), max_size=12),
    ),
    max_size=25,
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=20)
@given(found=spendings, cut=st.integers(1, 6))
def test_sums_hold_every_yen_once_and_never_fewer_than_ten(
    found: list[tuple[int, int, int, int, set[int]]], cut: int
) -> None:
    """Whatever is spent on which days, read in portions of any size: told and waiting make the whole."""
    owners = [uuid4() for _ in range(3)]
    at, lines = MONDAY, list[Spending]()
    for number, (days, whose, yen, back, people) in enumerate(found, start=1):
        at += days * DAY
        lines.append(Spending(owners[whose], owners[whose], number, at, yen, back, frozenset(CROWD[p] for p in people)))
    for begin in range(0, len(lines), cut):
        part = lines[begin : begin + cut]
        tell(*part, until=part[-1].ledger_number, at=part[-1].happened_at)
    tell(until=len(lines), at=at + 2 * DAY)
    for owner in owners:
        own, told = [each for each in lines if each.owner == owner], sums(owner)
        waiting = PartnerSum.objects.filter(owner=owner).first()
        for name in ("spent_yen", "returned_yen"):
            whole = sum(each[name] for each in told) + (getattr(waiting, name) if waiting else 0)
            assert whole == sum(getattr(each, name) for each in own)
        for each in told:
            first, last = date.fromisoformat(each["first_day"]), date.fromisoformat(each["last_day"])
            within = [one for one in own if first <= day(one.happened_at) <= last]
            assert len(frozenset().union(*(one.holders for one in within))) >= PEOPLE_LEAST
            assert sum(one.spent_yen for one in within) == each["spent_yen"]
        spans = [(each["first_day"], each["last_day"]) for each in told]
        assert all(one[1] < other[0] for one, other in pairwise(spans)), "no day is told twice"
        numbers = [each.number for each in queries.events(owner, municipality=TOWN)]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.django_db
def test_the_cursor_moves_with_the_events_or_not_at_all() -> None:
    owner = uuid4()
    tell(granted(owner, 1), until=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(granted(owner, 6), granted(owner, 1), until=9)
    assert read_until(TOWN) == 5
    assert [each.number for each in queries.events(owner, municipality=TOWN)] == [1]
    assert tell(granted(owner, 6), until=9) == 1
    assert (read_until(TOWN), queries.last_number(owner, municipality=TOWN)) == (9, 2)


@pytest.mark.django_db
def test_pages_of_the_stream_join_without_gap_or_double() -> None:
    owner, other = uuid4(), uuid4()
    tell(*(granted(each, number) for number in range(1, 26) for each in (owner, other)), until=25)
    seen, after = list[int](), 0
    while found := queries.events(owner, municipality=TOWN, after=after, limit=7):
        seen += [each.number for each in found]
        after = found[-1].number
    assert seen == list(range(1, 26))
    assert [each.number for each in queries.latest_events(owner, municipality=TOWN, limit=3)] == [25, 24, 23]
    assert queries.latest_events(uuid4(), municipality=TOWN) == ()
    assert queries.events(owner, municipality=TOWN, after=25) == ()


@pytest.mark.django_db
def test_the_same_company_in_two_towns_has_two_streams() -> None:
    owner = uuid4()
    for town in (TOWN, NEXT_TOWN):
        tell(granted(owner, 7), until=7, town=town)
    tell(granted(owner, 8), until=8, town=NEXT_TOWN)
    assert [queries.last_number(owner, municipality=town) for town in (TOWN, NEXT_TOWN, 3)] == [1, 2, 0]
    assert (read_until(TOWN), read_until(NEXT_TOWN)) == (7, 8)


@pytest.mark.django_db(transaction=True)
def test_four_readers_of_one_log_tell_each_posting_once() -> None:
    """What keeps two workers apart is their lock; should it ever fail, the rows themselves refuse the second."""
    owner = uuid4()

    def read(_: int) -> str:
        try:
            with transaction.atomic():
                tell(*(granted(owner, number) for number in range(1, 21)), until=20)
        except IntegrityError:
            return "refused"
        finally:
            connection.close()
        return "told"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(read, range(4)))
    assert sorted(answers) == ["refused", "refused", "refused", "told"]
    assert [each.number for each in queries.events(owner, municipality=TOWN)] == list(range(1, 21))
    assert PartnerEvent.objects.filter(owner=owner).count() == 20
    assert read_until(TOWN) == 20
