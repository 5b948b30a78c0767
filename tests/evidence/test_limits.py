"""What evidence does not do: claim an effect, see a name, write in the books, show a cell of few."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from uuid import uuid4

import pytest

import meguri.evidence
from meguri.evidence import queries, reading
from meguri.evidence.effects import WAYS, induced_spending
from meguri.evidence.eligible import eligible_people
from meguri.evidence.meanings import MEANINGS
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown

ROOM = Path(meguri.evidence.__file__).parent


def test_no_effect_is_printed_from_the_books() -> None:
    with pytest.raises(Refusal) as caught:
        induced_spending(uuid4())
    assert caught.value.code == "not_identified"
    assert [way.code for way in WAYS] == ["lottery", "staggered", "cut_off", "panel"]
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
    assert not re.search(r"name_|\bvault|kana|address|phone|email|birth|household|p\.by\b", text)
    assert not re.search(r"\b(insert|update|delete|truncate|create|alter|drop)\b", text)
    assert text.startswith("-- ")  # says in a sentence what it counts


def test_the_room_imports_no_operations_and_no_vault() -> None:
    for path in ROOM.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        below = [name for name in names if name.startswith("meguri.") and not name.startswith("meguri.evidence")]
        assert not [name for name in below if ".operations" in name or ".models" in name or ".vault" in name]


def test_a_public_table_closes_cells_of_few(town: SmallTown) -> None:
    """Three shops and ten people in one area; one shop and one person in each of two others."""
    programme = town.programme()
    crowd, loner = [town.resident() for _ in range(10)], town.resident()
    shops = [town.shop(area="minato") for _ in range(3)]
    for number, person in enumerate(crowd):
        town.grant(person, programme, 1000)
        town.pay(person, shops[number % 3], 100, programme, at=AT + DAY)
    town.grant(loner, programme, 1000)
    for area in ("yama", "kawa"):
        town.pay(loner, town.shop(area=area), 900 if area == "yama" else 50, programme, at=AT + DAY)
    officers = {row.place: row.yen for row in queries.places(town.municipality, by="area")}
    assert officers == {"minato": 1000, "yama": 900, "kawa": 50}
    public = {cell.key: cell.yen for cell in queries.public_places(town.municipality, by="area")}
    assert public == {"minato": None, "yama": None, "kawa": None}  # minato open, the others were one person's sum
    town.shop(area="hama")
    assert "hama" not in {cell.key for cell in queries.public_places(town.municipality, by="area")}


def test_eligible_are_those_who_meet_the_terms(town: SmallTown) -> None:
    programme = town.programme()
    for _ in range(4):
        town.resident()
    assert eligible_people(programme.id, municipality=town.municipality) == 4
    with pytest.raises(Refusal):
        eligible_people(uuid4(), municipality=town.municipality)
