"""The tour cannot lie: every place it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "docs/tour.md",
    ROOT / "README.md",
    ROOT / "README.ja.md",
    *sorted((ROOT / "docs/decisions").glob("*.md")),
]
LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<target>[^)#]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [found["target"] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_name_on_the_tour_is_defined_where_it_points() -> None:
    page = ROOT / "docs/tour.md"
    named = [
        (found["words"], page.parent / found["target"]) for found in LINK.finditer(page.read_text(encoding="utf-8"))
    ]
    functions = [
        (words.strip("`").partition(".")[2], path) for words, path in named if path.suffix == ".py" and "." in words
    ]
    assert len(functions) > 12
    missing = [
        (name, str(path))
        for name, path in functions
        if not re.search(rf"^(?:def|class) {name}\b|^{name}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []
