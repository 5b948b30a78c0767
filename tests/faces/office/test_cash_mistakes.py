"""The till counted by a careless clerk: what cannot be is said, and a day of many sales can be closed."""

from __future__ import annotations

from uuid import UUID

import pytest

from meguri.programmes.vouchers.models import CashUp, CounterReceipt
from tests.faces.office.lived import Office
from tests.faces.office.reading import send, words
from tests.faces.office.test_counter import MAKER, sell, selling

__all__ = ["selling"]


@pytest.mark.parametrize("typed", [
    "", " ", "-1", "-20000", "１万円", "1e4", "20000.5", "0x10", "9" * 40, "１０，０００，０００，００１",
])  # fmt: skip
def test_what_is_no_amount_closes_no_till(selling: tuple[Office, UUID], typed: str) -> None:
    office, sale = selling
    clerk = office.browser(MAKER)
    sell(office, sale, clerk, holder=office.town.holder)
    answer = send(clerk, "cash", act="cash_up", counted_yen=typed, reason="数えた")
    assert answer.status_code == 422
    assert "金額" in words(answer)
    assert not CashUp.objects.exists()


@pytest.mark.parametrize(("typed", "counted"), [
    ("0", 0), ("¥1,234,567円", 1_234_567), ("１０，０００，０００，０００", 10**10),
])  # fmt: skip
def test_an_emptied_till_and_a_busy_day_are_counted_as_they_are(
    selling: tuple[Office, UUID], typed: str, counted: int
) -> None:
    """A counter sells more in a day than one payment may be."""
    office, sale = selling
    clerk = office.browser(MAKER)
    sell(office, sale, clerk, holder=office.town.holder)
    answer = send(clerk, "cash", act="cash_up", counted_yen=typed, reason="<b>金庫</b>へ")
    assert "窓口を締めました" in words(answer)
    up = CashUp.objects.get()
    assert (up.counted_yen, up.difference_yen) == (counted, counted - 20_000)
    assert CounterReceipt.objects.get().cash_up_id == up.id
    assert b"<b>" not in answer.content.partition(b"<main")[2].replace(b"&lt;b&gt;", b"")
