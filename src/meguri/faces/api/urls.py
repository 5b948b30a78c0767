"""The JSON API: one document (OpenAPI 3.1 at /api/v1/openapi.json), one way to say no (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import ValidationError

from meguri.faces.api import (
    benefits,
    evidence,
    notices,
    payments,
    points,
    programmes,
    refusals,
    rehearsal,
    settlement,
    vouchers,
    wallets,
)
from meguri.faces.api.problems import MALFORMED, problem_of
from meguri.words.refusal import Refusal

api = NinjaAPI(
    title="Meguri",
    version="1",
    urls_namespace="api",
    description="One wallet, one ledger, one evidence base. Every POST may carry an Idempotency-Key; amounts are whole yen.",
)
api.add_router("", rehearsal.router, tags=["rehearsal"])
api.add_router("", programmes.router, tags=["programmes"])
api.add_router("", vouchers.router, tags=["vouchers"])
api.add_router("", points.router, tags=["points"])
api.add_router("", benefits.router, tags=["benefits"])
api.add_router("", wallets.router, tags=["wallets"])
api.add_router("", payments.router, tags=["payments"])
api.add_router("", settlement.router, tags=["settlement"])
api.add_router("", evidence.router, tags=["evidence"])
api.add_router("", notices.router, tags=["notices"])
api.add_router("", refusals.router, tags=["refusals"])


@api.exception_handler(Refusal)
def say_no(_: HttpRequest, refusal: Refusal | Any) -> HttpResponse:
    """An expected no. The view's transaction ends here as well, because the exception ends here."""
    transaction.set_rollback(True)
    status, content = problem_of(refusal)
    return HttpResponse(content, status=status, content_type="application/problem+json")


@api.exception_handler(ValidationError)
def say_malformed(request: HttpRequest, wrong: ValidationError | Any) -> HttpResponse:
    """A body that does not fit: where, and what was expected."""
    first = wrong.errors[0]
    place = ".".join(str(part) for part in first["loc"][2:]) or ".".join(str(part) for part in first["loc"])
    return say_no(request, MALFORMED.refusal(field=place, what=f"{place}: {first['msg']}"))


urlpatterns: list[URLPattern | URLResolver] = [path("", api.urls)]
