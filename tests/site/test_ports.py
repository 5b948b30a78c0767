"""One port, one server: who else is there is said in one sentence, before anything is started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from meguri.site import command, ports
from meguri.site.ports import PortTakenError, is_meguri, require_free

MEGURI = Path(sys.executable).parent / "meguri"
HERE = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HERE, 0))
        return int(trial.getsockname()[1])


@contextmanager
def listening(**headers: str) -> Iterator[int]:
    """A program that answers every question by 503 and these headers; its port."""

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            """Nothing on the terminal."""

    with HTTPServer((HERE, 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_the_demo_takes_the_next_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = int(busy.getsockname()[1])
        monkeypatch.setattr(ports, "PORT", taken)
        assert ports.free_port("127.0.0.1") > taken
        monkeypatch.setattr(ports, "PORTS_TRIED", 1)
        with pytest.raises(PortTakenError, match="all in use"):
            ports.free_port("127.0.0.1")


def test_a_port_that_localhost_leads_elsewhere_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that reads `localhost` as ::1 must not end up at somebody else's server."""
    port = free_port()
    monkeypatch.setattr(ports, "PORT", port)
    try:
        other = socket.create_server(("::1", port), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no ::1")
    with other:
        assert ports.free_port("127.0.0.1") > port
        assert ports.free_port("0.0.0.0") == port, "whoever serves the network is reached by another name"  # noqa: S104


@pytest.mark.parametrize(("host", "name"), [
    ("127.0.0.1", "localhost"), ("::1", "localhost"), ("0.0.0.0", "0.0.0.0"), ("meguri.example", "meguri.example"),  # noqa: S104
])
def test_a_machines_own_number_is_shown_as_its_name(host: str, name: str) -> None:
    assert ports.named(host) == name


# --- who is there already --------------------------------------------------------------------------------------------


def test_a_free_port_is_no_trouble() -> None:
    require_free(HERE, free_port())


def test_a_port_that_was_used_a_moment_ago_is_free() -> None:
    """Ctrl-C and start again: what is left of old connections is no hindrance."""
    with closing(socket.create_server((HERE, 0))) as server:
        port = server.getsockname()[1]
        with socket.create_connection((HERE, port)):
            server.accept()[0].close()
    require_free(HERE, port)


def test_another_program_is_told_from_another_meguri() -> None:
    with listening() as port, pytest.raises(PortTakenError) as caught:
        require_free(HERE, port)
    said = str(caught.value)
    assert f"{port}番のポートは、ほかのプログラムが使っています" in said
    assert f"Port {port} is in use by another program" in said
    assert f"make demo PORT={port + 1}" in said
    with listening(X_Meguri="1") as port, pytest.raises(PortTakenError) as caught:
        require_free(HERE, port)
    said = str(caught.value)
    assert f"http://localhost:{port}/ では、別のめぐりがもう動いています" in said
    assert f"Another Meguri is already running at http://localhost:{port}/" in said


def test_a_program_that_speaks_no_http_is_another_program() -> None:
    with closing(socket.create_server((HERE, 0))) as server:
        port = server.getsockname()[1]

        def mumble() -> None:
            with server.accept()[0] as caller:
                caller.recv(1000)
                caller.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=mumble)
        thread.start()
        assert not is_meguri(HERE, port)
        thread.join(5)


def test_a_port_shared_by_its_owner_is_taken_all_the_same() -> None:
    """The web server's own way of listening, by which a second one would slip in beside it."""
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        first.bind((HERE, 0))
        first.listen()
        with socket.socket() as second:  # the control: the system itself lets it in
            second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            second.bind(first.getsockname())
        for host in (HERE, "0.0.0.0"):  # noqa: S104
            with pytest.raises(PortTakenError):
                require_free(host, first.getsockname()[1])


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_this_machines_is_said(host: str) -> None:
    with pytest.raises(PortTakenError, match=r"では待ち受けできません.*Nothing can listen at"):
        require_free(host, free_port())


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "", "80.5"])
def test_a_port_is_a_number(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["demo", f"--port={text}"])
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


# --- two programs, one town ------------------------------------------------------------------------------------------


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="meguri-port-"))
    yield made
    shutil.rmtree(made)


def demo(home: Path, *wishes: str) -> subprocess.CompletedProcess[str]:
    around = {**os.environ, "MEGURI_DATA": str(home)}
    return subprocess.run(
        [MEGURI, "demo", *wishes], env=around, capture_output=True, text=True, check=False, timeout=60
    )


def until(happened: Callable[[], bool], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


def test_no_second_server_comes_beside_the_first(folder: Path) -> None:
    port, said = free_port(), folder / "said.txt"
    around = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    around["MEGURI_DATA"] = str(folder / "one")
    with said.open("w") as terminal:
        first = subprocess.Popen(
            [MEGURI, "demo", "--port", str(port), "--size", "100", "--weeks", "1"], env=around, stdout=terminal,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        assert until(lambda: "people you can be" in said.read_text() or first.poll() is not None), said.read_text()
        assert f"people you can be: http://localhost:{port}/enter/" in said.read_text()
        assert until(lambda: "商工課の起票者" in said.read_text() or first.poll() is not None), said.read_text()
        assert "商工課の起票者" in said.read_text()
        _refused(demo(folder / "one"), f"This town is already running: open http://localhost:{port}/")
        _refused(demo(folder / "one", "--port", str(free_port())), "この町はもう動いています")
        _refused(demo(folder / "two", "--port", str(port)), f"Another Meguri is already running at http://localhost:{port}")
        assert not (folder / "two" / "postgres").exists(), "nothing was begun"
    finally:
        first.send_signal(signal.SIGINT)
        assert first.wait(40) == 0, said.read_text()
    assert "Traceback" not in said.read_text()


def _refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1, "one sentence"
