"""A word before value expires, when the day was put off or back; and the wording of days, in both languages."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.parties.rules import Both
from meguri.programmes import operations as programmes
from meguri.programmes import queries, tasks
from meguri.tills.operations import refund_payment
from meguri.wallets import operations, rules, wording
from meguri.wallets.models import ExpiryWarning
from meguri.words.actor import ActorRole
from meguri.words.clock import JST
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, Paper
from tests.tills.test_extended_notes import NEW_DAY, OLD_DAY, amend, ends, only_paper, work

TEN = timedelta(hours=10)


def morning(day: date, before: int = 0) -> datetime:
    """Ten o'clock in Japan, so many days before the first moment after `day`."""
    return datetime(day.year, day.month, day.day, tzinfo=JST) + timedelta(days=1 - before) + TEN


def warn(paper: Paper, at: datetime) -> int:
    return operations.warn_of_expiry(by=paper.town.actor(ActorRole.SYSTEM), at=at)


def told(paper: Paper, holder: UUID) -> list[str]:
    """The titles of all warnings, in the order in which they came."""
    found = notices.outbox(municipality=paper.municipality, channel="in_app", about="wallet", recipient=holder)
    said = sorted((each for each in found if each.topic == "wallet.expiring"), key=lambda each: each.id)
    return [each.wording.title_en for each in said]


@pytest.fixture
def buyer(db: None) -> Paper:
    """The town's first resident has bought 12,000 yen for the phone."""
    found = only_paper(4)
    found.bought(1)
    return found


def paid(paper: Paper, yen: int, at: datetime) -> UUID:
    wallet, shop = Account(paper.town.holder, AccountRole.WALLET), Account(paper.town.small_shop, AccountRole.SHOP)
    held = books.balances([paper.town.holder], AccountRole.WALLET, municipality=paper.municipality)
    lots = tuple(each.lot.id for each in held)
    made = Posting(f"pay:{uuid4()}", "pay", (Leg(wallet, shop, yen, lots),), at, "x", {"shop": str(shop.owner)})
    return ledger.post(made, municipality=paper.municipality).posting


@pytest.mark.django_db
def test_who_was_warned_of_the_old_day_is_warned_once_of_the_new_one(buyer: Paper) -> None:
    holder = buyer.town.holder
    assert warn(buyer, morning(OLD_DAY, 7)) == 1
    amend(buyer, NEW_DAY, at=morning(OLD_DAY, 5))
    work(buyer, at=morning(OLD_DAY, 5))
    paid(buyer, 4_000, at=morning(OLD_DAY, 4))
    days = [(OLD_DAY + timedelta(days=each)) for each in range(-3, 40)]
    rang = [day for day in days if warn(buyer, morning(day))]
    assert rang == [NEW_DAY - timedelta(days=7)]
    assert told(buyer, holder) == [
        "12,000 yen can be spent until 31 January", "8,000 yen can be spent until 28 February",
    ]  # fmt: skip
    assert list(ExpiryWarning.objects.order_by("warned_at").values_list("yen", flat=True)) == [12_000, 8_000]


@pytest.mark.django_db
def test_nobody_is_told_an_end_that_holds_no_longer(buyer: Paper) -> None:
    """Between the officers' yes and the worker's moving, and again when a refund comes back into the old lot."""
    payment = paid(buyer, 5_000, at=buyer.town.at)
    now = morning(OLD_DAY, 7)
    amend(buyer, NEW_DAY, at=now)
    assert warn(buyer, now) == 0, "approved, not moved yet"
    work(buyer, at=now)
    refund_payment(by=buyer.town.at_small_shop, at=now, shop=buyer.town.small_shop, payment=payment, reason="返品")
    assert ends(buyer, buyer.town.holder) == {OLD_DAY: 5_000, NEW_DAY: 7_000}
    assert warn(buyer, morning(OLD_DAY, 3)) == 0
    tasks.carry_on_extensions(municipality=buyer.municipality, at=morning(OLD_DAY, 3))
    assert warn(buyer, morning(NEW_DAY, 7)) == 1
    assert told(buyer, buyer.town.holder) == ["12,000 yen can be spent until 28 February"]


