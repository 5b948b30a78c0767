"""How a list is read, which choices the law and the terms leave, and what a list comes to: no database needed."""

from __future__ import annotations

import hashlib
import itertools
from datetime import date
from statistics import median
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.benefits import rules
from meguri.programmes.parts import AmountRow, GrantByList, Receipt, ReceiptChoice, Text, Window
from meguri.words.predicate import EVERYTHING
from tests.programmes.vouchers.lived_town import moment, refused

CHILD, PARENT = UUID(int=1), UUID(int=2)


def read(*lines: str, heading: str = "person,recipient,amount_yen") -> list[rules.ListRow]:
    return rules.read_list("\n".join([heading, *lines]).encode())


def test_a_line_is_numbered_as_a_spreadsheet_numbers_it() -> None:
    rows = read(f"{CHILD},,", "", " , , ", f"{PARENT},,")
    assert [(row.line, row.person) for row in rows] == [(2, CHILD), (5, PARENT)]


def test_a_cell_over_two_lines_is_one_line_of_the_list() -> None:
    rows = read(f'{CHILD},{PARENT},10000,"山田\n花子"', f"{PARENT},,", heading="person,recipient,amount_yen,名前")
    assert [(row.line, row.person) for row in rows] == [(2, CHILD), (3, PARENT)]


@pytest.mark.parametrize("heading", ["recipient", "Person", "people", "", "amount_yen,recipient"])
def test_a_file_whose_first_line_names_no_person_is_no_list(heading: str) -> None:
    with refused("benefit_list_unreadable") as caught:
        read(f"{CHILD}", heading=heading)
    assert caught.value.field == "file"
    assert caught.value.kind.status == 422


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b'person\n"never closed', "person\n日本".encode("cp932")])
def test_bytes_that_are_no_list_are_refused(content: bytes) -> None:
    with refused("benefit_list_unreadable"):
        rules.read_list(content)


def test_a_heading_alone_is_an_empty_list() -> None:
    assert rules.read_list(b"person") == []
    assert rules.read_list(b"\xef\xbb\xbfperson\r\n\r\n") == []


@pytest.mark.parametrize(
    ("line", "person", "recipient", "amount"),
    [
        (f"{CHILD},{PARENT},10000", CHILD, PARENT, 10_000),
        (f" {CHILD} , {PARENT} , 10000 ", CHILD, PARENT, 10_000),
        (f"{CHILD},,10000", CHILD, CHILD, 10_000),  # nobody named: the person receives
        (f"{CHILD},{PARENT},", CHILD, PARENT, None),  # the file expects nothing
        (f"{CHILD}", CHILD, CHILD, None),  # a short line
        (f"{CHILD},{PARENT},10000,more,cells", CHILD, PARENT, 10_000),
        (f"{CHILD},{PARENT},ten", None, PARENT, None),
        (f"{CHILD},{PARENT},10000.5", None, PARENT, None),
        (f'{CHILD},{PARENT},"10,000"', None, PARENT, None),
        (f"{CHILD},nobody,10000", None, None, 10_000),
        (f"nobody,{PARENT},10000", None, PARENT, 10_000),
        (f",{PARENT},10000", None, PARENT, 10_000),
        ("nobody,,10000", None, None, 10_000),
    ],
)
def test_a_cell_that_cannot_be_read_is_none_and_spoils_its_line(
    line: str, person: UUID | None, recipient: UUID | None, amount: int | None
) -> None:
    (row,) = read(line)
    assert (row.line, row.person, row.recipient, row.amount_yen) == (2, person, recipient, amount)


def test_columns_may_stand_in_any_order_and_be_left_out() -> None:
    (row,) = read(f"10000,{CHILD}", heading="amount_yen, person ")
    assert (row.person, row.recipient, row.amount_yen) == (CHILD, CHILD, 10_000)


def test_a_lines_text_is_kept_short() -> None:
    (row,) = read(f"{CHILD},{PARENT},10000,{'長' * 500}", heading="person,recipient,amount_yen,note")
    assert row.text.startswith(f"{CHILD},{PARENT},10000,長")
    assert len(row.text) == 200


