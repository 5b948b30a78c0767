"""The server's own interface: paying takes the short way, everything else is put into ASGI's words and back."""

from __future__ import annotations

import asyncio
import gc
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed

from meguri.site import asgi, rsgi
from meguri.site.asgi import Application
from meguri.site.onehop import Disconnected, Message, Receive, Scope, Send
from meguri.site.rsgi import Front, Talk, scope_of

PROBE = """
import asyncio, sys
from meguri.site.onehop import Disconnected
from meguri.site.rsgi import Front

async def behind(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        print("ended", flush=True)
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    lines = [(b"x-a", b"1"), (b"set-cookie", b"a"), (b"set-cookie", b"b")]
    await send({"type": "http.response.start", "status": 201, "headers": lines})
    if scope["path"] == "/stream":
        try:
            for number in range(2000):
                await send({"type": "http.response.body", "body": b"%d," % number * 1000, "more_body": True})
                if number == 3 and scope["query_string"] == b"short":
                    break
        except Disconnected:
            print("left", flush=True)
            return
    if scope["path"] == "/wait":
        await send({"type": "http.response.body", "body": b"so far", "more_body": True})
        print((await receive())["type"], flush=True)
        return
    said = repr((scope["method"], scope["path"], scope["query_string"], dict(scope["headers"]).get(b"x-b"), len(body)))
    await send({"type": "http.response.body", "body": b"" if scope["path"] == "/stream" else said.encode()})

async def short(told, proto):
    proto.response_bytes(200, [], await proto())

front = Front(behind, short={"/short": short})
"""


class Headers:
    def __init__(self, *lines: tuple[str, str]) -> None:
        self._lines = lines

    def items(self) -> list[tuple[str, str]]:
        return list(self._lines)

    def __contains__(self, name: str) -> bool:
        return name in dict(self._lines)


class Told:
    """A request's head as the server tells it."""

    proto, http_version, scheme, method = "http", "1.1", "https", "POST"
    client, server, authority = "192.0.2.7:4321", "[::1]:8000", None

    def __init__(self, path: str = "/", *, query: str = "", headers: Headers | None = None, **other: Any) -> None:
        self.path, self.query_string, self.headers = path, query, headers or Headers()
        self.__dict__ |= other


class Proto:
    """The server's other end: a body in pieces, and what was answered."""

    def __init__(self, *pieces: bytes, closes: bool = False) -> None:
        self.pieces, self.closes = pieces, closes
        self.answered: list[Any] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.closes:
            raise ProtocolClosed

    async def client_disconnect(self) -> None:
        self.answered.append("left")

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        if self.closes:
            raise ProtocolClosed
        self.answered.append((status, headers, body))

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Proto:
        self.answered.append((status, headers))
        return self

    async def send_bytes(self, body: bytes) -> None:
        if self.closes:
            raise ProtocolClosed
        self.answered.append(body)

    def close(self, status: int) -> None:
        self.answered.append(status)


START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"Set-Cookie", b"a"), (b"X", b"\xe9")]}
LINES = [("Set-Cookie", "a"), ("X", "é")]


def send(proto: Any, *messages: Message) -> None:
    async def run() -> None:
        talk = Talk(proto)
        for message in messages:
            await talk.send(message)

    asyncio.run(run())


