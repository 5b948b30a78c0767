"""Django in one thread hop: bodies, answers, streams, files, people who leave."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils import translation
from pytest_django import Settings

from meguri.site import onehop
from meguri.site.onehop import Message, OneHopHandler, Scope

streamed: dict[str, Any] = {}
"""What the endless stream of the test left behind."""


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, content_type="application/octet-stream")


def where(_request: HttpRequest) -> HttpResponse:
    language = translation.get_language()
    translation.activate("en")
    return HttpResponse(f"{threading.current_thread().name} {language}")


def upload(request: HttpRequest) -> HttpResponse:
    (file,) = request.FILES.values()
    return HttpResponse(f"{file.name} {file.size}")


def cookies(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse("two")
    response.set_cookie("first", "1", httponly=True)
    response.set_cookie("second", "2")
    return response


def stream(_request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"a" * 10, b"", b"b" * 10]))


def endless(_request: HttpRequest) -> StreamingHttpResponse:
    def pieces() -> Iterator[bytes]:
        try:
            while True:
                streamed["pieces"] = streamed.get("pieces", 0) + 1
                yield b"x"
        finally:
            streamed["closed"] = True

    return StreamingHttpResponse(pieces())


def file(_request: HttpRequest, size: int) -> FileResponse:
    return FileResponse(io.BytesIO(b"f" * size), filename="paper.bin")


def broken(_request: HttpRequest) -> HttpResponse:
    raise ValueError("nobody expected this")


urlpatterns = [
    path("echo", echo), path("where", where), path("upload", upload), path("cookies", cookies), path("stream", stream),
    path("endless", endless), path("file/<int:size>", file), path("broken", broken),
]


@pytest.fixture
def handler(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[OneHopHandler]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", False)  # these views need no database
    made = OneHopHandler(2)
    yield made
    made.shut_down()


def scope_of(place: str, *, method: str = "GET", headers: tuple[tuple[bytes, bytes], ...] = ()) -> Scope:
    return {
        "type": "http", "http_version": "1.1", "method": method, "path": place, "raw_path": place.encode(),
        "query_string": b"", "root_path": "", "headers": [(b"host", b"town"), *headers], "server": ("town", 80),
    }


class Client:
    """A client that sends its messages and then stays, or leaves when `leave` is set."""

    def __init__(self, *messages: Message, refuse_after: int | None = None) -> None:
        self.outgoing = list(messages or [{"type": "http.request", "body": b"", "more_body": False}])
        self.incoming: list[Message] = []
        self.leave = asyncio.Event()
        self.refuse_after = refuse_after

    async def receive(self) -> Message:
        if self.outgoing:
            return self.outgoing.pop(0)
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.incoming.append(message)
        if self.refuse_after is not None and len(self.incoming) >= self.refuse_after:
            self.leave.set()
            await asyncio.sleep(0.01)

    @property
    def status(self) -> int:
        return int(self.incoming[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.incoming[1:])

    def header(self, name: str) -> list[str]:
        return [value.decode() for key, value in self.incoming[0]["headers"] if key.decode().lower() == name]


def ask(handler: Callable[..., Awaitable[None]], scope: Scope, *messages: Message, **wishes: Any) -> Client:
    async def talk() -> Client:
        client = Client(*messages, **wishes)
        await handler(scope, client.receive, client.send)
        return client

    return asyncio.run(talk())


def test_a_body_in_pieces_arrives_whole(handler: OneHopHandler) -> None:
    client = ask(
        handler, scope_of("/echo", method="POST"),
        {"type": "http.request", "body": b"one ", "more_body": True}, {"type": "http.request", "body": b"two"},
    )
    assert (client.status, client.body) == (200, b"one two")
    assert client.incoming[-1]["more_body"] is False


def test_the_whole_chain_runs_in_one_thread_of_the_pool_and_nothing_stays_behind(handler: OneHopHandler) -> None:
    answers = [ask(handler, scope_of("/where")).body.decode() for _ in range(4)]
    assert all(answer.startswith("django_") for answer in answers)
    assert {answer.split()[1] for answer in answers} == {"ja"}  # each view left English behind; none found it


def test_an_upload_larger_than_memory_goes_through_a_file(handler: OneHopHandler, settings: Settings) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    content = b"k" * 5000
    form = b'--B\r\nContent-Disposition: form-data; name="f"; filename="list.csv"\r\n\r\n' + content + b"\r\n--B--\r\n"
    headers = ((b"content-type", b"multipart/form-data; boundary=B"), (b"content-length", str(len(form)).encode()))
    client = ask(handler, scope_of("/upload", method="POST", headers=headers), {"type": "http.request", "body": form})
    assert client.body == b"list.csv 5000"


def test_every_cookie_has_its_own_header(handler: OneHopHandler) -> None:
    client = ask(handler, scope_of("/cookies"))
    assert [cookie.split(";")[0] for cookie in client.header("set-cookie")] == ["first=1", "second=2"]


def test_a_stream_is_sent_piece_by_piece(handler: OneHopHandler) -> None:
    client = ask(handler, scope_of("/stream"))
    assert [message["body"] for message in client.incoming[1:]] == [b"a" * 10, b"b" * 10, b""]
    assert [message["more_body"] for message in client.incoming[1:]] == [True, True, False]


@pytest.mark.parametrize(("size", "messages"), [(0, 2), (10, 2), (65_536, 2), (65_537, 4), (200_000, 6)])
def test_small_files_go_whole_and_large_ones_in_pieces(handler: OneHopHandler, size: int, messages: int) -> None:
    client = ask(handler, scope_of(f"/file/{size}"))
    assert client.body == b"f" * size
    assert len(client.incoming) == messages


def test_a_stream_ends_when_the_client_leaves(handler: OneHopHandler) -> None:
    streamed.clear()
    client = ask(handler, scope_of("/endless"), refuse_after=5)
    assert streamed["closed"] is True
    assert len(client.incoming) < 20


def test_a_client_that_takes_nothing_counts_as_gone(handler: OneHopHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onehop, "PIECE_WAIT_S_MAX", 0.05)
    streamed.clear()

    async def talk() -> None:
        client = Client()

        async def stuck(_message: Message) -> None:
            await asyncio.sleep(60)

        await handler(scope_of("/stream"), client.receive, stuck)

    asyncio.run(asyncio.wait_for(talk(), 5))


def test_a_client_that_leaves_before_the_end_of_its_body_gets_nothing(handler: OneHopHandler) -> None:
    client = ask(
        handler, scope_of("/echo", method="POST"),
        {"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"},
    )
    assert client.incoming == []


def test_a_fault_answers_500_and_the_handler_lives_on(handler: OneHopHandler, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(handler, scope_of("/broken")).status == 500
    assert "nobody expected this" in caplog.text
    assert ask(handler, scope_of("/echo")).status == 200


def test_a_fault_on_the_page_for_faults_still_answers(
    handler: OneHopHandler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def worse(*_: object) -> HttpResponse:
        raise RuntimeError("the template is broken too")

    monkeypatch.setattr("django.core.handlers.exception.response_for_exception", worse)
    client = ask(handler, scope_of("/broken"))
    assert (client.status, client.body) == (500, b"Internal server error")


def test_an_unknown_address_answers_404(handler: OneHopHandler) -> None:
    assert ask(handler, scope_of("/nowhere")).status == 404


def test_an_unreadable_query_answers_400(handler: OneHopHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> None:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

    monkeypatch.setattr(onehop, "ASGIRequest", unreadable)
    client = ask(handler, scope_of("/echo"))
    assert (client.status, "送られた内容を読めませんでした" in client.body.decode()) == (400, True)
    told = json.loads(ask(handler, scope_of("/api/v1/wallet")).body)
    assert (told["code"], told["status"]) == ("request_unreadable", 400)


def test_too_much_for_one_request_answers_413(handler: OneHopHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_big(*_: object) -> None:
        raise onehop.RequestDataTooBig

    monkeypatch.setattr(onehop, "ASGIRequest", too_big)
    client = ask(handler, scope_of("/echo"))
    assert (client.status, "分けて送ってください" in client.body.decode()) == (413, True)
    assert json.loads(ask(handler, scope_of("/api/v1/pay")).body)["code"] == "body_too_large"


def test_requests_run_side_by_side_up_to_the_number_of_threads(handler: OneHopHandler) -> None:
    async def talk() -> list[Client]:
        clients = [Client() for _ in range(20)]
        await asyncio.gather(*(handler(scope_of("/where"), c.receive, c.send) for c in clients))
        return clients

    threads = {client.body.split()[0] for client in asyncio.run(talk())}
    assert 1 <= len(threads) <= 2


def test_static_files_are_served_through_the_real_middlewares(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "tokens.css").write_text("a { color: red }")
    settings.STATICFILES_DIRS = [tmp_path]
    handler = OneHopHandler(1)
    client = ask(handler, {**scope_of("/static/tokens.css"), "headers": [(b"host", b"localhost")]})
    handler.shut_down()
    assert (client.status, client.body) == (200, b"a { color: red }")
    assert client.header("content-type") == ['text/css; charset="utf-8"']
