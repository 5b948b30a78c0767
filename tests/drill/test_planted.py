"""The register of planted faults is in order: each fits its place, still runs, and names a test that exists."""

from __future__ import annotations

import ast
import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection, transaction
from drill.planted import ROOT, Fault, answer_of_pytest, register, rings

FAULTS = register()


def test_there_are_many_and_none_twice() -> None:
    assert len(FAULTS) >= 100
    assert Counter(fault.says for fault in FAULTS).most_common(1)[0][1] == 1


ONLY_CALLED = {"__init__.py", "checks.py", "tasks.py", "wall.py"}
"""Files of the ledger that decide nothing themselves."""


def test_they_are_spread_over_all_that_the_books_decide() -> None:
    ledger = ROOT / "src/meguri/ledger"
    files = {path.name for path in (*ledger.glob("*.py"), *ledger.glob("sql/code/*.sql"))} - ONLY_CALLED
    planted = {Path(fault.file).name for fault in FAULTS if fault.file.startswith("ledger/")}
    assert files - planted == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.says)
def test_a_fault_fits_its_place_and_names_a_test(fault: Fault, tmp_path: Path) -> None:
    spoilt = tmp_path / fault.place
    spoilt.parent.mkdir(parents=True)
    shutil.copy(ROOT / fault.place, spoilt)
    fault.plant(tmp_path)
    if spoilt.suffix == ".py":
        ast.parse(spoilt.read_text(encoding="utf-8"))
    file, _, name = fault.test.partition("::")
    tests = {
        node.name for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }  # fmt: skip
    assert not name or name.partition("[")[0] in tests


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if "sql/code" in fault.file], ids=lambda fault: fault.says
)  # fmt: skip
def test_a_fault_in_the_database_is_no_slip_of_the_pen(fault: Fault, tmp_path: Path) -> None:
    """PostgreSQL accepts it: what it does is wrong, not how it is written."""
    spoilt = tmp_path / fault.place
    spoilt.parent.mkdir(parents=True)
    shutil.copy(ROOT / fault.place, spoilt)
    fault.plant(tmp_path)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(spoilt.read_text(encoding="utf-8"))
        transaction.set_rollback(True)


def test_a_fault_whose_place_has_changed_is_told(tmp_path: Path) -> None:
    fault = Fault(says="x", file="a.py", old="two", new="three", test="t")
    fault_file = tmp_path / fault.place
    fault_file.parent.mkdir(parents=True)
    fault_file.write_text("two and two")
    with pytest.raises(ValueError, match="2 times"):
        fault.plant(tmp_path)


SMALL = "def double(number: int) -> int:\n    return number * 2\n"


def test_a_planted_fault_rings_and_is_taken_out_again(tmp_path: Path) -> None:
    """The drill on a tree of one rule: the fault is found, a harmless change is not, the tree is whole afterwards."""
    source = tmp_path / "src/meguri/small.py"
    source.parent.mkdir(parents=True)
    source.write_text(SMALL)
    (source.parent / "__init__.py").touch()
    (tmp_path / "test_small.py").write_text(
        "from meguri.small import double\n\ndef test_double() -> None:\n    assert double(3) == 6\n"
    )
    assert answer_of_pytest(tmp_path, "test_small.py") == 0
    fault = Fault(says="x", file="small.py", old="* 2", new="* 3", test="test_small.py")
    harmless = Fault(says="y", file="small.py", old="* 2", new="* (1 + 1)", test="test_small.py")
    assert rings(fault, tmp_path)
    assert not rings(harmless, tmp_path)
    assert source.read_text() == SMALL
