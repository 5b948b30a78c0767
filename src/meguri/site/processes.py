"""The processes of a running installation: started in order, kept alive, stopped in the opposite order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from meguri.site.postgres import EmbeddedPostgres, PostgresStartError

CHECK_S = 0.5
"""How often the keeper looks whether everything still stands."""

RESTART_PAUSE_S = 2.0
"""A process that ended by itself is started again after this pause, so that a broken one does not spin."""

STOP_S_MAX = 15.0
"""A process that was asked to stop and has not after this time is killed."""

SPEAKS_AT_ONCE = {"PYTHONUNBUFFERED": "1"}
"""Into a pipe Python would hold its lines back until some thousand letters have gathered."""


@dataclass
class Child:
    """One process: `python -m <module> <arguments>`. `lasting` ones are started again whenever they end."""

    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = True
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self, *, piped: bool = False) -> subprocess.Popen[str]:
        """Start it in a session of its own: Ctrl-C reaches the keeper alone, which stops all in order."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, *self.arguments],
            env={**os.environ, **self.environment, **(SPEAKS_AT_ONCE if piped else {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else None, text=True, start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it makes one system call and takes no lock
        )
        return self.process

    def stop(self) -> None:
        """Ask it to end, wait, and kill it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Keeper:
    """Keeps the database and the children standing until somebody asks to stop (Ctrl-C, SIGTERM, `stop()`)."""

    def __init__(self, server: EmbeddedPostgres | None, say: Callable[[str], None]) -> None:
        self._server = server
        self._say = say
        self._children: list[Child] = []
        self._enough = threading.Event()

    def listen(self) -> None:
        """Turn Ctrl-C and SIGTERM into the wish to stop. Only in a program's main thread."""
        on_stop_signal(self.stop)

    def add(self, child: Child, *, piped: bool = False) -> Child:
        """Start a child and keep it."""
        child.start(piped=piped)
        self._children.append(child)
        return child

    def add_all(self, children: Iterable[Child]) -> None:
        """Start them in their order and keep them."""
        for child in children:
            self.add(child)

    def stop(self) -> None:
        self._enough.set()

    def pause(self) -> None:
        """Wait one check, or less when asked to stop."""
        self._enough.wait(CHECK_S)

    @property
    def stopping(self) -> bool:
        return self._enough.is_set()

    def keep(self) -> None:
        """Blocks until the wish to stop, then stops the children; the database is left to who opened it."""
        try:
            while not self._enough.wait(CHECK_S):
                self.look()
        finally:
            for child in reversed(self._children):
                child.stop()

    def look(self) -> None:
        """One look around: bring back what has fallen."""
        if self._server is not None and not self._server.is_running():
            self._say("データベースが止まったため再起動します / the database stopped; starting it again")
            try:
                self._server.start()
            except PostgresStartError as error:
                self._say(str(error))  # tried again at the next look: the disk may be full only for a while
        for child in self._children:
            if child.ended and child.lasting:
                self._say(f"{child.module} が終了したため再起動します / {child.module} ended; starting it again")
                if not self._enough.wait(RESTART_PAUSE_S):
                    child.start()


def on_stop_signal(wish: Callable[[], None]) -> None:
    """Call `wish` at Ctrl-C and SIGTERM instead of ending at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: wish())


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Ask Linux to end this process (SIGTERM) when its parent dies, even by kill -9: an orphan would keep the port.

    Elsewhere: nothing. Asked between fork and exec, so that no moment is left in which the parent could die unseen.
    """
    if sys.platform == "linux":
        _libc.prctl(1, signal.SIGTERM)  # 1 = PR_SET_PDEATHSIG
