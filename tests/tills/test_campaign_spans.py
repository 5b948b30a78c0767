"""Ceilings over midnights and month ends of Japan, households and shops, co-funders, amendments, other towns.

Everything here pays on the test's own connection and is rolled back; the auditor's claims are proved after each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger.rules import Verdict
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.campaigns import Earned
from meguri.programmes.terms import from_tree, to_tree
from meguri.tills import queries as tills
from meguri.tills.earned import earned_of
from meguri.wallets.operations import open_wallet
from meguri.words.actor import ActorRole
from tests.programmes.builders import put
from tests.programmes.campaigning import FIRST, LAST, campaign, compare
from tests.programmes.vouchers.lived_town import keep_proving, prove_books, refused
from tests.tills.earning import Earning, found_earning
from tests.town import BEFORE

pytestmark = pytest.mark.django_db
TOGETHER = {"funded_by": "together"}
TEN = [{"rate_bp": 1_000}]


@pytest.fixture(autouse=True)
def proving(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    yield from keep_proving(request)


def paid(earning: Earning, yen: int = 1_000, *, at: datetime | None = None, **said: Any) -> tuple[UUID, dict[str, int]]:
    """The payment and what came, by campaign."""
    earning.town.at = at or earning.town.at
    answer, came = earning.pay_here(yen, **said)
    assert isinstance(answer, Verdict), answer
    return answer.posting, {each.code: each.yen for each in came}


def came(earning: Earning, yen: int = 1_000, **said: Any) -> dict[str, int]:
    return paid(earning, yen, **said)[1]


def stops(earning: Earning, yen: int = 1_000, **said: Any) -> list[str]:
    _, earned = earning.pay_here(yen, **said)
    return [each.stop.en if each.stop else "" for each in earned]


def told(earning: Earning, payment: UUID) -> tuple[Earned, ...]:
    town = earning.town
    found = tills.payment(payment, municipality=town.municipality, at=town.at)
    assert found is not None
    return earned_of(found, municipality=town.municipality)


# --- days and months -------------------------------------------------------------------------------------------------


def utc(month: int, day: int, hour: int, minute: int = 0, *, year: int = 2025) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_a_day_ends_at_midnight_in_japan_not_in_greenwich() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 50}]))
    assert came(earning, at=utc(11, 12, 14, 59)) == {"five": 50}
    assert came(earning, at=utc(11, 12, 14, 59)) == {"five": 0}, "a minute to midnight"
    assert came(earning, at=utc(11, 12, 15, 0)) == {"five": 50}, "the 13th has begun in Japan"
    assert came(earning, at=utc(11, 12, 23, 59)) == {"five": 0}
    assert came(earning, at=utc(11, 13, 0, 0)) == {"five": 0}, "the 13th of Greenwich is no new day"
    assert came(earning, at=utc(11, 13, 15, 0)) == {"five": 50}


def test_a_month_ends_at_midnight_in_japan_and_a_year_too() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "month", "yen": 50}]))
    assert came(earning, at=utc(11, 30, 14, 59)) == {"five": 50}
    assert came(earning, at=utc(11, 30, 14, 59)) == {"five": 0}
    assert came(earning, at=utc(11, 30, 15, 0)) == {"five": 50}, "1 December in Japan"
    assert came(earning, at=utc(12, 1, 0, 0)) == {"five": 0}
    assert came(earning, at=utc(12, 31, 14, 59)) == {"five": 0}
    assert came(earning, at=utc(12, 31, 15, 0)) == {"five": 50}, "New Year in Japan"


def test_a_payment_that_arrives_late_counts_in_its_own_day() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 50}]))
    assert came(earning, at=utc(11, 13, 3)) == {"five": 50}
    assert came(earning, at=utc(11, 12, 3)) == {"five": 50}, "yesterday's, sent today"
    assert came(earning, at=utc(11, 12, 4)) == {"five": 0}


def test_day_month_and_whole_time_bind_together_and_the_tightest_is_named() -> None:
    earning = found_earning(campaign("five", bands=TEN, limits=[
        {"per": "day", "yen": 100}, {"per": "month", "yen": 150}, {"per": "programme", "yen": 180}]))  # fmt: skip
    assert came(earning, 900, at=utc(11, 29, 3)) == {"five": 90}
    assert stops(earning) == ["“Five”: your limit for today has been reached."]
    assert came(earning, at=utc(11, 30, 3)) == {"five": 50}
    assert stops(earning) == ["“Five”: your limit for this month has been reached."]
    assert came(earning, at=utc(12, 1, 3)) == {"five": 30}
    assert stops(earning) == ["“Five”: your limit for the whole time has been reached."]
    assert earning.points() == 180


def test_a_refund_after_midnight_frees_the_day_of_the_payment() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 50}]))
    payment, _ = paid(earning, at=utc(11, 12, 14, 59))
    assert came(earning, at=utc(11, 12, 15, 0)) == {"five": 50}
    earning.refund(payment)
    assert came(earning, at=utc(11, 12, 15, 1)) == {"five": 0}, "today's is used up still"
    assert came(earning, at=utc(11, 12, 14, 59)) == {"five": 50}, "yesterday's is free"


# --- whose ceiling ---------------------------------------------------------------------------------------------------


def family(earning: Earning, number: int, *, household: str = "h0") -> list[UUID]:
    """More people of the holder's household, each with money."""
    town = earning.town
    found = [uuid4() for _ in range(number)]
    entries = [
        parties.ResidentEntry(
            birth_date=date(2012, 5, 5), ward="minato", moved_in=date(2012, 5, 5), household_number=household, id=who
        )
        for who in found
    ]
    system = town.actor(ActorRole.SYSTEM)
    parties.register_residents(entries, by=system, at=BEFORE)
    for who in found:
        open_wallet(who, by=system, at=BEFORE)
        town.give("paid", 5_000, holder=who)
    return found


