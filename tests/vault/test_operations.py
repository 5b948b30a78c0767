"""Seal, reveal, forget against a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction

from meguri.vault import checks, operations, queries
from meguri.vault.models import Login, LookUp, RevealLog, SealedRecord
from meguri.vault.operations import ToSeal, forget, make_login, reveal, reveal_many, seal, seal_many
from meguri.vault.rules import REVEAL_MOST, Field
from meguri.vault.town_key import WrongTownKeyError
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
REASON = "窓口での本人確認"


def test_what_is_sealed_is_revealed_with_a_reason_and_logged(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker", department="welfare")
    seal(person, {Field.NAME: "山田 花子", Field.PHONE: "090-1234-5678"}, by=officer, at=at)
    assert reveal(person, [Field.NAME], reason=REASON, by=officer, at=at) == {Field.NAME: "山田 花子"}
    (row,) = queries.reveals(municipality=1, subject=person)
    assert (row.fields, row.reason, row.role, row.party, row.department, row.at) == (
        ("name",), REASON, "maker", officer.party, "welfare", at
    )


def test_the_tables_hold_nothing_readable(actor: Make, at: datetime) -> None:
    person = uuid4()
    seal(person, {Field.NAME: "山田花子", Field.ADDRESS: "めぐり町1-2-3"}, by=actor("maker"), at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(encode(ciphertext || wrapped_key, 'hex'), '') FROM vault_sealedrecord"
        )
        (stored,) = cursor.fetchone()
        cursor.execute("SELECT string_agg(encode(digest, 'hex'), '') FROM vault_lookup")
        stored += cursor.fetchone()[0]
    for secret in ("山田花子", "めぐり町"):
        assert secret.encode().hex() not in stored


@pytest.mark.parametrize("reason", ["", "   ", "ab"])
def test_without_a_reason_nothing_is_shown_and_nothing_logged(reason: str, actor: Make, at: datetime) -> None:
    person = uuid4()
    seal(person, {Field.NAME: "山田 花子"}, by=actor("maker"), at=at)
    with pytest.raises(Refusal) as no:
        reveal(person, [Field.NAME], reason=reason, by=actor("checker"), at=at)
    assert no.value.code == "reason_missing"
    assert not RevealLog.objects.exists()


def test_a_role_sees_only_its_fields(actor: Make, at: datetime) -> None:
    person = uuid4()
    seal(person, {Field.NAME: "山田 花子", Field.ADDRESS: "めぐり町1"}, by=actor("maker"), at=at)
    with pytest.raises(Refusal) as no:
        reveal(person, [Field.NAME, Field.ADDRESS], reason=REASON, by=actor("accountant"), at=at)
    assert (no.value.code, no.value.facts["fields"]) == ("field_hidden", "address")


def test_sealing_again_keeps_other_fields_and_takes_out_what_is_none(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker")
    seal(person, {Field.NAME: "山田 花子", Field.PHONE: "090-1234-5678"}, by=officer, at=at)
    seal(person, {Field.NAME: "鈴木 花子", Field.PHONE: None}, by=officer, at=at)
    assert reveal(person, list(Field)[:4], reason=REASON, by=officer, at=at) == {Field.NAME: "鈴木 花子"}
    assert queries.find(Field.PHONE, "09012345678", municipality=1) == ()
    assert queries.find(Field.NAME, "山田花子", municipality=1) == ()


def test_one_subject_named_twice_at_once_keeps_the_later_word(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker")
    first, second = {Field.NAME: "旧", Field.KANA: "キュウ"}, {Field.NAME: "新"}
    seal_many([ToSeal(person, first), ToSeal(person, second)], by=officer, at=at)
    shown = reveal(person, [Field.NAME, Field.KANA], reason=REASON, by=officer, at=at)
    assert shown == {Field.NAME: "新", Field.KANA: "キュウ"}


def test_a_value_is_found_in_any_spelling_and_only_in_its_town(actor: Make, at: datetime) -> None:
    one, other = uuid4(), uuid4()
    seal_many(
        [ToSeal(one, {Field.PHONE: "０９０-1234-5678"}), ToSeal(other, {Field.PHONE: "+81 90 1234 5678"})],
        by=actor("maker"), at=at,
    )
    assert set(queries.find(Field.PHONE, "090 1234 5678", municipality=1)) == {one, other}
    assert queries.find(Field.PHONE, "090 1234 5678", municipality=2) == ()
    assert queries.find(Field.PHONE, "", municipality=1) == ()


def test_a_shared_bank_account_is_noticed(actor: Make, at: datetime) -> None:
    account = {"bank": "0001", "branch": "002", "kind": "1", "number": "1234567", "holder_kana": "ﾔﾏﾀﾞ"}
    people = [uuid4(), uuid4()]
    seal_many([ToSeal(p, {Field.BANK_ACCOUNT: account}) for p in people], by=actor("maker"), at=at)
    assert set(queries.find(Field.BANK_ACCOUNT, account, municipality=1)) == set(people)


def test_strangers_write_nothing(actor: Make, at: datetime) -> None:
    with pytest.raises(Refusal, match="sealing_not_allowed"):
        seal(uuid4(), {Field.NAME: "x"}, by=actor("clerk"), at=at)
    assert not SealedRecord.objects.exists()


def test_forgetting_destroys_key_look_ups_and_login(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("checker")
    seal(person, {Field.NAME: "山田 花子"}, by=officer, at=at)
    make_login(municipality=1, party=person, at=at, email="hanako@example.jp")
    reveal(person, [Field.NAME], reason=REASON, by=officer, at=at)
    assert forget(person, by=officer, at=at) is True
    record = SealedRecord.objects.get(subject=person)
    assert (record.wrapped_key, record.ciphertext, record.forgotten_at) == (None, None, at)
    assert queries.find(Field.NAME, "山田 花子", municipality=1) == ()
    assert queries.login_of(person, municipality=1) is None
    assert queries.is_forgotten(person, municipality=1)
    assert reveal(person, [Field.NAME], reason=REASON, by=officer, at=at) == {}
    assert len(queries.reveals(municipality=1, subject=person)) == 2, "the log outlives the person's data"
    assert forget(person, by=officer, at=at) is False
    assert checks.forgotten_leave_no_trace(1) == []


def test_nobody_is_sealed_again_after_being_forgotten(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("checker")
    seal(person, {Field.NAME: "山田 花子"}, by=officer, at=at)
    forget(person, by=officer, at=at)
    with pytest.raises(Refusal, match="subject_forgotten"):
        seal(person, {Field.NAME: "山田 花子"}, by=officer, at=at)


def test_residents_forget_themselves_and_nobody_else(actor: Make, at: datetime) -> None:
    me, other = uuid4(), uuid4()
    seal_many([ToSeal(me, {Field.NAME: "私"}), ToSeal(other, {Field.NAME: "他"})], by=actor("maker"), at=at)
    assert forget(me, by=actor("resident", me), at=at)
    with pytest.raises(Refusal, match="sealing_not_allowed"):
        forget(other, by=actor("resident", me), at=at)


def test_a_bulk_look_needs_an_approval_which_is_logged(actor: Make, at: datetime) -> None:
    people = [uuid4() for _ in range(REVEAL_MOST + 1)]
    officer, approval = actor("checker"), uuid4()
    with pytest.raises(Refusal, match="too_many_revealed"):
        reveal_many(people, [Field.NAME], reason=REASON, by=officer, at=at)
    assert not RevealLog.objects.exists()
    reveal_many(people, [Field.NAME], reason=REASON, by=officer, at=at, approval=approval)
    assert RevealLog.objects.count() == len(people)
    assert str(approval) in queries.reveals(municipality=1, limit=1)[0].reason


@pytest.mark.parametrize("statement", ["UPDATE vault_reveallog SET reason = 'x'", "DELETE FROM vault_reveallog"])
def test_the_log_of_reveals_is_append_only(statement: str, actor: Make, at: datetime) -> None:
    reveal(uuid4(), [Field.NAME], reason=REASON, by=actor("maker"), at=at)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_empty_reason_is_refused_by_the_database_too(at: datetime) -> None:
    with pytest.raises(IntegrityError, match="nobody_looks_without_a_reason"), transaction.atomic():
        RevealLog.objects.create(
            id=uuid4(), municipality=1, subject=uuid4(), fields=[], reason="", by_role="maker", at=at
        )


def test_a_wrong_key_stops_the_work_before_anything_is_lost(
    actor: Make, at: datetime, settings: LazySettings
) -> None:
    person = uuid4()
    seal(person, {Field.NAME: "山田 花子"}, by=actor("maker"), at=at)
    settings.VAULT_KEY = "ab" * 32
    with pytest.raises(WrongTownKeyError):
        seal(person, {Field.NAME: "鈴木 花子"}, by=actor("maker"), at=at)
    assert len(checks.sealed_records_open(1)) == 1, "the nightly check says which record does not open"


def test_the_nightly_checks_are_silent_when_all_is_well(actor: Make, at: datetime) -> None:
    seal(uuid4(), {Field.NAME: "山田 花子"}, by=actor("maker"), at=at)
    assert checks.sealed_records_open(1) == []
    assert checks.forgotten_leave_no_trace(1) == []


def test_a_trace_of_somebody_forgotten_rings_the_alarm(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("checker")
    seal(person, {Field.NAME: "山田 花子"}, by=officer, at=at)
    forget(person, by=officer, at=at)
    LookUp.objects.create(id=uuid4(), municipality=1, subject=person, field="name", digest=b"x" * 32)
    make_login(municipality=1, party=person, at=at, email="late@example.jp")
    assert len(checks.forgotten_leave_no_trace(1)) == 2


def test_one_address_is_one_login_in_a_town(at: datetime) -> None:
    make_login(municipality=1, party=uuid4(), at=at, email="Hanako@example.jp", phone="090-1234-5678")
    for again in ({"email": "hanako@example.jp"}, {"phone": "+819012345678"}):
        with pytest.raises(Refusal, match="login_taken"):
            make_login(municipality=1, party=uuid4(), at=at, **again)  # type: ignore[arg-type]
    make_login(municipality=2, party=uuid4(), at=at, email="hanako@example.jp")
    assert Login.objects.count() == 2


def test_a_login_needs_a_way_to_reach_the_person(at: datetime) -> None:
    with pytest.raises(Refusal, match="login_taken"):
        make_login(municipality=1, party=uuid4(), at=at)
    make_login(municipality=1, party=uuid4(), at=at, demo=True)


def test_a_phone_that_is_none_is_refused(at: datetime) -> None:
    with pytest.raises(Refusal, match="phone_unreadable"):
        make_login(municipality=1, party=uuid4(), at=at, phone="でんわ")


def test_a_login_changes_and_closes(at: datetime) -> None:
    party, resident = uuid4(), uuid4()
    login = make_login(municipality=1, party=party, at=at, phone="090-1234-5678")
    operations.set_phone(login, "080-1111-2222", verified=True)
    assert operations.rebind_login(login, before=party, party=resident)
    assert not operations.rebind_login(login, before=party, party=uuid4()), "it speaks for somebody else by now"
    operations.set_password(login, "a long enough password")
    operations.close_login(login)
    found = queries.login_of(resident, municipality=1)
    assert found is not None
    assert (found.phone, found.is_active) == ("+818011112222", False)
    assert Login.objects.get(id=login).check_password("a long enough password")
    assert queries.login_of(party, municipality=1) is None
    assert queries.login_with_phone("080 1111 2222", municipality=1) == found
    assert str(Login.objects.get(id=login)) == str(login), "a login's text never shows its address"


def test_a_login_does_not_take_over_somebody_who_has_one(at: datetime) -> None:
    taken = uuid4()
    make_login(municipality=1, party=taken, at=at, email="a@example.jp")
    free = uuid4()
    other = make_login(municipality=1, party=free, at=at, email="b@example.jp", phone="090-1234-5678")
    with pytest.raises(Refusal, match="login_taken"):
        operations.rebind_login(other, before=free, party=taken)
    third = make_login(municipality=1, party=uuid4(), at=at, email="c@example.jp")
    with pytest.raises(Refusal, match="login_taken"):
        operations.set_phone(third, "090-1234-5678", verified=True)


def test_demo_people_are_those_marked_so(at: datetime) -> None:
    shown = make_login(municipality=1, party=uuid4(), at=at, demo=True)
    make_login(municipality=1, party=uuid4(), at=at, email="real@example.jp")
    assert [login.id for login in queries.demo_logins(1)] == [shown]


def test_the_log_is_paged_from_the_newest(actor: Make, at: datetime) -> None:
    person, officer = uuid4(), actor("maker")
    for minute in range(5):
        reveal(person, [Field.NAME], reason=f"理由の{minute}番", by=officer, at=at + timedelta(minutes=minute))
    first = queries.reveals(municipality=1, by=officer.party, limit=3)
    rest = queries.reveals(municipality=1, by=officer.party, limit=3, after=first[-1].id)
    assert [r.reason[-2] for r in (*first, *rest)] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    "table", ["vault_login", "vault_sealedrecord", "account_emailaddress", "mfa_authenticator"]
)
def test_what_could_name_a_person_lies_in_the_schema_vault(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_schema FROM information_schema.tables WHERE table_name = %s", [table])
        assert cursor.fetchall() == [("vault",)]


def test_two_thousand_people_are_sealed_at_once(actor: Make, at: datetime) -> None:
    people = [ToSeal(uuid4(), {Field.NAME: f"人 {n}", Field.PHONE: f"090{n:08d}"}) for n in range(2_000)]
    seal_many(people, by=actor("system"), at=at)
    assert queries.find(Field.PHONE, "090-0000-0007", municipality=1) == (people[7].subject,)
