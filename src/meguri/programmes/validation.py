"""Everything there is to say about a document before it is launched. Pure."""

from __future__ import annotations

from datetime import date

from meguri.programmes.consistency import contradictions
from meguri.programmes.findings import Finding, Vocabularies
from meguri.programmes.lawfulness import notes
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import passed_days


def validate(terms: ProgrammeTerms, vocabularies: Vocabularies, *, today: date | None = None) -> tuple[Finding, ...]:
    """All findings, errors first. No error: the document may be launched; lints are for maker and checker to weigh.

    `today`: the day on which it would be launched, to say also what lies in the past.
    """
    found = [*contradictions(terms, vocabularies), *notes(terms)]
    found += passed_days(terms, today=today) if today else []
    return tuple(sorted(found, key=lambda finding: not finding.is_error))
