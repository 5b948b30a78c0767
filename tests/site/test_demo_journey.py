"""`make demo` as its visitor sees it: a town is founded, lived, visited, stopped, and still there the next time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meguri.site.postgres import EmbeddedPostgres

MEGURI = Path(sys.executable).parent / "meguri"


class Demo:
    """A running `meguri demo` and what it has said so far."""

    def __init__(self, home: Path, *wishes: str) -> None:
        self.said = home.with_suffix(f".{time.monotonic_ns()}.txt")
        with self.said.open("w") as terminal:
            self.process = subprocess.Popen(
                [MEGURI, "demo", *wishes], stdout=terminal, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "MEGURI_DATA": str(home)},
            )

    def text(self) -> str:
        return self.said.read_text()

    def says(self, words: str, seconds: float = 300) -> bool:
        """Wait until it has said so; False when it ended or the time is over."""
        return wait(lambda: words in self.text() or self.process.poll() is not None, seconds) and words in self.text()

    def address(self) -> str:
        (line,) = [line for line in self.text().splitlines() if line.startswith("http://")]
        return line.split()[0]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)


def wait(happened: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:
        return str(response.read().decode())


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="meguri-demo-"))
    yield folder / "data"
    shutil.rmtree(folder)


def test_a_town_is_lived_once_visited_and_kept(home: Path) -> None:
    first = Demo(home, "--size", "100", "--weeks", "4")
    try:
        assert first.says("people you can be"), first.text()
        address = first.address()
        welcome = page(f"{address}?lang=ja")
        assert "架空の町" in welcome
        assert "an invented town" in page(f"{address}?lang=en").lower()
        assert "商工課の起票者" in page(f"{address}enter/?lang=ja")
        assert first.says("lived to the end"), first.text()
    finally:
        assert first.stop() == 0, first.text()
    assert json.loads((home / "demo.json").read_text())["lived"] is True
    assert not EmbeddedPostgres(home).is_running()
    for week in range(1, 5):
        assert f"第{week}週" in first.text()

    proof = subprocess.run(
        [MEGURI, "prove"], env={**os.environ, "MEGURI_DATA": str(home)}, capture_output=True, text=True, check=False
    )
    assert proof.returncode == 0, proof.stdout + proof.stderr

    second = Demo(home)
    try:
        assert second.says("Ctrl-C ends"), second.text()
        assert second.address() == address
        assert "年金で暮らす住民" in second.text()
        assert "第1週" not in second.text()
        assert "架空の町" in page(f"{address}?lang=ja")
    finally:
        assert second.stop() == 0, second.text()
