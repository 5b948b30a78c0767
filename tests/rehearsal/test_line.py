"""Lines of TCP against a small server of the standard library."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from meguri.rehearsal.line import Cut, Request, Sockets


class Counter(BaseHTTPRequestHandler):
    """Says what it was asked; `/bye` ends the connection without an answer, `/last` after one."""

    protocol_version = "HTTP/1.1"
    connections: set[object]

    def do_GET(self) -> None:
        self.connections.add(self.client_address)
        if self.path == "/bye":
            self.close_connection = True
            return
        self._say(200, self.path.encode())
        self.close_connection = self.path == "/last"

    def do_POST(self) -> None:
        self.connections.add(self.client_address)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self._say(503, self.headers["Idempotency-Key"].encode() + b" " + content)

    def log_message(self, *_: object) -> None:
        pass

    def _say(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 503:
            self.send_header("Retry-After", "2")
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Counter.connections = set()
    with ThreadingHTTPServer(("127.0.0.1", 0), Counter) as found:
        found.daemon_threads = True
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def get(path: str) -> Request:
    return Request("GET", path, {"Accept": "application/json"})


def test_one_thread_keeps_one_connection(server: ThreadingHTTPServer) -> None:
    line = Sockets(address(server))
    assert [line.send(get(f"/{n}?a=1")).content for n in range(3)] == [b"/0?a=1", b"/1?a=1", b"/2?a=1"]
    assert len(Counter.connections) == 1
    line.close()


def test_an_answer_is_given_whatever_its_status(server: ThreadingHTTPServer) -> None:
    line = Sockets(address(server))
    reply = line.send(Request("POST", "/pay", {"Idempotency-Key": "k"}, "円".encode()))
    assert (reply.status, reply.ok, reply.content) == (503, False, "k 円".encode())
    assert reply.retry_after == "2"
    line.close()


def test_threads_do_not_share_a_connection(server: ThreadingHTTPServer) -> None:
    line, together = Sockets(address(server)), threading.Barrier(3)

    def ask(number: int) -> bytes:
        together.wait(timeout=10)
        return line.send(get(f"/{number}")).content

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(ask, range(3))) == [b"/0", b"/1", b"/2"]
    assert len(Counter.connections) == 3
    line.close()


def test_a_broken_line_is_said_and_opened_again(server: ThreadingHTTPServer) -> None:
    line = Sockets(address(server))
    with pytest.raises(Cut, match="RemoteDisconnected"):
        line.send(get("/bye"))
    assert line.send(get("/again")).content == b"/again"
    assert len(Counter.connections) == 2
    line.close()


def test_nobody_there_is_a_cut_line() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Counter) as gone:
        at = address(gone)
    with pytest.raises(Cut, match="ConnectionRefusedError"):
        Sockets(at).send(get("/"))


@pytest.mark.parametrize("wrong", ["town", "ftp://town", "http://", ""])
def test_what_is_no_address_is_said_at_once(wrong: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        Sockets(wrong)
