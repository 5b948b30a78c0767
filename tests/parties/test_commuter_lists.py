"""A company's or school's list confirms who waits and stands in it: every wrong line is named, nothing half done."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties import queries
from meguri.parties.commuting import LIST_MOST, Listed, ListFault, read_list
from meguri.parties.operations import confirm_listed
from meguri.words.refusal import Refusal
from tests.parties.commuting_town import BORN, SINCE, UNTIL, confirm, confirmed, declare
from tests.parties.conftest import AT, Town, entry

HEAD = "氏名,生年月日,区分,いつから,いつまで"
LINE = "外山 通,平成2年6月15日,在勤,令和8年4月1日,令和9年3月31日"
TODAY = date(2026, 10, 1)


def listed(*lines: str, head: str = HEAD) -> str:
    return "\r\n".join([head, *lines])


def faults(text: str) -> list[ListFault]:
    with pytest.raises(Refusal, match="commuter_list_has_faults") as no:
        read_list(text, today=TODAY)
    found = no.value.facts["all_faults"]
    assert isinstance(found, tuple)
    assert (no.value.facts["faults"], no.value.facts["line"]) == (len(found), found[0].line)
    return list(found)


def test_a_list_is_read_as_companies_write_it() -> None:
    assert read_list(listed(LINE, "", ",,,,"), today=TODAY) == (Listed(2, "外山 通", BORN, "work", SINCE, UNTIL),)
    english = "\ufeffname,remark,birth_date,kind,from,until\nToyama Toru,x,1990-06-15,study,2026-04-01,2027-03-31"
    assert read_list(english, today=TODAY) == (Listed(2, "Toyama Toru", BORN, "study", SINCE, UNTIL),)


@given(st.permutations(HEAD.split(",")))
def test_the_order_of_the_columns_is_free(order: list[str]) -> None:
    cells = dict(zip(HEAD.split(","), LINE.split(","), strict=True))
    text = listed(",".join(cells[head] for head in order), head=",".join(order))
    assert read_list(text, today=TODAY)[0].birth_date == BORN


@pytest.mark.parametrize("head", HEAD.split(","))
def test_an_absent_column_is_named(head: str) -> None:
    with pytest.raises(Refusal, match="commuter_list_unreadable") as no:
        read_list(listed(LINE, head=HEAD.replace(head, "その他")), today=TODAY)
    assert f"足りない列: {head})" in no.value.sentence("ja")
    assert "(absent: " in no.value.sentence("en")


@pytest.mark.parametrize("text", ["", "\n", '"', "ただの文"])
def test_what_is_no_list_names_all_columns(text: str) -> None:
    with pytest.raises(Refusal, match="commuter_list_unreadable") as no:
        read_list(text, today=TODAY)
    assert HEAD.replace(",", "・") in no.value.sentence("ja").partition("足りない列")[2]
    assert "(absent: name, birth_date, kind, from, until)" in no.value.sentence("en")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (LINE.replace("外山 通", " "), "氏名: "), (LINE.replace("平成2年", "平成99年"), "生年月日: "),
        (LINE.replace("平成2年", "令和9年"), "生年月日が"), (LINE.replace("在勤", "在宅"), "区分は"),
        (LINE.replace("令和8年4月1日", "4月1日"), "いつから: "), (LINE.replace("令和9年", "令和7年"), "いつまで: "),
        ("外山 通", "区分は"), (LINE.replace(",令和9年3月31日", ""), "いつまで: "),
    ],
)
def test_a_wrong_line_is_named_with_what_is_wrong(line: str, what: str) -> None:
    (found,) = faults(listed(LINE.replace("通", "徹"), line))
    assert found.line == 3
    assert found.what.ja.startswith(what)
    assert found.what.en


def test_all_wrong_lines_are_named_in_their_order() -> None:
    lines = [LINE.replace("在勤", "?"), LINE, LINE.replace("外山 通", "外山　通"), LINE.replace("在勤", "在学"), "x,y"]
    assert [fault.line for fault in faults(listed(*lines))] == [2, 4, 6]
    assert "前の行" in faults(listed(*lines))[1].what.ja


def test_a_list_has_its_length() -> None:
    lines = [LINE.replace("通", f"通{number}") for number in range(LIST_MOST + 1)]
    with pytest.raises(Refusal, match="commuter_list_too_long"):
        read_list(listed(*lines), today=TODAY)
    assert len(read_list(listed(*lines[:-1]), today=TODAY)) == LIST_MOST


def test_who_waits_and_stands_in_the_list_is_confirmed_and_nobody_else(town: Town) -> None:
    maker, me, other = town.actor("maker"), town.actor("resident"), town.actor("resident")
    mine, not_listed = declare(me), declare(other, name="欠 席")
    lines = [LINE, LINE.replace("外山 通", "未 申出")]
    matches = confirm_listed(listed(*lines), by=maker, at=AT)
    assert [(match.listed.line, match.state, match.commuter) for match in matches] == [
        (2, "found", mine), (3, "absent", None),
    ]
    told = queries.commuter(mine, municipality=1)
    assert told is not None
    assert (told.state, told.proof, told.first_day, told.last_day) == ("confirmed", "list", SINCE, UNTIL)
    assert [each.id for each in queries.commuters(1, state="waiting")] == [not_listed]
    assert [match.state for match in confirm_listed(listed(*lines), by=maker, at=AT)] == ["absent", "absent"]


def test_another_birthday_or_kind_is_not_in_the_list(town: Town) -> None:
    declare(town.actor("resident"), birth_date=date(1990, 6, 16))
    declare(town.actor("resident"), "study")
    (match,) = confirm_listed(listed(LINE), by=town.actor("maker"), at=AT)
    assert match.state == "absent"


def test_whom_the_town_knows_already_is_left_for_an_officers_own_eyes(town: Town) -> None:
    maker = town.actor("maker")
    twice = [declare(town.actor("resident")), declare(town.actor("resident"))]
    assert [match.state for match in confirm_listed(listed(LINE), by=maker, at=AT)] == ["unclear"]
    confirm(twice[0], maker)
    assert [match.state for match in confirm_listed(listed(LINE), by=maker, at=AT)] == ["unclear"]
    assert [each.id for each in queries.commuters(1, state="waiting")] == twice[1:]


def test_a_resident_who_is_listed_and_asked_for_nothing_is_left_alone(town: Town) -> None:
    town.residents(entry("1", birth_date=BORN, sealed={"name": "外山 通"}))  # type: ignore[dict-item]
    (match,) = confirm_listed(listed(LINE), by=town.actor("maker"), at=AT)
    assert (match.state, queries.commuters(1)) == ("absent", ())


def test_one_wrong_line_confirms_nobody(town: Town) -> None:
    declare(town.actor("resident"))
    with pytest.raises(Refusal, match="commuter_list_has_faults"):
        confirm_listed(listed(LINE, LINE.replace("在勤", "?")), by=town.actor("maker"), at=AT)
    assert queries.commuters_waiting(1) == 1


def test_a_list_confirms_no_officer_who_sends_it_and_then_nobody(town: Town) -> None:
    maker = town.actor("maker")
    declare(town.actor("resident"), name="先 人")
    declare(town.actor("resident", party=maker.party))
    with pytest.raises(Refusal, match="commuter_own"):
        confirm_listed(listed(LINE.replace("外山 通", "先 人"), LINE), by=maker, at=AT)
    assert queries.commuters_waiting(1) == 2


def test_looking_first_writes_nothing(town: Town) -> None:
    declare(town.actor("resident"))
    (match,) = queries.match_list(read_list(listed(LINE), today=TODAY), municipality=1, on=TODAY)
    assert (match.state, queries.commuters_waiting(1)) == ("found", 1)


def test_only_who_confirms_may_send_a_list(town: Town) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        confirm_listed(listed(LINE), by=town.actor("checker"), at=AT)


def test_what_is_over_hinders_no_line(town: Town) -> None:
    confirmed(town, town.actor("resident"), last_day=date(2026, 9, 30))
    declare(town.actor("resident"))
    assert [match.state for match in confirm_listed(listed(LINE), by=town.actor("maker"), at=AT)] == ["found"]
