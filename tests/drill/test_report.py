"""What the drills write down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drill import __main__ as drills
from drill import report

AT = datetime(2026, 11, 29, 1, 55, tzinfo=UTC)
WELL = {"name": "drill.full", "well": True, "found": {"lost": 0}}
BADLY = {"name": "drill.killed", "well": False, "blows": {"database": 3}}


def test_a_report_says_when_with_what_and_on_what() -> None:
    said = report.text([WELL, BADLY], seed=7, at=AT, drilled="0123abc")
    assert "# Drills of 2026-11-29 01:55 UTC" in said
    assert "1 of 2 ended well. Seed 7, commit 0123abc." in said
    assert '| drill.killed | **badly** | `{"blows": {"database": 3}}` |' in said


def test_the_commit_is_named_and_whether_it_is_all() -> None:
    assert len(report.commit().split()[0]) in (40, len("unknown"))


@pytest.mark.parametrize(("results", "status"), [((WELL, WELL), 0), ((WELL, BADLY), 1)])
def test_a_run_tells_every_drill_and_keeps_the_report(
    results: tuple[dict[str, object], ...], status: int, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seeds: list[int] = []

    def drill(result: dict[str, object]) -> drills.Drill:
        return lambda seed: (seeds.append(seed), result)[1]

    monkeypatch.setattr(report, "FOLDER", tmp_path)
    monkeypatch.setattr(drills, "IN_BOOKS", {})
    monkeypatch.setattr(drills, "ALONE", {f"drill{number}": drill(result) for number, result in enumerate(results)})
    assert drills.main(["--seed", "42"]) == status
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == list(results)
    assert seeds == [42, 42]
    (kept,) = tmp_path.iterdir()
    assert "Seed 42" in kept.read_text(encoding="utf-8")


def test_the_drills_start_where_nobody_has_set_django_up() -> None:
    """As `make drill` starts them: a drill that needs tables when it is named would stop all the others."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    told = subprocess.run(
        [sys.executable, "-m", "drill", "--help"], cwd=report.ROOT, env=bare, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
