"""Reading prints back as the person at the printer gets them: the zip, its PDFs by a reader of another project."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.http import FileResponse
from django.test import Client
from pypdf import PdfReader

from meguri.parties import operations as parties
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from tests.faces.office.lived import LONG_AGO, Office
from tests.faces.office.reading import address

REASON = "当選通知の発送のため"


@dataclass(frozen=True)
class Printed:
    """A fetched zip: the page to read first, and the files."""

    files: dict[str, bytes]

    @property
    def said(self) -> str:
        return self.files["read-first.txt"].decode("utf-8-sig")

    @property
    def pages(self) -> list[str]:
        return [page for name, content in sorted(self.files.items()) if name.endswith(".pdf")
                for page in pages_of(content)]  # fmt: skip

    @property
    def everything(self) -> str:
        """All that can be read anywhere in the print, spaces apart."""
        return tight("".join([*self.pages, self.said, self.files.get("merge.csv", b"").decode(errors="replace")]))

    def rows(self, encoding: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.files["merge.csv"].decode(encoding), newline="")))


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, without the spaces that a reader of PDF puts between scripts."""
    return [tight(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def tight(text: str) -> str:
    return re.sub(r"\s+", "", text)


def fetch(client: Client, name: str, number: UUID, /, **form: object) -> Printed:
    """Press the print's button and open what comes."""
    answer = client.post(address(name, number), {"act": "print", "kind": "letters", "reason": REASON, **form})
    assert answer.status_code == 200, answer.content.decode()[:2000]
    assert isinstance(answer, FileResponse), "a page came instead of a file"
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as bundle:  # type: ignore[arg-type]
        return Printed({each: bundle.read(each) for each in bundle.namelist()})


def settle_in(
    office: Office, name: str, home: str, *, shielded: bool = False, number: str = "", born: date = date(1980, 5, 5)
) -> UUID:
    """Somebody of the register with name and address in the vault."""
    person = uuid4()
    entry = parties.ResidentEntry(
        birth_date=born, ward="minato", moved_in=date(2000, 4, 1), household_number=f"h-{person}", id=person,
        shielded=shielded,
    )
    parties.register_residents([entry], by=office.system, at=LONG_AGO)
    fields = {Field.NAME: name, Field.ADDRESS: home, Field.RESIDENT_NUMBER: number}
    seal(person, {field: text for field, text in fields.items() if text}, by=office.system, at=LONG_AGO)
    return person