@pytest.mark.django_db
def test_who_was_never_warned_is_warned_of_the_old_day_when_it_counts_again(buyer: Paper) -> None:
    now = morning(OLD_DAY, 10)
    amend(buyer, NEW_DAY, at=now)
    work(buyer, at=now)
    (run,) = queries.value_runs(buyer.programme, municipality=buyer.municipality)
    asked = programmes.propose_undo(run=run.id, by=buyer.maker, at=now)
    programmes.order_run(approval=asked, by=buyer.checker, at=now)
    work(buyer, at=now)
    assert [warn(buyer, morning(OLD_DAY, 7)) for _ in range(2)] == [1, 0]
    assert told(buyer, buyer.town.holder) == ["12,000 yen can be spent until 31 January"]


@pytest.mark.django_db
def test_a_booklet_is_nobody_and_takes_no_person_s_place(buyer: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes bear their last day in print; a notice to a booklet would be read by nobody."""
    buyer.sell(1, 2, 3)
    assert buyer.held(buyer.town.holder) == BOOKLET_YEN
    monkeypatch.setattr(operations, "WARNED_AT_ONCE", 1)
    assert [warn(buyer, morning(OLD_DAY, 7)) for _ in range(3)] == [1, 0, 0]
    assert set(ExpiryWarning.objects.values_list("holder", flat=True)) == {buyer.town.holder}
    assert [told(buyer, buyer.booklet(number)) for number in (1, 2, 3)] == [[], [], []]


# --- pure ------------------------------------------------------------------------------------------------------------


@given(st.integers(-100, 400), st.booleans())
def test_only_offered_days_are_chosen_and_no_mail_without_a_warning(days: int, by_mail: bool) -> None:  # noqa: FBT001
    if days not in rules.WARNING_DAYS:
        with pytest.RaisesExc(Refusal, check=lambda no: no.code == "warning_days_unknown"):
            rules.choice(days, by_mail=by_mail)
    else:
        assert rules.choice(days, by_mail=by_mail) == rules.Choice(days, by_mail=by_mail and days > 0)
        assert timedelta(days=days) <= rules.AHEAD_MOST, "who is due is looked for far enough ahead"


@given(st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
def test_daytime_is_japan_s_wherever_the_clock_hangs(there: datetime, hours: int) -> None:
    in_japan = there.replace(tzinfo=JST)
    elsewhere = in_japan.astimezone(tz=timezone(timedelta(hours=hours)))
    assert rules.is_daytime(elsewhere) == rules.is_daytime(in_japan) == (9 <= there.hour < 20)


@pytest.mark.parametrize(("end", "ja", "en"), [
    ("2026-12-31T15:00+00:00", "2026年12月31日", "31 December 2026"),  # the first moment of a year in Japan
    ("2027-01-01T00:00+09:00", "2026年12月31日", "31 December 2026"),
    ("2028-03-01T00:00+09:00", "2028年2月29日", "29 February 2028"),
    ("2026-03-01T14:59:59+00:00", "2026年3月1日", "1 March 2026"),
    ("2026-04-30T12:00-12:00", "2026年5月1日", "1 May 2026"),
])  # fmt: skip
def test_the_day_that_is_told_is_the_last_good_one_in_japan(end: str, ja: str, en: str) -> None:
    said = wording.expiring([(Both("商品券", "Voucher"), 1)], expires_at=datetime.fromisoformat(end))
    assert f"{ja}まで使えます" in said.text_ja
    assert f"Good until the end of {en}:" in said.text_en
    assert said.title_ja.endswith(f"{ja.partition('年')[2]}です")


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.datetimes(timezones=st.just(JST)))
def test_the_parts_that_are_told_are_the_sum_that_is_told(yen: list[int], end: datetime) -> None:
    end = max(end, datetime(2025, 1, 1, tzinfo=JST))
    said = wording.expiring([(Both(f"券{n}", f"Note{n}"), each) for n, each in enumerate(yen)], expires_at=end)
    for text, title in ((said.text_ja, said.title_ja), (said.text_en, said.title_en)):
        parts = [int(each.replace(",", "")) for each in re.findall(r"([0-9,]+)(?:円| yen)", text)]
        assert parts == yen
        assert f"{sum(yen):,}" in title
