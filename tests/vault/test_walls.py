"""Walls inside the vault: between towns, between people, between one sealing and the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from meguri.vault import checks, queries
from meguri.vault.models import LookUp, RevealLog, SealedRecord
from meguri.vault.operations import ToSeal, forget, make_login, reveal, reveal_many, seal, seal_many
from meguri.vault.rules import REASON_MOST, REVEAL_MOST, Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
REASON = "窓口での本人確認"
ELSEWHERE = Actor(2, ActorRole.CHECKER, uuid4())


def test_one_pseudonym_in_two_towns_is_two_records(actor: Make, at: datetime) -> None:
    """Were the towns one, sealing, finding, revealing or forgetting in the one would be felt in the other."""
    person, here = uuid4(), actor("checker")
    seal(person, {Field.NAME: "山田 花子"}, by=here, at=at)
    seal(person, {Field.NAME: "鈴木 花子"}, by=ELSEWHERE, at=at)
    assert reveal(person, [Field.NAME], reason=REASON, by=here, at=at) == {Field.NAME: "山田 花子"}
    assert reveal(person, [Field.NAME], reason=REASON, by=ELSEWHERE, at=at) == {Field.NAME: "鈴木 花子"}
    assert queries.find(Field.NAME, "山田花子", municipality=1) == (person,)
    assert queries.find(Field.NAME, "鈴木花子", municipality=1) == ()
    assert len(queries.reveals(municipality=2)) == 1
    make_login(municipality=1, party=person, at=at, email="hanako@example.jp")
    assert forget(person, by=ELSEWHERE, at=at)
    assert not queries.is_forgotten(person, municipality=1)
    assert queries.find(Field.NAME, "山田花子", municipality=1) == (person,)
    assert queries.login_of(person, municipality=1) is not None
    assert reveal(person, [Field.NAME], reason=REASON, by=here, at=at) == {Field.NAME: "山田 花子"}
    assert checks.forgotten_leave_no_trace(1) == checks.forgotten_leave_no_trace(2) == []


def test_sealing_one_person_anew_leaves_everybody_else_as_found_as_before(actor: Make, at: datetime) -> None:
    one, other, officer = uuid4(), uuid4(), actor("maker")
    seal_many([ToSeal(one, {Field.NAME: "山田"}), ToSeal(other, {Field.NAME: "鈴木"})], by=officer, at=at)
    seal(one, {Field.NAME: "佐藤"}, by=officer, at=at)
    assert queries.find_many(Field.NAME, ["山田", "鈴木", "佐藤"], municipality=1) == {"鈴木": (other,), "佐藤": (one,)}
    assert reveal(other, [Field.NAME], reason=REASON, by=officer, at=at) == {Field.NAME: "鈴木"}


def test_forgetting_one_person_keeps_the_others(actor: Make, at: datetime) -> None:
    one, other, officer = uuid4(), uuid4(), actor("checker")
    seal_many([ToSeal(p, {Field.PHONE: "090-1234-5678"}) for p in (one, other)], by=officer, at=at)
    forget(one, by=officer, at=at)
    assert queries.find(Field.PHONE, "09012345678", municipality=1) == (other,)
    assert reveal(other, [Field.PHONE], reason=REASON, by=officer, at=at) == {Field.PHONE: "090-1234-5678"}


def test_nobody_is_forgotten_who_was_never_known(actor: Make, at: datetime) -> None:
    stranger = uuid4()
    assert forget(stranger, by=actor("checker"), at=at) is False
    assert not queries.is_forgotten(stranger, municipality=1)
    make_login(municipality=1, party=stranger, at=at, email="a@example.jp")
    assert forget(stranger, by=actor("checker"), at=at) is True, "a way in alone is something to erase"


def test_the_moment_of_forgetting_is_the_first_one(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("checker")
    seal(person, {Field.NAME: "山田"}, by=officer, at=at)
    forget(person, by=officer, at=at)
    forget(person, by=officer, at=at + timedelta(days=1))
    assert SealedRecord.objects.get().forgotten_at == at


@pytest.mark.parametrize("role", ["accountant", "clerk", "owner", "partner", "analyst", "visitor", "resident"])
def test_who_may_not_forget_somebody(role: str, actor: Make, at: datetime) -> None:
    person = uuid4()
    seal(person, {Field.NAME: "山田"}, by=actor("maker"), at=at)
    with pytest.raises(Refusal) as no:
        forget(person, by=actor(role), at=at)
    assert (no.value.code, no.value.kind.status) == ("sealing_not_allowed", 403)
    assert "担当課" in no.value.sentence("ja")
    assert "department" in no.value.sentence("en")
    assert queries.find(Field.NAME, "山田", municipality=1) == (person,)


def test_one_forbidden_subject_refuses_the_whole_sealing(actor: Make, at: datetime) -> None:
    me, other = uuid4(), uuid4()
    with pytest.raises(Refusal, match="sealing_not_allowed"):
        seal_many([ToSeal(me, {Field.NAME: "私"}), ToSeal(other, {Field.NAME: "他"})], by=actor("resident", me), at=at)
    assert not SealedRecord.objects.exists()


def test_one_forgotten_subject_refuses_the_whole_sealing(actor: Make, at: datetime) -> None:
    gone, other, officer = uuid4(), uuid4(), actor("checker")
    seal(gone, {Field.NAME: "山田"}, by=officer, at=at)
    forget(gone, by=officer, at=at)
    with pytest.raises(Refusal) as no:
        seal_many([ToSeal(other, {Field.NAME: "他"}), ToSeal(gone, {Field.NAME: "再"})], by=officer, at=at)
    assert no.value.kind.status == 410
    assert "消去済み" in no.value.sentence("ja")
    assert "erased" in no.value.sentence("en")
    assert queries.find_many(Field.NAME, ["他", "再"], municipality=1) == {}


def test_who_is_alike_is_found_without_opening_anything(actor: Make, at: datetime) -> None:
    """Spelling apart, in one field, in one town, and never oneself."""
    me, same, other, nobody, officer = uuid4(), uuid4(), uuid4(), uuid4(), actor("checker")
    seal(me, {Field.NAME: "山田 太郎", Field.WORKPLACE: "港"}, by=officer, at=at)
    seal(same, {Field.NAME: "山田　太郎"}, by=officer, at=at)
    seal(other, {Field.NAME: "港"}, by=officer, at=at)
    assert queries.alike(me, Field.NAME, municipality=1) == (same,)
    assert queries.alike(me, Field.WORKPLACE, municipality=1) == ()
    assert queries.alike(nobody, Field.NAME, municipality=1) == ()
    assert queries.alike(me, Field.NAME, municipality=2) == ()
    forget(same, by=officer, at=at)
    assert queries.alike(me, Field.NAME, municipality=1) == ()


def test_every_sealing_has_a_key_of_its_own(actor: Make, at: datetime) -> None:
    """So an old backup's key opens the old state only."""
    person, officer = uuid4(), actor("maker")
    kept = []
    for name in ("旧", "旧", "新"):
        seal(person, {Field.NAME: name}, by=officer, at=at + timedelta(minutes=len(kept)))
        row = SealedRecord.objects.get()
        kept.append((bytes(row.wrapped_key or b""), bytes(row.ciphertext or b"")))
    assert len({key for key, _ in kept}) == len({text for _, text in kept}) == 3
    assert SealedRecord.objects.get().sealed_at == at + timedelta(minutes=2)


