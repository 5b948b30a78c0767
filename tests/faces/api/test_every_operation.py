"""A town's autumn through the API alone: every operation is called once and does what its name says."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from meguri.faces.api import examples
from meguri.faces.api.examples import ANSWERS
from meguri.notices.partner_telling import NewEvent, tell_partners
from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes.points.operations import ask_for_another
from meguri.programmes.points.photos import photographed
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import write_terms
from meguri.programmes.vouchers.operations import allot, issue_codes
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.queries import sale_page
from meguri.settlement.operations import set_paying_account
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from meguri.wallets import print_runs
from meguri.wallets.booklets import hand_over
from meguri.wallets.notes import Serial
from meguri.words.actor import Actor, ActorRole
from tests.faces.api.conftest import OPERATIONS, Caller, set_clock
from tests.faces.office.lived import DEPARTMENTS, LONG_AGO, moment
from tests.pictures import photo
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.test_life import FIRST_COME

REFUSED_AT_BEST = {"wallet_transfer"}
"""No shipped document allows it; the refusal is its happiest answer."""
ANSWERS_FILE = Path(examples.__file__).parent / "answers.json"
BANK = {"bank": "0001", "branch": "001", "kind": "1", "number": "1234567", "holder_kana": "カ)カクウシヨウテン"}


def test_every_operation_is_called_once_happily(caller: Caller, rehearsal_key: str) -> None:
    _rehearse(caller, rehearsal_key)
    _sell_vouchers(caller)
    _stand_in_line(caller, rehearsal_key)
    _walk(caller)
    _give_benefits(caller)
    _pay_and_settle(caller)
    _confirm_commuters(caller)
    _say_and_see(caller)
    _enter_code(caller)
    _end_the_year(caller)
    assert OPERATIONS.keys() - caller.heard.keys() == REFUSED_AT_BEST
    heard = {name: {status: shortened(said) for status, said in told.items()} for name, told in caller.heard.items()}
    if os.environ.get("MEGURI_WRITE_ANSWERS"):
        text = json.dumps(heard, ensure_ascii=False, indent=1, sort_keys=True)
        ANSWERS_FILE.write_text(f"{text}\n", encoding="utf-8")
    assert members(ANSWERS) == members(heard), "run this test with MEGURI_WRITE_ANSWERS=1, and look at what changed"


def shortened(said: Any, name: str = "") -> Any:
    """An answer as an example: the first of each list, no long text, no token."""
    if isinstance(said, dict):
        return {key: shortened(value, key) for key, value in said.items()}
    if isinstance(said, list):
        return [shortened(each) for each in said[:1]]
    if isinstance(said, str) and (name == "token" or len(said) > 200):
        return f"{said[:20]}…"
    return said


def members(said: Any) -> Any:
    """The names in an answer, without its values."""
    if isinstance(said, dict):
        return {key: members(value) for key, value in said.items()}
    return [members(each) for each in said] if isinstance(said, list) else ...


def _programme(caller: Caller, family: str) -> str:
    listed = caller.call("programmes_list", by=caller.town.makers["commerce"])
    return str(next(row["programme"] for row in listed if row["family"] == family))


def _rehearse(caller: Caller, key: str) -> None:
    """Register people, shops and a company; become them; move the clock; draft, submit and launch one more document."""
    town = caller.town
    caller.call("rehearsal_set_clock", {"at": moment(7, 1)}, by=key)
    person = {
        "key": "r1", "number": "1", "household_number": "1", "birth_date": "1990-01-01", "ward": "minato",
        "moved_in": "2000-01-01", "tax_class": "exempt", "sealed": {"name": "架空 花子"},
    }  # fmt: skip
    (made,) = caller.call("rehearsal_residents", {"residents": [person]}, by=key)["residents"]
    theirs = caller.call("rehearsal_token", {"role": "resident", "party": made["resident"]}, by=key)["token"]
    wallet = caller.call("wallet_open", {"device": "phone"}, by=theirs)["wallet"]
    assert wallet == made["resident"]
    shop = {
        "key": "s1", "name_ja": "架空食堂", "name_en": "Invented Diner", "trade": "76", "area": "minato",
        "size_class": "small", "floor_area": 40, "address": "架空1-1",
        "merchant": {"key": "m1", "name_ja": "架空商会", "kana": "カクウシヨウカイ", "sealed": {"bank_account": BANK}},
    }  # fmt: skip
    (named,) = caller.call("rehearsal_shops", {"shops": [shop]}, by=key)["shops"]
    assert len(named["shop_code"]) == 12
    caller.call("rehearsal_sponsors", {"sponsors": [{"key": "p", "name_ja": "架空社", "name_en": "Invented"}]}, by=key)
    assert caller.call("shops_close", {"shop": named["shop"]}, by=key) == {"done": True}
    _launch_another(caller)
    system = town.actor(ActorRole.SYSTEM)
    for code, (ja, en) in DEPARTMENTS.items():
        parties.open_department(code=code, name_ja=ja, name_en=en, by=system, at=LONG_AGO)
    for _ in range(2):
        parties.appoint(officer=uuid4(), role=ActorRole.ACCOUNTANT, department="accounting", by=system, at=LONG_AGO)
    voice = {"role": "accountant", "department": "accounting"}
    first, second = (caller.call("rehearsal_token", voice | more, by=key)["token"] for more in ({}, {"second": True}))
    assert first != second
    assert caller.refused("rehearsal_token", voice | {"role": "analyst"}, by=key)["code"] == "no_such_officer"


def _launch_another(caller: Caller) -> None:
    terms = msgspec.structs.replace(next(t for t in shipped().values() if t.family == "point"), code="another")
    maker, checker = caller.town.makers["planning"], caller.town.checkers["planning"]
    which = caller.call("programmes_draft", {"document": write_terms(terms).decode()}, by=maker)
    caller.call("programmes_submit", which, by=maker)
    assert caller.refused("programmes_launch", which, by=maker)["code"] == "not_allowed"
    caller.call("programmes_launch", which, by=checker)
    assert 'code = "another"' in caller.call("programmes_terms", which, by=maker)["document"]
    fund = next(fund for fund in terms.funds if fund.funder not in ("buyers", "sponsor")).code
    caller.call("budget_appropriate", which | {"fund": fund, "amount_yen": 1_000}, by=checker)
    assert caller.refused(
        "budget_appropriate", which | {"fund": "none", "amount_yen": 1_000}, by=checker
    )["field"] == "fund"
    assert {row["name"] for row in caller.call("programmes_templates")} == set(templates())


def _sell_vouchers(caller: Caller) -> None:
    town, which = caller.town, {"programme": _programme(caller, "voucher")}
    checker = town.checkers["commerce"]
    set_clock(town, moment(7, 20))
    named = {"ja": "9月4日の日経平均株価の終値", "en": "the Nikkei's close on 4 September"}
    sale = caller.call("vouchers_open_sale", which | {"value_named": named}, by=checker)["sale"]
    set_clock(town, moment(8, 1))
    promised = sale_page(UUID(sale), municipality=town.municipality).value_named
    assert promised == Both(named["ja"], named["en"])
    applied = caller.call("vouchers_apply", which | {"units": 2}, by=town.resident)
    assert caller.call("vouchers_apply", which | {"units": 2}, by=town.resident) == applied
    set_clock(town, moment(8, 18))
    assert len(caller.call("vouchers_close", which, by=checker)["list_hash"]) == 64
    set_clock(town, moment(9, 5))
    assert caller.call("vouchers_draw", which | {"public_value": "42580.27"}, by=checker) == {"won": 1, "lost": 0}
    set_clock(town, moment(10, 2))
    order = _choose_a_way(caller, applied["application"])
    bought = caller.call("vouchers_purchase", applied, by=town.resident)
    assert bought["face_yen"] > 0
    assert caller.call("vouchers_purchase", applied, by=town.resident) == bought
    assert caller.call("vouchers_see_order", order, by=town.resident)["state"] == "replaced"
    receipt = caller.call("vouchers_receipt", applied, by=town.resident)
    assert (receipt["face_yen"], receipt["posting"]) == (bought["face_yen"], bought["posting"])
    _put_on_paper(caller, UUID(which["programme"]), posting=UUID(bought["posting"]))


def _choose_a_way(caller: Caller, application: str) -> dict[str, str]:
    """What is due and how it can be paid; a slip, then a card instead of it."""
    by = caller.town.resident
    (mine,) = caller.call("vouchers_applications", by=by)
    assert (mine["state"], mine["ways"], mine["to_pay_yen"]) == ("won", ["counter", "slip", "card"], 20_000)
    slip = caller.call("vouchers_order", {"application": application, "way": "slip"}, by=by)
    assert (slip["state"], slip["amount_yen"], len(slip["slip_number"])) == ("open", 20_000, 13)
    card = {"order": caller.call("vouchers_order", {"application": application, "way": "card"}, by=by)["order"]}
    page = caller.call("vouchers_prepare_page", card, by=by)["page"]
    assert page.startswith("http://")
    listed = caller.call("vouchers_orders", {"application": application}, by=by)
    assert [(each["way"], each["state"], each["page"]) for each in listed] == [
        ("card", "open", page), ("slip", "replaced", ""),
    ]  # fmt: skip
    return card


def _stand_in_line(caller: Caller, key: str) -> None:
    """Another sale, first come, first served, after the drawn one."""
    town = caller.town
    maker, checker = town.makers["commerce"], town.checkers["commerce"]
    terms = changed(VOUCHER, {path.replace("__", "."): value for path, value in FIRST_COME.items()} | {"code": "first"})
    which = caller.call("programmes_draft", {"document": write_terms(terms).decode()}, by=maker)
    caller.call("programmes_submit", which, by=maker)
    caller.call("programmes_launch", which, by=checker)
    sale = caller.call("vouchers_open_sale", which, by=checker)
    assert caller.call("line_see", sale | {"town": town.municipality})["last"] == 0
    first = caller.ask("line_come", sale | {"units": "２口"}, by=town.resident)
    again = caller.ask("line_come", sale | {"units": 2}, by=town.resident)
    assert (first.status_code, again.status_code) == (201, 200)
    mine = json.loads(first.content)
    assert mine == json.loads(again.content)
    assert (mine["number"], mine["state"], mine["ahead"]) == (1, "waiting", 0)
    allot(sale=UUID(sale["sale"]), by=office(town.municipality), at=moment(10, 2))
    turn = caller.call("line_place", sale | {"ticket": mine["ticket"]})
    assert (turn["state"], turn["units_won"], turn["ticket"]) == ("allotted", 2, mine["ticket"])
    chosen = {"application": turn["application"], "way": "card"}
    order = {"order": caller.call("vouchers_order", chosen, by=town.resident)["order"]}
    for _ in "12":
        assert caller.call("rehearsal_tell_of_payment", order | {"kind": "final"}, by=key) == {"done": True}
    assert caller.call("vouchers_see_order", order, by=town.resident)["served"]
    at_counter = which | {"round": "first", "resident": town.other, "units": 1}
    sold = caller.call("vouchers_sell_at_counter", at_counter, by=maker)
    assert caller.call("vouchers_sell_at_counter", at_counter, by=maker) == sold


def _put_on_paper(caller: Caller, programme: UUID, *, posting: UUID) -> None:
    """What was bought is handed over in two printed booklets."""
    maker, at = caller.town.makers["commerce"], moment(10, 2)
    run = print_runs.order_print_run(programme=programme, face_yen=1_000, booklets=2, by=maker, at=at)
    print_runs.approve_print_run(run, by=caller.town.checkers["commerce"], at=at)
    covers = [Serial(caller.town.municipality, 1, number) for number in (1, 2)]
    hand_over(posting=posting, booklets=covers, by=maker, at=at)
    printed = print_runs.print_notes(run, first=1, last=1, form="pdf", because="x", by=maker, at=at)
    caller.notes = [each.link for booklet in printed for each in booklet[1:]]


def _count_notes(caller: Caller) -> None:
    """Each scan has a verdict of its own; the same request again counts nothing twice."""
    asked = {"delivery": uuid4(), "notes": [*caller.notes[:3], caller.notes[0], "x"]}
    made = caller.call("notes_count", asked, by=caller.town.at_small_shop)
    assert [row["state"] for row in made["notes"]] == ["counted"] * 3 + ["again", "refused"]
    assert (made["count"], made["yen"], made["notes"][4]["code"]) == (3, 3_000, "note_unreadable")
    again = caller.call("notes_count", asked, by=caller.town.at_small_shop)
    assert (again["count"], again["yen"]) == (3, 3_000)
    bill = {"delivery": uuid4(), "notes": caller.notes[3:5], "due_yen": 1_200}
    assert caller.refused("notes_count", bill, by=caller.town.at_small_shop)["code"] == "no_change"
    desk = caller.town.actor(ActorRole.OPERATOR)
    made = caller.call("notes_count", bill | {"no_change": True, "shop": caller.town.large_shop}, by=desk)
    assert (made["yen"], made["cash_yen"]) == (2_000, 0)


def _enter_code(caller: Caller) -> None:
    """A city's letter is entered once; the same person's second time is told apart and brings nothing."""
    town = caller.town
    at = datetime(2026, 3, 1, 3, tzinfo=UTC)
    set_clock(town, at)
    maker, checker = town.makers["commerce"], town.checkers["commerce"]
    document = f"{write_terms(templates()['katsuyama-2026']).decode()}\n[gifts]\nstep_yen = 500\n"
    which = caller.call("programmes_draft", {"document": document}, by=maker)
    caller.call("programmes_submit", which, by=maker)
    caller.call("programmes_launch", which, by=checker)
    letters = issue_codes(programme=UUID(which["programme"]), by=checker, at=at)
    (code,) = (letter.code for letter in letters if letter.resident == town.holder)
    before = caller.call("wallet_purses", by=town.resident)["total_yen"]
    first = caller.call("vouchers_enter_code", {"code": code}, by=town.resident)
    assert (first["programme"], first["yen"], first["replayed"]) == (which["programme"], 10_000, False)
    again = caller.call("vouchers_enter_code", {"code": code.lower()}, by=town.resident)
    assert again == first | {"replayed": True}
    assert caller.call("wallet_purses", by=town.resident)["total_yen"] == before + 10_000
    _give_by_code(caller)


def _give_by_code(caller: Caller) -> None:
    """One gift is looked at and taken by a neighbour, the other had back; then both codes are of no use."""
    town = caller.town
    neighbour = town.actor(ActorRole.RESIDENT, party=town.other)
    caller.call("wallet_open", {"device": "new"}, by=town.resident)
    rows = caller.call("wallet_purses", by=town.resident)["purses"]
    purse = next(row for row in rows if row["family"] == "voucher" and row["yen"] == 10_000)
    asked = {"purse_kind": purse["purse_kind"], "expires_at": purse["expires_at"], "amount_yen": 1_500, "request": "1"}
    made = caller.call("gifts_give", asked, by=town.resident)
    assert (made["state"], made["yen"]) == ("waiting", 1_500)
    assert made["code"] in made["link"]
    assert caller.call("gifts_give", asked, by=town.resident) == made
    other = caller.call("gifts_give", asked | {"request": "2"}, by=town.resident)
    shown = caller.call("gifts_look", {"code": made["code"]}, by=neighbour)
    assert (shown["yen"], shown["gift"]) == (1_500, made["gift"])
    taken = caller.call("gifts_take", {"code": made["code"].lower()}, by=neighbour)
    assert taken == {"gift": made["gift"], "yen": 1_500, "replayed": False}
    assert caller.call("gifts_take_back", {"gift": other["gift"]}, by=town.resident) == {"done": True}
    for code, told in ((made["code"], "gift_taken"), (other["code"], "gift_over"), ("2" * 16, "gift_code_unknown")):
        assert caller.refused("gifts_look", {"code": code}, by=town.actor(ActorRole.RESIDENT))["code"] == told
    listed = caller.call("gifts_list", by=town.resident)["gifts"]
    assert {row["gift"]: row["state"] for row in listed} == {made["gift"]: "taken", other["gift"]: "returned"}
    assert {row["code"] for row in listed} == {""}
    kinds = [row["kind"] for row in caller.call("wallet_history", by=town.resident)["movements"]]
    assert kinds[:3] == ["return_gift", "give", "give"]


def _walk(caller: Caller) -> None:
    town, maker = caller.town, caller.town.makers["planning"]
    which = {"programme": _programme(caller, "point")}
    set_clock(town, town.at)
    opened = {row["code"] for row in caller.call("points_open_actions", which, by=maker)["actions"]}
    assert {"bus", "check-up", "walk"} <= opened
    name = {"name_ja": "病院前", "name_en": "Hospital"}
    stop = caller.call("points_open_place", which | {"action": "bus"} | name, by=maker)["place"]
    assert caller.call("points_open_place", which | {"action": "bus"} | name, by=maker)["place"] == stop
    there = caller.call("points_place_code", which | {"action": "bus", "place": stop}, by=maker)["code"]
    code = caller.call("points_place_code", which | {"action": "bus"}, by=maker)["code"]
    assert there.partition("-")[0] != code.partition("-")[0]
    told = caller.call("points_record_action", which | {"action": "bus", "code": code}, by=town.resident, key="bus")
    assert told["state"] == "granted"
    again = caller.call("points_record_action", which | {"action": "bus", "code": code}, by=town.resident, key="bus")
    assert again == told
    held = caller.call("points_record_action", which | {"action": "check-up"}, by=town.resident, key="check-up")
    assert held["granted_yen"] == 0
    assert caller.call("points_attest", {"record": held["record"]}, by=maker)["granted_yen"] > 0
    rally = next(row for row in caller.call("points_missions", by=town.resident) if row["kind"] == "places")
    assert (rally["done"], rally["completed"], rally["got_yen"]) == (1, 0, 0)
    assert [each["name_ja"] for each in rally["places"] if not each["reached"]] == ["病院前"]
    _deliver(caller, which, maker=maker)
    _bring_steps(caller)
    _send_photos(caller, which, maker=maker)


def _deliver(caller: Caller, which: dict[str, str], *, maker: Actor) -> None:
    """What many did, each with an answer of its own, in order; sent again under its number it is the same deed."""
    person = {"resident": str(caller.town.holder)}
    deeds = [
        {"number": "1", "action": "walk", **person}, {"number": "2", "action": "walk", "resident": str(uuid4())},
        {"number": "3", "action": "fly", **person}, {"number": "4", "action": "walk", **person},
        {"number": "1", "action": "walk", **person}, {"number": "1", "action": "my-bottle", **person},
    ]  # fmt: skip
    answers = caller.call("points_deliver", which | {"deeds": deeds}, by=maker)["answers"]
    assert [answer["number"] for answer in answers] == ["1", "2", "3", "4", "1", "1"]
    assert [answer["code"] or answer["state"] for answer in answers] == [
        "granted", "action_resident_unknown", "action_not_open", "action_ceiling_reached", "granted",
        "action_record_differs",
    ]  # fmt: skip
    assert answers[0]["record"] == answers[4]["record"]
    assert answers[2]["title"].startswith("「fly」")
    assert "fly" in answers[2]["title_en"]
    again = caller.call("points_deliver", which | {"deeds": deeds[:1]}, by=maker)["answers"]
    assert again == answers[:1]
    for wrong in ([], [deeds[0]] * 1_001, [deeds[0] | {"number": ""}]):
        assert caller.refused("points_deliver", which | {"deeds": wrong}, by=maker)["code"] == "malformed_request"
    mine = which | {"deeds": deeds}
    assert caller.refused("points_deliver", mine, by=caller.town.resident)["code"] == "not_allowed"


def _send_photos(caller: Caller, which: dict[str, str], *, maker: Actor) -> None:
    """A photo waits until somebody looked; sent again it is the same; another is sent when it is asked for."""
    sender, file = caller.town.resident, b64encode(photo(1)).decode()
    sent = which | {"action": "litter", "photo": file, "told": "架空"}
    made = caller.call("points_send_photo", sent, by=sender, key="litter")
    assert (made["state"], made["replayed"]) == ("held", False)
    again = caller.call("points_send_photo", sent, by=sender, key="litter")
    assert (again["record"], again["replayed"]) == (made["record"], True)
    other = sent | {"photo": b64encode(photo(2)).decode()}
    assert caller.refused("points_send_photo", other, by=sender, key="litter")["code"] == "action_record_differs"
    for spoilt, code in (("", "photo_missing"), ("%", "photo_broken"), ("JVBERg==", "photo_no_picture")):
        wrong = caller.refused("points_send_photo", sent | {"photo": spoilt}, by=sender, key="spoilt")
        assert (wrong["code"], wrong["field"]) == (code, "photo")
    assert caller.refused("points_send_photo", {"photo": file}, by=sender, key="x")["code"] == "action_not_open"
    assert caller.refused("points_attest", {"record": made["record"]}, by=maker)["code"] == "photo_not_this"
    (mine,) = caller.call("points_photos", by=sender)["photos"]
    assert (mine["record"], mine["is_asked"]) == (made["record"], False)
    assert [each["answer"] for each in mine["photos"]] == [""]
    waiting = photographed(UUID(made["record"]), municipality=caller.town.municipality).photos[0].id
    ask_for_another(record=UUID(made["record"]), photo=waiting, reason="ぼけています", by=maker, at=caller.town.at)
    (mine,) = caller.call("points_photos", by=sender)["photos"]
    assert (mine["is_asked"], mine["photos"][0]["reason"]) == (True, "ぼけています")
    more = {"record": made["record"], "photo": other["photo"]}
    assert caller.call("points_send_photo", more, by=sender, key="litter 2")["state"] == "held"
    assert caller.refused("points_send_photo", more, by=sender, key="litter 3")["code"] == "photo_none_asked"


def _bring_steps(caller: Caller) -> None:
    """A look counts nothing; a day counts once however often it is brought; what nobody walks is held."""
    on = caller.town.at.date()
    days = [{"day": str(on), "steps": 8_000}, {"day": str(on - timedelta(days=1)), "steps": 10_000_000}]
    walker = caller.town.resident
    ahead = caller.call("points_bring_steps", {"days": days, "look": True}, by=walker)
    assert ([each["state"] for each in ahead["days"]], ahead["counted"]) == (["new", "held_ahead"], False)
    for _ in range(2):
        made = caller.call("points_bring_steps", {"days": days}, by=walker)
        assert [(each["state"], each["yen"]) for each in made["days"]] == [("granted", 10), ("held", 10)]
    assert "歩数" in made["days"][1]["title"]
    late = {"days": [{"day": "2025-01-01", "steps": 9_000}]}
    assert caller.refused("points_bring_steps", late, by=walker)["code"] == "steps_no_days"


def _give_benefits(caller: Caller) -> None:
    town, which = caller.town, {"programme": _programme(caller, "benefit")}
    maker, checker = town.makers["welfare"], town.checkers["welfare"]
    child = parties.ResidentEntry(
        birth_date=(moment(6, 1) - timedelta(days=2_000)).date(), ward="minato", moved_in=moment(6, 1).date(),
        household_number="h0", id=uuid4(),
    )  # fmt: skip
    parties.register_residents([child], by=town.actor(ActorRole.SYSTEM), at=LONG_AGO)
    set_clock(town, moment(10, 1))
    rows = [{"resident": child.id, "recipient": town.holder, "amount_yen": 10_000}]
    list_asked = which | {"rows": rows, "declared_count": 1, "declared_total_yen": 10_000, "propose": True}
    given = caller.call("benefits_import", list_asked, by=maker)
    (entitled,) = given["entitlements"]
    caller.call("benefits_decide", which, by=checker)
    caller.call(
        "benefits_choose", {"entitlement": entitled["entitlement"], "receipt": "local_money"}, by=town.resident
    )
    set_clock(town, moment(11, 10))
    assert caller.call("benefits_release", which, by=checker)["to_wallets"] == 1
    set_clock(town, town.at)


def _pay_and_settle(caller: Caller) -> None:
    town = caller.town
    set_clock(town, moment(11, 12) + timedelta(hours=1))  # after the walk, so that the newest is always the same
    town.give("points", 2_000)
    paid = caller.pay(500)
    assert sum(part["yen"] for part in paid["taken"]) == 500
    quoted = caller.call("payments_quote", {"shop": town.small_shop, "amount_yen": 100}, by=town.resident)
    assert quoted["short_yen"] == 0
    assert quoted["shown"]
    assert caller.call("payments_see", {"payment": paid["payment"]}, by=town.resident)["status"] == "paid"
    lost: Any = {"by": town.at_small_shop, "key": "lost-1"}
    assert caller.call("payments_outcome", **lost)["state"] == "unknown"
    assert caller.call("payments_end", **lost)["state"] == "ended"
    caller.call("payments_refund", {"payment": paid["payment"], "reason": "返品"}, by=town.at_small_shop)
    assert caller.call("payments_see", {"payment": paid["payment"]}, by=town.at_small_shop)["status"] == "refunded"
    caller.pay(700)
    day = caller.call("till_day", by=town.at_small_shop)
    assert (day["payments"], day["refunds"], day["takings_yen"]) == (2, 1, 700)
    _count_notes(caller)
    first, second = (town.actor(ActorRole.ACCOUNTANT, department="accounting") for _ in "12")
    set_paying_account(
        by=first, at=town.at, payer_code="1234567890", payer_name="メグリチョウ", bank="0001", branch="001",
        number="7654321",
    )  # fmt: skip
    for shop in (town.small_shop, town.large_shop):
        seal(shop, {Field.BANK_ACCOUNT: BANK}, by=town.actor(ActorRole.SYSTEM), at=town.at)
    set_clock(town, moment(11, 13))
    run = caller.call("settlement_run", {"cutoff": moment(11, 13)}, by=first)
    assert caller.call("settlement_list", by=first)[0]["settlement"] == run["settlement"]
    typed = {
        "settlement": run["settlement"], "confirmed_count": run["payouts_count"], "confirmed_yen": run["payouts_yen"],
    }  # fmt: skip
    assert run["payouts_count"] > 0
    caller.refused("settlement_approve", typed, by=first)
    caller.refused("settlement_approve", typed | {"confirmed_yen": run["payouts_yen"] + 1}, by=second)
    assert caller.call("settlement_approve", typed, by=second)["amount_yen"] == run["payouts_yen"]
    too_late = {"settlement": run["settlement"], "year_before": True}  # the closing period was in April and May
    assert caller.refused("settlement_hand_over", too_late, by=second)["code"] == "year_dating_late"
    sent = caller.call("settlement_hand_over", {"settlement": run["settlement"]}, by=second)
    assert sent["state"] == "sent"


def _end_the_year(caller: Caller) -> None:
    """One accountant proposes, thinks again, proposes anew; another confirms."""
    set_clock(caller.town, datetime(2026, 4, 2, 3, tzinfo=UTC))
    first, second = (caller.town.actor(ActorRole.ACCOUNTANT, department="accounting") for _ in "12")
    assert [row["year"] for row in caller.call("years_list", by=first)] == [2026, 2025]
    seen = caller.call("years_see", {"number": 2025}, by=first)
    assert (seen["state"], seen["next_state"], seen["next_from"]) == ("open", "closing", "2026-04-01")
    step = {"year": 2025, "state": "closing"}
    typed = step | {"confirmed_yen": seen["remains"]["unpaid_yen"]}
    wrong = step | {"confirmed_yen": seen["remains"]["unpaid_yen"] + 1}
    assert caller.refused("years_propose", wrong, by=first)["code"] == "year_unpaid_wrong"
    caller.call("years_propose", typed, by=first)
    assert caller.call("years_withdraw", step, by=first)["proposed_by"] is None
    assert caller.call("years_propose", typed, by=first)["proposed_by"] == str(first.party)
    assert caller.refused("years_confirm", typed, by=first)["code"] == "checker_is_maker"
    ended = caller.call("years_confirm", typed, by=second)
    (taken,) = ended["steps"]
    assert (ended["state"], taken["proposed_by"], taken["confirmed_by"]) == (
        "closing", str(first.party), str(second.party),
    )  # fmt: skip


def _confirm_commuters(caller: Caller) -> None:
    """One said it by phone, another stands at the desk without one: neither is told by name."""
    town, maker = caller.town, caller.town.makers["commerce"]
    said = parties.declare_commuter(
        kind="work", place="架空製作所", name="外山 通", birth_date=date(1990, 6, 15),
        by=town.actor(ActorRole.RESIDENT), at=town.at,
    )
    (row,) = caller.call("commuters_list", by=maker)
    assert (row["commuter"], row["state"], "外山" in str(row)) == (str(said), "waiting", False)
    proved = {"proof": "employee_card", "first_day": "2025-04-01", "last_day": "2026-03-31"}
    confirmed = caller.call("commuters_confirm", proved | {"commuter": said}, by=maker)
    assert (confirmed["state"], confirmed["recorded_by"]) == ("confirmed", None)
    assert caller.refused("commuters_confirm", proved | {"commuter": said}, by=maker)["code"] == "commuter_decided"
    typed = proved | {"kind": "study", "name": "架空 学", "birth_date": "2004-05-06", "place": "架空大学"}
    recorded = caller.call("commuters_record", typed, by=maker)
    assert (recorded["state"], recorded["recorded_by"], recorded["decided_by"]) == (
        "confirmed", str(maker.party), str(maker.party),
    )  # fmt: skip
    assert caller.refused("commuters_record", typed, by=maker)["code"] == "commuter_twice"
    assert caller.refused("commuters_record", typed, by=town.resident)["code"] == "not_allowed"


def _say_and_see(caller: Caller) -> None:
    town = caller.town
    week = {"household": uuid4(), "week": "2025-11-03", "inside_yen": 1_000, "outside_yen": 20_000}
    analyst = town.actor(ActorRole.ANALYST, department="planning")
    tree = {"code": "town", "name_ja": "めぐるまち", "name_en": "A town in motion", "children": [
        {"code": "walking", "name_ja": "歩く", "name_en": "Walk", "department": "planning"}]}  # fmt: skip
    caller.call("strategy_set_goals", tree, by=analyst)
    caller.call("strategy_link", {"programme": _programme(caller, "point"), "goals": ["walking"]}, by=analyst)
    cost = {
        "kind": "staff", "amount_yen": 100_000, "month": "2025-11-01", "source": "estimate", "note": "担当者の時間",
        "programme": _programme(caller, "point"),
    }  # fmt: skip
    booked = caller.call("strategy_book_cost", cost, by=analyst, key="1")
    assert caller.call("strategy_book_cost", cost, by=analyst, key="1") == booked
    assert caller.call("evidence_household_spending", {"rows": [week]}, by=analyst) == {"rows": 1}
    caller.call("notices_complain", {"text": "コードが読めませんでした"}, by=town.resident)
    assert caller.call("notices_inbox", by=town.resident)
    company = town.actor(ActorRole.PARTNER)
    assert company.party is not None
    told = NewEvent(company.party, "fund.loaded", 1, town.at, {"funds": [{"fund": str(company.party), "yen": 900_000}]})
    tell_partners([told], until=1, by=town.actor(ActorRole.SYSTEM), at=town.at)
    assert caller.call("partner_events", by=company)["last"] == 1
    assert caller.call("wallet_purses", by=town.resident)["total_yen"] > 0
    moved = caller.call("wallet_history", by=town.resident)["movements"]
    assert "refund_payment" in {row["kind"] for row in moved}
    caller.call("refusals_list")
    assert caller.refused("wallet_transfer", _transfer(caller), by=town.resident)["code"] == "transfer_not_permitted"
    caller.call("wallet_report_lost_phone", by=town.resident)
    assert caller.refused("codes_mint", by=town.resident)["code"] == "wallet_suspended"


def _transfer(caller: Caller) -> dict[str, object]:
    return {"receiver": caller.town.other, "amount_yen": 10, "request": "gift"}
