"""Every happening has its requests, every needed operation a use."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from PIL import Image

from meguri.rehearsal import happenings as h
from meguri.rehearsal.client import Refused
from meguri.rehearsal.driver_calls import MAKERS, NEEDED, OPTIONAL, Calls, Voice, last_day, purse, token_body
from meguri.rehearsal.habits import bus_stops
from meguri.rehearsal.knowledge import Answer, Taken
from meguri.rehearsal.photos import SIZE, invented_photo
from meguri.rehearsal.timetable import moment
from meguri.rehearsal.town import Town
from tests.rehearsal.conftest import RULES, START

AT = moment(START, 12)
IDS = {
    "resident:r00001": "R1", "resident:r00002": "R2", "shop:s0001": "S1", "shop_code:s0001": "C1",
    "programme:voucher": "G1", "programme:point": "G2", "application:voucher:r00001": "A1",
    "household:h00012": "H12", "entitlement:benefit:r00001": "E1", "payment:pay:1": "X1", "settlement:settle": "Z1",
}  # fmt: skip


DOCUMENT = 'code = "g"\nfamily = "voucher"\n[[obtaining.rounds]]\ncode = "first"\n'
LAUNCHES = h.LaunchesProgramme(at=AT, key="l", programme="voucher", department="commerce", document=DOCUMENT)
DRAFTED = {"programmes_draft": {"programme": "G9"}, "vouchers_open_sale": {"sale": "V9"}}


class Recorder:
    """Stands for the API: keeps what was asked, gives prepared replies."""

    def __init__(self, replies: Mapping[str, Any], *, knows: bool = True) -> None:
        self.replies, self.knows = replies, knows
        self.asked: list[tuple[str, Mapping[str, Any], Voice]] = []

    def __call__(self, operation: str, body: Mapping[str, Any], *, by: Voice, part: str = "") -> Any:  # noqa: ARG002
        self.asked.append((operation, body, by))
        return self.replies.get(operation)

    def kept(self, operation: str, body: Mapping[str, Any], *, by: Voice) -> Any:
        return self(operation, body, by=by)

    def has(self, operation: str) -> bool:  # noqa: ARG002
        return self.knows

    def number(self, key: str) -> str:
        return f"life/{key}"


def make(
    town: Town, happening: h.Happening, replies: Mapping[str, Any], *, knows: bool = True
) -> tuple[Answer, Recorder]:
    recorder = Recorder(replies, knows=knows)
    return Calls(town, IDS, RULES).make(happening, recorder), recorder


def test_every_happening_has_its_requests() -> None:
    every = {kind for kind in vars(h).values() if isinstance(kind, type) and issubclass(kind, h.Happening)} - {
        h.Happening
    }
    assert set(MAKERS) == every


def test_needed_and_optional_operations_are_told_apart() -> None:
    assert len(set(NEEDED)) == len(NEEDED)
    assert not set(NEEDED) & set(OPTIONAL)


def test_a_payment_by_the_holder_s_code_takes_two_voices(small_town: Town) -> None:
    reply = {"payment": "X9", "taken": [{"purse_kind": "K", "family": "point", "yen": 300}]}
    pays = h.Pays(at=AT, key="pay:9", who="r00001", shop="s0001", yen=300, means="holder_code")
    answer, api = make(small_town, pays, {"codes_mint": {"code": "12"}, "payments_pay": reply})
    assert api.asked == [
        ("codes_mint", {}, Voice("resident", party="R1")),
        ("payments_pay", {"code": "12", "amount_yen": 300}, Voice("clerk", shop="S1")),
    ]
    assert answer == Answer(ids={"payment:pay:9": "X9"}, taken=(Taken("K", "point", 300),))


def test_a_payment_by_the_shop_s_code_takes_one(small_town: Town) -> None:
    pays = h.Pays(at=AT, key="pay:9", who="r00001", shop="s0001", yen=300, means="shop_code")
    _, api = make(small_town, pays, {"payments_pay": {"payment": "X9", "taken": []}})
    assert api.asked == [("payments_pay", {"shop_code": "C1", "amount_yen": 300}, Voice("resident", party="R1"))]


def test_a_refund_is_made_at_the_shop(small_town: Town) -> None:
    _, api = make(small_town, h.AsksRefund(at=AT, key="f", who="r00001", payment="pay:1", shop="s0001"), {})
    assert api.asked == [("payments_refund", {"payment": "X1", "reason": "返品"}, Voice("clerk", shop="S1"))]


def test_what_the_server_never_named_is_refused_here(small_town: Town) -> None:
    with pytest.raises(Refused, match="application:voucher:r00002"):
        make(small_town, h.Purchases(at=AT, key="b", who="r00002", programme="voucher", units=1), {})


def test_the_draw_s_winners_may_be_applications_residents_or_a_number(small_town: Town) -> None:
    draws = h.Draws(at=AT, key="draw", programme="voucher", department="commerce", public_value="x")
    assert make(small_town, draws, {"vouchers_draw": {"won": ["A1"], "lost": []}})[0].won == ("r00001",)
    assert make(small_town, draws, {"vouchers_draw": {"won": ["R2", "R1"]}})[0].won == ("r00001", "r00002")
    assert make(small_town, draws, {"vouchers_draw": {"won": 1, "lost": 0}})[0].won is None


def test_launching_takes_maker_and_checker(small_town: Town) -> None:
    answer, api = make(small_town, LAUNCHES, {"programmes_list": [], **DRAFTED})
    assert [(operation, by.role) for operation, _, by in api.asked] == [
        ("programmes_list", "maker"), ("programmes_draft", "maker"), ("programmes_submit", "maker"),
        ("programmes_launch", "checker"), ("vouchers_open_sale", "checker"),
    ]  # fmt: skip
    assert answer.ids == {"programme:voucher": "G9", "sale:voucher:first": "V9"}


@pytest.mark.parametrize(
    ("state", "still_to_do"),
    [
        ("draft", ["programmes_draft", "programmes_submit", "programmes_launch", "vouchers_open_sale"]),
        ("proposed", ["programmes_launch", "vouchers_open_sale"]),
        ("launched", ["vouchers_open_sale"]),
    ],
)
def test_a_launch_that_was_cut_off_goes_on_where_it_stopped(
    state: str, still_to_do: list[str], small_town: Town
) -> None:
    listed = [{"programme": "G9", "code": "g", "state": state}, {"programme": "G8", "code": "x", "state": "launched"}]
    answer, api = make(small_town, LAUNCHES, {"programmes_list": listed, **DRAFTED})
    assert [operation for operation, _, _ in api.asked[1:]] == still_to_do
    assert answer.ids == {"programme:voucher": "G9", "sale:voucher:first": "V9"}


@pytest.mark.parametrize(("state", "still_to_do"), [("draft", ["programmes_draft", "programmes_submit"]),
                                                    ("proposed", []), ("launched", [])])  # fmt: skip
def test_a_proposal_is_only_drafted_and_submitted(state: str, still_to_do: list[str], small_town: Town) -> None:
    proposes = h.ProposesProgramme(at=AT, key="p", programme="spring", department="commerce", document=DOCUMENT)
    listed = [{"programme": "G9", "code": "g", "state": state}]
    answer, api = make(small_town, proposes, {"programmes_list": listed, **DRAFTED})
    assert [operation for operation, _, _ in api.asked[1:]] == still_to_do
    assert {by for _, _, by in api.asked} == {Voice("maker", department="commerce")}
    assert answer.ids == {"programme:spring": "G9"}


def test_every_round_of_a_sale_is_opened_whatever_the_programme_is_called(small_town: Town) -> None:
    document = DOCUMENT + '[[obtaining.rounds]]\ncode = "second"\n'
    launches = h.LaunchesProgramme(at=AT, key="l", programme="winter", department="commerce", document=document)
    _, api = make(small_town, launches, {"programmes_list": [], **DRAFTED})
    assert [operation for operation, _, _ in api.asked].count("vouchers_open_sale") == 2


def test_two_sales_keep_their_applications_apart(small_town: Town) -> None:
    applies = h.Applies(at=AT, key="a", who="r00001", programme="point", units=2)  # any programme that has a name
    answer, _ = make(small_town, applies, {"vouchers_apply": {"application": "A9"}})
    assert answer.ids == {"application:point:r00001": "A9"}
    buys = h.Purchases(at=AT, key="b", who="r00001", programme="voucher", units=1)
    _, api = make(small_town, buys, {})
    assert api.asked == [("vouchers_purchase", {"application": "A1"}, Voice("resident", party="R1"))]


def test_the_accountant_hands_the_bank_what_the_treasurer_released(small_town: Town) -> None:
    known = IDS | {"payouts:settle": "3", "payouts_yen:settle": "900"}
    approves = h.ApprovesPayouts(at=AT, key="a", settlement="settle")
    sends = h.SendsPayouts(at=AT, key="s", settlement="settle")
    api = Recorder({})
    calls = Calls(small_town, known, RULES)
    calls.make(approves, api)
    calls.make(sends, api)
    (approve, released, treasurer), (hand_over, sent, accountant) = api.asked
    assert (approve, hand_over) == ("settlement_approve", "settlement_hand_over")
    assert released == {"settlement": "Z1", "confirmed_count": 3, "confirmed_yen": 900}
    assert sent == {"settlement": "Z1"}
    assert (treasurer.second, accountant.second) == (True, False)


def test_a_week_without_payouts_gives_the_bank_nothing(small_town: Town) -> None:
    api = Recorder({})
    calls = Calls(small_town, IDS | {"payouts:settle": "0", "payouts_yen:settle": "0"}, RULES)
    for deed in (h.ApprovesPayouts, h.SendsPayouts):
        assert calls.make(deed(at=AT, key="x", settlement="settle"), api) == Answer()
    assert api.asked == []


def test_what_the_server_does_not_know_is_left_out(small_town: Town) -> None:
    budget = h.AppropriatesBudget(
        at=AT, key="s", programme="point", department="planning", fund="city", amount_yen=1
    )
    assert make(small_town, budget, {}, knows=False)[1].asked == []
    assert make(small_town, h.ShopCloses(at=AT, key="c", who="s0001"), {}, knows=False)[1].asked == []


GRANTED = {"record": "W", "state": "granted"}


def acts(action: str, evidence: str) -> h.Acts:
    return h.Acts(
        at=AT, key="w", who="r00001", programme="point", action=action, evidence=evidence, place="", amount=1
    )


def test_a_deed_of_the_last_days_is_left_to_the_officers(small_town: Town) -> None:
    held = {"points_record_action": {"record": "W", "state": "held"}}
    deed = acts("clean-up", "staff_confirms")
    assert [name for name, _, _ in make(small_town, deed, held)[1].asked] == ["points_record_action", "points_attest"]
    late = replace(deed, confirmed=False)
    assert [name for name, _, _ in make(small_town, late, held)[1].asked] == ["points_record_action"]


def test_a_walk_is_recorded_by_the_walker(small_town: Town) -> None:
    _, api = make(small_town, acts("walk", "device"), {"points_record_action": GRANTED})
    assert api.asked == [
        ("points_record_action", {"programme": "G2", "action": "walk"}, Voice("resident", party="R1"))
    ]  # fmt: skip


def test_litter_is_shown_by_an_invented_photo(small_town: Town) -> None:
    _, api = make(small_town, acts("litter", "photo"), {"points_send_photo": {"record": "W", "state": "held"}})
    ((operation, body, by),) = api.asked
    assert (operation, by) == ("points_send_photo", Voice("resident", party="R1"))
    photo = b64decode(body.pop("photo"))
    assert body == {"programme": "G2", "action": "litter", "told": "架空の写真です"}
    with Image.open(io.BytesIO(photo)) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", SIZE)
    assert photo == invented_photo("w") != invented_photo("v")
    assert make(small_town, acts("litter", "photo"), {}, knows=False)[1].asked == []


def test_a_clean_up_is_shown_by_the_code_of_the_place(small_town: Town) -> None:
    _, api = make(small_town, acts("clean-up", "place_code"), {
        "points_place_code": {"code": "ABC"}, "points_record_action": GRANTED,
    })  # fmt: skip
    assert [operation for operation, _, _ in api.asked] == ["points_place_code", "points_record_action"]
    assert api.asked[1][1] == {"programme": "G2", "action": "clean-up", "code": "ABC"}


@pytest.mark.parametrize(("action", "evidence"), [("check-up", "staff_confirms"), ("my-bottle", "partner_confirms")])
def test_what_is_held_is_confirmed_by_an_officer(small_town: Town, action: str, evidence: str) -> None:
    _, api = make(small_town, acts(action, evidence), {"points_record_action": {"record": "W", "state": "held"}})
    assert api.asked[1] == ("points_attest", {"record": "W"}, Voice("maker", department="planning"))


@pytest.mark.parametrize(
    ("deed", "delivered"),
    [(acts("walk", "device"), True), (acts("my-bottle", "partner_confirms"), True),
     (replace(acts("my-bottle", "partner_confirms"), confirmed=False), False),
     (acts("clean-up", "place_code"), False), (acts("check-up", "staff_confirms"), False),
     (h.DayEnds(at=AT, key="end", on=START, week=0, last_of_week=False), False)],
)  # fmt: skip
def test_steps_and_what_partners_saw_are_delivered_by_them(
    small_town: Town, deed: h.Happening, *, delivered: bool
) -> None:
    calls = Calls(small_town, IDS, RULES)
    assert calls.delivers(deed, Recorder({})) is delivered
    assert not calls.delivers(deed, Recorder({}, knows=False)), "an older server is told one by one"


def test_a_delivery_asks_once_for_many_and_reads_each_answer(small_town: Town) -> None:
    walk, bottle = acts("walk", "device"), replace(acts("my-bottle", "partner_confirms"), key="b", who="r00002")
    api = Recorder({"points_deliver": {"answers": [
        {"number": "life/w", "state": "granted"},
        {"number": "life/b", "state": "refused", "code": "action_ceiling_reached", "title": "上限", "title_en": "Full"},
    ]}})  # fmt: skip
    assert Calls(small_town, IDS, RULES).deliver([walk, bottle], api) == [
        Answer(), Answer(refusal="action_ceiling_reached", sentence="上限 / Full")
    ]  # fmt: skip
    deeds = [
        {"number": "life/w", "action": "walk", "resident": "R1"},
        {"number": "life/b", "action": "my-bottle", "resident": "R2"},
    ]
    assert api.asked == [
        ("points_deliver", {"programme": "G2", "deeds": deeds}, Voice("maker", department="planning"))
    ]  # fmt: skip


def test_payouts_are_released_by_another_accountant_who_types_the_figures(small_town: Town) -> None:
    runs = h.RunsSettlement(at=AT, key="s1", cutoff=moment(START, 0))
    reply = {"settlement": "Z", "payouts_count": 3, "payouts_yen": 12_000}
    answer, _ = make(small_town, runs, {"settlement_run": reply})
    api = Recorder({})
    approves = h.ApprovesPayouts(at=AT, key="a1", settlement="s1")
    Calls(small_town, answer.ids, RULES).make(approves, api)
    wanted = {"settlement": "Z", "confirmed_count": 3, "confirmed_yen": 12_000}
    assert api.asked == [("settlement_approve", wanted, Voice("accountant", department="accounting", second=True))]
    nothing = Recorder({})
    Calls(small_town, answer.ids | {"payouts:s1": "0"}, RULES).make(approves, nothing)
    assert nothing.asked == []


def test_residents_and_households_get_their_names(small_town: Town) -> None:
    row = {"key": "r00001", "resident": "R1", "household": "H1"}
    registers = h.RegistersResidents(at=AT, key="r", residents=("r00001",))
    answer, api = make(small_town, registers, {"rehearsal_residents": {"residents": [row]}})
    assert answer.ids == {"resident:r00001": "R1", "household:h00001": "H1"}
    assert api.asked[0][2] == Voice("operator")


def test_spending_goes_up_by_household(small_town: Town) -> None:
    row = h.SpendingRow("h00012", START, 50_000, 8_000, 42_000)
    _, api = make(small_town, h.UploadsSpending(at=AT, key="u", rows=(row,)), {})
    yen = {"inside_yen": 8_000, "outside_yen": 42_000}
    assert api.asked[0][1] == {"rows": [{"household": "H12", "week": "2026-10-05", **yen}]}


def test_a_token_is_asked_for_with_the_parts_that_are_meant() -> None:
    assert token_body(Voice("clerk", shop="S1")) == {"role": "clerk", "shop": "S1"}
    assert token_body(Voice("maker", department="welfare")) == {"role": "maker", "department": "welfare"}


def test_a_purse_is_read_with_its_last_day() -> None:
    found = purse({"purse_kind": "K", "family": "point", "code": "points", "yen": 1_500,
                   "expires_at": "2027-01-31T15:00:00+00:00"}, rules=RULES)  # fmt: skip
    assert found.small_only
    assert found.expires_on == date(2027, 1, 31)
    other = purse({"purse_kind": "K", "family": "voucher", "code": "paid", "yen": 10}, rules=RULES)
    assert (other.small_only, other.expires_on) == (False, None)


def test_value_that_ends_at_midnight_is_good_on_the_day_before() -> None:
    midnight = datetime(2027, 1, 31, 15, tzinfo=UTC)  # 1 February, 00:00 in Japan
    assert last_day(midnight.isoformat()) == date(2027, 1, 31)
    assert last_day("2027-01-31") == date(2027, 1, 31)


def test_times_carry_their_offset(small_town: Town) -> None:
    _, api = make(
        small_town,
        h.RunsSettlement(at=AT, key="settle", cutoff=moment(START, 0)),
        {"settlement_run": {"settlement": 5, "payouts_count": 0, "payouts_yen": 0}},
    )
    assert api.asked[0][1] == {"cutoff": "2026-10-04T15:00:00+00:00"}


def test_the_steps_of_a_week_are_sent_day_by_day(small_town: Town) -> None:
    days = ((date(2025, 6, 1), 8_100), (date(2025, 6, 2), 300))
    it = h.BringsSteps(at=AT, key="s", who="r00001", days=days)
    answer, api = make(small_town, it, {"points_bring_steps": {"counted": True, "days": []}})
    assert answer.ok
    body = {"days": [{"day": "2025-06-01", "steps": 8_100}, {"day": "2025-06-02", "steps": 300}]}
    assert api.asked == [("points_bring_steps", body, Voice("resident", party="R1"))]


def test_a_ride_is_shown_by_the_code_of_its_stop(small_town: Town) -> None:
    stop = bus_stops(small_town)[1]
    recorder = Recorder({"points_place_code": {"code": "ABC"}, "points_record_action": GRANTED})
    ride = replace(acts("bus", "place_code"), place=stop)
    Calls(small_town, {**IDS, f"place:bus:{stop}": "P2"}, RULES).make(ride, recorder)
    assert recorder.asked[0][1] == {"programme": "G2", "action": "bus", "place": "P2"}
    assert recorder.asked[1][1] == {"programme": "G2", "action": "bus", "code": "ABC"}
