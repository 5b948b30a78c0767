"""The page for people who write programs: every operation of the API, generated from its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from meguri.faces.api.interface import api
from meguri.faces.api.may_refuse import MAY_REFUSE
from meguri.faces.api.summaries import SUBJECTS
from meguri.faces.entrance.requests import TownRequest


@require_GET
def reference(request: TownRequest) -> HttpResponse:
    """Every operation by subject, with what is sent and its own refusals. It loads nothing from another server."""
    shown = list(_operations(api.get_openapi_schema(path_prefix="/api/v1/")))
    subjects = [
        {"name": name, "operations": [each for each in shown if each["tag"] == tag]} for tag, name in SUBJECTS.items()
    ]
    return render(request, "api/reference.html", {"subjects": subjects})


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            sent = [*(parameter["name"] for parameter in one["parameters"]), *_fields(one, document)]
            name = one["operationId"]
            yield {
                "tag": one["tags"][0], "name": name, "method": method.upper(), "path": path, "ja": one["summary"],
                "en": one["description"], "sent": ", ".join(sent), "codes": MAY_REFUSE[name].split(),
            }  # fmt: skip


def _fields(operation: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """The names of the body's members."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return list(document["components"]["schemas"].get(name, {}).get("properties", {}))
