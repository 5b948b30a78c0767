"""Paying over the API: from the choice of a way to the receipt, once, one's own only, and each no by its name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from meguri.faces.api import orders as view
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.shipped import templates
from meguri.programmes.vouchers import operations
from meguri.programmes.vouchers.models import PaymentOrder
from meguri.programmes.vouchers.providers import PROVIDER_UNREACHABLE, NoticeKind, Told
from meguri.programmes.vouchers.providers.choosing import invented_provider
from meguri.words import clock
from meguri.words.actor import ActorRole
from tests.faces.api.conftest import Caller, set_clock, token
from tests.faces.office.lived import Office, moment
from tests.faces.resident.test_ordering import paying_town
from tests.town import Town, found_town

PAYING = moment(10, 10)
AFTER = moment(11, 2)
READS = ("vouchers_orders", "vouchers_see_order", "vouchers_receipt")


@pytest.fixture
def won(db: None, settings: LazySettings) -> tuple[Caller, Office, str]:
    """The holder has won two units for 20,000 yen; vouchers come with the shop's early notice."""
    town, office, _ = paying_town(settings, issued_on="early")
    caller = Caller(town)
    (mine,) = caller.call("vouchers_applications", by=town.resident)
    return caller, office, mine["application"]


def order(caller: Caller, application: str, way: str = "slip") -> Any:
    return caller.call("vouchers_order", {"application": application, "way": way}, by=caller.town.resident)


def tell(caller: Caller, ordered: Any, kind: str) -> Any:
    """The shop's notice as it comes over the wire, signed by the provider of invented towns."""
    reference = PaymentOrder.objects.get(id=ordered["order"]).reference
    told = Told(
        number=f"n-{uuid4()}", kind=NoticeKind(kind), reference=reference, payment=reference,
        amount_yen=ordered["amount_yen"], currency="JPY", paid_at=PAYING + timedelta(hours=1),
    )  # fmt: skip
    body, headers = invented_provider().send(told, at=clock.now())
    return caller.http.post(
        "/api/v1/payments/test/notices", body, content_type="application/json", headers=headers
    )  # fmt: skip


def held(town: Town) -> int:
    found = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    return sum(balance.amount for balance in found)


def test_a_slip_from_its_number_to_the_receipt(won: tuple[Caller, Office, str]) -> None:
    caller, _, application = won
    me = caller.town.resident
    made = order(caller, application)
    assert made["slip_number"].replace("-", "").isdecimal()
    assert made["pay_before"].startswith("2025-10-24T15:00")  # fourteen whole days
    slip = made["slip"]
    assert (len(slip["barcode"]), slip["last_day"], slip["most_yen"]) == (44, "2025-10-24", 300_000)
    assert re.sub(r"\D", "", "".join(slip["lines"])) == slip["barcode"]
    assert slip["barcode"][37:43] == "020000"
    assert slip["needs_stamp"] is False
    assert slip["svg"].startswith("<svg ")
    assert caller.refused("vouchers_receipt", {"application": application}, by=me)["code"] == "voucher_receipt_unknown"
    assert tell(caller, made, "early").status_code == 200
    seen = caller.call("vouchers_see_order", {"order": made["order"]}, by=me)
    assert (seen["state"], seen["served"], held(caller.town)) == ("early", True, 26_000)
    assert seen["slip"] is None, "what is paid is no barcode any more"
    tell(caller, made, "final")
    seen = caller.call("vouchers_see_order", {"order": made["order"]}, by=me)
    assert (seen["state"], seen["final_at"] is not None) == ("paid", True)
    receipt = caller.call("vouchers_receipt", {"application": application}, by=me)
    assert (receipt["price_yen"], receipt["face_yen"], receipt["paid_by"]) == (20_000, 26_000, "slip")
    assert {each["part"]: each["yen"] for each in receipt["parts"]} == {"paid": 20_000, "granted": 6_000}
    assert (receipt["order"], receipt["receipt_number"]) == (made["order"], "")
    posted = books.posting(UUID(receipt["posting"]), municipality=caller.town.municipality)
    assert posted is not None
    assert posted.template == "sell_voucher"
    (mine,) = caller.call("vouchers_applications", by=me)
    assert (mine["state"], mine["to_pay_yen"], mine["ways"], mine["pay_before"]) == ("purchased", 0, [], None)


