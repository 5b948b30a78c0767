"""Texts drafted from a document: ordinance, call, shop terms, questions, press; and where an edited one has drifted.

A drafted text is a list of sentences with named facts (`sentences`), said formally (`articles`) or kindly (`answers`)
and put together in `drafting`. `figures` finds amounts, days and counts in any text, `drift` compares two. Pure.
"""

from __future__ import annotations

from meguri.programmes.texts.announcing import Differing, for_person, for_residents, for_shop, for_shops
from meguri.programmes.texts.drafting import AMENDING, TextKind, draft, draft_amending
from meguri.programmes.texts.drift import Drift, DriftKind, drifts
from meguri.programmes.texts.figures import has_figures
from meguri.programmes.texts.sentences import DraftedText, Fact, Part, Sentence
from meguri.programmes.texts.supplements import Change, Enforced
from meguri.programmes.texts.writing import heading, marked, plain

__all__ = [
    "AMENDING",
    "Change",
    "Differing",
    "DraftedText",
    "Drift",
    "DriftKind",
    "Enforced",
    "Fact",
    "Part",
    "Sentence",
    "TextKind",
    "draft",
    "draft_amending",
    "drifts",
    "for_person",
    "for_residents",
    "for_shop",
    "for_shops",
    "has_figures",
    "heading",
    "marked",
    "plain",
]
