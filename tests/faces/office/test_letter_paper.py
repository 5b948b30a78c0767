"""Paper alone: every name is drawn, every letter is one page, the code is read by a camera, no sign is lost."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from meguri.faces.office import letter_paper, print_run
from meguri.faces.office.drawable import undrawable
from meguri.faces.office.letter_paper import COUNTER_LIST, LARGE, NORMAL, Sheet, letters_pdf, list_values, pdf, qr_of
from meguri.faces.office.letter_words import ForCodes, Sender, code_sheet
from meguri.faces.office.merge_file import cp932_file, said_again, utf8_file
from meguri.faces.office.print_run import Asked, Drawn, Kind, Part, Tally, Turn
from meguri.parties.rules import Both
from meguri.programmes.shipped import templates
from meguri.words.actor import Actor, ActorRole
from tests.faces.office.printing import pages_of, tight

NAMES = ["山田 太郎", "髙橋 花子", "渡邊 一郎", "𠮷田 さくら", "﨑山 健", "葛󠄀城 誠", "Đặng Thị Hoa", "ヴァン・ダイク"]
HOME = "〒917-9999 福井県めぐり町港一丁目2番3号 メゾン・ド・みなと 1203号室"
CODE = "AB2C-DE3F-GH4J-KM5N"
WINDOW_MM = (20, 12, 110, 57)
"""Left, top, right and bottom edge of the envelope's window on the folded sheet (millimetres)."""

TALLY = Tally()


def sender(*, invented: bool = True, town: str = "めぐり町") -> Sender:
    return Sender(
        town=Both(town, "Meguri"), department=Both("商工課", "Commerce"), day=date(2025, 9, 5),
        link="https://meguri.town.example/wallet/get/code", invented=invented,
    )


def sheet(name: str = NAMES[0], *, home: str = HOME, title: str = "プレミアム付商品券", code: str = CODE) -> Sheet:
    of = ForCodes(Both(title, "Vouchers"), 10_000, date(2025, 10, 31))
    return code_sheet(code, of=of, sender=sender(), name=name, address=home)


@pytest.mark.parametrize("size", [NORMAL, LARGE])
def test_every_name_is_drawn_and_each_letter_is_one_page(size: int) -> None:
    pages = pages_of(letters_pdf([sheet(name) for name in NAMES], title="手紙", size=size))
    assert len(pages) == len(NAMES)
    for name, page in zip(NAMES, pages, strict=True):
        assert tight(f"{name} 様") in page
        assert tight(HOME) in page
        assert CODE in page
        assert "\x00" not in page, "an empty box stands for a sign"


def test_a_name_that_cannot_be_drawn_would_leave_an_empty_box() -> None:
    """The alarm rings: this is what the test above would see."""
    (page,) = pages_of(letters_pdf([sheet("山\ue000 太郎")], title="手紙"))
    assert "\x00" in page
    assert undrawable("山\ue000 太郎") == "\ue000"


def test_only_signs_without_a_picture_are_named() -> None:
    assert undrawable("".join(NAMES) + HOME + CODE + "様〒ー々〆ゝ①㈱") == ""
    assert undrawable("﷽田﷽\U0001f600") == "﷽\U0001f600"


def test_a_letter_with_such_a_sign_is_kept_back_and_named() -> None:
    good, bad = print_run.drawn_and_not([sheet("山田"), sheet("山\ue000"), sheet("渡邊")])
    assert [each.name for each in good] == ["山田 様", "渡邊 様"]
    assert bad == [f"{CODE} 山\ue000 様: \ue000 (U+E000)"]


@pytest.mark.parametrize("name", sorted(templates()))
def test_no_programme_s_name_makes_a_second_page(name: str) -> None:
    long = sheet("寿限無寿限無五劫の擦り切れ 海砂利水魚の水行末 太郎", home=HOME * 2, title=templates()[name].name.ja)
    assert len(pages_of(letters_pdf([long, long], title="手紙", size=LARGE))) == 2


def test_the_address_lies_in_the_window_and_nothing_else_does() -> None:
    """Where each piece of text begins on the page, in millimetres from its left upper corner."""
    for size in (NORMAL, LARGE):
        inside, outside = placed(letters_pdf([sheet("𠮷田 さくら")], title="手紙", size=size))
        assert tight(HOME + "𠮷田 さくら 様") == tight("".join(inside))
        assert "めぐり町" in tight("".join(outside))


