"""One value of a document changes, and not one byte beside it."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
import tomli_w

from meguri.faces.office.document_places import Path, written
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import write_terms

TEXT = '''# the head # of "it"
name = { ja = "名前 # 印", en = 'plain \\ one' }   # beside
days = [
    2025-04-01, # the first
    2025-04-30,
]
"a key".b-1 = 1_000
long = """two
lines "quoted" = here"""
empty = ""
raw = \'\'\'it's\'\'\'

[[funds]]
code = "town"
amount_yen = 2_100_000

[funds.budget_line]
moku = "企画費"

[[funds]]
code = "sponsor"
shares = [{ fund = "town", bp = 7_000 }, { fund = "sponsor", bp = 3_000 }]
'''


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("name", "ja"), '新"しい', '"名前 # 印"', '"新\\"しい"'), (("name", "en"), "x", r"'plain \ one'", '"x"'),
        (("days", 1), date(2025, 5, 1), "2025-04-30", "2025-05-01"), (("a key", "b-1"), 7, "1_000", "7"),
        (("long",), "short", '"""two\nlines "quoted" = here"""', '"short"'),
        (("empty",), "full", '""\nraw', '"full"\nraw'),
        (("raw",), "cooked", "'''it's'''", '"cooked"'), (("funds", 0, "amount_yen"), 5, "2_100_000", "5"),
        (("funds", 0, "budget_line", "moku"), "他", '"企画費"', '"他"'),
        (("funds", 1, "shares", 1, "bp"), 1, "3_000", "1"),
    ],
)  # fmt: skip
def test_only_this_value_is_written(path: Path, value: object, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert written(TEXT, {path: value}) == TEXT.replace(old, new)


def test_several_values_at_once() -> None:
    first = date(2026, 1, 1)
    found = written(TEXT, {("funds", 1, "code"): "bank", ("name", "ja"): "長い長い名前", ("days", 0): first})
    tree = tomllib.loads(found)
    assert (tree["funds"][1]["code"], tree["name"]["ja"], tree["days"][0]) == ("bank", "長い長い名前", first)
    assert found.count("#") == TEXT.count("#") - 1, "the sign in the old name is gone, the comments are not"


def _leaves(part: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    if isinstance(part, dict):
        return [leaf for key, each in part.items() for leaf in _leaves(each, (*path, key))]
    if isinstance(part, list):
        return [leaf for number, each in enumerate(part) for leaf in _leaves(each, (*path, number))]
    return [(path, part)]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_value_of_the_shipped_documents_has_its_place(name: str) -> None:
    """As shipped, with comments, and as the program writes it: each value is changed where it stands."""
    file = files("meguri.programmes").joinpath("documents", f"{name}.toml").read_text(encoding="utf-8")
    for text in (file, write_terms(shipped()[name]).decode()):
        for path, value in _leaves(tomllib.loads(text)):
            found = written(text, {path: "別の値"})
            before, after = text.splitlines(), found.splitlines()
            assert len(before) == len(after), path
            (changed,) = [line for line, other in zip(before, after, strict=True) if line != other]
            assert str(path[-1]) in changed or isinstance(path[-1], int), (path, value)


def test_what_is_written_in_an_unknown_way_is_written_anew() -> None:
    text = "at = 2025-04-01 10:00:00 # a moment with a space\nn = 1\n"
    found = written(text, {("at",): 5})
    assert tomllib.loads(found) == {"at": 5, "n": 1}
    assert found == tomli_w.dumps({"at": 5, "n": 1})


def test_a_path_that_is_not_there_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError):
        written(TEXT, {("funds", 0, "colour"): "red"})
    with pytest.raises(tomllib.TOMLDecodeError):
        written("a = ", {("a",): 1})
