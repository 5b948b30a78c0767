"""What the office has made unasked for by any page: the next part of a large print file, of booklets or of letters."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from meguri.faces.office.code_letters import CODES, codes_part
from meguri.faces.office.letters import WINNERS, winners_part
from meguri.faces.office.note_file import part_pdf
from meguri.faces.office.print_run import made_by_worker
from meguri.faces.office.told import AMENDED, amended_part
from meguri.ledger import queries as books
from meguri.wallets import paper as notes
from meguri.wallets.letter_jobs import stop_letters
from meguri.wallets.print_jobs import MadePart, NextPart, keep_part, next_part
from meguri.words.refusal import Refusal

EVERY = {"make_print_files": timedelta(seconds=20)}
MAKERS = {WINNERS: winners_part, CODES: codes_part, AMENDED: amended_part}


def make_print_files(*, municipality: int, at: datetime) -> bool:
    """One part of the oldest file; whether more is to be made at once. A refusal ends that file, not the others."""
    wanted = next_part(municipality)
    if wanted is None:
        return False
    try:
        with transaction.atomic():
            made = _made(wanted, municipality, at=at)
    except Refusal as refusal:
        stop_letters(wanted, refusal, at=at)
        return True
    keep_part(wanted, made, at=at)
    return True


def _made(wanted: NextPart, municipality: int, *, at: datetime) -> MadePart:
    run = notes.print_run(wanted.run, municipality=municipality) if wanted.run else None
    if run is None:
        return made_by_worker(wanted, makers=MAKERS, at=at)
    return MadePart(part_pdf(wanted.booklets, run=run, town=books.municipality(municipality)))