def test_a_shop_that_takes_its_notice_back_is_told_and_so_is_a_refund(won: tuple[Caller, Office, str]) -> None:
    caller, _, application = won
    made = order(caller, application)
    tell(caller, made, "early")
    tell(caller, made, "withdrawn")
    seen = caller.call("vouchers_see_order", {"order": made["order"]}, by=caller.town.resident)
    assert (seen["state"], seen["served"], held(caller.town)) == ("withdrawn", False, 0)
    second = order(caller, application, "card")
    set_clock(caller.town, AFTER)
    operations.lapse_unpaid(
        sale=UUID(_sale(caller)), by=caller.town.checkers["commerce"], at=AFTER
    )  # fmt: skip
    late = Told(
        number="late", kind=NoticeKind.FINAL, reference=second["order"], payment="p", amount_yen=20_000,
        currency="JPY", paid_at=AFTER,
    )  # fmt: skip
    operations.take_notice(
        late, provider="test", by=caller.town.actor(ActorRole.SYSTEM), at=AFTER
    )  # fmt: skip
    seen = caller.call("vouchers_see_order", {"order": second["order"]}, by=caller.town.resident)
    assert seen["state"] == "to_refund"
    assert seen["because_en"] == "it was paid after the deadline"
    assert seen["because_ja"]


def _sale(caller: Caller) -> str:
    return str(caller.call("vouchers_applications", by=caller.town.resident)[0]["sale"])


def test_the_same_wish_is_the_same_order_and_another_way_replaces_it(won: tuple[Caller, Office, str]) -> None:
    caller, _, application = won
    first = order(caller, application)
    assert [order(caller, application) for _ in range(5)] == [first] * 5
    card = order(caller, application, "card")
    assert (card["slip_number"], card["slip"]) == ("", None)
    page = caller.call("vouchers_prepare_page", {"order": card["order"]}, by=caller.town.resident)["page"]
    assert page.endswith(f"/wallet/get/payments/{card['order']}/pretend")
    assert caller.call("vouchers_prepare_page", {"order": card["order"]}, by=caller.town.resident)["page"] == page
    listed = caller.call("vouchers_orders", {"application": application}, by=caller.town.resident)
    assert [(each["order"], each["state"]) for each in listed] == [
        (card["order"], "open"), (first["order"], "replaced"),
    ]  # fmt: skip
    assert PaymentOrder.objects.filter(application=application).count() == 2
    no = caller.refused("vouchers_prepare_page", {"order": first["order"]}, by=caller.town.resident)
    assert (no["code"], no["status"]) == ("payment_nothing_due", 409)


def test_what_was_bought_at_the_counter_has_the_papers_number(won: tuple[Caller, Office, str]) -> None:
    caller, _, application = won
    operations.sell_at_counter(
        application=UUID(application), by=caller.town.makers["commerce"], at=PAYING, units=1
    )  # fmt: skip
    receipt = caller.call("vouchers_receipt", {"application": application}, by=caller.town.resident)
    assert (receipt["receipt_number"], receipt["paid_by"], receipt["order"]) == ("2025-000001", "counter", None)
    assert (receipt["units"], receipt["price_yen"], receipt["face_yen"]) == (1, 10_000, 13_000)


@pytest.mark.parametrize(("way", "code", "field"), [
    ("counter", "payment_way_not_offered", "way"), ("gold", "malformed_request", "way"),
    ("", "malformed_request", "way"),
])  # fmt: skip
def test_a_way_that_is_none(won: tuple[Caller, Office, str], way: str, code: str, field: str) -> None:
    caller, _, application = won
    no = caller.refused("vouchers_order", {"application": application, "way": way}, by=caller.town.resident)
    assert (no["code"], no["field"], no["status"]) == (code, field, 422)
    assert not PaymentOrder.objects.exists()


@pytest.mark.parametrize(("at", "code"), [
    (moment(9, 20), "voucher_too_early"), (AFTER, "voucher_too_late"),
])  # fmt: skip
def test_outside_of_the_time_nothing_is_ordered(
    won: tuple[Caller, Office, str], at: datetime, code: str
) -> None:
    caller, _, application = won
    set_clock(caller.town, at)
    body = {"application": application, "way": "slip"}
    assert caller.refused("vouchers_order", body, by=caller.town.resident)["code"] == code
    assert not PaymentOrder.objects.exists()


def test_while_a_shop_has_the_money_nothing_else_is_ordered(settings: LazySettings, db: None) -> None:
    town, _, _ = paying_town(settings, issued_on="final")
    caller = Caller(town)
    (mine,) = caller.call("vouchers_applications", by=town.resident)
    made = order(caller, mine["application"])
    tell(caller, made, "early")
    body = {"application": mine["application"], "way": "card"}
    assert caller.refused("vouchers_order", body, by=town.resident)["code"] == "payment_under_way"
    tell(caller, made, "final")
    assert caller.refused("vouchers_order", body, by=town.resident)["code"] == "payment_nothing_due"
    assert held(town) == 26_000


