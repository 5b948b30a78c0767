"""What the parts of a programme's document are made of: whole yen, texts in two languages, windows of days."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from meguri.words.period import Period

Yen = Annotated[int, Meta(ge=0, le=10**13)]
"""Whole yen, never negative. The ceiling is ten times the largest voucher programme seen in the field, squared off."""
Count = Annotated[int, Meta(ge=1, le=10**9)]
BasisPoints = Annotated[int, Meta(ge=0, le=1_000_000)]
"""Shares and rates in 1/100 %: 3,000 is 30 %."""
Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,39}$")]
"""A short name inside one document: small letters, digits, hyphens."""


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of a document. Unset values are left out of the file, so an older version keeps its digest."""


class Text(Part, frozen=True, kw_only=True):
    """The same words in Japanese and English."""

    ja: Annotated[str, Meta(min_length=1, max_length=2_000)]
    en: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Window(Part, frozen=True, kw_only=True):
    """Days as officers write them: the last day still counts."""

    first_day: date
    last_day: date

    @property
    def period(self) -> Period:
        """The half-open span of moments. Raises ValueError when the last day lies before the first."""
        return Period.of_days(self.first_day, self.last_day)
