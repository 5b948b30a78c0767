"""Everything there is to say about a document before it is launched. Pure."""

from __future__ import annotations

from meguri.programmes.consistency import contradictions
from meguri.programmes.findings import Finding, Vocabularies
from meguri.programmes.lawfulness import notes
from meguri.programmes.terms import ProgrammeTerms


def validate(terms: ProgrammeTerms, vocabularies: Vocabularies) -> tuple[Finding, ...]:
    """All findings, errors first. No error: the document may be launched; lints are for maker and checker to weigh."""
    found = [*contradictions(terms, vocabularies), *notes(terms)]
    return tuple(sorted(found, key=lambda finding: not finding.is_error))
