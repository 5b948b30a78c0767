"""Working or studying in the town: said by the person, confirmed by an officer, forgotten with the person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.parties import commuting, queries
from meguri.parties.models import Commuter, CommuterKind, CommuterProof, CommuterState
from meguri.parties.operations import (
    end_commuter,
    forget_person,
    record_commuter,
    refuse_commuter,
    reveal_person,
    withdraw_commuter,
)
from meguri.parties.queries import CommuterView
from meguri.vault.queries import find
from meguri.vault.rules import Field
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.parties.commuting_town import BORN, SINCE, UNTIL, confirm, confirmed, declare
from tests.parties.conftest import AT, Town, entry

TODAY = date(2026, 10, 1)


def view(town: Town, commuter: object) -> CommuterView:
    found = queries.commuter(commuter, municipality=town.municipality)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_every_word_of_the_models_has_its_words_for_people() -> None:
    assert commuting.KINDS.keys() == commuting.PLACES.keys() == {*CommuterKind.values}
    assert commuting.PROOFS.keys() == {*CommuterProof.values}
    assert commuting.STATES.keys() == {*CommuterState.values}


def test_what_was_said_waits_and_its_names_lie_in_the_vault(town: Town) -> None:
    me, maker = town.actor("resident"), town.actor("maker")
    assert me.party is not None
    said = declare(me)
    assert (view(town, said).state, view(town, said).first_day) == ("waiting", None)
    assert [each.id for each in queries.commuters(1, state="waiting")] == [said]
    assert queries.commuters_waiting(1) == 1
    fields = [Field.NAME, Field.WORKPLACE, Field.SCHOOL]
    shown = reveal_person(me.party, fields, reason="在勤の確認", by=maker, at=AT)
    assert shown == {Field.NAME: "外山 通", Field.WORKPLACE: "めぐり製作所"}
    row = Commuter.objects.filter(id=said).values().get()
    assert not {"外山 通", "めぐり製作所"} & {str(value) for value in row.values()}, "outside there is no name"


def test_an_officer_who_saw_the_card_confirms_it_from_day_to_day(town: Town) -> None:
    me, maker = town.actor("resident"), town.actor("maker")
    told = confirm(declare(me), maker)
    assert (told.state, told.proof, told.first_day, told.last_day) == ("confirmed", "employee_card", SINCE, UNTIL)
    assert (told.decided_by, told.decided_at) == (maker.party, AT)
    assert queries.commuters_of([me.party, uuid4()], municipality=1) == {me.party: (told,)}  # type: ignore[list-item]


def record(by: Actor, **more: Any) -> CommuterView:
    """As the desk's form sends it, with an employee card on the counter."""
    typed: dict[str, Any] = {
        "kind": "work", "place": "めぐり製作所", "name": "窓口 花", "birth_date": BORN, "proof": "employee_card",
        "first_day": SINCE, "last_day": UNTIL, **more,
    }  # fmt: skip
    return record_commuter(by=by, at=AT, **typed)


def test_an_officer_writes_it_down_for_somebody_without_a_phone_and_the_row_says_who(town: Town) -> None:
    maker = town.actor("maker")
    told = record(maker)
    assert (told.state, told.recorded_by, told.decided_by, told.proof) == (
        "confirmed", maker.party, maker.party, "employee_card",
    )  # fmt: skip
    assert find(Field.NAME, "窓口 花", municipality=1) == (told.person,)
    facts = queries.resident_facts([told.person], municipality=1, on=SINCE)[told.person]
    assert (facts.works_in_town, facts.resident, facts.studies_in_town) == (True, False, False)
    assert view(town, confirm(declare(town.actor("resident")), maker).id).recorded_by is None


