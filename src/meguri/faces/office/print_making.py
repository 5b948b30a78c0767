"""The next part of the oldest print file is made, of booklets or of letters; what cannot be made holds up nobody."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import OperationalError, transaction

from meguri.faces.office.code_letters import CODES, codes_part
from meguri.faces.office.letters import WINNERS, winners_part
from meguri.faces.office.note_file import part_pdf
from meguri.faces.office.print_run import made_by_worker
from meguri.faces.office.told import AMENDED, AMENDED_AGAIN, amended_part
from meguri.ledger import queries as books
from meguri.wallets import paper as notes
from meguri.wallets.letter_jobs import stop_letters
from meguri.wallets.print_jobs import MadePart, NextPart, keep_part, next_part
from meguri.wallets.print_tries import next_try, note_fault
from meguri.words.refusal import Refusal

MAKERS = {WINNERS: winners_part, CODES: codes_part, AMENDED: amended_part,
          AMENDED_AGAIN: amended_part}  # fmt: skip
_log = logging.getLogger(__name__)


def make_next_part(municipality: int, *, at: datetime) -> bool:
    """One part of the oldest file; whether more is to be made at once.

    A refusal ends that file, not the others. What fails undoes what it did and is noted; its next turn tries it again.
    """
    tried = next_try(municipality)
    if tried is None:
        return False
    try:
        with transaction.atomic():
            return _turn(municipality, at=at)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - one letter's fault must not keep every other file from being made
        _log.exception("municipality %s: part %s of print file %s failed", municipality, tried.first, tried.job)
        note_fault(tried.job, error)
        return False


def _turn(municipality: int, *, at: datetime) -> bool:
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
