"""A pile of paper applications at the desk: typed or as a file, judged line by line, entered once."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.paper_pile import SHEET
from meguri.faces.office.pile_file import PileRow, read_pile, typed_pile, written_pile
from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import queries as vouchers
from meguri.words.clock import now
from tests.faces.office.lived import Office, moment
from tests.faces.office.printing import settle_in
from tests.faces.office.reading import cells, look, number_of, page, send, words
from tests.programmes.vouchers.lived_town import refused

MAKER = "maker:commerce"
ENTER = {"act": "enter", "which": "all"}
TYPED = {"number": ["42", "43", ""], "birth_date": ["昭和55年5月5日", "H2.1.31", ""], "units": ["２", "1", ""]}


@pytest.fixture
def sale(office: Office) -> UUID:
    """Open for applications; it is 1 August."""
    opened = office.sale()
    set_clock_offset(municipality=office.number, offset=moment(8, 1) - now())
    return opened


@pytest.fixture
def people(office: Office) -> list[UUID]:
    return [settle_in(office, "山田 花子", "めぐり町港1-1", number="00042"),
            settle_in(office, "鈴木 一郎", "めぐり町港1-2", number="00043", born=date(1990, 1, 31))]  # fmt: skip


@pytest.fixture
def clerk(office: Office) -> Client:
    return office.browser(MAKER)


def applied(office: Office, people: list[UUID]) -> list[int]:
    return [sum(one.units_applied for one in vouchers.applications_of(each, municipality=office.number))
            for each in people]  # fmt: skip


# --- the sheet -------------------------------------------------------------------------------------------------------


def test_a_typed_pile_is_looked_at_and_entered_with_its_numbers(
    office: Office, sale: UUID, people: list[UUID], clerk: Client
) -> None:
    assert "はがきの束を入れる" in words(page(clerk, "sale", sale))
    looked = words(send(clerk, "paper_pile", sale, act="look", **TYPED))
    assert "入れられる 2" in looked
    assert applied(office, people) == [0, 0], "a look enters nobody"
    assert "山田" not in looked
    answer = send(clerk, "paper_pile", sale, **ENTER, **TYPED)
    assert "2件を受け付けました。0行が残っています" in words(answer)
    assert applied(office, people) == [2, 1]
    rows = cells(answer.content.decode(), "束の行ごとの結果")
    (mine,) = vouchers.applications_of(people[0], municipality=office.number)
    assert rows[0] == ["1", "42", "２", "受け付けました", mine.number]


def test_only_the_good_lines_go_in_and_the_others_stay_to_be_mended(
    office: Office, sale: UUID, people: list[UUID], clerk: Client
) -> None:
    typed = {"number": ["42", "42", "999", "43", "43"], "units": ["2", "2", "1", "1", "x"],
             "birth_date": ["S55.5.5", "S55.5.5", "S55.5.5", "H2.1.30", "H2.1.31"]}  # fmt: skip
    answer = send(clerk, "paper_pile", sale, **ENTER, **typed)
    assert answer.status_code == 422
    told = words(answer)
    for word in ("直す行が4件あるため、1件も入れていません", "この束の1行目と同じ人です",
                 "この宛名番号の方は登録にありません", "生年月日と違います"):
        assert word in told, word
    assert 'value="999"' in answer.content.decode(), "what was typed is kept"
    assert applied(office, people) == [0, 0]
    answer = send(clerk, "paper_pile", sale, **ENTER | {"which": "good"}, **typed)
    assert "1件を受け付けました。4行が残っています" in words(answer)
    assert applied(office, people) == [2, 0]
    left = answer.content.decode()
    assert 'name="number" value="999"' in left
    assert len(re.findall(r'name="number" value="42"', left)) == 1, "what was entered is out of the sheet"


def test_the_same_press_and_the_same_pile_count_once(
    office: Office, sale: UUID, people: list[UUID], clerk: Client
) -> None:
    once = number_of(page(clerk, "paper_pile", sale))
    send(clerk, "paper_pile", sale, **ENTER, **TYPED, once=once)
    again = words(send(clerk, "paper_pile", sale, **ENTER, **TYPED, once=once))
    assert "すでに受け付けています" in again
    assert "受付済み 2" in again
    assert "0件を受け付けました" in words(send(clerk, "paper_pile", sale, **ENTER, **TYPED, once=uuid4()))
    assert applied(office, people) == [2, 1]


def test_who_applied_online_is_told_with_the_number(
    office: Office, sale: UUID, people: list[UUID], clerk: Client
) -> None:
    mine = office.applied(sale, people[0])
    told = words(send(clerk, "paper_pile", sale, act="look", **TYPED))
    assert f"ご本人が2口で申し込み済みです(受付番号{mine.number})" in told


def test_a_line_is_judged_as_it_is_left_and_knows_the_lines_above(
    office: Office, sale: UUID, people: list[UUID], clerk: Client
) -> None:
    typed = {"number": ["42", "42", "43"], "birth_date": ["S55.5.5", "S55.5.5", ""], "units": ["1", "1", "1"]}

    def line(place: int) -> str:
        return words(send(clerk, "paper_pile_line", sale, place=str(place), **typed))

    assert line(1) == "入れられます"
    assert "この束の1行目と同じ人です" in line(2)
    assert line(3) == "", "it is not complete yet"
    assert applied(office, people) == [0, 0]
    assert look(clerk, "paper_pile_line", sale).status_code == 405
    assert send(office.browser("maker:welfare"), "paper_pile_line", sale, place="1", **typed).status_code == 403


def test_more_lines_keep_what_was_typed(sale: UUID, people: list[UUID], clerk: Client) -> None:
    text = send(clerk, "paper_pile", sale, act="more", **TYPED).content.decode()
    assert text.count('name="number"') == 2 + SHEET
    assert 'value="H2.1.31"' in text


# --- a file ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_either_encoding_looked_at_and_entered(
    office: Office, sale: UUID, people: list[UUID], clerk: Client, encoding: str
) -> None:
    heads, empty = "生年月日,宛名番号,口数,回", ",,,"
    lines = [heads, "昭和55年5月5日,00042,２,", "平成2年1月31日,43,1,第1次", empty, "S55.5.5,77,1,", ""]
    file = "\r\n".join(lines)
    name = vouchers.sale_page(sale, municipality=office.number).round_name.ja
    sent = SimpleUploadedFile("pile.csv", file.replace("第1次", name).encode(encoding))
    answer = send(clerk, "paper_pile", sale, **{"act": "look", "from": "file", "file": sent})
    told = words(answer)
    assert "入れられる 2 直す 1" in told
    first, *_ = cells(answer.content.decode(), "束の行ごとの結果")
    assert first[0] == "5", "what is to be mended comes first, by its line in the file"
    found = re.search(r'<textarea[^>]*name="content"[^>]*>(.*?)</textarea>', answer.content.decode(), flags=re.DOTALL)
    assert found
    entered = send(clerk, "paper_pile", sale, **ENTER | {"which": "good", "from": "file", "content": found[1]})
    assert "2件を受け付けました。1行が残っています" in words(entered)
    assert applied(office, people) == [2, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("宛名番号,口数\n42,1\n", "見出しに「生年月日」がありません"),
        ('42,S55.5.5,"1\n', "引用符が閉じていません"),
        ("", "1件から1,000件まで"),
        ("42,S55.5.5,1\n" * 1001, "1,001件あります"),
        ("42,S55.5.5,1,第9回\n", "「第9回」という回は、いま申込みを受け付けていません"),
        ("42,S55.5.5\n", "数"),
        ("42\n", "日付"),
    ],
)
def test_a_file_that_is_wrong_says_what_and_enters_nobody(
    office: Office, sale: UUID, people: list[UUID], clerk: Client, *, text: str, said: str
) -> None:
    answer = send(clerk, "paper_pile", sale, **ENTER | {"from": "file", "content": text})
    assert answer.status_code == 422
    assert said in words(answer)
    assert applied(office, people) == [0, 0]


def test_a_file_that_is_no_text_is_refused(sale: UUID, clerk: Client) -> None:
    sent = SimpleUploadedFile("pile.csv", b"42,S55.5.5,1\n\x81 ,,\n")
    assert "2行目の文字が読めません" in words(send(clerk, "paper_pile", sale, **ENTER, file=sent))


def test_no_pile_is_taken_once_the_window_is_over(
    office: Office, sale: UUID, people: list[UUID], clerk: Client
) -> None:
    set_clock_offset(municipality=office.number, offset=moment(8, 20) - now())
    assert "はがきの束を入れる" not in words(page(clerk, "sale", sale))
    assert send(clerk, "paper_pile", sale, **ENTER, **TYPED).status_code == 409
    assert look(office.browser("maker:welfare"), "paper_pile", sale).status_code == 403
    assert send(office.browser("checker:commerce"), "paper_pile", sale, **ENTER, **TYPED).status_code == 403
    assert applied(office, people) == [0, 0]


# --- reading alone ---------------------------------------------------------------------------------------------------

CELL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[tuple[str, str, str]]) -> None:
    lines = [PileRow(place, *row) for place, row in enumerate(rows, start=1)]
    assert [(row.number, row.birth_date, row.units) for row in read_pile(written_pile(lines))] == rows


def test_a_spreadsheet_s_copy_and_empty_lines_are_read() -> None:
    rows = read_pile("42\tS55.5.5\t1\n\n43\tH2.1.31\t2\t第1次\n")
    assert [(row.line, row.number, row.round) for row in rows] == [(1, "42", ""), (3, "43", "第1次")]
    assert read_pile("") == []
    with refused("paper_pile_head_missing"):
        read_pile("宛名番号,生年月日\n")
    typed = typed_pile({"number": ["", "42"], "birth_date": ["", "S55.5.5"], "units": ["", "1"], "round": ["", "a"]})
    assert typed == [PileRow(2, "42", "S55.5.5", "1", "a")]
