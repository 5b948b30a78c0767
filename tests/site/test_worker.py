"""The worker runs what is due, once per town, and is not thrown by a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection

from meguri.ledger.operations import open_municipality, set_clock_offset
from meguri.parties.models import Department
from meguri.site import worker
from meguri.site.rooms import modules
from meguri.site.worker import Task, Town, by_haste, collect, keep_running, run_due, towns
from meguri.words.refusal import RefusalKind
from tests.walled import in_program_role

AT = datetime(2026, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
REAL = Town(municipality=1, ahead=timedelta(0))
REHEARSED = Town(municipality=2, ahead=timedelta(days=30))


class Diary:
    """A task that notes when and where it was run, and fails as told."""

    def __init__(self, *faults: Exception) -> None:
        self.runs: list[tuple[int, datetime]] = []
        self.faults = list(faults)

    def __call__(self, *, municipality: int, at: datetime) -> None:
        self.runs.append((municipality, at))
        if self.faults:
            raise self.faults.pop(0)

    def task(self) -> Task:
        return Task(name="room.tasks.note", every=HOUR, run=self, due=AT)


def test_tasks_are_the_public_functions_that_a_room_defines_itself() -> None:
    room = ModuleType("meguri.room.tasks")
    exec(  # noqa: S102 - functions that say they belong to the planted module
        "def sweep(*, municipality, at): ...\ndef often(*, municipality, at): ...\ndef _hidden(): ...", room.__dict__
    )
    room.__dict__["imported"] = collect
    room.__dict__["EVERY"] = {"often": timedelta(minutes=5)}
    found = {task.name: (task.every, task.due) for task in collect([room, ModuleType("meguri.silent.tasks")], AT)}
    assert found == {
        "meguri.room.tasks.sweep": (worker.USUAL, AT),
        "meguri.room.tasks.often": (timedelta(minutes=5), AT),
    }


def test_every_task_of_the_rooms_has_the_agreed_shape() -> None:
    found = list(collect(modules("tasks"), AT))
    assert found
    for task in found:
        code = task.run.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        assert sorted(names) == ["at", "municipality"], task.name
    assert len({task.lock for task in found}) == len(found)


@pytest.mark.django_db
def test_a_task_runs_when_it_is_due_and_not_before() -> None:
    diary = Diary()
    tasks = [diary.task()]
    assert run_due(tasks, [REAL], at=AT - timedelta(seconds=1)) == 0
    assert run_due(tasks, [REAL], at=AT) == 1
    assert run_due(tasks, [REAL], at=AT + timedelta(minutes=59)) == 0
    assert run_due(tasks, [REAL], at=AT + HOUR) == 1
    assert diary.runs == [(1, AT), (1, AT + HOUR)]


@pytest.mark.django_db
def test_what_leaves_something_over_is_due_again_at_once() -> None:
    left = [True, True, False]
    runs: list[datetime] = []

    def some(*, municipality: int, at: datetime) -> bool:
        runs.append(at)
        return left.pop(0)

    task = Task(name="some", every=HOUR, run=some, due=AT)
    assert [run_due([task], [REAL], at=AT) for _ in range(5)] == [1, 1, 1, 0, 0]
    assert task.due == AT + HOUR
    assert run_due([task], [REAL], at=AT + timedelta(minutes=30)) == 0
    assert len(runs) == 3


def test_what_comes_every_second_waits_behind_nothing_longer() -> None:
    """The log has a thread of its own, so that no batch of money that moves in bulk makes receipts wait."""
    every_second, often, usual = by_haste(collect(modules("tasks"), AT))
    assert [task.name for task in every_second] == ["meguri.ledger.tasks.keep_log"]
    assert {"meguri.programmes.tasks.carry_out_runs", "meguri.site.tasks.watch_log"} <= {each.name for each in often}
    assert {"meguri.ledger.tasks.turn_month", "meguri.site.tasks.check_everything"} <= {each.name for each in usual}


@pytest.mark.django_db
def test_every_town_is_served_at_its_own_time() -> None:
    diary = Diary()
    assert run_due([diary.task()], [REAL, REHEARSED], at=AT) == 2
    assert diary.runs == [(1, AT), (2, AT + timedelta(days=30))]


@pytest.mark.django_db
def test_a_task_sees_the_rows_of_its_own_town_alone() -> None:
    seen: dict[int, set[int]] = {}
    for town in (REAL, REHEARSED):
        Department.objects.create(id=uuid4(), municipality=town.municipality, code="d", name_ja="課", name_en="d")

    def look(*, municipality: int, at: datetime) -> None:
        seen[municipality] = set(Department.objects.values_list("municipality", flat=True))

    with in_program_role():
        assert run_due([Task(name="look", every=HOUR, run=look, due=AT)], [REAL, REHEARSED], at=AT) == 2
    assert seen == {1: {1}, 2: {2}}


@pytest.mark.django_db
def test_the_towns_are_those_whose_books_are_open() -> None:
    for number, kind in ((901, "real"), (902, "rehearsal")):
        open_municipality(municipality=number, code=f"{number}", name_ja="町", name_en="town", kind=kind)  # type: ignore[arg-type]
    set_clock_offset(municipality=902, offset=timedelta(days=30))
    found = {town.municipality: town.ahead for town in towns()}
    assert (found[901], found[902]) == (timedelta(0), timedelta(days=30))


@pytest.mark.django_db
def test_a_refusal_is_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    refusal = RefusalKind(code="not_yet", ja="まだです。", en="Not yet.").refusal()
    assert run_due([Diary(refusal).task()], [REAL], at=AT) == 0
    assert [record for record in caplog.records if record.levelname != "INFO"] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", [DatabaseError("away"), KeyError("a mistake of ours")])
def test_a_failing_task_is_noted_and_tried_again_and_the_others_still_run(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    failing, fine = Diary(fault), Diary()
    tasks = [failing.task(), fine.task()]
    assert run_due(tasks, [REAL], at=AT) == 1
    assert "room.tasks.note failed in municipality 1" in caplog.text
    assert run_due(tasks, [REAL], at=AT + HOUR) == 2
    assert len(failing.runs) == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_failing_task_wrote_is_taken_back() -> None:
    def write(*, municipality: int, at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE half_done (at timestamptz)")
        raise DatabaseError("away")

    assert run_due([Task(name="half", every=HOUR, run=write, due=AT)], [REAL], at=AT) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('half_done')")
        assert cursor.fetchone() == (None,)


@pytest.mark.django_db(transaction=True)
def test_the_loop_runs_what_is_due_and_ends_when_it_is_enough() -> None:
    enough, diary = threading.Event(), Diary()
    open_municipality(municipality=903, code="903", name_ja="町", name_en="town", kind="real")

    def note_and_end(*, municipality: int, at: datetime) -> None:
        diary(municipality=municipality, at=at)
        enough.set()

    task = Task(name="once", every=HOUR, run=note_and_end, due=AT)
    running = threading.Thread(target=keep_running, args=([task], enough))
    running.start()
    running.join(20)
    assert not running.is_alive()
    assert 903 in {municipality for municipality, _ in diary.runs}


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_the_same_task_at_the_same_moment() -> None:
    diary = Diary()
    parts = connection.get_connection_params()
    with psycopg.connect(host=parts["host"], dbname=parts["dbname"], user=parts["user"]) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [diary.task().lock, REAL.municipality])
        assert run_due([diary.task()], [REAL, REHEARSED], at=AT) == 1
        assert [municipality for municipality, _ in diary.runs] == [2]
    assert run_due([diary.task()], [REAL], at=AT) == 1


@pytest.mark.django_db(transaction=True)
def test_the_nightly_checks_read_one_moment_and_other_tasks_what_is_there() -> None:
    seen: dict[str, str] = {}

    def looks(name: str) -> Callable[..., None]:
        def look(*, municipality: int, at: datetime) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SHOW transaction_isolation")
                seen[name] = cursor.fetchone()[0]

        return look

    tasks = [
        Task("room.tasks.checks", HOUR, looks("checks"), due=AT, reads_one_moment=True),
        Task("room.tasks.settles", HOUR, looks("settles"), due=AT),
    ]
    assert run_due(tasks, [REAL], at=AT) == 2
    assert seen == {"checks": "repeatable read", "settles": "read committed"}
    marked = [task.name for task in collect(modules("tasks"), AT) if task.reads_one_moment]
    assert marked == ["meguri.site.tasks.check_everything"]
