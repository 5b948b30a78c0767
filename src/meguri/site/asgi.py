"""What the web server runs: the lean routes in front, Django in one thread hop behind them.

`meguri.faces.api.lean` gives `app` (an ASGI application), `ROUTES` (the path prefixes it answers) and, if it keeps
connections, two coroutine functions `start` and `stop` that live as long as the server process.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import django

from meguri.site.onehop import Message, OneHopHandler, Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Hook = Callable[[], Awaitable[None]]

LEAN = "meguri.faces.api.lean"
THREADS = 16
"""Django requests worked on at the same time in one server process, and so its database connections."""
SALE_ONLY = ("/static/", "/healthz")
"""What a sale's process asks Django for: the pictures of its pages, and whether it lives."""
GARBAGE_SEARCHED_EVERY = 20_000
"""Objects made and not freed before the collector looks for circles among the young ones (Python's own: 700)."""


def build(*, threads: int = THREADS) -> Application:
    """The application of one server process; sets Django up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    django.setup()
    search_less_for_garbage()
    lean: Any = import_module(LEAN) if find_spec(LEAN) else None
    sale = role() == "sale"
    return compose(
        behind=OneHopHandler(threads),
        lean=getattr(lean, "app", _nowhere),
        routes=tuple(getattr(lean, "SALE_ROUTES" if sale else "ROUTES", ())),
        hooks=(getattr(lean, "start", _nothing), getattr(lean, "stop", _nothing)),
        only=SALE_ONLY if sale else None,
    )


def role() -> str:
    """What this process was started for."""
    return os.environ.get("MEGURI_ROLE", "all")


def search_less_for_garbage() -> None:
    """What is imported stays; requests free what they made without being searched for. A busy till spends a seventh
    of its time in searches otherwise.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_SEARCHED_EVERY, 10, 50)


def compose(
    *, behind: OneHopHandler, lean: Application, routes: tuple[str, ...], hooks: tuple[Hook, Hook],
    only: tuple[str, ...] | None = None,
) -> Application:
    """Requests below `routes` go to `lean`, all others to `behind`; `hooks` run at the start and end of the process.

    With `only`, `behind` is asked for nothing but what lies below these; the rest is not here.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            chosen: Application = lean if _is_below(scope["path"], routes) else behind
            if chosen is behind and only is not None and not _is_below(scope["path"], only):
                chosen = _not_here
            await chosen(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send, behind=behind, hooks=hooks)
        else:  # no websockets here: live pages use server-sent events
            await send({"type": "websocket.close", "code": 1000})

    return application


def _is_below(path: str, routes: tuple[str, ...]) -> bool:
    """A route is one address; one that ends in a slash is everything below it. So /pay is not /payments."""
    return path in routes or path.startswith(tuple(route for route in routes if route.endswith("/")))


async def _live(receive: Receive, send: Send, *, behind: OneHopHandler, hooks: tuple[Hook, Hook]) -> None:
    """Answer the server's life: say when everything stands, and let running requests end."""
    start, stop = hooks
    while True:
        message: Message = await receive()
        if message["type"] == "lifespan.startup":
            await start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await stop()
            await asyncio.to_thread(behind.shut_down)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _not_here(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an application's form
    """A role's process answers for its role alone, whatever the proxy in front of it sends."""
    lines = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 404, "headers": lines})
    await send({"type": "http.response.body", "body": b"this process serves the line of sales only\n"})


async def _nothing() -> None:
    """The hook of a lean application that keeps nothing open."""


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for an absent lean application; it has no routes, so nothing reaches it."""

