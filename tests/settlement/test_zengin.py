"""The bank's file: byte for byte against lines written by hand, and read back by a reader of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.settlement.banks import AccountKind, BankAccount, all_banks, all_branches
from meguri.settlement.zengin import (
    PayeeNews,
    Payer,
    Totals,
    Transfer,
    TransferOrder,
    refusals,
    totals,
    write,
)
from meguri.words.refusal import Refusal

PAYER = Payer(
    code="1234567890", name="ﾒｸﾞﾘﾁﾖｳ ｶｲｹｲｶ",
    account=BankAccount(bank="0001", branch="001", kind=AccountKind.ORDINARY, number="0123456", holder="ﾒｸﾞﾘﾁﾖｳ"),
)
SHOP = Transfer(
    payee="みどり堂", amount_yen=123_456, news=PayeeNews.FIRST,
    customer_code_1="0000000001", customer_code_2="SETTLE09",
    account=BankAccount(bank="0005", branch="002", kind=AccountKind.CURRENT, number="7654321", holder="ｶ)ﾐﾄﾞﾘﾄﾞｳ"),
)
RESIDENT = Transfer(
    payee="給付 No. 7", amount_yen=1, edi="INV-2026.09",
    account=BankAccount(bank="9900", branch="058", kind=AccountKind.ORDINARY, number="1234567", holder="ﾔﾏﾀﾞ ﾀﾛｳ"),
)
ORDER = TransferOrder(payer=PAYER, pay_on=date(2026, 9, 30), transfers=(SHOP, RESIDENT))

HALVES = """
12101234567890ﾒｸﾞﾘﾁﾖｳ ｶｲｹｲｶ                           093000|
01ﾐｽﾞﾎ           001ﾄｳｷﾖｳ          10123456                 |

20005ﾐﾂﾋﾞｼﾕ-ｴﾌｼﾞｴｲ  002ﾏﾙﾉｳﾁ          000027654321ｶ)ﾐﾄﾞﾘﾄﾞｳ |
                    000012345610000000001SETTLE09  7        |

29900ﾕｳﾁﾖ           058ｾﾞﾛｺﾞﾊﾁ        000011234567ﾔﾏﾀﾞ ﾀﾛｳ  |
                    00000000010INV-2026.09         7Y       |

8000002000000123457                                         |
                                                            |

9                                                           |
                                                            |
