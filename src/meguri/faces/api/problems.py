"""Refusals as the API says them: RFC 9457 problem details with the code, both sentences, and the field to mend."""

from __future__ import annotations

import json

from meguri.faces.entrance.refusals import problem_details
from meguri.words.refusal import Refusal, declare

NOT_SIGNED_IN = declare(
    "not_signed_in",
    status=401,
    ja="ログインが必要です。トークンを付けてもう一度送ってください。",
    en="Please sign in: send a bearer token.",
)
NO_IDEMPOTENCY_KEY = declare(
    "no_idempotency_key",
    status=422,
    ja="Idempotency-Key(この操作の受付番号、{most}文字まで)を付けてください。再送しても二重になりません。",
    en="Please send an Idempotency-Key (your own number for this request, at most {most} characters).",
)
MALFORMED = declare(
    "malformed_request",
    status=422,
    ja="送られた内容を読めませんでした: {what}",
    en="The request could not be read: {what}",
)


class Problem(Exception):  # noqa: N818 - an answer, not an error
    """An answer that is only a status: wrong method, body too large, client gone."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def problem_of(refusal: Refusal) -> tuple[int, bytes]:
    """Status and body (JSON bytes) of a refusal."""
    return refusal.kind.status, json.dumps(problem_details(refusal), ensure_ascii=False).encode()
