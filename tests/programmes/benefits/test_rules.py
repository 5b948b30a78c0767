"""Pure decisions about lists: what is read, what a list comes to, which digest it has."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.benefits import rules
from tests.programmes.vouchers.lived_town import moment, refused, unless

ROWS = st.lists(
    st.tuples(st.uuids(), st.uuids(), st.integers(1, 10**6)), min_size=1, max_size=20, unique_by=lambda row: row[0]
)


@given(ROWS)
def test_the_digest_binds_who_for_whom_and_how_much(rows: list[tuple[UUID, UUID, int]]) -> None:
    digest = rules.list_digest(rows)
    assert rules.list_digest(reversed(rows)) == digest
    person, recipient, yen = rows[0]
    for other in ((uuid4(), recipient, yen), (person, uuid4(), yen), (person, recipient, yen + 1)):
        assert rules.list_digest([other, *rows[1:]]) != digest
    assert rules.list_digest(rows[1:]) != digest


@given(ROWS)
def test_what_is_written_is_read(rows: list[tuple[UUID, UUID, int]]) -> None:
    text = "\r\n".join(["person, recipient ,amount_yen,氏名", *(f"{p},{r},{yen},山田" for p, r, yen in rows)])
    read = rules.read_list(b"\xef\xbb\xbf" + text.encode())
    assert [(row.person, row.recipient, row.amount_yen) for row in read] == rows
    assert [row.line for row in read] == list(range(2, len(rows) + 2))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_a_kind_refusal(content: bytes) -> None:
    rows = unless("benefit_list_unreadable", lambda: rules.read_list(content))
    assert all(row.line >= 2 for row in rows or ())


@given(st.text("person,\n\"' -0123456789abcdef", max_size=120))
def test_any_text_under_a_heading_is_read_without_a_crash(text: str) -> None:
    content = f"person,recipient,amount_yen\n{text}".encode()
    rows = unless("benefit_list_unreadable", lambda: rules.read_list(content))
    assert all(row.person is None or row.recipient is not None for row in rows or ())


def test_a_list_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ROWS_MAX", 2)
    with refused("benefit_list_too_long"):
        rules.read_list(b"person\n1\n2\n3\n")


def test_figures() -> None:
    assert rules.figures([]) == rules.Figures(0, 0, 0, ())
    found = rules.figures([1, 2, 3, 100])
    assert (found.count, found.total_yen, found.median_yen, found.largest) == (4, 106, 2, (100, 3, 2, 1))
    assert rules.figures(list(range(1, 30))).largest == tuple(range(29, 19, -1))


def test_the_last_day_is_said_as_people_count() -> None:
    assert rules.said_last_day(moment(10, 31, 15)).ja == "2025年10月31日"
    assert rules.said(moment(10, 31, 15)).en == "1 November 2025"


def test_every_fault_has_words_in_both_languages() -> None:
    for code in rules.FAULTS:
        found = rules.fault(7, code)
        assert found.what.ja
        assert found.what.en
        assert found.line == 7
