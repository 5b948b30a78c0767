"""Counting paper notes over the API: one verdict for each scan, whoever sends what, and in whatever form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from meguri.words.actor import ActorRole
from tests.faces.api.conftest import Caller, set_clock, token
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, Paper
from tests.tills.test_extended_notes import only_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> Paper:
    """Counting needs no thread of the tills, so nothing is committed."""
    found = only_paper(4)
    found.sell(1, 2)
    set_clock(found.town, found.town.at)
    return found


@pytest.fixture
def caller(paper: Paper) -> Caller:
    return Caller(paper.town)


def asked(notes: list[str], **more: Any) -> dict[str, Any]:
    return {"delivery": uuid4(), "notes": notes} | more


def count(caller: Caller, body: Mapping[str, Any], *, by: Any = None) -> Any:
    return caller.call("notes_count", body, by=by or caller.town.at_small_shop)


def test_each_scan_has_its_row_with_number_code_and_both_languages(caller: Caller, paper: Paper) -> None:
    made = count(caller, asked([paper.code(1, 1), "  <b>x</b> ", paper.code(3, 2), paper.code(1, 1), paper.code(1, 0)]))
    rows = made["notes"]
    assert [row["state"] for row in rows] == ["counted", "refused", "refused", "again", "refused"]
    assert [row["code"] for row in rows] == ["", "note_unreadable", "note_not_sold", "", "note_not_genuine"]
    assert [row["yen"] for row in rows] == [FACE_YEN, 0, 0, 0, 0]
    assert rows[0]["number"] == paper.cover(1).of(1).digits == rows[3]["number"]
    assert rows[0]["payment"] == rows[3]["payment"] is not None
    for row in rows:
        assert bool(row["ja"]) == bool(row["en"]) == (row["state"] == "refused")
        assert row["ja"] != row["en"] or row["state"] != "refused"
        assert row["payment"] is None or row["state"] != "refused"
    assert (made["count"], made["yen"], made["cash_yen"]) == (1, FACE_YEN, 0)


def test_no_answer_gives_a_secret_back_or_names_another_shop(caller: Caller, paper: Paper) -> None:
    count(caller, asked(paper.codes(1, [1, 2])))
    body = asked([*paper.codes(1, [1, 2]), paper.code(2, 1)])
    answer = caller.ask("notes_count", body, by=caller.town.at_large_shop).content.decode()
    assert "note_paid_before" in answer
    assert "八百屋まるは" not in answer
    assert all(code[-16:] not in answer for code in body["notes"])


def test_a_clerk_counts_for_no_shop_but_the_own_whatever_is_asked(caller: Caller, paper: Paper) -> None:
    body = asked([paper.code(1, 1)], shop=caller.town.large_shop)
    assert count(caller, body)["count"] == 1
    assert (paper.takings(), paper.takings(caller.town.large_shop)) == (FACE_YEN, 0)
    owner = caller.town.actor(ActorRole.OWNER, shop=caller.town.large_shop)
    count(caller, asked([paper.code(1, 2)], shop=caller.town.small_shop), by=owner)
    assert paper.takings(caller.town.large_shop) == FACE_YEN


def test_the_desk_names_the_shop_and_must_name_one_that_is_there(caller: Caller, paper: Paper) -> None:
    desk = caller.town.actor(ActorRole.OPERATOR)
    for wrong in ({}, {"shop": None}, {"shop": uuid4()}):
        told = caller.refused("notes_count", asked([paper.code(1, 1)], **wrong), by=desk)
        assert told["code"] == "shop_not_registered"
    made = count(caller, asked(paper.codes(1), shop=caller.town.large_shop), by=desk)
    assert (made["count"], made["yen"]) == (COMMON, COMMON * FACE_YEN)
    assert {row["code"] for row in made["notes"][COMMON:]} == {"note_not_here"}


def test_who_has_no_till_counts_nothing(caller: Caller, paper: Paper) -> None:
    for role in (ActorRole.RESIDENT, ActorRole.CHECKER, ActorRole.ACCOUNTANT, ActorRole.SYSTEM):
        by = caller.town.actor(role, party=caller.town.holder, department="commerce")
        told = caller.refused("notes_count", asked(paper.codes(1), shop=caller.town.small_shop), by=by)
        assert told["status"] == 403, role
    assert paper.takings() == 0


def test_a_token_for_something_else_counts_nothing(caller: Caller, paper: Paper) -> None:
    for by in ("", "nonsense", token(caller.town.at_small_shop, "till.refund")):
        assert caller.refused("notes_count", asked([paper.code(1, 1)]), by=by)["status"] in (401, 403)
    assert paper.takings() == 0


BROKEN: list[tuple[str, Any]] = [
    ("delivery", "pile 1"), ("delivery", None), ("notes", None), ("notes", "https://x"), ("notes", [1]),
    ("notes", [None]), ("notes", [["x"]]), ("due_yen", "viel"), ("due_yen", 1.5), ("no_change", "perhaps"),
    ("shop", "八百屋"),
]  # fmt: skip


def test_a_body_of_another_form_is_refused_as_a_whole_and_names_the_field(caller: Caller, paper: Paper) -> None:
    for field, wrong in BROKEN:
        body = asked([paper.code(1, 1)]) | {field: wrong}
        told = caller.refused("notes_count", body, by=caller.town.at_small_shop)
        assert told["status"] == 422, field
        assert field in str(told)
    assert paper.takings() == 0


def test_none_too_many_and_too_much_are_refused_before_anything_is_paid(caller: Caller, paper: Paper) -> None:
    clerk, many = caller.town.at_small_shop, paper.codes(1) * 17
    assert caller.refused("notes_count", asked([]), by=clerk)["code"] == "notes_missing"
    assert caller.refused("notes_count", asked(many[:201]), by=clerk)["code"] == "notes_too_many"
    for due in (0, -5, BOOKLET_YEN - 1):
        told = caller.refused("notes_count", asked(paper.codes(1), due_yen=due), by=clerk)
        assert told["code"] == "no_change"
        assert told["status"] == 409
    assert paper.takings() == 0
    made = count(caller, asked(many[:200], due_yen=BOOKLET_YEN))
    assert (made["count"], made["cash_yen"], len(made["notes"])) == (NOTES, 0, 200)


def test_the_same_request_again_says_the_same_money(caller: Caller, paper: Paper) -> None:
    body = asked([*paper.codes(1, [1, 9]), "x"], due_yen=2_300)
    first, *later = [count(caller, body) for _ in range(3)]
    for made in later:
        assert {key: made[key] for key in ("delivery", "count", "yen", "cash_yen")} == {
            "delivery": str(body["delivery"]), "count": 2, "yen": 2_000, "cash_yen": 300,
        }  # fmt: skip
        assert [row["payment"] for row in made["notes"]] == [row["payment"] for row in first["notes"]]
        assert [row["state"] for row in made["notes"]] == ["again", "again", "refused"]
    other = caller.refused("notes_count", body, by=caller.town.at_large_shop)
    assert other["code"] == "delivery_of_others"


def test_a_neighbour_town_s_till_takes_none_of_our_notes(caller: Caller, paper: Paper) -> None:
    other = only_paper(1)
    set_clock(other.town, other.town.at)
    made = count(Caller(other.town), asked(paper.codes(1, [1, 2])))
    assert {row["code"] for row in made["notes"]} == {"note_not_genuine"}
    assert (made["count"], paper.takings(), other.takings()) == (0, 0, 0)
    assert count(caller, asked(paper.codes(1, [1, 2])))["count"] == 2
