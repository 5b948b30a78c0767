from __future__ import annotations

from functools import partial

import pytest
import zengin_code
from hypothesis import given
from hypothesis import strategies as st

from meguri.settlement.banks import (
    POSTAL_BANK,
    AccountKind,
    BankAccount,
    all_banks,
    all_branches,
    check_account,
    find_bank,
    find_branch,
    postal_account,
    search_banks,
    search_branches,
)
from meguri.words.refusal import Refusal


def check(**changed: str) -> BankAccount:
    typed = {"bank": "0005", "branch": "002", "kind": "1", "number": "1234567", "holder": "カ)ミドリ"} | changed
    return check_account(**typed)


class TestLookUp:
    @pytest.mark.parametrize(("bank", "branch", "names", "kana"), [
        ("0001", "001", ("みずほ", "東京営業部"), ("ﾐｽﾞﾎ", "ﾄｳｷﾖｳ")),
        ("0005", "002", ("三菱ＵＦＪ", "丸の内"), ("ﾐﾂﾋﾞｼﾕ-ｴﾌｼﾞｴｲ", "ﾏﾙﾉｳﾁ")),
        ("0009", "219", ("三井住友", "神田"), ("ﾐﾂｲｽﾐﾄﾓ", "ｶﾝﾀﾞ")),
        ("9900", "058", ("ゆうちょ", "〇五八"), ("ﾕｳﾁﾖ", "ｾﾞﾛｺﾞﾊﾁ")),
    ])
    def test_real_banks_and_branches(
        self, *, bank: str, branch: str, names: tuple[str, str], kana: tuple[str, str],
    ) -> None:
        found = find_branch(bank, branch)
        assert (found.bank.code, found.code) == (bank, branch)
        assert (found.bank.name, found.name) == names
        assert (found.bank.kana, found.kana) == kana
        assert found.bank == find_bank(bank)

    def test_every_bank_and_branch_of_the_data_set_can_be_written_in_its_15_places(self) -> None:
        assert len(all_banks()) == len(zengin_code.Bank.all) > 1_000
        places = [place for bank in all_banks() for place in all_branches(bank).values()]
        assert len(places) == sum(len(bank.branches) for bank in zengin_code.Bank.all.values()) > 20_000
        assert all(0 < len(place.kana) <= 15 and 0 < len(place.bank.kana) <= 15 for place in places)
        assert all(len(place.bank.code) == 4 and len(place.code) == 3 for place in places)

    @pytest.mark.parametrize("code", ["", "0000", "1", "00005", "三菱"])
    def test_unknown_bank(self, code: str) -> None:
        for look_up in (find_bank, all_branches, partial(find_branch, code="001"), partial(search_branches, text="")):
            with pytest.raises(Refusal) as caught:
                look_up(code)
            assert caught.value.code == "unknown_bank"

    def test_unknown_branch_names_the_bank(self) -> None:
        with pytest.raises(Refusal) as caught:
            find_branch("0001", "999")
        assert (caught.value.code, caught.value.field) == ("unknown_branch", "branch")
        assert caught.value.sentence("ja").startswith("みずほに支店コード「999」の支店は見つかりません")


class TestSearch:
    @pytest.mark.parametrize("text", ["みずほ", "ミズホ", "ﾐｽﾞﾎ", "0001", "０００１", " みずほ "])
    def test_finds_a_bank_by_name_reading_or_code(self, text: str) -> None:
        assert "0001" in [bank.code for bank in search_banks(text)]

    @pytest.mark.parametrize("text", ["丸の内", "まるのうち", "マルノウチ", "002"])
    def test_finds_a_branch(self, text: str) -> None:
        assert "002" in [branch.code for branch in search_branches("0005", text)]

    @pytest.mark.parametrize("text", ["", "  ", "架空町銀行", "99999"])
    def test_finds_nothing(self, text: str) -> None:
        assert search_banks(text) == ()

    def test_full_width_letters_in_names_are_found_by_plain_ones(self) -> None:
        assert "0005" in [bank.code for bank in search_banks("三菱UFJ")]

    def test_a_code_is_matched_from_its_beginning(self) -> None:
        assert all(bank.code.startswith("000") for bank in search_banks("000"))


