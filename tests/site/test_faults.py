"""What people and programs see when no view answers: nobody expected it, it is nowhere, it was asked wrongly."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import psycopg.errors
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.http import require_POST

from meguri.faces.api.document import PROBLEM
from meguri.faces.entrance.refusals import METHOD_NOT_ALLOWED, database_refusal
from meguri.site import urls
from meguri.site.faults import Brief, bare, fault
from meguri.site.urls import handler400, handler403, handler404, handler429, handler500  # noqa: F401 - Django looks
from meguri.words.refusal import catalogue

faults: list[Exception] = []


def fail(trouble: Exception) -> None:
    raise trouble


def broken(_request: HttpRequest) -> HttpResponse:
    raise faults[0]


@require_POST
def deed(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


urlpatterns = [
    path("broken", broken), path("api/v1/broken", broken), path("deed", deed), path("api/v1/deed", deed),
    *urls.urlpatterns,
]  # fmt: skip
AWAY = [OperationalError("the connection is lost"), InterfaceError("already closed")]


@pytest.fixture
def visitor(db: None, settings: LazySettings) -> Iterator[Client]:
    settings.ROOT_URLCONF = __name__
    faults[:] = [ValueError("nobody expected this")]
    yield Client(raise_request_exception=False)
    faults.clear()


def database_says(kind: type[psycopg.Error]) -> OperationalError:
    """What Django raises when PostgreSQL answers with this."""
    away = OperationalError("what the server said")
    away.__cause__ = kind()
    return away


def problem(answer: Any) -> dict[str, Any]:
    """Every refusal for programs has the one shape of the API's document, and says the same in two languages."""
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert set(told) == set(PROBLEM["required"])
    assert told["status"] == answer.status_code
    kind = next(kind for kind in catalogue() if kind.code == told["code"])
    assert kind.status == answer.status_code
    for language, sentence in (("ja", told["title"]), ("en", told["title_en"])):
        assert sentence == kind.refusal(**told["facts"]).sentence(language)  # type: ignore[arg-type]
    return told


def headings(page: str) -> list[str]:
    return [re.sub("<[^>]+>", "", found) for found in re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)]


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("away", AWAY)
def test_while_the_database_is_away_people_are_asked_to_wait(visitor: Client, away: Exception) -> None:
    faults[:] = [away]
    answer = visitor.get("/broken")
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "2", "no-store")
    assert headings(answer.text) == ["少しお待ちください"]
    assert "二重に引かれることはありません" in answer.text
    assert "you are never charged twice" in answer.text
    assert "ledger_unreachable" in answer.text


@pytest.mark.parametrize("away", AWAY)
def test_while_the_database_is_away_programs_are_told_what_the_tills_are_told(
    visitor: Client, away: Exception
) -> None:
    faults[:] = [away]
    for answer in (visitor.get("/api/v1/broken"), visitor.get("/broken", headers={"accept": "application/json"})):
        assert (problem(answer)["code"], answer["Retry-After"]) == ("ledger_unreachable", "2")


@pytest.mark.parametrize(
    ("kind", "code"),
    [(psycopg.errors.TooManyConnections, "ledger_busy"), (psycopg.errors.DeadlockDetected, "ledger_busy"),
     (psycopg.errors.LockNotAvailable, "ledger_busy"), (psycopg.errors.QueryCanceled, "ledger_busy"),
     (psycopg.errors.SerializationFailure, "ledger_busy"), (psycopg.errors.DiskFull, "ledger_busy"),
     (psycopg.errors.CannotConnectNow, "ledger_unreachable"), (psycopg.errors.AdminShutdown, "ledger_unreachable")],
)
def test_an_overloaded_database_is_told_apart_from_an_absent_one(
    visitor: Client, kind: type[psycopg.Error], code: str
) -> None:
    faults[:] = [database_says(kind)]
    assert problem(visitor.get("/api/v1/broken"))["code"] == code
    assert database_refusal(faults[0]).code == code
    assert code in visitor.get("/broken").text


