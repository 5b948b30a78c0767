"""What a notice may be. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SECRET_LASTS = timedelta(minutes=10)
"""A notice with a code is not sent later than this after it was made."""

OUTWARD = ("push", "mail", "sms", "letter")
"""Channels that a carrier has to take; in_app is delivered by being written."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a notice says, in both languages."""

    title_ja: str
    title_en: str
    text_ja: str
    text_en: str

    def title(self, language: str) -> str:
        return self.title_en if language == "en" else self.title_ja

    def text(self, language: str) -> str:
        return self.text_en if language == "en" else self.text_ja


def sms_parts(text: str) -> int:
    """How many short messages the text takes: 70 signs in one, 67 each in several (UCS-2)."""
    return 1 if len(text) <= 70 else -(-len(text) // 67)
