"""The desk of a sale that is first come, first served: who came, who waits, what is kept; and nothing about a draw."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import operations, queries
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.office.lived import Office, found_office
from tests.faces.office.reading import words
from tests.faces.people import browser_of
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.conftest import BUYING
from tests.programmes.vouchers.test_life import FIRST_COME


@pytest.fixture
def desk(db: None) -> tuple[Office, str]:
    """Three units; two came for three each, so the second waits whether the first will pay."""
    round_ = FIRST_COME["obtaining__rounds__0"] | {"units": 3}
    office = found_office([changed(VOUCHER, {"obtaining.rounds.0": round_})])
    sale = operations.open_sale(
        programme=office.programme("voucher"), round_code="first", by=office.officer("checker:commerce"), at=BUYING
    )
    for holder in (office.town.holder, office.town.other):
        wish = operations.Wish(office.town.actor(ActorRole.RESIDENT, party=holder), 3)
        operations.line_up([wish], sale=sale, municipality=office.number, at=BUYING)
    operations.allot(sale=sale, by=office.system, at=BUYING)
    set_clock_offset(municipality=office.number, offset=BUYING - now())
    return office, f"/office/vouchers/{sale}"


def test_the_desk_sees_the_line(desk: tuple[Office, str]) -> None:
    office, address = desk
    page = office.browser("checker:commerce").get(address, {"lang": "ja"}).content.decode()
    told = page.partition("列に並んだ人")[2][:600]
    assert "2人" in told
    assert "1人" in told.partition("まだ待っている人")[2]
    assert "3口" in told.partition("お取り置き中")[2]
    assert "お取り置き中" in page.partition("申込みの一覧")[2]
    assert "手紙と窓口の名簿" not in page, "who bought in a line needs no letter"
    assert "抽選の証明" not in page
    assert "当たる見込み" not in page


def test_the_desk_of_a_draw_says_nothing_of_a_line(db: None) -> None:
    office = found_office()
    sale = office.sale()
    page = office.browser("checker:commerce").get(f"/office/vouchers/{sale}", {"lang": "en"}).content.decode()
    assert "Came to the line" not in page
    assert "Odds so far" in page




def test_whose_turn_came_reads_until_when_the_units_are_kept(
    desk: tuple[Office, str], settings: LazySettings
) -> None:
    """Not the last day of the sale: who trusted that would lose the place within the hour."""
    office, _ = desk
    settings.MUNICIPALITY = office.number
    own = next(
        one for holder in (office.town.holder, office.town.other)
        for one in queries.applications_of(holder, municipality=office.number) if one.state == "won"
    )
    assert own.pay_before is not None
    phone = browser_of(office.town, own.resident)
    for lang, kept, until in (
        ("ja", "3口をお取り置きしています", "お取り置きは"), ("en", "3 units kept for you", "Kept for you until"),
    ):  # fmt: skip
        page = phone.get("/wallet/get", {"lang": lang}).content.decode()
        assert kept in words(page)
        assert until in words(page)
        assert "当選" not in page
        assert "10月31日" not in words(page).partition(kept)[2][:60]