def body(content: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def test_an_answer_in_one_piece_is_one_call() -> None:
    proto = Proto()
    send(proto, START, body(b"all"))
    assert proto.answered == [(200, LINES, b"all")]


def test_an_answer_in_several_pieces_is_a_stream() -> None:
    proto = Proto()
    send(proto, START, body(b"one", more=True), body(b"", more=True), body(b"two"), body())
    assert proto.answered == [(200, LINES), b"one", b"two"]


@pytest.mark.parametrize("messages", [(body(b"all"),), (body(b"one", more=True),)])
def test_whoever_answers_a_client_that_has_left_is_told(messages: tuple[Message, ...]) -> None:
    with pytest.raises(Disconnected):
        send(Proto(closes=True), START, *messages)


def received(proto: Any, messages: int) -> list[Message]:
    async def run() -> list[Message]:
        talk = Talk(proto)
        return [await talk.receive() for _ in range(messages)]

    return asyncio.run(run())


def test_a_body_comes_in_pieces_and_then_the_client_may_leave() -> None:
    one, two, end, left = received(proto := Proto(b"one", b"two"), 4)
    assert [one["body"], two["body"], end["body"]] == [b"one", b"two", b""]
    assert [one["more_body"], two["more_body"], end["more_body"]] == [True, True, False]
    assert (left, proto.answered) == ({"type": "http.disconnect"}, ["left"])


def test_a_client_that_leaves_in_its_body_has_left() -> None:
    half, left = received(Proto(b"half", closes=True), 2)
    assert (half["body"], left["type"]) == (b"half", "http.disconnect")


def test_the_head_is_put_into_the_words_of_asgi() -> None:
    told: Any = Told("/花", query="a=%20", headers=Headers(("host", "town"), ("x-b", "é")))
    scope = scope_of(told)
    assert (scope["type"], scope["method"], scope["path"], scope["scheme"]) == ("http", "POST", "/花", "https")
    assert (scope["query_string"], scope["root_path"]) == (b"a=%20", "")
    assert scope["headers"] == [(b"host", b"town"), (b"x-b", b"\xe9")]
    assert (scope["client"], scope["server"]) == (("192.0.2.7", 4321), ("::1", 8000))


@pytest.mark.parametrize(
    ("lines", "hosts"), [((), [b"town.example"]), ((("host", "other.example"),), [b"other.example"])]
)
def test_the_host_that_a_newer_protocol_names_elsewhere_is_a_header(
    lines: tuple[tuple[str, str], ...], hosts: list[bytes]
) -> None:
    told: Any = Told(headers=Headers(*lines), authority="town.example")
    assert [value for name, value in scope_of(told)["headers"] if name == b"host"] == hosts


def test_an_address_without_a_port_is_an_address() -> None:
    told: Any = Told(client="socket", server="")
    assert (scope_of(told)["client"], scope_of(told)["server"]) == (("", 0), ("", 0))


life: list[str] = []


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        life.append(f"asked {scope['path']}")
        return
    while (said := (await receive())["type"]) != "lifespan.shutdown":
        life.append(said)
        await send({"type": f"{said}.complete"})
    life.append(said)
    await send({"type": f"{said}.complete"})


@pytest.fixture
def front() -> Front:
    life.clear()

    async def short(_told: object, proto: Any) -> None:
        proto.answered.append("short")

    return Front(behind, short={"/api/v1/pay": short})


@pytest.mark.parametrize(("told", "answered", "asked"), [
    (Told("/api/v1/pay"), ["short"], []), (Told("/api/v1/payments"), [], ["asked /api/v1/payments"]),
    (Told("/api/v1/pay", proto="ws"), [403], []),
])  # fmt: skip
def test_what_is_paid_goes_the_short_way(front: Front, told: Any, answered: list[Any], asked: list[str]) -> None:
    proto = Proto()

    async def run() -> None:
        await front.__rsgi__(told, proto)

    asyncio.run(run())
    assert (proto.answered, life) == (answered, asked)


def test_whoever_left_before_the_answer_is_no_fault() -> None:
    async def answers(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"too late"))

    async def run() -> None:
        told: Any = Told()
        await Front(answers, short={}).__rsgi__(told, Proto(closes=True))

    asyncio.run(run())


def test_the_life_of_the_process_is_told_behind(front: Front) -> None:
    with asyncio.Runner() as runner:
        front.__rsgi_init__(runner.get_loop())
        assert life == ["lifespan.startup"]
        front.__rsgi_del__(runner.get_loop())
        assert life == ["lifespan.startup", "lifespan.shutdown"]


def test_a_start_that_fails_ends_the_process() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("no key")

    with asyncio.Runner() as runner, pytest.raises(ValueError, match="no key"):
        Front(broken, short={}).__rsgi_init__(runner.get_loop())


@pytest.mark.parametrize(("role", "short"), [("all", {"/api/v1/pay"}), ("till", {"/api/v1/pay"}), ("sale", set())])
def test_only_a_process_that_serves_tills_pays(role: str, short: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(_scope: Scope, _receive: Receive, _send: Send) -> None: ...

    def built(*, threads: int) -> Application:
        assert threads == 3
        return nobody

    monkeypatch.setenv("MEGURI_ROLE", role)
    monkeypatch.setattr(asgi, "build", built)
    assert set(rsgi.build(threads=3)._short) == short


# --- a real server ---------------------------------------------------------------------------------------------------


class Served:
    """A server of its own that runs PROBE, and what it printed."""

    def __init__(self, folder: Path) -> None:
        (folder / "probe.py").write_text(PROBE, encoding="utf-8")
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = trial.getsockname()[1]
        command = [sys.executable, "-m", "granian", "probe:front", "--interface", "rsgi", "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--log-level", "warning"], cwd=folder, stdout=subprocess.PIPE)

    def ask(self, path: str, content: bytes = b"", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request("POST", path, content, headers)
        answer = line.getresponse()
        said = answer.read()
        line.close()
        return answer, said

    def leave(self, path: str, *, after: bytes) -> None:
        """Ask, read up to these bytes, and go away."""
        seen = b""
        with socket.create_connection(("127.0.0.1", self.port), 10) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: town\r\n\r\n".encode())
            while after not in seen:
                seen += line.recv(1_000)

    def end(self) -> list[str]:
        self.process.terminate()
        printed, _ = self.process.communicate(timeout=20)
        return printed.decode().split()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    for _ in range(200):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", made.port)) == 0:
                break
        time.sleep(0.1)
    yield made
    if made.process.poll() is None:
        made.end()
    gc.collect()


def test_a_real_server_speaks_as_the_doubles_above(served: Served) -> None:
    assert served.ask("/short", b"x" * 100)[1] == b"x" * 100
    answer, said = served.ask("/a%20b", b"k" * 300_000, **{"X-B": "1"})
    assert (answer.status, answer.headers.get_all("set-cookie")) == (201, ["a", "b"])
    assert said.decode() == repr(("POST", "/a b", b"", b"1", 300_000))
    answer, said = served.ask("/stream?short")
    assert (answer.status, answer.headers["transfer-encoding"]) == (201, "chunked")
    assert said == b"".join(b"%d," % number * 1000 for number in range(4))
    served.leave("/stream", after=b"0,0,")
    served.leave("/wait", after=b"so far")
    time.sleep(0.5)
    assert sorted(served.end()) == ["ended", "http.disconnect", "left"]
