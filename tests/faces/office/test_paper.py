"""Paper notes in the office: ordered, approved, printed, sold, blocked, replaced, counted at the desk."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import zxingcpp
from django.http import FileResponse
from django.test import Client
from PIL import Image
from pypdf import PdfReader

from meguri.faces.office import note_file, paper_run
from meguri.faces.office.letter_paper import qr_of
from meguri.faces.office.note_paper import Issue, Slip, notes_pdf, sheets_of
from meguri.ledger import queries as books
from meguri.ledger.operations import set_clock_offset
from meguri.ledger.templates import AccountRole
from meguri.parties import queries as parties
from meguri.programmes.vouchers import queries as vouchers
from meguri.settlement import queries as settlement
from meguri.settlement.operations import run_settlement
from meguri.wallets import paper as notes
from meguri.wallets import print_runs
from meguri.wallets.notes import Serial
from meguri.wallets.operations import open_wallet
from meguri.words.clock import now
from tests.faces.office.lived import Office, moment
from tests.faces.office.printing import pages_of, settle_in, tight
from tests.faces.office.reading import address, cells, look, page, send, words

MAKER, CHECKER = "maker:commerce", "checker:commerce"


class Counter:
    """The office in October, when winners buy: an approved run of three booklets of 13 notes."""

    def __init__(self, office: Office) -> None:
        self.office, self.town = office, office.town
        self.sale = office.sale()
        for holder in (office.town.holder, office.town.other):
            office.applied(self.sale, holder)
        office.drawn(self.sale)
        self.town.at = moment(10, 3)
        set_clock_offset(municipality=office.number, offset=self.town.at - now())
        self.maker, self.checker = office.browser(MAKER), office.browser(CHECKER)

    def order(self, booklets: str = "3") -> UUID:
        unit = f"{self.office.programme('voucher')}:"
        send(self.maker, "paper", act="order", unit=unit, face_yen="1,000", booklets=booklets)
        return notes.print_runs(self.office.number, department="commerce")[0].id

    def approved(self) -> UUID:
        run = self.order()
        send(self.checker, "paper_run", run, act="approve")
        return run

    def cover(self, number: int) -> Serial:
        return Serial(self.office.number, 1, number)

    def receipt(self, place: int = 0) -> str:
        return vouchers.applications(self.sale, municipality=self.office.number)[place].number

    def codes(self, run: UUID, booklet: int) -> list[str]:
        key = print_runs.run_key(run, self.office.number)
        return [print_runs.link(self.cover(booklet).of(note), host="x", key=key) for note in range(1, 14)]

    def held(self, owner: UUID, role: AccountRole = AccountRole.WALLET) -> int:
        return sum(each.amount for each in books.balances([owner], role, municipality=self.office.number))


@pytest.fixture
def counter(office: Office) -> Counter:
    return Counter(office)


def fetched(client: Client, run: UUID, **form: str) -> dict[str, bytes]:
    asked = {"act": "print", "form": "pdf", "part": "1", "because": "窓口販売用", **form}
    answer = client.post(address("paper_run", run), asked)
    assert isinstance(answer, FileResponse), words(answer)[:400]
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as bundle:  # type: ignore[arg-type]
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_a_run_is_ordered_by_one_and_approved_by_another(counter: Counter) -> None:
    run = counter.order()
    text = page(counter.maker, "paper_run", run)
    assert "承認者の承認を待っています" in words(text)
    assert "この券を刷ってよいですか" in words(text)
    assert send(counter.maker, "paper_run", run, act="approve").status_code == 403
    assert send(counter.maker, "paper_run", run, act="print", form="pdf", part="1", because="x").status_code == 409
    send(counter.checker, "paper_run", run, act="approve")
    text = words(page(counter.checker, "paper_run", run))
    assert "冊子はどうなっていますか" in text
    assert "13,000円" in text
    assert len(cells(page(counter.maker, "paper_run", run), "冊子")) == 3
    assert "印刷できます" in words(page(counter.maker, "paper"))
    assert send(counter.maker, "paper_run", run, act="withdraw").status_code == 409


def test_the_order_stands_on_the_checker_s_desk(counter: Counter) -> None:
    """What waits for a second person is where that person looks first, with its name and size."""
    run = counter.order()
    text = page(counter.checker, "desk")
    assert "紙の券の印刷の承認" in words(text)
    assert "1,000円券 3冊" in words(text)
    assert f"/office/paper/{run}" in text
    assert "あなたが起票したものです" not in words(text)
    assert "紙の券の印刷を認める" in words(page(counter.maker, "approvals"))
    send(counter.checker, "paper_run", run, act="approve")
    assert "紙の券の印刷の承認" not in words(page(counter.checker, "desk"))


def test_too_many_booklets_are_blocked_in_parts(counter: Counter) -> None:
    run = counter.approved()
    all_of_them = f"{counter.cover(1).shown}~{counter.cover(1_500).shown}"
    answer = send(counter.maker, "paper_run", run, act="block", numbers=all_of_them, because="盗難")
    assert answer.status_code == 422
    assert "1,000冊まで" in words(answer)


def test_a_run_is_sent_back_or_withdrawn(counter: Counter) -> None:
    run = counter.order()
    assert send(counter.checker, "paper_run", run, act="reject").status_code == 422
    send(counter.checker, "paper_run", run, act="reject", because="冊数が違う")
    assert look(counter.maker, "paper_run", run).status_code == 404
    again = counter.order("2")
    send(counter.maker, "paper_run", again, act="withdraw")
    assert notes.print_runs(counter.office.number, department="commerce") == ()


def test_what_cannot_be_printed_is_said_at_its_field(counter: Counter) -> None:
    unit = f"{counter.office.programme('voucher')}:"
    for face, booklets, why in (
        ("700", "1", "ちょうど分けられません"), ("1000", "", "数を入力してください(単位: 冊)"),
        ("x", "1", "読めません"),
    ):  # fmt: skip
        answer = send(counter.maker, "paper", act="order", unit=unit, face_yen=face, booklets=booklets)
        assert answer.status_code == 422
        assert why in words(answer)
    assert send(counter.maker, "paper", act="order", unit="none", face_yen="1", booklets="1").status_code == 400


def test_every_note_is_in_the_pdf_and_its_code_is_read_back(counter: Counter) -> None:
    run = counter.approved()
    files = fetched(counter.maker, run)
    (pdf,) = (content for name, content in files.items() if name.endswith(".pdf"))
    pages = pages_of(pdf)
    assert len(pages) == 3 * 2, "a booklet of 13 notes and a cover takes two sheets"
    assert "表紙" in pages[0]
    for number in (1, 2, 3):
        for note in range(14):
            assert counter.cover(number).of(note).shown in "".join(pages)
    assert tight("お釣りは出ません") in pages[0]
    assert tight("有効期限") in pages[0]
    assert "1,000円" in pages[0]
    assert "架空の町の見本" in pages[0]
    assert "39枚" in files["read-first.txt"].decode("utf-8-sig")
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


def test_a_large_part_comes_in_several_pdfs_one_after_the_other(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one of them is in memory; together they hold every booklet of the part once, and no other."""
    monkeypatch.setattr(note_file, "IN_A_PDF", 2)
    monkeypatch.setattr(paper_run, "PART", 3)
    run = counter.order("5")
    send(counter.checker, "paper_run", run, act="approve")
    first = fetched(counter.maker, run, part="1")
    second = fetched(counter.maker, run, part="4")
    assert sorted(name for name in first if name.endswith(".pdf")) == ["notes-0001-000001.pdf", "notes-0001-000003.pdf"]
    assert sorted(name for name in second if name.endswith(".pdf")) == ["notes-0001-000004.pdf"]
    read = ["".join("".join(pages_of(content)) for name, content in sorted(files.items()) if name.endswith(".pdf"))
            for files in (first, second)]  # fmt: skip
    for number in range(1, 6):
        for note in (0, 1, 13):
            shown = counter.cover(number).of(note).shown
            assert [text.count(shown) for text in read] == ([1, 0] if number <= 3 else [0, 1])
    assert "5 / 5" in words(page(counter.maker, "paper_run", run))


