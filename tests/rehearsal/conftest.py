"""Towns and lives that several tests read; none of them changes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from meguri.rehearsal.documents import by_family
from meguri.rehearsal.founding import found_town
from meguri.rehearsal.happenings import Happening
from meguri.rehearsal.life import Life, story
from meguri.rehearsal.paper_hall import live_on_paper
from meguri.rehearsal.rules import read_rules
from meguri.rehearsal.town import Town

START = date(2026, 10, 5)
"""A Monday in autumn: three public holidays follow within seven weeks."""

DOCUMENTS = Path(__file__).parents[2] / "src" / "meguri" / "programmes" / "documents"
SHIPPED = {
    path.stem: path.read_text(encoding="utf-8")
    for path in (*sorted(DOCUMENTS.glob("*.toml")), *sorted(DOCUMENTS.glob("cities/*.toml")))
}
"""The town's own first, as the server gives them."""
TEMPLATES = by_family(SHIPPED.values())
RULES = read_rules(TEMPLATES)
UNIT_YEN = sum(RULES.face.values())
LINE_UNIT_YEN = sum(RULES.first_come.face.values())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in memory rests at once."""
    monkeypatch.setattr("meguri.rehearsal.first_come_calls.PAUSE_S", 0.0)


@dataclass(frozen=True)
class Lived:
    life: Life
    stream: list[Happening]

    @property
    def town(self) -> Town:
        return self.life.town


def first_come_yen(life: Life) -> int:
    """What came into wallets by the sale that is first come (yen); the last in line may have got fewer units."""
    bought = [
        each for each in life.plan.comings
        if f"bought:first-come:{each.round}:{each.who}" in life.known.ids and not each.is_withdrawn
    ]
    return sum(each.units for each in bought) * LINE_UNIT_YEN


def lived(size: int, *, weeks: int, seed: int = 7, open_end: bool = False) -> Lived:
    """A town lived to its end on paper."""
    town = found_town(size, seed=seed, as_of=START)
    tale = story(town, templates=TEMPLATES, weeks=weeks, start=START, seed=seed, open_end=open_end)
    life, stream = live_on_paper(tale)
    return Lived(life=life, stream=list(stream))


@pytest.fixture(scope="session")
def small_town() -> Town:
    return found_town(300, seed=7, as_of=START)


@pytest.fixture(scope="session")
def large_town() -> Town:
    return found_town(30_000, seed=7, as_of=START)


@pytest.fixture(scope="session")
def small_life() -> Lived:
    return lived(300, weeks=5)


@pytest.fixture(scope="session")
def long_life() -> Lived:
    return lived(1_500, weeks=18)


@pytest.fixture(scope="session")
def large_life() -> Lived:
    return lived(10_000, weeks=8, seed=1)
