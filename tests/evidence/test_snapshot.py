"""A kept snapshot, like a programme's terms, is read by many threads, the first time too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import meguri.programmes

DOCUMENT = min((Path(meguri.programmes.__file__).parent / "documents").glob("*.toml"))
FIRST_READERS = """
import os, sys, threading, tomllib
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "meguri.site.settings"
import django
django.setup()
import msgspec
from meguri.evidence.snapshot import Snapshot
from meguri.programmes.terms import ProgrammeTerms
sys.setswitchinterval(1e-6)
who = "01a1095d-1e96-78e1-84c7-6f0f454bacfb"
flow = {"fund": who, "programme": None, "source": "a", "target": "b", "template": "c", "yen": 1, "week": "2026-11-23"}
trees = {
    "Snapshot": (Snapshot, {"municipality": 1, "until": "2026-11-28T00:00:00Z", "flows": [flow]}),
    "ProgrammeTerms": (ProgrammeTerms, tomllib.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))),
}
kind, tree = trees[sys.argv[1]]
together = threading.Barrier(12)
def read():
    together.wait()
    for _ in range(3):
        msgspec.convert(tree, kind)
threads = [threading.Thread(target=read) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("kind", ["Snapshot"] * 6 + ["ProgrammeTerms"] * 3)
def test_threads_that_read_first_at_the_same_moment_do_not_end_the_process(kind: str) -> None:
    """Of unprepared types msgspec shows threads what is half made; a server that started into a crowd died of it."""
    run = [sys.executable, "-c", FIRST_READERS, kind, str(DOCUMENT)]
    ended = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
