"""Where an edited text has drifted from the document it was drafted from.

A sentence of the draft finds its counterpart by the words around the figures, so a figure that was changed is told
with its place; a figure may move to another sentence without harm. What the document holds and the text lost is told,
and what the text says and no drafted text of this document says. Names and conditions are looked for word by word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meguri.programmes.texts.figures import Figure, figures, normal, placed, unreadable_days
from meguri.programmes.texts.sentences import DraftedText, Fact, Sentence
from meguri.words.refusal import Language

ALIKE = 0.5
"""Two sentences are counterparts when they share so much of their pairs of letters (Dice's coefficient)."""
SAME = 0.8
"""Above this the figures are compared in their order, so that two that changed places are found."""
SIZE_MOST = 60_000
"""Letters of an edited text that are read; ten times the longest drafted one."""


class DriftKind(StrEnum):
    CHANGED = "changed"  # the text says another figure than the document
    LOST = "lost"  # the document holds it, the text does not say it any more
    UNKNOWN = "unknown"  # the text says a figure that the document does not hold


@dataclass(frozen=True, slots=True)
class Drift:
    """One disagreement. `fact` is what the document holds, `written` the figure in the text, `sentence` where."""

    kind: DriftKind
    fact: Fact | None
    written: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence of an edited text: its words, its figures, the pairs of letters between them."""

    text: str
    figures: tuple[Figure, ...]
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A figure of a drafted sentence, and the fact that it belongs to, if to any."""

    figure: Figure
    fact: Fact | None


def drifts(
    drafted: DraftedText, edited: str, *, language: Language, others: Iterable[DraftedText] = ()
) -> tuple[Drift, ...]:
    """Every disagreement, in the order of the draft, then figures that nobody knows.

    `others`: further drafts of the same document, whose figures an edited text may say as well.
    """
    edited = normal(edited[:SIZE_MOST])[:SIZE_MOST]  # one sign may stand for eighteen
    read = [_read(each) for each in _split(edited)]
    said = [figure for each in read for figure in each.figures]
    standing = Counter(piece for each in drafted.sentences() for piece in _pieces(each, language))
    found = [
        drift for each in drafted.sentences()
        for drift in _of_sentence(each, _free(read, each, standing=standing, language=language), said=said,
                                  language=language)
    ]  # fmt: skip
    found += _lost_words(drafted, edited, language=language)
    told = {drift.written for drift in found if drift.kind is DriftKind.CHANGED}
    words = normal("\n".join(_words(text, language) for text in (drafted, *others)))
    known, slips = figures(words), unreadable_days(words)
    found += [
        Drift(DriftKind.UNKNOWN, None, figure.text, each.text)
        for each in read for figure in each.figures
        if figure.text not in told and not any(figure.agrees(other) for other in known)
    ]
    found += [Drift(DriftKind.UNKNOWN, None, day, each.text)
              for each in read for day in unreadable_days(each.text) if day not in slips]
    return tuple(_each_once(found))


def _pieces(sentence: Sentence, language: Language) -> list[str]:
    return [_unnumbered(each) for each in _split(sentence.plain(language))]


def _free(
    read: Sequence[_Read], sentence: Sentence, *, standing: Counter[str], language: Language
) -> Sequence[_Read]:
    """What may be the counterpart of a drafted sentence: nothing that is another drafted one word by word."""
    own = set(_pieces(sentence, language))
    return [each for each in read if (words := _unnumbered(each.text)) in own or words not in standing]


def _unnumbered(words: str) -> str:
    """Without the number of a paragraph, or the sign of a line in a list."""
    return re.sub(r"^(?:\d+\.? |[・\-] ?)", "", words)


def _of_sentence(
    sentence: Sentence, read: Sequence[_Read], *, said: Sequence[Figure], language: Language
) -> Iterator[Drift]:
    wanted = _wanted(sentence, language)
    if not any(each.fact for each in wanted):
        return
    draft = _main_clause(sentence.plain(language))
    likeness, best = _counterpart(draft, read)
    if best is None or likeness < ALIKE:
        gone = [each for each in wanted if each.fact and not _is_among(each.figure, said)]
        yield from (_lost(each, sentence, language=language) for each in gone)
        return
    for kind in dict.fromkeys(each.figure.kind for each in wanted):
        ours = [each for each in wanted if each.figure.kind == kind]
        theirs = [figure for figure in best.figures if figure.kind == kind]
        is_ordered = likeness >= SAME and len(ours) == len(theirs)
        for each, other in _pairs(ours, theirs, is_ordered=is_ordered):
            if each.fact is None:
                continue
            if other is not None:
                yield Drift(DriftKind.CHANGED, each.fact, other.text, best.text)
            elif not _is_among(each.figure, said):
                yield _lost(each, sentence, language=language)


def _main_clause(drafted: str) -> _Read:
    """A drafted sentence may hold two full stops, at which edited texts are cut: the part that says most figures."""
    return max(map(_read, _split(drafted)), key=lambda each: len(each.figures), default=_read(normal(drafted)))


def _counterpart(draft: _Read, read: Sequence[_Read]) -> tuple[float, _Read | None]:
    """The sentence that is most alike in its words; of several, the one that says most of the same figures."""
    def rank(each: _Read) -> tuple[float, int]:
        return _likeness(draft, each), sum(_is_among(figure, each.figures) for figure in draft.figures)

    best = max(read, key=rank, default=None)
    return (_likeness(draft, best), best) if best else (0.0, None)


def _pairs(
    ours: Sequence[_Wanted], theirs: Sequence[Figure], *, is_ordered: bool
) -> Iterator[tuple[_Wanted, Figure | None]]:
    """Figures of the draft that their counterpart does not say, each with what it says instead, if anything."""
    if is_ordered:
        yield from ((each, other) for each, other in zip(ours, theirs, strict=True) if not each.figure.agrees(other))
        return
    spare = [other for other in theirs if not any(each.figure.agrees(other) for each in ours)]
    for each in ours:
        if not _is_among(each.figure, theirs):
            yield each, spare.pop(0) if spare else None


def _wanted(sentence: Sentence, language: Language) -> list[_Wanted]:
    """The figures of a drafted sentence in its order. What stands inside a fact belongs to it."""
    owners: list[tuple[int, int, Fact]] = []
    text = ""
    for piece in sentence.pieces(language):
        words = normal(piece.words(language) if isinstance(piece, Fact) else piece)
        if isinstance(piece, Fact):
            owners.append((len(text), len(text) + len(words), piece))
        text += words
    return [
        _Wanted(figure, next((fact for begin, end, fact in owners if first < end and begin < last), None))
        for first, last, figure in placed(text)
    ]


def _lost_words(drafted: DraftedText, edited: str, *, language: Language) -> Iterator[Drift]:
    """Names and conditions, which are no figures: they stand in the text word by word, spaces and marks apart."""
    whole = _letters(edited)
    for sentence in drafted.sentences():
        for fact in sentence.facts.values():
            words = fact.words(language)
            if not figures(words) and _letters(words) not in whole:
                yield Drift(DriftKind.LOST, fact, "", sentence.plain(language))


def _lost(wanted: _Wanted, sentence: Sentence, *, language: Language) -> Drift:
    return Drift(DriftKind.LOST, wanted.fact, "", sentence.plain(language))


def _split(text: str) -> Iterator[str]:
    """Sentences of any text: by line, and by full stop. Footnotes of a marked draft are no part of it."""
    for line in normal(text).split("\n"):
        if not re.match(r"\s*\[\^\w+\]:", line):
            bare = re.sub(r"\[\^\w+\]", "", line)
            yield from (each.strip() for each in re.split(r"(?<=。)|(?<=[a-z0-9)”%]\.)\s", bare) if each.strip())


def _read(sentence: str) -> _Read:
    found = list(placed(sentence))
    between = sentence
    for first, last, _ in reversed(found):
        between = f"{between[:first]} {between[last:]}"
    letters = _letters(between)
    pairs = frozenset(letters[place : place + 2] for place in range(len(letters) - 1))
    return _Read(sentence, tuple(figure for _, _, figure in found), pairs)


def _likeness(one: _Read, other: _Read) -> float:
    both = len(one.pairs) + len(other.pairs)
    return 2 * len(one.pairs & other.pairs) / both if both else 0.0


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", normal(text)).lower()


def _words(text: DraftedText, language: Language) -> str:
    headings = [part.heading.ja if language == "ja" else part.heading.en for part in text.parts]
    return "\n".join([*headings, *(each.plain(language) for each in text.sentences())])


def _is_among(figure: Figure, others: Iterable[Figure]) -> bool:
    return any(figure.agrees(other) for other in others)


def _each_once(found: Iterable[Drift]) -> Iterator[Drift]:
    """A fact that several sentences say is told once for each figure written instead."""
    seen: set[tuple[DriftKind, Fact | None, str]] = set()
    for drift in found:
        key = drift.kind, drift.fact, drift.written
        if key not in seen:
            seen.add(key)
            yield drift
