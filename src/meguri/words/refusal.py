"""An expected "no": a code, the facts of the case, the limit that bit, and a kind sentence in two languages.

A room declares each of its refusals once, as a constant, and raises it with the facts:

    SHOP_CLOSED = declare("shop_closed", ja="{shop}は本日休業です。別の店でお使いください。",
                          en="{shop} is closed today. Please use another shop.")
    raise SHOP_CLOSED.refusal(shop="八百屋まるは")

The declared constants form the one catalogue (`catalogue()`), printed by `meguri refusals`.
A `Refusal` is never logged as an error; only what nobody expected rings an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from string import Formatter
from typing import Literal

Language = Literal["ja", "en"]

_CATALOGUE: dict[str, RefusalKind] = {}


@dataclass(frozen=True, slots=True)
class RefusalKind:
    """One kind of expected "no". `ja` and `en` name the same facts in braces; `status` is the HTTP status."""

    code: str
    ja: str
    en: str
    status: int = 409

    @property
    def facts(self) -> frozenset[str]:
        """The names that a refusal of this kind must be raised with."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.ja) if name)

    def refusal(self, *, field: str = "", limit: str = "", **facts: object) -> Refusal:
        """Build the exception. `field` names the input to mend, `limit` the limit that bit.

        Raises KeyError when a fact that the sentence needs is missing: a sentence with a hole helps nobody.
        """
        missing = self.facts - facts.keys()
        if missing:
            raise KeyError(f"{self.code} needs the facts {sorted(missing)}")
        return Refusal(kind=self, facts=facts, field=field, limit=limit)


@dataclass(eq=False)
class Refusal(Exception):
    """An operation said no. Raising it rolls the transaction back; the face turns it into words."""

    kind: RefusalKind
    facts: dict[str, object] = field(default_factory=dict)
    field: str = ""
    limit: str = ""

    @property
    def code(self) -> str:
        return self.kind.code

    def sentence(self, language: Language = "ja") -> str:
        """The sentence for a person, with the facts filled in; numbers get thousands separators."""
        shown = {k: f"{v:,}" if isinstance(v, int) else v for k, v in self.facts.items()}
        return (self.kind.ja if language == "ja" else self.kind.en).format(**shown)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence('en')}"


def declare(code: str, *, ja: str, en: str, status: int = 409) -> RefusalKind:
    """Enter a kind of refusal in the catalogue. Raises ValueError for a code declared twice or unequal facts."""
    kind = RefusalKind(code=code, ja=ja, en=en, status=status)
    if code in _CATALOGUE:
        raise ValueError(f"refusal {code!r} is declared twice")
    english = frozenset(name for _, name, _, _ in Formatter().parse(en) if name)
    if english != kind.facts:
        raise ValueError(f"refusal {code!r}: the two sentences name different facts {english ^ kind.facts}")
    _CATALOGUE[code] = kind
    return kind


def catalogue() -> tuple[RefusalKind, ...]:
    """All kinds declared by the rooms imported so far, by code."""
    return tuple(_CATALOGUE[code] for code in sorted(_CATALOGUE))
