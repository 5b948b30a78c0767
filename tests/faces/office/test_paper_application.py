"""An application on paper, entered at the desk: the same draw, the same number, and nobody else by mistake."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import queries as vouchers
from meguri.words.clock import now
from tests.faces.office.lived import Office, moment
from tests.faces.office.printing import settle_in
from tests.faces.office.reading import look, page, send, words

MAKER = "maker:commerce"
FORM = {"act": "apply", "number": "42", "birth_date": "昭和55年5月5日", "units": "２"}


@pytest.fixture
def sale(office: Office) -> UUID:
    """Open for applications; it is 1 August."""
    opened = office.sale()
    set_clock_offset(municipality=office.number, offset=moment(8, 1) - now())
    return opened


@pytest.fixture
def hanako(office: Office) -> UUID:
    return settle_in(office, "山田 花子", "めぐり町港1-1", number="00042")


@pytest.fixture
def clerk(office: Office) -> Client:
    return office.browser(MAKER)


def test_a_form_leads_to_the_application_and_its_number(
    office: Office, sale: UUID, hanako: UUID, clerk: Client
) -> None:
    assert "紙の申込書を受け付ける" in words(page(clerk, "sale", sale))
    told = words(send(clerk, "paper_application", sale, **FORM))
    (mine,) = vouchers.applications_of(hanako, municipality=office.number)
    assert (mine.units_applied, mine.state) == (2, "applied")
    assert f"受付番号 {mine.number}" in told
    assert "申込 2" in told
    again = send(clerk, "paper_application", sale, **FORM | {"units": "1"})
    assert again.status_code == 409
    assert mine.number in words(again)


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "43", "said": "この宛名番号の方は登録にありません"},
        {"birth_date": "1980-05-06", "said": "生年月日と違います"},
        {"birth_date": "5月5日", "said": "日付"},
        {"units": "0", "said": "口"},
        {"units": "999", "said": "口"},
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_entered(
    office: Office, sale: UUID, hanako: UUID, clerk: Client, wrong: dict[str, str]
) -> None:
    said = wrong["said"]
    answer = send(clerk, "paper_application", sale, **FORM | wrong)
    assert answer.status_code in (404, 422)
    assert said in words(answer)
    assert not vouchers.applications_of(hanako, municipality=office.number)
    assert vouchers.sale_page(sale, municipality=office.number).applications == 0


def test_it_is_taken_back_at_the_counter(office: Office, sale: UUID, hanako: UUID, clerk: Client) -> None:
    send(clerk, "paper_application", sale, **FORM)
    (mine,) = vouchers.applications_of(hanako, municipality=office.number)
    assert "取り下げる" not in words(page(office.browser("checker:commerce"), "sale", sale, number=mine.number))
    assert "取り下げました" in words(send(clerk, "sale", sale, act="withdraw", application=mine.id))
    assert vouchers.sale_page(sale, municipality=office.number).applications == 0


def test_no_form_is_offered_once_the_window_is_over(office: Office, sale: UUID, hanako: UUID, clerk: Client) -> None:
    set_clock_offset(municipality=office.number, offset=moment(8, 20) - now())
    assert "紙の申込書を受け付ける" not in words(page(clerk, "sale", sale))
    assert send(clerk, "paper_application", sale, **FORM).status_code == 409
    assert look(office.browser("maker:welfare"), "paper_application", sale).status_code == 403
