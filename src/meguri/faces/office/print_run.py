"""A print as one file to fetch: PDFs of 200 letters in a zip, with a page that says what is not in it.

A small print is set while its officer waits, one PDF after the other; a large one is put away sealed, set by the worker
(`set_part`) and fetched later. Only one part at a time is in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any

import msgspec
from django.http import FileResponse

from meguri.faces.office.drawable import undrawable
from meguri.faces.office.letter_paper import LETTERS, Sheet, letter_values, pdf
from meguri.wallets.letter_jobs import LetterPart

IN_A_FILE = 200
"""Letters in one PDF: a second of one worker. The typesetter keeps in memory what it set last, some ten such files."""
AT_ONCE = 300
"""Letters that are made while their officer waits."""

Files = Iterable[tuple[str, bytes]]


def letter_parts(sheets: Sequence[Sheet], *, title: str, size: int) -> list[LetterPart]:
    """The PDFs, each still to be set."""
    return [
        pdf_part(
            f"letters-{number:03}.pdf", template=LETTERS, pieces=len(sheets[start : start + IN_A_FILE]),
            values=letter_values(sheets[start : start + IN_A_FILE], title=title, size=size),
        )
        for number, start in enumerate(range(0, len(sheets), IN_A_FILE), start=1)
    ]  # fmt: skip


def pdf_part(name: str, *, template: str, values: Mapping[str, Any], pieces: int) -> LetterPart:
    """A PDF of these values, still to be set."""
    return LetterPart(name, pieces, msgspec.json.encode({"template": template, "values": values}))


def set_part(material: bytes) -> bytes:
    """The PDF of what was put away."""
    kept = msgspec.json.decode(material)
    return pdf(kept["template"], kept["values"])


def files_of(parts: Iterable[LetterPart]) -> Iterator[tuple[str, bytes]]:
    """The files, each set when it is asked for."""
    return ((part.name, part.content if part.is_made else set_part(part.content)) for part in parts)


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
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
            bundle.writestr("read-first.txt", "\ufeff" + said)
            for each, content in files:
                bundle.writestr(each, content)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    response = FileResponse(out, as_attachment=True, filename=f"meguri-{name}.zip", content_type="application/zip")
    response["Cache-Control"] = "no-store"
    return response
