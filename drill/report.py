"""The dated report of the drills: what was drilled, with which seed, on which commit and machine, what was found."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "drills"


def commit() -> str:
    """The commit that was drilled; said, too, when the sources had changes that no commit holds."""
    found = _git("rev-parse", "HEAD") or "unknown"
    return f"{found} with changes of its own" if _git("status", "--porcelain", "--untracked-files=no") else found


def _git(*asked: str) -> str:
    told = subprocess.run(["git", *asked], cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip()


def text(results: Sequence[Mapping[str, object]], *, seed: int, at: datetime, drilled: str) -> str:
    """The report as Markdown."""
    well = sum(bool(result["well"]) for result in results)
    lines = [
        f"# Drills of {at:%Y-%m-%d %H:%M} UTC", "",
        f"{well} of {len(results)} ended well. Seed {seed}, commit {drilled}.",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.", "",
        "| drill | ended | found |", "|---|---|---|",
    ]  # fmt: skip
    for result in results:
        facts = {name: value for name, value in result.items() if name not in ("name", "well")}
        told = json.dumps(facts, ensure_ascii=False, default=str).replace("|", "\\|")
        lines.append(f"| {result['name']} | {'well' if result['well'] else '**badly**'} | `{told}` |")
    return "\n".join(lines) + "\n"


def write(results: Sequence[Mapping[str, object]], *, seed: int, at: datetime) -> Path:
    """Keep the report; gives its place."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    place = FOLDER / f"{at:%Y-%m-%d-%H%M}.md"
    place.write_text(text(results, seed=seed, at=at, drilled=commit()), encoding="utf-8")
    return place
