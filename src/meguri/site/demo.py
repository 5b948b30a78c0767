"""The demo: an invented town is opened, lived through by the rehearsal, and kept for the next start."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from meguri.site.installation import embedded
from meguri.site.processes import Child, Keeper
from meguri.site.settings import DEMO_MARK, MEGURI

WEEK_LIVED = re.compile(r"(?:\bweek|第)\s*1(?!\d)", re.IGNORECASE)
"""How the rehearsal's progress speaks of the first week."""

READY_S_MAX = 120.0
"""How long the web server may take until its first answer."""


class NotADemoError(RuntimeError):
    """The data directory holds something that is not marked as invented."""


class DemoRunsError(RuntimeError):
    """The invented town is being shown already."""


class OldTownError(RuntimeError):
    """The kept town was made by a program whose tables were different."""

    def __init__(self, why: object) -> None:
        super().__init__(
            "この町は前の版のめぐりで作られ、いまの版では続けられません。make clean-demo で消してから始めてください。"
            " / This town was made by an earlier Meguri and cannot go on: make clean-demo removes it, then start again."
            f" ({str(why).partition(chr(10))[0]})"
        )


@dataclass
class Story:
    """How far the invented town has been lived, kept in the data directory beside its database."""

    lived: bool = False
    port: int = 0  # a rehearsal goes on with the same server only, and people keep its address

    @classmethod
    def read(cls) -> Story:
        """The story of this data directory. Raises NotADemoError for one that holds a real installation."""
        if mark().exists():
            return cls(**json.loads(mark().read_text()))
        if (MEGURI.data / "postgres").exists():
            raise NotADemoError(
                f"{MEGURI.data} には本物のデータがあります。デモには別の MEGURI_DATA を指定してください。"
                f" / {MEGURI.data} holds real data; name another MEGURI_DATA for the demo."
            )
        return cls()

    def write(self) -> None:
        MEGURI.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark().write_text(json.dumps(asdict(self)))


@contextmanager
def alone() -> Iterator[tuple[Story, Callable[[str], None]]]:
    """The story of this data directory, for one program at a time, and a way to note at which address it is shown.

    Raises NotADemoError, and DemoRunsError, which names the address where it is shown already. The system lets go of
    the lock however the program ends.
    """
    Story.read()  # a real installation is refused before anything is written into it
    MEGURI.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (MEGURI.data / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise _runs_already(lock.read().strip()) from None

        def note(address: str) -> None:
            lock.truncate(0)
            lock.write(address)
            lock.flush()

        note("")
        yield Story.read(), note


def _runs_already(address: str) -> DemoRunsError:
    if not address:
        return DemoRunsError("この町はいま開くところです。 / This town is just being opened by another program.")
    return DemoRunsError(
        f"この町はもう動いています: {address} を開いてください。止めるには、始めた画面で Ctrl-C。"
        f" / This town is already running: open {address} (Ctrl-C where it was started ends it)."
    )


class Invitation:
    """Who one can be, and where. Given again, it names only those who have come since."""

    def __init__(self, open_at: str, *, say: Callable[[str], None], who: Callable[[], Iterable[str]]) -> None:
        self._open_at, self._say, self._who = open_at, say, who
        self._named: set[str] = set()

    def give(self) -> None:
        """Say it. `who` is asked each time: residents are found in a town that has been lived for a while."""
        people = [line for line in self._who() if line not in self._named]
        if self._named and not people:
            return
        opening = "さらに次の人にもなれます / and now also" if self._named else "次の人になれます / people you can be"
        self._say(f"\n{opening}: {self._open_at}/enter/")
        for line in people:
            self._say(f"  {line}")
        if not self._named:
            self._say("終わるには Ctrl-C。次に始めると同じ町が続きます。 / Ctrl-C ends; the next start keeps the town.")
        self._named.update(people)


def mark() -> Path:
    return MEGURI.data / DEMO_MARK


def clean() -> None:
    """Remove the invented town: its whole data directory. Raises NotADemoError rather than touch anything else."""
    if not MEGURI.data.exists():
        return
    if not mark().exists():
        raise NotADemoError(f"{MEGURI.data} has no {DEMO_MARK}: it is not a demo and is left alone")
    server = embedded()
    if server is not None and server.is_running():
        raise NotADemoError("デモが動いています。先に Ctrl-C で止めてください。 / the demo is running; stop it first.")
    shutil.rmtree(MEGURI.data)


def wait_until_ready(base_url: str, keeper: Keeper) -> bool:
    """Wait for the server's first `ok`; False when somebody stopped the program meanwhile."""
    until = time.monotonic() + READY_S_MAX
    while not keeper.stopping and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{base_url}/healthz", timeout=5):  # noqa: S310 - our own address
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            keeper.pause()
    return False


def rehearse(
    story: Story, rehearsal: Child, *, say: Callable[[str], None], invite: Callable[[], None]
) -> threading.Thread:
    """Listen to the rehearsal beside everything else, in a thread that ends with it."""
    thread = threading.Thread(
        target=listen, args=(story, rehearsal), kwargs={"say": say, "invite": invite}, name="rehearsal", daemon=True
    )
    thread.start()
    return thread


def listen(story: Story, rehearsal: Child, *, say: Callable[[str], None], invite: Callable[[], None]) -> None:
    """Pass the rehearsal's progress on to the terminal, invite people in after the first week, note the end."""
    process = rehearsal.process
    if process is None or process.stdout is None:
        raise ValueError("the rehearsal must be started with its output piped")
    with process.stdout as lines:
        relay(lines, say=say, invite=invite)
    if process.wait() == 0:
        story.lived = True
        story.write()
        say("町のくらしの再現が終わりました / the town has been lived to the end")
    elif process.returncode > 0:
        say(f"再現が途中で終わりました / the rehearsal broke off (status {process.returncode})")


def relay(lines: Iterable[str], *, say: Callable[[str], None], invite: Callable[[], None]) -> None:
    """Say each line; call `invite` once, after the first line that speaks of the first week."""
    invited = False
    for line in lines:
        say(f"  {line.rstrip()}")
        if not invited and WEEK_LIVED.search(line):
            invite()
            invited = True