def test_three_of_a_household_share_one_ceiling_and_neighbours_have_their_own() -> None:
    earning = found_earning(campaign("home", limits=[{"of": "household", "per": "day", "yen": 120}]))
    people = [earning.town.holder, *family(earning, 2)]
    assert [came(earning, holder=who)["home"] for who in people] == [50, 50, 20]
    assert [stops(earning, holder=who) for who in people] == [
        ["“Home”: your household's limit for today has been reached."]] * 3  # fmt: skip
    assert came(earning, holder=earning.town.other) == {"home": 50}
    assert [earning.points(who) for who in people] == [50, 50, 20]


def test_somebody_who_moves_into_the_household_pays_from_its_ceiling() -> None:
    earning = found_earning(campaign("home", limits=[{"of": "household", "per": "programme", "yen": 60}]))
    (child,) = family(earning, 1)
    assert came(earning, holder=child) == {"home": 50}
    assert came(earning) == {"home": 10}


def test_who_is_not_in_the_register_pays_but_a_households_campaign_gives_nothing() -> None:
    earning = found_earning(
        campaign("home", limits=[{"of": "household", "per": "day", "yen": 120}]), campaign("all"),
        campaign("grown", when=compare("age", 18, ">=")),
    )  # fmt: skip
    town, visitor = earning.town, uuid4()
    open_wallet(visitor, by=town.actor(ActorRole.SYSTEM), at=BEFORE)
    town.give("paid", 2_000, holder=visitor)
    assert came(earning, holder=visitor) == {"all": 50}


def test_a_shops_ceiling_binds_the_shop_whoever_pays_and_no_other_shop() -> None:
    earning = found_earning(campaign("five", limits=[{"of": "shop", "per": "day", "yen": 70}]))
    town = earning.town
    assert came(earning) == {"five": 50}
    assert came(earning, holder=town.other) == {"five": 20}
    assert stops(earning, holder=town.other) == ["“Five”: this shop's limit for today has been reached."]
    assert came(earning, shop=town.large_shop) == {"five": 50}
    assert came(earning, at=town.at + timedelta(days=1)) == {"five": 50}


