"""What people type by mistake, and what a page must not offer: each is answered in words, and nothing moves."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.points import queries as points
from meguri.programmes.vouchers import queries as vouchers
from tests.faces.office.lived import Office
from tests.faces.office.reading import ACCOUNTANT, OPERATOR, cells, fund, links, page, send, sheet, words
from tests.faces.office.test_flows import coming_document, new_document

NEW = "second-voucher"
SEATS: dict[tuple[int, str], Client] = {}


@pytest.fixture(autouse=True)
def nobody_sits() -> None:
    SEATS.clear()


def seat(office: Office, key: str) -> Client:
    """The officer's browser, the same one for a whole test: an officer signs in once."""
    place = (office.number, key)
    if place not in SEATS:
        SEATS[place] = office.browser(key)
    return SEATS[place]


def draft(office: Office, document: bytes) -> None:
    made = send(seat(office, "maker:commerce"), "programme_new", document=document.decode())
    assert made.status_code == 200, words(made)[:400]


def the_draft(office: Office) -> programmes.ProgrammeView:
    found = programmes.programme_by_code(NEW, municipality=office.number)
    assert found is not None
    return found


def test_a_note_beyond_what_is_kept_is_for_the_writer_to_shorten(office: Office) -> None:
    draft(office, coming_document())
    number = the_draft(office).id
    send(seat(office, "maker:commerce"), "programme", number, act="submit")
    answer = send(seat(office, "checker:commerce"), "programme", number, act="send_back", note="あ" * 3000)
    assert answer.status_code == 422
    assert "書いた文(3,000文字)が長すぎて" in words(answer)
    assert the_draft(office).state == "proposed"


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"reason": ""}, "理由(議決・寄附など)を"), ({"decided_on": "2200-01-01"}, "2000年から今日まで"),
     ({"decided_on": "1900-01-01"}, "2000年から今日まで")],
)
def test_a_budget_without_a_decision_does_not_move(office: Office, changed: dict[str, str], said: str) -> None:
    before = fund(office, "voucher")
    form = {"act": "appropriate", "fund": before.id, "amount_yen": "5", "decided_on": "2025-11-11", "reason": "補正"}
    answer = send(seat(office, "checker:commerce"), "programme", office.programme("voucher"), **(form | changed))
    assert answer.status_code == 422
    assert said in words(answer)
    assert fund(office, "voucher").budget == before.budget


def test_the_code_of_a_running_programme_is_said_to_be_taken(office: Office) -> None:
    running = new_document().replace(NEW.encode(), b"premium-voucher")
    answer = send(seat(office, "maker:commerce"), "programme_new", document=running.decode())
    assert answer.status_code == 409
    assert "「premium-voucher」の事業は、いま実施中です" in words(answer)
    assert "launched" not in words(answer)


def test_a_draft_comes_back_into_the_form_and_only_to_its_makers(office: Office) -> None:
    draft(office, coming_document())
    maker = seat(office, "maker:commerce")
    text = page(maker, "programme", the_draft(office).id)
    (edit,) = links(text, "?draft=")
    assert f"code = &quot;{NEW}&quot;" in maker.get(edit).content.decode()
    assert "code = &quot;" not in seat(office, "maker:planning").get(edit).content.decode()
    assert not links(page(seat(office, "checker:commerce"), "programme", the_draft(office).id), "?draft=")
    assert not links(page(maker, "programme", office.programme("voucher")), "?draft=")


def test_a_draft_with_errors_cannot_be_submitted_by_a_press(office: Office) -> None:
    draft(office, new_document().replace(b"units = 2000", b"units = 1000000"))
    text = page(seat(office, "maker:commerce"), "programme", the_draft(office).id)
    button = re.search(r'<button[^>]*value="submit"[^>]*>', text)
    assert button
    assert "disabled" in button[0]
    draft(office, coming_document())
    text = page(seat(office, "maker:commerce"), "programme", the_draft(office).id)
    button = re.search(r'<button[^>]*value="submit"[^>]*>', text)
    assert button
    assert "disabled" not in button[0]


def test_a_target_is_read_in_its_unit(office: Office) -> None:
    text = words(page(seat(office, "maker:commerce"), "programme", office.programme("voucher")))
    assert "使用率 99% (" in text
    assert "9,900" not in text
    assert "(bp)" not in text


