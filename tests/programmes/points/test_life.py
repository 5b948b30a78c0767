"""The life of an action: opened, shown, done, confirmed, granted; and every limit that bites on the way."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.parties.rules import Both
from meguri.programmes.points import operations, queries
from meguri.programmes.points.models import ActionRecord
from meguri.words.actor import Actor, ActorRole
from tests.programmes.points.conftest import CODES, NOW, Menu, menu
from tests.programmes.vouchers.lived_town import moment, refused


def test_a_day_of_small_actions(points: Menu) -> None:
    person = points.town.person()
    walked = points.do(person)
    assert (walked.state, walked.granted_yen, walked.cut_by, walked.replayed) == ("granted", 10, "", False)
    points.ride(person)
    assert points.town.held(person) == {"points": 20}
    assert (points.budget("town"), points.budget("sponsor")) == (2_100_000 - 14, 900_000 - 6)
    assert points.town.topics(person) == ["point.granted"] * 2
    done = queries.done_by(person.party, municipality=person.municipality)  # type: ignore[arg-type]
    assert [(each.name.ja, each.granted_yen, each.place and each.place.ja) for each in done] == [
        ("バスに乗る", 10, "駅前"),
        ("1日5,000歩あるく", 10, None),
    ]
    totals = queries.totals(points.made.programme, municipality=person.municipality)
    assert (totals.records, totals.people, totals.granted_yen, totals.held) == (2, 1, 20, 0)
    assert [(each.code, each.records) for each in totals.by_action if each.records] == [("walk", 1), ("bus", 1)]


def test_the_third_ride_of_a_day_earns_nothing(points: Menu) -> None:
    person = points.town.person()
    for minute in range(2):
        points.ride(person, NOW + timedelta(minutes=minute))
    with refused("action_ceiling_reached") as caught:
        points.ride(person, NOW + timedelta(minutes=9))
    assert caught.value.limit == "day_times"
    assert "2回" in caught.value.sentence("ja")
    assert "また明日" in caught.value.sentence("ja")
    assert "2 times a day" in caught.value.sentence("en")
    assert points.ride(person, NOW + timedelta(days=1)).granted_yen == 10
    assert points.ride(points.town.person()).granted_yen == 10


def test_days_are_those_of_japan(points: Menu) -> None:
    person = points.town.person()
    points.do(person, at=moment(7, 10, 14))  # 23:00 in Japan
    with refused("action_ceiling_reached"):
        points.do(person, at=moment(7, 10, 14) + timedelta(minutes=59))
    assert points.do(person, at=moment(7, 10, 15)).granted_yen == 10


def test_the_monthly_ceiling_cuts_a_grant_and_is_named(db: None) -> None:
    tight = menu(obtaining__limits=[{"per": "month", "yen": 125}, {"per": "programme", "yen": 200}])
    person = tight.town.person()
    place = tight.place("clean-up")
    assert tight.do(person, "clean-up", code=tight.shown(place, NOW)).granted_yen == 100
    tight.do(person)
    tight.ride(person)
    cut = tight.ride(person, NOW + timedelta(minutes=5))
    assert (cut.asked_yen, cut.granted_yen, cut.cut_by) == (10, 5, "month_yen")
    from meguri.notices.models import Notice

    told = Notice.objects.filter(recipient=person.party).order_by("-id").first()
    assert told
    assert "1か月の上限125円" in told.text_ja
    assert "125 yen a month" in told.text_en
    with refused("action_ceiling_reached") as caught:
        tight.do(person, at=NOW + timedelta(days=1))
    assert caught.value.limit == "month_yen"
    assert "8月1日" in caught.value.sentence("ja")
    august = tight.do(person, at=moment(8, 1))
    assert (august.granted_yen, august.cut_by) == (10, "")
    shares = [tight.budget("town"), tight.budget("sponsor")]
    assert sum(shares) == 3_000_000 - 135
    for day in range(2, 9):
        if tight.town.held(person)["points"] < 200:
            tight.do(person, at=moment(8, day))
    with refused("action_ceiling_reached") as caught:
        tight.do(person, at=moment(8, 20))
    assert caught.value.limit == "programme_yen"


def test_a_limit_of_times_over_all_actions(db: None) -> None:
    few = menu(obtaining__limits=[{"per": "day", "times": 2}])
    person = few.town.person()
    few.do(person)
    few.ride(person)
    with refused("action_ceiling_reached") as caught:
        few.ride(person, NOW + timedelta(minutes=5))
    assert caught.value.limit == "day_times"


def test_a_cut_grant_uses_up_a_whole_turn(db: None) -> None:
    """Times are counted in pieces of their own: a grant that a yen limit cut does not leave half a turn behind."""
    odd = menu(
        obtaining__limits=[{"per": "day", "yen": 15}], obtaining__actions__2__limits=[{"per": "month", "times": 3}]
    )
    person = odd.town.person()
    granted = [odd.ride(person, NOW + timedelta(minutes=minute)).granted_yen for minute in (0, 5)]
    assert granted == [10, 5]
    assert odd.ride(person, NOW + timedelta(days=1)).granted_yen == 10
    with refused("action_ceiling_reached"):
        odd.ride(person, NOW + timedelta(days=2))


def test_what_may_be_held_is_bounded(db: None) -> None:
    low = menu(limits__balance_max_yen=15)
    person = low.town.person()
    low.do(person)
    cut = low.ride(person)
    assert (cut.granted_yen, cut.cut_by) == (5, "holding")
    with refused("action_ceiling_reached") as caught:
        low.ride(person, NOW + timedelta(minutes=5))
    assert "お使いになると" in caught.value.sentence("ja")


def test_an_empty_budget_says_so_and_records_nothing(db: None) -> None:
    poor = menu(funds__0__amount_yen=20)
    for _ in range(2):
        poor.do(poor.town.person())  # 7 yen each from the town
    late = poor.town.person()
    with refused("action_budget_empty"):
        poor.do(late)
    assert (poor.budget("town"), poor.budget("sponsor")) == (6, 900_000 - 6)
    assert ActionRecord.objects.filter(municipality=poor.town.municipality).count() == 2
    assert poor.town.held(late) == {}
    assert poor.town.topics(late) == []


def test_the_funders_share_exactly_over_many_grants(points: Menu) -> None:
    for _ in range(10):
        points.do(points.town.person())
    assert (points.budget("town"), points.budget("sponsor")) == (2_100_000 - 70, 900_000 - 30)


def test_the_sponsors_cap_overflows_to_the_town(db: None) -> None:
    capped = menu(agreements__0__shares__1__cap_yen=4)
    for _ in range(3):
        capped.do(capped.town.person())
    assert (capped.budget("town"), capped.budget("sponsor")) == (2_100_000 - 26, 900_000 - 4)


def test_the_same_request_is_the_same_action(points: Menu) -> None:
    person, request = points.town.person(), uuid4()
    first = points.do(person, request=request)
    again = points.do(person, request=request)
    assert again.replayed
    assert again.posting == first.posting
    assert points.town.held(person) == {"points": 10}
    with refused("action_record_differs"):
        points.do(points.town.person(), request=request)
    with refused("action_record_differs"):
        points.ride(person, request=request)


def test_a_code_is_good_for_its_minute_and_the_one_after(points: Menu) -> None:
    person = points.town.person()
    shown = queries.place_code(points.bus_stop, municipality=person.municipality, at=NOW)
    assert shown.changes_at == NOW + timedelta(seconds=60)
    assert points.do(person, "bus", NOW + timedelta(seconds=110), code=shown.text.lower()).granted_yen == 10
    with refused("action_code_wrong"):
        points.do(person, "bus", NOW + timedelta(seconds=125), code=shown.text)
    with refused("action_code_wrong"):
        points.do(person, "bus", NOW - timedelta(seconds=1), code=shown.text)


@pytest.mark.parametrize("code", ["x", "-", "ABCDEFGH-", "ABCDEFGH-12345678", "'; DROP TABLE--", "駅前-駅前"])
def test_a_made_up_code_is_refused(points: Menu, code: str) -> None:
    with refused("action_code_wrong"):
        points.do(points.town.person(), "bus", code=code)


def test_codes_belong_to_their_place_and_action(points: Menu) -> None:
    person = points.town.person()
    other = points.place("clean-up")
    for code in (points.shown(other, NOW), points.shown(points.bus_stop, NOW)[:9] + points.shown(other, NOW)[9:]):
        with refused("action_code_wrong"):
            points.do(person, "bus", code=code)
    with refused("action_evidence_missing") as caught:
        points.do(person, "bus")
    assert "その場に出ているコード" in caught.value.sentence("ja")
    assert (
        queries.action_of_code(points.shown(other, NOW), municipality=person.municipality) == points.actions["clean-up"]
    )


def test_a_printed_code_stays_and_a_closed_place_does_not(points: Menu) -> None:
    person = points.town.person()
    printed = points.place("bus", rotating=False)
    shown = queries.place_code(printed, municipality=person.municipality, at=NOW)
    assert shown.changes_at is None
    assert points.do(person, "bus", NOW + timedelta(days=40), code=shown.text).granted_yen == 10
    operations.close_place(place=printed, by=points.maker, at=NOW + timedelta(days=41))
    with refused("action_code_wrong"):
        points.do(person, "bus", NOW + timedelta(days=42), code=shown.text)
    with refused("action_place_unknown"):
        queries.place_code(printed, municipality=person.municipality, at=NOW)
    assert [place.id for place in queries.places(points.actions["bus"], municipality=person.municipality)] == [
        points.bus_stop
    ]


def test_staff_confirm_what_was_held(points: Menu) -> None:
    person = points.town.person()
    held = points.do(person, "check-up")
    assert (held.state, held.granted_yen, points.town.held(person)) == ("held", 0, {})
    waiting = queries.records(points.made.programme, municipality=person.municipality, state="held")
    assert [each.id for each in waiting] == [held.record]
    granted = operations.attest_action(record=held.record, by=points.maker, at=NOW + timedelta(days=20))
    assert granted.granted_yen == 500
    assert operations.attest_action(record=held.record, by=points.checker, at=NOW + timedelta(days=21)).replayed
    assert points.budget("town") == 2_100_000 - 500  # this action names a fund of its own
    with refused("action_record_judged"):
        operations.decline_action(record=held.record, reason="x", by=points.maker, at=NOW)
    second = points.do(person, "check-up")
    with refused("action_ceiling_reached") as caught:
        operations.attest_action(record=second.record, by=points.maker, at=NOW + timedelta(days=30))
    assert caught.value.limit == "programme_times"


def test_staff_decline_and_say_why(points: Menu) -> None:
    person = points.town.person()
    held = points.do(person, "check-up")
    with refused("action_reason_missing"):
        operations.decline_action(record=held.record, reason=" ", by=points.maker, at=NOW)
    declined = operations.decline_action(record=held.record, reason="受診の記録がありません", by=points.maker, at=NOW)
    assert declined.state == "refused"
    assert points.town.topics(person) == ["point.refused"]
    with refused("action_record_judged"):
        operations.attest_action(record=held.record, by=points.maker, at=NOW)


def test_a_partner_confirms_at_its_own_place_only(points: Menu) -> None:
    person, shop, other = points.town.person(), uuid4(), uuid4()
    cafe = points.place("my-bottle", host=shop)
    held = points.do(person, "my-bottle", place=cafe)
    for by in (points.clerk(other), points.town.officer("maker", "welfare"), person):
        with refused("not_allowed"):
            operations.attest_action(record=held.record, by=by, at=NOW)
    assert queries.records(points.made.programme, municipality=person.municipality, state="held", host=shop)
    assert operations.attest_action(record=held.record, by=points.clerk(shop), at=NOW).granted_yen == 10
    assert [place.host for place in queries.places_of_host(shop, municipality=person.municipality)] == [shop]
    checked = points.do(person, "check-up")
    with refused("not_allowed"):  # what staff confirm, no partner does
        operations.attest_action(record=checked.record, by=points.clerk(shop), at=NOW)


def test_nobody_confirms_their_own_deed(points: Menu) -> None:
    person = points.town.person()
    held = points.do(person, "check-up")
    same = Actor(person.municipality, ActorRole.MAKER, person.party, "planning")
    with refused("action_own_record"):
        operations.attest_action(record=held.record, by=same, at=NOW)


def test_at_the_desk_without_a_phone(points: Menu) -> None:
    person, shop, request = points.town.person(), uuid4(), uuid4()
    cafe = points.place("my-bottle", host=shop)
    assert person.party
    act = {
        "action": points.actions["my-bottle"],
        "resident": person.party,
        "request": request,
        "place": cafe,
        "at": NOW,
    }
    done = operations.attest_at_desk(by=points.clerk(shop), **act)
    assert done.granted_yen == 10
    assert operations.attest_at_desk(by=points.clerk(shop), **act).replayed
    with refused("not_allowed"):
        operations.attest_at_desk(by=points.clerk(uuid4()), **act)
    with refused("action_evidence_missing"):
        operations.attest_at_desk(
            action=points.actions["walk"], resident=person.party, request=uuid4(), by=points.maker, at=NOW
        )


def test_windows_days_and_eligibility(points: Menu) -> None:
    person = points.town.person()
    with refused("action_too_early"):
        points.do(person, at=moment(3, 31, 14))
    with refused("action_closed"):
        points.do(person, at=moment(2, 28, 15, year=2026))
    with refused("action_done_in_future"):
        points.do(person, done_at=NOW + timedelta(minutes=1))
    with refused("action_too_long_ago"):
        points.do(person, done_at=NOW - timedelta(days=8))
    yesterday = points.do(person, done_at=NOW - timedelta(days=1))
    assert yesterday.granted_yen == 10
    assert points.do(person).granted_yen == 10
    with refused("action_not_eligible") as caught:
        points.do(points.town.person(born=date(2015, 4, 1)))
    assert "年齢" in caught.value.sentence("ja")
    with refused("action_resident_unknown"):
        points.do(points.town.stranger())


def test_only_the_right_people_open_and_record(points: Menu) -> None:
    person, other = points.town.person(), points.town.person()
    for act in (
        lambda: operations.open_action(programme=points.made.programme, code="bus", by=points.checker, at=NOW),
        lambda: operations.close_action(
            action=points.actions["bus"], by=points.town.officer("maker", "welfare"), at=NOW
        ),
        lambda: points.do(other, resident=person.party),
        lambda: points.do(points.maker),
    ):
        with refused("not_allowed"):
            act()
    assert points.do(points.town.system, resident=person.party).granted_yen == 10  # a step counter's daily upload


def test_a_closed_action_takes_nothing_new_but_keeps_what_is_held(points: Menu) -> None:
    person = points.town.person()
    held = points.do(person, "check-up")
    operations.close_action(action=points.actions["check-up"], by=points.maker, at=NOW + timedelta(hours=1))
    with refused("action_closed"):
        points.do(person, "check-up", NOW + timedelta(hours=2))
    assert operations.attest_action(record=held.record, by=points.maker, at=NOW + timedelta(hours=3)).granted_yen == 500
    again = operations.open_action(
        programme=points.made.programme, code="check-up", by=points.maker, at=NOW + timedelta(days=1)
    )
    assert again == points.actions["check-up"]


def test_unknown_things_are_said_to_be_unknown(points: Menu) -> None:
    person = points.town.person()
    with refused("action_unknown"):
        operations.record_action(action=uuid4(), request=uuid4(), by=person, at=NOW)
    with refused("action_unknown"):
        operations.open_action(programme=points.made.programme, code="sleep", by=points.maker, at=NOW)
    town = person.municipality
    assert queries.action_by_code(points.made.programme, "bus", municipality=town) == points.actions["bus"]
    assert queries.action_by_code(points.made.programme, "sleep", municipality=town) is None
    with refused("action_record_unknown"):
        operations.attest_action(record=uuid4(), by=points.maker, at=NOW)
    with refused("action_place_unknown"):
        points.do(person, "my-bottle", place=uuid4())
    with refused("programme_unknown"):
        operations.open_action(programme=uuid4(), code="walk", by=points.maker, at=NOW)


def test_what_i_can_do_shows_what_is_left(points: Menu) -> None:
    person = points.town.person()
    points.ride(person)
    offered = {each.code: each for each in can_do(person)}
    assert set(offered) == set(CODES)
    bus = offered["bus"]
    assert (bus.yen, [(room.unit, room.per, room.left, room.most) for room in bus.rooms]) == (
        10,
        [
            ("piece", "day", 1, 2),
            ("yen", "month", 990, 1_000),
            ("yen", "programme", 9_990, 10_000),
            ("held", "programme", 9_990, 10_000),
        ],
    )
    assert [place.name for place in bus.places] == [Both("駅前", "Station")]
    points.do(person)
    walked = next(each for each in can_do(person) if each.code == "walk")
    assert walked.yen == 0
    assert walked.why_not
    assert "また明日" in walked.why_not.ja
    assert can_do(person)[-1].code == "walk"
    child = points.town.person(born=date(2015, 4, 1))
    assert all(each.why_not for each in can_do(child))


def can_do(person: Actor) -> tuple[queries.Doable, ...]:
    assert isinstance(person.party, UUID)
    return queries.doable(person.party, municipality=person.municipality, at=NOW)


def test_a_long_list_pages_by_a_stable_cursor(points: Menu) -> None:
    person = points.town.person()
    assert person.party
    for day in range(5):
        points.do(person, at=NOW + timedelta(days=day))
    first = queries.done_by(person.party, municipality=person.municipality, limit=2)
    points.do(person, at=NOW + timedelta(days=9))
    rest = queries.done_by(person.party, municipality=person.municipality, limit=9, after=first[-1].id)
    assert [each.day.day for each in first + rest] == [14, 13, 12, 11, 10]


def test_an_amended_limit_begins_with_its_next_span(points: Menu) -> None:
    """The lot keeps what it opened with: nobody gets a second ceiling in the middle of a month."""
    from meguri.programmes.models import TermsVersion

    person = points.town.person()
    points.ride(person)
    version = TermsVersion.objects.get(programme_id=points.made.programme)
    version.document["obtaining"]["actions"][2]["limits"] = [{"per": "day", "times": 5}]
    version.digest = "0" * 64
    version.save()
    points.ride(person, NOW + timedelta(minutes=5))
    with refused("action_ceiling_reached"):
        points.ride(person, NOW + timedelta(minutes=9))
    for minute in range(5):
        points.ride(person, NOW + timedelta(days=1, minutes=minute))


def test_points_last_for_months_from_the_day_they_were_earned_to_a_months_end(db: None) -> None:
    from meguri.ledger import queries as ledger
    from meguri.notices.models import Notice

    lasting = menu(expiry={"kind": "after", "months": 3})
    person = lasting.town.person()
    assert person.party
    lasting.do(person, at=moment(7, 10))
    lasting.do(person, at=moment(7, 31, 14))
    lasting.do(person, at=moment(8, 1))
    held = ledger.balances([person.party], ledger.AccountRole.WALLET, municipality=person.municipality)
    ends = {(balance.lot.expires_at, balance.lot.fund == lasting.made.funds["town"]) for balance in held}
    october, november = moment(10, 31, 15), moment(11, 30, 15)
    assert ends == {(october, True), (october, False), (november, True), (november, False)}
    told = Notice.objects.filter(recipient=person.party).order_by("made_at")
    assert ["2025年10月31日" in notice.text_ja for notice in told] == [True, True, False]
