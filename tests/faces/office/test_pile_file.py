"""How piles of paper applications really come: out of spreadsheets and old systems, with eras, zeros and marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import product
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.paper_pile import SHEET_MOST
from meguri.faces.office.pile_file import COLUMNS, PileRow, read_pile, typed_pile, written_pile
from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import queries as vouchers
from meguri.words.clock import now
from meguri.words.refusal import Refusal
from tests.faces.office.lived import Office, moment
from tests.faces.office.printing import settle_in
from tests.faces.office.reading import cells, look, page, send, words
from tests.programmes.vouchers.lived_town import refused

MAKER = "maker:commerce"
FILE = {"act": "look", "from": "file"}
ENTER = {"act": "enter", "which": "good", "from": "file"}


@pytest.fixture
def sale(office: Office) -> UUID:
    """Open for applications; it is 1 August."""
    opened = office.sale()
    set_clock_offset(municipality=office.number, offset=moment(8, 1) - now())
    return opened


@pytest.fixture
def person(office: Office) -> UUID:
    """Number 00042, born on 5 May 昭和55."""
    return settle_in(office, "山田 花子", "めぐり町港1-1", number="00042")


@pytest.fixture
def clerk(office: Office) -> Client:
    return office.browser(MAKER)


Results = Callable[[str], list[str]]


@pytest.fixture
def results(sale: UUID, clerk: Client) -> Results:
    """What a look says of each line of a file, in the file's order."""

    def looked(content: str, lang: str = "ja") -> list[str]:
        answer = send(clerk, "paper_pile", sale, **FILE, content=content, lang=lang)
        rows = cells(answer.content.decode(), "束の行ごとの結果")
        return [" ".join(row[3:]).removesuffix(" —") for row in sorted(rows, key=lambda row: int(row[0]))]

    return looked


def units_of(office: Office, person: UUID) -> int:
    return sum(each.units_applied for each in vouchers.applications_of(person, municipality=office.number))


# --- numbers, dates and units as people write them -------------------------------------------------------------------

GOOD = ["S55.5.5", "昭和55年5月5日", "ｓ５５．５．５", "3550505", "S550505", "1980-05-05", "1980/5/5", "19800505",
        "昭和５５年０５月０５日", " 1980. 5. 5 "]  # fmt: skip
WRONG = [("平成55年5月5日", "平成の期間にありません"), ("S65.1.8", "昭和の期間にありません"),
         ("80/5/5", "日付として読めません"), ("29346", "日付として読めません"), ("S55.2.30", "日付として読めません"),
         ("昭和五十五年", "日付として読めません"), ("令和55年5月5日", "生年月日と違います"), ("S55.5.6", "と違います"),
         ("1955-05-05", "と違います"), ("", "日付を入力してください")]  # fmt: skip


def test_a_birth_date_is_read_in_every_way_that_forms_have_it(person: UUID, results: Results) -> None:
    said = results("".join(f"42,{text},1\n" for text in GOOD))
    assert said[0] == "入れられます"
    assert all("この束の1行目と同じ人です" in each for each in said[1:]), "each was read, and is the same person"


def test_a_birth_date_that_is_wrong_says_in_which_way(person: UUID, results: Results) -> None:
    said = results("".join(f"42,{text},1\n" for text, _ in WRONG))
    assert len(said) == len(WRONG)
    for (text, because), each in zip(WRONG, said, strict=True):
        assert because in each, text


def test_zeros_that_a_spreadsheet_ate_are_found_again_and_other_harm_is_not(person: UUID, results: Results) -> None:
    forms = ["42", "042", "00042", "４２", " 42 ", "００４２"]
    said = results("".join(f"{number},S55.5.5,1\n" for number in forms))
    assert said[0] == "入れられます"
    assert all("同じ人です" in each for each in said[1:])
    harmed = ["4.2E+01", "42.0", "#REF!", "4 2x", "9" * 60, "0", "٤٢x"]
    for number, said_of_it in zip(harmed, results("".join(f"{each},S55.5.5,1\n" for each in harmed)), strict=True):
        assert "この宛名番号の方は登録にありません" in said_of_it, number


def test_a_number_that_two_people_have_but_for_its_zeros_is_nobody_s(
    office: Office, person: UUID, results: Results
) -> None:
    other = settle_in(office, "鈴木 一郎", "めぐり町港1-2", number="0042", born=date(1990, 1, 31))
    said = results("42,S55.5.5,1\n00042,S55.5.5,1\n0042,H2.1.31,1\n0042,S55.5.5,1\n")
    assert [("登録にありません" in each, each == "入れられます", "と違います" in each) for each in said] == [
        (True, False, False), (False, True, False), (False, True, False), (False, False, True)
    ]  # fmt: skip
    assert units_of(office, other) == 0