def test_another_town_has_ceilings_funds_and_campaigns_of_its_own() -> None:
    here, there = (
        found_earning(campaign("five", limits=[{"of": "campaign", "per": "day", "yen": 60}])) for _ in range(2)
    )
    assert [came(here)["five"], came(there)["five"]] == [50, 50]
    assert [came(here)["five"], came(there)["five"]] == [10, 10]
    bare = found_earning(campaign("other", when=compare("amount", 10**6, ">=")))
    assert came(bare) == {}
    payment, _ = paid(there)
    assert queries.campaign_grants([payment], municipality=here.town.municipality) == {}
    assert set(queries.campaign_grants([payment], municipality=there.town.municipality)) == set(), "nothing was left"
    assert tills.payment(payment, municipality=here.town.municipality, at=here.town.at) is None
    assert here.figures()["five"].yen == there.figures()["five"].yen == 60


# --- money behind it -------------------------------------------------------------------------------------------------


def left(earning: Earning) -> dict[str, int]:
    return {code: fund.budget.left_yen for code, fund in earning.funds().items()}


def funds(town: int, sponsor: int) -> dict[str, Any]:
    return {"funds.0.amount_yen": town, "funds.1.amount_yen": sponsor}


def test_a_fund_that_runs_dry_stops_its_co_funder_too() -> None:
    earning = found_earning(campaign("five", bands=TEN, **TOGETHER), changes=funds(1_000, 45))
    assert came(earning) == {"five": 100}
    assert left(earning) == {"town": 930, "sponsor": 15}
    assert came(earning) == {"five": 52}, "the 53rd yen would be the sponsor's sixteenth"
    assert left(earning) == {"town": 893, "sponsor": 0}
    assert [came(earning)["five"] for _ in range(3)] == [0, 0, 0]
    assert left(earning) == {"town": 893, "sponsor": 0}, "the town's money lies there and stays"
    assert stops(earning) == ["“Five” has no budget left for now."]
    assert earning.granted() == {"town": 107, "sponsor": 45}
    earning.refill("sponsor", 30)
    assert came(earning) == {"five": 100}, "by itself, and shared again"
    assert earning.granted() == {"town": 177, "sponsor": 75}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(town=st.integers(1, 200), sponsor=st.integers(1, 200), data=st.data())
def test_whatever_is_left_the_funders_stay_within_a_yen_of_their_shares(
    town: int, sponsor: int, data: st.DataObject
) -> None:
    from django.db import transaction

    with transaction.atomic():
        earning = found_earning(campaign("five", bands=TEN, **TOGETHER), changes=funds(town, sponsor))
        for yen in data.draw(st.lists(st.integers(1, 1_500), min_size=1, max_size=6)):
            came(earning, yen)
            granted = earning.granted()
            total = sum(granted.values())
            assert total == earning.points()
            assert abs(granted["sponsor"] * 10 - total * 3) < 10
            assert left(earning) == {"town": town - granted["town"], "sponsor": sponsor - granted["sponsor"]}
        prove_books()
        transaction.set_rollback(True)


def test_what_a_dry_campaign_did_not_give_is_there_for_the_next() -> None:
    """One ceiling over both: the first found its fund empty and must not use the person's sixty yen up."""
    earning = found_earning(
        campaign("dry", funded_by="sponsor"), campaign("wet"), limits=[{"per": "day", "yen": 60}],
        changes=funds(1_000, 1),
    )
    assert came(earning) == {"dry": 1, "wet": 50}
    assert came(earning) == {"dry": 0, "wet": 9}
    assert stops(earning)[1] == "“Wet”: your limit for today has been reached."


def test_a_funders_cap_that_is_reached_leaves_the_ceiling_for_the_next() -> None:
    shares = [{"fund": "town", "share_bp": 7_000, "cap_yen": 5}, {"fund": "sponsor", "share_bp": 3_000, "cap_yen": 5}]
    earning = found_earning(
        campaign("capped", **TOGETHER), campaign("free"), limits=[{"per": "day", "yen": 60}],
        changes={"agreements.0.shares": shares},
    )
    assert came(earning) == {"capped": 0, "free": 50}


def test_an_agreements_cap_goes_over_to_the_other_as_agreed() -> None:
    shares = [{"fund": "town", "share_bp": 5_000}, {"fund": "sponsor", "share_bp": 5_000, "cap_yen": 60}]
    earning = found_earning(campaign("five", bands=TEN, **TOGETHER), changes={"agreements.0.shares": shares})
    assert [came(earning)["five"] for _ in range(3)] == [100, 100, 100]
    assert earning.granted() == {"town": 240, "sponsor": 60}


