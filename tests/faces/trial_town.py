"""The small town with a voucher of which lot decides premium, expiry and reminder; its sale begins today."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from meguri.programmes import operations
from meguri.programmes.vouchers import operations as vouchers
from tests.faces.office.lived import Office
from tests.programmes.trials import VALUE, arm, trial, voucher
from tests.town import BEFORE

TODAY = date(2025, 11, 12)
RICH = arm(
    "rich", reminder_days=14, expiry={"kind": "on", "last_day": date(2026, 2, 28)},
    premium=[{"purse": "extra", "yen": 3_500}], name={"ja": "多め・長め", "en": "more and longer"},
)  # fmt: skip


def launch_trial(office: Office) -> UUID:
    """Launched in April; nothing of it is listed or drawn yet."""
    drawn = trial(RICH, drawn_on=TODAY, per="household")
    drawn["reason"] = {"ja": "上乗せと期限をどう決めると、町の買い物が増えるかを確かめるためです。",
                       "en": "To learn how premium and expiry make more shopping in town."}  # fmt: skip
    terms = voucher(drawn, {
        "code": "with-arms", "name": {"ja": "ためしの商品券", "en": "Trial voucher"},
        "spending.window.first_day": TODAY, "spending.window.last_day": date(2026, 2, 28), "eligibility.on": TODAY,
        "obtaining.rounds.0.purchase": {"first_day": TODAY, "last_day": date(2025, 12, 10)},
        "purses.0.code": "extra", "purses.1.code": "own", "obtaining.face.0.purse": "own",
        "obtaining.face.1.purse": "extra",
    })  # fmt: skip
    maker, checker = office.officer("maker:commerce"), office.officer("checker:commerce")
    made = operations.draft_programme(terms=terms, by=maker, at=BEFORE)
    operations.submit_for_launch(programme=made, by=maker, at=BEFORE)
    operations.launch(programme=made, by=checker, at=BEFORE)
    return made


def draw_trial(office: Office, made: UUID) -> UUID:
    """Listed and drawn; gives the sale that opens with it."""
    checker, at = office.officer("checker:commerce"), office.town.at
    operations.list_arms(programme=made, by=checker, at=at - timedelta(hours=1))
    operations.draw_arms(programme=made, public_value=VALUE, by=checker, at=at)
    return vouchers.open_sale(programme=made, round_code="first", by=checker, at=at)