def test_units_are_counted_in_any_writing_and_never_guessed(person: UUID, results: Results) -> None:
    for good in ("2", "２", "2口", "２口", "02", "+2"):
        assert results(f"42,S55.5.5,{good}\n") == ["入れられます"], good
    for bad in ("0", "-1", "1.5", "二", "2口x", "1e1", "99999999999999999999", "3 つ", "1,5"):
        (said,) = results(f'42,S55.5.5,"{bad}"\n')
        assert "入れられます" not in said, bad


# --- the file around them --------------------------------------------------------------------------------------------


def test_every_encoding_and_line_ending_of_old_systems_is_read(
    office: Office, sale: UUID, person: UUID, clerk: Client
) -> None:
    """The marks beside are of CP932's own; the first file is entered, the others find it there."""
    for place, (encoding, ending) in enumerate(product(("cp932", "utf-8-sig"), ("\r\n", "\n", "\r"))):
        text = ending.join(["宛名番号,生年月日,口数,回,備考", '"00042","昭和55年5月5日","２",,"髙と①と㈱"', ""])
        sent = SimpleUploadedFile("束.csv", text.encode(encoding))
        told = words(send(clerk, "paper_pile", sale, **ENTER | {"file": sent}))
        assert f"{0 if place else 1}件を受け付けました。0行が残っています" in told, (encoding, ending)
        assert units_of(office, person) == 2


def test_a_mark_of_byte_order_that_was_pasted_is_no_part_of_the_head() -> None:
    assert read_pile("\ufeff宛名番号,生年月日,口数\n42,S55.5.5,1\n") == [PileRow(2, "42", "S55.5.5", "1")]
    assert read_pile("\ufeff42,S55.5.5,1\n") == [PileRow(1, "42", "S55.5.5", "1")]


@pytest.mark.parametrize(
    "head",
    ["宛名番号,生年月日,口数", "番号,生年月日,申込口数", "Number,Birth_Date,UNITS", "　宛名番号　, 生年月日 ,口数 ",
     "resident_number,birth_date,units", "ｎｕｍｂｅｒ,ｂｉｒｔｈ＿ｄａｔｅ,ｕｎｉｔｓ"],
)  # fmt: skip
def test_heads_are_known_in_every_writing(head: str) -> None:
    assert read_pile(f"{head}\n42,S55.5.5,1\n") == [PileRow(2, "42", "S55.5.5", "1")]


def test_columns_in_another_order_with_strange_ones_between() -> None:
    text = '氏名,口数,備考,回,生年月日,宛名番号\n山田,2,"a,\nb",第1次,S55.5.5,42\n\n,,,,,\n鈴木,1,,,H2.1.31,43\n'
    assert read_pile(text) == [PileRow(3, "42", "S55.5.5", "2", "第1次"), PileRow(6, "43", "H2.1.31", "1")]


@pytest.mark.parametrize(
    ("head", "missing"),
    [("生年月日,口数", "宛名番号"), ("宛名番号,口数", "生年月日"), ("宛名番号,生年月日", "口数"), ("回", "宛名番号")],
)
def test_a_missing_head_is_named_in_both_languages(head: str, missing: str) -> None:
    with refused("paper_pile_head_missing") as caught:
        read_pile(f"{head}\n1,2,3\n")
    assert f"「{missing}」がありません" in caught.value.sentence("ja")
    assert f"no column “{missing}”" in caught.value.sentence("en")
    assert caught.value.facts["head"] == missing


@pytest.mark.parametrize(("text", "line"), [('42,"S55\n', 1), ('42,S55,1\n43,"x"y,1\n', 2), ('"', 1)])
def test_a_broken_quotation_is_named_with_its_line_in_both_languages(text: str, line: int) -> None:
    with refused("paper_pile_unreadable") as caught:
        read_pile(text)
    assert caught.value.facts["line"] == line
    assert f"{line}行目の引用符" in caught.value.sentence("ja")
    assert f"quotation mark on line {line}" in caught.value.sentence("en")


@given(st.text(st.sampled_from('42,\t"\r\n\x00\x1a　口数宛名番号回S.'), max_size=40))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    """It is read, or refused in words; what was read comes back from its own writing."""
    try:
        rows = read_pile(text)
    except Refusal:
        return
    assert all(not row.is_empty and row.number == row.number.strip() for row in rows)
    again = [(row.number, row.birth_date, row.units, row.round) for row in read_pile(written_pile(rows))]
    assert again == [(row.number, row.birth_date, row.units, row.round) for row in rows]


