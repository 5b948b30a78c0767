"""What people and programs see when something goes wrong that nobody expected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from meguri.site.faults import Brief, fault
from meguri.site.urls import handler500  # noqa: F401 - Django looks for it in the module that holds the addresses
from meguri.site.urls import urlpatterns as all_patterns

faults: list[Exception] = []


def broken(_request: HttpRequest) -> HttpResponse:
    raise faults[0]


urlpatterns = [path("broken", broken), path("api/v1/broken", broken), *all_patterns]


@pytest.fixture
def visitor(settings: Settings) -> Iterator[Client]:
    settings.ROOT_URLCONF = __name__
    faults[:] = [ValueError("nobody expected this")]
    yield Client(raise_request_exception=False)
    faults.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("away", [OperationalError("the connection is lost"), InterfaceError("already closed")])
def test_while_the_database_is_away_people_are_asked_to_wait(visitor: Client, away: Exception) -> None:
    faults[:] = [away]
    answer = visitor.get("/broken")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "少しお待ちください" in answer.text
    assert "no money has moved" in answer.text


@pytest.mark.django_db
def test_an_absent_database_is_logged_in_one_line(visitor: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(Brief())
    faults[:] = [OperationalError("connection refused\nIs the server running?")]
    visitor.get("/broken")
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert (record.getMessage(), record.exc_info) == ("Service Unavailable: /broken: connection refused", None)
    faults[:] = [ValueError("nobody expected this")]
    visitor.get("/broken")
    assert caplog.records[-1].exc_info is not None


@pytest.mark.django_db
def test_a_fault_of_ours_is_admitted_in_both_languages(visitor: Client) -> None:
    answer = visitor.get("/broken")
    assert answer.status_code == 500
    assert "こちらの不具合です" in answer.text
    assert "This is our fault" in answer.text
    assert "nobody expected this" not in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize(("exception", "status"), [(OperationalError("away"), 503), (KeyError("x"), 500)])
def test_programs_get_problem_details(visitor: Client, exception: Exception, status: int) -> None:
    faults[:] = [exception]
    answer = visitor.get("/api/v1/broken")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.json()["detail_ja"]


@pytest.mark.django_db
def test_an_unknown_address_is_said_kindly(visitor: Client) -> None:
    assert "このページはありません" in visitor.get("/nowhere/?lang=ja").text
    answer = visitor.get("/nowhere/?lang=en")
    assert (answer.status_code, "There is no such page" in answer.text) == (404, True)


@pytest.mark.django_db
def test_a_closed_page_is_said_kindly(visitor: Client) -> None:
    faults[:] = [PermissionDenied()]
    answer = visitor.get("/broken?lang=ja")
    assert (answer.status_code, "このページは開けません" in answer.text) == (403, True)


def test_the_page_for_faults_needs_no_database() -> None:  # no mark: asking the database would fail this test
    def lost() -> None:
        raise OperationalError("connection refused")

    request = HttpRequest()
    request.path = "/"
    try:
        lost()
    except OperationalError:
        answer = fault(request)
    assert (answer.status_code, "少しお待ちください" in answer.text) == (503, True)
