"""What may be done in evidence: take in the household panel. Everything else here only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from meguri.evidence.models import HouseholdSpending
from meguri.parties.rules import require
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

ROWS_AT_ONCE = 20_000
YEN_MOST = 100_000_000
"""More than any household spends in a week: a row beyond it was typed wrongly."""

PANEL_ROW_WRONG = declare(
    "panel_row_wrong", status=422,
    ja="{row}行目を読めません({item}: {value})。週は月曜日の日付、金額は0円以上で入力してください。",
    en="Row {row} cannot be read ({item}: {value}). A week is the date of its Monday, amounts are 0 yen or more.",
)
PANEL_ROW_TWICE = declare(
    "panel_row_twice", status=422,
    ja="{row}行目の世帯と週は、同じファイルの前の行にもあります。",
    en="The household and week of row {row} stand in an earlier row of the same file.",
)
PANEL_TOO_LARGE = declare(
    "panel_too_large", status=422,
    ja="一度に取り込めるのは{most}行までです({count}行ありました)。",
    en="At most {most} rows can be taken in at once ({count} were given).",
)


@dataclass(frozen=True, slots=True)
class SpendingReport:
    """A household's week (its Monday): yen spent from the wallet (`inside_yen`) and otherwise (`outside_yen`)."""

    household: UUID
    week: date
    inside_yen: int
    outside_yen: int


@transaction.atomic
def import_household_spending(reports: Sequence[SpendingReport], *, by: Actor, at: datetime) -> int:
    """Take in the panel's rows; a household's week that is known already is replaced. Gives the number of rows.

    All or nothing. Raises Refusal: not_allowed, panel_too_large, panel_row_wrong, panel_row_twice.
    """
    require(by, "evidence.plan", department=by.department)
    if len(reports) > ROWS_AT_ONCE:
        raise PANEL_TOO_LARGE.refusal(most=ROWS_AT_ONCE, count=len(reports))
    _judge(reports)
    rows = [
        HouseholdSpending(
            id=uuid7(at), municipality=by.municipality, household=report.household, week=report.week,
            inside_yen=report.inside_yen, outside_yen=report.outside_yen, imported_at=at,
        )
        for report in reports
    ]
    HouseholdSpending.objects.bulk_create(
        rows, batch_size=5000, update_conflicts=True, unique_fields=["municipality", "household", "week"],
        update_fields=["inside_yen", "outside_yen", "imported_at"],
    )
    return len(rows)


def _judge(reports: Sequence[SpendingReport]) -> None:
    seen: set[tuple[UUID, date]] = set()
    for number, report in enumerate(reports, 1):
        wrong = {
            "week": report.week.isoweekday() != 1,
            "inside_yen": not 0 <= report.inside_yen <= YEN_MOST,
            "outside_yen": not 0 <= report.outside_yen <= YEN_MOST,
        }
        for item, is_wrong in wrong.items():
            if is_wrong:
                value = str(getattr(report, item))
                raise PANEL_ROW_WRONG.refusal(field=f"rows[{number}].{item}", row=number, item=item, value=value)
        if (report.household, report.week) in seen:
            raise PANEL_ROW_TWICE.refusal(field=f"rows[{number}]", row=number)
        seen.add((report.household, report.week))
