"""The script that anybody may run: it computes a draw anew from the published files alone, and finds what was bent."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.public import draw_check
from meguri.programmes.vouchers import queries
from meguri.words import draw
from tests.programmes.vouchers.conftest import Fair, fair

Facts = dict[str, Any]
Bend = Callable[[Facts], object]


class Files:
    """What a citizen has saved of one draw, as it came over the net."""

    def __init__(self, room: Path, drawn: Fair) -> None:
        at = f"/public/draws/{drawn.sale}"
        self.room = room
        saved = (("draw.json", f"{at}/draw.json"), ("list.txt", f"{at}/list.txt"),
                 ("draw_check.py", "/public/draws/draw_check.py"))  # fmt: skip
        for name, address in saved:
            answer = Client().get(address)
            assert answer.status_code == 200
            (room / name).write_bytes(answer.content)

    def run(self, *numbers: str) -> tuple[int, str]:
        """Apart from this project: no site packages, no path, another directory."""
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "draw_check.py", "draw.json", "list.txt", *numbers], cwd=self.room,
            capture_output=True, text=True, encoding="utf-8", check=False, env={},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def bend(self, how: Bend) -> None:
        facts = json.loads((self.room / "draw.json").read_text(encoding="utf-8"))
        how(facts)
        (self.room / "draw.json").write_text(json.dumps(facts), encoding="utf-8")


@pytest.fixture
def drawn(db: None, settings: LazySettings, request: pytest.FixtureRequest) -> Fair:
    """Five people ask for 3, 1, 5, 2 and 4 of ten units."""
    found = fair(obtaining__rounds__0__units=10, obtaining__rounds__0__allocation=request.param).open()
    settings.MUNICIPALITY = found.town.municipality
    cache.clear()
    for units in (3, 1, 5, 2, 4):
        found.apply(found.town.person(), units)
    found.draw()
    return found


both = pytest.mark.parametrize("drawn", ["lottery", "even_share"], indirect=True)
lottery = pytest.mark.parametrize("drawn", ["lottery"], indirect=True)


@both
def test_the_published_files_alone_give_the_published_results(drawn: Fair, tmp_path: Path) -> None:
    page = queries.draw_page(drawn.sale, municipality=drawn.town.municipality)
    number = page.awards[1].id
    code, told = Files(tmp_path, drawn).run(number.lower(), "2222-2222-2222")
    assert code == 2, "one number at a time"
    code, told = Files(tmp_path, drawn).run(number.lower())
    assert code == 0, told
    assert "5 entries, 10 units: all agree." in told
    award = page.awards[1]
    assert f"{number}: 2番目、{award.units_asked}口のうち{award.units_won}口" in told


@lottery
def test_who_is_not_in_the_list_is_told_so(drawn: Fair, tmp_path: Path) -> None:
    code, told = Files(tmp_path, drawn).run("2222-2222-2222")
    assert (code, told.splitlines()[-1]) == (0, "  2222-2222-2222: 名簿にありません / not in the list")


def _first_wins_more(facts: Facts) -> None:
    facts["results"][0][2] += 1


def _two_change_places(facts: Facts) -> None:
    one, two = facts["results"][:2]
    one[1], two[1] = two[1], one[1]


def _secret_chosen_later(facts: Facts) -> None:
    """One that gives another order: of few entries, one secret in some would give the same."""
    secret = next(text for text in map(str, count()) if _order(facts, secret=text) != _order(facts))
    facts.update(secret=secret, commitment=draw.commitment(secret))


def _another_value(facts: Facts) -> None:
    order = _order(facts)
    facts["public_value"] = next(text for text in map(str, count()) if _order(facts, public_value=text) != order)


def _order(facts: Facts, **other: str) -> tuple[str, ...]:
    seed = {name: facts[name] for name in ("secret", "list_hash", "public_value")} | other
    return draw.ranking([number for _, number, _ in facts["results"]], **seed)


BENT: dict[str, tuple[Bend, str]] = {
    "another secret": (lambda facts: facts.update(secret="0" * 64), "the commitment differs"),
    "a secret chosen later": (_secret_chosen_later, "the order differs"),
    "another public value": (_another_value, "the order differs"),
    "another list": (lambda facts: facts.update(list_hash="0" * 64), "the list differs"),
    "two change places": (_two_change_places, "the order differs"),
    "one wins more": (_first_wins_more, "the units won differs"),
    "fewer units than were given": (lambda facts: facts.update(units=9), "the units won differs"),
    "another digest": (lambda facts: facts.update(results_digest="0" * 64), "the results differs"),
    "another recipe": (lambda facts: facts.update(recipe="meguri-draw-2"), "the name of the recipe differs"),
    "nothing drawn": (lambda facts: facts.update(secret=""), "not drawn yet"),
}  # fmt: skip


@lottery
@pytest.mark.parametrize("name", BENT)
def test_what_was_bent_is_found_and_named(drawn: Fair, tmp_path: Path, name: str) -> None:
    how, expected = BENT[name]
    saved = Files(tmp_path, drawn)
    saved.bend(how)
    code, told = saved.run()
    assert (code, expected in told) == (1, True), told


@lottery
def test_a_line_more_in_the_list_is_found(drawn: Fair, tmp_path: Path) -> None:
    saved = Files(tmp_path, drawn)
    with (tmp_path / "list.txt").open("a", encoding="utf-8") as listed:
        listed.write("ZZZZ-ZZZZ-ZZZZ 5\n")
    assert "the list differs" in saved.run()[1]


@lottery
def test_the_page_offers_the_three_files_in_both_languages(drawn: Fair) -> None:
    for language, words in (("ja", "自分で計算し直す"), ("en", "Compute it yourself")):
        page = Client().get(f"/public/draws/{drawn.sale}", {"lang": language}).content.decode()
        assert words in page
        for file in ("draw_check.py", f"{drawn.sale}/draw.json", f"{drawn.sale}/list.txt"):
            assert f'/public/draws/{file}"' in page


def test_a_draw_to_come_gives_no_secret_and_no_results(db: None, settings: LazySettings) -> None:
    found = fair(obtaining__rounds__0__units=10).open()
    settings.MUNICIPALITY = found.town.municipality
    found.apply(found.town.person(), 2)
    facts = Client().get(f"/public/draws/{found.sale}/draw.json").json()
    assert (facts["secret"], facts["results"], facts["public_value"], facts["list_hash"]) == ("", [], "", "")
    assert len(facts["commitment"]) == 64


def test_the_script_needs_nothing_but_python() -> None:
    tree = ast.parse(Path(draw_check.__file__).read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert named <= {"__future__", "fractions", "json", "sys", "hashlib", "pathlib", "typing"}


@given(asked=st.lists(st.integers(1, 9), min_size=1, max_size=30), units=st.integers(0, 150))
def test_two_programs_that_share_nothing_give_the_same(asked: list[int], units: int) -> None:
    order = [str(place) for place in range(len(asked))]
    requests = [draw.Request(id=id_, units=each) for id_, each in zip(order, asked, strict=True)]
    for name, ours in (("lottery", draw.lottery), ("even_share", draw.even_share)):
        expected = [award.units_won for award in ours(requests, order=order, stock=units)]
        assert draw_check.SHARES[name](asked, units) == expected