class TestCheckAccount:
    def test_takes_what_people_type(self) -> None:
        assert check(bank="５", branch="２", number="１２-３４５", holder="株式会社みどり") == BankAccount(
            bank="0005", branch="002", kind=AccountKind.ORDINARY, number="0012345", holder="ｶ)ﾐﾄﾞﾘ")

    @pytest.mark.parametrize("kind", list(AccountKind))
    def test_takes_every_kind(self, kind: AccountKind) -> None:
        assert check(kind=kind.value).kind is kind

    def test_a_long_name_is_cut_to_what_banks_ask_for(self) -> None:
        account = check(holder="シャカイフクシホウジンミナトマチコドモトオトシヨリノイエウミノミエルオカノブンシツ")
        assert account.holder == "ﾌｸ)ﾐﾅﾄﾏﾁｺﾄﾞﾓﾄｵﾄｼﾖﾘﾉｲｴｳﾐﾉﾐｴﾙｵｶﾉ"
        assert len(account.holder) == 30

    @pytest.mark.parametrize(("changed", "code", "field"), [
        ({"bank": "9999"}, "unknown_bank", "bank"),
        ({"bank": ""}, "unknown_bank", "bank"),
        ({"branch": "999"}, "unknown_branch", "branch"),
        ({"kind": "3"}, "account_kind_unknown", "kind"),
        ({"kind": "普通"}, "account_kind_unknown", "kind"),
        ({"number": ""}, "account_number_unreadable", "number"),
        ({"number": "12345678"}, "account_number_unreadable", "number"),
        ({"number": "12345a"}, "account_number_unreadable", "number"),
        ({"holder": "山田"}, "kana_unwritable", "holder"),
        ({"holder": ""}, "kana_empty", "holder"),
    ])
    def test_refuses_by_field(self, changed: dict[str, str], code: str, field: str) -> None:
        with pytest.raises(Refusal) as caught:
            check(**changed)
        assert (caught.value.code, caught.value.field) == (code, field)

    @given(st.integers(0, 9_999_999))
    def test_numbers_are_filled_to_seven_digits(self, number: int) -> None:
        assert check(number=str(number)).number == f"{number:07}"


class TestPostalAccount:
    """Figures as banks print them in their explanations."""

    @pytest.mark.parametrize(("symbol", "number", "branch", "kind", "seven"), [
        ("10530", "12345671", "058", "1", "1234567"),
        ("12040", "1234561", "208", "1", "0123456"),
        ("17300", "19927651", "738", "1", "1992765"),
        ("01940", "123456", "199", "2", "0123456"),
        ("00530", "7", "059", "2", "0000007"),
        ("１０５３０", "１２３４-５６７１", "058", "1", "1234567"),
    ])
    def test_symbol_and_number_become_branch_and_number(
        self, *, symbol: str, number: str, branch: str, kind: str, seven: str,
    ) -> None:
        account = postal_account(symbol, number, holder="ヤマダ タロウ")
        assert account == BankAccount(
            bank=POSTAL_BANK, branch=branch, kind=AccountKind(kind), number=seven, holder="ﾔﾏﾀﾞ ﾀﾛｳ")
        assert find_branch(account.bank, account.branch).bank.name == "ゆうちょ"

    @pytest.mark.parametrize("symbol", ["", "1053", "105300", "20530", "10531", "1053O", "1-530"])
    def test_refuses_a_wrong_symbol(self, symbol: str) -> None:
        with pytest.raises(Refusal) as caught:
            postal_account(symbol, "12345671", holder="ヤマダ")
        assert (caught.value.code, caught.value.field) == ("postal_symbol_unreadable", "symbol")

    @pytest.mark.parametrize(("symbol", "number"), [
        ("10530", "12345670"), ("10530", "1"), ("10530", "123456781"), ("10530", ""),
        ("00530", "1234567"), ("00530", ""), ("00530", "12a"),
    ])
    def test_refuses_a_wrong_number(self, symbol: str, number: str) -> None:
        with pytest.raises(Refusal) as caught:
            postal_account(symbol, number, holder="ヤマダ")
        assert (caught.value.code, caught.value.field) == ("postal_number_unreadable", "number")

    def test_refuses_a_branch_that_does_not_exist(self) -> None:
        with pytest.raises(Refusal) as caught:
            postal_account("11940", "12345671", holder="ヤマダ")
        assert (caught.value.code, caught.value.field) == ("unknown_branch", "symbol")

    def test_refuses_a_name_in_kanji(self) -> None:
        with pytest.raises(Refusal, match="kana_unwritable"):
            postal_account("10530", "12345671", holder="山田")
