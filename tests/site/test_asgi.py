"""Who answers what: the lean routes in front, Django behind, and the life of the server process."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from meguri.site import asgi
from meguri.site.asgi import Application, compose
from meguri.site.onehop import Message, OneHopHandler, Receive, Scope, Send

life: list[str] = []


class Behind(OneHopHandler):
    """Stands in for Django."""

    def __init__(self) -> None:
        pass

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"answered by": "django"})

    def shut_down(self) -> None:
        life.append("threads ended")


async def lean(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"answered by": "lean"})


async def start() -> None:
    life.append("started")


async def stop() -> None:
    life.append("stopped")


@pytest.fixture
def application() -> Application:
    life.clear()
    return compose(behind=Behind(), lean=lean, routes=("/api/v1/pay", "/api/v1/codes/"), hooks=(start, stop))


def talk(application: Application, scope: Scope, *messages: Message) -> list[Message]:
    sent: list[Message] = []
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        await application(scope, receive, send)

    asyncio.run(run())
    return sent


@pytest.mark.parametrize(("path", "who"), [
    ("/api/v1/pay", "lean"), ("/api/v1/codes/123", "lean"), ("/api/v1/codes", "django"), ("/", "django"),
])
def test_lean_routes_stand_before_django(application: Application, path: str, who: str) -> None:
    assert talk(application, {"type": "http", "path": path}) == [{"answered by": who}]


def test_without_lean_routes_everything_goes_to_django() -> None:
    application = compose(behind=Behind(), lean=lean, routes=(), hooks=(start, stop))
    assert talk(application, {"type": "http", "path": "/api/v1/pay"}) == [{"answered by": "django"}]


@pytest.mark.parametrize(
    ("path", "by"),
    [("/line/1", "lean"), ("/static/design/base.css", "django"), ("/healthz", "django"), ("/", None), ("/till/", None),
     ("/api/v1/pay", None)],
)  # fmt: skip
def test_the_process_of_a_sale_answers_for_the_sale_alone(path: str, by: str | None) -> None:
    application = compose(
        behind=Behind(), lean=lean, routes=("/line/",), hooks=(start, stop), only=asgi.SALE_ONLY
    )
    sent = talk(application, {"type": "http", "path": path})
    assert sent[0] == {"answered by": by} if by else sent[0]["status"] == 404


@pytest.mark.parametrize("role", ["sale", "all"])
def test_the_routes_of_a_process_are_those_of_its_role(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setenv("MEGURI_ROLE", role)
    monkeypatch.setattr(asgi, "search_less_for_garbage", lambda: None)
    monkeypatch.setattr(asgi, "compose", lambda **parts: made.update(parts))
    asgi.build(threads=1)
    made["behind"].shut_down()
    assert ("/api/v1/pay" in made["routes"]) == (role == "all")
    assert "/line/" in made["routes"]
    assert made["only"] == (asgi.SALE_ONLY if role == "sale" else None)


def test_the_life_of_the_process(application: Application) -> None:
    sent = talk(application, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert life == ["started", "stopped", "threads ended"]


def test_websockets_are_closed(application: Application) -> None:
    assert talk(application, {"type": "websocket", "path": "/"}) == [{"type": "websocket.close", "code": 1000}]


def test_the_built_application_puts_the_lean_routes_first_and_searches_little(monkeypatch: pytest.MonkeyPatch) -> None:
    built: dict[str, Any] = {}
    monkeypatch.setattr(asgi, "compose", lambda **parts: built.update(parts))
    before = gc.get_threshold()
    try:
        asgi.build(threads=1)
        assert gc.get_threshold()[0] == asgi.GARBAGE_SEARCHED_EVERY > before[0]
        assert gc.get_freeze_count() > 0
    finally:
        gc.set_threshold(*before)
    built["behind"].shut_down()
    assert "/api/v1/pay" in built["routes"]
    assert callable(built["lean"])


@pytest.mark.django_db
def test_every_page_carries_the_headers_that_protect_people(client: Client) -> None:
    headers = client.get("/nowhere/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.django_db
def test_health_is_answered_before_anything_else(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy = client.get("/healthz", headers={"host": "10.0.0.7"})  # a load balancer knows no name
    assert (healthy.status_code, healthy.content) == (200, b"ok")

    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("meguri.site.health.connection.cursor", away)
    monkeypatch.setattr("meguri.site.health.connection.close", lambda: None)
    ill = client.get("/healthz")
    assert (ill.status_code, ill.content) == (503, b"database away")
