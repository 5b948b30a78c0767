"""The house rules, held against the project as it stands. `test_checks_bite.py` shows that each check can fail."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from tests.house import balance, doors, money, naming, packages, shape
from tests.house.source import ROOT, SOURCE, TESTS, read_modules, written_lines

MODULES = read_modules()
TEST_MODULES = read_modules(TESTS)
CODE_FILES = [path for kind in ("py", "sql", "css", "js", "html") for path in sorted(SOURCE.rglob(f"*.{kind}"))]
OTHER_TEST_FOLDERS = {
    "house": "these rules", "journeys": "whole stories through a browser", "bench": "measures",
    "drill": "short forms of the failure drills",
}  # fmt: skip


def relative(paths: list[Path]) -> list[Path]:
    return [path.relative_to(ROOT) for path in paths]


def test_functions_are_short() -> None:
    assert shape.sizes_complaints(shape.function_sizes(MODULES), median=10, p90=30, most=70) == []


def test_files_are_short() -> None:
    written = [path for path in CODE_FILES if "migrations" not in path.parts and "vendor" not in path.parts]
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in written}
    assert shape.sizes_complaints({k: v for k, v in sizes.items() if v}, median=120, p90=350, most=600) == []


def test_files_of_tests_stay_readable_too() -> None:
    assert [m.place for m in TEST_MODULES if len(m.lines) > 600] == []


def test_parameters_are_keyword_only_from_three_on() -> None:
    assert shape.too_many_positional(MODULES) == []


def test_every_argument_and_return_is_typed() -> None:
    assert shape.untyped([*MODULES, *TEST_MODULES]) == []


def test_imports_make_no_circle() -> None:
    assert doors.circles(MODULES) == []


def test_imports_inside_functions_state_their_reason() -> None:
    assert doors.unreasoned_inner_imports(MODULES) == []


def test_no_signals_between_rooms() -> None:
    assert doors.signals(MODULES) == []


def test_file_names_say_what_is_inside() -> None:
    assert doors.banned_names([path.relative_to(SOURCE) for path in CODE_FILES]) == []


def test_relations_are_written_inside_their_room() -> None:
    assert doors.written_relations_out(read_modules(migrations=True)) == []


def test_relations_stay_inside_their_room() -> None:
    crossing = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("meguri.")
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model._meta.app_label != model._meta.app_label
    ]
    assert crossing == []


TESTS_LEAST = 1.0
"""Lines of tests for a line of source."""


def test_lines_of_tests_keep_up_with_lines_of_source() -> None:
    assert balance.ratio_complaint((m.text for m in MODULES), (m.text for m in TEST_MODULES), least=TESTS_LEAST) == ""


def test_tests_mirror_the_rooms() -> None:
    files = relative(sorted(TESTS.rglob("*.py")))
    rooms = {m.name.split(".")[1]: "a room" for m in MODULES if "." in m.name}
    assert balance.rooms_without_tests(MODULES, files) == []
    assert balance.strange_test_folders(files, {**rooms, **OTHER_TEST_FOLDERS}) == []


@pytest.mark.django_db
def test_every_table_with_money_has_a_constraint_that_reads_as_a_sentence() -> None:
    columns: dict[str, list[str]] = defaultdict(list)
    constraints: dict[str, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND n.nspname IN ('public', 'vault', 'ledger') AND a.atttypid IN ('int8'::regtype, 'int4'::regtype)"
            " AND a.attnum > 0 AND NOT a.attisdropped"
        )
        for table, column in cursor.fetchall():
            columns[table].append(column)
        cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'")
        for table, name in cursor.fetchall():
            constraints[table].append(name)
    assert any("balance" in table for table in columns)
    assert money.silent_tables(columns, constraints) == []


def test_every_word_of_a_public_name_is_explained_or_plain() -> None:
    vocabulary = naming.glossary_words(naming.GLOSSARY.read_text(encoding="utf-8"))
    vocabulary |= set(naming.PLAIN.read_text(encoding="utf-8").split())
    assert naming.unknown_words(MODULES, vocabulary) == {}


def test_words_that_mean_two_things_are_not_used() -> None:
    forbidden = naming.forbidden_words(naming.GLOSSARY.read_text(encoding="utf-8"))
    assert "redeem" in forbidden
    assert naming.uses_of(MODULES, forbidden) == []


def test_requirements_name_no_host_and_no_machine() -> None:
    text = "".join(path.read_text() for path in sorted((ROOT / "requirements").glob("*.txt")))
    assert "--hash=sha256:" in text
    assert [word for word in ("://", "--index", "--find-links", "file:", "/work") if word in text] == []


def test_every_imported_package_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime, dev = project["dependencies"], project["optional-dependencies"]["dev"]
    homes = packages_distributions()
    # pydantic comes with pydantic-settings and with Django Ninja, of whose interface it is part.
    assert packages.undeclared(MODULES, [*runtime, "pydantic"], homes=homes) == {}
    assert packages.undeclared(TEST_MODULES, [*runtime, *dev], homes=homes) == {}


def test_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_source_was_read_at_all() -> None:
    assert len(MODULES) > 50
    assert sum(written_lines(m.text) for m in MODULES) > 1000
