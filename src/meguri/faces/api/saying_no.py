"""How the API's Django part turns whatever ends a request into problem details, and ends its transaction."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from meguri.faces.api.problems import (
    ADDRESS_UNKNOWN,
    BODY_TOO_LARGE,
    NO_IDEMPOTENCY_KEY,
    NO_JSON,
    NOT_SIGNED_IN,
    REQUEST_NUMBER_MAX,
    malformed,
    problem_of,
)
from meguri.faces.entrance.refusals import AWAY, database_refusal
from meguri.parties.rules import Both
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
    first = wrong.errors[0]
    source, *place = (str(part) for part in first["loc"])
    name = ".".join(place[1:] if source == "body" else place)
    if name == "Idempotency-Key":
        return say_no(request, NO_IDEMPOTENCY_KEY.refusal(field=name, most=REQUEST_NUMBER_MAX))
    return say_no(request, malformed(Both(_in_japanese(first["type"]), first["msg"]), field=name or source))


def _in_japanese(kind: str) -> str:
    """What the schema library objects to (its own word for it), in Japanese; it speaks English by itself."""
    return next((said for beginning, said in _JAPANESE.items() if kind.startswith(beginning)), "この値は使えません")


_JAPANESE = {
    "missing": "必ず入れてください", "uuid": "IDの形ではありません", "int": "整数で入れてください",
    "date": "日付・日時の形ではありません", "string_too_long": "長すぎます", "string_too_short": "短すぎます",
    "string": "文字で入れてください", "bool": "true か false で入れてください", "list": "並び([…])で入れてください",
    "enum": "選べる値ではありません", "literal": "選べる値ではありません", "extra": "知らない項目です",
    "greater": "小さすぎます", "less": "大きすぎます", "model": "オブジェクト({…})で入れてください",
    "dict": "オブジェクト({…})で入れてください",
}  # fmt: skip


def _unreadable(request: HttpRequest, wrong: Exception | Any) -> HttpResponse:
    """Ninja's own objections: a body that is no JSON (400). What our parser refused lies inside."""
    inside = wrong.__cause__
    return say_no(request, inside if isinstance(inside, Refusal) else malformed(NO_JSON))


def _unholdable(request: HttpRequest, _: Exception | Any) -> HttpResponse:
    what = Both("値が範囲外か、扱えない文字です", "a value out of range, or an unusable sign")
    return say_no(request, malformed(what))


def _away(request: HttpRequest, away: Exception | Any) -> HttpResponse:
    return say_no(request, database_refusal(away))


_ANSWERS: dict[type[Exception], Any] = {
    AuthenticationError: lambda request, _: say_no(request, NOT_SIGNED_IN.refusal()),
    HttpError: _unreadable,
    Http404: lambda request, _: say_no(request, ADDRESS_UNKNOWN.refusal()),
    RequestDataTooBig: lambda request, _: say_no(request, BODY_TOO_LARGE.refusal()),
    **dict.fromkeys(AWAY, _away),
    **dict.fromkeys(UNHOLDABLE, _unholdable),
}
