"""Where lot decides the reminder, each arm is reminded on its own day, or never; who has chosen a day keeps it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from meguri.notices.models import Notice
from meguri.programmes import queries
from meguri.programmes.operations import Launched
from meguri.programmes.vouchers import operations as vouchers
from meguri.wallets import operations
from meguri.words.actor import Actor
from meguri.words.period import day_start
from tests.programmes.trials import DRAWN, arm, arm_code, drawn_programme, trial, voucher
from tests.programmes.vouchers.lived_town import LivedTown, moment

ENDS = datetime(2026, 1, 31, 15, tzinfo=UTC)
THREE = [
    arm("early", share_bp=2_500, reminder_days=14), arm("late", share_bp=2_500, reminder_days=3),
    arm("silent", share_bp=2_500, reminder_days=0),
]  # fmt: skip
FOUR: dict[str, Any] = trial(*THREE)
FOUR["arms"][0] = {**FOUR["arms"][0], "share_bp": 2_500}
DAYS = {"early": 14, "as-written": 7, "late": 3, "": 7}


@pytest.fixture
def town(db: None) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    return found


def before(days: int, *, of: datetime = ENDS) -> datetime:
    """Ten in the morning in Japan."""
    return of - timedelta(days=days) + timedelta(hours=10)


def buy(town: LivedTown, made: Launched, people: list[Actor]) -> None:
    by = town.officer("checker", "commerce")
    sale = vouchers.open_sale(programme=made.programme, round_code="first", by=by, at=DRAWN)
    for each in people:
        vouchers.buy_at_once(sale=sale, units=1, by=each, at=moment(8, 1))


def warn(town: LivedTown, at: datetime) -> int:
    return operations.warn_of_expiry(by=town.system, at=at)


def told(town: LivedTown, person: Actor) -> list[Notice]:
    assert person.party is not None
    rows = Notice.objects.filter(municipality=town.municipality, recipient=person.party, topic="wallet.expiring")
    return list(rows.order_by("made_at"))


def days_told(town: LivedTown, people: list[Actor], *, of: datetime = ENDS) -> dict[UUID | None, list[int]]:
    """Let a month of mornings pass: on which days before the expiry was each told?"""
    found: dict[UUID | None, list[int]] = {each.party: [] for each in people}
    for days in range(31, 0, -1):
        have = {each.party: len(told(town, each)) for each in people}
        warn(town, before(days, of=of))
        for each in people:
            found[each.party] += [days] * (len(told(town, each)) - have[each.party])
    return found


def test_each_arm_is_reminded_on_its_own_day_once_and_the_silent_one_never(town: LivedTown) -> None:
    people = [town.person() for _ in range(8)]
    made = drawn_programme(town, voucher(FOUR))
    late_comer = town.person()
    buy(town, made, [*people, late_comer])
    found = days_told(town, [*people, late_comer])
    for each in [*people, late_comer]:
        code = arm_code(town, made, each)
        assert found[each.party] == ([] if code == "silent" else [DAYS[code]]), code
    assert sorted(map(len, found.values())) == [0, 0, 1, 1, 1, 1, 1, 1, 1]


def test_what_a_holder_has_chosen_counts_before_what_lot_decided(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    made = drawn_programme(town, voucher(FOUR))
    buy(town, made, people)
    by_arm = {arm_code(town, made, each): each for each in people}
    for code, days in (("silent", 30), ("early", 0)):
        person = by_arm[code]
        assert person.party is not None
        operations.choose_warning(holder=person.party, days=days, by_mail=False, by=person, at=town.at)
    found = days_told(town, people)
    assert {code: found[each.party] for code, each in by_arm.items()} == {
        "silent": [30], "early": [], "late": [3], "as-written": [7],
    }  # fmt: skip


def test_the_reminder_of_another_programme_says_nothing_of_the_silent_one(town: LivedTown) -> None:
    """Both end at the same moment, and a holder is told once of a moment."""
    people = [town.person() for _ in range(4)]
    drawn = drawn_programme(town, voucher(FOUR))
    plain = town.launch(voucher(None, {"code": "plain", "name": {"ja": "ふつうの券", "en": "Plain voucher"}}))
    for made in (drawn, plain):
        buy(town, made, people)
    found = days_told(town, people)
    for each in people:
        code = arm_code(town, drawn, each)
        (notice,) = told(town, each)
        assert found[each.party] == [14 if code == "early" else 7]
        assert ("めぐり町" in notice.text_ja) == (code != "silent"), notice.text_ja
        assert "ふつうの券" in notice.text_ja


def test_a_reminder_goes_by_the_expiry_of_the_arm(town: LivedTown) -> None:

    longer = {"kind": "on", "last_day": date(2026, 2, 28)}
    people = [town.person() for _ in range(4)]
    terms = voucher(trial(arm("longer", expiry=longer, reminder_days=14)),
                    {"spending.window.last_day": date(2026, 2, 28)})  # fmt: skip
    made = drawn_programme(town, terms)
    buy(town, made, people)
    february = datetime(2026, 2, 28, 15, tzinfo=UTC)
    for each in people:
        ends, days = (february, 14) if arm_code(town, made, each) == "longer" else (ENDS, 7)
        have = len(told(town, each))
        warn(town, before(days + 1, of=ends))
        assert len(told(town, each)) == have
        warn(town, before(days, of=ends))
    assert [len(told(town, each)) for each in people] == [1] * 4


def test_an_arm_of_another_programme_or_town_reminds_nobody_here(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    drawn_programme(town, voucher(FOUR))
    plain = town.launch(voucher(None, {"code": "plain"}))
    buy(town, plain, people)
    found = days_told(town, people)
    assert list(found.values()) == [[7]] * 4
    elsewhere = LivedTown().open()
    assert isinstance(elsewhere, LivedTown)
    assert warn(elsewhere, before(14)) == 0


def test_what_shrinks_is_told_by_the_rate_of_the_arm_and_never_to_who_loses_nothing(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    rates = trial(arm("less", share_bp=2_500, demurrage_bp=250), arm("none", share_bp=2_500, demurrage_bp=0))
    made = drawn_programme(town, voucher(rates, {
        "demurrage": {"every_days": 30, "rate_bp": 1_000}, "spending.window.first_day": date(2025, 7, 26),
    }))  # fmt: skip
    buy(town, made, people)
    taken = {"as-written": 300, "less": 75}
    for each in people:
        assert each.party is not None
        code = arm_code(town, made, each)
        ahead = queries.shrinks_next(each.party, municipality=town.municipality, at=moment(8, 20))
        assert [one.amount_yen for one in ahead] == ([taken[code]] if code in taken else []), code
    warn(town, day_start(date(2025, 8, 25)) - timedelta(days=7) + timedelta(hours=10))
    for each in people:
        code = arm_code(town, made, each)
        titles = [one.title_ja for one in told(town, each)]
        assert titles == ([f"8月25日に{taken[code]}円減ります"] if code in taken else []), code
