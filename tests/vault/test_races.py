"""Two people write about one subject at the same moment. Each test first shows what happens without the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection

from meguri.vault import operations
from meguri.vault.models import SealedRecord
from meguri.vault.operations import forget, reveal, seal
from meguri.vault.queries import find
from meguri.vault.rules import Field
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Actor]
PARTS = {Field.NAME: "山田 花子", Field.PHONE: "090-1234-5678"}


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run the works in threads of their own; an exception is an outcome."""

    def run(work: Callable[[], object]) -> object:
        try:
            return work()
        except (Refusal, IntegrityError) as exc:
            return exc
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.mark.parametrize("locked", [False, True])
def test_two_fields_of_one_person_written_at_once_are_both_kept(
    *, locked: bool, actor: Make, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, officer = uuid4(), actor("maker")
    seal(person, {Field.ADDRESS: "めぐり町1"}, by=officer, at=at)
    together = threading.Barrier(2, timeout=10)

    def without_lock(subjects: Sequence[UUID], municipality: int) -> dict[UUID, SealedRecord]:
        found = {r.subject: r for r in SealedRecord.objects.filter(subject__in=subjects, municipality=municipality)}
        together.wait()  # both have read before either one writes
        return found

    if not locked:
        monkeypatch.setattr(operations, "locked_records", without_lock)
    at_once(*(lambda f=f, v=v: seal(person, {f: v}, by=officer, at=at) for f, v in PARTS.items()))  # type: ignore[misc]
    kept = reveal(person, PARTS, reason="両方が残っているか", by=officer, at=at)
    assert (kept == PARTS) is locked, "without the lock one of the two fields must be lost"


def test_two_first_sealings_of_one_person_make_one_record(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker")
    outcomes = at_once(*(lambda f=f, v=v: seal(person, {f: v}, by=officer, at=at) for f, v in PARTS.items()))  # type: ignore[misc]
    assert outcomes == [None, None]
    assert reveal(person, PARTS, reason="両方が残っているか", by=officer, at=at) == PARTS
    assert SealedRecord.objects.count() == 1


def test_sealing_and_forgetting_at_once_never_leave_a_trace(actor: Make, at: datetime) -> None:
    for _ in range(10):
        person, officer = uuid4(), actor("checker")
        seal(person, {Field.NAME: "山田 花子"}, by=officer, at=at)
        at_once(
            lambda: seal(person, {Field.PHONE: "090-1234-5678"}, by=officer, at=at),  # noqa: B023 - runs at once
            lambda: forget(person, by=officer, at=at),  # noqa: B023
        )
        assert person not in find(Field.PHONE, "090-1234-5678", municipality=1)
        assert person not in find(Field.NAME, "山田 花子", municipality=1)
        assert SealedRecord.objects.get(subject=person).wrapped_key is None
