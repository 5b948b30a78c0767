"""The client made of the server's own document."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from meguri.rehearsal.client import ATTEMPTS, ApiClient, Refused, UnknownOperation, Unreachable, operations

DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/api/v1/payments": {"post": {"operationId": "payments_pay"}},
        "/api/v1/payments/{payment}/refund": {
            "parameters": [{"name": "payment", "in": "path"}],
            "post": {"operationId": "payments_refund", "parameters": [{"name": "lang", "in": "query"}]},
        },
        "/api/v1/wallet": {"get": {"operationId": "wallet_purses"}, "delete": {"summary": "has no name"}},
    },
}
Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, *, waits: list[float] | None = None) -> ApiClient:
    http = httpx.Client(base_url="http://town", transport=httpx.MockTransport(handler))
    return ApiClient(http, DOCUMENT, sleep=(waits if waits is not None else []).append)


def test_operations_are_found_by_their_name() -> None:
    found = operations(DOCUMENT)
    assert sorted(found) == ["payments_pay", "payments_refund", "wallet_purses"]
    assert found["payments_refund"].in_path == {"payment"}
    assert (found["wallet_purses"].method, found["wallet_purses"].path) == ("get", "/api/v1/wallet")


def test_a_post_carries_token_key_and_body() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/api/v1/payments")
        assert request.headers["Authorization"] == "Bearer t1"
        assert request.headers["Idempotency-Key"] == "k1"
        assert json.loads(request.content) == {"code": "1", "amount_yen": 1_280}
        return httpx.Response(201, json={"payment": "p"})

    assert client(answer).call("payments_pay", {"code": "1", "amount_yen": 1_280}, token="t1", key="k1") == {
        "payment": "p"
    }


def test_arguments_named_in_the_path_go_there() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/payments/p7/refund"
        assert json.loads(request.content) == {"reason": "返品"}
        return httpx.Response(204)

    assert client(answer).call("payments_refund", {"payment": "p7", "reason": "返品"}) is None


def test_arguments_of_a_get_go_into_the_query() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        assert request.url.query == b"after=3"
        assert "Authorization" not in request.headers
        return httpx.Response(200, json=[])

    assert client(answer).call("wallet_purses", {"after": 3}) == []


def test_an_operation_that_the_server_lacks_is_never_sent() -> None:
    asked = client(lambda _: pytest.fail("sent"))
    with pytest.raises(UnknownOperation, match="vouchers_draw"):
        asked.call("vouchers_draw")
    assert asked.missing(["vouchers_draw", "payments_pay", "codes_mint"]) == ["codes_mint", "vouchers_draw"]
    assert asked.has("payments_pay")
    assert not asked.has("codes_mint")


def test_a_refusal_carries_its_code_and_sentence() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(409, json={"code": "insufficient", "title": "残高が足りません", "title_en": "Too little"})

    with pytest.raises(Refused) as refused:
        client(answer).call("payments_pay", {})
    assert (refused.value.code, refused.value.status, refused.value.sentence) == (
        "insufficient", 409, "残高が足りません / Too little",
    )  # fmt: skip


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"{}", b""])
def test_an_answer_without_a_code_is_named_by_its_status(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        client(lambda _: httpx.Response(500, content=content)).call("payments_pay", {})
    assert refused.value.code == "http_500"


def test_a_cut_line_is_tried_again_with_the_same_key() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) < 3:
            raise httpx.ReadError("cut", request=request)
        return httpx.Response(200, json={"ok": True})

    waits: list[float] = []
    assert client(answer, waits=waits).call("payments_pay", {}, key="same") == {"ok": True}
    assert seen == ["same"] * 3
    assert waits == [0.2, 0.4]


def test_a_busy_server_says_when_to_come_back() -> None:
    answers = iter(
        [httpx.Response(503, headers={"Retry-After": "3"}), httpx.Response(429), httpx.Response(200, json=1)]
    )
    waits: list[float] = []
    assert client(lambda _: next(answers), waits=waits).call("payments_pay", {}) == 1
    assert waits == [3.0, 0.4]


def test_nobody_waits_for_ever() -> None:
    waits: list[float] = []
    with pytest.raises(Unreachable, match="503"):
        client(lambda _: httpx.Response(503, headers={"Retry-After": "9999"}), waits=waits).call("payments_pay", {})
    assert waits == [8.0] * (ATTEMPTS - 1)


def test_connecting_reads_the_document() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=DOCUMENT))
    connected = ApiClient.connect("http://town", transport=transport)
    assert connected.has("payments_pay")
    connected.close()


def test_a_server_that_is_not_there_is_named() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(Unreachable, match="http://town"):
        ApiClient.connect("http://town", transport=httpx.MockTransport(gone))