@pytest.mark.parametrize(("wrong", "code"), [
    ({"kind": "play"}, "commuter_kind_missing"), ({"place": " "}, "commuter_word_wrong"),
    ({"name": ""}, "commuter_word_wrong"), ({"birth_date": date(2999, 1, 1)}, "commuter_word_wrong"),
    ({"proof": ""}, "commuter_proof_wrong"), ({"last_day": date(2020, 1, 1)}, "commuter_days_wrong"),
])
def test_what_is_wrong_at_the_desk_leaves_nothing_behind(town: Town, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        record(town.actor("maker"), **wrong)
    assert queries.commuters(1) == ()
    assert find(Field.NAME, "窓口 花", municipality=1) == ()


def test_nobody_is_written_down_twice_nor_past_their_own_word(town: Town) -> None:
    maker, said = town.actor("maker"), town.actor("resident")
    declare(said)
    with pytest.raises(Refusal, match="commuter_said_already"):
        record(maker, name="外山 通")
    record(maker)
    with pytest.raises(Refusal, match="commuter_twice"):
        record(maker, name="窓口　花", kind="study")
    assert record(maker, is_another=True).state == "confirmed"
    for role in ("resident", "checker"):
        with pytest.raises(Refusal, match="not_allowed"):
            record(town.actor(role), name="別人 名")
    with pytest.raises(IntegrityError, match="what_an_officer_recorded"), transaction.atomic():
        Commuter.objects.filter(state="confirmed").update(state="waiting")


def test_saying_it_again_is_a_new_word_and_the_old_one_cannot_be_confirmed(town: Town) -> None:
    """No officer confirms a name that was changed after they had looked at it."""
    me = town.actor("resident")
    first, second = declare(me), declare(me, name="別人 名")
    assert [each.id for each in queries.commuters(1, state="waiting")] == [second]
    with pytest.raises(Refusal, match="commuter_decided") as no:
        confirm(first, town.actor("maker"))
    assert "取下げ" in no.value.sentence("ja")
    assert "withdrawn" in no.value.sentence("en")


def test_work_and_study_are_two_words(town: Town) -> None:
    me = town.actor("resident")
    declare(me)
    declare(me, "study", place="めぐり大学")
    assert {each.kind for each in queries.commuters(1, state="waiting")} == {"work", "study"}


def test_a_confirmed_name_stays_as_the_officer_saw_it(town: Town) -> None:
    me = town.actor("resident")
    confirmed(town, me)
    declare(me, "study", place="めぐり大学", name="別人 名")
    assert find(Field.NAME, "外山通", municipality=1) == (me.party,)
    assert find(Field.NAME, "別人 名", municipality=1) == ()


def test_the_registers_name_and_birth_date_stay_the_registers(town: Town) -> None:
    (person,) = town.residents(entry("1", moved_out=date(2026, 5, 1), sealed={Field.NAME: "中町 一"}))
    said = declare(town.actor("resident", party=person), name="", birth_date=date(2001, 1, 1))
    assert view(town, said).birth_date == date(1980, 5, 5)
    assert find(Field.NAME, "中町 一", municipality=1) == (person,)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"), ({"name": "あ" * 101}, "name"), ({"name": "外山\x00通"}, "name"),
        ({"place": ""}, "place"), ({"place": "社" * 101}, "place"), ({"birth_date": None}, "birth_date"),
        ({"birth_date": TODAY + timedelta(days=1)}, "birth_date"), ({"birth_date": date(1879, 12, 31)}, "birth_date"),
    ],
)
def test_a_word_that_says_nothing_is_named(change: dict[str, Any], field: str, town: Town) -> None:
    with pytest.raises(Refusal, match="commuter_word_wrong") as no:
        declare(town.actor("resident"), **change)
    assert no.value.field == field
    assert not Commuter.objects.exists()


@pytest.mark.parametrize("kind", ["", "live"])
def test_one_works_or_studies(kind: str, town: Town) -> None:
    with pytest.raises(Refusal, match="commuter_kind_missing"):
        declare(town.actor("resident"), kind)


def test_who_was_born_today_is_somebody(town: Town) -> None:
    assert view(town, declare(town.actor("resident"), birth_date=TODAY)).birth_date == TODAY


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"last_day": SINCE - timedelta(days=1)}, "commuter_days_wrong"),
        ({"last_day": date(2032, 10, 2)}, "commuter_days_wrong"),
        ({"proof": "word"}, "commuter_proof_wrong"), ({"proof": ""}, "commuter_proof_wrong"),
    ],
)
def test_a_confirmation_needs_days_and_a_proof(change: dict[str, Any], code: str, town: Town) -> None:
    said = declare(town.actor("resident"))
    with pytest.raises(Refusal, match=code):
        confirm(said, town.actor("maker"), **change)
    assert view(town, said).state == "waiting"


def test_one_day_is_enough_and_six_years_are_the_most(town: Town) -> None:
    assert confirm(declare(town.actor("resident")), town.actor("maker"), last_day=SINCE).last_day == SINCE
    late = confirm(declare(town.actor("resident"), name="別 人"), town.actor("maker"), last_day=date(2032, 10, 1))
    assert late.last_day == date(2032, 10, 1)