def test_the_merge_file_carries_what_the_pdf_shows(counter: Counter) -> None:
    run = counter.approved()
    for form, encoding in (("utf8", "utf-8-sig"), ("cp932", "cp932")):
        text = fetched(counter.maker, run, form=form)["notes.csv"].decode(encoding)
        heads, *rows = csv.reader(io.StringIO(text, newline=""))
        assert heads[0] == "冊子"
        assert len(rows) == 3 * 14
        assert rows[1][2] == counter.cover(1).of(1).shown
        assert [row[7][-36:] for row in rows[1:14]] == [code[-36:] for code in counter.codes(run, 1)]
        assert {row[4] for row in rows} == {"1000", "13000"}
        assert [row[5] == "表紙" for row in rows[:14]] == [True] + [False] * 13, "a cover is spent nowhere"
    fetches = cells(page(counter.maker, "paper_run", run), "受け取った印刷ファイル")
    assert [row[2:] for row in fetches] == [["1–3", "cp932", "窓口販売用"], ["1–3", "utf8", "窓口販売用"]]
    assert send(counter.maker, "paper_run", run, act="print", form="pdf", part="1", because=" ").status_code == 422
    assert send(counter.maker, "paper_run", run, act="print", form="pdf", part="99", because="x").status_code == 400


