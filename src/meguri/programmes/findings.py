"""What is wrong with a document, and what the law or the auditors say about it. Pure.

An `error` forbids the launch: the document contradicts itself, promises more than it has, or would be unlawful.
A `lint` is shown to maker and checker, who may know better. Sources of the notes: 資金決済法, 地方自治法, and the Board
of Audit's inspection of the 2015 vouchers (会計検査院 平成28年度).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from meguri.words.predicate import Vocabulary
from meguri.words.refusal import Language

Severity = Literal["error", "lint"]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding; `law` names the text behind it. `ja` and `en` name the same facts in braces."""

    code: str
    severity: Severity
    ja: str
    en: str
    law: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding at `path` of the document."""

    kind: FindingKind
    path: str
    facts: dict[str, object]

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def is_error(self) -> bool:
        return self.kind.severity == "error"

    @property
    def law(self) -> str:
        return self.kind.law

    def sentence(self, language: Language = "ja") -> str:
        """For a person, facts filled in."""
        shown = {name: f"{fact:,}" if isinstance(fact, int) else fact for name, fact in self.facts.items()}
        return (self.kind.ja if language == "ja" else self.kind.en).format(**shown)


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """The declared facts that a document's conditions may speak of."""

    residents: Vocabulary
    shops: Vocabulary
    campaigns: Vocabulary


Findings = Iterator[Finding]
_KINDS: dict[str, FindingKind] = {}


def declare_error(code: str, *, ja: str, en: str, law: str = "") -> FindingKind:
    """A finding that forbids the launch. Raises ValueError for a code declared twice or sentences of unequal facts."""
    return _declare(FindingKind(code=code, severity="error", ja=ja, en=en, law=law))


def declare_lint(code: str, *, ja: str, en: str, law: str = "") -> FindingKind:
    """A finding that is shown and does not forbid."""
    return _declare(FindingKind(code=code, severity="lint", ja=ja, en=en, law=law))


def catalogue() -> tuple[FindingKind, ...]:
    """All kinds, by code."""
    return tuple(_KINDS[code] for code in sorted(_KINDS))


def found(kind: FindingKind, path: str, **facts: object) -> Finding:
    """A finding of a kind. Raises KeyError when a fact of its sentence is missing."""
    missing = _facts(kind.ja) - facts.keys()
    if missing:
        raise KeyError(f"{kind.code} needs the facts {sorted(missing)}")
    return Finding(kind=kind, path=path, facts=facts)


def _declare(kind: FindingKind) -> FindingKind:
    if kind.code in _KINDS or _facts(kind.ja) != _facts(kind.en):
        raise ValueError(f"the finding {kind.code!r} is declared twice, or its sentences differ in facts")
    _KINDS[kind.code] = kind
    return kind


def _facts(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)