def test_nobody_s_role_ends_because_nobody_was_chosen(office: Office) -> None:
    operator = seat(office, OPERATOR)
    assert len(re.findall(r'<option value=""[^>]*>選んでください</option>', page(operator, "people"))) == 2
    before = parties.officers(municipality=office.number, at=office.town.at)
    answer = send(operator, "people", act="end", appointment="", ends_on="")
    assert answer.status_code == 422
    assert "どれかを選んでください" in words(answer)
    assert parties.officers(municipality=office.number, at=office.town.at) == before


def test_an_officer_needs_an_address(office: Office) -> None:
    form = {"act": "enrol", "role": "maker", "department": "commerce"}
    for email in ("", "x", "長" * 3000 + "@a.jp"):
        answer = send(seat(office, OPERATOR), "people", email=email, name="新人", **form)
        assert answer.status_code == 422
        assert "name@example.jp のように" in words(answer)


def test_a_shop_s_name_is_called_by_its_name(office: Office) -> None:
    form = {"name_en": "Shop", "trade": "58", "area": "中町", "size_class": "small", "floor_area": ""}
    for name in ("", "店" * 3000):
        answer = send(seat(office, OPERATOR), "new_shop", name_ja=name, **form)
        assert answer.status_code == 422
        assert "店の名前「" in words(answer)
        assert "name_ja「" not in words(answer)


def test_work_lies_on_the_desk_of_those_who_may_do_it(lived: Office) -> None:
    (sale,) = vouchers.sales(lived.number)
    address = reverse("office:sale", args=[sale])
    state = vouchers.sale_page(sale, municipality=lived.number).state
    assert state in {"open", "closed", "drawn"}
    assert "この手続きは承認者がします" in words(page(seat(lived, "maker:commerce"), "sale", sale))
    assert "この手続きは承認者がします" not in words(page(seat(lived, "checker:commerce"), "sale", sale))
    assert address not in page(seat(lived, "maker:commerce"), "desk")


def test_the_log_of_approvals_leads_only_where_its_reader_may_go(lived: Office) -> None:
    for key in ("maker:commerce", "checker:welfare", ACCOUNTANT, OPERATOR):
        client = seat(lived, key)
        text = page(client, "approvals")
        rows = re.search(r"<caption>承認の記録</caption>.*?</table>", text, flags=re.DOTALL)
        assert rows
        shut = [each for each in links(rows[0], "/office/") if client.get(each).status_code != 200]
        assert shut == [], key
    assert links(rows[0], "/programmes/"), "the operator sees programmes"


def test_the_books_name_each_fund_s_programme_and_end_with_the_town(lived: Office) -> None:
    text = page(seat(lived, ACCOUNTANT), "books")
    rows = cells(text, "試算表(財源ごと)")
    assert any(row[0].startswith("商品券プレミアム分") and "めぐり町プレミアム付商品券" in row[0] for row in rows)
    assert len({row[0] for row in rows}) == len(rows), "two programmes' funds of one name are told apart"
    file = sheet(seat(lived, ACCOUNTANT), "books")
    assert len({row[0] for row in file}) == len(file)
    total = re.search(r"<tfoot>.*?</tfoot>", text, flags=re.DOTALL)
    assert total
    assert words(total[0]).startswith("町全体")
    assert words(total[0]).endswith("0円")


def test_a_place_has_a_name_in_both_languages(lived: Office) -> None:
    maker = seat(lived, "maker:planning")
    bus = points.action_by_code(lived.programme("point"), "bus", municipality=lived.number)
    assert bus is not None
    before = points.places(bus, municipality=lived.number)
    for ja, en in (("", ""), ("公園", " "), ("長" * 3000, "Park")):
        answer = send(maker, "points", act="place", action=bus, name_ja=ja, name_en=en)
        assert answer.status_code == 422
        assert "場所の名前を" in words(answer)
    assert points.places(bus, municipality=lived.number) == before


def test_an_empty_postal_symbol_is_no_unknown_bank(office: Office) -> None:
    form = {"act": "account", "symbol": "", "postal_number": "", "holder": "メグリ"}
    answer = send(seat(office, OPERATOR), "shop_entry", office.town.small_shop, **form)
    assert answer.status_code == 422
    assert "金融機関コード" not in words(answer).partition("手続きは行われませんでした")[2][:120]
    assert "記号" in words(answer).partition("手続きは行われませんでした")[2][:120]
