"""An expected "no": a code, the facts of the case, the limit that bit, and a kind sentence in two languages.

A room declares each of its refusals once, as a constant, and raises it with the facts:

    SHOP_CLOSED = declare("shop_closed", ja="{shop}は本日休業です。別の店でお使いください。",
                          en="{shop} is closed today. Please use another shop.")
    raise SHOP_CLOSED.refusal(shop="八百屋まるは")

The declared constants form the one catalogue (`catalogue()`), printed by `meguri refusals`.
A `Refusal` is never logged as an error; only what nobody expected rings an alarm.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Literal

Language = Literal["ja", "en"]

_CATALOGUE: dict[str, RefusalKind] = {}


DESK_HELPS = frozenset({403, 409, 500, 503})
"""By status: something is shut, stands otherwise than the person thinks, broke, or is away."""


class Spoken(Formatter):
    """Fills a sentence as people read it: 13,796 and not 13796. A number that is a name (a year) says `{year:d}`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return format(value, format_spec or ",")
        return str(super().format_field(value, format_spec))


_SPOKEN = Spoken()


@dataclass(frozen=True, slots=True)
class RefusalKind:
    """One kind of expected "no". `ja` and `en` name the same facts in braces; `status` is the HTTP status.

    `module` is the one that declared it.
    """

    code: str
    ja: str
    en: str
    status: int = 409
    module: str = ""

    @property
    def facts(self) -> frozenset[str]:
        """The names that a refusal of this kind must be raised with."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.ja) if name)

    @property
    def desk_helps(self) -> bool:
        """Whether somebody at the desk could do more about it than the person: not about what was mistyped."""
        return self.status in DESK_HELPS

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
        return _SPOKEN.vformat(self.kind.ja if language == "ja" else self.kind.en, (), self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence('en')}"


def declare(code: str, *, ja: str, en: str, status: int = 409) -> RefusalKind:
    """Enter a kind of refusal in the catalogue. Raises ValueError for a code declared twice or unequal facts."""
    module = str(sys._getframe(1).f_globals.get("__name__", ""))  # noqa: SLF001 - who calls, as `logging` finds it
    kind = RefusalKind(code=code, ja=ja, en=en, status=status, module=module)
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