def test_two_campaigns_draw_on_one_fund_in_one_payment() -> None:
    earning = found_earning(campaign("a"), campaign("b"), campaign("c", **TOGETHER), changes=funds(80, 1_000))
    assert came(earning) == {"a": 50, "b": 30, "c": 0}, "the sponsor alone pays nothing"
    assert left(earning)["town"] == 0


def test_money_is_gone_for_one_campaign_and_not_for_another() -> None:
    earning = found_earning(campaign("town"), campaign("sponsor", funded_by="sponsor"), changes=funds(50, 1_000))
    assert came(earning) == {"town": 50, "sponsor": 50}
    assert came(earning) == {"town": 0, "sponsor": 50}
    earning.refill("town", 20)
    assert came(earning) == {"town": 20, "sponsor": 50}


def ended(earning: Earning) -> list[bool]:
    town = earning.town
    live = queries.campaigns_in_force(town.municipality, town.at)
    return [each.ended for each in queries.left_for(town.holder, live, municipality=town.municipality, at=town.at)]


def test_a_campaign_is_told_to_have_ended_when_one_of_its_funders_has() -> None:
    earning = found_earning(campaign("both", bands=TEN, **TOGETHER), campaign("alone"), changes=funds(1_000, 30))
    assert ended(earning) == [False, False]
    assert came(earning)["both"] == 100
    assert ended(earning) == [True, False]
    earning.refill("sponsor", 1)
    assert ended(earning) == [False, False]


def test_a_funder_at_its_cap_ends_nothing_and_all_at_their_caps_do() -> None:
    shares = [{"fund": "town", "share_bp": 5_000, "cap_yen": 90}, {"fund": "sponsor", "share_bp": 5_000, "cap_yen": 10}]
    earning = found_earning(
        campaign("both", bands=[{"from_yen": 50, "yen": 50}], **TOGETHER),
        changes={"agreements.0.shares": shares, **funds(1_000, 10)},
    )
    assert came(earning) == {"both": 50}
    assert left(earning)["sponsor"] == 0
    assert ended(earning) == [False], "the town carries the rest, as agreed"
    assert came(earning) == {"both": 50}
    assert ended(earning) == [True]


# --- refunds in parts ------------------------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(yen=st.integers(20, 3_000), parts=st.lists(st.integers(1, 1_500), max_size=4))
def test_any_parts_leave_what_the_rest_has_earned(yen: int, parts: list[int]) -> None:
    from django.db import transaction

    with transaction.atomic():
        flat = campaign("flat", bands=[{"from_yen": 7, "yen": 7}])
        earning = found_earning(campaign("five", most_yen=120, **TOGETHER), flat)
        payment, given = paid(earning, yen)
        rest = yen
        for part in parts:
            if part > rest:
                with refused("already_reversed" if not rest else "refund_exceeds_payment"):
                    earning.refund(payment, part)
                continue
            earning.refund(payment, part)
            rest -= part
            assert earning.points() == sum(each * rest // yen for each in given.values())
            assert earning.debt() == 0
        if rest:
            earning.refund(payment)
        assert earning.points() == 0
        assert set(earning.granted().values()) == {0}
        assert left(earning) == {"town": 1_000_000, "sponsor": 300_000}
        prove_books()
        transaction.set_rollback(True)


def test_parts_do_not_free_the_ceiling_and_the_whole_does() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 50}]))
    payment, _ = paid(earning)
    for part in (400, 400):
        earning.refund(payment, part)
        assert came(earning) == {"five": 0}
    limits = [{"per": "day", "yen": 50}, {"of": "campaign", "per": "day", "yen": 50}]
    whole = found_earning(campaign("five", limits=limits))
    payment, _ = paid(whole)
    whole.refund(payment)
    assert whole.figures()["five"].caps[0].left_yen == 50
    assert came(whole) == {"five": 50}


def test_a_grant_that_a_ceiling_cut_goes_back_in_proportion_to_what_came() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 70}]))
    came(earning)
    payment, given = paid(earning)
    assert given == {"five": 20}
    earning.refund(payment, 250)
    assert earning.points() == 50 + 15
    earning.refund(payment, 250)
    assert earning.points() == 50 + 10


