"""The log for everybody: its signed heads, the proof that a receipt is in it, and a page that checks one offline."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from importlib.resources import files
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.ledger import heads, log, queries, receipts
from meguri.ledger.heads import Head
from meguri.ledger.templates import AccountRole

PAGE = 50
TEXT = "text/plain; charset=utf-8"
INVENTED = '<p><b>架空の町の控えです。</b> <span lang="en">The receipts of an invented town.</span></p>\n'
"""Stands on the page that checks, which goes without the site's frame."""
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@require_GET
@never_cache
def log_page(request: TownRequest) -> HttpResponse:
    """What the log is, its present head, the heads before, and what one can do with them."""
    before = request.GET.get("before", "")
    found = heads.heads(
        municipality=request.municipality, before=int(before) if before.isdecimal() else None, limit=PAGE
    )
    further = f"?before={found[-1].number}" if len(found) == PAGE else ""
    return render(
        request, "public/log.html",
        {"head": heads.latest(municipality=request.municipality), "heads": found, "next_url": further},
    )  # fmt: skip


@require_GET
@never_cache
def head(request: TownRequest) -> HttpResponse:
    """The newest head, as a signed note."""
    return HttpResponse(_head(request).note, content_type=TEXT)


@require_GET
@never_cache
def all_heads(request: TownRequest) -> HttpResponse:
    """Heads, newest first, a hundred at a time; `next` is where the page after begins."""
    before = request.GET.get("before", "")
    found = heads.heads(municipality=request.municipality, before=int(before) if before.isdecimal() else None)
    rows = [{"number": one.number, "size": one.size, "note": one.note, "key": one.verifier} for one in found]
    return JsonResponse({"heads": rows, "next": found[-1].number if len(found) == 100 else None})


@require_GET
@never_cache
def witness(request: TownRequest) -> HttpResponse:
    """The newest head with its key, to be kept."""
    found = _head(request)
    answer = JsonResponse(receipts.witness(found), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="meguri-witness-{found.size}.json"'
    return answer


@require_GET
def growth(request: TownRequest, *, first: int, second: int) -> HttpResponse:
    """The proof that the log of `second` postings begins with all of the log of `first`."""
    path = log.prove_growth(first, second, municipality=request.municipality)
    return JsonResponse({"first": first, "second": second, "path": [base64.b64encode(step).decode() for step in path]})


@require_GET
@never_cache
def receipt(request: TownRequest, posting: UUID) -> HttpResponse:
    """Where a receipt stands in the log. What it says is shown to its holder alone."""
    number = log.number_of(posting, municipality=request.municipality)
    newest = heads.latest(municipality=request.municipality)
    proven = None
    if number and newest and newest.size >= number:
        proven = receipts.receipt(posting, municipality=request.municipality)
    elif queries.posting(posting, municipality=request.municipality) is None:
        raise log.NOT_IN_LOG.refusal(field="posting")
    return render(
        request, "public/receipt.html",
        {"posting": posting, "proven": proven, "own": _is_own(request, posting), "waiting": proven is None},
    )  # fmt: skip


@require_GET
@never_cache
def receipt_file(request: TownRequest, posting: UUID) -> HttpResponse:
    """The proof as a file (c2sp.org/tlog-proof@v1); for its holder with everything that was recorded."""
    found = receipts.receipt(posting, municipality=request.municipality, own=_is_own(request, posting))
    answer = HttpResponse(found.text, content_type=TEXT)
    answer["Content-Disposition"] = f'attachment; filename="meguri-{posting}.tlog-proof"'
    return answer


def _is_own(request: TownRequest, posting: UUID) -> bool:
    """Whether the reader's own purse gave or got in this posting. A shop is not told its customers' pseudonyms."""
    party = request.actor.party
    moved = queries.entries(posting, municipality=request.municipality) if party else []
    ends = [end for entry in moved for end in (entry.debit, entry.credit)]
    return any(end.role is AccountRole.WALLET and end.owner == party for end in ends)


@require_GET
def checking_page(request: TownRequest) -> HttpResponse:
    """One page that checks a receipt anywhere, also offline: nothing in it is loaded, nothing leaves it."""
    known = sorted({one.verifier for one in heads.heads(municipality=request.municipality, limit=PAGE)})
    page = files("meguri.faces.public").joinpath("checking.html").read_text(encoding="utf-8")
    is_real = request.town is not None and request.town.kind == "real"
    page = page.replace("{{ keys }}", "\n".join(known)).replace("{{ invented }}", "" if is_real else INVENTED)
    answer = HttpResponse(page, content_type="text/html; charset=utf-8")
    answer["Content-Security-Policy"] = f"default-src 'none'; {_allowed(page)}; base-uri 'none'; form-action 'none'"
    if "keep" in request.GET:
        answer["Content-Disposition"] = 'attachment; filename="meguri-check.html"'
    return answer


def _allowed(page: str) -> str:
    """The page's own script and style, by their hashes."""
    return "; ".join(
        f"{kind}-src 'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
        for kind, text in _INLINE.findall(page)
    )


def _head(request: TownRequest) -> Head:
    found = heads.latest(municipality=request.municipality)
    if found is None:
        raise log.NOT_IN_LOG.refusal()
    return found