def test_others_orders_and_receipts_are_not_there(won: tuple[Caller, Office, str]) -> None:
    caller, _, application = won
    made = order(caller, application)
    neighbour = caller.town.actor(ActorRole.RESIDENT, party=caller.town.other)
    names = {"application": application, "order": made["order"]}
    unknown = {"application": str(uuid4()), "order": str(uuid4())}
    for operation in (*READS, "vouchers_prepare_page", "vouchers_order"):
        wanted = ("order",) if operation in {"vouchers_see_order", "vouchers_prepare_page"} else ("application",)
        way = {"way": "slip"} if operation == "vouchers_order" else {}
        theirs = caller.refused(operation, {name: names[name] for name in wanted} | way, by=neighbour)
        nobodys = caller.refused(operation, {name: unknown[name] for name in wanted} | way, by=caller.town.resident)
        assert theirs == nobodys, "what is another's looks as if it were not there"
        assert theirs["status"] == 404
    assert caller.call("vouchers_applications", by=neighbour) == []
    assert PaymentOrder.objects.count() == 1


def test_only_a_resident_with_the_scope_orders(won: tuple[Caller, Office, str]) -> None:
    caller, _, application = won
    town, body = caller.town, {"application": application, "way": "slip"}
    for who in (town.at_small_shop, town.makers["commerce"], town.checkers["commerce"]):
        assert caller.refused("vouchers_order", body, by=who)["code"] == "not_allowed"
        assert caller.refused("vouchers_applications", by=who)["code"] == "not_allowed"
    narrow = token(town.resident, "voucher.apply")
    assert caller.refused("vouchers_order", body, by=narrow)["code"] == "scope_missing"
    assert caller.refused("vouchers_order", body)["code"] == "not_signed_in"
    exact = token(town.resident, "voucher.purchase")
    assert caller.call("vouchers_order", body, by=exact)["state"] == "open"


def test_a_card_company_that_is_away_says_when_to_ask_again(
    won: tuple[Caller, Office, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, _, application = won
    made = order(caller, application, "card")

    def away(**_: Any) -> str:
        raise PROVIDER_UNREACHABLE.refusal()

    monkeypatch.setattr(view.operations, "prepare_payment", away)
    answer = caller.ask("vouchers_prepare_page", {"order": made["order"]}, by=caller.town.resident)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert json.loads(answer.content)["code"] == "payment_provider_unreachable"


# --- two rounds side by side -----------------------------------------------------------------------------------------

EBINA = {"public_value": "35,000.00"}


def test_ebinas_two_books_are_applied_for_drawn_and_bought_apart(db: None, settings: LazySettings) -> None:
    """Common books at 125 %, books for small shops at 200 %, at the same time, each with a ceiling of its own."""
    town = found_town([templates()["ebina-2023"]], at=_in_2023(7, 1))
    settings.MUNICIPALITY = town.municipality
    caller, me, checker = Caller(town), town.resident, town.checkers["commerce"]
    (listed,) = caller.call("programmes_list", by=checker)
    which = {"programme": listed["programme"]}
    set_clock(town, _in_2023(8, 2))
    named = {"value_named": {"ja": "日経平均株価の終値", "en": "the Nikkei's close"}}
    opened = [caller.call("vouchers_open_sale", which | named, by=checker)["sale"] for _ in "12"]
    set_clock(town, _in_2023(8, 4))
    no = caller.refused("vouchers_apply", which | {"round": "small", "units": 3}, by=me)
    assert (no["code"], no["field"]) == ("voucher_too_many_units", "units")
    no = caller.refused("vouchers_apply", which | {"round": "large", "units": 1}, by=me)
    assert (no["code"], no["field"]) == ("voucher_sale_unknown", "round")
    wishes = {code: which | {"round": code, "units": 2} for code in ("common", "small")}
    made = {code: caller.call("vouchers_apply", wish, by=me) for code, wish in wishes.items()}
    assert made["common"] != made["small"]
    assert caller.call("vouchers_apply", which | {"units": 2}, by=me) == made["small"], "the newest, as ever"
    assert {each["sale"] for each in caller.call("vouchers_applications", by=me)} == set(opened)
    set_clock(town, _in_2023(10, 2))
    for place, code in enumerate(("common", "small")):
        assert caller.call("vouchers_close", which | {"round": code}, by=checker)["sale"] == opened[place]
        assert caller.call("vouchers_draw", which | {"round": code} | EBINA, by=checker) == {"won": 1, "lost": 0}
    set_clock(town, _in_2023(11, 2))
    due = {each["application"]: each["to_pay_yen"] for each in caller.call("vouchers_applications", by=me)}
    assert {code: due[made[code]["application"]] for code in made} == {"common": 8_000, "small": 3_000}
    for each in made.values():
        caller.call("vouchers_purchase", each, by=me)
    receipts = {code: caller.call("vouchers_receipt", each, by=me) for code, each in made.items()}
    assert {code: (each["price_yen"], each["face_yen"]) for code, each in receipts.items()} == {
        "common": (8_000, 10_000), "small": (3_000, 6_000),
    }  # fmt: skip
    assert held(town) == 16_000


def _in_2023(month: int, day: int) -> datetime:
    return datetime(2023, month, day, 3, tzinfo=UTC)
