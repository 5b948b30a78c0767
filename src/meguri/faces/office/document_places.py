"""Where each value stands in the text of a TOML document: one is changed, the rest stays as it is. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w

Path = tuple[str | int, ...]
Tree = dict[str, Any]

_SPACE = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_VALUE = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'{3}.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,\]}#]+''', re.DOTALL
)


def written(text: str, changes: Mapping[Path, object]) -> str:
    """The document with these values instead; comments, spacing and every other value stay byte for byte.

    A text that is written in a way not understood here is written anew from its values: the same document without its
    comments. Raises tomllib.TOMLDecodeError for what is no TOML, KeyError or IndexError for a path that is not there.
    """
    wanted = tomllib.loads(text)
    for path, value in changes.items():
        part: Any = wanted
        for step in path[:-1]:
            part = part[step]
        part[path[-1]]  # only what is there is changed
        part[path[-1]] = value
    found = _spliced(text, changes)
    return found if found is not None and _is_the_same(found, wanted) else tomli_w.dumps(wanted)


def _spliced(text: str, changes: Mapping[Path, object]) -> str | None:
    try:
        places = _Scan(text).places()
        spans = sorted(((places[path], value) for path, value in changes.items()), reverse=True, key=lambda one: one[0])
    except (ValueError, KeyError, IndexError, RecursionError):
        return None
    for (start, end), value in spans:
        text = text[:start] + tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n") + text[end:]
    return text


def _is_the_same(text: str, wanted: Tree) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


class _Scan:
    """One walk over a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, tuple[int, int]] = {}
        self.opened: dict[Path, int] = {}

    def places(self) -> dict[Path, tuple[int, int]]:
        """Path of each single value -> its first sign and the one after its last."""
        table: Path = ()
        while (sign := self._next()) != "":
            if sign != "[":
                self._pair(table)
                continue
            is_repeated = self.text.startswith("[[", self.at)
            self.at += 2 if is_repeated else 1
            table = self._table(self._keys(), is_repeated=is_repeated)
            self.at += 2 if is_repeated else 1
        return self.found

    def _next(self) -> str:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        return self.text[self.at : self.at + 1]

    def _keys(self) -> Path:
        keys: list[str] = []
        while True:
            key = _KEY.match(self.text, self.at)
            if key is None:
                raise ValueError(f"no key at {self.at}")
            keys.append(str(tomllib.loads(f"k = {key[1]}")["k"]) if key[1][0] in "\"'" else key[1])
            self.at = key.end()
            if self.text[self.at] != ".":
                return tuple(keys)
            self.at += 1

    def _table(self, keys: Path, *, is_repeated: bool) -> Path:
        steps: Path = ()
        for depth, key in enumerate(keys, start=1):
            steps += (key,)
            if is_repeated and depth == len(keys):
                self.opened[steps] = self.opened.get(steps, -1) + 1
            if steps in self.opened:
                steps += (self.opened[steps],)
        return steps

    def _pair(self, table: Path) -> None:
        path = table + self._keys()
        self.at += 1  # the sign =
        self._value(path)

    def _value(self, path: Path) -> None:
        sign = self._next()
        if sign == "{":
            self._inside("}", path)
        elif sign == "[":
            self._inside("]", path)
        else:
            value = _VALUE.match(self.text, self.at)
            if value is None:
                raise ValueError(f"no value at {self.at}")
            self.found[path] = value.span()
            self.at = value.end()

    def _inside(self, end: str, path: Path) -> None:
        """The values of a list, or of a table on one line."""
        self.at += 1
        number = 0
        while (sign := self._next()) != end:
            if sign == ",":
                self.at += 1
            elif end == "}":
                self._pair(path)
            else:
                self._value((*path, number))
                number += 1
        self.at += 1
