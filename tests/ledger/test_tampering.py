"""Two hundred tamperings by chance: the auditor finds and names each. The drill does a thousand."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from meguri.ledger import audit, heads, receipts
from meguri.ledger.audit.reserve import prove_reserve
from meguri.ledger.audit.signed import Note, read_note
from tests.ledger.conftest import Books
from tests.ledger.tampering import KINDS, Rogue, audit_all, guards, live, missed, rewrite_history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None) -> Books:
    leave_the_books_empty()
    return live(28)


def leave_the_books_empty() -> None:
    """The auditor reads all towns of a server: what earlier tests committed would be read two hundred times."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'municipality_id'"
            " WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p')"
        )
        books = [name for (name,) in cursor.fetchall()]
        guards_of = [f"ALTER TABLE {name} {{}} TRIGGER USER" for name in books]
        for statement in (*guards_of, f"TRUNCATE {', '.join(books)}"):
            cursor.execute(statement.format("DISABLE"))
        for statement in guards_of:
            cursor.execute(statement.format("ENABLE"))


@pytest.fixture
def own() -> Iterator[psycopg.Connection[Any]]:
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")}
    with psycopg.connect(**parameters) as found:
        yield found
        found.rollback()  # nothing that was tampered stays


def test_untampered_books_pass(town: Books, own: psycopg.Connection[Any]) -> None:
    assert [one for one in audit_all(own, town.municipality) if one[1] == town.municipality] == []


def test_two_hundred_tamperings_are_found_and_named(town: Books, own: psycopg.Connection[Any]) -> None:
    assert missed(own, town.municipality, seed=20_261_001, times=200) == []
    assert audit_all(own, town.municipality) == []  # each was undone


def test_the_reserve_is_said_and_a_shortfall_is_named(town: Books, own: psycopg.Connection[Any]) -> None:
    proof = prove_reserve(own)
    assert proof.holds
    (line,) = [line for line in proof.said if line.startswith(f"{town.municipality}:")]
    assert "預り 5,000 円 >= 未使用・未払い 5,000 円; 裏づけの予算残 64,000 円" in line
    assert "分別管理の口座はありません" in proof.said[1]
    own.execute(
        "UPDATE ledger.balance SET amount = amount + 7 WHERE municipality_id = %s AND amount = 5000 AND NOT outside",
        [town.municipality],
    )
    assert [offender[-2:] for offender in prove_reserve(own).offenders] == [("short by", 7)]


def test_the_line_that_was_changed_is_named(town: Books, own: psycopg.Connection[Any]) -> None:
    posting = heads_first(town)
    guards(own, "DISABLE")
    own.execute("UPDATE ledger.posting SET by = 'x', about = '{}' WHERE id = %s", [posting])
    own.execute("UPDATE ledger.entry SET amount = amount + 1 WHERE posting_id = %s AND entry_no = 2", [posting])
    guards(own, "ENABLE")
    (found,) = [one for one in audit_all(own, town.municipality) if one[0] == "leaves"]
    assert found == ("leaves", town.municipality, "changed", str(posting), "number 2", "by, entry 2")


def heads_first(town: Books) -> object:
    """The grant under a ceiling: three entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posting_id FROM ledger.sequence WHERE municipality_id = %s AND number = 2", [town.municipality]
        )
        return cursor.fetchone()[0]


def test_a_witness_tells_of_a_log_that_was_cut_short(town: Books, own: psycopg.Connection[Any], tmp_path: Path) -> None:
    """Without a witness nobody could: everything since a head is gone, and what is left is sound."""
    last = heads.latest(municipality=town.municipality)
    assert last is not None
    kept = tmp_path / "witness.json"
    kept.write_text(json.dumps(receipts.witness(last)), encoding="utf-8")
    witness = audit.read_witness(str(kept))
    assert (witness.size, witness.root) == (last.size, last.root)
    assert [one.holds for one in audit.log.prove_log(own, town.municipality, witnesses=[witness])] == [True] * 3
    guards(own, "DISABLE")
    of_town = f"municipality_id = {town.municipality}"
    own.execute(f"DELETE FROM ledger.tree_head WHERE {of_town} AND number = {last.number}")
    before = own.execute(f"SELECT max(size) FROM ledger.tree_head WHERE {of_town}").fetchone()
    assert before is not None
    gone = f"(SELECT posting_id FROM ledger.sequence WHERE {of_town} AND number > {before[0]})"
    for book, column in (("entry", "posting_id"), ("posting_key", "posting_id"), ("posting", "id")):
        own.execute(f"DELETE FROM ledger.{book} WHERE {of_town} AND {column} IN {gone}")
    own.execute(f"DELETE FROM ledger.sequence WHERE {of_town} AND number > {before[0]}")
    own.execute(f"DELETE FROM ledger.node WHERE {of_town} AND ((position + 1) << level) > {before[0]}")
    assert [one.holds for one in audit.log.prove_log(own, town.municipality)] == [True] * 3
    *_, signed = audit.log.prove_log(own, town.municipality, witnesses=[witness])
    assert signed.offenders == ((town.municipality, "witness", f"size {last.size}", "the log was another one"),)


def test_a_witness_tells_of_a_history_that_was_signed_again(town: Books, own: psycopg.Connection[Any]) -> None:
    """The worst case: whoever rewrote everything had the key as well."""
    last = heads.latest(municipality=town.municipality)
    assert last is not None
    guards(own, "DISABLE")
    rewrite_history(Rogue(own, town.municipality, random.Random(1)), heads=True)
    *_, signed = audit.log.prove_log(own, town.municipality, witnesses=[read_note(last.note, last.verifier)])
    assert signed.offenders[-1][1:3] == ("witness", f"size {last.size}")


def test_a_witness_of_another_log_and_no_witness_at_all_are_told(
    town: Books, own: psycopg.Connection[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proofs = {proof.claim.name: proof for proof in audit.prove(own, [Note("meguri/elsewhere", 1, bytes(32))])}
    assert proofs["heads"].offenders[0] == ("meguri/elsewhere", "witness", "no such log here")
    (tmp_path / "nothing.json").write_text("{}", encoding="utf-8")
    assert audit.main("", str(tmp_path / "nothing.json")) == 1
    assert "証人ファイルが読めません" in capsys.readouterr().out


def test_a_witness_file_that_was_bent_is_refused(town: Books) -> None:
    last = heads.latest(municipality=town.municipality)
    assert last is not None
    with pytest.raises(ValueError, match="not signed"):
        read_note(last.note.replace("time 2026", "time 2027"), last.verifier)


def test_every_kind_is_tried_several_times() -> None:
    assert len(KINDS) >= 35
    assert 200 // len(KINDS) >= 5
