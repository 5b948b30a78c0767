"""Faults are planted in the books, one at a time: for each, the test that is named beside it must fail.

The register is `planted.toml`: what the fault is, where it is planted (`old` becomes `new`) and which test must ring.
The faults are planted in a copy of the sources; first the copy is left whole, and every named test must pass.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
REGISTER = Path(__file__).with_name("planted.toml")
COPIED = ("src", "tests", "drill", "pyproject.toml", "GLOSSARY.md", "docs", "README.md")
MEMORY_MOST = 4 << 30
"""Bytes that a process of the tests may fill."""
FAILED = 1
"""What pytest answers when tests were run and some failed; anything above is a fault of the drill itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault. `file` counts from src/meguri; `old` stands there once."""

    says: str
    file: str
    old: str
    new: str
    test: str

    @property
    def place(self) -> Path:
        return Path("src/meguri") / self.file

    def plant(self, root: Path) -> None:
        """Write the fault into a tree. Raises ValueError when its place has changed since it was registered."""
        path = root / self.place
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.says}: {self.file} holds {text.count(self.old)} times {self.old!r}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def register() -> list[Fault]:
    """All faults, in the register's order."""
    return [Fault(**row) for row in tomllib.loads(REGISTER.read_text(encoding="utf-8"))["fault"]]


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the sources that may be spoilt."""
    folder = Path(tempfile.mkdtemp(prefix="meguri-planted-"))
    try:
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder / name)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def answer_of_pytest(folder: Path, *tests: str, seconds: float | None = None, dsn: str = "") -> int:
    """Pytest's answer for these tests in a tree; FAILED, too, when they are not done after so many seconds or bytes.

    `dsn`: a server that stands, and keeps the tests' database from one call to the next.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}
    environment = own | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"DATABASE_URL": dsn} if dsn else {}
    asked = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    asked += ["--reuse-db"] if dsn else []
    try:
        told = subprocess.run(
            asked, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=seconds,
            preexec_fn=_bounded,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return FAILED
    if told.returncode < 0:  # a fault that never ends may end its process: a test has seen it
        return FAILED
    if told.returncode > FAILED:
        sys.stderr.write(told.stdout[-2000:] + told.stderr[-2000:])
    return told.returncode


def _bounded() -> None:
    """A fault that fills the memory without end must not take the machine's with it."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MOST, MEMORY_MOST))


def rings(fault: Fault, folder: Path) -> bool:
    """Whether its test fails while the fault is planted; the tree is as it was afterwards."""
    path = folder / fault.place
    whole = path.read_text(encoding="utf-8")
    fault.plant(folder)
    try:
        return answer_of_pytest(folder, fault.test) == FAILED
    finally:
        path.write_text(whole, encoding="utf-8")


def run(_seed: int) -> dict[str, object]:
    """The whole drill; says on the way one line for each fault."""
    faults = register()
    with copied() as folder:
        whole = answer_of_pytest(folder, *sorted({fault.test for fault in faults})) == 0
        silent = []
        for number, fault in enumerate(faults, 1):
            rang = rings(fault, folder)
            sys.stderr.write(f"  {number}/{len(faults)} {'found' if rang else 'NOT FOUND'}: {fault.says}\n")
            if not rang:
                silent.append(fault.says)
    return {
        "name": "drill.planted", "well": whole and not silent, "control_passes": whole, "planted": len(faults),
        "not_found": silent,
    }  # fmt: skip
