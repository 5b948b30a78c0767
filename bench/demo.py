"""How long from `make demo` to its first page, with the packages cached, in an empty home directory."""

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
PATIENCE_S = 300.0


def run() -> None:
    """Print the measures of this group: a fresh clone, a fresh home; the package cache stays where it is."""
    progress("demo: cloning into a fresh directory")
    home = Path(tempfile.mkdtemp(prefix="meguri-home-"))
    clone = home / "meguri"
    subprocess.run(["git", "clone", "-q", str(Path(__file__).parents[1]), str(clone)], check=True)
    strange = ("DATABASE_URL", "VIRTUAL_ENV", "XDG_DATA_HOME")
    surroundings = {k: v for k, v in os.environ.items() if k not in strange and not k.startswith("MEGURI_")}
    surroundings |= {"MEGURI_DATA": str(home / "data")}
    begun = time.monotonic()
    demo = subprocess.Popen(["make", "demo", f"PORT={PORT}"], cwd=clone, env=surroundings, stdout=subprocess.DEVNULL)
    try:
        waited = _first_page(begun)
        tell(name="demo.first_page_s_cached", value=waited, unit="s", runs=[waited])
    finally:
        demo.terminate()
        demo.wait()
        shutil.rmtree(home, ignore_errors=True)


def _first_page(begun: float) -> float:
    while time.monotonic() - begun < PATIENCE_S:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5):
                return time.monotonic() - begun
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the first page never came")
