"""The print file of a run: sheets to cut at the office's own printer, or data for a professional one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice

from django.http import FileResponse

from meguri.faces.design import figures
from meguri.faces.office.merge_file import cp932_file, utf8_file
from meguri.faces.office.note_paper import Issue, Slip, notes_pdf
from meguri.faces.office.print_run import Files, fetched
from meguri.ledger.queries import Municipality
from meguri.wallets.notes import SIGNS
from meguri.wallets.paper import RunView
from meguri.wallets.print_runs import PrintedNote

IN_A_PDF = 25
"""Booklets of one PDF: a hundred megabytes of memory while it is set, whatever the size of the run."""
HEADS = ("冊子", "枚目", "券番号", "検証文字", "額面(円)", "使える店", "有効期限", "QRコードの内容")


class Form(StrEnum):
    """As what a run is fetched: sheets to cut, or data for a professional printer."""

    PDF = "pdf"
    UTF8 = "utf8"
    CP932 = "cp932"


FORMS = {
    Form.PDF: ("A4に10枚のPDF(切り取り線つき)", "PDF, ten notes an A4 sheet, with cut lines"),
    Form.UTF8: ("印刷会社用の差込データ CSV(UTF-8)", "Merge data for a printer, CSV (UTF-8)"),
    Form.CP932: ("印刷会社用の差込データ CSV(Shift_JIS/CP932)", "Merge data for a printer, CSV (Shift_JIS/CP932)"),
}


def note_file(
    printed: Iterator[Sequence[PrintedNote]], *, run: RunView, form: Form, span: tuple[int, int], issue: Issue
) -> FileResponse:
    """The zip for the printer, with a page to read first; no cache keeps it."""
    content = _content(printed, run=run, form=form, first=span[0], issue=issue)
    return fetched(content, name=f"notes-{run.number:04}", said=_said(run, span))


def part_pdf(booklets: Sequence[Sequence[PrintedNote]], *, run: RunView, town: Municipality | None) -> bytes:
    """The sheets of these booklets, as the worker makes them."""
    slips = [[_slip(run, each) for each in booklet] for booklet in booklets]
    return notes_pdf(slips, issue=issue_of(run, town=town), title=run.name.ja)


def made_file(
    parts: Iterator[tuple[int, bytes]], *, run: RunView, span: tuple[int, int]
) -> FileResponse:
    """The zip of a file that the worker has made; opened part by part, in no cache."""
    named = ((f"notes-{run.number:04}-{first:06}.pdf", content) for first, content in parts)
    return fetched(named, name=f"notes-{run.number:04}", said=_said(run, span))


def _said(run: RunView, span: tuple[int, int]) -> str:
    """The page to read first."""
    first, last = span
    count = last - first + 1
    return (
        f"冊子 {first:,}〜{last:,}({count:,}冊、券 {count * run.notes_each:,}枚) / booklets {first:,} to {last:,}\r\n"
        "この中の番号と文字はお金と同じです。刷り終えたら消してください。 / "
        "What is in here is as good as money: erase it once it is printed.\r\n"
    )


def _content(
    printed: Iterator[Sequence[PrintedNote]], *, run: RunView, form: Form, first: int, issue: Issue
) -> Files:
    if form is Form.PDF:
        return _pdfs(printed, run=run, first=first, issue=issue)
    until = figures.show_day(run.expires_on, "ja", style="year") if run.expires_on else ""
    rows = [HEADS, *(_line(run, each, until=until) for booklet in printed for each in booklet)]
    return [("notes.csv", utf8_file(rows) if form is Form.UTF8 else cp932_file(rows)[0])]


def _pdfs(
    printed: Iterator[Sequence[PrintedNote]], *, run: RunView, first: int, issue: Issue
) -> Iterator[tuple[str, bytes]]:
    """The PDFs one after the other, each made when it is asked for: only one is in memory."""
    while booklets := list(islice(printed, IN_A_PDF)):
        slips = [[_slip(run, each) for each in booklet] for booklet in booklets]
        yield f"notes-{run.number:04}-{first:06}.pdf", notes_pdf(slips, issue=issue, title=run.name.ja)
        first += len(booklets)


def _slip(run: RunView, each: PrintedNote) -> Slip:
    where, _ = run.sections[each.section]
    return Slip(each.serial.shown, each.link[-SIGNS:], each.link, each.serial.note, (where.ja, where.en))


def _line(run: RunView, each: PrintedNote, *, until: str) -> list[str]:
    serial, (where, _) = each.serial, run.sections[each.section]
    return [
        str(serial.booklet), str(serial.note), serial.shown, each.link[-SIGNS:],
        str(run.face_yen if serial.note else run.booklet_yen), where.ja if serial.note else "表紙", until, each.link,
    ]


def issue_of(run: RunView, *, town: Municipality | None) -> Issue:
    """What all notes of the run say."""
    last = run.expires_on
    until = ("有効期限 表紙に記した日まで", "Good until the day on the cover")
    if last:
        until = (f"有効期限 {figures.show_day(last, 'ja', style='year')}まで",
                 f"Good until {figures.show_day(last, 'en', style='year')}")  # fmt: skip
    invented = ("架空の町の見本です。使えません。", "A specimen of an invented town: no money.")
    return Issue(
        town=(town.name_ja, town.name_en) if town else ("", ""), programme=(run.name.ja, run.name.en),
        face_yen=run.face_yen, notes=run.notes_each, until=until,
        invented=invented if town is None or town.kind != "real" else None,
    )
