"""The answer to a fault nobody expected: 503 while the database is away, so that programs ask again; 500 otherwise."""

from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

AWAY = (OperationalError, InterfaceError)
RETRY_AFTER_S = 2
SENTENCES = {
    500: ("こちらの不具合です。操作は取り消されました。", "This is our fault. What you asked for was undone."),
    503: ("ただいま帳簿につながりません。もう一度お試しください。", "The books cannot be reached. Please ask again."),
}


class Brief(logging.Filter):
    """Leaves the traceback out of the log while the database is away: its line says all, thousands of times."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], AWAY):
            record.msg, record.args = f"{record.getMessage()}: {str(record.exc_info[1]).splitlines()[0]}", ()
            record.exc_info = None
        return True


def fault(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: called while the exception is being handled; its transaction is undone already."""
    status = 503 if isinstance(sys.exc_info()[1], AWAY) else 500
    response = _problem(status) if request.path.startswith("/api/") else _page(status)
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _problem(status: int) -> HttpResponse:
    """RFC 9457, as the API's expected refusals are."""
    ja, en = SENTENCES[status]
    body = {"type": "about:blank", "status": status, "title": en, "detail": en, "detail_ja": ja}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _page(status: int) -> HttpResponse:
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
