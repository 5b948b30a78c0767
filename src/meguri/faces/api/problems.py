"""Refusals as the API says them: RFC 9457 problem details with the code, both sentences, and the field to mend."""

from __future__ import annotations

import json
from dataclasses import dataclass

from meguri.faces.entrance.refusals import problem_details, wait_of
from meguri.parties.rules import Both
from meguri.words.refusal import Refusal, declare

CONTENT_TYPE = "application/problem+json"
REQUEST_NUMBER_MAX = 100
"""The longest Idempotency-Key."""

NOT_SIGNED_IN = declare(
    "not_signed_in", status=401,
    ja="ログインが必要です。トークンを付けてもう一度送ってください。", en="Please sign in: send a bearer token.",
)
NO_IDEMPOTENCY_KEY = declare(
    "no_idempotency_key", status=422,
    ja="Idempotency-Key(この操作の受付番号、{most}文字まで)を付けてください。再送しても二重になりません。",
    en="Please send an Idempotency-Key (your own number for this request, at most {most} characters).",
)
MALFORMED = declare(
    "malformed_request", status=422,
    ja="送られた内容を読めませんでした: {what:ja}", en="The request could not be read: {what:en}",
)
NO_JSON = Both("JSON として読めません", "it is not JSON")
BODY_TOO_LARGE = declare(
    "body_too_large", status=413,
    ja="送られた内容が大きすぎます。分けて送ってください。", en="The request is too large. Please send it in parts.",
)
BODY_IS_NO_JSON = declare(
    "body_is_no_json", status=415,
    ja="内容は JSON で送ってください(Content-Type: application/json)。{sent} は読めません。",
    en="Please send JSON (Content-Type: application/json). {sent} is not read here.",
)
ADDRESS_UNKNOWN = declare(
    "address_unknown", status=404,
    ja="このAPIにその宛先はありません。一覧は /api/v1/openapi.json にあります。",
    en="This API has no such address. They are listed at /api/v1/openapi.json.",
)

_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "POST"}}


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that says no: its status, its headers (the content type among them), its body (JSON bytes)."""

    status: int
    headers: dict[str, str]
    body: bytes


def require_json(content_type: str) -> None:
    """Refuse a body that says of itself that it is something else; one that says nothing is taken for JSON.

    Raises Refusal `body_is_no_json`.
    """
    said = content_type.partition(";")[0].strip().lower()
    if said and said != "application/json" and not said.endswith("+json"):
        raise BODY_IS_NO_JSON.refusal(sent=said, field="Content-Type")


def malformed(what: Both, *, field: str = "") -> Refusal:
    """The refusal of a request that cannot be read: what is wrong, in both languages, and which input it is."""
    name = f"{field}: " if field else ""
    return MALFORMED.refusal(field=field, what=Both(f"{name}{what.ja}", f"{name}{what.en}"))


def problem_of(refusal: Refusal) -> Problem:
    """The answer to a refused request."""
    status = refusal.kind.status
    told = _HEADERS.get(status, {}) | wait_of(refusal)
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store", **told}
    return Problem(status, headers, json.dumps(problem_details(refusal)).encode())
