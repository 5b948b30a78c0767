"""How a refusal is shown: the sentence first, then what to do, the code small at the end. And which noes are common."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meguri.ledger.rules import LEDGER_BUSY, LEDGER_UNREACHABLE
from meguri.parties.rules import Both
from meguri.words.refusal import Refusal, declare

METHOD_NOT_ALLOWED = declare(
    "method_not_allowed", status=405,
    ja="この宛先は{method}では使えません。前の画面にもどって、ボタンから進んでください。",
    en="This address does not take {method}. Please go back and use the page's own button.",
)
PAGE_UNKNOWN = declare(
    "page_unknown", status=404,
    ja="このページはありません。アドレスが違うか、ページがなくなりました。はじめの画面から探してください。",
    en="There is no such page: the address is mistyped, or the page has gone. Please look from the start.",
)
PAGE_CLOSED = declare(
    "page_closed", status=403,
    ja="このページは開けません。時間がたったか、ほかの人の画面です。前の画面にもどって、もう一度お試しください。",
    en="You may not open this page: it has waited too long, or belongs to somebody else. Please go back and try again.",
)
FORM_TOO_OLD = declare(
    "form_too_old", status=403,
    ja="画面が古くなったため、送れませんでした。まだ何も行われていません。画面を開き直して、もう一度お試しください。",
    en="The page was too old, so nothing was sent or done. Please open the page anew and try again.",
)
REQUEST_UNREADABLE = declare(
    "request_unreadable", status=400,
    ja="送られた内容を読めませんでした。前の画面にもどって、もう一度お試しください。",
    en="What was sent could not be read. Please go back and try again.",
)
TOO_OFTEN = declare(
    "too_often", status=429,
    ja="短い間に何度も試されたため、しばらく止めています。数分たってから、もう一度お試しください。",
    en="There were too many tries in a short time. Please wait a few minutes and try again.",
)
UNEXPECTED_FAULT = declare(
    "unexpected_fault", status=500,
    ja="こちらの不具合です。行われたかどうかを履歴で確かめてから、もう一度お試しください。"
       "続くときは番号 {number} を窓口に伝えてください。",
    en="This is our fault. Please look in the history whether it was done before you try again. If it goes on, please "
       "tell the desk the number {number}.",
)  # fmt: skip

AWAY = (OperationalError, InterfaceError)
"""What Django raises while the database cannot be asked."""
_BUSY = ("40", "53", "55P03", "57014")
"""Beginnings of PostgreSQL's codes for: undone by a conflict, out of resources, waited too long (for a lock)."""
WAIT_S = {429: 60, 503: 2}
"""When to ask again, in seconds, unless the refusal itself names its minutes: a database that was restarted has
answered by then, mostly.
"""

HEADINGS = {
    400: Both("読めませんでした", "That could not be read"), 401: Both("サインインが必要です", "Please sign in"),
    403: Both("ここは開けません", "This is not open to you"), 404: Both("見つかりません", "Not found"),
    429: Both("少し時間をおいてください", "Please wait a little"), 500: Both("こちらの不具合です", "This is our fault"),
    503: Both("少しお待ちください", "One moment, please"),
}
"""What stands at the head of a refusal's page, by status."""
DID_NOT_WORK = Both("できませんでした", "That did not work")


def database_refusal(away: Exception) -> Refusal:
    """What to say of a database that does not answer (`AWAY`): it is overloaded, or it cannot be reached."""
    state = str(getattr(away.__cause__, "sqlstate", None) or "")
    return (LEDGER_BUSY if state.startswith(_BUSY) else LEDGER_UNREACHABLE).refusal()


def wants_json(request: HttpRequest) -> bool:
    """Programs get problem details; people get a page."""
    accepts = request.headers.get("accept", "")
    return request.path.startswith("/api/") or ("json" in accepts and "text/html" not in accepts)


def problem_details(refusal: Refusal) -> dict[str, Any]:
    """RFC 9457 members plus the code, both sentences, the field to mend and the limit that bit."""
    return {
        "type": f"/api/v1/refusals#{refusal.code}",
        "status": refusal.kind.status,
        "code": refusal.code,
        "title": refusal.sentence("ja"),
        "title_en": refusal.sentence("en"),
        "field": refusal.field,
        "limit": refusal.limit,
        "facts": {
            name: value if isinstance(value, int | str | list) else str(value) for name, value in refusal.facts.items()
        },
    }


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a request that was refused, with the kind's status."""
    if wants_json(request):
        return with_wait(problem_response(refusal), refusal)
    fragment = request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"
    template = "entrance/refusal_part.html" if fragment else "entrance/refusal.html"
    return with_wait(render(request, template, _page(request, refusal), status=refusal.kind.status), refusal)


def problem_response(refusal: Refusal) -> HttpResponse:
    """The problem details of a refusal, whoever asks."""
    body = json.dumps(problem_details(refusal), ensure_ascii=False)
    status, told = refusal.kind.status, {"Cache-Control": "no-store"}
    return HttpResponse(body, status=status, content_type="application/problem+json", headers=told)


def wait_of(refusal: Refusal) -> dict[str, str]:
    """The header that says when to ask again, where waiting helps."""
    status, minutes = refusal.kind.status, refusal.facts.get("minutes")
    if status not in WAIT_S:
        return {}
    return {"Retry-After": str(60 * minutes if isinstance(minutes, int) else WAIT_S[status])}


def with_wait(response: HttpResponse, refusal: Refusal | None) -> HttpResponse:
    """The answer, and when to ask again if it is a refusal that waiting helps."""
    for name, value in wait_of(refusal).items() if refusal is not None else ():
        response[name] = value
    return response


def _page(request: HttpRequest, refusal: Refusal) -> dict[str, Any]:
    """What the page needs: whether signing in could help, which hats could, and the way back."""
    actor = getattr(request, "actor", None)
    visitor = actor is None or (actor.party is None and not getattr(request, "hats", ()))
    return {
        "refusal": refusal,
        "heading": HEADINGS.get(refusal.kind.status, DID_NOT_WORK),
        "sign_in_helps": visitor and refusal.kind.status in (401, 403),
        "other_hats": [hat for hat in getattr(request, "hats", ()) if hat != getattr(request, "hat", None)]
        if refusal.kind.status == 403 else [],
        "back": _back(request),
        "next": request.get_full_path() if request.method == "GET" else "",
    }


def _back(request: HttpRequest) -> str:
    """The page before, if it is one of ours."""
    came_from = request.headers.get("referer", "")
    try:
        return came_from if came_from.startswith(f"{request.scheme}://{request.get_host()}/") else ""
    except DisallowedHost:  # which may be the very thing that is refused
        return ""
