"""Photos of deeds: sent, looked at, answered; the points follow a yes, and nothing of a photo outlives its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from meguri.notices import queries as notices
from meguri.parties import operations as parties
from meguri.programmes.parts import PHOTO_KEPT_DAYS
from meguri.programmes.points import operations, photo_rules, queries, tasks
from meguri.programmes.points.doubts import doubts_of
from meguri.programmes.points.models import ActionPhoto, ActionRecord
from meguri.programmes.points.operations import reviewing
from meguri.programmes.points.photos import (
    count_photos,
    photographed,
    photos_of,
    photos_waiting,
    record_of_photo,
    same_photos,
)
from meguri.vault.models import RevealLog, SealedPhoto
from meguri.words.actor import Actor, ActorRole
from tests.pictures import photo as file_of
from tests.programmes.points.conftest import NOW
from tests.programmes.points.photo_town import REASON, PhotoTown, photo_town, taken
from tests.programmes.vouchers.lived_town import refused, told

DAY = timedelta(days=1)


@pytest.fixture
def town(db: None) -> PhotoTown:
    return photo_town()


def money(town: PhotoTown, person: Actor) -> int:
    return sum(town.points.town.held(person).values())


def facts(town: PhotoTown, record: UUID) -> list[str]:
    found = photographed(record, municipality=town.town)
    return [each.code for each in doubts_of([found.done], municipality=town.town)[record]]


def test_a_photo_waits_is_seen_and_confirmed_and_then_the_points_follow(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person, told="架空公園で")
    assert (made.state, made.asked_yen, made.granted_yen, money(town, person)) == ("held", 20, 0, 0)
    shown = operations.look_at_photo(photo=town.last(made.record).id, reason=REASON, by=town.points.maker, at=NOW)
    assert (shown.jpeg[:2], shown.told) == (b"\xff\xd8", "架空公園で")
    done = operations.attest_action(record=made.record, photo=town.last(made.record).id, by=town.points.maker, at=NOW)
    assert (done.state, done.granted_yen, money(town, person)) == ("granted", 20, 20)
    assert town.points.town.topics(person) == ["point.granted"]
    (record,) = ActionRecord.objects.filter(id=made.record)
    assert (record.evidence, record.confirmed_by) == ("photo", town.points.maker.party)
    assert operations.attest_action(record=made.record, by=town.points.maker, at=NOW).replayed
    (total,) = [each for each in queries.totals(record.programme, municipality=town.town).by_action
                if each.code == "litter"]  # fmt: skip
    assert (total.records, total.verified) == (1, 1)


def test_nobody_confirms_what_they_have_not_seen(town: PhotoTown) -> None:
    made = town.send(town.points.town.person())
    number = town.last(made.record).id
    with refused("photo_not_this"):
        operations.attest_action(record=made.record, by=town.points.maker, at=NOW)
    with refused("photo_not_this"):
        operations.attest_action(record=made.record, photo=uuid4(), by=town.points.maker, at=NOW)
    with refused("photo_not_seen"):
        operations.attest_action(record=made.record, photo=number, by=town.points.maker, at=NOW)
    town.look(made.record, by=town.points.checker)
    person = ActionRecord.objects.get(id=made.record).resident
    by = Actor(town.town, ActorRole.RESIDENT, person)
    town.look(town.send(by, 2, at=NOW + DAY).record, at=NOW + DAY)
    with refused("photo_not_seen"):  # who saw another photo of the same person has not seen this one
        operations.attest_action(record=made.record, photo=number, by=town.points.maker, at=NOW)
    assert operations.attest_action(record=made.record, photo=number, by=town.points.checker, at=NOW).granted_yen == 20


def test_a_photo_that_is_gone_is_confirmed_by_nobody(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person)
    town.look(made.record)
    assert person.party is not None
    parties.forget_person(person.party, by=town.points.checker, at=NOW)
    assert not SealedPhoto.objects.exists()
    with refused("photo_not_seen"):
        operations.attest_action(record=made.record, photo=town.last(made.record).id, by=town.points.maker, at=NOW)
    with refused("photo_gone"):
        town.look(made.record)
    with refused("subject_forgotten"):
        town.send(person, 2, at=NOW + DAY)
    assert town.no(made.record).state == "refused"


def test_a_no_says_why_and_grants_nothing(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person)
    with refused("action_reason_missing"):
        town.no(made.record, reason="  ")
    assert town.no(made.record).state == "refused"
    assert money(town, person) == 0
    (told_of,) = notices.inbox(person.party, municipality=town.town)
    assert "ごみが写っていません" in told_of.wording.text_ja
    for late in (lambda: town.no(made.record), lambda: town.again(made.record), lambda: town.yes(made.record)):
        with refused("action_record_judged"):
            late()
    with refused("photo_none_asked"):
        town.another(person, made.record, 2)


def test_another_photo_is_asked_for_and_keeps_the_day_of_the_deed(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person)
    with refused("photo_none_asked"):
        town.another(person, made.record, 2)
    with refused("action_reason_missing"):
        town.again(made.record, reason="")
    first = town.last(made.record).id
    assert town.again(made.record).state == "held"
    (told_of,) = notices.inbox(person.party, municipality=town.town)
    assert "ぼけています" in told_of.wording.text_ja
    assert photographed(made.record, municipality=town.town).is_asked
    for early in (lambda: town.yes(made.record), lambda: town.no(made.record), lambda: town.again(made.record)):
        with refused("photo_not_this"):
            early()
    assert town.another(person, made.record, 2, at=NOW + 3 * DAY).state == "held"
    with refused("photo_none_asked"):
        town.another(person, made.record, 3, at=NOW + 3 * DAY)
    town.look(made.record, at=NOW + 3 * DAY)
    with refused("photo_not_this"):
        operations.attest_action(record=made.record, photo=first, by=town.points.maker, at=NOW + 3 * DAY)
    assert town.yes(made.record, at=NOW + 3 * DAY).granted_yen == 20
    assert ActionRecord.objects.get(id=made.record).day == NOW.date()


def test_sent_again_it_is_the_same_photo_and_another_under_its_number_is_refused(town: PhotoTown) -> None:
    person, request = town.points.town.person(), uuid4()
    made = town.send(person, request=request)
    assert town.send(person, request=request) == operations.Recorded(
        made.record, "held", 20, 0, "", None, replayed=True
    )
    with refused("action_record_differs"):
        town.send(person, 2, request=request)
    with refused("action_record_differs"):
        town.send(town.points.town.person(), request=request)
    town.again(made.record)
    second = uuid4()
    town.another(person, made.record, 2, request=second)
    assert town.another(person, made.record, 2, request=second).replayed
    with refused("action_record_differs"):
        town.another(person, made.record, 3, request=second)
    with refused("action_record_differs"):
        town.another(person, made.record, 1, request=request)
    assert (ActionPhoto.objects.count(), SealedPhoto.objects.count(), ActionRecord.objects.count()) == (2, 2, 1)
    town.yes(made.record)
    assert town.send(person, request=request).granted_yen == 20, "the answer may have come meanwhile"


def test_what_waits_counts_within_the_limits_so_that_nobody_sends_in_vain(town: PhotoTown) -> None:
    person = town.points.town.person()
    first = town.send(person)
    with refused("photo_waiting_already"):
        town.send(person, 2)
    town.yes(first.record)
    with refused("action_ceiling_reached"):
        town.send(person, 2)
    for day in range(1, 8):
        town.send(person, 10 + day, at=NOW + day * DAY)
    with refused("photo_waiting_already"):
        town.send(person, 20, at=NOW + 8 * DAY)
    assert town.send(person, 20, at=NOW.replace(month=8)).state == "held", "the next month is another"


def test_without_times_in_the_terms_some_wait_and_no_more(db: None) -> None:
    town = photo_town(obtaining__actions__6__limits=[])
    person = town.points.town.person()
    for seed in range(photo_rules.WAITING_MOST):
        town.send(person, seed)
    with refused("photo_waiting_already"):
        town.send(person, 9)


def test_only_by_a_photo_and_only_what_asks_for_one(town: PhotoTown) -> None:
    person = town.points.town.person()
    with refused("action_evidence_missing"):
        operations.record_action(action=town.action, request=uuid4(), by=person, at=NOW)
    with refused("photo_not_asked_for"):
        town.send(person, action=town.points.actions["walk"])
    with refused("action_unknown"):
        town.send(person, action=uuid4())
    with refused("photo_told_too_long"):
        town.send(person, told="あ" * (photo_rules.TOLD_MOST + 1))
    with refused("photo_missing"):
        town.send(person, data=b"")
    with refused("action_resident_unknown"):
        town.send(town.points.town.stranger())
    with refused("action_too_long_ago"):
        town.send(person, done_at=NOW - 30 * DAY)
    assert (ActionPhoto.objects.count(), SealedPhoto.objects.count(), ActionRecord.objects.count()) == (0, 0, 0)


def test_whoever_stands_at_the_desk_with_the_litter_needs_no_phone(town: PhotoTown) -> None:
    person = town.points.town.person()
    assert person.party is not None
    made = operations.attest_at_desk(
        action=town.action, resident=person.party, request=uuid4(), by=town.points.maker, at=NOW
    )
    assert (made.granted_yen, money(town, person)) == (20, 20)


def test_taken_back_it_is_deleted_at_once(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person)
    with refused("action_record_unknown"):
        operations.take_back_photo(record=made.record, by=town.points.town.person(), at=NOW)
    assert operations.take_back_photo(record=made.record, by=person, at=NOW).state == "refused"
    assert operations.take_back_photo(record=made.record, by=person, at=NOW).replayed
    assert not SealedPhoto.objects.exists()
    assert (town.last(made.record).answer, town.last(made.record).dropped_at) == ("back", NOW)
    with refused("action_record_judged"):
        town.no(made.record)
    with refused("photo_gone"):
        town.look(made.record)
    other = town.send(person, 2)
    town.again(other.record)
    assert operations.take_back_photo(record=other.record, by=person, at=NOW).state == "refused"
    granted = town.send(person, 3)
    town.yes(granted.record)
    walked = town.points.do(person)
    for record in (granted.record, walked.record):
        with refused("photo_none_asked"):
            operations.take_back_photo(record=record, by=person, at=NOW)


def test_photos_are_deleted_some_days_after_their_answer_and_not_before(town: PhotoTown) -> None:
    people = [town.points.town.person() for _ in range(3)]
    yes, no, waits = (town.send(person, seed).record for seed, person in enumerate(people))
    town.yes(yes)
    town.no(no, at=NOW + DAY)
    assert photographed(yes, municipality=town.town).photos[0].drop_at == NOW + PHOTO_KEPT_DAYS * DAY
    for wait, left in ((-timedelta(seconds=1), 3), (timedelta(), 2), (DAY, 1), (900 * DAY, 1)):
        tasks.drop_old_photos(municipality=town.town, at=NOW + PHOTO_KEPT_DAYS * DAY + wait)
        assert SealedPhoto.objects.count() == left, wait
    assert set(SealedPhoto.objects.values_list("id", flat=True)) == {town.last(waits).id}
    assert town.last(yes).dropped_at == NOW + PHOTO_KEPT_DAYS * DAY
    with refused("photo_gone"):
        town.look(yes)
    assert reviewing.drop_old_photos(municipality=town.town + 1, at=NOW + 900 * DAY) == 0


def test_who_sends_no_other_photo_in_time_is_told_that_it_is_over(town: PhotoTown) -> None:
    person, other = town.points.town.person(), town.points.town.person()
    asked, sent = town.send(person).record, town.send(other, 2).record
    town.again(asked)
    town.again(sent)
    town.another(other, sent, 3)
    wait = photo_rules.ASKED_DAYS * DAY
    tasks.end_unanswered(municipality=town.town, at=NOW + wait - timedelta(seconds=1))
    assert town.state(asked) == "held"
    tasks.end_unanswered(municipality=town.town, at=NOW + wait)
    assert (town.state(asked), town.state(sent)) == ("refused", "held"), "what was sent waits for the office"
    assert town.points.town.topics(person) == ["point.photo", "point.refused"]
    with refused("photo_none_asked"):
        town.another(person, asked, 4, at=NOW + wait)


def test_the_same_photo_is_a_doubt_in_its_second_place_and_its_first(town: PhotoTown) -> None:
    one, other = town.points.town.person(), town.points.town.person()
    first = town.send(one, 5).record
    assert facts(town, first) == []
    bare = file_of(5, size=(200, 200))
    assert bare != taken(5), "another file: what the phone wrote beside the picture is missing"
    second = town.send(other, data=bare).record
    assert facts(town, first) == facts(town, second) == ["photo_of_others"]
    assert town.yes(second).granted_yen == 20, "a doubt refuses nothing"
    town.no(first, reason="前に使われた写真です")
    third = town.send(one, 5, at=NOW + DAY).record
    assert facts(town, third) == ["photo_of_others", "same_photo", "found_wrong"]
    same = same_photos([first, third], municipality=town.town)
    assert {(each.own, each.others) for each in same.values()} == {(1, 1)}
    assert same_photos([first], municipality=town.town + 1) == {}
    fresh = town.send(town.points.town.person(), 6).record
    assert facts(town, fresh) == []


def test_another_photo_of_the_same_deed_is_no_doubt(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person, 5)
    town.again(made.record)
    town.another(person, made.record, 5)
    assert "same_photo" not in facts(town, made.record)


def test_what_waits_stands_in_the_queue_oldest_first_but_ones_own(town: PhotoTown) -> None:
    people = [town.points.town.person() for _ in range(3)]
    sent = [town.send(person, seed).record for seed, person in enumerate(people)]
    programme = town.points.made.programme
    queue = photos_waiting([programme], municipality=town.town)
    assert [each.done.id for each in queue] == sent
    assert [each.done.id for each in photos_waiting([programme], municipality=town.town, but=people[1].party)] == [
        sent[0], sent[2]
    ]
    assert photos_waiting([programme], municipality=town.town, limit=1) == queue[:1]
    assert photos_waiting([uuid4()], municipality=town.town) == ()
    town.again(sent[0])
    town.yes(sent[1])
    assert count_photos(programme, municipality=town.town) == (2, 1)
    assert [each.done.id for each in photos_waiting([programme], municipality=town.town)] == [sent[2]]
    assert queries.records(programme, municipality=town.town, state="held", with_photos=False) == ()
    assert len(queries.records(programme, municipality=town.town, state="held")) == 2
    assert people[0].party is not None
    assert [each.done.id for each in photos_of(people[0].party, municipality=town.town)] == [sent[0]]
    assert record_of_photo(town.last(sent[2]).id, municipality=town.town) == sent[2]
    for wrong in ({"municipality": town.town + 1}, {"municipality": town.town, "resident": people[1].party}):
        with refused("action_record_unknown"):
            photographed(sent[0], **wrong)  # type: ignore[arg-type]
    with refused("action_record_unknown"):
        record_of_photo(uuid4(), municipality=town.town)


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_look_and_answer_is_the_table_and_nothing_else(town: PhotoTown, role: ActorRole) -> None:
    person = town.points.town.person()
    made = town.send(person)
    number = town.last(made.record).id
    acts: dict[str, Callable[[Actor], object]] = {
        "look": lambda by: operations.look_at_photo(photo=number, reason=REASON, by=by, at=NOW),
        "again": lambda by: operations.ask_for_another(record=made.record, photo=number, reason="no", by=by, at=NOW),
        "no": lambda by: operations.decline_action(record=made.record, photo=number, reason="no", by=by, at=NOW),
    }
    for department in ("planning", "commerce", ""):
        actor = Actor(town.town, role, uuid4(), department)
        may = role in {ActorRole.MAKER, ActorRole.CHECKER} and department == "planning"
        for name, act in acts.items():
            with transaction.atomic():
                assert (told(act, actor) == "") is may, (name, actor)
                transaction.set_rollback(True)
    own = Actor(town.town, ActorRole.MAKER, person.party, "planning")
    assert {told(act, own) for act in acts.values()} == {"action_own_record"}
    assert not RevealLog.objects.exists(), "nobody looked whose look was not kept"
    with refused("photo_not_this"):
        operations.look_at_photo(photo=uuid4(), reason=REASON, by=town.points.maker, at=NOW)
    with refused("photo_not_this"):
        elsewhere = Actor(town.town + 1, ActorRole.MAKER, uuid4(), "planning")
        operations.look_at_photo(photo=number, reason=REASON, by=elsewhere, at=NOW)


def test_a_look_needs_a_reason_and_is_logged_each_time(town: PhotoTown) -> None:
    made = town.send(town.points.town.person())
    with refused("reason_missing"):
        town.look(made.record, reason=" ")
    for _ in range(2):
        town.look(made.record)
    assert list(RevealLog.objects.values_list("fields", "reason", "by_party")) == [
        (["photo"], REASON, town.points.maker.party)
    ] * 2


WALLS: list[tuple[str, dict[str, Any]]] = [
    ("an_answered_photo_says_when", {"answer": "yes"}),
    ("an_answered_photo_says_when", {"answered_at": NOW}),
    ("a_photo_not_taken_says_why", {"answer": "no", "answered_at": NOW}),
    ("a_photo_not_taken_says_why", {"answer": "again", "answered_at": NOW}),
    ("a_photo_has_its_marks", {"file_mark": "x"}),
    ("a_photo_has_its_marks", {"pixel_mark": ""}),
]


@pytest.mark.parametrize(("name", "values"), WALLS, ids=[f"{name}-{'-'.join(v)}" for name, v in WALLS])
def test_the_table_refuses_by_name(town: PhotoTown, *, name: str, values: dict[str, Any]) -> None:
    town.send(town.points.town.person())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ActionPhoto.objects.update(**values)


def test_one_photo_of_a_deed_waits_and_one_has_a_request(town: PhotoTown) -> None:
    made = town.send(town.points.town.person())
    row = town.last(made.record)
    for name, change in (("one_photo_of_a_deed_waits", {"request": uuid4()}),
                         ("one_photo_for_a_request", {"answer": "yes", "answered_at": NOW})):  # fmt: skip
        row.id = uuid4()
        copy = ActionPhoto(**{f.attname: getattr(row, f.attname) for f in ActionPhoto._meta.fields} | change)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            copy.save(force_insert=True)
    tried = {name for name, _ in WALLS} | {"one_photo_of_a_deed_waits", "one_photo_for_a_request"}
    kinds = CheckConstraint | UniqueConstraint
    assert {each.name for each in ActionPhoto._meta.constraints if isinstance(each, kinds)} == tried


def test_neither_books_nor_evidence_know_of_photos(town: PhotoTown) -> None:
    """Nothing outside the vault holds a picture or what was said of it; no other room's table names photos."""
    made = town.send(town.points.town.person(), told="架空公園の東口")
    town.yes(made.record)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name LIKE '%photo%' OR"
            " column_name IN ('file_mark', 'pixel_mark') UNION SELECT table_name FROM information_schema.tables"
            " WHERE table_name LIKE '%photo%'"
        )
        assert {name for (name,) in cursor.fetchall()} == {
            "points_actionphoto", "vault_sealedphoto", "vault_reveallog"
        }
        cursor.execute("SELECT coalesce(string_agg(p::text, ''), '') FROM points_actionphoto p")
        assert "架空公園" not in cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(string_agg(p::text, ''), '') FROM ledger.posting p")
        assert "photo" not in cursor.fetchone()[0]
