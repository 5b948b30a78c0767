"""One rehearsal from found to lived: what `python -m meguri.rehearsal` and `meguri rehearse` do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from meguri.rehearsal.client import ApiClient
from meguri.rehearsal.documents import by_family
from meguri.rehearsal.driver import WORKERS, CannotGoOn, Driver, first_days, week_line
from meguri.rehearsal.driver_calls import NEEDED
from meguri.rehearsal.founding import found_town
from meguri.rehearsal.happenings import DayEnds
from meguri.rehearsal.journal import Journal
from meguri.rehearsal.knowledge import Knowledge
from meguri.rehearsal.leavings import write_all, write_requests
from meguri.rehearsal.life import Life, Story, story
from meguri.rehearsal.line import Line
from meguri.rehearsal.paper_hall import live_on_paper

JOURNAL = "journal.jsonl"
REFUSALS_SAID = 8
TEMPLATES = "templates.json"
"""The documents as the server first gave them: a second start goes on with the same ones."""


def say_now(line: str) -> None:
    """Print a line at once, also into a pipe: somebody is waiting for it."""
    print(line, flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be rehearsed, and where the tables go. `start` is a Monday, `more_days` follow the last week."""

    start: date
    size: int = 300
    weeks: int = 7
    more_days: int = 0
    seed: int = 7
    open_end: bool = False  # vouchers outlive the run, so that a demo has some left
    folder: Path = Path("rehearsal")


def prepare(wish: Wish, *, templates: Mapping[str, str]) -> Story:
    """Found the town; `templates` are the shipped documents by family.

    Raises ValueError for a size, a start or a number of weeks that cannot be.
    """
    town = found_town(wish.size, seed=wish.seed, as_of=wish.start)
    return story(
        town, templates=templates, weeks=wish.weeks, start=wish.start, seed=wish.seed, open_end=wish.open_end,
        more_days=wish.more_days,
    )  # fmt: skip


def started(folder: Path) -> tuple[date, int] | None:
    """Start and further days of the life that a folder's journal tells of; None where there is none."""
    path = folder / JOURNAL
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    if not lines or not lines[0].endswith("\n"):
        return None
    life = json.loads(lines[0])
    return date.fromisoformat(life["start"]), int(life.get("more_days", 0))


def rehearse(
    wish: Wish, *, base_url: str, key: str, workers: int = WORKERS, step_minutes: int = 20,
    line: Line | None = None, say: Callable[[str], None] = say_now,
    present: Callable[[], datetime] | None = None, days: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Live the town through the API of a server, or go on with it; gives the content of `truth.json`.

    `key` opens `rehearsal_token` and the clock. With `present` the town's clock ends at what that gives. With `days`
    only the first ones are lived; a later start goes on.
    Raises CannotGoOn, client.Unreachable, journal.AnotherLife, ValueError.
    """
    client = ApiClient.connect(base_url, line=line)
    if missing := client.missing(NEEDED):
        raise CannotGoOn(f"the server's document lacks: {', '.join(missing)}")
    tale = prepare(wish, templates=_templates(client, wish.folder))
    known = Knowledge()
    name = tale.town.digest()[:12]
    journal = Journal(wish.folder / JOURNAL, life=_life(wish, base_url=base_url, town=name))
    life = Life(tale, knowledge=known)
    _announce(tale, say=say)
    driver = Driver(
        client, town=tale.town, rules=life.rules, knowledge=known, journal=journal, key=key, life=name,
        workers=workers, say=say, step=timedelta(minutes=step_minutes),
    )  # fmt: skip
    try:
        driver.run(life.happenings() if days is None else first_days(life.happenings(), days))
        if present is not None and days is None:
            driver.arrive(present())
    finally:
        client.close()
        write_requests(client.timings, wish.folder)
    return _leave(life, wish, say=say)


def rehearse_on_paper(
    wish: Wish, *, templates: Mapping[str, str], say: Callable[[str], None] = say_now
) -> dict[str, Any]:
    """Live the town without a server; gives the content of `truth.json`."""
    tale = prepare(wish, templates=templates)
    life, stream = live_on_paper(tale)
    _announce(tale, say=say)
    paid = refused = 0
    for happening in stream:
        if isinstance(happening, DayEnds) and happening.last_of_week:
            fresh, paid = life.known.paid[paid:], len(life.known.paid)
            refusals = sum(life.known.refusals.values())
            say(week_line(happening, wallets=len(life.known.open), payments=len(fresh), yen=sum(p.yen for p in fresh),
                          refused=refusals - refused))
            refused = refusals
    return _leave(life, wish, say=say)


def _templates(client: ApiClient, folder: Path) -> dict[str, str]:
    """The shipped documents by family, asked for once and kept beside the journal."""
    path = folder / TEMPLATES
    if path.exists():
        return by_family(json.loads(path.read_text(encoding="utf-8")).values())
    found = {str(row["name"]): str(row["document"]) for row in client.call("programmes_templates")}
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return by_family(found.values())


def _life(wish: Wish, *, base_url: str, town: str) -> dict[str, Any]:
    return {
        "town": town, "size": wish.size, "weeks": wish.weeks, "seed": wish.seed, "start": wish.start.isoformat(),
        "more_days": wish.more_days, "open_end": wish.open_end, "server": base_url,
    }  # fmt: skip


def _announce(tale: Story, *, say: Callable[[str], None]) -> None:
    town = tale.town
    say(f"{town.label} / {town.label_en}")
    homes, wards = len(town.households), len(town.wards)
    say(
        f"{town.name} / {town.name_en}: 住民 / residents {len(town.residents):,} · 世帯 / households {homes:,} · "
        f"店 / shops {len(town.shops):,} · 地区 / wards {wards}"
    )


def _leave(life: Life, wish: Wish, *, say: Callable[[str], None]) -> dict[str, Any]:
    told = write_all(life, wish.folder)
    for code, count in sorted(life.known.refusals.items(), key=_often)[:REFUSALS_SAID]:
        say(f"断り / refused {count:,}: {life.known.sentences.get(code) or code}")
    say(f"終わり。仕込んだ効果と表 / Done. Planted effects and tables: {wish.folder / 'truth.json'}")
    return told


def _often(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
