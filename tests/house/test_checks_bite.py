"""Every check of the house is shown a planted bad example and must complain, and a good one and must not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from tests.house import balance, doors, money, naming, packages, shape
from tests.house.source import ROOT, SOURCE, Module, module, written_lines

LONG = "def far() -> None:\n" + "    step()\n" * 80


def test_a_function_that_is_too_long_is_named() -> None:
    sizes = shape.function_sizes([module(LONG)])
    assert sizes == {"meguri.room.planted.py:1 far": 81}
    (complaint, *_) = shape.sizes_complaints(sizes, median=100, p90=100, most=70)
    assert "far has 81 lines" in complaint


def test_many_middling_sizes_break_the_median_and_the_ninetieth_percentile() -> None:
    short = {str(n): 5 for n in range(10)}
    assert shape.sizes_complaints(short, median=10, p90=30, most=70) == []
    assert "median" in shape.sizes_complaints(dict.fromkeys("abc", 11), median=10, p90=30, most=70)[0]
    assert "nine of ten" in shape.sizes_complaints({**short, "x": 40, "y": 40}, median=10, p90=30, most=70)[0]


@pytest.mark.parametrize(("values", "expected"), [([1], 1), (list(range(1, 11)), 9), (list(range(1, 101)), 90)])
def test_the_ninetieth_percentile(values: list[int], expected: int) -> None:
    assert shape.percentile(values, 0.9) == expected


@pytest.mark.parametrize("text", [
    "def sell(a: int, b: int, c: int) -> None: ...",
    "class Shop:\n    def sell(self, a: int, b: int, c: int) -> None: ...",
    "class Shop:\n    @staticmethod\n    def sell(a: int, b: int, c: int) -> None: ...",
    "def outer() -> None:\n    async def sell(a: int, b: int, c: int = 1) -> None: ...",
])
def test_a_third_positional_parameter_is_found(text: str) -> None:
    assert len(shape.too_many_positional([module(text)])) == 1


@pytest.mark.parametrize("text", [
    "def sell(a: int, b: int) -> None: ...",
    "def sell(*, a: int, b: int, c: int) -> None: ...",
    "class Shop:\n    def sell(self, a: int, b: int, *, c: int) -> None: ...",
    "class Shop:\n    def __exit__(self, a: int, b: int, c: int) -> None: ...",
    "async def app(scope: S, receive: R, send: T) -> None: ...",
])
def test_two_positional_parameters_and_prescribed_ones_are_fine(text: str) -> None:
    assert shape.too_many_positional([module(text)]) == []


def test_a_method_that_overrides_a_foreign_one_has_its_shape_from_there() -> None:
    text = "from {home} import Command\nclass Sell(Command):\n    def {name}(self, app_label, user, c): ..."
    foreign = text.format(home="django.core.management.commands.migrate", name="sync_apps")
    assert shape.too_many_positional([module(foreign)]) == []
    assert [name for name, _ in naming.public_names(module(foreign))] == ["planted", "Sell"]
    ours = text.format(home="meguri.site.management.commands.migrate", name="sync_apps")
    own = text.format(home="django.core.management.commands.migrate", name="sell_all")
    assert len(shape.too_many_positional([module(ours), module(own)])) == 2


@pytest.mark.parametrize(("text", "silent"), [
    ("def sell(a) -> None: ...", "a"),
    ("def sell(a: int): ...", "return"),
    ("class Shop:\n    def sell(self, *args, price) -> None: ...", "price, args"),
])
def test_untyped_parts_are_found(text: str, silent: str) -> None:
    (complaint,) = shape.untyped([module(text)])
    assert f"leaves {silent} untyped" in complaint


def test_typed_functions_are_fine() -> None:
    text = "class Shop:\n    def sell(self, a: int, *args: int, **more: int) -> None: ..."
    assert shape.untyped([module(text)]) == []


def test_a_circle_through_a_function_is_found() -> None:
    first = module("def late() -> None:\n    from meguri.b.two import x", "meguri.a.one")
    second = module("import meguri.c.three", "meguri.b.two")
    third = module("from meguri.a import one", "meguri.c.three")
    assert doors.circles([first, second]) == []
    (circle,) = doors.circles([first, second, third])
    assert circle == "meguri.a.one -> meguri.b.two -> meguri.c.three -> meguri.a.one"


def test_an_import_inside_a_function_needs_a_reason() -> None:
    bare = "def late() -> None:\n    import json\n"
    assert len(doors.unreasoned_inner_imports([module(bare)])) == 1
    assert doors.unreasoned_inner_imports([module(bare.replace("json", "json  # heavy, rarely needed"))]) == []
    assert doors.unreasoned_inner_imports([module("def late() -> None:\n    # heavy\n    import json\n")]) == []


@pytest.mark.parametrize("text", [
    "from django.dispatch import receiver",
    "from django.db.models.signals import post_save",
    "from django.contrib.auth.signals import user_logged_in",
    "from allauth.account.signals import user_signed_up",
    "def late() -> None:\n    from django.db.models.signals import post_save",
])
def test_signals_are_found(text: str) -> None:
    assert len(doors.signals([module(text)])) == 1


def test_the_site_may_send_the_signals_of_a_request() -> None:
    text = "from django.core.signals import request_started"
    assert len(doors.signals([module(text)])) == 1
    assert doors.signals([module(text, "meguri.site.onehop")]) == []


@pytest.mark.parametrize("name", ["a/utils.py", "b/helper.py", "common/money.py", "services.py", "core/a.py"])
def test_names_that_say_nothing_are_found(name: str) -> None:
    assert doors.banned_names([PurePath(name)]) == [name]
    assert doors.banned_names([PurePath("ledger/rules.py"), PurePath("scores.py")]) == []


@pytest.mark.parametrize("text", [
    "resident = models.ForeignKey('parties.Resident', on_delete=models.PROTECT)",
    "login = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)",
    "shops = models.ManyToManyField(to='parties.shop')",
    "from meguri.parties.models import Resident\nresident = ForeignKey(Resident, on_delete=PROTECT)",
])
def test_a_relation_to_another_room_is_found(text: str) -> None:
    assert len(doors.written_relations_out([module(text, "meguri.wallets.models")])) == 1


@pytest.mark.parametrize("text", [
    "card = models.ForeignKey('wallets.Card', on_delete=models.PROTECT)",
    "card = models.ForeignKey(Card, on_delete=models.PROTECT)",
    "card = models.ForeignKey('self', on_delete=models.PROTECT)",
    "from meguri.wallets.cards import Card\ncard = models.ForeignKey(Card, on_delete=models.PROTECT)",
])
def test_a_relation_inside_the_room_is_fine(text: str) -> None:
    assert doors.written_relations_out([module(text, "meguri.wallets.models")]) == []


def test_too_few_lines_of_tests_are_found() -> None:
    assert "2 lines of tests for 3 lines" in balance.ratio_complaint(["a\nb\n\nc"], ["a\n\n\n\nb"])
    assert balance.ratio_complaint(["a\nb"], ["a\nb"]) == ""
    assert written_lines("a\n  \n\nb\n") == 2


def test_rooms_without_tests_are_found() -> None:
    rooms = [
        module("x = 1", "meguri.ledger.rules"), module("x = 1", "meguri.faces.office.views"),
        module("x = 1", "meguri.programmes.points.rules"), module("", "meguri.tills"),
    ]
    assert balance.rooms_without_tests(rooms, []) == ["faces.office", "ledger", "programmes.points"]
    tests = ["tests/ledger/test_rules.py", "tests/faces/test_office.py", "tests/programmes/points/test_rules.py"]
    assert balance.rooms_without_tests(rooms, map(PurePath, tests)) == []
    assert balance.rooms_without_tests(rooms[:1], [PurePath("tests/ledger/conftest.py")]) == ["ledger"]


def test_a_folder_of_tests_that_mirrors_nothing_is_found() -> None:
    files = [PurePath("tests/ledger/test_a.py"), PurePath("tests/odd/test_b.py"), PurePath("tests/conftest.py")]
    assert balance.strange_test_folders(files, {"ledger": "a room"}) == ["odd"]


@pytest.mark.parametrize("name", ["amount_check", "chk_amount_is_1", "ledger_entry_amount", "a shop amount check"])
def test_constraint_names_that_are_no_sentences(name: str) -> None:
    assert not money.reads_as_sentence(name)


@pytest.mark.parametrize("name", ["an_entry_moves_something", "price_is_positive", "a balance never falls below zero"])
def test_constraint_names_that_are_sentences(name: str) -> None:
    assert money.reads_as_sentence(name)


def test_a_money_table_without_a_sentence_is_found() -> None:
    columns = {"fee": ["id", "fee_yen"], "entry": ["amount"], "shop": ["floor"]}
    constraints = {"fee": ["fee_check"], "entry": ["an_entry_moves_something"]}
    (complaint,) = money.silent_tables(columns, constraints)
    assert complaint.startswith("fee holds fee_yen")


def test_the_words_of_a_name() -> None:
    assert naming.words_of("HTTPServer2_amountYen") == ["http", "server", "amount", "yen"]


def test_public_names_are_collected_and_private_ones_left_alone() -> None:
    text = (
        "LIMIT = 1\n_hidden = 2\ndef sell(price: int, *, _x: int) -> None: ...\n"
        "class Shop:\n    name: str\n    def _quiet(self): ..."
    )
    names = [name for name, _ in naming.public_names(module(text))]
    assert names == ["planted", "LIMIT", "sell", "price", "Shop", "name"]


def test_an_unexplained_word_is_found() -> None:
    vocabulary = naming.glossary_words("| `purse_kind` | 種類 | x |\n| ~~coin~~ | | |") | {"planted", "sell"}
    assert naming.unknown_words([module("def selling_purses() -> None: ...")], vocabulary) == {}
    assert list(naming.unknown_words([module("def sell_blorps() -> None: ...")], vocabulary)) == ["blorps"]


def test_a_word_with_two_meanings_is_found() -> None:
    forbidden = naming.forbidden_words("| ~~coin~~ | why | instead |\n| `coin_like` | | |")
    assert forbidden == {"coin"}
    assert len(naming.uses_of([module("class CoinBox: ...")], forbidden)) == 1
    assert naming.uses_of([module("class Box: ...")], forbidden) == []


def test_an_undeclared_package_is_found() -> None:
    text = "import json\nimport numpy as np\nfrom PIL.Image import open\nfrom meguri.words import yen\nimport cbor2"
    homes = {"numpy": ["numpy"], "PIL": ["pillow"]}
    found = packages.undeclared([module(text)], ["Pillow>=13", "NumPy[extra]; python_version > '3'"], homes=homes)
    assert list(found) == ["cbor2"]
    assert list(packages.undeclared([module(text)], [], homes=homes)) == ["numpy", "PIL", "cbor2"]


PLANTED_IMPORTS = {
    "ledger/rules.py": ("meguri.parties.models", "django.db", "meguri.words.clock"),
    "programmes/points/rules.py": ("meguri.programmes.vouchers",),
    "programmes/terms.py": ("meguri.programmes.points.rules",),
    "wallets/__init__.py": ("meguri.programmes.benefits", "meguri.vault", "meguri.ledger.door"),
    "faces/office/urls.py": ("meguri.faces.partner", "meguri.parties.models"),
    "evidence/__init__.py": ("meguri.ledger.operations",),
    "strategy/__init__.py": ("meguri.ledger.operations",),
    "ledger/audit/tree.py": ("meguri.words.yen", "meguri.ledger.merkle"),
    "rehearsal/__init__.py": ("meguri.parties",),
}
"""What is planted where, so that each import contract is broken once at least."""


def test_every_import_contract_can_be_broken(tmp_path: Path) -> None:
    copy = tmp_path / "meguri"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (copy / "programmes" / "points" / "rules.py").touch()
    for place, names in PLANTED_IMPORTS.items():
        with (copy / place).open("a") as file:
            file.writelines(f"\nimport {name}\n" for name in names)
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )
    contracts = re.findall(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1:]
    assert done.returncode == 1, done.stdout + done.stderr
    assert [name for name in contracts if f"{name} BROKEN" not in done.stdout] == []


def test_a_new_room_without_a_floor_breaks_the_layers(tmp_path: Path) -> None:
    copy = tmp_path / "meguri"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (copy / "attic").mkdir()
    (copy / "attic" / "__init__.py").touch()
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 1
    assert "attic" in done.stdout


def test_rooms_are_told_apart() -> None:
    def room(name: str) -> str:
        return Module(name=name, place="", text="").room

    assert room("meguri.programmes.terms") == "meguri.programmes"
    assert room("meguri.programmes.operations.drafting") == "meguri.programmes"
    assert room("meguri.programmes.points.rules") == "meguri.programmes.points"
    assert room("meguri.faces.office.urls") == "meguri.faces.office"
    assert room("meguri.ledger.rules") == "meguri.ledger"
