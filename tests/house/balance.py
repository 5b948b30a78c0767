"""Tests and source in proportion, and rooms mirrored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from tests.house.source import Module, written_lines


def ratio_complaint(source: Iterable[str], tests: Iterable[str], *, least: float = 1.0) -> str:
    """A complaint when there are fewer than `least` lines of tests for a line of source, blank ones apart."""
    ours, theirs = sum(map(written_lines, source)), sum(map(written_lines, tests))
    return f"{theirs} lines of tests for {ours} lines of source" if theirs < ours * least else ""


def rooms_without_tests(modules: Iterable[Module], tests: Iterable[PurePath]) -> list[str]:
    """Rooms that hold code and have no `test_*.py` under `tests/<room>/` (kinds and faces: `tests/faces/<face>…`)."""
    rooms = {module.room.removeprefix("meguri.") for module in modules if module.text.strip() and "." in module.name}
    covered = [str(path.with_suffix("")) for path in tests if path.name.startswith("test_")]
    return sorted(room for room in rooms if not any(_mirrors(path, room) for path in covered))


def _mirrors(path: str, room: str) -> bool:
    """`faces.resident` is mirrored by tests/faces/resident/test_x and by tests/faces/test_resident_x."""
    folder, _, name = room.rpartition(".")
    inside = "/".join(["tests", *room.split(".")]) + "/"
    beside = "/".join(["tests", folder, "test_" + name]) if folder else inside
    return path.startswith((inside, beside))


def strange_test_folders(tests: Iterable[PurePath], rooms: Mapping[str, str]) -> list[str]:
    """Folders of tests that mirror no room and are not one of the known others (name: what it is for)."""
    return sorted({path.parts[1] for path in tests if len(path.parts) > 2 and path.parts[1] not in rooms})
