"""The OpenAPI document: what ninja writes of the views, and the problem details that every operation may answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from meguri.faces.api.problems import CONTENT_TYPE, require_json

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `title` is the Japanese sentence, `title_en` the English one; all: /api/v1/refusals.",
    "required": ["type", "status", "code", "title", "title_en", "field", "limit", "facts"],
    "properties": {
        "type": {"type": "string"}, "status": {"type": "integer"}, "code": {"type": "string"},
        "title": {"type": "string"}, "title_en": {"type": "string"},
        "field": {"type": "string", "description": "The input to mend; empty when there is none."},
        "limit": {"type": "string", "description": "The limit that bit; empty when there is none."},
        "facts": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    },
}  # fmt: skip
MEANINGS = {
    400: "A text carries a sign that cannot be used (NUL).",
    401: "No token, or one that is forged or has run out.",
    403: "The token does not carry the scope, or this actor may not do this.",
    404: "What is named does not exist here, or is somebody else's.",
    409: "It cannot be done as things stand; the sentence says why and what to do.",
    413: "The body is too large.",
    415: "The body is no JSON by its Content-Type.",
    422: "The request could not be read; `field` names the input to mend.",
    503: "Nothing has happened, or it is not known yet: send the same request again after Retry-After.",
}
OPEN = frozenset({400, 422, 503})
"""What also an operation that asks for no token may answer."""


class JsonOnly(Parser):
    """Reads bodies of JSON. Raises Refusal `body_is_no_json`, which ninja wraps and `saying_no` finds again."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        require_json(request.content_type or "")
        return super().parse_body(request)


class Api(NinjaAPI):
    """Ninja's API whose document lists the refusals."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        for operations in document["paths"].values():
            for operation in operations.values():
                _list_problems(operation)
        return document


def _list_problems(operation: dict[str, Any]) -> None:
    said = {"content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, meaning in MEANINGS.items():
        if "security" in operation or status in OPEN:
            operation["responses"].setdefault(status, {"description": meaning, **said})
