"""The summary at the counter while the world moves: prices that change, units given up, sales made by somebody else."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client

from meguri.faces.office.counter_sale import to_sell
from meguri.programmes import operations as programmes
from meguri.programmes import queries as programmes_of
from meguri.programmes.terms import from_tree, to_tree
from meguri.programmes.vouchers import operations, queries
from tests.faces.office.lived import Office, moment
from tests.faces.office.reading import look, page, send, words
from tests.faces.office.test_counter import MAKER, selling, won
from tests.programmes.builders import put
from tests.programmes.vouchers.lived_town import refused

__all__ = ["selling"]


@pytest.fixture
def clerk(selling: tuple[Office, UUID]) -> Client:
    return selling[0].browser(MAKER)


def summed(office: Office, holder: UUID, units: int | None = None) -> tuple[int, int, int]:
    one = to_sell(won(office, holder).id, municipality=office.number, units=units)
    assert one.face_yen == sum(yen for *_, yen in one.parts)
    return one.price_yen, one.face_yen, one.units_given_up


def test_the_sum_is_that_of_the_units_and_what_is_given_up_is_the_rest(selling: tuple[Office, UUID]) -> None:
    office, _ = selling
    holder = office.town.holder
    assert summed(office, holder) == summed(office, holder, 2) == (20_000, 26_000, 0)
    assert summed(office, holder, 1) == (10_000, 13_000, 1)
    for units in (0, -1, 3, 10**9):
        with refused("voucher_too_many_units") as caught:
            summed(office, holder, units)
        assert "1口から2口まで" in caught.value.sentence("ja")
    with refused("voucher_application_unknown"):
        to_sell(uuid4(), municipality=office.number, units=1)
    with refused("voucher_application_unknown"):
        to_sell(won(office, holder).id, municipality=office.number + 1, units=1)


def test_what_was_sold_meanwhile_is_not_summed_up_again(selling: tuple[Office, UUID], clerk: Client) -> None:
    office, sale = selling
    one = won(office, office.town.holder)
    assert "この内容で売りますか" in words(page(clerk, "sale", sale, number=one.number, units=""))
    operations.sell_at_counter(application=one.id, by=office.officer(MAKER), at=moment(10, 10), units=1)
    with refused("voucher_nothing_to_buy") as caught:
        summed(office, office.town.holder)
    assert caught.value.sentence("ja") != caught.value.sentence("en")
    answer = look(clerk, "sale", sale, number=one.number, units="")
    assert "この内容で売りますか" not in words(answer)
    pressed = words(send(clerk, "sale", sale, act="sell", application=one.id, units="2"))
    assert "20,000円で販売しました" not in pressed
    assert won(office, office.town.holder).units_bought == 1, "the second press sells nothing more"


def test_a_price_that_an_amendment_changes_is_never_taken_for_a_sale_that_was_opened(
    selling: tuple[Office, UUID], clerk: Client
) -> None:
    """What was read out is what the button takes: a sale keeps the price with which it was opened."""
    office, sale = selling
    one = won(office, office.town.holder)
    shown = page(clerk, "sale", sale, number=one.number, units="2")
    assert "20,000円を受け取って販売する" in words(shown)
    before = summed(office, office.town.holder)
    programme = queries.sale_page(sale, municipality=office.number).programme
    tree = to_tree(programmes_of.terms(programme, municipality=office.number))
    put(tree, "obtaining.unit_price_yen", 12_000)
    for part in tree["obtaining"]["face"]:  # type: ignore[attr-defined]
        part["yen"] += 2_000 if part["purse"] == "paid" else 0
    maker, at = office.officer(MAKER), moment(10, 10)
    with refused("amendment_takes") as caught, transaction.atomic():
        programmes.draft_amendment(programme=programme, terms=from_tree(tree), reason="議決", by=maker, at=at)
        programmes.submit_amendment(programme=programme, by=maker, at=at)
    assert caught.value.facts["path"] == "obtaining.unit_price_yen"
    assert summed(office, office.town.holder) == before
    (units,) = re.findall(r'type="hidden" name="units" value="(\d+)"', shown)
    sold = operations.sell_at_counter(application=one.id, by=maker, at=at, units=int(units))
    assert (sold.price_yen, sold.face_yen) == before[:2]


def test_the_summary_reads_well_in_english(selling: tuple[Office, UUID], clerk: Client) -> None:
    office, sale = selling
    one = won(office, office.town.holder)
    told = words(page(clerk, "sale", sale, number=one.number, units="1", lang="en"))
    for word in ("Sell this?", "Nothing is sold yet", "Cash to take", "¥10,000", "1 unit", "paid for", "on top",
                 "1 other unit of the win can no longer be bought", "Take ¥10,000 and sell"):  # fmt: skip
        assert word in told, word
    assert "1 units" not in told
