"""A print as one file to fetch: PDFs of 500 letters in a zip, made one after the other, with a page that says what is
not in it. Only one part at a time is in memory; what is done goes to a file that nobody else can open.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile

from django.http import FileResponse

from meguri.faces.office.drawable import undrawable
from meguri.faces.office.letter_paper import Sheet, letters_pdf

IN_A_FILE = 500
"""Letters in one PDF: a printer's tray."""

Files = Iterable[tuple[str, bytes]]


def letter_files(sheets: Sequence[Sheet], *, title: str, size: int) -> Iterator[tuple[str, bytes]]:
    """The PDFs, each made when it is asked for."""
    for number, start in enumerate(range(0, len(sheets), IN_A_FILE), start=1):
        part = sheets[start : start + IN_A_FILE]
        yield f"letters-{number:03}.pdf", letters_pdf(part, title=title, size=size)


def drawn_and_not(sheets: Iterable[Sheet]) -> tuple[list[Sheet], list[str]]:
    """Letters that can be printed; and of those that hold a sign without a picture, the number and the signs."""
    good: list[Sheet] = []
    bad: list[str] = []
    for each in sheets:
        if signs := undrawable(f"{each.name}{each.address}{each.head}"):
            bad.append(f"{each.number} {each.name}: {', '.join(f'{sign} (U+{ord(sign):04X})' for sign in signs)}")
        else:
            good.append(each)
    return good, bad


def report(printed: int, *, shielded: int, incomplete: Sequence[str], signs: Sequence[str] = ()) -> str:
    """What is in the file and what is kept back, for the person at the printer."""
    lines = [f"{printed:,}件 / {printed:,} in this file"]
    if shielded:
        lines.append(
            f"支援措置の方 {shielded:,}件は入れていません。窓口で渡してください。 / "
            f"{shielded:,} kept back: protected address; hand over at the desk."
        )
    if incomplete:
        lines += ["氏名か住所の登録がありません: / No name or address is registered:", *incomplete]
    if signs:
        lines += ["書けない文字があります。手で直してください: / Signs that cannot be written; mend by hand:", *signs]
    return "\r\n".join(lines) + "\r\n"


def fetched(files: Files, *, name: str, said: str) -> FileResponse:
    """The zip as a download that no cache keeps; `said` is the page to read first."""
    out = TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        bundle.writestr("read-first.txt", "\ufeff" + said)
        for each, content in files:
            bundle.writestr(each, content)
    out.seek(0)
    response = FileResponse(out, as_attachment=True, filename=f"meguri-{name}.zip", content_type="application/zip")
    response["Cache-Control"] = "no-store"
    return response
