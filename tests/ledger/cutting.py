"""A wire between the poster and the server that is cut at a chosen moment."""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

COMMITTED = b"Z\x00\x00\x00\x05I"
"""How the server says that the statement, a transaction of its own, is on disk (ReadyForQuery, protocol 3)."""
ASKED = b"S\x00\x00\x00\x04"
"""How the poster ends its request (Sync): without it, the server has begun nothing that it would commit."""


class Wire:
    """Carries bytes both ways. When `cut_at` comes along, it is swallowed and the wire is cut, once."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.cut_at, self.cuts = folder, b"", 0
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._threads: list[threading.Thread] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def connect(self) -> psycopg.Connection[Any]:
        """A connection over this wire, as the poster makes its own."""
        known = connection.get_connection_params()
        wanted = {k: v for k, v in known.items() if k not in ("cursor_factory", "context", "prepare_threshold")}
        return psycopg.connect(**wanted | {"host": str(self.folder)}, autocommit=True, prepare_threshold=0)

    def close(self) -> None:
        """Take no more connections, and wait until those that stand have ended."""
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._carry, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self._server)
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for end in ready:
                    told = end.recv(65536)
                    if not told or self._is_cut(told):
                        return
                    (server if end is client else client).sendall(told)

    def _is_cut(self, told: bytes) -> bool:
        if not self.cut_at or self.cut_at not in told:
            return False
        self.cut_at, self.cuts = b"", self.cuts + 1
        return True


@contextlib.contextmanager
def wire() -> Iterator[Wire]:
    """A wire to the tests' own server."""
    there = Path(connection.get_connection_params()["host"]) / ".s.PGSQL.5432"
    folder = Path(tempfile.mkdtemp(prefix="mw-"))
    made = Wire(folder, str(there))
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