def test_what_is_decided_is_decided_once(town: Town) -> None:
    said, maker = declare(town.actor("resident")), town.actor("maker")
    confirm(said, maker)
    with pytest.raises(Refusal, match="commuter_decided"):
        confirm(said, maker, last_day=UNTIL + timedelta(days=1))
    assert view(town, said).last_day == UNTIL


def test_an_officer_who_commutes_is_confirmed_by_another(town: Town) -> None:
    maker = town.actor("maker")
    said = declare(town.actor("resident", party=maker.party))
    with pytest.raises(Refusal, match="commuter_own"):
        confirm(said, maker)
    with pytest.raises(Refusal, match="commuter_own"):
        refuse_commuter(said, reason="書類の不足", by=maker, at=AT)
    assert confirm(said, town.actor("operator")).state == "confirmed"


@pytest.mark.parametrize("role", ["visitor", "resident", "clerk", "owner", "checker", "accountant", "analyst"])
def test_nobody_else_confirms(role: str, town: Town) -> None:
    said = declare(town.actor("resident"))
    with pytest.raises(Refusal, match="not_allowed"):
        confirm(said, town.actor(role))
    with pytest.raises(Refusal, match="not_allowed"):
        refuse_commuter(said, reason="書類の不足", by=town.actor(role), at=AT)


def test_an_officer_of_another_town_finds_nothing(town: Town) -> None:
    said = declare(town.actor("resident"))
    with pytest.raises(Refusal, match="commuter_unknown"):
        confirm(said, Town(municipality=2).actor("maker"))
    assert queries.commuter(said, municipality=2) is None


def test_a_refusal_needs_a_reason_and_lets_the_person_say_it_anew(town: Town) -> None:
    me, maker = town.actor("resident"), town.actor("maker")
    said = declare(me)
    with pytest.raises(Refusal, match="commuter_reason_missing"):
        refuse_commuter(said, reason=" 　", by=maker, at=AT)
    told = refuse_commuter(said, reason=" 社員証の期限が切れています ", by=maker, at=AT)
    assert (told.state, told.reason) == ("refused", "社員証の期限が切れています")
    assert confirm(declare(me), maker).state == "confirmed"


def test_what_a_forged_card_brought_is_taken_back_from_its_first_day(town: Town) -> None:
    me, maker = town.actor("resident"), town.actor("maker")
    said = confirmed(town, me)
    assert me.party is not None
    assert me.party in queries.resident_facts([me.party], municipality=1, on=SINCE)
    refuse_commuter(said, reason="証明書が本物ではありませんでした", by=maker, at=AT)
    assert queries.resident_facts([me.party], municipality=1, on=SINCE) == {}
    with pytest.raises(Refusal, match="commuter_decided"):
        refuse_commuter(said, reason="もう一度", by=maker, at=AT)


def test_who_leaves_the_company_is_no_worker_from_the_next_day(town: Town) -> None:
    me, maker, last = town.actor("resident"), town.actor("maker"), date(2026, 9, 30)
    said = confirmed(town, me)
    assert me.party is not None
    assert end_commuter(said, last_day=last, by=maker).last_day == last
    assert me.party in queries.resident_facts([me.party], municipality=1, on=last)
    assert queries.resident_facts([me.party], municipality=1, on=last + timedelta(days=1)) == {}
    for wrong in (last + timedelta(days=1), SINCE - timedelta(days=1)):
        with pytest.raises(Refusal, match="commuter_days_wrong"):
            end_commuter(said, last_day=wrong, by=maker)
    with pytest.raises(Refusal, match="commuter_decided"):
        end_commuter(declare(me), last_day=last, by=maker)


def test_a_person_takes_the_own_word_back_and_no_other(town: Town) -> None:
    me, other = town.actor("resident"), town.actor("resident")
    said = declare(me)
    with pytest.raises(Refusal, match="not_allowed"):
        withdraw_commuter(said, by=other)
    withdraw_commuter(said, by=me)
    assert view(town, said).state == "withdrawn"
    with pytest.raises(Refusal, match="commuter_decided"):
        withdraw_commuter(said, by=me)


def test_one_person_under_two_sign_ins_is_confirmed_once(town: Town) -> None:
    """Fraud is at the application: the same name, however it is spelt, and the same birthday."""
    maker = town.actor("maker")
    confirmed(town, town.actor("resident"))
    again = declare(town.actor("resident"), name="外山　通")
    with pytest.raises(Refusal, match="commuter_twice") as no:
        confirm(again, maker)
    assert (no.value.field, no.value.facts["known"]) == ("is_another", 1)
    assert view(town, again).state == "waiting"
    assert confirm(again, maker, is_another=True).state == "confirmed", "two people may bear one name"


