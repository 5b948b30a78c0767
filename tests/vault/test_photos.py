"""Photos in the vault: sealed, shown for a reason and logged, gone with their time or with the person."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection

from meguri.vault import checks, queries
from meguri.vault.models import RevealLog, SealedPhoto
from meguri.vault.operations import forget, seal
from meguri.vault.photo_files import CleanPhoto, clean_photo
from meguri.vault.photos import drop_photos, kept_photos, photo_marks, reveal_photo, seal_photo, was_shown
from meguri.vault.rules import Field
from meguri.vault.sealing import SealBrokenError
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.pictures import photo

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
REASON = "行動の写真の確認"
TOLD = "架空公園の入口で\n拾いました"


@pytest.fixture(scope="module")
def clean() -> CleanPhoto:
    return clean_photo(photo(1))


@pytest.fixture
def sealed(actor: Make, at: datetime, clean: CleanPhoto) -> tuple[UUID, UUID]:
    """The number of a photo, and whose it is."""
    number, person = uuid4(), uuid4()
    seal_photo(number, clean, subject=person, told=TOLD, by=actor("resident", person), at=at)
    return number, person


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as no:
        work()
    return no.value.code


def test_a_photo_is_shown_for_a_reason_and_the_look_is_logged(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime, clean: CleanPhoto
) -> None:
    number, person = sealed
    officer = actor("maker", department="planning")
    shown = reveal_photo(number, reason=REASON, by=officer, at=at)
    assert (shown.jpeg, shown.told) == (clean.jpeg, TOLD)
    (look,) = queries.reveals(municipality=1, subject=person)
    assert (look.fields, look.reason, look.party, look.department) == (("photo",), REASON, officer.party, "planning")
    assert officer.party is not None
    assert was_shown(number, to=officer.party, municipality=1)
    for who, what, town in ((officer.party, uuid4(), 1), (uuid4(), number, 1), (officer.party, number, 2)):
        assert not was_shown(what, to=who, municipality=town)


def test_a_look_at_other_facts_is_no_look_at_the_photo(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime
) -> None:
    from meguri.vault.operations import reveal

    officer = actor("maker")
    reveal(sealed[1], [Field.NAME], reason=REASON, by=officer, at=at)
    assert officer.party is not None
    assert not was_shown(sealed[0], to=officer.party, municipality=1)


def test_the_tables_hold_nothing_of_the_picture_or_the_words(sealed: tuple[UUID, UUID], clean: CleanPhoto) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ciphertext || wrapped_key FROM vault_sealedphoto")
        stored = bytes(cursor.fetchone()[0])
    assert clean.jpeg[:40] not in stored
    assert clean.jpeg[200:260] not in stored
    assert "架空公園".encode() not in stored
    assert len(stored) > len(clean.jpeg)


@pytest.mark.parametrize("reason", ["", "  ", "abc", "x" * 401])
def test_without_a_reason_nobody_sees_it(reason: str, sealed: tuple[UUID, UUID], actor: Make, at: datetime) -> None:
    assert code_of(lambda: reveal_photo(sealed[0], reason=reason, by=actor("maker"), at=at)) == "reason_missing"
    assert not RevealLog.objects.exists()


@pytest.mark.parametrize("role", [
    "accountant", "analyst", "operator", "system", "clerk", "owner", "partner", "visitor", "resident",
])  # fmt: skip
def test_whom_the_vault_shows_no_photo(role: str, sealed: tuple[UUID, UUID], actor: Make, at: datetime) -> None:
    assert code_of(lambda: reveal_photo(sealed[0], reason=REASON, by=actor(role), at=at)) == "field_hidden"
    assert not RevealLog.objects.exists()


def test_its_owner_sees_it_and_nobody_else_may_put_one_there(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime, clean: CleanPhoto
) -> None:
    number, person = sealed
    assert reveal_photo(number, reason=REASON, by=actor("resident", person), at=at).jpeg == clean.jpeg
    for role in ("resident", "clerk", "partner", "analyst"):
        assert code_of(
            lambda role=role: seal_photo(uuid4(), clean, subject=person, told="", by=actor(role), at=at)
        ) == "sealing_not_allowed"


def test_a_dropped_photo_is_gone_for_good_and_other_towns_never_see_it(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime
) -> None:
    number, _ = sealed
    assert drop_photos([number], municipality=2) == 0
    assert kept_photos([number, uuid4()], municipality=1) == {number}
    assert kept_photos([number], municipality=2) == frozenset()
    assert (drop_photos([number], municipality=1), drop_photos([number], municipality=1)) == (1, 0)
    assert code_of(lambda: reveal_photo(number, reason=REASON, by=actor("maker"), at=at)) == "photo_gone"
    assert not RevealLog.objects.exists()


def test_a_forgotten_persons_photos_go_and_none_comes_after(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime, clean: CleanPhoto
) -> None:
    number, person = sealed
    other, theirs = uuid4(), uuid4()
    seal_photo(theirs, clean, subject=other, told="", by=actor("resident", other), at=at)
    assert forget(person, by=actor("checker"), at=at)
    assert set(SealedPhoto.objects.values_list("id", flat=True)) == {theirs}
    assert code_of(lambda: reveal_photo(number, reason=REASON, by=actor("maker"), at=at)) == "photo_gone"
    late = uuid4()
    assert code_of(
        lambda: seal_photo(late, clean, subject=person, told="", by=actor("resident", person), at=at)
    ) == "subject_forgotten"
    assert checks.forgotten_leave_no_trace(1) == []
    SealedPhoto.objects.filter(id=theirs).update(subject=person)
    assert checks.forgotten_leave_no_trace(1) == [f"forgotten {person} still has a photo"]


def test_a_photo_moved_under_another_number_does_not_open(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime
) -> None:
    moved = uuid4()
    assert checks.sealed_photos_open(1) == []
    SealedPhoto.objects.filter(id=sealed[0]).update(id=moved)
    (fault,) = checks.sealed_photos_open(1)
    assert fault.startswith(f"photo {moved}: ")
    assert checks.sealed_photos_open(2) == []
    with pytest.raises(SealBrokenError):
        reveal_photo(moved, reason=REASON, by=actor("maker"), at=at)


def test_sealing_other_facts_anew_leaves_the_photo(
    sealed: tuple[UUID, UUID], actor: Make, at: datetime, clean: CleanPhoto
) -> None:
    seal(sealed[1], {Field.NAME: "架空 花子"}, by=actor("maker"), at=at)
    assert reveal_photo(sealed[0], reason=REASON, by=actor("maker"), at=at).jpeg == clean.jpeg


def test_marks_tell_a_photo_again_in_one_town_only(clean: CleanPhoto) -> None:
    here, elsewhere = photo_marks(clean, municipality=1), photo_marks(clean, municipality=2)
    assert here == photo_marks(clean, municipality=1) != elsewhere
    assert len({here.file, here.pixels, elsewhere.file, elsewhere.pixels, clean.file_digest, clean.pixel_digest}) == 6


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_arrives_while_its_person_is_forgotten_does_not_stay(
    actor: Make, at: datetime, clean: CleanPhoto
) -> None:
    from django.db import connections, transaction

    person, answers = uuid4(), []
    seal(person, {Field.NAME: "架空 花子"}, by=actor("maker"), at=at)

    def send() -> None:
        try:
            seal_photo(uuid4(), clean, subject=person, told="", by=actor("resident", person), at=at)
        except Refusal as no:
            answers.append(no.code)
        finally:
            connections.close_all()

    with transaction.atomic():
        forget(person, by=actor("checker"), at=at)
        sender = threading.Thread(target=send)
        sender.start()
        sender.join(0.5)
        assert sender.is_alive(), "it waits for whoever forgets"
    sender.join(10)
    assert answers == ["subject_forgotten"]
    assert not SealedPhoto.objects.exists()
