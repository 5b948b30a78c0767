"""The answer to a load balancer's question: does this process reach its database?"""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

PATH = "/healthz"
SIGN = "X-Meguri"
"""The answer's header by which a Meguri is told from any other program."""


class HealthMiddleware:
    """Answers `/healthz` before anything else: who asks has no session, and knows the process by its number only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path != PATH:
            return self.get_response(request)
        answer = health()
        answer[SIGN] = "1"
        return answer


def health() -> HttpResponse:
    """200 `ok`, or 503 while the database is away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        connection.close()  # the next question tries a new connection
        return HttpResponse("database away", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