"""
"""Each record in two halves of 60 places; the stroke keeps the spaces at the end of a line."""
BY_HAND = [record.replace("|", "").replace("\n", "") for record in HALVES.split("\n\n")]


class TestByHand:
    def test_the_lines_are_120_places_each(self) -> None:
        assert [len(line) for line in BY_HAND] == [120] * 5

    def test_every_byte(self) -> None:
        expected = b"".join(line.encode("cp932") + b"\r\n" for line in BY_HAND)
        assert len(expected) == 5 * 122
        assert write(ORDER) == expected

    def test_without_line_ends(self) -> None:
        assert write(replace(ORDER, line_ends=False)) == b"".join(line.encode("cp932") for line in BY_HAND)

    def test_kana_are_the_single_bytes_of_jis_x_0201(self) -> None:
        header = write(ORDER)[:122]
        assert header[14:27] == bytes.fromhex("D2 B8 DE D8 C1 D6 B3 20 B6 B2 B9 B2 B6")
        assert header[62:66] == bytes.fromhex("D0 BD DE CE")
        assert header[120:] == b"\x0d\x0a"

    def test_totals(self) -> None:
        assert totals(ORDER.transfers) == Totals(count=2, amount_yen=123_457)
        assert totals(()) == Totals(count=0, amount_yen=0)


@dataclass(frozen=True)
class Read:
    """A file as the bank reads it: fields by name, text without the filling."""

    header: dict[str, str]
    data: list[dict[str, str]]
    trailer: dict[str, str]


class BankReader:
    """Reads by the published table of positions (counted from 1) and a table of characters of its own."""

    HEADER = ((1, 1, "record"), (2, 2, "sort"), (4, 1, "code"), (5, 10, "payer_code"), (15, 40, "payer_name"),
              (55, 4, "day"), (59, 4, "bank"), (63, 15, "bank_name"), (78, 3, "branch"), (81, 15, "branch_name"),
              (96, 1, "kind"), (97, 7, "number"), (104, 17, "dummy"))
    DATA = ((1, 1, "record"), (2, 4, "bank"), (6, 15, "bank_name"), (21, 3, "branch"), (24, 15, "branch_name"),
            (39, 4, "clearing"), (43, 1, "kind"), (44, 7, "number"), (51, 30, "holder"), (81, 10, "amount"),
            (91, 1, "news"), (92, 20, "customer"), (112, 1, "way"), (113, 1, "is_edi"), (114, 7, "dummy"))
    TRAILER = ((1, 1, "record"), (2, 6, "count"), (8, 12, "sum"), (20, 101, "dummy"))
    KANA = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
    PLAIN = " ().-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def read(self, content: bytes) -> Read:
        lines = content.split(b"\r\n")
        assert lines.pop() == b""
        records = [self._text(line) for line in lines]
        assert {len(record) for record in records} == {120}
        assert [record[0] for record in records] == ["1", *"2" * (len(records) - 3), "8", "9"]
        header = self._fields(records[0], self.HEADER)
        data = [self._fields(record, self.DATA) for record in records[1:-2]]
        trailer = self._fields(records[-2], self.TRAILER)
        assert records[-1] == "9" + " " * 119
        assert (header["sort"], header["code"]) == ("21", "0")
        assert all((fields["clearing"], fields["way"]) == ("0000", "7") for fields in data)
        assert not any(fields["dummy"] for fields in (header, *data, trailer))
        assert int(trailer["count"]) == len(data)
        assert int(trailer["sum"]) == sum(int(fields["amount"]) for fields in data)
        return Read(header, data, trailer)

    def _text(self, line: bytes) -> str:
        return "".join(self._sign(byte) for byte in line)

    def _sign(self, byte: int) -> str:
        if byte >= 0xB1:
            return self.KANA[byte - 0xB1]
        assert chr(byte) in self.PLAIN
        return chr(byte)

    def _fields(self, record: str, table: tuple[tuple[int, int, str], ...]) -> dict[str, str]:
        assert sum(length for _, length, _ in table) == 120
        return {name: record[start - 1: start - 1 + length].rstrip() for start, length, name in table}


class TestReader:
    """The reader must notice a damaged file, or its silence would prove nothing."""

    @pytest.mark.parametrize(("old", "new"), [
        (b"8000002", b"8000003"), (b"000000123457", b"000000123458"), (b"0000123456", b"0000123455"),
        (b"\r\n9", b"\r\n8"), (b"1210", b"1110"), (b"SETTLE09  7", b"SETTLE09  8"), (b"  \r\n", b" \r\n"),
        (b"SETTLE09", b"settle09"), (b"Y       ", b"Y      1"),
    ])
    def test_notices(self, old: bytes, new: bytes) -> None:
        content = write(ORDER)
        damaged = content.replace(old, new, 1)
        assert damaged != content
        with pytest.raises(AssertionError):
            BankReader().read(damaged)

    def test_reads_the_file_written_by_hand(self) -> None:
        read = BankReader().read(b"".join(line.encode("cp932") + b"\r\n" for line in BY_HAND))
        assert read.data[0]["holder"] == "ｶ)ﾐﾄﾞﾘﾄﾞｳ"
        assert read.data[1]["customer"] == "INV-2026.09"


PLACES = [place for bank in sorted(all_banks())[::40] for place in list(all_branches(bank).values())[:3]]
TEXT = st.text(BankReader.KANA + BankReader.PLAIN, max_size=30).map(str.strip)
KINDS = st.sampled_from(["1", "2", "4", "9"])


@st.composite
def accounts(draw: st.DrawFn, kinds: st.SearchStrategy[str] = KINDS) -> BankAccount:
    place = draw(st.sampled_from(PLACES))
    return BankAccount(
        bank=place.bank.code, branch=place.code, kind=AccountKind(draw(kinds)),
        number=f"{draw(st.integers(0, 9_999_999)):07}", holder=draw(TEXT.filter(bool)))


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    edi = draw(TEXT.map(lambda text: text[:20].strip()))
    return Transfer(
        payee="someone", account=draw(accounts()), amount_yen=draw(st.integers(1, 9_999_999_999)),
        news=PayeeNews(draw(st.sampled_from("012"))), edi=edi,
        customer_code_1="" if edi else draw(TEXT.map(lambda text: text[:10].strip())),
        customer_code_2="" if edi else draw(TEXT.map(lambda text: text[:10].strip())))


@st.composite
def orders(draw: st.DrawFn) -> TransferOrder:
    payer = Payer(
        code=f"{draw(st.integers(0, 10**10 - 1)):010}", name=draw(TEXT.filter(bool)),
        account=draw(accounts(st.sampled_from("129"))))
    day = draw(st.sampled_from([date(2026, 9, 30), date(2026, 4, 1), date(2026, 12, 30), date(2027, 1, 4)]))
    return TransferOrder(payer=payer, pay_on=day, transfers=tuple(draw(st.lists(transfers(), min_size=1, max_size=8))))


@settings(max_examples=150, deadline=None)
@given(orders())
def test_the_bank_reads_what_was_ordered(order: TransferOrder) -> None:
    read = BankReader().read(write(order))
    payer = order.payer
    assert read.header["payer_code"] == payer.code
    assert read.header["payer_name"] == payer.name
    assert read.header["day"] == order.pay_on.strftime("%m%d")
    assert_account(read.header, payer.account)
    assert len(read.data) == len(order.transfers)
    for fields, transfer in zip(read.data, order.transfers, strict=True):
        assert_account(fields, transfer.account)
        assert fields["holder"] == transfer.account.holder
        assert int(fields["amount"]) == transfer.amount_yen
        assert fields["news"] == transfer.news.value
        assert fields["is_edi"] == ("Y" if transfer.edi else "")
        codes = f"{transfer.customer_code_1:10}{transfer.customer_code_2:10}".rstrip()
        assert fields["customer"] == (transfer.edi or codes)


def assert_account(fields: dict[str, str], account: BankAccount) -> None:
    assert (fields["bank"], fields["branch"]) == (account.bank, account.branch)
    assert (fields["kind"], fields["number"]) == (account.kind.value, account.number)
    branch = all_branches(account.bank)[account.branch]
    assert (fields["bank_name"], fields["branch_name"]) == (branch.bank.kana, branch.kana)


def with_account(transfer: Transfer, **changed: object) -> Transfer:
    return replace(transfer, account=replace(transfer.account, **changed))  # type: ignore[arg-type]


class TestRefusals:
    @pytest.mark.parametrize(("transfer", "code", "field"), [
        (with_account(SHOP, bank="9999"), "transfer_place", "account"),
        (with_account(SHOP, bank="5"), "transfer_place", "account"),
        (with_account(SHOP, branch="999"), "transfer_place", "account"),
        (with_account(SHOP, number="123456"), "transfer_number", "number"),
        (with_account(SHOP, number="123456a"), "transfer_number", "number"),
        (with_account(SHOP, number="１２３４５６７"), "transfer_number", "number"),
        (with_account(SHOP, kind="3"), "transfer_kind", "kind"),
        (with_account(SHOP, holder=""), "transfer_name", "holder"),
        (with_account(SHOP, holder="   "), "transfer_name", "holder"),
        (with_account(SHOP, holder="ミドリ"), "transfer_name", "holder"),
        (with_account(SHOP, holder="ｷｮｳｺ"), "transfer_name", "holder"),
        (with_account(SHOP, holder="ｽｰﾊﾟｰ"), "transfer_name", "holder"),
        (with_account(SHOP, holder="abc"), "transfer_name", "holder"),
        (with_account(SHOP, holder="ｶ\r\n"), "transfer_name", "holder"),
        (with_account(SHOP, holder="ｱ" * 31), "transfer_name", "holder"),
        (replace(SHOP, amount_yen=0), "transfer_amount", "amount_yen"),
        (replace(SHOP, amount_yen=-1), "transfer_amount", "amount_yen"),
        (replace(SHOP, amount_yen=10_000_000_000), "transfer_amount", "amount_yen"),
        (replace(SHOP, customer_code_1="12345678901"), "transfer_reference", "customer_code_1"),
        (replace(SHOP, customer_code_2="a"), "transfer_reference", "customer_code_2"),
        (replace(SHOP, edi="1" * 21), "transfer_reference", "edi"),
        (replace(SHOP, edi="¥"), "transfer_reference", "edi"),
    ])
    def test_names_the_payee_and_the_field(self, transfer: Transfer, code: str, field: str) -> None:
        with pytest.raises(Refusal) as caught:
            write(replace(ORDER, transfers=(RESIDENT, transfer)))
        assert (caught.value.code, caught.value.field) == (code, f"transfers[1].{field}")
        assert caught.value.sentence("ja").startswith("みどり堂: ")
        assert caught.value.sentence("en").startswith("みどり堂: ")

    def test_the_limits_themselves_can_be_written(self) -> None:
        longest = with_account(replace(SHOP, amount_yen=9_999_999_999, edi="1" * 20), holder="ｱ" * 30)
        (fields,) = BankReader().read(write(replace(ORDER, transfers=(longest,)))).data
        assert (fields["holder"], fields["amount"], fields["customer"]) == ("ｱ" * 30, "9999999999", "1" * 20)

    def test_lists_every_transfer_to_be_mended(self) -> None:
        wrong = (with_account(SHOP, branch="999"), RESIDENT, replace(SHOP, amount_yen=0))
        found = refusals(replace(ORDER, transfers=wrong))
        assert [refusal.field for refusal in found] == ["transfers[0].account", "transfers[2].amount_yen"]
        assert refusals(ORDER) == ()

    @pytest.mark.parametrize(("payer", "code", "field"), [
        (replace(PAYER, code="123"), "payer_code", "payer.code"),
        (replace(PAYER, code="12345678９0"), "payer_code", "payer.code"),
        (replace(PAYER, name="ﾒ" * 41), "transfer_name", "payer.name"),
        (replace(PAYER, name="めぐり町"), "transfer_name", "payer.name"),
        (replace(PAYER, account=replace(PAYER.account, branch="998")), "transfer_place", "payer.account"),
        (replace(PAYER, account=replace(PAYER.account, kind=AccountKind.SAVINGS)), "transfer_kind", "payer.kind"),
        (replace(PAYER, account=replace(PAYER.account, number="1")), "transfer_number", "payer.number"),
    ])
    def test_the_payer_is_checked_too(self, payer: Payer, code: str, field: str) -> None:
        with pytest.raises(Refusal) as caught:
            write(replace(ORDER, payer=payer))
        assert (caught.value.code, caught.value.field) == (code, field)

    def test_a_closed_day_is_refused_with_its_neighbours(self) -> None:
        with pytest.raises(Refusal) as caught:
            write(replace(ORDER, pay_on=date(2026, 9, 22)))
        assert (caught.value.code, caught.value.field) == ("pay_day_closed", "pay_on")
        assert caught.value.sentence("ja") == (
            "振込指定日2026-09-22は銀行の休業日です。前の営業日は2026-09-18、次の営業日は2026-09-24です。")

    def test_no_transfer_no_file(self) -> None:
        with pytest.raises(Refusal, match="transfers_none"):
            write(replace(ORDER, transfers=()))

    def test_more_yen_than_the_trailer_can_say(self) -> None:
        most = replace(SHOP, amount_yen=9_999_999_999)
        rest = replace(SHOP, amount_yen=99)
        full = replace(ORDER, transfers=(most,) * 100 + (rest,) + (replace(SHOP, amount_yen=1),))
        with pytest.raises(Refusal, match="transfers_too_much"):
            write(full)
        fits = BankReader().read(write(replace(full, transfers=full.transfers[:-1])))
        assert fits.trailer["sum"] == "999999999999"

    def test_more_transfers_than_the_trailer_can_count(self) -> None:
        with pytest.raises(Refusal, match="transfers_too_many"):
            write(replace(ORDER, transfers=(RESIDENT,) * 1_000_000))