def test_booklets_are_sold_at_the_counter_in_one_step(counter: Counter) -> None:
    run = counter.approved()
    covers = f"{counter.cover(1).shown}\n{counter.cover(2).digits}\n{counter.cover(2).shown}"
    done = send(counter.maker, "paper_run", run, act="sell", number=counter.receipt(), booklets=covers)
    assert "2冊(26,000円分)を渡しました" in words(done)
    assert counter.held(print_runs.booklet_id(run, 1)) == 13_000
    (first, _) = vouchers.applications(counter.sale, municipality=counter.office.number)
    assert (first.state, first.units_bought) == ("purchased", 2)
    assert counter.held(first.resident) == 0


def test_what_is_handed_over_is_said_before_the_money_is_taken(counter: Counter) -> None:
    run = counter.approved()
    covers = f"{counter.cover(1).shown}\n{counter.cover(2).shown}"
    form = {"number": counter.receipt(), "booklets": covers}
    told = words(send(counter.maker, "paper_run", run, act="check_sale", **form))
    both = (counter.cover(1).shown, counter.cover(2).shown)
    for word in ("この内容で売りますか", "20,000円", "紙の券で渡す", "26,000円", *both):
        assert word in told, word
    assert counter.held(print_runs.booklet_id(run, 1)) == 0, "nothing was sold by looking"
    send(counter.maker, "paper_run", run, act="sell", **form)
    for wrong, why in ((form, "いま買える口数がありません"), (form | {"booklets": " "}, "冊子の番号がまだです"),
                       (form | {"number": "none"}, "この事業にありません")):  # fmt: skip
        answer = send(counter.maker, "paper_run", run, act="check_sale", **wrong)
        assert answer.status_code in (404, 409, 422)
        assert why in words(answer)
    assert send(counter.checker, "paper_run", run, act="check_sale", **form).status_code == 403


def test_a_sale_that_fails_hands_nothing_over_and_sells_nothing(counter: Counter) -> None:
    run = counter.approved()
    for number, covers, status, why in (
        ("none", counter.cover(1).shown, 404, "この事業にありません"),
        (counter.receipt(), " ", 422, "冊子の番号がまだです"),
        (counter.receipt(), counter.cover(9).shown, 404, "印刷されていません"),
        (counter.receipt(), "12345", 422, "読めません"),
        (counter.receipt(), "\n".join(counter.cover(each).shown for each in (1, 2, 3)), 422, "2口"),
    ):
        answer = send(counter.maker, "paper_run", run, act="sell", number=number, booklets=covers)
        assert answer.status_code == status, words(answer)[:300]
        assert why in words(answer)
    assert {each.state for each in vouchers.applications(counter.sale, municipality=counter.office.number)} == {"won"}


def test_lost_notes_are_blocked_one_by_one_and_by_the_range(counter: Counter) -> None:
    run = counter.approved()
    send(counter.maker, "paper_run", run, act="sell", number=counter.receipt(),
         booklets=f"{counter.cover(1).shown}\n{counter.cover(2).shown}")  # fmt: skip
    one = counter.cover(1).of(3).shown
    assert "券を1枚止めました" in words(send(counter.maker, "paper_run", run, act="block", numbers=one, because="紛失"))
    both = f"{counter.cover(2).shown}~{counter.cover(3).shown}"
    said = words(send(counter.maker, "paper_run", run, act="block", numbers=both, because="盗難"))
    assert "券を26枚止めました" in said
    assert send(counter.maker, "paper_run", run, act="block", numbers=" ", because="x").status_code == 422
    assert send(counter.maker, "paper_run", run, act="block", numbers=both, because=" ").status_code == 422
    text = page(counter.maker, "booklet", print_runs.booklet_id(run, 1))
    rows = cells(text, "この冊子の券")
    assert [row[2] for row in rows] == ["使える"] * 2 + ["止めた"] + ["使える"] * 10
    assert rows[2][4] == "紛失"
    listed = cells(page(counter.maker, "paper_run", run, state="blocked"), "冊子")
    assert len(listed) == 3
    assert cells(page(counter.maker, "paper_run", run, **{"from": "2"}), "冊子")[0][0] == counter.cover(3).shown


