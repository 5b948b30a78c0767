"""One sign that nobody types and no database keeps: NUL. Wherever it comes in, it is refused before any view sees it.

PostgreSQL's text has no NUL, so every field that carried one would fail somewhere deeper, each in its own way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException, UnreadablePostError

from meguri.faces.entrance.refusals import refusal_response
from meguri.words.refusal import declare

NUL = "\x00"
UNUSABLE_SIGN = declare(
    "unusable_sign", status=400,
    ja="使えない文字(NUL)が入っているため、読めませんでした。入力し直すか、前の画面にもどってお試しください。",
    en="It carries a sign that cannot be used (NUL). Please type it again, or go back to the page before.",
)


class UnusableSignMiddleware:
    """Looks at the address, the query, the form and the JSON of a request that has found its view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        field = unusable_field(request)
        return None if field is None else refusal_response(request, UNUSABLE_SIGN.refusal(field=field))


def unusable_field(request: HttpRequest) -> str | None:
    """The first field with a NUL in its name or value; empty for the address itself; None when all is well.

    A file's content may hold anything: it is read by who asked for it. Its name may not.
    """
    if NUL in request.path:
        return ""
    for name, value in _typed(request):
        if NUL in name or NUL in value:
            return name.replace(NUL, "")
    return None


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """All names and texts that came with the request."""
    yield from _pairs(request.GET.lists())
    if (request.content_type or "").endswith(("/json", "+json")):
        yield from _texts("", _document(request))
        return
    yield from _pairs(request.POST.lists())
    for name, files in request.FILES.lists():
        for file in files:
            yield name, str(getattr(file, "name", "") or "")


def _pairs(lists: Any) -> Iterator[tuple[str, str]]:
    for name, values in lists:
        for value in values:
            yield name, str(value)


def _document(request: HttpRequest) -> Any:
    """The JSON document if it could hold the sign at all; its own reader judges one that is none, or too large."""
    try:
        body = request.body
    except (RequestDataTooBig, RawPostDataException, UnreadablePostError):
        return None
    if b"\\u0000" not in body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _texts(name: str, document: Any) -> Iterator[tuple[str, str]]:
    """Every text in a JSON document, with the name of the member at its root that it belongs to."""
    waiting = [(name, document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            yield from ((place, str(key)) for key in value)
            waiting += [(place or str(key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(place, inner) for inner in value]
