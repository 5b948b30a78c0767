"""What each part says about itself: read from the comment at the head of its file, shown on the style page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PARTS = Path(__file__).parent / "templates" / "design" / "parts"
HEAD = re.compile(r"\{% comment %\}\n(.*?)\{% endcomment %\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PartNote:
    """A part's name, what it is, the values it takes, and one line that shows it."""

    name: str
    says: str
    values: str
    example: str


def part_note(name: str) -> PartNote:
    """The note of one part. Raises ValueError when its file does not begin with a complete one."""
    found = HEAD.match((PARTS / f"{name}.html").read_text())
    pieces = re.split(r"\b(?:Values|Example): ", found[1], maxsplit=2) if found else []
    if len(pieces) != 3:
        raise ValueError(f"the part {name} does not say what it is, its values and an example")
    says, values, example = (" ".join(piece.split()) for piece in pieces)
    return PartNote(name, says, values, example)


def part_notes() -> dict[str, PartNote]:
    """All parts by name."""
    return {path.stem: part_note(path.stem) for path in sorted(PARTS.glob("*.html"))}
