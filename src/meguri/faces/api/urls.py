"""The addresses below /api/v1: the interface itself, its reference page, and a kind no for everything else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from meguri.faces.api.hearing import hear
from meguri.faces.api.interface import api
from meguri.faces.api.problems import ADDRESS_UNKNOWN
from meguri.faces.api.reference import reference
from meguri.faces.api.saying_no import say_no


@csrf_exempt  # no cookie counts here, and nothing happens
def nowhere(request: HttpRequest) -> HttpResponse:
    """An address below the API that nobody answers: programs get problem details there as well."""
    return say_no(request, ADDRESS_UNKNOWN.refusal())


urlpatterns: list[URLPattern | URLResolver] = [
    path("payments/<slug:provider>/notices", hear, name="payment-notices"),
    path("docs", reference, name="api-docs"),
    path("", nowhere),
    path("", api.urls),
    re_path(r"", nowhere),
]
