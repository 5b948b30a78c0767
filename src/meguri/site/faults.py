"""What people and programs are told when no view answers: a wrong address, a wrong way to ask, a fault of ours.

Everything here is a `Refusal` in the API's one shape (`problem_details`) or a page with the same sentence. Faults are
shown without the usual frame, in both languages: what is away may be the database, from which the frame comes.
"""

from __future__ import annotations

import logging
import secrets
import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from meguri.faces.api.problems import ADDRESS_UNKNOWN
from meguri.faces.entrance.refusals import (
    AWAY,
    DID_NOT_WORK,
    HEADINGS,
    PAGE_CLOSED,
    PAGE_UNKNOWN,
    REQUEST_UNREADABLE,
    TOO_OFTEN,
    UNEXPECTED_FAULT,
    database_refusal,
    problem_response,
    refusal_response,
    wants_json,
    with_wait,
)
from meguri.words.refusal import Refusal

_log = logging.getLogger(__name__)


class Brief(logging.Filter):
    """Leaves the traceback out of the log while the database is away: its line says all, thousands of times."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], AWAY):
            record.msg, record.args = f"{record.getMessage()}: {str(record.exc_info[1]).splitlines()[0]}", ()
            record.exc_info = None
        return True


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's `handler400`: a host that is none of ours, a request that no browser of ours sends."""
    return refusal_response(request, REQUEST_UNREADABLE.refusal())


def closed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's `handler403`."""
    return refusal_response(request, PAGE_CLOSED.refusal())


def unknown(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's `handler404`."""
    return refusal_response(request, (ADDRESS_UNKNOWN if wants_json(request) else PAGE_UNKNOWN).refusal())


def too_often(request: HttpRequest) -> HttpResponse:
    """Allauth's `handler429`: codes and passwords are tried a few times a minute, not more."""
    return refusal_response(request, TOO_OFTEN.refusal())


def fault(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: called while the exception is being handled; its transaction is undone already.

    503 while the database is away, so that programs ask again; else 500 with a number that also stands in the log.
    """
    away = sys.exc_info()[1]
    if isinstance(away, AWAY):
        return bare(database_refusal(away), json=wants_json(request), english=_reads_english(request))
    number = secrets.token_hex(4)
    _log.error("fault %s at %s", number, request.path)
    return bare(UNEXPECTED_FAULT.refusal(number=number), json=wants_json(request), english=_reads_english(request))


def bare(refusal: Refusal, *, json: bool, english: bool = False) -> HttpResponse:
    """The answer that needs nothing but the refusal: no database, no session, no request."""
    if json:
        return with_wait(problem_response(refusal), refusal)
    heading = HEADINGS.get(refusal.kind.status, DID_NOT_WORK)
    sides = [
        {"language": "ja", "heading": heading.ja, "sentence": refusal.sentence("ja")},
        {"language": "en", "heading": heading.en, "sentence": refusal.sentence("en")},
    ]
    values = {"sides": sides[::-1] if english else sides, "refusal": refusal, "demo": settings.DEMO}
    response = HttpResponse(render_to_string("fault.html", values), status=refusal.kind.status)
    response["Cache-Control"] = "no-store"
    return with_wait(response, refusal)


def _reads_english(request: HttpRequest) -> bool:
    return getattr(request, "language", "ja") == "en"
