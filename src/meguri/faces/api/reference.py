"""The page for people who write programs: every operation of the API, generated from its document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from meguri.faces.api.interface import api
from meguri.faces.entrance.requests import TownRequest


@require_GET
def reference(request: TownRequest) -> HttpResponse:
    """Address, name and meaning of every operation, by subject. It loads nothing that this server does not have."""
    rows = sorted(_rows(api.get_openapi_schema(path_prefix="/api/v1/")), key=lambda row: row[0])
    subjects = [
        {"name": name, "rows": [row[1:] for row in group]} for name, group in groupby(rows, key=lambda row: row[0])
    ]
    columns = [
        {"label": "HTTP", "keep": True}, {"label": "operationId"},
        {"label": "送るもの" if request.language == "ja" else "What is sent"},
        {"label": "はたらき(英語)" if request.language == "ja" else "What it does"},
    ]  # fmt: skip
    return render(request, "api/reference.html", {"subjects": subjects, "columns": columns})


def _rows(document: dict[str, Any]) -> Iterator[list[str]]:
    """Subject, method with path, operationId, names of what is sent, description."""
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            sent = [*(parameter["name"] for parameter in one["parameters"]), *_fields(one, document)]
            what = [one["operationId"], ", ".join(sent) or "—", one["description"]]
            yield [one["tags"][0], f"{method.upper()} {path}", *what]


def _fields(operation: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """The names of the body's members."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return list(document["components"]["schemas"].get(name, {}).get("properties", {}))
