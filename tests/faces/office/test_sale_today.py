"""What a sale's badge says follows the days as well as the state: nothing is open that nobody can ask for."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import operations
from meguri.words.clock import now
from tests.faces.office.lived import Office, found_office
from tests.faces.office.reading import words
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.conftest import APPLYING, BUYING, DRAWN, OPENED, OVER
from tests.programmes.vouchers.lived_town import moment
from tests.programmes.vouchers.test_life import FIRST_COME

BADGES = {"受付開始前", "受付中", "申込み終了・締切待ち", "抽選済み・販売開始前", "抽選済み・販売中", "購入期間終了"}


def badge(office: Office, desk: Client, address: str, *, at: datetime) -> set[str]:
    """The words of a sale's state that a page shows at a moment."""
    set_clock_offset(municipality=office.number, offset=at - now())
    page = words(desk.get(address, {"lang": "ja"}).content.decode())
    return {one for one in BADGES if one in page}


@pytest.mark.django_db
def test_a_line_that_is_over_is_not_open() -> None:
    office = found_office([changed(VOUCHER, {"obtaining.rounds.0": FIRST_COME["obtaining__rounds__0"]})])
    sale = operations.open_sale(
        programme=office.programme("voucher"), round_code="first", by=office.officer("checker:commerce"), at=OPENED
    )
    desk = office.browser("maker:commerce")
    for address in ("/office/vouchers/", f"/office/vouchers/{sale}"):
        assert badge(office, desk, address, at=OPENED) == {"受付開始前"}
        assert badge(office, desk, address, at=BUYING) == {"受付中"}
        assert badge(office, desk, address, at=OVER) == {"購入期間終了"}


@pytest.mark.django_db
def test_a_draw_is_called_by_its_day() -> None:
    office = found_office()
    sale = office.sale()
    office.applied(sale, office.town.holder)
    desk, here = office.browser("maker:commerce"), "/office/vouchers/"
    assert badge(office, desk, here, at=APPLYING) == {"受付中"}
    assert badge(office, desk, here, at=moment(9, 3)) == {"申込み終了・締切待ち"}
    assert badge(office, desk, here, at=OVER) == {"購入期間終了"}, "never drawn, and nobody can buy"
    office.drawn(sale)
    assert badge(office, desk, here, at=DRAWN) == {"抽選済み・販売開始前"}
    assert badge(office, desk, here, at=BUYING) == {"抽選済み・販売中"}
    desk_of_sale = words(desk.get(f"{here}{sale}", {"lang": "ja"}).content.decode())
    assert "購入は 10月31日" in desk_of_sale
    assert "購入の期限が過ぎ" not in desk_of_sale