def test_a_payment_that_earned_nothing_is_refunded_as_ever() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 50}]))
    came(earning)
    payment, given = paid(earning)
    assert given == {"five": 0}
    earning.refund(payment, 999)
    earning.refund(payment)
    assert earning.points() == 50


# --- told again ------------------------------------------------------------------------------------------------------


def test_a_payment_sent_again_is_no_second_one_and_its_receipt_stands() -> None:
    earning = found_earning(campaign("five"), campaign("ten", bands=TEN))
    first, _ = earning.pay_here(1_000, request="same")
    again, _ = earning.pay_here(1_000, request="same")
    assert isinstance(first, Verdict)
    assert isinstance(again, Verdict)
    assert (again.posting, again.replayed, earning.points()) == (first.posting, True, 150)
    assert [(each.code, each.yen, each.wished_yen) for each in told(earning, first.posting)] == [
        ("five", 50, 50), ("ten", 100, 100)]  # fmt: skip


def test_a_receipt_of_a_closed_programme_still_says_what_came() -> None:
    earning = found_earning(campaign("five"))
    payment, _ = paid(earning)
    before = told(earning, payment)
    town = earning.town
    programmes.close_programme(programme=earning.programme, by=town.checkers["planning"], at=town.at)
    assert [(each.code, each.yen) for each in told(earning, payment)] == [("five", 50)]
    assert told(earning, payment) == before
    assert came(earning) == {}
    earning.refund(payment, 500)
    assert earning.points() == 25


def test_what_was_earned_is_told_alike_after_ceilings_and_money_have_changed() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 70}]), changes=funds(1_000, 1))
    payments = [paid(earning)[0] for _ in range(3)]
    earning.refund(payments[0])
    assert [[each.yen for each in told(earning, payment)] for payment in payments] == [[50], [20], [0]]


# --- amended while people pay ----------------------------------------------------------------------------------------


def amend(earning: Earning, changes: dict[str, Any]) -> None:
    town, programme = earning.town, earning.programme
    tree: Any = to_tree(queries.terms(programme, municipality=town.municipality))
    for path, value in changes.items():
        put(tree, path, value)
    maker, checker = town.makers["planning"], town.checkers["planning"]
    programmes.draft_amendment(programme=programme, terms=from_tree(tree), reason="議会の議決", by=maker, at=town.at)
    programmes.submit_amendment(programme=programme, by=maker, at=town.at)
    programmes.approve_amendment(programme=programme, by=checker, at=town.at)


NOVEMBER = {"first_day": FIRST, "last_day": date(2025, 11, 30)}


def test_a_campaign_is_prolonged_and_goes_on_by_itself() -> None:
    earning = found_earning(campaign("five", window=NOVEMBER))
    town = earning.town
    assert came(earning) == {"five": 50}
    assert came(earning, at=utc(12, 1, 3)) == {}
    town.at = utc(11, 20, 3)
    amend(earning, {"obtaining.campaigns.0.window": {"first_day": FIRST, "last_day": LAST}})
    assert came(earning, at=utc(12, 1, 3)) == {"five": 50}


def test_another_is_added_behind_and_the_ceilings_of_the_first_stand() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 70}]))
    assert came(earning) == {"five": 50}
    earning.town.at += timedelta(hours=1)
    amend(earning, {"obtaining.campaigns.1": campaign("ten", bands=TEN, stacking="exclusive")})
    earning.town.at += timedelta(hours=1)
    assert came(earning) == {"five": 20, "ten": 100}


@pytest.mark.parametrize("changes", [
    {"obtaining.campaigns.0.window": NOVEMBER},
    {"obtaining.campaigns.0.bands": [{"rate_bp": 400}]},
    {"obtaining.campaigns.0.limits": [{"per": "day", "yen": 7}]},
    {"obtaining.campaigns.0.code": "renamed"},
    {"obtaining.campaigns.0.stacking": "exclusive"},
    {"obtaining.limits": [{"per": "day", "yen": 7}]},
])  # fmt: skip
def test_nobody_takes_away_or_ends_what_people_shop_by(changes: dict[str, Any]) -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 70}]))
    assert came(earning) == {"five": 50}
    earning.town.at += timedelta(hours=1)
    with refused("amendment_takes"):
        amend(earning, changes)
    assert came(earning) == {"five": 20}, "what was refused changed nothing"


