"""How long from `make demo` to its first page, in an empty home directory: with the packages cached, and without."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.measures import progress, tell

PORT = 8391
PATIENCE_S = 900.0
CACHES = {"HOME": "home", "XDG_CACHE_HOME": "cache", "UV_CACHE_DIR": "cache/uv", "PIP_CACHE_DIR": "cache/pip"}
"""Where packages are kept between two installations; the cold run has all of it empty, uv itself included."""


def run() -> None:
    """Print the measures of this group: a fresh clone, with the packages that this machine keeps, then with none."""
    _measure("demo.first_page_s_cached", cold=False)
    _measure("demo.first_page_s_cold", cold=True)


def _measure(name: str, *, cold: bool) -> None:
    progress(f"{name}: cloning into a fresh directory")
    home = Path(tempfile.mkdtemp(prefix="meguri-home-"))
    clone = home / "meguri"
    subprocess.run(["git", "clone", "-q", str(Path(__file__).parents[1]), str(clone)], check=True)
    begun = time.monotonic()
    demo = subprocess.Popen(
        ["make", "demo", f"PORT={PORT}"], cwd=clone, env=_surroundings(home, cold=cold), stdout=subprocess.DEVNULL
    )
    try:
        waited = _first_page(begun)
        tell(name=name, value=waited, unit="s", runs=[waited])
    finally:
        demo.terminate()
        demo.wait()
        shutil.rmtree(home, ignore_errors=True)


def _surroundings(home: Path, *, cold: bool) -> dict[str, str]:
    strange = ("DATABASE_URL", "VIRTUAL_ENV", "XDG_DATA_HOME")
    usual = {k: v for k, v in os.environ.items() if k not in strange and not k.startswith("MEGURI_")}
    empty = {name: str(home / place) for name, place in CACHES.items()} if cold else {}
    return usual | empty | {"MEGURI_DATA": str(home / "data")}


def _first_page(begun: float) -> float:
    while time.monotonic() - begun < PATIENCE_S:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5):
                return time.monotonic() - begun
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the first page never came")