def placed(pdf: bytes) -> tuple[list[str], list[str]]:
    """Text that begins within the window, and text that begins elsewhere."""
    left, top, right, bottom = WINDOW_MM
    inside: list[str] = []
    outside: list[str] = []

    def seen(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
        across, down = x / 72 * 25.4, 297 - y / 72 * 25.4
        (inside if left <= across <= right and top <= down <= bottom else outside).append(text)

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=seen)
    return inside, outside


def test_a_real_town_s_letter_does_not_call_it_invented() -> None:
    of = ForCodes(Both("商品券", "Vouchers"), 10_000, date(2025, 10, 31))
    for invented in (True, False):
        one = code_sheet(CODE, of=of, sender=sender(invented=invented), name="山田", address=HOME)
        (page,) = pages_of(letters_pdf([one], title="手紙"))
        assert ("架空の町" in page) is invented


def test_a_letter_handed_over_names_nobody() -> None:
    of = ForCodes(Both("商品券", "Vouchers"), 10_000, date(2025, 10, 31))
    (page,) = pages_of(letters_pdf([code_sheet(CODE, of=of, sender=sender(), name="", address="")], title="手紙"))
    assert page.startswith("窓口でお渡しするもの")
    assert CODE in page


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils draw the page; not installed here")
@pytest.mark.parametrize("size", [NORMAL, LARGE])
def test_a_camera_reads_the_code_off_the_page(size: int, tmp_path: Path) -> None:
    """The drawn page, as a printer draws it at 150 dots per inch."""
    (tmp_path / "letter.pdf").write_bytes(letters_pdf([sheet()], title="手紙", size=size))
    subprocess.run(["pdftoppm", "-r", "150", "-png", tmp_path / "letter.pdf", tmp_path / "page"], check=True)
    (picture,) = tmp_path.glob("page*.png")
    assert [found.text for found in zxingcpp.read_barcodes(Image.open(picture))] == [
        f"https://meguri.town.example/wallet/get/code#c={CODE.replace('-', '')}"
    ]


def test_the_letter_s_own_picture_says_the_link() -> None:
    import segno

    link = "https://meguri.town.example/wallet/get/code#c=AB2CDE3FGH4JKM5N"
    out = io.BytesIO()
    segno.make(link, error="m", boost_error=False, micro=False).save(out, kind="png", scale=4, border=4)
    assert zxingcpp.read_barcodes(Image.open(out))[0].text == link
    assert qr_of(link).startswith("<svg ")
    assert 'xmlns="http://www.w3.org/2000/svg"' in qr_of(link), "without it the paper shows no picture"


def lines_of(kind: Kind, *names: str, tally: Tally = TALLY) -> Drawn:
    """One part of a merge file, after what `tally` counts."""
    part = Part(Asked("winners", uuid4(), kind, "発送"), (uuid4(),))
    turn = Turn(part, tally, Actor(1, ActorRole.MAKER), datetime(2025, 9, 5, tzinfo=UTC))
    return print_run.drawn_lines(turn, ["氏名"], rows=[[name] for name in names], kept_back=Tally(shielded=1))


@pytest.mark.parametrize("kind", [Kind.UTF8, Kind.CP932])
def test_a_merge_file_in_parts_is_the_file_in_one(kind: Kind) -> None:
    first = lines_of(kind, "髙橋", "渡邊")
    second = lines_of(kind, "𠮷田", "山田", tally=TALLY.and_then(first.tally))
    whole = lines_of(kind, "髙橋", "渡邊", "𠮷田", "山田")
    assert first.content + second.content == whole.content
    assert first.tally.and_then(second.tally).signs == whole.tally.signs, "the line is of the whole file"
    assert first.tally.and_then(second.tally).lines == 4
    assert bool(whole.tally.signs) == (kind is Kind.CP932)


def test_a_print_is_cut_into_parts_that_hold_pseudonyms_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_run, "IN_A_FILE", 3)
    people = [uuid4() for _ in range(7)]
    parts = print_run.parts_of(Asked("winners", uuid4(), Kind.LETTERS, "発送"), people)
    assert [len(part.people) for part in parts] == [3, 3, 1]
    assert [person for part in parts for person in part.people] == people
    assert [print_run.put_away(part).pieces for part in parts] == [3, 3, 1]


