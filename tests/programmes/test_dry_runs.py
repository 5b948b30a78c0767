"""Dry runs of a draft as they are kept: asked for once, kept day by day, stopped, cut, and bound to their document."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import IntegrityError, transaction

from meguri.parties.operations import ResidentEntry, register_residents
from meguri.programmes import operations, queries
from meguri.programmes.dry_run import (
    DayLived,
    Due,
    Ending,
    FundLived,
    Met,
    Surprise,
    Told,
    Wanted,
    read_line,
    write_line,
)
from meguri.programmes.models import DryRun, DryRunDay
from meguri.programmes.queries import DryRunView
from meguri.programmes.terms import from_tree
from meguri.words.actor import Actor
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, TownHall, changed, document
from tests.programmes.vouchers.lived_town import at_once, refused
from tests.walled import behind_the_wall

FIRST = date(2025, 7, 24)


def day(number: int) -> DayLived:
    fund = FundLived(code="premium", ja="プレミアム分", en="Premium", is_buyers=False, left_yen=10 - number)
    return DayLived(
        day=FIRST + timedelta(days=number), in_all=30, counts={"applications": number}, funds=(fund,), payments=1,
        paid_yen=500,
        met=(Met(code="sold_out", ja="売り切れ", en="Sold out", times=2),),
        due=(Due(who="desk", ja="抽選", en="Draw"),),
        told=(Told(topic="voucher.won", times=3),),
    )


ENDING = Ending(surprises=(Surprise(code="units_unsold", is_wrong=False, ja="3口", en="3 units"),))


@pytest.fixture
def draft(hall: TownHall) -> UUID:
    return hall.draft(document())


def maker(hall: TownHall, department: str = "commerce") -> Actor:
    return hall.officer("maker", department)


def ask(hall: TownHall, draft: UUID, seed: int | None = None) -> UUID:
    return operations.ask_dry_run(programme=draft, by=maker(hall), at=hall.at, seed=seed)


def begin(hall: TownHall, dry_run: UUID) -> Wanted | None:
    return operations.begin_dry_run(dry_run=dry_run, by=hall.system, at=hall.at)


def keep(hall: TownHall, dry_run: UUID, number: int) -> bool:
    return operations.keep_day(dry_run=dry_run, lived=day(number), by=hall.system, at=hall.at)


def end(hall: TownHall, dry_run: UUID, ending: Ending | None = ENDING, *, is_fault: bool = False) -> None:
    operations.end_dry_run(dry_run=dry_run, by=hall.system, at=hall.later(hours=1), ending=ending, is_fault=is_fault)


def seen(hall: TownHall, dry_run: UUID) -> DryRunView:
    found = queries.dry_run(dry_run, municipality=hall.municipality)
    assert found is not None
    return found


def test_a_day_and_an_ending_go_over_a_line_and_come_back_as_they_were() -> None:
    for told in (day(3), ENDING):
        line = write_line(told)
        assert "\n" not in line
        assert read_line(line) == told
    with pytest.raises(msgspec.ValidationError):
        read_line('{"kind":"week"}')


def test_a_dry_run_is_asked_for_begun_kept_and_ended(hall: TownHall, draft: UUID) -> None:
    dry_run = ask(hall, draft)
    asked = seen(hall, dry_run)
    assert (asked.state, asked.seed, asked.days, asked.is_present) == ("asked", 1, 0, True)
    wanted = begin(hall, dry_run)
    assert wanted is not None
    assert from_tree(wanted.document) == document()
    assert (wanted.seed, wanted.people, wanted.town.population) == (1, 200, 0)
    assert begin(hall, dry_run) is None, "only one process begins it"
    assert [keep(hall, dry_run, number) for number in range(3)] == [True] * 3
    going = seen(hall, dry_run)
    assert (going.state, going.days, going.until) == ("running", 3, FIRST + timedelta(days=2))
    assert (asked.in_all, going.in_all) == (0, 30), "how many days there will be is known with the first"
    end(hall, dry_run)
    over = seen(hall, dry_run)
    assert (over.state, over.ending, over.ended_at) == ("done", ENDING, hall.later(hours=1))
    assert queries.days_lived(dry_run, municipality=hall.municipality) == (day(0), day(1), day(2))
    assert not keep(hall, dry_run, 3), "what has ended takes no more days"
    end(hall, dry_run, None)
    assert seen(hall, dry_run).state == "done", "nor another end"


def test_another_press_while_one_is_lived_is_refused_and_afterwards_gives_another_seed(
    hall: TownHall, draft: UUID
) -> None:
    first = ask(hall, draft)
    with refused("dry_run_under_way"):
        ask(hall, draft)
    begin(hall, first)
    with refused("dry_run_under_way"):
        ask(hall, draft)
    end(hall, first)
    second, chosen = ask(hall, draft), 41
    assert seen(hall, second).seed == 2
    operations.stop_dry_run(dry_run=second, by=maker(hall), at=hall.at)
    assert seen(hall, ask(hall, draft, seed=chosen)).seed == chosen
    assert [each.seed for each in queries.dry_runs(draft, municipality=hall.municipality)] == [41, 2, 1]


@pytest.mark.parametrize("seed", [0, -1, 1_000_000])
def test_a_seed_is_a_number_that_one_can_read_out(hall: TownHall, draft: UUID, seed: int) -> None:
    with refused("seed_out_of_range"):
        ask(hall, draft, seed=seed)
    assert queries.dry_runs(draft, municipality=hall.municipality) == ()


def test_the_constraint_keeps_the_second_of_two_dry_runs_out(hall: TownHall, draft: UUID) -> None:
    row = DryRun.objects.get(id=ask(hall, draft))
    row.id = uuid4()
    with pytest.raises(IntegrityError, match="one_dry_run_of_a_draft_at_a_time"), transaction.atomic():
        row.save(force_insert=True)


def test_two_presses_at_one_moment_begin_one_dry_run(transactional_db: None) -> None:
    hall = TownHall().open()
    draft = hall.draft(document())
    answers = at_once(lambda: ask(hall, draft), lambda: ask(hall, draft))
    assert sorted(getattr(each, "code", "made") for each in answers) == ["dry_run_under_way", "made"]


def test_a_dry_run_that_waits_is_stopped_at_once_and_one_that_runs_after_its_day(hall: TownHall, draft: UUID) -> None:
    waiting = ask(hall, draft)
    operations.stop_dry_run(dry_run=waiting, by=maker(hall), at=hall.at)
    assert seen(hall, waiting).state == "stopped"
    assert begin(hall, waiting) is None
    running = ask(hall, draft)
    begin(hall, running)
    keep(hall, running, 0)
    operations.stop_dry_run(dry_run=running, by=hall.officer("checker", "commerce"), at=hall.at)
    assert (seen(hall, running).state, seen(hall, running).is_stopping) == ("running", True)
    assert not keep(hall, running, 1), "nobody wants more"
    end(hall, running, None)
    assert (seen(hall, running).state, seen(hall, running).days) == ("stopped", 1)


def test_a_dry_run_whose_process_is_gone_was_cut_and_one_that_broke_failed(hall: TownHall, draft: UUID) -> None:
    gone = ask(hall, draft)
    begin(hall, gone)
    assert operations.cut_dry_runs(by=hall.system, at=hall.at) == 1
    assert seen(hall, gone).state == "cut"
    told_to_end, broken = ask(hall, draft), None
    begin(hall, told_to_end)
    end(hall, told_to_end, None)
    assert seen(hall, told_to_end).state == "cut"
    broken = ask(hall, draft)
    begin(hall, broken)
    end(hall, broken, None, is_fault=True)
    assert seen(hall, broken).state == "failed"


def test_the_next_that_begins_finds_the_others_cut(hall: TownHall, draft: UUID) -> None:
    other = hall.draft(document(POINT))
    first = ask(hall, draft)
    second = operations.ask_dry_run(programme=other, by=maker(hall, "planning"), at=hall.at)
    begin(hall, first)
    begin(hall, second)
    assert (seen(hall, first).state, seen(hall, second).state) == ("cut", "running")
    assert [each.id for each in queries.dry_runs_under_way(hall.municipality)] == [second]


def test_a_draft_that_changed_says_so_and_its_old_dry_run_stays_readable(hall: TownHall, draft: UUID) -> None:
    dry_run = ask(hall, draft)
    begin(hall, dry_run)
    end(hall, dry_run)
    assert seen(hall, dry_run).is_present
    dearer = changed(VOUCHER, {"obtaining.rounds.0.units": 1_999})
    operations.draft_programme(terms=dearer, by=maker(hall), at=hall.at)
    assert not seen(hall, dry_run).is_present
    assert seen(hall, dry_run).terms == document(), "what was lived is what was drafted then"
    again = ask(hall, draft)
    assert (seen(hall, again).is_present, seen(hall, again).terms) == (True, dearer)


def test_only_the_last_five_that_ended_are_kept(hall: TownHall, draft: UUID) -> None:
    made = []
    for _ in range(7):
        made.append(ask(hall, draft))
        begin(hall, made[-1])
        keep(hall, made[-1], 0)
        end(hall, made[-1])
    assert [each.id for each in queries.dry_runs(draft, municipality=hall.municipality)] == made[:-6:-1]
    assert DryRunDay.objects.count() == 5
    assert [each.seed for each in queries.dry_runs(draft, municipality=hall.municipality)] == [7, 6, 5, 4, 3]


def test_what_cannot_be_launched_is_not_lived_and_every_error_is_named(hall: TownHall) -> None:
    early = hall.draft(changed(VOUCHER, {"obtaining.rounds.0.drawn_on": date(2025, 8, 1)}))
    with refused("programme_has_errors") as caught:
        ask(hall, early)
    assert "日付の順が逆です" in caught.value.sentence("ja")
    poor = hall.draft(changed(VOUCHER, {"code": "poor", "funds.0.amount_yen": 1_000}))
    with refused("programme_has_errors") as caught:
        ask(hall, poor)
    assert "足りません" in caught.value.sentence("ja")


def test_a_launched_programme_is_lived_for_real(hall: TownHall) -> None:
    with refused("programme_not_draft"):
        ask(hall, hall.launch(document()).programme)


@pytest.mark.parametrize(("role", "department"), [
    ("maker", "welfare"), ("checker", "planning"), ("accountant", "accounting"), ("analyst", ""), ("operator", ""),
])  # fmt: skip
def test_only_the_departments_own_officers_try_or_stop(
    hall: TownHall, draft: UUID, role: str, department: str
) -> None:
    other = hall.officer(role, department)
    with refused("not_allowed"):
        operations.ask_dry_run(programme=draft, by=other, at=hall.at)
    dry_run = ask(hall, draft)
    with refused("not_allowed"):
        operations.stop_dry_run(dry_run=dry_run, by=other, at=hall.at)
    assert operations.ask_dry_run(
        programme=hall.draft(document(BENEFIT)), by=hall.officer("checker", "welfare"), at=hall.at
    )


def test_a_dry_run_of_another_town_is_nobodys(hall: TownHall, draft: UUID) -> None:
    dry_run, other = ask(hall, draft), TownHall().open()
    assert queries.dry_run(dry_run, municipality=other.municipality) is None
    for attempt in (
        lambda: operations.stop_dry_run(dry_run=dry_run, by=other.officer("maker", "commerce"), at=hall.at),
        lambda: operations.begin_dry_run(dry_run=dry_run, by=other.system, at=hall.at),
        lambda: operations.end_dry_run(dry_run=dry_run, by=other.system, at=hall.at),
    ):
        with refused("dry_run_unknown"):
            attempt()
    assert operations.cut_dry_runs(by=other.system, at=hall.at) == 0
    begin(hall, dry_run)
    keep(hall, dry_run, 0)
    for town, rows in ((hall.municipality, 1), (other.municipality, 0)):
        with behind_the_wall(town):
            assert (DryRun.objects.count(), DryRunDay.objects.count()) == (rows, rows), "PostgreSQL itself hides them"


def test_the_town_is_described_by_wards_and_shops_and_by_no_person(hall: TownHall, draft: UUID) -> None:
    entries = [
        ResidentEntry(birth_date=date(1980, 1, 1), ward=ward, moved_in=date(2000, 1, 1), household_number=f"H{number}")
        for number, ward in enumerate(["minato", "minato", "yama"])
    ]
    gone = ResidentEntry(birth_date=date(1980, 1, 1), ward="yama", moved_in=date(2000, 1, 1), household_number="H9",
                         moved_out=date(2020, 1, 1))  # fmt: skip
    register_residents([*entries, gone], by=hall.system, at=hall.at)
    hall.shop("street", area="中町")
    like = queries.town_like(hall.municipality, at=hall.at)
    assert (like.wards, like.population) == ({"minato": 2, "yama": 1}, 3)
    assert [(each.trade, each.area, each.size_class) for each in like.shops] == [("58", "中町", "street")]
    dry_run = ask(hall, draft)
    assert (seen(hall, dry_run).people, seen(hall, dry_run).population) == (200, 3)
    kept = msgspec.json.encode(DryRun.objects.get(id=dry_run).wanted["town"]).decode()
    assert "1980" not in kept