# --- the trial -------------------------------------------------------------------------------------------------------


def test_last_months_trial_gives_what_the_living_path_gave() -> None:
    earning = found_earning(
        campaign("morning", when=compare("hour", 11, "<"), limits=[{"of": "household", "per": "day", "yen": 60}]),
        campaign("five", bands=TEN, limits=[{"per": "month", "yen": 170}], stacking="exclusive", **TOGETHER),
        campaign("rest", limits=[{"of": "shop", "per": "day", "yen": 40}]),
        limits=[{"per": "day", "yen": 150}], changes=funds(300, 90),
    )  # fmt: skip
    town = earning.town
    given = {"morning": 0, "five": 0, "rest": 0}
    for day, hour, yen, shop, who in (
        (3, 0, 1_000, town.small_shop, town.holder), (3, 1, 700, town.large_shop, town.holder),
        (3, 15, 9, town.small_shop, town.other), (12, 3, 1_500, town.small_shop, town.other),
        (12, 14, 333, town.large_shop, town.other), (12, 15, 800, town.small_shop, town.holder),
        (30, 14, 640, town.small_shop, town.holder),
    ):  # fmt: skip
        for code, each in came(earning, yen, at=utc(11, day, hour), shop=shop, holder=who).items():
            given[code] += each
    tried = programmes.campaigns_tried(
        programme=earning.programme, by=town.actor(ActorRole.MAKER, department="planning"), at=utc(12, 5, 3)
    )
    assert {each.code: each.yen for each in tried.campaigns} == given
    assert tried.yen == earning.points() + earning.points(town.other)
    assert {**dict.fromkeys(("town", "sponsor"), 0), **tried.funds} == {
        "town": 300 - left(earning)["town"], "sponsor": 90 - left(earning)["sponsor"]}  # fmt: skip
    assert (tried.looked_at, tried.unknown) == (7, 0)


def in_shop(earning: Earning, shop: UUID) -> dict[str, tuple[int | None, bool]]:
    town = earning.town
    live = queries.campaigns_of_shop(shop, municipality=town.municipality, at=town.at)
    left = queries.left_in_shop(shop, live, municipality=town.municipality, at=town.at)
    return {each.code: (own.left_yen, own.ended) for each, own in zip(live, left, strict=True)}


def test_a_shop_is_told_of_its_own_campaigns_and_what_its_own_ceilings_have_left() -> None:
    own = campaign("own", limits=[{"of": "shop", "per": "day", "yen": 70}, {"per": "day", "yen": 60}])
    earning = found_earning(own, campaign("large", when=compare("size_class", "large")), campaign("free"))
    town = earning.town
    assert in_shop(earning, town.small_shop) == {"own": (70, False), "free": (None, False)}
    assert came(earning) == {"own": 50, "free": 50}
    assert in_shop(earning, town.small_shop)["own"] == (20, False), "a person's ceiling is not the shop's business"
    assert in_shop(earning, town.large_shop) == {"own": (70, False), "large": (None, False), "free": (None, False)}
    assert in_shop(earning, uuid4()) == {}, "who is no shop is in none"


def test_a_shop_is_told_that_the_money_ended_and_that_it_goes_on_when_refilled() -> None:
    earning = found_earning(campaign("five"), changes=funds(50, 1_000))
    assert came(earning) == {"five": 50}
    assert in_shop(earning, earning.town.small_shop) == {"five": (None, True)}
    earning.refill("town", 20)
    assert in_shop(earning, earning.town.small_shop) == {"five": (None, False)}
    assert came(earning) == {"five": 20}, "by itself"


def test_a_shop_is_told_what_its_area_has_left() -> None:
    earning = found_earning(campaign("five", limits=[{"of": "area", "per": "month", "yen": 70}]))
    assert came(earning) == {"five": 50}
    assert in_shop(earning, earning.town.small_shop) == {"five": (20, False)}
