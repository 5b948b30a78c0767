"""How the API's Django part turns whatever ends a request into problem details, and ends its transaction."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from meguri.faces.api.problems import (
    ADDRESS_UNKNOWN,
    BODY_TOO_LARGE,
    MALFORMED,
    NO_IDEMPOTENCY_KEY,
    NOT_SIGNED_IN,
    REQUEST_NUMBER_MAX,
    problem_of,
)
from meguri.ledger.rules import LEDGER_UNREACHABLE
from meguri.words.refusal import Refusal

UNHOLDABLE = (DataError, OverflowError, UnicodeEncodeError)
"""A sign that no text holds, a number that no column holds, a day that no calendar has: the caller's, not ours."""


def teach(api: NinjaAPI) -> None:
    """Let the API say no in its one way."""
    api.exception_handler(Refusal)(say_no)
    api.exception_handler(ValidationError)(say_malformed)
    for kind, answer in _ANSWERS.items():
        api.exception_handler(kind)(answer)


def say_no(_: HttpRequest, refusal: Refusal | Any) -> HttpResponse:
    """An expected no. The exception ends here, so Django would commit: the transaction is told to roll back."""
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    problem = problem_of(refusal)
    return HttpResponse(problem.body, status=problem.status, headers=problem.headers)


def say_malformed(request: HttpRequest, wrong: ValidationError | Any) -> HttpResponse:
    """A request that does not fit: where, and what was expected."""
    source, *place = (str(part) for part in wrong.errors[0]["loc"])
    name = ".".join(place[1:] if source == "body" else place)
    if name == "Idempotency-Key":
        return say_no(request, NO_IDEMPOTENCY_KEY.refusal(field=name, most=REQUEST_NUMBER_MAX))
    return say_no(request, MALFORMED.refusal(field=name, what=f"{name or source}: {wrong.errors[0]['msg']}"))


def _unreadable(request: HttpRequest, wrong: Exception | Any) -> HttpResponse:
    """Ninja's own objections: a body that is no JSON (400), and whatever else it may name by a status."""
    return say_no(request, MALFORMED.refusal(what=str(wrong)))


def _unholdable(request: HttpRequest, _: Exception | Any) -> HttpResponse:
    what = "値が範囲外か、扱えない文字です / a value out of range, or an unusable sign"
    return say_no(request, MALFORMED.refusal(what=what))


def _away(request: HttpRequest, _: Exception | Any) -> HttpResponse:
    return say_no(request, LEDGER_UNREACHABLE.refusal())


_ANSWERS: dict[type[Exception], Any] = {
    AuthenticationError: lambda request, _: say_no(request, NOT_SIGNED_IN.refusal()),
    HttpError: _unreadable,
    Http404: lambda request, _: say_no(request, ADDRESS_UNKNOWN.refusal()),
    RequestDataTooBig: lambda request, _: say_no(request, BODY_TOO_LARGE.refusal()),
    OperationalError: _away,
    InterfaceError: _away,
    **dict.fromkeys(UNHOLDABLE, _unholdable),
}