def test_the_page_to_read_first_names_everything_that_is_not_in_the_file() -> None:
    tally = Tally(lines=3, shielded=1, gone=2, incomplete=("N1",), signs=("N2 山\ue000",))
    said = print_run.report(tally, stopped=("予算が足りません。", "The budget is short."))
    for word in ("3件", "支援措置の方 1件", "対象でなくなった方 2件", "N1", "N2 山", "途中で止まった",
                 "予算が足りません。", "The budget is short."):
        assert word in said, word
    assert "途中で止まった" not in print_run.report(tally)


def test_the_counter_s_list_has_its_rows_and_says_who_is_missing() -> None:
    rows = [(f"N{number:04}", "𠮷田 さくら", "2口", "20,000円") for number in range(60)]
    pages = pages_of(pdf(COUNTER_LIST, list_values(
        rows, title="窓口の名簿", made="2025年9月5日", foot="支援措置の方 1件は載せていません。"
    )))
    assert len(pages) > 1
    assert all("受付番号" in page for page in pages), "the heads stand on every page"
    whole = "".join(pages)
    assert all(number in whole for number, *_ in rows)
    assert "支援措置の方1件は載せていません。" in whole


# --- the merge file --------------------------------------------------------------------------------------------------

HEADS = ["受付番号", "氏名", "住所"]


def test_what_cp932_cannot_say_is_named_with_its_line() -> None:
    rows = [HEADS, ["A1", "髙橋 﨑", "港1〜2−3"], ["A2", "𠮷田", "葛󠄀城"], ["A3", "渡邊", "港"]]
    content, missing = cp932_file(rows)
    assert [(each.line, each.head, each.sign) for each in missing] == [
        (3, "氏名", "𠮷"), (3, "住所", "\U000e0100"),
    ]
    assert "3行目 / line 3「氏名」: 𠮷 (U+20BB7)" in missing[0].text
    read = content.decode("cp932")
    assert "〓" not in read
    assert "?" not in read
    assert "{U+20BB7}田" in read
    assert said_again(read.splitlines()[2]) == "A2,𠮷田,葛󠄀城"


def test_signs_that_unicode_has_twice_are_the_same_sign() -> None:
    content, missing = cp932_file([HEADS, ["A1", "〜−—‖¢£¬", ""]])
    assert missing == ()
    assert content.decode("cp932").splitlines()[1] == "A1,～－―∥￠￡￢,"


def test_both_encodings_are_what_spreadsheets_expect() -> None:
    rows = [HEADS, ["A1", "山田", "港,1"], ["A2", "=1+1", "港"]]
    assert utf8_file(rows).startswith(b"\xef\xbb\xbf")
    content, _ = cp932_file(rows)
    assert content.startswith("受付番号".encode("cp932"))
    for text in (utf8_file(rows).decode("utf-8-sig"), content.decode("cp932")):
        assert text.split("\r\n")[:2] == ["受付番号,氏名,住所", 'A1,山田,"港,1"']
        assert "A2,'=1+1,港" in text, "no formula runs on the printer's machine"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="{}〜−—‖¢£¬"), max_size=20))
def test_a_cp932_file_comes_back_sign_for_sign(text: str) -> None:
    content, missing = cp932_file([HEADS, [f"N{text}", "", ""]])
    line = content.decode("cp932").split("\r\n")[1]
    back = said_again(line.removesuffix(",,"))
    assert back.strip('"').replace('""', '"') == f"N{text}".strip('"')
    assert {each.sign for each in missing} == {found for found in text if not sayable(found)}


def sayable(sign: str) -> bool:
    return re.fullmatch(r"[^\x00]", sign.encode("cp932", errors="ignore").decode("cp932") or "\x00") is not None


def test_long_pieces_are_set_smaller() -> None:
    small, usual, short = (
        letter_paper._sizes(each, size=NORMAL)
        for each in (sheet(home="港" * 60), sheet(home="港"), replace(sheet(), number="A" * 10))
    )
    assert small["address_size"] < usual["address_size"]
    assert short["number_size"] > usual["number_size"]
