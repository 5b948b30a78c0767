"""One installation made ready, and left as it was found."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from meguri.site import installation
from meguri.site.installation import embedded, opened


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="meguri-inst-"))
    monkeypatch.setattr(installation.MEGURI, "data", folder / "data")
    monkeypatch.setattr(installation.MEGURI, "database_url", "")
    yield folder / "data"
    shutil.rmtree(folder)


def test_an_opened_installation_has_its_database_and_secrets_and_closes_after_itself(data: Path) -> None:
    with opened() as server:
        assert server is not None
        with psycopg.connect(server.dsn) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("meguri",)
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert {path.stem for path in data.glob("*.secret")} == {"session", "vault", "log"}
    assert not server.is_running()


def test_it_closes_after_a_fault_too(data: Path) -> None:
    with pytest.raises(KeyError), opened() as server:
        raise KeyError("a fault")
    assert server is not None
    assert not server.is_running()


def test_secrets_stay_the_same_from_one_opening_to_the_next(data: Path) -> None:
    seen = []
    for _ in range(2):
        with opened():
            seen.append({path.name: path.read_text() for path in data.glob("*.secret")})
    assert seen[0] == seen[1]


def test_an_operators_own_server_is_left_to_the_operator(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.MEGURI, "database_url", "postgresql://db/town")
    assert embedded() is None
    with opened() as server:
        assert server is None
    assert not (data / "postgres").exists()
