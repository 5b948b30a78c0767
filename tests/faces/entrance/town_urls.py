"""The entrance alone, with small views that refuse, fall or ask for a role."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import include, path
from django.views import View

from meguri.faces.entrance.acting import ActingAs, acting_as
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.models import Department
from meguri.parties.rules import require
from meguri.words.actor import ActorRole
from meguri.words.ids import uuid7


def home(request: TownRequest) -> HttpResponse:
    return HttpResponse(f"{request.actor.role} {request.language}")


def refuse(request: TownRequest) -> HttpResponse:
    """Writes something, then is refused."""
    Department.objects.create(id=uuid7(request.at), municipality=1, code="half", name_ja="半", name_en="half")
    require(request.actor, "programme.launch", department="commerce")
    return home(request)


def fall(request: TownRequest) -> HttpResponse:
    raise RuntimeError("nobody expected this")


@acting_as(ActorRole.CLERK, ActorRole.OWNER)
def till(request: TownRequest) -> HttpResponse:
    return home(request)


class Desk(ActingAs, View):
    roles = (ActorRole.MAKER,)

    def get(self, request: TownRequest) -> HttpResponse:
        return home(request)


urlpatterns = [
    path("", home),
    path("", include("meguri.faces.entrance.urls")),
    path("accounts/", include("allauth.urls")),
    path("refuse", refuse),
    path("api/v1/refuse", refuse),
    path("fall", fall),
    path("till/", till),
    path("office/", Desk.as_view()),
    path("wallet/", home),
    path("partner/", home),
]

handler400 = "meguri.site.faults.unreadable"
handler403 = "meguri.site.faults.closed"
handler404 = "meguri.site.faults.unknown"
handler429 = "meguri.site.faults.too_often"
handler500 = "meguri.site.faults.fault"
