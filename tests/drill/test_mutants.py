"""Small changes to a rule: which are made, and that a test which sees them kills them."""

from __future__ import annotations

from pathlib import Path

import pytest
from drill.mutants import Mutant

from drill import mutants

RULE = '''
LIMIT = 3

def allowed(amount: int, open_: bool) -> bool:
    """At most 3."""
    if amount + 1 > LIMIT and open_:
        print("too much")
        return False
    return amount not in [each for each, _ in zip((7,), "a", strict=True) if each]
'''


def made() -> dict[str, str]:
    return {mutant.says: mutant.text for mutant in mutants.mutants("ledger/rules.py", RULE)}


def test_every_small_change_inside_a_function_is_made_once() -> None:
    assert sorted(made()) == [
        "1 -> 2", "7 -> 8", "Add -> Sub", "And -> Or", "False -> True", "Gt -> GtE", "NotIn -> In",
        "condition turned round", "filter turned round", "left out",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("says", "now"),
    [
        ("Gt -> GtE", "amount + 1 >= LIMIT and open_"), ("And -> Or", "amount + 1 > LIMIT or open_"),
        ("Add -> Sub", "amount - 1 > LIMIT"), ("condition turned round", "if not (amount + 1 > LIMIT and open_)"),
        ("filter turned round", "if not each"), ("7 -> 8", "(8,)"), ("False -> True", "return True"),
    ],
)  # fmt: skip
def test_a_change_is_what_it_says_and_nothing_else(says: str, now: str) -> None:
    assert now in made()[says]
    assert made()[says].count("LIMIT = 3") == 1


def test_a_mutant_lives_where_no_test_looks_and_dies_where_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "src/meguri/small.py"
    source.parent.mkdir(parents=True)
    source.write_text("def double(number: int) -> int:\n    return number * 2\n")
    (source.parent / "__init__.py").touch()
    (tmp_path / "test_small.py").write_text(
        "from meguri.small import double\n\ndef test_double() -> None:\n    assert double(2) == 4\n"
    )
    monkeypatch.setitem(mutants.TESTS, "small.py", ("test_small.py",))
    seen = {
        mutant.says: mutants.survives(mutant, tmp_path) for mutant in mutants.mutants("small.py", source.read_text())
    }
    assert seen == {"Mult -> Add": True, "2 -> 3": False}  # 2 + 2 is 2 * 2: that test should ask for another number
    assert "number * 2" in source.read_text()


def test_what_changes_nothing_is_registered_where_it_stands() -> None:
    """A register that names a line that is not there any more would hide a mutant one day."""
    root = Path(mutants.__file__).parents[1] / "src/meguri"
    there = {
        (each.file, each.line, each.says)
        for file in mutants.TESTS for each in mutants.mutants(file, (root / file).read_text(encoding="utf-8"))
    }  # fmt: skip
    assert mutants.equivalent() <= there
    assert isinstance(next(mutants.mutants("ledger/rules.py", RULE)), Mutant)
