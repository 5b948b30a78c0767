"""Drafted texts in the office: read with the place of each figure, taken along, and an edited one held against them."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meguri.programmes import queries as programmes
from meguri.programmes.texts import TextKind
from tests.faces.office.lived import Office
from tests.faces.office.reading import ACCOUNTANT, EVERYBODY, MAKERS, look, page, send, words
from tests.faces.office.test_document_form import form_of

MAKER = MAKERS["voucher"]


@pytest.fixture
def maker(office: Office) -> Client:
    return office.browser(MAKER)


def plain(office: Office, maker: Client, *, kind: str = "call", **query: str) -> str:
    answer = look(maker, "texts", office.programme("voucher"), kind=kind, format="txt", **query)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    return answer.content.decode()


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("kind", list(TextKind))
def test_each_text_is_read_with_the_place_of_each_figure(
    office: Office, maker: Client, kind: TextKind, lang: str
) -> None:
    for family in ("voucher", "point", "benefit"):
        text = page(maker, "texts", office.programme(family), kind=kind.value, lang=lang)
        called = set(re.findall(r'href="#(place-\d+)"', text))
        assert called
        assert called == set(re.findall(r'<li id="(place-\d+)"', text))
        assert "{" not in words(text)


def test_a_figure_says_where_the_document_has_it_from(office: Office, maker: Client) -> None:
    text = words(page(maker, "texts", office.programme("voucher"), kind="ordinance"))
    assert "10,000円 obtaining.unit_price_yen" in text
    assert "町で決めた値" in text


def test_it_is_taken_along_as_text_and_as_markdown(office: Office, maker: Client) -> None:
    assert "13,000円分のお買い物ができます" in plain(office, maker)
    assert "buys goods for ¥13,000" in plain(office, maker, lang="en")
    answer = look(maker, "texts", office.programme("voucher"), kind="press", format="md", lang="ja")
    assert answer.content.decode().startswith("# 報道資料")
    assert answer["Content-Disposition"].endswith('press-ja.md"')


def test_an_edited_text_that_agrees_is_told_so(office: Office, maker: Client) -> None:
    sent = send(maker, "texts", office.programme("voucher"), kind="call", edited=plain(office, maker))
    assert "ずれはありません" in words(sent)


def test_an_edited_text_that_has_drifted_says_where(office: Office, maker: Client) -> None:
    wrong = plain(office, maker).replace("1人5口まで", "1人6口まで") + "\n先着500名に記念品を差し上げます。"
    sent = send(maker, "texts", office.programme("voucher"), kind="call", edited=wrong)
    text = words(sent)
    assert "文「6口」" in text
    assert "文書「5口」" in text
    assert "obtaining.max_units" in text
    assert "文書にない値です" in text
    assert "1人6口まで" in sent.content.decode(), "what was pasted stays in the form"


def test_a_file_is_read_in_utf8_and_in_shift_jis(office: Office, maker: Client) -> None:
    for code in ("utf-8-sig", "cp932"):
        file = SimpleUploadedFile("call.txt", plain(office, maker).replace("5口", "4口").encode(code))
        sent = send(maker, "texts", office.programme("voucher"), kind="call", file=file)
        assert "文「4口」" in words(sent)


def test_nothing_to_check_is_told_kindly(office: Office, maker: Client) -> None:
    sent = send(maker, "texts", office.programme("voucher"), kind="call", edited=" ")
    assert "確かめる文がありません" in words(sent)
    assert sent.status_code == 200


def test_every_officer_may_read_and_nobody_changes_anything(office: Office) -> None:
    browsers = {key: office.browser(key) for key in EVERYBODY}
    for client in browsers.values():
        assert look(client, "texts", office.programme("voucher")).status_code == 200
    terms = programmes.terms(office.programme("voucher"), municipality=office.number)
    send(browsers[ACCOUNTANT], "texts", office.programme("voucher"), edited="1口99円")
    assert programmes.terms(office.programme("voucher"), municipality=office.number) == terms


def test_a_document_with_errors_is_not_drafted_from(office: Office, maker: Client) -> None:
    client = maker
    form = form_of(page(client, "programme_new", model="nagoya-2025"))
    send(client, "programme_new", **form | {"code": "poor", "funds[0].amount_yen": "1"})
    found = programmes.programme_by_code("poor", municipality=office.number)
    assert found
    assert "まだ文をつくれません" in words(page(client, "texts", found.id))


def test_an_unknown_text_or_programme_is_no_trouble(office: Office, maker: Client) -> None:
    client = maker
    assert "実施要綱" in words(page(client, "texts", office.programme("voucher"), kind="poem"))
    assert look(client, "texts", "00000000-0000-4000-8000-000000000000").status_code == 404


def test_the_programme_s_page_leads_to_its_texts(office: Office, maker: Client) -> None:
    programme = office.programme("voucher")
    assert f"/office/programmes/{programme}/texts" in page(maker, "programme", programme)
