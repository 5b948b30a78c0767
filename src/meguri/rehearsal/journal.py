"""What has been answered so far, line by line in a file, so that a second start goes on where the first one ended.

The first line says which life this is; each further line holds a happening's key and its answer. A line is written when
the answer is known, so at most the requests under way are made again, with the same idempotency keys.
"""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from meguri.rehearsal.knowledge import Answer


class AnotherLife(ValueError):
    """The file belongs to another town, seed or server."""


class Journal:
    """Answers by key, in memory and in the file. Several threads may note theirs."""

    def __init__(self, path: Path, *, life: dict[str, Any]) -> None:
        """Open or begin the file. Raises AnotherLife."""
        self.answers: dict[str, Answer] = {}
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        known = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        whole = [line for line in known if line.endswith("\n")]  # a line without its end was cut off
        if whole:
            self._read(whole, life=life, path=path)
        self._file = _begin(path, whole or [json.dumps(life, ensure_ascii=False) + "\n"])

    def _read(self, lines: list[str], *, life: dict[str, Any], path: Path) -> None:
        if json.loads(lines[0]) != life:
            raise AnotherLife(f"{path} holds another life: {lines[0].strip()}")
        for line in lines[1:]:
            key, plain = json.loads(line)
            self.answers[key] = Answer.read(plain)

    def note(self, key: str, answer: Answer) -> None:
        """Remember an answer."""
        line = json.dumps([key, answer.plain()], ensure_ascii=False) + "\n"
        with self._lock:
            self.answers[key] = answer
            self._file.write(line)

    def close(self) -> None:
        self._file.close()


def _begin(path: Path, lines: list[str]) -> TextIO:
    """The file with these lines, open for more, each written through as it ends."""
    path.write_text("".join(lines), encoding="utf-8")
    return path.open("a", encoding="utf-8", buffering=1)
