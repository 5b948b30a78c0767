"""Bad input, one at a time: each is refused with its code, its field and both sentences, and nothing has moved."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from meguri.faces.api import interface, notices, saying_no
from meguri.faces.api.problems import MALFORMED
from meguri.notices.models import Complaint
from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes.vouchers.queries import sales
from meguri.rehearsal.driver_calls import NEEDED, OPTIONAL
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal, catalogue
from tests.faces.api.conftest import OPERATIONS, Caller, problem, set_clock, token
from tests.faces.office.lived import moment
from tests.town import Town

AMOUNTS = [
    (0, "amount_out_of_range"), (-1, "amount_out_of_range"), (10**9, "amount_out_of_range"),
    (10**30, "amount_out_of_range"), ("", "amount_missing"), ("千円", "amount_unreadable"),
    ("1.5", "amount_unreadable"), ("−5", "amount_unreadable"), ("０", "amount_out_of_range"),
    ("100000000000", "amount_out_of_range"),
]  # fmt: skip


@pytest.fixture
def rich(caller: Caller) -> Caller:
    caller.town.give("points", 5_000)
    return caller


def pay(caller: Caller, body: Any, *, key: str = "1") -> dict[str, Any]:
    return caller.refused("payments_pay", body, by=caller.town.at_small_shop, key=key)


@pytest.mark.parametrize(("amount", "code"), AMOUNTS)
def test_an_amount_that_is_none(rich: Caller, amount: object, code: str) -> None:
    no = pay(rich, {"amount_yen": amount, "code": rich.code()})
    assert (no["code"], no["field"]) == (code, "amount_yen")
    assert _holds(rich) == 5_000


@pytest.mark.parametrize("text", ["１２８０", "1,280円", " 1280 ", "¥1,280"])
def test_an_amount_as_people_type_it(rich: Caller, text: str) -> None:
    body = {"amount_yen": text, "code": rich.code()}
    assert rich.call("payments_pay", body, by=rich.town.at_small_shop, key="1")["amount_yen"] == 1_280


@pytest.mark.parametrize("wrong", [
    {}, {"amount_yen": 5.5}, {"amount_yen": None}, {"amount_yen": []}, {"amount_yen": {}}, {"code": "1"},
    {"amount_yen": 5, "code": 7}, {"amount_yen": 5, "code": None},
])  # fmt: skip
def test_a_body_that_does_not_fit(rich: Caller, wrong: dict[str, Any]) -> None:
    no = pay(rich, wrong)
    assert no["code"] == "malformed_request"
    assert no["field"]


@pytest.mark.parametrize("body", ["", "{", "nul", "[1]", '"x"', "\x00", '{"amount_yen": 1e999999}'])
def test_a_body_that_is_no_request(rich: Caller, body: str) -> None:
    headers = {"Authorization": f"Bearer {token(rich.town.resident)}"}
    answer = rich.http.post("/api/v1/complaints", body, content_type="application/json", headers=headers)
    assert problem(answer)["code"] == "malformed_request"


@pytest.mark.parametrize(("body", "field"), [
    ({"programme": "x", "units": 1}, "programme"), ({"programme": str(uuid4())}, "units"),
    ({"programme": str(uuid4()), "units": "many"}, "units"),
])  # fmt: skip
def test_the_field_to_mend_is_named(caller: Caller, body: dict[str, Any], field: str) -> None:
    no = caller.refused("vouchers_apply", body, by=caller.town.resident)
    assert (no["code"], no["field"]) == ("malformed_request", field)


def test_a_query_that_does_not_fit(caller: Caller) -> None:
    for query in ({"after": "x"}, {"limit": "many"}, {"limit": "9" * 5_000}):
        no = caller.refused("wallet_history", query, by=caller.town.resident)
        assert (no["code"], no["field"]) == ("malformed_request", next(iter(query)))
    assert caller.call("wallet_history", {"limit": -5}, by=caller.town.resident)["next"] is None
    day = caller.refused("till_day", {"on": "9999-12-31"}, by=caller.town.at_small_shop)
    assert day["code"] == "malformed_request"


@pytest.mark.parametrize(("text", "code"), [("a\x00b", "unusable_sign"), ("\ud800", "malformed_request")])
def test_a_sign_that_no_text_holds(caller: Caller, text: str, code: str) -> None:
    assert caller.refused("notices_complain", {"text": text}, by=caller.town.resident)["code"] == code


def test_a_number_that_no_column_holds(caller: Caller) -> None:
    which = {"programme": next(iter(caller.call("programmes_list", by=caller.town.makers["welfare"])))["programme"]}
    assert caller.refused("vouchers_apply", which | {"units": 10**30}, by=caller.town.resident)["status"] < 500


def test_a_body_that_is_too_large(caller: Caller) -> None:
    no = caller.refused("notices_complain", {"text": "長" * 1_000_000}, by=caller.town.resident)
    assert (no["code"], no["status"]) == ("body_too_large", 413)


def test_an_empty_complaint(caller: Caller) -> None:
    assert caller.refused("notices_complain", {"text": " "}, by=caller.town.resident)["field"] == "text"


def test_codes_are_good_once_and_for_a_minute(rich: Caller, town: Town) -> None:
    first, late = rich.code(), rich.code()
    assert (
        rich.ask("payments_pay", {"amount_yen": 10, "code": first}, by=town.at_small_shop, key="a").status_code == 201
    )
    no = pay(rich, {"amount_yen": 10, "code": first}, key="b")
    assert no["status"] == 409
    set_clock(town, town.at + timedelta(seconds=61))
    no = pay(rich, {"amount_yen": 10, "code": late}, key="c")
    assert (no["code"], no["field"]) == ("code_expired", "code")
    assert _holds(rich) == 4_990


@pytest.mark.parametrize(("code", "refusal"), [
    ("", "code_unreadable"), ("123", "code_unreadable"), ("0" * 30, "code_mistyped"),
    ("https://evil.example/m/1", "code_foreign"), ("10" + "0" * 26 + "74", "code_unknown"),
])  # fmt: skip
def test_a_code_that_is_none(rich: Caller, code: str, refusal: str) -> None:
    if refusal == "code_unknown":
        digits = "10" + "5" * 26
        code = f"{digits}{98 - int(digits) * 100 % 97:02}"
    assert pay(rich, {"amount_yen": 10, "code": code})["code"] == refusal


def test_shops_that_do_not_take_money(rich: Caller, town: Town) -> None:
    body = {"amount_yen": 10, "code": rich.code()}
    stranger = town.actor(ActorRole.CLERK, shop=uuid4())
    assert rich.refused("payments_pay", body, by=stranger, key="1")["code"] == "shop_not_registered"
    phone = {"amount_yen": 10, "shop_code": "000000000001"}
    assert rich.refused("payments_pay", phone, by=town.resident, key="1")["code"] == "shop_not_registered"
    quote = {"shop": uuid4(), "amount_yen": 10}
    assert rich.refused("payments_quote", quote, by=town.resident)["field"] == "shop"
    parties.set_shop_status(town.small_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
    no = pay(rich, body)
    assert (no["code"], no["field"]) == ("shop_not_accepting", "shop")
    assert _holds(rich) == 5_000


def test_more_than_the_wallet_holds(rich: Caller) -> None:
    no = pay(rich, {"amount_yen": 5_001, "code": rich.code()})
    assert (no["code"], no["field"], no["facts"]["short"]) == ("payment_short", "amount_yen", 1)


@pytest.mark.parametrize("operation", ["payments_pay", "points_record_action"])
@pytest.mark.parametrize("key", ["", "x" * 101])
def test_the_clients_own_number_is_asked_for(rich: Caller, operation: str, key: str) -> None:
    body: dict[str, Any] = {"amount_yen": 10, "code": rich.code()}
    by = rich.town.at_small_shop
    if operation == "points_record_action":
        body, by = {"programme": uuid4(), "action": "walk"}, rich.town.resident
    no = rich.refused(operation, body, by=by, key=key)
    assert (no["code"], no["field"]) == ("no_idempotency_key", "Idempotency-Key")


def test_the_same_number_again_is_the_same_payment(rich: Caller, town: Town) -> None:
    body = {"amount_yen": 10, "code": rich.code()}
    first = rich.ask("payments_pay", body, by=town.at_small_shop, key="1")
    again = rich.ask("payments_pay", body, by=town.at_small_shop, key="1")
    assert (first.status_code, again.status_code) == (201, 200)
    one, two = json.loads(first.content), json.loads(again.content)
    assert (one.pop("status"), two.pop("status")) == ("paid", "paid_before")
    assert one == two
    other = pay(rich, body | {"amount_yen": 11}, key="1")
    assert other["code"] == "key_reused"
    assert _holds(rich) == 4_990


def test_payments_of_others_are_not_there(rich: Caller, town: Town) -> None:
    paid = {"payment": rich.pay(10)["payment"]}
    for by in (town.at_large_shop, town.actor(ActorRole.RESIDENT, party=town.other), town.actor(ActorRole.OWNER)):
        assert rich.refused("payments_see", paid, by=by)["code"] == "payment_unknown"
    back = paid | {"reason": "x"}
    assert rich.refused("payments_refund", back, by=town.at_large_shop)["code"] == "payment_unknown"
    once, again = (rich.call("payments_refund", back, by=town.at_small_shop) for _ in "12")
    assert once == again
    assert _holds(rich) == 5_000


def test_a_refund_in_part_is_asked_for_by_its_own_number(rich: Caller, town: Town) -> None:
    paid = {"payment": rich.pay(100)["payment"]}
    part = paid | {"reason": "x", "amount_yen": 30}
    assert rich.refused("payments_refund", part, by=town.at_small_shop)["code"] == "refund_number_missing"
    for key in ("1", "1", "2"):
        assert rich.ask("payments_refund", part, by=town.at_small_shop, key=key).status_code == 200
    assert _holds(rich) == 4_960
    seen = rich.call("payments_see", paid, by=town.at_small_shop)
    assert (seen["status"], seen["refunded_yen"]) == ("refunded_in_part", 60)
    no = json.loads(rich.ask("payments_refund", part | {"amount_yen": 41}, by=town.at_small_shop, key="3").content)
    assert (no["code"], no["facts"]["available"]) == ("refund_exceeds_payment", 40)
    rich.call("payments_refund", paid | {"reason": "x"}, by=town.at_small_shop)
    assert rich.call("payments_see", paid, by=town.at_small_shop)["status"] == "refunded"
    assert _holds(rich) == 5_000


@pytest.mark.parametrize(("operation", "body", "role"), [
    ("programmes_draft", {"document": "not toml ["}, "maker"), ("programmes_draft", {"document": ""}, "maker"),
    ("programmes_submit", {"programme": uuid4()}, "maker"), ("programmes_launch", {"programme": uuid4()}, "checker"),
    ("programmes_terms", {"programme": uuid4()}, "maker"),
    ("budget_appropriate", {"programme": uuid4(), "fund": "x", "amount_yen": 1}, "checker"),
    ("vouchers_open_sale", {"programme": uuid4()}, "checker"),
    ("vouchers_apply", {"programme": uuid4(), "units": 1}, "resident"),
    ("vouchers_draw", {"programme": uuid4(), "public_value": "1"}, "checker"),
    ("vouchers_purchase", {"application": uuid4()}, "resident"),
    ("points_open_actions", {"programme": uuid4()}, "maker"),
    ("points_place_code", {"programme": uuid4(), "action": "x"}, "maker"),
    ("points_open_place", {"programme": uuid4(), "action": "x", "name_ja": "駅", "name_en": "S"}, "maker"),
    ("points_record_action", {"programme": uuid4(), "action": "x"}, "resident"),
    ("points_attest", {"record": uuid4()}, "maker"),
    ("benefits_import", {"programme": uuid4(), "rows": [], "declared_count": 0, "declared_total_yen": 0}, "maker"),
    ("benefits_decide", {"programme": uuid4()}, "checker"), ("benefits_release", {"programme": uuid4()}, "checker"),
    ("benefits_choose", {"entitlement": uuid4(), "receipt": "bank"}, "resident"),
    ("benefits_choose", {"entitlement": uuid4(), "receipt": "gold"}, "resident"),
    ("wallet_transfer", {"receiver": uuid4(), "amount_yen": 0, "request": "1"}, "resident"),
    ("wallet_transfer", {"receiver": uuid4(), "amount_yen": 1, "request": "1"}, "resident"),
    ("gifts_give", {"purse_kind": uuid4(), "amount_yen": 10**30, "request": ""}, "resident"),
    ("gifts_give", {"purse_kind": uuid4(), "amount_yen": 5, "request": "1", "expires_at": "2026-01-31T00:00:00"},
     "resident"),
    ("gifts_take_back", {"gift": uuid4()}, "resident"), ("gifts_take", {"code": "\0"}, "resident"),
    ("gifts_look", {"code": "2345-6789-ABCD-EFGH"}, "resident"),
    ("settlement_approve", {"settlement": uuid4(), "confirmed_count": 1, "confirmed_yen": 1}, "accountant"),
    ("years_see", {"number": 1867}, "accountant"), ("years_see", {"number": 10**9}, "accountant"),
    ("years_propose", {"year": 2025, "state": "closing", "confirmed_yen": 0}, "accountant"),
    ("years_confirm", {"year": 2024, "state": "closing", "confirmed_yen": 0}, "accountant"),
    ("years_withdraw", {"year": 2025, "state": "closing"}, "accountant"),
    ("years_withdraw", {"year": 2025, "state": "open"}, "accountant"),
    ("payments_refund", {"payment": uuid4(), "reason": ""}, "clerk"), ("payments_see", {"payment": uuid4()}, "clerk"),
    ("evidence_household_spending", {"rows": [{"household": uuid4(), "week": "2025-11-04", "inside_yen": -1,
                                               "outside_yen": 1}]}, "analyst"),
])  # fmt: skip
def test_what_is_not_there_or_makes_no_sense(caller: Caller, operation: str, body: dict[str, Any], role: str) -> None:
    town = caller.town
    by = {
        "maker": town.makers["commerce"], "checker": town.checkers["commerce"], "resident": town.resident,
        "clerk": town.at_small_shop,
    }.get(role) or town.actor(ActorRole(role), department="planning")  # fmt: skip
    assert caller.refused(operation, body, by=by, key="1")["status"] < 500


@pytest.mark.parametrize(("named", "code", "field"), [
    ({}, "voucher_value_not_named", "value_named"),
    ({"value_named": {"ja": "株価の終値", "en": " "}}, "voucher_value_not_named", "value_named"),
    ({"value_named": {"ja": "株価の終値"}}, "malformed_request", "value_named.en"),
    ({"value_named": {"ja": "株" * 301, "en": "a"}}, "malformed_request", "value_named.ja"),
])  # fmt: skip
def test_a_draw_that_promises_nothing_does_not_open(
    caller: Caller, town: Town, named: dict[str, Any], code: str, field: str
) -> None:
    set_clock(town, moment(7, 20))
    checker = town.checkers["commerce"]
    listed = caller.call("programmes_list", by=checker)
    which = {"programme": next(row["programme"] for row in listed if row["family"] == "voucher")}
    no = caller.refused("vouchers_open_sale", which | named, by=checker)
    assert (no["code"], no["field"]) == (code, field)
    assert sales(town.municipality) == ()


def test_no_amount_of_zero_slips_into_a_list(caller: Caller, town: Town) -> None:
    listed = caller.call("programmes_list", by=town.makers["welfare"])
    benefit = next(row["programme"] for row in listed if row["family"] == "benefit")
    body = {
        "programme": benefit, "rows": [{"resident": town.holder, "amount_yen": 0}], "declared_count": 1,
        "declared_total_yen": 0,
    }  # fmt: skip
    assert caller.refused("benefits_import", body, by=town.makers["welfare"])["status"] < 500


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v1/", "/api/v1/payments/x"])
def test_an_address_that_nobody_answers(caller: Caller, path: str) -> None:
    headers = {"Authorization": f"Bearer {token(caller.town.resident)}"}
    assert problem(caller.http.get(path, headers=headers))["status"] in (404, 422)


# --- a refusal ends the view's transaction ---------------------------------------------------------------------------


@pytest.fixture
def writes_then_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """`complain`, but it says no after it has written."""
    written = notices.operations.complain

    def complain(*args: Any, **more: Any) -> None:
        written(*args, **more)
        raise MALFORMED.refusal(what=Both("あと", "afterwards"))

    monkeypatch.setattr(notices.operations, "complain", complain)


def _complaints() -> int:
    return Complaint.objects.count()


@pytest.mark.usefixtures("writes_then_refuses")
def test_a_refusal_rolls_back_what_the_view_has_written(caller: Caller) -> None:
    before = _complaints()
    assert caller.refused("notices_complain", {"text": "x"}, by=caller.town.resident)["code"] == "malformed_request"
    assert _complaints() == before


@pytest.mark.usefixtures("writes_then_refuses")
def test_without_it_the_rows_would_stay(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: ninja swallows the exception, so an answer without `set_rollback` commits. The test above bites."""

    def forgetful(_: HttpRequest, refusal: Refusal) -> HttpResponse:
        problem = saying_no.problem_of(refusal)
        return HttpResponse(problem.body, status=problem.status, headers=problem.headers)

    monkeypatch.setitem(interface.api._exception_handlers, Refusal, forgetful)
    before = _complaints()
    caller.refused("notices_complain", {"text": "x"}, by=caller.town.resident)
    assert _complaints() == before + 1
    assert not transaction.get_connection().in_atomic_block


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_every_expected_no_is_in_the_catalogue(caller: Caller) -> None:
    served = {row["code"]: row for row in caller.call("refusals_list")}
    assert served.keys() == {kind.code for kind in catalogue()}
    assert len(served) > 100
    for kind in catalogue():
        row = served[kind.code]
        assert (row["ja"], row["en"], row["status"], set(row["facts"])) == (kind.ja, kind.en, kind.status, kind.facts)
        assert 400 <= kind.status < 600
        assert any("ぁ" <= sign <= "ヿ" for sign in kind.ja), kind.code
        assert kind.en.isascii() or not any("ぁ" <= sign <= "ヿ" for sign in kind.en), kind.code


def test_both_sentences_can_be_filled_with_the_same_facts() -> None:
    class Fact:
        def __format__(self, _: str) -> str:
            return "fact"

    for kind in catalogue():
        told = kind.refusal(**dict.fromkeys(kind.facts, Fact()))
        for language in ("ja", "en"):
            assert "{" not in told.sentence(language), kind.code  # type: ignore[arg-type]


def _holds(caller: Caller) -> int:
    return int(caller.call("wallet_purses", by=caller.town.resident)["total_yen"])


def test_operations_have_the_names_the_rehearsal_calls() -> None:
    assert {*NEEDED, *OPTIONAL} <= OPERATIONS.keys()
