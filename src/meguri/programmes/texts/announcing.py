"""What an amendment changes for those whom it concerns: what holds until its first day, and what from it on. Pure.

Nothing is worded here a second time: the call for applications speaks to residents, the shop terms speak to shops, and
what changes is where the two drafts differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from meguri.parties.rules import Both
from meguri.programmes.parts import ExpiresAfter, ExpiresOn, PurseTerms, Sale
from meguri.programmes.texts import facts
from meguri.programmes.texts.drafting import TextKind, draft
from meguri.programmes.texts.sentences import Fact, Sentence, say
from meguri.programmes.texts.supplements import Change
from meguri.programmes.vocabularies import SHOPS
from meguri.words import predicate
from meguri.words.predicate import Facts
from meguri.words.refusal import Language
from meguri.words.wareki import without_eras

ACCEPTED = Both("この店で受け取れるもの", "What this shop may accept")
NOTHING = say("ありません。", "Nothing.")


@dataclass(frozen=True, slots=True)
class Differing:
    """Under one heading: the sentences that hold until the first day only, and those that hold from it on."""

    heading: Both
    before: tuple[Sentence, ...]
    after: tuple[Sentence, ...]

    def plain(self, language: Language) -> Shown:
        was, now = ([one.plain(language) for one in each] for each in (self.before, self.after))
        return Shown(self.heading.ja if language == "ja" else self.heading.en, was, now)


@dataclass(frozen=True, slots=True)
class Shown:
    """The same in one language, as pages show it."""

    heading: str
    before: Sequence[str]
    after: Sequence[str]


def for_residents(change: Change) -> tuple[Differing, ...]:
    """What people are told otherwise from the first day on; none where only money and goals behind it change."""
    return _differing(change, TextKind.CALL)


def for_shops(change: Change) -> tuple[Differing, ...]:
    """What the terms for shops say otherwise from the first day on, whichever shop reads it."""
    return _differing(change, TextKind.SHOP_TERMS)


def for_shop(change: Change, shop: Facts) -> tuple[Differing, ...]:
    """What changes for a shop of these facts, what it may accept first; none where it accepts nothing of it at all."""
    before, after = (_accepted(each.purses, shop) for each in (change.before, change.after))
    if not before and not after:
        return ()
    told = for_shops(change)
    if _plain(before) == _plain(after):
        return told
    return (Differing(ACCEPTED, before or (NOTHING,), after or (NOTHING,)), *told)


def for_person(change: Change, *, holds: bool, applied: bool) -> Iterator[Sentence]:
    """What it means for one person: `holds` value of it, `applied` for it; whoever did neither is told that as well."""
    yield from map(_as_screens_say, _for_person(change, holds=holds, applied=applied))


def _for_person(change: Change, *, holds: bool, applied: bool) -> Iterator[Sentence]:
    if holds:
        yield say("いま持っている分にも、新しいきまりが当てはまります。手続きはいりません。",
                  "What you hold goes by the new rules, too. You need not do anything.")
        yield from _life(change)
    if applied and isinstance(change.before.obtaining, Sale) and change.before.obtaining != change.after.obtaining:
        yield say("受付がもう始まっている回は、いまのきまりのままです。",
                  "Rounds that are open already stay as they are.")
    if applied and not holds:
        yield say("申込みはそのまま有効です。手続きはいりません。",
                  "Your application stands. You need not do anything.")
    if not holds and not applied:
        yield say("これから受け取る人に当てはまります。いま、することはありません。",
                  "It is for whoever gets something from then on. There is nothing for you to do now.")


def _life(change: Change) -> Iterator[Sentence]:
    match change.before.expiry, change.after.expiry:
        case ExpiresOn(last_day=was), ExpiresOn(last_day=now) if was != now:
            yield say("いま持っている分も、{until}まで使えるようになります。",
                      "What you hold can be spent until {until}, too.", until=facts.on("expiry.last_day", now))
        case ExpiresAfter() as was, ExpiresAfter() as now if was != now:
            yield say("いま持っている分の期限は、受け取ったときに決まった日のままです。",
                      "What you hold keeps the last day that it got.")


def _differing(change: Change, kind: TextKind) -> tuple[Differing, ...]:
    was, now = (
        {part.heading: part.sentences for part in draft(each, kind).parts} for each in (change.before, change.after)
    )
    pairs = [(heading, was.get(heading, ()), now.get(heading, ())) for heading in {**was, **now}]
    found = (
        Differing(heading, _without(before, after), _without(after, before))
        for heading, before, after in pairs
    )
    return tuple(each for each in found if each.before or each.after)


def _without(sentences: tuple[Sentence, ...], others: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """Those that the others do not say as well, in both languages."""
    said = _plain(others)
    return tuple(_as_screens_say(each) for each in sentences if not _plain((each,)) <= said)


def _as_screens_say(sentence: Sentence) -> Sentence:
    """Drafts of texts count years by era; what stands beside days of a screen does not."""
    facts = {name: Fact(each.path, replace(each.said, ja=without_eras(each.said.ja)))
             for name, each in sentence.facts.items()}  # fmt: skip
    return replace(sentence, facts=facts)


def _plain(sentences: tuple[Sentence, ...]) -> set[tuple[str, str]]:
    return {(each.plain("ja"), each.plain("en")) for each in sentences}


def _accepted(purses: tuple[PurseTerms, ...], shop: Facts) -> tuple[Sentence, ...]:
    return tuple(
        say("「{purse}」を受け取れます。", "“{purse}”.", purse=facts.named(f"purses.{each.code}.name", each.name))
        for each in purses if predicate.holds(predicate.parse(each.where, SHOPS), shop)
    )  # fmt: skip