def test_a_lost_booklet_is_replaced_by_a_checker(counter: Counter) -> None:
    run = counter.approved()
    person = settle_in(counter.office, "山田 太郎", "みなと町1-1", number="00071")
    send(counter.maker, "paper_run", run, act="sell", number=counter.receipt(),
         booklets=f"{counter.cover(1).shown}\n{counter.cover(2).shown}")  # fmt: skip
    one, two = (print_runs.booklet_id(run, number) for number in (1, 2))
    assert "残りを出し直す" not in words(page(counter.maker, "booklet", one))
    onto = counter.cover(3).shown
    assert send(counter.maker, "booklet", one, act="replace", because="x", onto=onto).status_code == 403
    assert send(counter.checker, "booklet", one, act="replace", because="", onto=onto).status_code == 422
    said = words(send(counter.checker, "booklet", one, act="replace", because="紛失", onto=onto))
    assert "残り13,000円を出し直しました" in said
    assert counter.held(print_runs.booklet_id(run, 3)) == 13_000
    assert send(counter.checker, "booklet", two, act="replace", because="紛失", resident="nobody").status_code == 404
    assert send(counter.checker, "booklet", two, act="replace", because="紛失", resident="00071").status_code == 404
    open_wallet(person, by=counter.office.system, at=counter.town.at)
    send(counter.checker, "booklet", two, act="replace", because="紛失", resident="７１")
    assert counter.held(person) == 13_000
    assert "出し直した" in words(page(counter.checker, "paper_run", run, state="replaced"))


def test_the_desk_counts_what_a_shop_without_a_device_brings(counter: Counter) -> None:
    run = counter.approved()
    send(counter.maker, "paper_run", run, act="sell", number=counter.receipt(),
         booklets=f"{counter.cover(1).shown}\n{counter.cover(2).shown}")  # fmt: skip
    shop = parties.shop(counter.town.small_shop, municipality=counter.office.number)
    assert shop is not None
    delivery = str(uuid4())
    pile = "\n".join([*counter.codes(run, 1), counter.codes(run, 3)[0]])
    said = words(send(counter.maker, "counting", shop=shop.code, delivery=delivery, notes=pile))
    assert "13枚・13,000円を数えました" in said
    assert "1枚は数えていません" in said
    assert "まだ販売されていません" in said
    assert counter.held(counter.town.small_shop, AccountRole.SHOP) == 13_000
    again = words(send(counter.maker, "counting", shop=shop.code, delivery=delivery, notes=pile))
    assert "13枚・13,000円を数えました" in again
    other = {"shop": shop.code, "delivery": str(uuid4()), "notes": counter.codes(run, 1)[0]}
    assert "この店で使われています" in words(send(counter.maker, "counting", **other))
    assert send(counter.maker, "counting", shop="1", delivery=delivery, notes=pile).status_code == 422
    assert send(counter.maker, "counting", shop=shop.code, delivery=delivery, notes="").status_code == 422
    counter.office.banked()
    counter.town.at += timedelta(days=2)
    set_clock_offset(municipality=counter.office.number, offset=counter.town.at - now())
    settled_13000(counter)


def settled_13000(counter: Counter) -> None:
    """Notes settle as any payment does."""
    run = run_settlement(by=counter.office.officer("accountant:accounting"), at=counter.town.at,
                         cutoff=counter.town.at - timedelta(days=1))  # fmt: skip
    (told,) = settlement.statements(municipality=counter.office.number, at=counter.town.at, run=run.id)
    assert (told.payments_count, told.gross_yen) == (13, 13_000)


# --- the paper itself ------------------------------------------------------------------------------------------------


def test_a_code_as_it_is_drawn_is_read_by_a_scanner() -> None:
    text = f"https://meguri.example/note#{'0' * 20}{'A' * 16}"
    svg = qr_of(text)
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    image = Image.new("L", (size, size), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg):
        image.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    read = zxingcpp.read_barcodes(image.resize((size * 6, size * 6), Image.Resampling.NEAREST))
    assert [each.text for each in read] == [text]


def test_a_booklet_begins_a_sheet_of_its_own() -> None:
    slip = Slip("1", "A" * 16, "https://x/note#1", 1, ("すべて", "all"))
    assert [len(each) for each in sheets_of([[slip] * 14, [slip] * 3, [slip] * 10])] == [10, 4, 3, 10]


def test_long_names_stay_within_a_note() -> None:
    name = ("とても長い名前のプレミアム付き商品券" * 2, "A very long name " * 3)
    issue = Issue(("めぐり市" * 3, "Meguri"), name, 500, 99,
                  ("有効期限 2026年1月31日(土)まで", "Good until 31 January 2026"), None)  # fmt: skip
    where = ("店の区分が「中小店」または「商店街の店」", "small")
    slip = Slip("020001-0003-000127-07-45", "A" * 16, "https://x/note#1", 1, where)
    (only,) = pages_of(notes_pdf([[slip] * 10], issue=issue, title="x"))
    assert only.count("お釣りは出ません") == 10
