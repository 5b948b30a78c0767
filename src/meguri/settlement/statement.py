"""A shop's statement as people read it: names beside the yen, and the same as rows of a CSV file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.words.clock import JST, day
from meguri.words.refusal import Language

_HEAD: Mapping[Language, tuple[str, ...]] = {
    "ja": ("明細番号", "締め", "支払予定日", "店舗コード", "店舗", "事業", "区分", "残高の種類", "財源", "金額(円)"),
    "en": ("Statement", "Cutoff", "Pay day", "Shop code", "Shop", "Programme", "Family", "Purse", "Fund", "Yen"),
}
_FAMILIES: Mapping[str, tuple[str, str]] = {
    "voucher": ("商品券", "voucher"), "point": ("ポイント", "point"), "benefit": ("給付", "benefit"), "": ("", ""),
}


@dataclass(frozen=True, slots=True)
class Named:
    """What a thing is called in both languages."""

    ja: str
    en: str

    def in_(self, language: Language) -> str:
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class StatementPart:
    """Yen of one fund and purse kind, with the programme they come from (`family`: voucher, point, benefit)."""

    fund: UUID
    fund_name: Named
    purse_kind: UUID | None
    purse_name: Named
    programme: UUID | None
    programme_name: Named
    family: str
    yen: int


@dataclass(frozen=True, slots=True)
class StatementView:
    """One shop's statement. payments_yen - refunds_yen = gross_yen; gross_yen - fee_yen = net_yen = sum of `parts`.

    `payout_state`: what became of the payment by bank (payable, ordered, sent, returned); empty before it is planned.
    """

    id: UUID
    run: UUID
    shop: UUID
    since: datetime | None
    cutoff: datetime
    payments_count: int
    payments_yen: int
    refunds_count: int
    refunds_yen: int
    gross_yen: int
    fee_yen: int
    net_yen: int
    posting: UUID
    payout: UUID | None
    payout_state: str
    pay_on: date | None
    parts: tuple[StatementPart, ...] = ()

    def by_family(self) -> dict[str, int]:
        """Yen by the family of programmes, for the shop's one glance."""
        sums: dict[str, int] = {}
        for part in self.parts:
            sums[part.family] = sums.get(part.family, 0) + part.yen
        return sums


def csv_rows(
    statements: Iterable[StatementView], *, shops: Mapping[UUID, tuple[str, Named]], language: Language = "ja"
) -> list[tuple[str, ...]]:
    """A head and one row a part; the yen of all rows of a statement add up to its net. `shops`: code and name by id."""
    rows = [_HEAD[language]]
    for statement in statements:
        code, name = shops.get(statement.shop, ("", Named("", "")))
        head = (
            str(statement.id), f"{statement.cutoff.astimezone(JST):%Y-%m-%d %H:%M}",
            statement.pay_on.isoformat() if statement.pay_on else "", code, name.in_(language),
        )
        rows += [head + _part_cells(part, language) for part in statement.parts]
    return rows


def _part_cells(part: StatementPart, language: Language) -> tuple[str, ...]:
    family = _FAMILIES[part.family]
    return (
        part.programme_name.in_(language), family[0] if language == "ja" else family[1],
        part.purse_name.in_(language), part.fund_name.in_(language), str(part.yen),
    )


def file_name(statement: StatementView) -> str:
    """A name for the downloaded file that sorts by time and says nothing about a person."""
    return f"statement-{day(statement.cutoff).isoformat()}-{str(statement.id)[-6:]}.csv"
