"""A word before value expires: once for each expiry, on the day that the holder chose, by day, by mail on wish."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.notices.queries import NoticeView
from meguri.parties.rules import Both
from meguri.wallets import operations, queries, rules, tasks, wording
from meguri.wallets.rules import Choice, Ending
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town

HOUR = timedelta(hours=1)


@pytest.fixture
def town(db: None) -> Town:
    return found_town()


def expiry(town: Town) -> datetime:
    held = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    (end,) = {balance.lot.expires_at for balance in held}
    assert end is not None
    return end


def told(town: Town, channel: str = "in_app", holder: UUID | None = None) -> tuple[NoticeView, ...]:
    found = notices.outbox(
        municipality=town.municipality, channel=channel, about="wallet", recipient=holder or town.holder
    )
    return tuple(each for each in found if each.topic == "wallet.expiring")


def warn(town: Town, at: datetime) -> int:
    return operations.warn_of_expiry(by=town.actor(ActorRole.SYSTEM), at=at)


def choose(town: Town, days: int, *, by_mail: bool = False) -> None:
    operations.choose_warning(holder=town.holder, days=days, by_mail=by_mail, by=town.resident, at=town.at)


def before(town: Town, days: int) -> datetime:
    """Ten in the morning in Japan, so many days before the first moment at which nothing can be spent."""
    return expiry(town) - timedelta(days=days) + 10 * HOUR


def spend_all(town: Town) -> None:
    held = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    shop = Account(town.small_shop, AccountRole.SHOP)
    legs = [Leg(Account(town.holder, AccountRole.WALLET), shop, each.amount, (each.lot.id,)) for each in held]
    posting = Posting("all", "pay", tuple(legs), town.at, "test", {"shop": str(town.small_shop)})
    ledger.post(posting, municipality=town.municipality)


def test_who_chose_nothing_is_told_a_week_before_once_and_of_what_is_left(town: Town) -> None:
    town.give("premium", 3000)
    assert warn(town, before(town, 8)) == 0
    assert warn(town, before(town, 7)) == 1
    (notice,) = told(town)
    assert notice.wording.title_ja.startswith("3,000円の期限は")
    assert notice.wording.title_en.startswith("3,000 yen can be spent until ")
    assert warn(town, before(town, 6)) == 0
    town.give("premium", 500)  # more of the same expiry: the date was told already
    assert warn(town, before(town, 5)) == 0
    assert len(told(town)) == 1
    assert told(town, "mail") == ()


def test_paid_and_granted_part_of_one_programme_are_one_sentence(town: Town) -> None:
    town.give("premium", 3000)
    town.give("paid", 10_000)
    warn(town, before(town, 7))
    (notice,) = told(town)
    assert "13,000円" in notice.wording.title_ja
    assert notice.wording.text_ja.count("円") == 1


@pytest.mark.parametrize("days", [3, 14, 30])
def test_the_holder_chooses_the_day(town: Town, days: int) -> None:
    town.give("premium", 3000)
    choose(town, days, by_mail=True)
    assert queries.warning_choice(town.holder, municipality=town.municipality) == Choice(days, by_mail=True)
    assert warn(town, before(town, days + 1)) == 0
    assert warn(town, before(town, days)) == 1
    assert len(told(town, "mail")) == 1


def test_who_wants_no_warning_gets_none_and_no_mail(town: Town) -> None:
    town.give("premium", 3000)
    choose(town, 0, by_mail=True)
    assert queries.warning_choice(town.holder, municipality=town.municipality) == Choice(0, by_mail=False)
    assert [warn(town, before(town, days)) for days in range(30, 0, -1)] == [0] * 30


def test_nobody_is_told_at_night_nor_of_what_is_spent_or_over(town: Town) -> None:
    town.give("premium", 3000)
    morning = before(town, 7)
    assert warn(town, morning - 2 * HOUR) == 0  # eight o'clock
    assert warn(town, morning + 10 * HOUR) == 0  # eight in the evening
    assert warn(town, expiry(town) + 10 * HOUR) == 0
    spend_all(town)
    assert warn(town, morning) == 0


def test_a_day_that_is_not_offered_or_a_stranger_is_refused(town: Town) -> None:
    with pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == "warning_days_unknown"):
        choose(town, 5)
    stranger = town.actor(ActorRole.RESIDENT, party=uuid4())
    with pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == "not_allowed"):
        operations.choose_warning(holder=town.holder, days=3, by_mail=False, by=stranger, at=town.at)
    with pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == "not_allowed"):
        operations.warn_of_expiry(by=town.resident, at=town.at)


def test_a_large_town_is_told_batch_by_batch(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "WARNED_AT_ONCE", 2)
    people = [uuid4() for _ in range(5)]
    operations.open_wallets(people, by=town.actor(ActorRole.OPERATOR), at=town.at)
    for person in people:
        town.give("premium", 100, holder=person)
        town.give("paid", 200, holder=person)
    at = before_of(town, people[0])
    batches = [warn(town, at) for _ in range(4)]
    assert batches == [2, 2, 1, 0]
    assert all("300円" in told(town, holder=person)[0].wording.title_ja for person in people)


def before_of(town: Town, holder: UUID) -> datetime:
    held = books.balances([holder], AccountRole.WALLET, municipality=town.municipality)
    end = held[0].lot.expires_at
    assert end is not None
    return end - timedelta(days=7) + 10 * HOUR


def test_the_worker_does_it(town: Town) -> None:
    town.give("premium", 3000)
    tasks.warn_holders(municipality=town.municipality, at=before(town, 7))
    assert len(told(town)) == 1
    assert tasks.EVERY["warn_holders"] < HOUR


def test_the_last_day_is_the_day_on_which_it_can_still_be_spent() -> None:
    midnight = datetime.fromisoformat("2026-03-01T00:00+09:00")
    said = wording.expiring([(Both("商品券", "Voucher"), 1200)], expires_at=midnight)
    assert said.title_ja == "1,200円の期限は2月28日です"
    assert said.text_en.startswith("Good until the end of 28 February 2026: Voucher 1,200 yen.")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 900)), max_size=30))
def test_every_yen_is_told_in_exactly_one_group(rows: list[tuple[int, int, int]]) -> None:
    start = datetime.fromisoformat("2026-03-01T00:00+09:00")
    found = [
        Ending(UUID(int=holder), start + timedelta(days=end), by_mail=False, purse_kind=UUID(int=0), yen=yen)
        for holder, end, yen in sorted(rows)
    ]
    groups = rules.by_expiry(found)
    assert sum(each.yen for group in groups for each in group) == sum(row[2] for row in rows)
    assert len({(group[0].holder, group[0].expires_at) for group in groups}) == len(groups)
