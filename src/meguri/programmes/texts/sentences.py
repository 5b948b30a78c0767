"""A drafted text: parts of sentences in both languages, each figure and name a fact with its place in the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from meguri.parties.rules import Both
from meguri.words.refusal import Language

Style = Literal["articles", "list", "questions", "clauses"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a text says because the document holds it: `path` as source notes write it, and the words."""

    path: str
    said: Both

    def words(self, language: Language) -> str:
        return self.said.ja if language == "ja" else self.said.en


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `both` names its facts in braces, the same ones in both languages."""

    both: Both
    facts: Mapping[str, Fact]

    def pieces(self, language: Language) -> Iterator[str | Fact]:
        """The sentence cut into plain words and facts, in the order of the language."""
        for words, name, _, _ in Formatter().parse(self.both.ja if language == "ja" else self.both.en):
            if words:
                yield words
            if name:
                yield self.facts[name]

    def plain(self, language: Language) -> str:
        return "".join(each.words(language) if isinstance(each, Fact) else each for each in self.pieces(language))


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences under a heading: an article, a list, or the answer to a question. Supplements have no number."""

    heading: Both
    sentences: tuple[Sentence, ...]
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class DraftedText:
    """A whole text. `code` names its kind in addresses and files."""

    code: str
    style: Style
    title: Sentence
    parts: tuple[Part, ...]

    def sentences(self) -> Iterator[Sentence]:
        """All sentences with the title, in the order of the text."""
        yield self.title
        for part in self.parts:
            yield from part.sentences

    def facts(self) -> tuple[Fact, ...]:
        """Every fact once, in the order of first mention."""
        return tuple(dict.fromkeys(fact for each in self.sentences() for fact in each.facts.values()))


def say(ja: str, en: str, **facts: Fact) -> Sentence:
    """A sentence. Raises ValueError unless both languages name exactly these facts."""
    if not names(ja) == names(en) == facts.keys():
        raise ValueError(f"the facts {sorted(facts)} are not those of {ja!r} and {en!r}")
    return Sentence(Both(ja, en), facts)


def names(sentence: str) -> set[str]:
    """The facts that a sentence names in braces."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
