"""Where payment providers send their notices. No token: the signature over the body says who speaks."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from meguri.faces.api.problems import BODY_TOO_LARGE, problem_of
from meguri.faces.api.saying_no import say_no
from meguri.faces.entrance.requests import TownRequest
from meguri.programmes.vouchers import operations
from meguri.words import clock
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal

NOTICE_BYTES_MAX = 100_000


@csrf_exempt  # no cookie counts here
@require_POST
def hear(request: TownRequest, provider: str) -> HttpResponse:
    """Take a notice. 200: it need not be sent again; the same notice gets the same answer, however often it comes.

    What is not taken (an unknown order, another amount) is kept for the desk and answered with why: that is an answer
    and no exception, for an exception would roll the record back.
    """
    try:
        heard = _hear(request, provider)
    except Refusal as refusal:
        return say_no(request, refusal)
    if heard is None:
        return JsonResponse({"outcome": "ignored"})
    if heard.refusal is None:
        return JsonResponse({"notice": heard.number, "outcome": heard.outcome})
    no = problem_of(heard.refusal)
    return HttpResponse(no.body, status=no.status, headers=no.headers)


def _hear(request: TownRequest, provider: str) -> operations.NoticeTaken | None:
    try:
        body = request.body
    except RequestDataTooBig:
        raise BODY_TOO_LARGE.refusal() from None
    if len(body) > NOTICE_BYTES_MAX:
        raise BODY_TOO_LARGE.refusal()
    by = Actor(request.municipality, ActorRole.SYSTEM)
    return operations.hear(
        body, provider=provider, headers=request.headers, by=by, at=request.at, now=clock.now()
    )
