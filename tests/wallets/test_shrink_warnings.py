"""A word before points shrink (減価): once for each day, as the holder chose, of what that day would really take."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.notices.queries import NoticeView
from meguri.parties.rules import Both
from meguri.programmes import operations as programmes
from meguri.programmes import queries as programme_queries
from meguri.programmes.shipped import shipped
from meguri.wallets import operations, tasks, wording
from meguri.wallets.rules import Ending, by_expiry
from meguri.words.actor import ActorRole
from meguri.words.period import day_start
from tests.programmes.builders import POINT, VOUCHER, changed
from tests.town import AT, Town, found_town

HOUR = timedelta(hours=1)
RATE = 1_000


def shrinking_town(**more: object) -> Town:
    """Points and the granted part of the voucher lose a tenth every thirty days."""
    fast = {"demurrage": {"every_days": 30, "rate_bp": RATE}, **more}
    return found_town([changed(POINT, fast), changed(VOUCHER, {"demurrage": {"every_days": 30, "rate_bp": RATE}})])


@pytest.fixture
def town(db: None) -> Town:
    return shrinking_town()


def next_day(town: Town, code: str) -> date:
    (ahead,) = [
        each for each in programme_queries.shrinks_next(town.holder, municipality=town.municipality, at=town.at)
        if each.purse_kind.code == code
    ]  # fmt: skip
    return ahead.day


def morning(day: date, *, before: int) -> datetime:
    return day_start(day) - timedelta(days=before) + 10 * HOUR


def warn(town: Town, at: datetime) -> int:
    return operations.warn_of_expiry(by=town.actor(ActorRole.SYSTEM), at=at)


def told(town: Town, channel: str = "in_app", holder: UUID | None = None) -> list[NoticeView]:
    found = notices.outbox(
        municipality=town.municipality, channel=channel, about="wallet", recipient=holder or town.holder
    )
    return [each for each in found if each.topic == "wallet.expiring"]


def held(town: Town) -> int:
    found = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    return sum(each.amount for each in found)


def choose(town: Town, days: int, *, by_mail: bool = False) -> None:
    operations.choose_warning(holder=town.holder, days=days, by_mail=by_mail, by=town.resident, at=town.at)


def test_who_chose_nothing_is_told_a_week_before_once_and_of_what_the_day_takes(town: Town) -> None:
    town.give("points", 1_234)
    day = next_day(town, "points")
    assert warn(town, morning(day, before=8)) == 0
    assert warn(town, morning(day, before=7)) == 1
    (notice,) = told(town)
    assert notice.wording.title_ja == f"{day.month}月{day.day}日に123円減ります"
    assert notice.wording.title_en.startswith("123 yen shrink away on ")
    assert warn(town, morning(day, before=6)) == 0
    before = held(town)
    programme = programme_queries.programmes(town.municipality)
    for each in programme:
        programmes.shrink_programme(
            programme=each.id, by=town.actor(ActorRole.SYSTEM), at=day_start(day) + HOUR
        )
    assert before - held(town) >= 123  # the days before it, which nobody carried out, come along
    assert warn(town, day_start(day) + 10 * HOUR) == 0


@pytest.mark.parametrize("days", [3, 14, 30])
def test_the_holder_chooses_the_day_and_the_mail(town: Town, days: int) -> None:
    town.give("points", 1_000)
    day = next_day(town, "points")
    choose(town, days, by_mail=True)
    if days < 30:  # thirty days before it, the day before it is still the next
        assert warn(town, morning(day, before=days + 1)) == 0
    assert warn(town, morning(day, before=min(days, 29))) == 1
    assert len(told(town)) == len(told(town, "mail")) == 1


def test_who_wants_no_warning_gets_none(town: Town) -> None:
    town.give("points", 1_000)
    day = next_day(town, "points")
    choose(town, 0)
    assert [warn(town, morning(day, before=days)) for days in range(20, 0, -1)] == [0] * 20


def test_what_is_too_little_to_lose_a_yen_and_what_was_paid_for_is_not_told(town: Town) -> None:
    town.give("points", 1_000)
    days = {next_day(town, "points")}
    other = uuid4()
    operations.open_wallets([other], by=town.actor(ActorRole.OPERATOR), at=town.at)
    town.give("points", 9, holder=other)
    town.give("paid", 5_000, holder=other)
    for day in days:
        warn(town, morning(day, before=5))
    assert len(told(town)) == 1
    assert told(town, holder=other) == []


def test_two_programmes_of_one_day_are_one_notice(town: Town) -> None:
    """Each with its own sum; the moment is told once, over all purses."""
    town.give("points", 1_000)
    town.give("premium", 2_000)
    ahead = programme_queries.shrinks_next(town.holder, municipality=town.municipality, at=town.at)
    sums: dict[date, int] = {}
    for each in ahead:
        sums[each.day] = sums.get(each.day, 0) + each.amount_yen
    assert sum(sums.values()) == 300
    last = max(sums)
    for back in range((last - min(sums)).days + 7, 0, -1):
        warn(town, morning(last, before=back))
    titles = [each.wording.title_ja for each in told(town)]
    for day, yen in sums.items():
        assert f"{day.month}月{day.day}日に{yen}円減ります" in titles


def test_every_day_is_told_anew(town: Town) -> None:
    town.give("points", 1_000)
    day = next_day(town, "points")
    assert warn(town, morning(day, before=7)) == 1
    later = day + timedelta(days=30)
    assert warn(town, morning(later, before=7)) == 1
    assert len(told(town)) == 2


def test_a_town_whose_value_never_shrinks_tells_of_expiries_only(db: None) -> None:
    town = found_town(shipped().values())
    town.give("premium", 1_000)
    found = programme_queries.shrinks_next(town.holder, municipality=town.municipality, at=town.at)
    assert found == ()
    assert warn(town, AT + timedelta(hours=1)) == 0


def test_the_worker_does_it(town: Town) -> None:
    town.give("points", 1_000)
    tasks.warn_holders(municipality=town.municipality, at=morning(next_day(town, "points"), before=7))
    assert len(told(town)) == 1


POINTS, VOUCHERS = Both("健康ポイント", "Health points"), Both("商品券", "Voucher")


def test_what_ends_and_what_shrinks_at_one_moment_is_said_together() -> None:
    midnight = datetime.fromisoformat("2026-03-01T00:00+09:00")
    both = wording.losing([(VOUCHERS, 1_200)], [(POINTS, 30)], at=midnight)
    assert both.title_ja == "1,200円の期限は2月28日です"
    assert "2026年3月1日に次の分が町に戻ります:健康ポイント 30円。" in both.text_ja
    assert both.text_en.endswith("What you spend before does not shrink.")
    assert wording.losing([(VOUCHERS, 1)], [], at=midnight) == wording.expiring([(VOUCHERS, 1)], expires_at=midnight)
    alone = wording.losing([], [(POINTS, 30), (VOUCHERS, 5)], at=midnight)
    assert alone.title_en == "35 yen shrink away on 1 March"


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans(), st.integers(1, 900)), max_size=30))
def test_what_shrinks_and_what_ends_share_the_groups(rows: list[tuple[int, int, bool, int]]) -> None:
    start = datetime.fromisoformat("2026-03-01T00:00+09:00")
    found = [
        Ending(UUID(int=holder), start + timedelta(days=end), by_mail=False, purse_kind=UUID(int=0), yen=yen,
               shrinks=shrinks)
        for holder, end, shrinks, yen in sorted(rows)
    ]  # fmt: skip
    groups = by_expiry(found)
    assert len(groups) == len({(holder, end) for holder, end, _, _ in rows})
    assert sum(each.yen for group in groups for each in group) == sum(row[3] for row in rows)
