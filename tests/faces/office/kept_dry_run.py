"""A draft with a dry run of it, kept as its process would have kept it: ten days of a sale, and their ending."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from meguri.programmes import operations
from meguri.programmes.dry_run import Compared, DayLived, Due, Ending, FundLived, Met, Surprise, Told
from meguri.programmes.terms import ProgrammeTerms
from tests.faces.office.lived import Office
from tests.programmes.builders import VOUCHER, changed

FIRST = date(2025, 7, 24)
MAKER = "maker:commerce"
SOLD_OUT = "売り切れました。次の回をお待ちください。"


def draft(**changes: object) -> ProgrammeTerms:
    """Another voucher than the town's own."""
    own = {"code": "next-voucher", "name.ja": "来年の商品券", "name.en": "Next year's voucher"}
    return changed(VOUCHER, {**own, **changes})


def lived(number: int) -> DayLived:
    """The day after so many: a unit is sold each day from the fourth on, and the last day refuses three people."""
    sold = max(0, number - 3)
    funds = (
        FundLived(code="premium", ja="プレミアム分", en="Premium", is_buyers=False, left_yen=60_000 - 3_000 * sold,
                  reserved_yen=3_000 * sold),
        FundLived(code="buyers", ja="販売代金", en="Price paid", is_buyers=True, reserved_yen=10_000 * sold,
                  used_yen=500 * sold),
    )  # fmt: skip
    due = [Due(who="residents", ja="申込みが始まります。", en="Applying begins.")] if number == 1 else []
    due += [Due(who="desk", ja="抽選の日です。", en="Draw today.")] if number == 3 else []
    met = [Met(code="voucher_sold_out", ja=SOLD_OUT, en="Sold out.", times=3)] if number == 9 else []
    return DayLived(
        day=FIRST + timedelta(days=number), in_all=10,
        counts={"applications": number, "units_bought": sold, "served": sold},
        funds=funds, payments=sold, paid_yen=500 * sold, met=tuple(met), due=tuple(due),
        told=(Told(topic="voucher.won", times=2),) if number == 3 else (),
    )


ENDING = Ending(
    surprises=(
        Surprise(code="budget_dry", is_wrong=True, ja="財源「プレミアム分」は9日目に尽きました。",
                 en="The fund “Premium” ran dry on day 9.", day=FIRST + timedelta(days=9)),
        Surprise(code="units_unsold", is_wrong=False, ja="4口が売れ残りました。", en="4 units were left unsold."),
    ),
    compared=(Compared(ja="売れる口数", en="Units sold", unit="units", forecast=20, lived=6,
                       why_ja="払い忘れた人がいます。", why_en="Some forgot to pay."),
              Compared(ja="出る額", en="Drawn", unit="yen", forecast=60_000, lived=18_000, why_ja="同じ理由です。",
                       why_en="The same reason."),
              Compared(ja="当たる割合", en="Odds", unit="bp", forecast=732, lived=803, why_ja="申込みの数です。",
                       why_en="The number of applications.")),
)  # fmt: skip


def drafted(office: Office, terms: ProgrammeTerms | None = None) -> UUID:
    return operations.draft_programme(terms=terms or draft(), by=office.officer(MAKER), at=office.town.at)


def asked(office: Office, programme: UUID) -> UUID:
    return operations.ask_dry_run(programme=programme, by=office.officer(MAKER), at=office.town.at)


def going(office: Office, programme: UUID, *, days: int = 10) -> UUID:
    """A dry run that is being lived, so far."""
    dry_run = asked(office, programme)
    operations.begin_dry_run(dry_run=dry_run, by=office.system, at=office.town.at)
    for number in range(days):
        operations.keep_day(dry_run=dry_run, lived=lived(number), by=office.system, at=office.town.at)
    return dry_run


def ended(office: Office, programme: UUID, *, ending: Ending | None = ENDING, is_fault: bool = False) -> UUID:
    """A dry run that was lived to its end, or that ended without one."""
    dry_run = going(office, programme)
    operations.end_dry_run(dry_run=dry_run, by=office.system, at=office.town.at, ending=ending, is_fault=is_fault)
    return dry_run


def draft_tried(office: Office) -> tuple[UUID, UUID]:
    """A draft and its dry run, done."""
    programme = drafted(office)
    return programme, ended(office, programme)
