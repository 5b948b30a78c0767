"""The OpenAPI document: valid, complete, and kept by a program that tries what people would not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.conf import LazySettings
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, settings

from meguri.faces.api.examples import ANSWERS
from meguri.faces.api.interface import api as ninja
from meguri.faces.api.may_refuse import MAY_REFUSE
from meguri.faces.api.summaries import SUBJECTS, SUMMARIES
from meguri.words.refusal import catalogue
from tests.faces.api.conftest import DOCUMENT, OPERATIONS, PROMISED, Caller, keep_promise, token
from tests.town import Town

NAME = re.compile(r"[a-z]+(_[a-z]+)+")


def test_every_operation_has_a_name_a_sentence_and_a_tag() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            assert NAME.fullmatch(operation["operationId"]), path
            assert operation["description"].endswith((".", ";")), path
            assert operation["tags"][0] in SUBJECTS, path
            assert len(operation["tags"]) == 1, path
            assert any("ぁ" <= sign <= "ヿ" for sign in operation["summary"]), path
    assert SUMMARIES.keys() == OPERATIONS.keys()
    assert len(OPERATIONS) == sum(len(operations) for operations in DOCUMENT["paths"].values())


def test_every_operation_lists_its_problems_with_an_example_of_each() -> None:
    """By status, as the codes that it may carry; an example is what the server would answer, in both languages."""
    statuses = {kind.code: kind.status for kind in catalogue()}
    for operation in _operations():
        told: dict[str, int] = {}
        for status, answer in operation["responses"].items():
            for said in answer.get("content", {}).get("application/problem+json", {}).get("examples", {}).values():
                value = DOCUMENT["components"]["examples"][said["$ref"].rpartition("/")[2]]["value"]
                told[value["code"]] = value["status"]
                assert value["status"] == int(status)
                assert value["title"] != value["title_en"]
                _shape(answer["content"]["application/problem+json"]["schema"]).validate(value)
                assert ("Retry-After" in answer.get("headers", {})) == (status in {"429", "503"})
        assert told == {code: statuses[code] for code in PROMISED[operation["operationId"]]}


def test_the_table_of_refusals_holds_every_operation_once_and_no_code_twice() -> None:
    assert MAY_REFUSE.keys() == OPERATIONS.keys()
    for name, codes in PROMISED.items():
        assert len(codes) == len(set(codes)), name


def test_an_answer_is_shown_and_has_the_shape_that_is_promised() -> None:
    for operation in _operations():
        for status, example in ANSWERS.get(operation["operationId"], {}).items():
            shown = operation["responses"][status]["content"]["application/json"]
            assert shown["example"] == example
            _shape(shown["schema"]).validate(example)


def test_a_refusal_that_was_not_promised_rings(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the client of these tests fails as soon as an operation answers a code that it does not list."""
    assert caller.refused("wallet_purses")["code"] == "not_signed_in"
    monkeypatch.setitem(PROMISED, "wallet_purses", ("wallet_unknown",))
    with pytest.raises(AssertionError, match="wallet_purses answered not_signed_in"):
        caller.ask("wallet_purses")
    keep_promise("get", "/api/v1/payments/1", "payment_unknown")
    with pytest.raises(AssertionError, match="payments_see answered wallet_unknown"):
        keep_promise("get", "/api/v1/payments/1", "wallet_unknown")


def _operations() -> list[dict[str, Any]]:
    return [operation for path in DOCUMENT["paths"].values() for operation in path.values()]


def _shape(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema | {"components": DOCUMENT["components"]})


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    known = {f"#/components/{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}
    assert set(_references(DOCUMENT)) <= known
    assert DOCUMENT["openapi"] == "3.1.0"
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_a_line_at_an_address_of_its_own_says_so(settings: LazySettings) -> None:
    """Where the process of the sale stands elsewhere, the document sends programs there, and for nothing else."""
    assert not any("servers" in operation for operation in _operations())
    settings.SALE_ADDRESS = "https://sale.example.jp"
    told = ninja.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    there = {each["operationId"] for path in told.values() for each in path.values() if "servers" in each}
    assert there == {"line_see", "line_come", "line_place"}
    assert told["/api/v1/line/{sale}"]["get"]["servers"][0]["url"] == settings.SALE_ADDRESS


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for each in value.values() for found in _references(each)]
    return [found for each in value for found in _references(each)] if isinstance(value, list) else []


def test_the_document_is_served_and_has_a_page_that_loads_nothing_foreign(caller: Caller) -> None:
    assert caller.http.get("/api/v1/openapi.json").json()["paths"].keys() == DOCUMENT["paths"].keys()
    for language, words in (("ja", SUMMARIES["payments_pay"]), ("en", "Refusals: 21")):
        page = caller.http.get("/api/v1/docs", {"lang": language}).content.decode()
        assert words in page
        assert all(f'id="{name}"' in page for name in OPERATIONS)
        assert all(f'href="/public/refusals#{code}"' in page for codes in MAY_REFUSE.values() for code in codes.split())
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


SAFE = sorted(
    name for name, known in OPERATIONS.items()
    if known.method == "get" or name in {"wallet_open", "codes_mint", "notices_complain", "vouchers_apply",
                                         "points_record_action", "benefits_choose", "payments_pay", "wallet_transfer",
                                         "vouchers_order", "vouchers_prepare_page", "line_come"}
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
        if answer.headers["content-type"][0] == "application/problem+json":
            keep_promise(operation.method, operation.path, answer.json()["code"])

    from hypothesis import given

    run: Callable[[], None] = given(case=operation.as_strategy())(never_breaks)
    run()