def test_an_absent_database_is_logged_in_one_line(visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(Brief())
    faults[:] = [OperationalError("connection refused\nIs the server running?")]
    visitor.get("/broken")
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert (record.getMessage(), record.exc_info) == ("Service Unavailable: /broken: connection refused", None)
    faults[:] = [ValueError("nobody expected this")]
    visitor.get("/broken")
    assert caplog.records[-1].exc_info is not None


def test_a_fault_of_ours_is_admitted_in_both_languages_with_a_number_for_the_desk(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = visitor.get("/broken")
    assert answer.status_code == 500
    assert headings(answer.text) == ["こちらの不具合です"]
    assert "This is our fault" in answer.text
    assert "nobody expected this" not in answer.text
    (number,) = set(re.findall(r"\b[0-9a-f]{8}\b", answer.text))
    assert f"fault {number} at /broken" in caplog.text
    assert "Retry-After" not in answer


def test_a_fault_of_ours_tells_programs_its_number(visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    told = problem(visitor.get("/api/v1/broken"))
    assert told["code"] == "unexpected_fault"
    assert f"fault {told['facts']['number']} at /api/v1/broken" in caplog.text


def test_the_readers_own_language_comes_first(visitor: Client) -> None:
    assert headings(visitor.get("/broken?lang=en").text) == ["This is our fault"]
    page = visitor.get("/broken?lang=en").text
    assert page.index("This is our fault. Please look") < page.index("こちらの不具合です。")
    assert '<html lang="en">' in page


@pytest.mark.parametrize("demo", [True, False])
def test_a_fault_in_the_demo_still_says_that_the_town_is_invented(
    visitor: Client, settings: LazySettings, *, demo: bool
) -> None:
    settings.DEMO = demo
    assert ("実在" in visitor.get("/broken").text) is demo


def test_the_page_for_faults_needs_no_database() -> None:  # no mark: asking the database would fail this test
    request = HttpRequest()
    request.path = "/"
    try:
        fail(OperationalError("connection refused"))
    except OperationalError:
        answer = fault(request)
    assert (answer.status_code, headings(answer.text)) == (503, ["少しお待ちください"])


def test_what_somebody_sent_is_never_markup() -> None:
    page = bare(METHOD_NOT_ALLOWED.refusal(method="<b>{x}"), json=False).text
    assert "<b>" not in page
    assert "&lt;b&gt;{x}" in page


# --- addresses, methods, forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "heading", "words"), [
    ("ja", "見つかりません", "このページはありません"), ("en", "Not found", "There is no such page"),
])  # fmt: skip
def test_an_unknown_address_is_said_kindly(visitor: Client, language: str, heading: str, words: str) -> None:
    answer = visitor.get(f"/nowhere/?lang={language}")
    assert (answer.status_code, headings(answer.text)) == (404, [heading])
    assert words in answer.text
    assert "page_unknown" not in answer.text  # nobody at a desk could do more about an address than its reader


@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/nowhere", "/api/v2/pay", "/api/v1/payments/x/y"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_of_the_api_is_a_problem(visitor: Client, address: str, method: str) -> None:
    answer = getattr(visitor, method)(address)
    assert (answer.status_code, problem(answer)["code"]) == (404, "address_unknown")


def test_a_closed_page_is_said_kindly(visitor: Client) -> None:
    faults[:] = [PermissionDenied()]
    answer = visitor.get("/broken?lang=ja")
    assert (answer.status_code, headings(answer.text)) == (403, ["ここは開けません"])
    assert "このページは開けません" in answer.text
    assert problem(visitor.get("/api/v1/broken"))["code"] == "page_closed"


def test_what_no_browser_of_ours_sends(visitor: Client) -> None:
    faults[:] = [SuspiciousOperation("odd")]
    answer = visitor.get("/broken?lang=en")
    assert (answer.status_code, headings(answer.text)) == (400, ["That could not be read"])
    assert problem(visitor.get("/api/v1/broken"))["code"] == "request_unreadable"


def test_a_host_that_is_none_of_ours(visitor: Client, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    more = {"host": "evil.example", "referer": "http://evil.example/x"}
    answer = visitor.get("/public/shops", headers=more)
    assert (answer.status_code, "evil.example" in answer.text) == (400, False)
    assert problem(visitor.get("/api/v1/refusals", headers=more))["code"] == "request_unreadable"


@pytest.mark.parametrize(("language", "words"), [("ja", "この宛先はGETでは使えません"), ("en", "does not take GET")])
def test_a_wrong_method_is_said_kindly(visitor: Client, language: str, words: str) -> None:
    answer = visitor.get(f"/deed?lang={language}")
    assert (answer.status_code, answer["Allow"], len(headings(answer.text))) == (405, "POST", 1)
    assert words in answer.text


def test_a_wrong_method_is_a_problem_for_programs(visitor: Client) -> None:
    answer = visitor.get("/api/v1/deed")
    assert (problem(answer)["facts"], answer["Allow"]) == ({"method": "GET"}, "POST")
    assert problem(visitor.put("/deed", headers={"accept": "application/json"}))["code"] == "method_not_allowed"


def test_a_form_of_another_session_is_said_kindly(visitor: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/enter/leave?lang=ja")
    assert (answer.status_code, headings(answer.text)) == (403, ["ここは開けません"])
    assert "まだ何も行われていません" in answer.text
    assert "nothing was sent or done" in strict.post("/enter/leave?lang=en").text


def test_too_many_tries_are_told_when_to_come_back(visitor: Client) -> None:
    cache.clear()
    tries = (visitor.post("/accounts/login/?lang=ja", {"login": "x@town.example"}) for _ in range(60))
    answer = next(answer for answer in tries if answer.status_code == 429)
    assert (answer["Retry-After"], headings(answer.text)) == ("60", ["少し時間をおいてください"])
    assert "数分たってから" in answer.text


@pytest.mark.parametrize("address", ["/nowhere", "/deed", "/broken"])
def test_no_page_for_a_fault_loads_anything_from_outside(visitor: Client, address: str) -> None:
    page = visitor.get(address).text
    assert not re.search(r"""(?:src|href)=["'](?:[a-z]+:)?//""", page)
    assert "<script>" not in page
    assert " style=" not in page
