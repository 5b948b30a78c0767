"""Every expected no on one page: in folded groups by room, each once, each with an address of its own, and searched."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from meguri.faces.public.refusals import ROOMS, by_room
from meguri.words.refusal import catalogue

pytestmark = pytest.mark.django_db


def _page(**query: str) -> str:
    answer = Client().get("/public/refusals", {"lang": "en", **query})
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_code_stands_there_once_and_can_be_linked_to() -> None:
    codes = re.findall(r'<div id="([a-z0-9_.]+)" tabindex', _page())
    assert sorted(codes) == sorted(kind.code for kind in catalogue() if kind.module.startswith("meguri."))
    assert len(codes) == len(set(codes)) > 100


def test_every_room_that_says_no_has_a_name() -> None:
    assert [group.key for group in by_room() if group.key not in ROOMS and group.kinds[0].module[:7] == "meguri."] == []


def test_the_groups_are_folded_until_something_is_looked_for() -> None:
    assert "<details open" not in _page()
    assert "<details open" in _page(text="too_often")


@pytest.mark.parametrize("text", ["too_often", "TOO_OFTEN", "数分たってから", "too many tries in a short time"])
def test_a_code_or_a_word_of_either_language_finds_it(text: str) -> None:
    assert [kind.code for group in by_room(text) for kind in group.kinds] == ["too_often"]


def test_nothing_found_is_said() -> None:
    assert "No refusal holds these words" in _page(text="zzzz")


def test_a_refusal_stands_in_the_room_that_declared_it() -> None:
    (group,) = by_room("too_often")
    assert group.key == "faces.entrance"