@pytest.mark.parametrize(("rows", "is_read"), [(3, True), (4, False)])
def test_blank_lines_do_not_make_a_list_too_long(monkeypatch: pytest.MonkeyPatch, rows: int, *, is_read: bool) -> None:
    monkeypatch.setattr(rules, "ROWS_MAX", 3)
    content = "person\n" + "\n\n".join([str(CHILD)] * rows)
    if is_read:
        assert len(rules.read_list(content.encode())) == rows
        return
    with refused("benefit_list_too_long") as caught:
        rules.read_list(content.encode())
    assert caught.value.field == "file"
    assert "3行まで" in caught.value.sentence("ja")
    assert "(4 were given)" in caught.value.sentence("en")


def test_a_files_digest_is_that_of_its_bytes() -> None:
    assert rules.file_digest(b"person\n") == hashlib.sha256(b"person\n").hexdigest()
    assert rules.file_digest(b"person\r\n") != rules.file_digest(b"person\n")


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=40))
def test_figures_of_any_list(amounts: list[int]) -> None:
    found = rules.figures(amounts)
    assert (found.count, found.total_yen) == (len(amounts), sum(amounts))
    assert abs(found.median_yen - median(amounts)) <= 0.5
    assert list(found.largest) == sorted(amounts)[::-1][: min(10, len(amounts))]


def test_a_fault_says_what_is_wrong_and_what_more_is_known() -> None:
    plain = rules.fault(12, "amount_differs")
    more = rules.fault(12, "amount_differs", more=Both("名簿1円・表2円", "list 1, table 2 yen"))
    assert (more.line, more.code) == (plain.line, plain.code) == (12, "amount_differs")
    assert more.what == Both(f"{plain.what.ja}(名簿1円・表2円)", f"{plain.what.en} (list 1, table 2 yen)")
    assert len({words.ja for words in rules.FAULTS.values()}) == len(rules.FAULTS)


# --- what may be chosen -----------------------------------------------------------------------------------------------

BANK = ReceiptChoice(receipt=Receipt.BANK)
LOCAL = ReceiptChoice(receipt=Receipt.LOCAL_MONEY, purse="benefit", bonus_yen=2_000, bonus_purse="bonus")


def granting(*choices: ReceiptChoice, statutory: bool = False) -> GrantByList:
    row = AmountRow(name=Text(ja="子", en="child"), yen=10_000, when=EVERYTHING)
    window = Window(first_day=date(2025, 10, 1), last_day=date(2025, 10, 31))
    return GrantByList(
        funded_by="benefit", statutory=statutory, amounts=(row,), choices=choices, otherwise=Receipt.BANK,
        choosing=window, paid_on=date(2025, 11, 10),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("offered", "statutory", "wanted"),
    [
        (offered, statutory, wanted)
        for offered in ((BANK,), (LOCAL,), (BANK, LOCAL), (LOCAL, BANK))
        for statutory, wanted in itertools.product((False, True), (BANK, LOCAL))
    ],
)
def test_the_law_comes_first_then_the_terms(
    offered: tuple[ReceiptChoice, ...], *, statutory: bool, wanted: ReceiptChoice
) -> None:
    grant = granting(*offered, statutory=statutory)
    if statutory and wanted is LOCAL:
        code = "benefit_statutory_in_cash"
    elif wanted not in offered:
        code = "benefit_choice_unknown"
    else:
        assert rules.require_choice(wanted.receipt, grant) is wanted
        return
    with refused(code) as caught:
        rules.require_choice(wanted.receipt, grant)
    assert caught.value.field == "receipt"
    assert caught.value.kind.status == 422


def test_days_are_said_as_japan_counts_them() -> None:
    assert rules.said(moment(11, 9, 15)) == Both("2025年11月10日", "10 November 2025")
    assert rules.said(moment(11, 9, 14)) == Both("2025年11月9日", "9 November 2025")
    assert rules.said_last_day(moment(10, 31, 15)) == Both("2025年10月31日", "31 October 2025")
    assert set(rules.RECEIPTS) == {"undecided", *Receipt}
