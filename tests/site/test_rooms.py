from __future__ import annotations

import sys

from meguri.site.rooms import module_names, modules


def test_every_room_is_found_without_being_imported() -> None:
    names = set(module_names())
    assert {"meguri", "meguri.words.yen", "meguri.ledger", "meguri.ledger.audit", "meguri.site.command"} <= names
    assert not [name for name in names if "migrations" in name or "__" in name]


def test_only_those_of_one_name_are_given_when_asked() -> None:
    names = list(module_names("tasks"))
    assert "meguri.tills.tasks" in names
    assert {name.rpartition(".")[2] for name in names} == {"tasks"}


def test_modules_are_imported_one_by_one() -> None:
    (module,) = modules("yen")
    assert sys.modules["meguri.words.yen"] is module
