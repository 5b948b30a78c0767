"""What the office has made unasked for by any page: the next part of a large print file, of booklets or of letters."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.faces.office.note_file import part_pdf
from meguri.faces.office.print_run import set_part
from meguri.ledger import queries as books
from meguri.wallets import paper as notes
from meguri.wallets.print_jobs import NextPart, keep_part, next_part

EVERY = {"make_print_files": timedelta(seconds=20)}


def make_print_files(*, municipality: int, at: datetime) -> bool:
    """One part of the oldest file; whether more is to be made at once."""
    wanted = next_part(municipality)
    if wanted is None:
        return False
    keep_part(wanted, _made(wanted, municipality), at=at)
    return True


def _made(wanted: NextPart, municipality: int) -> bytes:
    run = notes.print_run(wanted.run, municipality=municipality) if wanted.run else None
    if run is None:
        return set_part(wanted.material)
    return part_pdf(wanted.booklets, run=run, town=books.municipality(municipality))
