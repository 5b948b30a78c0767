"""What an amendment says of an ordinance (改正文): in article 3, 「…」 becomes 「…」; an article comes, or goes. Pure.

Articles are told apart by their headings. What changes inside one is said by its number of before; then articles go,
and those behind them move; then articles come, at their new numbers. Whoever does what the clauses say, in their
order, to the text of before has the text of afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from meguri.parties.rules import Both
from meguri.programmes.texts.sentences import DraftedText, Fact, Part, Sentence, say
from meguri.words.refusal import Language

LANGUAGES: tuple[Language, ...] = ("ja", "en")


def clauses(before: DraftedText, after: DraftedText) -> Iterator[Sentence]:
    """What makes the one text out of the other, clause by clause; only the first line where nothing differs."""
    yield say("{name} 実施要綱の一部を次のように改正する。", "The guideline “{name}” changes as follows.",
              name=before.title.facts["name"])
    yield from _title(before, after)
    old, new = _by_heading(before), _by_heading(after)
    numbers = {heading: number for number, heading in enumerate(old, start=1)}
    for heading, part in old.items():
        if heading in new:
            yield from _inside(part, new[heading], number=numbers[heading])
    yield from _gone(old, new, numbers=numbers)
    yield from _moved(old, new, numbers=numbers)
    yield from _come(old, new)


def _by_heading(text: DraftedText) -> dict[str, Part]:
    return {part.heading.ja: part for part in text.parts if part.numbered}


def _title(before: DraftedText, after: DraftedText) -> Iterator[Sentence]:
    was, now = before.title.facts["name"], after.title.facts["name"]
    if was != now:
        yield say("題名中「{was}」を「{now}」に改める。", "In the title “{was}” becomes “{now}”.", was=was, now=now)


def _inside(was: Part, now: Part, *, number: int) -> Iterator[Sentence]:
    """The paragraphs of one article."""
    old, new = was.sentences, now.sentences
    if old == new:
        return
    if len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True), start=1):
            if one != other:
                yield from _paragraph(one, other, where=_where(number, place, of=len(old)), place=place, of=len(old))
    elif new[: len(old)] == old:
        added = len(new) - len(old)
        yield say(f"第{number}条に次の{added}項を加える。",
                  f"To article {number} come {added} paragraphs:" if added > 1 else f"To article {number} comes:")
        yield from _written(new, since=len(old) + 1)
    else:
        yield say(f"第{number}条を次のように改める。", f"Article {number} shall read:")
        yield from _article(now, number=number)


def _where(number: int, place: int, *, of: int) -> Both:
    if of == 1:
        return Both(f"第{number}条", f"article {number}")
    return Both(f"第{number}条第{place}項", f"article {number}, paragraph {place}")


def _paragraph(was: Sentence, now: Sentence, *, where: Both, place: int, of: int) -> Iterator[Sentence]:
    """Its changed words alone, where that is unmistakable; else the whole of it anew."""
    words = _replaced(was, now)
    if words is None:
        yield say(f"{where.ja}を次のように改める。", f"{where.en[0].upper()}{where.en[1:]} shall read:")
        yield _numbered(now, place) if of > 1 else now
        return
    facts = {f"was_{nth}": one for nth, (one, _) in enumerate(words)}
    facts |= {f"now_{nth}": other for nth, (_, other) in enumerate(words)}
    ja = "、".join(f"「{{was_{nth}}}」を「{{now_{nth}}}」に" for nth in range(len(words)))
    en = "; ".join(f"“{{was_{nth}}}” becomes “{{now_{nth}}}”" for nth in range(len(words)))
    yield say(f"{where.ja}中{ja}改める。", f"In {where.en} {en}.", **facts)


def _replaced(was: Sentence, now: Sentence) -> list[tuple[Fact, Fact]] | None:
    """The facts that read otherwise, if putting in the new for the old, one after the other, gives the new sentence."""
    if was.both != now.both:
        return None
    pairs = [(was.facts[name], now.facts[name]) for name in was.facts if was.facts[name] != now.facts[name]]
    for language in LANGUAGES:
        text = was.plain(language)
        for one, other in pairs:
            if one.words(language) == other.words(language):
                continue
            if text.count(one.words(language)) != 1:
                return None
            text = text.replace(one.words(language), other.words(language))
        if text != now.plain(language):
            return None
    return pairs if all(one.said.ja != other.said.ja for one, other in pairs) else None


def _gone(old: Mapping[str, Part], new: Mapping[str, Part], *, numbers: Mapping[str, int]) -> Iterator[Sentence]:
    for heading in old:
        if heading not in new:
            yield say(f"第{numbers[heading]}条を削る。", f"Article {numbers[heading]} goes.")


def _moved(old: Mapping[str, Part], new: Mapping[str, Part], *, numbers: Mapping[str, int]) -> Iterator[Sentence]:
    """Where those that stay stand afterwards, where that is another number."""
    places = {heading: number for number, heading in enumerate(new, start=1)}
    stays = [(numbers[heading], places[heading]) for heading in old if heading in new]
    moves = [(was, now) for was, now in stays if was != now]
    if moves:
        ja = "とし、".join(f"第{was}条を第{now}条" for was, now in moves)
        en = ", ".join(f"article {was} becomes article {now}" for was, now in moves)
        yield say(f"{ja}とする。", f"A{en[1:]}.")


def _come(old: Mapping[str, Part], new: Mapping[str, Part]) -> Iterator[Sentence]:
    for number, (heading, part) in enumerate(new.items(), start=1):
        if heading not in old:
            yield say(f"第{number - 1}条の次に次の1条を加える。", f"After article {number - 1} comes:")
            yield from _article(part, number=number)


def _article(part: Part, *, number: int) -> Iterator[Sentence]:
    yield say(f"第{number}条({part.heading.ja})", f"Article {number} ({part.heading.en})")
    yield from _written(part.sentences, since=1)


def _written(sentences: Sequence[Sentence], *, since: int) -> Iterator[Sentence]:
    """Paragraphs as they stand in the ordinance, from this one on."""
    for place, sentence in enumerate(sentences, start=1):
        if place >= since:
            yield sentence if len(sentences) == 1 else _numbered(sentence, place)


def _numbered(sentence: Sentence, place: int) -> Sentence:
    return replace(sentence, both=Both(f"{place} {sentence.both.ja}", f"{place}. {sentence.both.en}"))
