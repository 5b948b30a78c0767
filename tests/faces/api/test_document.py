"""The OpenAPI document: valid, complete, and kept by a program that tries what people would not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, settings

from meguri.faces.api.document import MEANINGS, OPEN
from tests.faces.api.conftest import DOCUMENT, OPERATIONS, Caller, token
from tests.town import Town

NAME = re.compile(r"[a-z]+(_[a-z]+)+")


def test_every_operation_has_a_name_a_sentence_and_a_tag() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            assert NAME.fullmatch(operation["operationId"]), path
            assert operation["description"].endswith((".", ";")), path
            assert len(operation["tags"]) == 1, path
    assert len(OPERATIONS) == sum(len(operations) for operations in DOCUMENT["paths"].values())


def test_every_operation_lists_its_problems() -> None:
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            wanted = MEANINGS.keys() if "security" in operation else OPEN
            for status in wanted:
                content = operation["responses"][str(status)]["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(_references(DOCUMENT)) <= known
    assert DOCUMENT["openapi"] == "3.1.0"
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for each in value.values() for found in _references(each)]
    return [found for each in value for found in _references(each)] if isinstance(value, list) else []


def test_the_document_is_served_and_has_a_page_that_loads_nothing_foreign(caller: Caller) -> None:
    assert caller.http.get("/api/v1/openapi.json").json()["paths"].keys() == DOCUMENT["paths"].keys()
    for language, words in (("ja", "送るもの"), ("en", "What is sent")):
        page = caller.http.get("/api/v1/docs", {"lang": language}).content.decode()
        assert words in page
        assert all(name in page for name in OPERATIONS)
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


SAFE = sorted(
    name for name, known in OPERATIONS.items()
    if known.method == "get" or name in {"wallet_open", "codes_mint", "notices_complain", "vouchers_apply",
                                         "points_record_action", "benefits_choose", "payments_pay", "wallet_transfer"}
)  # fmt: skip


def test_nothing_that_a_resident_can_send_breaks_the_server(town: Town) -> None:
    """A short run of generated requests, good and bad, over all that reads and what a resident may do: never a 5xx."""
    town.give("points", 5_000)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    headers = {"Authorization": f"Bearer {token(town.resident)}"}
    for name in SAFE:
        _try_out(schema.find_operation_by_id(name), headers)


def _try_out(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=12, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def never_breaks(case: Any) -> None:
        answer = case.call(headers=headers)
        assert answer.status_code < 500, (case.as_curl_command(), answer.text[:300])
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith(("application/problem+json", "text/"))

    from hypothesis import given

    run: Callable[[], None] = given(case=operation.as_strategy())(never_breaks)
    run()
