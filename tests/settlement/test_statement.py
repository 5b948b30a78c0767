"""Statements as rows of a file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from meguri.settlement.statement import Named, StatementPart, StatementView, csv_rows, file_name

SHOP, FUND = UUID(int=7), UUID(int=8)


def part(family: str, yen: int) -> StatementPart:
    return StatementPart(
        fund=FUND, fund_name=Named("町費", "Town budget"), purse_kind=UUID(int=3), purse_name=Named("共通券", "Common"),
        programme=UUID(int=4), programme_name=Named("商品券", "Vouchers"), family=family, yen=yen,
    )


VIEW = StatementView(
    id=UUID(int=0xABCDEF), run=UUID(int=2), shop=SHOP, since=None, cutoff=datetime(2026, 6, 7, 15, tzinfo=UTC),
    payments_count=3, payments_yen=1500, refunds_count=1, refunds_yen=100, gross_yen=1400, fee_yen=0, net_yen=1400,
    posting=UUID(int=5), payout=None, payout_state="", pay_on=date(2026, 6, 9),
    parts=(part("voucher", 1000), part("benefit", 300), part("voucher", 100)),
)  # fmt: skip


def test_rows_add_up_to_the_statement_in_both_languages() -> None:
    shops = {SHOP: ("000000000196", Named("架空商店", "Invented Shop"))}
    for language, shop, family in (("ja", "架空商店", "商品券"), ("en", "Invented Shop", "voucher")):
        head, *rows = csv_rows([VIEW], shops=shops, language=language)  # type: ignore[arg-type]
        assert {len(row) for row in rows} == {len(head)}
        assert sum(int(row[-1]) for row in rows) == VIEW.net_yen
        assert rows[0][1:7] == ("2026-06-08 00:00", "2026-06-09", "000000000196", shop, rows[0][5], family)


def test_a_statement_of_an_unknown_shop_still_has_its_yen() -> None:
    assert [row[-1] for row in csv_rows([VIEW], shops={})[1:]] == ["1000", "300", "100"]


def test_yen_by_family() -> None:
    assert VIEW.by_family() == {"voucher": 1100, "benefit": 300}


def test_the_file_is_named_by_its_day_in_japan() -> None:
    assert file_name(VIEW) == "statement-2026-06-08-abcdef.csv"
