"""The 44 digits of a slip: worked by hand, the borders of stamp duty and of a till, and what is issued anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.vouchers.models import PaymentOrder
from meguri.programmes.vouchers.providers import agency_of
from meguri.programmes.vouchers.slip_code import (
    DIGITS,
    MOST_YEN,
    Agency,
    SlipCode,
    bears_stamp,
    check_digit,
    last_day_of,
    slip_code,
    spoken_code,
)
from tests.programmes.vouchers.conftest import Fair, fair
from tests.programmes.vouchers.lived_town import refused
from tests.programmes.vouchers.ordered import ordered, ordered_fair, payment

TOWN = Agency(maker="912345", company="54321", name="収納代行")
DAY = date(2025, 10, 24)


def code(*, yen: int = 20_000, public: bool = False, again: int = 0) -> str:
    return slip_code(
        TOWN, number="12345678903", again=again, last_day=DAY, amount_yen=yen, is_public=public
    ).digits  # fmt: skip


@pytest.mark.parametrize(("maker", "free", "again", "day", "stamped", "yen", "check"), [
    ("912345", "012345678901234567890", 1, date(2001, 3, 31), False, 123_000, "3"),
    ("942386", "178953917853935692730", 1, date(2003, 7, 31), True, 31_290, "3"),
])  # fmt: skip
def test_the_examples_of_the_standard_s_own_papers(
    maker: str, free: str, again: int, *, day: date, stamped: bool, yen: int, check: str
) -> None:
    digits = SlipCode(maker, free, again, day, stamped, yen).digits
    assert digits == f"91{maker}{free}{again}{day:%y%m%d}{int(stamped)}{yen:06}{check}"


def test_a_check_digit_worked_by_hand() -> None:
    """From the right, times 3 and 1 by turns: 6*3 + 5*1 + 4*3 + 3*1 + 2*3 + 1*1 = 45, and 5 makes it 50."""
    assert check_digit("123456") == 5
    assert check_digit("4912345") == (-(5 * 3 + 4 + 3 * 3 + 2 + 1 * 3 + 9 + 4 * 3)) % 10 == 6


def test_each_part_stands_where_a_till_reads_it() -> None:
    digits = code()
    assert len(digits) == DIGITS
    assert digits[:-1] == "91" + "912345" + "54321" + "12345678903" + "00000" + "0" + "251024" + "0" + "020000"
    assert spoken_code(digits)[0] == "(91)912345-5432112345678903000000"
    assert spoken_code(digits)[1] == f"251024-0-020000-{digits[-1]}"
    assert last_day_of(digits) == DAY


@pytest.mark.parametrize(("yen", "public", "stamped"), [
    (49_999, False, False), (50_000, False, True), (MOST_YEN, False, True),
    (49_999, True, False), (50_000, True, False), (MOST_YEN, True, False),
])  # fmt: skip
def test_stamp_duty_begins_at_fifty_thousand_yen_and_never_for_a_town(yen: int, *, public: bool, stamped: bool) -> None:
    assert bears_stamp(code(yen=yen, public=public)) is stamped


def test_the_tenth_slip_still_says_nine() -> None:
    assert [code(again=again)[29] for again in (0, 1, 9, 10, 40)] == ["0", "1", "9", "9", "9"]


@pytest.mark.parametrize("wrong", [
    SlipCode("12345", "1", 0, DAY, False, 1), SlipCode("91234a", "1", 0, DAY, False, 1),
    SlipCode("912345", "1" * 22, 0, DAY, False, 1), SlipCode("912345", "１２", 0, DAY, False, 1),
    SlipCode("912345", "1", 10, DAY, False, 1), SlipCode("912345", "1", 0, date(2100, 1, 1), False, 1),
    SlipCode("912345", "1", 0, DAY, False, 1_000_000), SlipCode("912345", "1", 0, DAY, False, -1),
])  # fmt: skip
def test_what_does_not_fit_is_never_printed(wrong: SlipCode) -> None:
    with pytest.raises(ValueError, match="no slip"):
        _ = wrong.digits


@given(
    free=st.text("0123456789", max_size=21), again=st.integers(0, 9),
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)), stamped=st.booleans(), yen=st.integers(0, 999_999),
)
def test_whatever_is_said_is_said_in_full_and_one_wrong_digit_is_noticed(
    free: str, again: int, day: date, *, stamped: bool, yen: int
) -> None:
    digits = SlipCode("912345", free, again, day, stamped, yen).digits
    assert (len(digits), digits[8:29], digits[29]) == (44, free.ljust(21, "0"), str(again))
    assert (last_day_of(digits), bears_stamp(digits), int(digits[37:43])) == (day, stamped, yen)
    place = (yen + again) % 43
    wrong = f"{digits[:place]}{(int(digits[place]) + 1 + yen % 9) % 10}{digits[place + 1:43]}"
    assert wrong == digits[:43] or str(check_digit(wrong)) != digits[43]


# --- of an order -----------------------------------------------------------------------------------------------------


def slip(sale: Fair, *, units: int = 2) -> PaymentOrder:
    person = sale.town.person()
    return ordered(sale, person, sale.won(person, units).application)


def test_an_order_keeps_what_was_printed(db: None) -> None:
    order = slip(ordered_fair(slip_days=14))
    assert order.barcode[:29] == "91000000" + "00000" + order.reference + "00000"
    assert (order.barcode[29], order.barcode[36:43]) == ("0", "0020000")
    assert last_day_of(order.barcode) == (order.pay_before - timedelta(seconds=1)).date() == date(2025, 10, 24)
    card = PaymentOrder(way="card", provider="test")
    assert card.barcode == ""


def test_a_slip_issued_anew_says_so(db: None) -> None:
    sale = ordered_fair()
    person = sale.town.person()
    application = sale.won(person, 2).application
    first = ordered(sale, person, application)
    assert ordered(sale, person, application).barcode == first.barcode, "printed twice it is the same slip"
    second = ordered(sale, person, application, at=first.pay_before)
    assert (first.barcode[29], second.barcode[29]) == ("0", "1")


def test_a_town_without_an_agency_shows_the_number_alone(db: None, settings: LazySettings) -> None:
    settings.SLIP_SECRET = "whsec"
    assert slip(ordered_fair()).barcode == ""
    settings.SLIP_MAKER, settings.SLIP_COMPANY, settings.SLIP_AGENCY = "912345", "54321", "めぐり収納"
    assert agency_of("slip") == Agency("912345", "54321", "めぐり収納")
    assert slip(ordered_fair()).barcode.startswith("9191234554321")
    assert agency_of("card") is None


@pytest.mark.parametrize(("units", "refusal"), [(30, ""), (31, "payment_slip_too_large")])
def test_a_till_takes_no_more_than_three_hundred_thousand_yen(db: None, units: int, refusal: str) -> None:
    sale = fair(obtaining__max_units=40, obtaining__payment=payment(), obtaining__rounds__0__units=40).open()
    if not refusal:
        assert slip(sale, units=units).amount_yen == 300_000
        return
    with refused(refusal) as caught:
        slip(sale, units=units)
    assert "300,000円まで" in caught.value.sentence("ja")
    assert not PaymentOrder.objects.exists()


def test_the_table_keeps_barcodes_to_slips(db: None) -> None:
    slip(ordered_fair())
    for wrong in ({"way": "card"}, {"barcode": "91"}, {"barcode": "9" * 44}, {"amount_yen": 300_001}):
        with pytest.raises(IntegrityError, match="a_barcode_is_of_a_slip"), transaction.atomic():
            PaymentOrder.objects.update(**wrong)
