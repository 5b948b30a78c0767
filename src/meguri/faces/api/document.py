"""The OpenAPI document: what ninja writes of the views, which refusals each may answer, and examples of all answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from meguri.faces.api.examples import ANSWERS, problem_examples
from meguri.faces.api.may_refuse import codes_of
from meguri.faces.api.problems import CONTENT_TYPE, require_json
from meguri.faces.api.summaries import SUMMARIES
from meguri.faces.entrance.refusals import WAIT_S
from meguri.words.refusal import catalogue

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `title` is the Japanese sentence, `title_en` the English one; all: /api/v1/refusals.",
    "required": ["type", "status", "code", "title", "title_en", "field", "limit", "facts"],
    "properties": {
        "type": {"type": "string"}, "status": {"type": "integer"}, "code": {"type": "string"},
        "title": {"type": "string"}, "title_en": {"type": "string"},
        "field": {"type": "string", "description": "The input to mend; empty when there is none."},
        "limit": {"type": "string", "description": "The limit that bit; empty when there is none."},
        "facts": {"type": "object", "additionalProperties": {"type": ["string", "integer", "array"]}},
    },
}  # fmt: skip
MEANINGS = {
    400: "A text carries a sign that cannot be used (NUL).",
    401: "No token, or one that is forged or has run out.",
    403: "The token does not carry the scope, or this actor may not do this.",
    404: "What is named does not exist here, or is somebody else's.",
    409: "It cannot be done as things stand; the sentence says why and what to do.",
    410: "It has run out; ask for a new one.",
    413: "The body is too large.",
    415: "The body is no JSON by its Content-Type.",
    422: "The request could not be read; `field` names the input to mend.",
    429: "Tried wrongly too often; the facts say how many minutes to wait, Retry-After says it in seconds.",
    503: "Nothing has happened, or it is not known yet: send the same request again after Retry-After.",
}
RETRY_AFTER = {"description": "After how many seconds to ask again.", "schema": {"type": "integer", "minimum": 1}}
SALE_SERVER = "The line of a sale is served by a process of its own, so that no sale can slow a till."


class JsonOnly(Parser):
    """Reads bodies of JSON. Raises Refusal `body_is_no_json`, which ninja wraps and `saying_no` finds again."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        require_json(request.content_type or "")
        return super().parse_body(request)


class Api(NinjaAPI):
    """Ninja's API whose document lists the refusals. It is written once by each process: writing takes a while."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self._documents: dict[Any, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        asked = path_prefix, *sorted((path_params or {}).items()), settings.SALE_ADDRESS
        if asked not in self._documents:
            self._documents[asked] = self._write(path_prefix=path_prefix, path_params=path_params)
        return self._documents[asked]

    def _write(self, *, path_prefix: str | None, path_params: dict[str, Any] | None) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        components = document["components"]
        components.setdefault("schemas", {})["Problem"] = PROBLEM
        components["examples"] = problem_examples()
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["summary"] = SUMMARIES[operation["operationId"]]
                _show_answers(operation)
                _list_problems(operation)
                if operation["operationId"].startswith("line_") and settings.SALE_ADDRESS:
                    operation["servers"] = [{"url": settings.SALE_ADDRESS, "description": SALE_SERVER}]
        return document


def may_answer(operation: dict[str, Any]) -> tuple[str, ...]:
    """The codes that an operation of the document may answer, its own first."""
    return codes_of(
        operation["operationId"], has_token="security" in operation, has_body="requestBody" in operation,
        parameters=frozenset(parameter["name"] for parameter in operation.get("parameters", ())),
    )  # fmt: skip


def _show_answers(operation: dict[str, Any]) -> None:
    for status, example in ANSWERS.get(operation["operationId"], {}).items():
        for shape in operation["responses"][int(status)]["content"].values():
            shape["example"] = example


def _list_problems(operation: dict[str, Any]) -> None:
    """One answer for each status: its meaning, the codes that it may carry, and an example of each."""
    statuses = {kind.code: kind.status for kind in catalogue()}
    by_status: dict[int, list[str]] = {}
    for code in may_answer(operation):
        by_status.setdefault(statuses[code], []).append(code)
    for status, codes in sorted(by_status.items()):
        only = {"properties": {"code": {"enum": codes}}}
        shape = {
            "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, only]},
            "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
        }
        answer: dict[str, Any] = {"description": MEANINGS[status], "content": {CONTENT_TYPE: shape}}
        if status in WAIT_S:
            answer["headers"] = {"Retry-After": RETRY_AFTER}
        operation["responses"][status] = answer
