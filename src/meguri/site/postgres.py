"""The database that the program brings along: one PostgreSQL cluster in the user's data directory.

It listens on a unix socket in a directory that only its owner may enter, and nowhere else; who reaches the
socket is let in. Several `meguri` commands may use one cluster at the same time: each holds a shared lock on
`users.lock`, and the last one to leave stops the server. Starts and stops happen under `door.lock`, one at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping

from meguri.site.binaries import find_binaries, major_version, owner_id, unprivileged_prefix

SOCKET_PATH_MAX = 80
"""Longest directory for a socket (bytes): the kernel allows 107 for the whole path, some systems less."""

START_ATTEMPTS = 40
"""How often a start is tried again when the remains of a killed server are still going away."""

PAUSE_S = 0.1

DATABASE = "meguri"
OWNER = "meguri"
SUPERUSER = "postgres"
PROGRAM = "meguri_program"
"""The role in which the living program works: no table is its own, and it sees one town at a time (site/wall.py)."""

DURABLE: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_ALWAYS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "min_wal_size": "512MB",  # log files are written again, not made again: to make one holds all who pay up for 50 ms
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # compiling pays for minutes-long queries only
}


class PostgresStartError(RuntimeError):
    """The server ended while it was being started; the message carries the end of its log."""


@dataclass
class EmbeddedPostgres:
    """One cluster below `directory`. `start()` twice or from two processes is harmless."""

    directory: Path
    binaries: Path | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _user_lock: IO[str] | None = field(default=None, init=False, repr=False)

    @property
    def data(self) -> Path:
        return self.directory / "postgres"

    @property
    def log(self) -> Path:
        return self.directory / "postgres.log"

    @property
    def dsn(self) -> str:
        """The address for the application: an ordinary role that owns the database."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={socket_directory(self.directory)}"

    def start(self) -> str:
        """Bring the server up (creating the cluster at first), wait until it answers, return the DSN.

        Waits as long as recovery after a crash takes. Raises PostgresMissingError, PostgresStartError.
        """
        _make_private(self.directory)
        with self._door():
            if self._user_lock is None:
                self._user_lock = (self.directory / "users.lock").open("a")
                fcntl.flock(self._user_lock, fcntl.LOCK_SH)
            self._start_server()
        return self.dsn

    def stop(self) -> None:
        """Leave the server; the last user stops it (fast: running statements are broken off, nothing is lost)."""
        if self._user_lock is None:
            return
        with self._door():
            self._user_lock.close()
            self._user_lock = None
            with (self.directory / "users.lock").open("a") as alone:
                try:
                    fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:  # somebody else still uses it, and stops it one day
                    self._reap(later=True)
                    return
                if self.is_running():
                    self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "3600")
        self._reap()

    def is_running(self) -> bool:
        """Whether the server accepts connections now."""
        return self._ping() == Ping.OK

    def postmaster(self) -> int | None:
        """The process id in this cluster's own `postmaster.pid`, if there is one."""
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, IndexError, ValueError):
            return None

    def _ping(self) -> Ping:
        address = f"host='{socket_directory(self.directory)}' user={SUPERUSER} dbname=postgres connect_timeout=5"
        return Ping(PGconn.ping(os.fsencode(address)))

    def _start_server(self) -> None:
        while self._ping() == Ping.REJECT:
            time.sleep(PAUSE_S)  # a server that somebody else left behind is still recovering or shutting down
        if self.is_running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        _make_private(socket_directory(self.directory), owner=owner_id())
        for attempt in range(1, START_ATTEMPTS + 1):
            if self._launch():
                break
            if attempt == START_ATTEMPTS:
                raise PostgresStartError(f"PostgreSQL did not start. {self.log} ends with:\n{_tail(self.log)}")
            time.sleep(PAUSE_S)  # a stale pid file or shared memory of a killed server: its backends go soon
        self._create_database()

    def _launch(self) -> bool:
        """Start the server process and wait for its first answer; False when it ended instead."""
        self._reap()
        options = {**_ALWAYS, **self.settings, "unix_socket_directories": f'"{socket_directory(self.directory)}"'}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal must reach the program first, which then stops the server.
            self._process = subprocess.Popen(
                [*unprivileged_prefix(), self._binaries() / "postgres", "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        while self._process.poll() is None:
            if self.is_running():
                return True
            time.sleep(PAUSE_S / 2)
        return False

    def _create_cluster(self) -> None:
        """Run initdb into a side directory first, so that a broken attempt is never taken for a cluster."""
        half_made = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.directory))
        os.chown(half_made, owner_id(), -1)
        binaries = self._binaries()
        modern = (major_version(binaries) or 0) >= 17
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if modern else ()
        self._run("initdb", "-D", half_made, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                  "--data-checksums", "--no-instructions", *locale)
        half_made.rename(self.data)

    def _create_database(self) -> None:
        """The application's role and database, if they are not there yet."""
        with self._connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
                # CREATEDB: the tests and a restored copy need a database of their own.
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PROGRAM]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {0} NOLOGIN; GRANT {0} TO {1}").format(
                    sql.Identifier(PROGRAM), sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)))

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(socket_directory(self.directory)), dbname=database, user=SUPERUSER,
                               autocommit=True, connect_timeout=5)

    def _binaries(self) -> Path:
        version = self.data / "PG_VERSION"
        return find_binaries(self.binaries, major=int(version.read_text()) if version.exists() else None)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*unprivileged_prefix(), self._binaries() / program, *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PostgresStartError(f"{program} failed ({done.returncode}):\n{done.stdout}{done.stderr}")

    def _reap(self, *, later: bool = False) -> None:
        """Take the ended server process off the system's table; `later`: whenever it ends."""
        if self._process is not None:
            if later:
                threading.Thread(target=self._process.wait, name="reap-postgres", daemon=True).start()
            else:
                self._process.wait()
            self._process = None

    @contextmanager
    def _door(self) -> Iterator[None]:
        with (self.directory / "door.lock").open("a") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield


def data_directory() -> Path:
    """Where a user's data lie: MEGURI_DATA, else `meguri` in the XDG data directory."""
    chosen = os.environ.get("MEGURI_DATA")
    if chosen:
        return Path(chosen).expanduser().resolve()
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share").resolve() / "meguri"


def socket_directory(directory: Path) -> Path:
    """Beside the data; in the temporary directory when that path is too long for a socket."""
    beside = directory / "socket"
    if len(os.fsencode(beside)) <= SOCKET_PATH_MAX:
        return beside
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return Path("/tmp") / f"meguri-{os.geteuid()}-{digest}"  # noqa: S108 - its owner and mode are checked before use


def _make_private(directory: Path, *, owner: int | None = None) -> None:
    """Create `directory` for its owner alone. Raises PermissionError if somebody else made it before us."""
    wanted = os.geteuid() if owner is None else owner
    try:
        directory.mkdir(mode=0o700, parents=True)
        os.chown(directory, wanted, -1)
    except FileExistsError:
        found = directory.lstat()
        if found.st_uid != wanted or not directory.is_dir() or directory.is_symlink():
            raise PermissionError(f"{directory} belongs to somebody else; remove it or set MEGURI_DATA") from None
        directory.chmod(0o700)


def _tail(path: Path, lines: int = 20) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
