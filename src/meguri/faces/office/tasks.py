"""What the office has made unasked for by any page: the next part of a large print file."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.faces.office.note_file import part_pdf
from meguri.ledger import queries as books
from meguri.wallets import paper as notes
from meguri.wallets.print_jobs import keep_part, next_part

EVERY = {"make_print_files": timedelta(seconds=20)}


def make_print_files(*, municipality: int, at: datetime) -> bool:
    """One part of the oldest file; whether more is to be made at once."""
    wanted = next_part(municipality)
    run = notes.print_run(wanted.run, municipality=municipality) if wanted else None
    if wanted is None or run is None:
        return False
    made = part_pdf(wanted.booklets, run=run, town=books.municipality(municipality))
    keep_part(wanted, made, at=at)
    return True