def test_sealing_nothing_is_no_fault_and_leaves_nothing_to_find(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker")
    seal_many([], by=officer, at=at)
    seal(person, {Field.NAME: "", Field.KANA: None, Field.ADDRESS: "・"}, by=officer, at=at)
    assert reveal(person, list(Field)[:5], reason=REASON, by=officer, at=at) == {Field.ADDRESS: "・"}
    assert set(LookUp.objects.values_list("field", flat=True)) == {"address"}


def test_a_field_named_twice_is_shown_and_logged_once(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker")
    seal(person, {Field.NAME: "山田", Field.KANA: "ヤマダ"}, by=officer, at=at)
    asked = [Field.KANA, Field.NAME, Field.KANA]
    assert list(reveal(person, asked, reason=REASON, by=officer, at=at)) == [Field.KANA, Field.NAME]
    assert queries.reveals(municipality=1)[0].fields == ("kana", "name")


def test_whoever_was_never_sealed_is_logged_all_the_same(actor: Make, at: datetime) -> None:
    known, unknown, officer = uuid4(), uuid4(), actor("maker")
    seal(known, {Field.NAME: "山田"}, by=officer, at=at)
    shown = reveal_many([known, unknown], [Field.NAME], reason=REASON, by=officer, at=at)
    assert shown == {known: {Field.NAME: "山田"}}
    assert set(RevealLog.objects.values_list("subject", flat=True)) == {known, unknown}


@pytest.mark.parametrize(
    ("reason", "noted"),
    [
        ("  本人確認  ", "本人確認"), ("あ" * REASON_MOST, "あ" * REASON_MOST), ("あ" * (REASON_MOST + 1), None),
        ("確認で", None),
    ],
)
def test_a_reason_is_kept_without_the_blanks_around_it(
    reason: str, noted: str | None, actor: Make, at: datetime
) -> None:
    if noted is None:
        with pytest.raises(Refusal) as no:
            reveal(uuid4(), [Field.NAME], reason=reason, by=actor("maker"), at=at)
        assert (no.value.code, no.value.field) == ("reason_missing", "reason")
        return
    reveal(uuid4(), [Field.NAME], reason=reason, by=actor("maker"), at=at)
    assert queries.reveals(municipality=1)[0].reason == noted


def test_a_long_reason_leaves_room_for_the_approval(actor: Make, at: datetime) -> None:
    approval = uuid4()
    reveal_many([uuid4()], [Field.NAME], reason="あ" * REASON_MOST, by=actor("checker"), at=at, approval=approval)
    assert queries.reveals(municipality=1)[0].reason == f"{'あ' * 350} (approval {approval})"


def test_exactly_as_many_as_one_may_see_alone_need_no_approval(actor: Make, at: datetime) -> None:
    people = [uuid4() for _ in range(REVEAL_MOST + 1)]
    with pytest.raises(Refusal) as no:
        reveal_many(people, [Field.NAME], reason=REASON, by=actor("checker"), at=at)
    assert (no.value.limit, no.value.kind.status) == ("reveal_most", 403)
    assert "1,000人まで" in no.value.sentence("ja")
    assert "1,001" in no.value.sentence("en")
    assert reveal_many(people[1:], [Field.NAME], reason=REASON, by=actor("checker"), at=at) == {}


def test_what_is_hidden_of_one_subject_hides_all_of_them(actor: Make, at: datetime) -> None:
    """A person sees the own account, not the neighbour's beside it; the refusal names every hidden item, sorted."""
    me, neighbour = uuid4(), uuid4()
    with pytest.raises(Refusal) as no:
        reveal_many([me, neighbour], [Field.PHONE, Field.EMAIL], reason=REASON, by=actor("resident", me), at=at)
    assert no.value.facts["fields"] == "email, phone"
    assert "email, phone" in no.value.sentence("ja")
    assert "checker" in no.value.sentence("en")
    assert not RevealLog.objects.exists()


def test_the_log_is_asked_by_subject_and_by_who_looked(actor: Make, at: datetime) -> None:
    one, other, first, second = uuid4(), uuid4(), actor("maker"), actor("checker")
    for person, officer in ((one, first), (one, second), (other, second)):
        reveal(person, [Field.NAME], reason=REASON, by=officer, at=at)
    assert {look.party for look in queries.reveals(municipality=1, subject=one)} == {first.party, second.party}
    assert {look.subject for look in queries.reveals(municipality=1, by=second.party)} == {one, other}
    assert len(queries.reveals(municipality=1, subject=one, by=second.party)) == 1
    assert queries.reveals(municipality=2) == ()
    assert [len(queries.reveals(municipality=1, limit=most)) for most in (1, 2, 9)] == [1, 2, 3]


def test_the_nightly_look_takes_the_newest_and_passes_over_who_was_forgotten(actor: Make, at: datetime) -> None:
    old, middle, gone, officer = uuid4(), uuid4(), uuid4(), actor("checker")
    for number, person in enumerate((old, middle, gone)):
        seal(person, {Field.NAME: "山田"}, by=officer, at=at + timedelta(days=number))
    forget(gone, by=officer, at=at)
    SealedRecord.objects.filter(subject=old).update(ciphertext=b"broken")
    assert checks.sealed_records_open(1, sample=1) == [], "the newest one is sound, and who was forgotten is not opened"
    assert len(checks.sealed_records_open(1, sample=2)) == 1
    assert checks.sealed_records_open(2) == []
