"""What an indicator is: a number, its unit, what it is a share of, what it does not say, and where it was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meguri.evidence.suppression import Closed
from meguri.words.refusal import Language


@dataclass(frozen=True, slots=True)
class Meaning:
    """The words of an indicator. `unit`: yen, people, shops, payments, days, share (0 to 1), times.

    `of_…` names the denominator; `source` is a file of `evidence/sql`.
    """

    code: str
    unit: str
    source: str
    name_ja: str
    name_en: str
    caveat_ja: str
    caveat_en: str
    of_ja: str = ""
    of_en: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A computed figure. `value` is None where there is nothing to count yet, or where it would tell on a few people or
    shops (`closed` says which); `denominator` where it is no share.
    """

    meaning: Meaning
    value: int | float | None
    denominator: int | None = None
    closed: Closed | None = None

    @property
    def code(self) -> str:
        return self.meaning.code

    def caveat(self, language: Language = "ja") -> str:
        return self.meaning.caveat_ja if language == "ja" else self.meaning.caveat_en

    def name(self, language: Language = "ja") -> str:
        return self.meaning.name_ja if language == "ja" else self.meaning.name_en

    def of(self, language: Language = "ja") -> str:
        """What the denominator counts, in words."""
        return self.meaning.of_ja if language == "ja" else self.meaning.of_en


_HEAD: Mapping[Language, tuple[str, ...]] = {
    "ja": ("指標", "名称", "値", "単位", "分母", "分母の説明", "読むときの注意", "集計元"),
    "en": ("Indicator", "Name", "Value", "Unit", "Denominator", "Share of", "How to read it", "Source"),
}


def csv_rows(indicators: Iterable[Indicator], *, language: Language = "ja") -> list[tuple[str, ...]]:
    """A head and one row an indicator; shares with six decimals, nothing for what cannot be counted."""
    return [_HEAD[language]] + [
        (
            one.code, one.name(language), _plain(one.value), one.meaning.unit, _plain(one.denominator),
            one.of(language), one.caveat(language), one.meaning.source,
        )
        for one in indicators
    ]


def _plain(value: int | float | None) -> str:  # noqa: PYI041 - an int is printed without decimals
    if value is None:
        return ""
    return f"{value:.6f}" if isinstance(value, float) else str(value)
