"""What evidence does not do: claim an effect, see a name, write in the books, show a cell of few."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from uuid import uuid4

import pytest

import meguri.evidence
from meguri.evidence import reading
from meguri.evidence.effects import WAYS, induced_spending
from meguri.evidence.eligible import eligible_people
from meguri.evidence.meanings import MEANINGS
from meguri.words.refusal import Refusal
from tests.settlement.books import SmallTown

ROOM = Path(meguri.evidence.__file__).parent


def test_no_effect_is_printed_from_the_books() -> None:
    with pytest.raises(Refusal) as caught:
        induced_spending(uuid4())
    assert caught.value.code == "not_identified"
    assert [way.code for way in WAYS] == ["lottery", "staggered", "cut_off", "sold_out", "panel"]
    for way in WAYS:
        assert way.name_ja in caught.value.sentence("ja")
        assert way.name_en in caught.value.sentence("en")
    assert not any(word in code for code in MEANINGS for word in ("induced", "effect", "multiplier", "additional"))


def test_every_indicator_says_how_to_read_it_and_where_it_was_counted() -> None:
    for meaning in MEANINGS.values():
        assert meaning.caveat_ja
        assert meaning.caveat_en
        assert meaning.source in reading.sources()
        assert (meaning.unit == "share") == bool(meaning.of_ja) == bool(meaning.of_en)


@pytest.mark.parametrize("source", reading.sources())
def test_sources_see_no_name_and_nothing_of_the_vault(source: str) -> None:
    text = reading.text_of(source).casefold()
    assert not re.search(r"name_|\bvault|kana|address|phone|email|birth|p\.by\b", text)
    told = text.rpartition("\nselect ")[2] if source in ("lottery", "edge", "state") else text
    assert not re.search(r"(?<!evidence_)household|\bhome\b(?!\))", told)  # homes are joined and counted, never told
    assert not re.search(r"\b(insert|update|delete|truncate|create|alter|drop)\b", text)
    assert text.startswith("-- ")  # says in a sentence what it counts


def test_the_room_imports_no_operations_and_no_vault() -> None:
    for path in ROOM.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        below = [name for name in names if name.startswith("meguri.") and not name.startswith("meguri.evidence")]
        assert not [name for name in below if ".operations" in name or ".models" in name or ".vault" in name]


def test_eligible_are_those_who_meet_the_terms(town: SmallTown) -> None:
    programme = town.programme()
    for _ in range(4):
        town.resident()
    assert eligible_people(programme.id, municipality=town.municipality) == 4
    with pytest.raises(Refusal):
        eligible_people(uuid4(), municipality=town.municipality)
