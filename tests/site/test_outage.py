"""The database stops under a running server, and comes back: nobody sees a raw fault, nothing is lost or done twice."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from meguri.site.postgres import THROW_AWAY, EmbeddedPostgres

SECRET = "outage-test-secret"
FOUND = """
import json, django
django.setup()
from meguri.faces.entrance.tokens import mint_token
from meguri.ledger.operations import set_clock_offset
from meguri.site.wall import as_owner
from meguri.tills.operations import mint_holder_code, stop
from meguri.words.clock import now
from tests.town import found_town
with as_owner():
    town = found_town()
    set_clock_offset(municipality=town.municipality, offset=town.at - now())
    town.give("points", 1_000)
    codes = [mint_holder_code(by=town.resident, at=town.at, holder=town.holder)[0].digits for _ in range(2)]
tokens = {name: mint_token(by, scopes=["*"], seconds=3_600) for name, by in
          {"clerk": town.at_small_shop, "resident": town.resident}.items()}
print(json.dumps({"codes": codes, "town": town.municipality, **tokens}))
stop()
"""
"""Founds the small town in a process of its own: this one's settings know another database."""


@dataclass
class Served:
    """A server whose database can be stopped and started; `told`: tokens, two fresh codes, the town's number."""

    postgres: EmbeddedPostgres
    http: httpx.Client
    told: dict[str, Any]

    def pay(self, key: str, *, code: int) -> httpx.Response:
        """Take 100 yen for the sale `key` with the first or second code."""
        headers = {"Authorization": f"Bearer {self.told['clerk']}", "Idempotency-Key": key}
        return self.http.post(
            "/api/v1/pay", json={"amount_yen": 100, "code": self.told["codes"][code]}, headers=headers
        )

    def purses(self) -> httpx.Response:
        return self.http.get("/api/v1/wallet/purses", headers={"Authorization": f"Bearer {self.told['resident']}"})


@pytest.fixture
def served() -> Iterator[Served]:
    directory = Path(tempfile.mkdtemp(prefix="meguri-out-"))
    postgres = EmbeddedPostgres(directory, settings=THROW_AWAY)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    around = {
        **os.environ, "DATABASE_URL": postgres.start(), "DJANGO_SETTINGS_MODULE": "meguri.site.settings",
        "MEGURI_SECRET_KEY": SECRET, "MEGURI_DATA": str(directory), "MEGURI_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    server = None
    try:
        told = _found(around)
        around["MEGURI_MUNICIPALITY"] = str(told["town"])
        server = subprocess.Popen([sys.executable, "-m", "meguri.site.server", "--port", str(port)], env=around)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            assert until(lambda: status(http, "/healthz") == 200)
            yield Served(postgres, http, told)
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _found(around: dict[str, str]) -> dict[str, Any]:
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=around, check=True)
    made = subprocess.run([sys.executable, "-c", FOUND], env=around, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return told


def until(happened: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


def status(http: httpx.Client, path: str) -> int:
    try:
        return http.get(path).status_code
    except httpx.TransportError:
        return 0


def test_an_outage_is_said_clearly_and_nothing_is_lost_or_done_twice(served: Served) -> None:
    assert served.pay("before", code=0).status_code == 201
    assert served.purses().json()["total_yen"] == 900
    served.postgres.stop()
    for path, language, words in (("/", "ja", "少しお待ちください"), ("/wallet/", "en", "One moment, please")):
        page = served.http.get(path, headers={"Accept-Language": language})
        assert (page.status_code, words in page.text) == (503, True)
        assert page.headers["Retry-After"].isdecimal()
    assert status(served.http, "/healthz") == 503
    for _ in range(2):
        _problem(served.pay("during", code=1), code="ledger_unreachable")
    _problem(served.purses())
    _problem(served.http.get("/api/v1/programmes/templates"))

    served.postgres.start()
    answers = [served.pay("during", code=1) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.json()["payment"] for answer in answers}) == 1
    again = served.pay("before", code=0)
    assert (again.status_code, again.json()["status"]) == (200, "paid_before")
    assert until(lambda: served.purses().status_code == 200)
    assert served.purses().json()["total_yen"] == 800
    assert until(lambda: status(served.http, "/") == 200)


def _problem(answer: httpx.Response, *, code: str = "") -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json"), answer.text
    assert answer.headers["Retry-After"].isdecimal()
    if code:
        assert answer.json()["code"] == code
