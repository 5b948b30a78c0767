"""The manual's recipes run, in their order, and print what stands beside them."""

from __future__ import annotations

import contextlib
import io
import os
import re
from pathlib import Path

import pytest

from meguri.ledger.wall import name_municipality
from tests.walled import opening_as_program

MANUAL = Path(__file__).parents[2] / "docs" / "manual"
PIECE = re.compile(r"```python\n(?P<code>.*?)```(?P<between>\s*)(?:```text\n(?P<said>.*?)```)?", re.DOTALL)


def recipes() -> list[Path]:
    return sorted(MANUAL.glob("[0-9]*.md"))


def run(text: str, known: dict[str, object], *, name: str) -> str:
    """The recipe with every output as it is now. What prints must have a `text` block behind it."""

    def piece(found: re.Match[str]) -> str:
        said = io.StringIO()
        line = text[: found.start("code")].count("\n")
        with contextlib.redirect_stdout(said):
            exec(compile("\n" * line + found["code"], name, "exec"), known)  # noqa: S102 - our own manual
        if found["said"] is None:
            assert said.getvalue() == "", f"{name}, line {line}: this prints, and nothing stands beside it"
            return found[0]
        return f"```python\n{found['code']}```{found['between']}```text\n{said.getvalue()}```"

    return PIECE.sub(piece, text)


@pytest.mark.django_db(transaction=True)
def test_the_recipes_print_what_stands_beside_them() -> None:
    known: dict[str, object] = {"__name__": "manual"}
    for recipe in recipes():
        written = recipe.read_text(encoding="utf-8")
        with opening_as_program():  # so the role of the living program has every right that the books' own work needs
            name_municipality(9_001)
            now = run(written, known, name=recipe.name)
        if os.environ.get("MEGURI_MANUAL") == "write":
            recipe.write_text(now, encoding="utf-8")
        else:
            assert now == written


def test_every_recipe_is_named_in_the_index() -> None:
    named = re.findall(r"\(([0-9][^)]*\.md)\)", (MANUAL / "README.md").read_text(encoding="utf-8"))
    assert named == [recipe.name for recipe in recipes()]


def test_an_output_that_is_not_true_is_seen() -> None:
    """The control."""
    wrong = "```python\nprint(1 + 1)\n```\n\n```text\n3\n```"
    assert run(wrong, {}, name="wrong") == wrong.replace("3", "2")
    with pytest.raises(AssertionError, match="nothing stands beside it"):
        run("```python\nprint(1)\n```\n", {}, name="silent")
