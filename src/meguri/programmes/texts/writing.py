"""A drafted text as plain text, to be pasted anywhere, and as Markdown, each fact with a note of its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from meguri.programmes.texts.sentences import DraftedText, Fact, Part, Sentence
from meguri.words.refusal import Language

Telling = Callable[[Sentence], str]


def plain(text: DraftedText, language: Language) -> str:
    """For a letter, a document or a form field; nothing but the text."""
    def tell(sentence: Sentence) -> str:
        return sentence.plain(language)

    lines = [tell(text.title), ""]
    for number, part in enumerate(text.parts, start=1):
        lines += [*_part(text, part, number=number, language=language, tell=tell), ""]
    return "\n".join(lines).rstrip() + "\n"


def marked(text: DraftedText, language: Language) -> str:
    """Markdown whose footnotes name the place in the document that each fact was taken from."""
    numbers: dict[Fact, int] = {}
    following = count(1)

    def tell(sentence: Sentence) -> str:
        said = []
        for piece in sentence.pieces(language):
            if isinstance(piece, Fact):
                numbers.setdefault(piece, 0)
                numbers[piece] = numbers[piece] or next(following)
            said.append(f"{piece.words(language)}[^{numbers[piece]}]" if isinstance(piece, Fact) else piece)
        return "".join(said)

    lines = [f"# {text.title.plain(language)}", ""]
    for number, part in enumerate(text.parts, start=1):
        head, *rest = _part(text, part, number=number, language=language, tell=tell)
        lines += [f"## {head}", "", *(line for each in rest for line in (each, ""))]
    notes = [f"[^{number}]: `{fact.path}`" for fact, number in numbers.items()]
    return "\n".join([*lines, *notes]) + "\n"


def heading(text: DraftedText, part: Part, *, number: int, language: Language) -> str:
    """The head of a part: 第1条(趣旨), Q1 …, or the words alone."""
    words = part.heading.ja if language == "ja" else part.heading.en
    if not part.numbered:
        return words
    if text.style == "articles":
        return f"第{number}条({words})" if language == "ja" else f"Article {number} ({words})"
    return f"Q{number} {words}" if text.style == "questions" else words


def _part(
    text: DraftedText, part: Part, *, number: int, language: Language, tell: Telling
) -> Iterator[str]:
    head = heading(text, part, number=number, language=language)
    yield f"■ {head}" if text.style == "list" and language == "ja" else head
    for place, sentence in enumerate(part.sentences, start=1):
        if text.style == "list":
            yield f"- {tell(sentence)}" if language == "en" else f"・{tell(sentence)}"
        elif text.style in ("questions", "clauses"):
            yield tell(sentence)
        else:
            before = f"{place} " if language == "ja" else f"{place}. "
            yield tell(sentence) if len(part.sentences) == 1 else f"{before}{tell(sentence)}"