def test_a_resident_of_the_same_name_is_known_too_while_living_here(town: Town) -> None:
    sealed = {Field.NAME: "外山 通"}
    town.residents(entry("1", birth_date=BORN, sealed=sealed))
    with pytest.raises(Refusal, match="commuter_twice"):
        confirm(declare(town.actor("resident")), town.actor("maker"))
    town.residents(entry("1", birth_date=BORN, sealed=sealed, moved_out=TODAY))
    assert confirm(declare(town.actor("resident")), town.actor("maker")).state == "confirmed"


@pytest.mark.parametrize("change", [{"birth_date": BORN + timedelta(days=1)}, {"name": "外山 通子"}])
def test_another_birthday_or_name_is_another_person(change: dict[str, Any], town: Town) -> None:
    confirmed(town, town.actor("resident"))
    assert confirm(declare(town.actor("resident"), **change), town.actor("maker")).state == "confirmed"


def test_what_is_over_is_no_hindrance(town: Town) -> None:
    confirmed(town, town.actor("resident"), last_day=TODAY - timedelta(days=1))
    assert confirm(declare(town.actor("resident")), town.actor("maker")).state == "confirmed"


def test_the_list_of_what_waits_goes_on_from_its_last_row(town: Town) -> None:
    said = [declare(town.actor("resident"), name=f"人 {number}") for number in range(3)]
    first = queries.commuters(1, state="waiting", limit=2)
    rest = queries.commuters(1, state="waiting", after=first[-1].id)
    assert [each.id for each in (*first, *rest)] == said, "who came first stands first"
    assert [each.id for each in queries.commuters(1, limit=2)] == said[:0:-1], "the log has the newest first"
    assert [each.id for each in queries.commuters(1, after=said[1])] == said[:1]


def test_forgetting_leaves_a_year_and_no_words(town: Town) -> None:
    me, maker = town.actor("resident"), town.actor("maker")
    assert me.party is not None
    said = confirmed(town, me)
    refused, waiting = declare(me, "study"), None
    refuse_commuter(refused, reason="外山さんの学生証は他校のもの", by=maker, at=AT)
    waiting = declare(me, "study")
    assert forget_person(me.party, by=me, at=AT)
    rows = {row.id: row for row in Commuter.objects.all()}
    assert {row.birth_date for row in rows.values()} == {date(1990, 1, 1)}
    assert [rows[each].state for each in (said, refused, waiting)] == ["confirmed", "refused", "withdrawn"]
    assert [rows[each].reason for each in (said, refused, waiting)] == ["", "…", ""]
    assert find(Field.NAME, "外山 通", municipality=1) == find(Field.WORKPLACE, "めぐり製作所", municipality=1) == ()
    with pytest.raises(Refusal, match="subject_forgotten"):
        declare(me)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"kind": "play"}, "a_commuter_works_or_studies"), ({"state": "maybe"}, "a_commuter_state_is_known"),
        ({"proof": ""}, "a_confirmed_commuter_has_proof_days_and_judge"),
        ({"valid_until": None}, "a_confirmed_commuter_has_proof_days_and_judge"),
        ({"valid_from": None}, "a_confirmed_commuter_has_proof_days_and_judge"),
        ({"decided_by": None}, "a_confirmed_commuter_has_proof_days_and_judge"),
        ({"decided_at": None}, "a_confirmed_commuter_has_proof_days_and_judge"),
        ({"state": "refused"}, "a_refused_commuter_is_told_why"),
        ({"valid_until": SINCE}, "a_commuter_comes_no_longer_after_coming_first"),
    ],
)
def test_the_database_knows_it_too(change: dict[str, Any], constraint: str, town: Town) -> None:
    said = confirmed(town, town.actor("resident"))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Commuter.objects.filter(id=said).update(**change)


def test_the_database_lets_nobody_confirm_oneself_or_wait_twice(town: Town) -> None:
    me = town.actor("resident")
    said = confirmed(town, me)
    with pytest.raises(IntegrityError, match="nobody_confirms_oneself"), transaction.atomic():
        Commuter.objects.filter(id=said).update(decided_by=me.party)
    declare(me)
    with pytest.raises(IntegrityError, match="one_waiting_commuter_of_a_person_and_kind"), transaction.atomic():
        Commuter.objects.filter(id=said).update(state="waiting")
