"""How a refusal is shown: the sentence first, then what to do, the code small at the end."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meguri.words.refusal import Refusal


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
        "facts": {name: value if isinstance(value, int | str) else str(value) for name, value in refusal.facts.items()},
    }


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a request that was refused, with the kind's status."""
    if wants_json(request):
        body = json.dumps(problem_details(refusal), ensure_ascii=False)
        return HttpResponse(body, status=refusal.kind.status, content_type="application/problem+json")
    fragment = request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"
    template = "entrance/refusal_part.html" if fragment else "entrance/refusal.html"
    return render(request, template, _page(request, refusal), status=refusal.kind.status)


def _page(request: HttpRequest, refusal: Refusal) -> dict[str, Any]:
    """What the page needs: whether signing in could help, which hats could, and the way back."""
    actor = getattr(request, "actor", None)
    visitor = actor is None or (actor.party is None and not getattr(request, "hats", ()))
    back = request.headers.get("referer", "")
    return {
        "refusal": refusal,
        "sign_in_helps": visitor and refusal.kind.status in (401, 403),
        "other_hats": [hat for hat in getattr(request, "hats", ()) if hat != getattr(request, "hat", None)]
        if refusal.kind.status == 403 else [],
        "back": back if back.startswith(f"{request.scheme}://{request.get_host()}/") else "",
        "next": request.get_full_path() if request.method == "GET" else "",
    }
