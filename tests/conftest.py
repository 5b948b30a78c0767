"""One throw-away PostgreSQL per test process, started when the first test asks for the database."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connections
from hypothesis import settings as hypothesis_settings

from meguri.site.postgres import THROW_AWAY, EmbeddedPostgres
from meguri.site.settings import MEGURI, database
from tests.browsers import close_what_was_opened
from tests.flushing import empty_only_what_was_written
from tests.walled import Walled

# A busy machine is no fault: speed is measured in bench. `make drill` looks at more examples.
_examples = int(os.environ.get("MEGURI_EXAMPLES", "40"))
hypothesis_settings.register_profile("meguri", deadline=None, max_examples=_examples)
hypothesis_settings.load_profile("meguri")
empty_only_what_was_written()
# The same hasher, the same steps: only its deliberate toil, which no test is about, is not paid for at every sign-in.
ScryptPasswordHasher.work_factor, ScryptPasswordHasher.parallelism = 16, 1

UNCOUNTED = {"autovacuum_analyze_threshold": "1000000"}
"""Tests take back what they write: a count made meanwhile says that all tables are empty, and plans go by it."""


def pytest_runtest_teardown() -> None:
    close_what_was_opened()


def pytest_collection_finish() -> None:
    """The modules and ten thousand tests that now lie in memory stay: they need not be searched for garbage again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 50)


_first = settings.MIDDLEWARE.index("meguri.faces.entrance.middleware.ActorMiddleware")
settings.MIDDLEWARE.insert(_first, f"{Walled.__module__}.{Walled.__qualname__}")


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """A server for this process: DATABASE_URL's, else an embedded one in a temporary directory, gone afterwards."""
    if MEGURI.database_url:
        yield MEGURI.database_url
        return
    directory = Path(tempfile.mkdtemp(prefix="meguri-test-"))  # short, so that its socket's path is short too
    server = EmbeddedPostgres(directory, MEGURI.pg_bin, settings={**THROW_AWAY, **UNCOUNTED})
    try:
        yield server.start()
    finally:
        connections.close_all()
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """A database in a throw-away server goes with it; dropping it would only wait for threads that still hold it."""
    return not MEGURI.database_url or bool(request.config.getoption("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, postgres_dsn: str) -> None:
    """Point Django at the server above; pytest-django then makes and migrates its own database in it."""
    for name, value in database(postgres_dsn).items():
        settings.DATABASES["default"][name] = value
        connections["default"].settings_dict[name] = value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With MEGURI_CHROMIUM_REQUIRED, a test skipped for want of Chromium or of what draws a letter has failed: nobody
    looked at the screens and the paper.
    """
    report = yield
    if report.skipped and os.environ.get("MEGURI_CHROMIUM_REQUIRED"):
        wanting = str(report.longrepr).lower()
        if "chromium" in wanting or "poppler" in wanting:
            report.outcome = "failed"
    return report
