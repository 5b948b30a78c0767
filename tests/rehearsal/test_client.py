"""The client made of the server's own document."""

from __future__ import annotations

import json

import pytest

from meguri.rehearsal.client import ATTEMPTS, ApiClient, Refused, UnknownOperation, Unreachable, operations
from meguri.rehearsal.line import Cut, Request, Response
from tests.rehearsal.lines import Answering, Told

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


def client(answering: Answering, *, waits: list[float] | None = None) -> ApiClient:
    return ApiClient(Told(answering), DOCUMENT, sleep=(waits if waits is not None else []).append)


def said(status: int, content: object) -> Response:
    return Response(status, json.dumps(content).encode())


def test_operations_are_found_by_their_name() -> None:
    found = operations(DOCUMENT)
    assert sorted(found) == ["payments_pay", "payments_refund", "wallet_purses"]
    assert found["payments_refund"].in_path == {"payment"}
    assert (found["wallet_purses"].method, found["wallet_purses"].path) == ("get", "/api/v1/wallet")


def test_a_post_carries_token_key_and_body() -> None:
    def answer(request: Request) -> Response:
        assert (request.method, request.path) == ("POST", "/api/v1/payments")
        assert request.headers["Authorization"] == "Bearer t1"
        assert request.headers["Idempotency-Key"] == "k1"
        assert json.loads(request.content) == {"code": "1", "amount_yen": 1_280}
        return said(201, {"payment": "p"})

    assert client(answer).call("payments_pay", {"code": "1", "amount_yen": 1_280}, token="t1", key="k1") == {
        "payment": "p"
    }


def test_arguments_named_in_the_path_go_there() -> None:
    def answer(request: Request) -> Response:
        assert request.path == "/api/v1/payments/p7/refund"
        assert json.loads(request.content) == {"reason": "返品"}
        return Response(204)

    assert client(answer).call("payments_refund", {"payment": "p7", "reason": "返品"}) is None


def test_arguments_of_a_get_go_into_the_query() -> None:
    def answer(request: Request) -> Response:
        assert (request.method, request.path, request.content) == ("GET", "/api/v1/wallet?after=3", b"")
        assert "Authorization" not in request.headers
        return said(200, [])

    assert client(answer).call("wallet_purses", {"after": 3}) == []


def test_an_operation_that_the_server_lacks_is_never_sent() -> None:
    asked = client(lambda _: pytest.fail("sent"))
    with pytest.raises(UnknownOperation, match="vouchers_draw"):
        asked.call("vouchers_draw")
    assert asked.missing(["vouchers_draw", "payments_pay", "codes_mint"]) == ["codes_mint", "vouchers_draw"]
    assert asked.has("payments_pay")
    assert not asked.has("codes_mint")


def test_a_refusal_carries_its_code_and_sentence() -> None:
    def answer(request: Request) -> Response:
        return said(409, {"code": "insufficient", "title": "残高が足りません", "title_en": "Too little"})

    with pytest.raises(Refused) as refused:
        client(answer).call("payments_pay", {})
    assert (refused.value.code, refused.value.status, refused.value.sentence) == (
        "insufficient", 409, "残高が足りません / Too little",
    )  # fmt: skip


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"{}", b""])
def test_an_answer_without_a_code_is_named_by_its_status(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        client(lambda _: Response(500, content)).call("payments_pay", {})
    assert refused.value.code == "http_500"


def test_a_cut_line_is_tried_again_with_the_same_key() -> None:
    seen: list[str] = []

    def answer(request: Request) -> Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) < 3:
            raise Cut("cut")
        return said(200, {"ok": True})

    waits: list[float] = []
    assert client(answer, waits=waits).call("payments_pay", {}, key="same") == {"ok": True}
    assert seen == ["same"] * 3
    assert waits == [0.2, 0.4]


def test_a_busy_server_says_when_to_come_back() -> None:
    answers = iter(
        [Response(503, retry_after="3"), Response(429), said(200, 1)]
    )
    waits: list[float] = []
    assert client(lambda _: next(answers), waits=waits).call("payments_pay", {}) == 1
    assert waits == [3.0, 0.4]


def test_nobody_waits_for_ever() -> None:
    waits: list[float] = []
    with pytest.raises(Unreachable, match="503"):
        client(lambda _: Response(503, retry_after="9999"), waits=waits).call("payments_pay", {})
    assert waits == [8.0] * (ATTEMPTS - 1)


def test_connecting_reads_the_document() -> None:
    line = Told(lambda _: said(200, DOCUMENT))
    connected = ApiClient.connect("http://town", line=line)
    assert connected.has("payments_pay")
    connected.close()
    assert line.closed


def test_a_server_that_is_not_there_is_named() -> None:
    def gone(_: Request) -> Response:
        raise Cut("refused")

    with pytest.raises(Unreachable, match="http://town"):
        ApiClient.connect("http://town", line=Told(gone))


@pytest.mark.parametrize("reply", [Response(404, b"<html>"), Response(200, b"<html>")])
def test_another_server_at_that_address_is_none_of_ours(reply: Response) -> None:
    with pytest.raises(Unreachable, match="http://town"):
        ApiClient.connect("http://town", line=Told(lambda _: reply))


def test_a_path_takes_any_name_as_one_piece() -> None:
    def answer(request: Request) -> Response:
        assert request.path == "/api/v1/payments/a%2Fb%20%3F/refund"
        return Response(204)

    assert client(answer).call("payments_refund", {"payment": "a/b ?"}) is None