@given(st.lists(st.tuples(*[st.text(st.sampled_from("4 　a"), max_size=3)] * 4), max_size=6))
def test_a_sheet_keeps_the_places_of_its_lines(typed: list[tuple[str, str, str, str]]) -> None:
    columns = {name: [row[place] for row in typed] for place, name in enumerate(COLUMNS)}
    rows = typed_pile(columns)
    assert [row.line for row in rows] == [
        place for place, row in enumerate(typed, start=1) if any(cell.strip() for cell in row[:3])
    ]


# --- the sheet, the page ---------------------------------------------------------------------------------------------


def test_a_line_that_is_named_is_the_line_that_stands_there(
    sale: UUID, person: UUID, clerk: Client
) -> None:
    """Empty lines above fall away when the sheet is shown again: what names a line must name it as it stands then."""
    typed = {"number": ["", "42", "", "42"], "birth_date": ["", "S55.5.5", "", "S55.5.5"], "units": ["", "1", "", "1"]}
    answer = send(clerk, "paper_pile", sale, act="look", **typed)
    assert re.findall(r'name="number" value="(\w*)"', answer.content.decode())[:3] == ["42", "42", ""]
    assert "この束の1行目と同じ人です" in words(answer)


def test_a_line_that_is_nowhere_is_judged_as_nothing(sale: UUID, person: UUID, clerk: Client) -> None:
    for place in ("", "x", "0", "-1", "９９９９９９９９９９", "2"):
        answer = send(clerk, "paper_pile_line", sale, place=place, number="42", birth_date="S55.5.5", units="1")
        assert answer.status_code in (200, 422), place
        assert "入れられます" not in words(answer), place


def test_a_sheet_has_an_end_and_what_was_typed_is_never_lost(sale: UUID, clerk: Client) -> None:
    many = {"number": ["7"] * (SHEET_MOST + 1), "birth_date": [""] * (SHEET_MOST + 1), "units": [""] * (SHEET_MOST + 1)}
    text = send(clerk, "paper_pile", sale, act="more", **many).content.decode()
    assert text.count('name="number"') == SHEET_MOST + 1


def test_what_is_typed_is_shown_and_never_run(sale: UUID, person: UUID, clerk: Client) -> None:
    evil = '<script>alert("x")</script>'
    for form in ({"act": "look", "number": [evil], "birth_date": ["S55.5.5"], "units": [evil]},
                 FILE | {"content": f"'{evil}',S55.5.5,1,{evil}\n=1+1,,\n"}):  # fmt: skip
        assert evil not in send(clerk, "paper_pile", sale, **form).content.decode()


def test_the_page_speaks_english_from_head_to_refusal(
    office: Office, sale: UUID, person: UUID, clerk: Client
) -> None:
    blank = words(page(clerk, "paper_pile", sale, lang="en"))
    for word in ("Enter the applications of this pile?", "One line for each form", "Register number", "From a file"):
        assert word in blank, word
    content = "42,S55.5.5,2\n42,S55.5.5,2\n999,S55.5.5,1\n42,H2.1.31,1\n42,S55.5.5,1,moon\n42,x,1\n"
    look(clerk, "paper_pile", sale, lang="en")
    told = words(send(clerk, "paper_pile", sale, **FILE, content=content))
    for word in ("Can be entered 1", "To mend 5", "The same person as on line 1 of this pile",
                 "No round “moon” takes applications now", "cannot be read as a date"):  # fmt: skip
        assert word in told, word
    assert units_of(office, person) == 0
    told = words(send(clerk, "paper_pile", sale, **ENTER | {"which": "all"}, content=content))
    assert "5 lines need mending, so none was entered" in told
    told = words(send(clerk, "paper_pile", sale, **ENTER, content=content))
    assert "1 entered; 5 lines are left." in told
    assert "The receipt numbers" in told
    told = words(send(clerk, "paper_pile", sale, **ENTER, content=""))
    assert "A pile holds 1 to 1,000 applications (0 here)" in told


def test_a_round_is_found_by_code_or_name_in_any_width(
    office: Office, sale: UUID, person: UUID, results: Results
) -> None:
    facts = vouchers.sale_page(sale, municipality=office.number)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for name in (facts.round, facts.round_name.ja, facts.round_name.en, facts.round_name.ja.translate(wide),
                 facts.round.upper()):  # fmt: skip
        assert results(f"42,S55.5.5,1,{name}\n") == ["入れられます"], name
