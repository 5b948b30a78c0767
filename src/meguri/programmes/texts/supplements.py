"""Supplementary provisions (附則): from when an ordinance rules, until when, what holds for value of before. Pure.

What is said here of value that was obtained before a change is what `programmes.amendments` allows: it gives, and
never takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from meguri.parties.rules import Both
from meguri.programmes.parts import ExpiresAfter, ExpiresOn, Sale
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import facts
from meguri.programmes.texts.sentences import Part, Sentence, say
from meguri.programmes.texts.told import Told
from meguri.words.wareki import format_date

STARTS = "enforced.first_day"
"""The place of a first day: it stands beside the document, with the approval."""


@dataclass(frozen=True, slots=True)
class Change:
    """One amendment: the documents before and after, and its first day; None: that of its approval, not known yet."""

    before: ProgrammeTerms
    after: ProgrammeTerms
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Enforced:
    """Since when a document rules (None: not decided yet), and what has changed it since, in order."""

    first_day: date | None = None
    changes: tuple[Change, ...] = ()


def supplements(terms: ProgrammeTerms, enforced: Enforced) -> list[Part]:
    """The ordinance's own supplementary provisions, then those of each amendment."""
    own = Part(Both("附則", "Supplementary provisions"), tuple(_own(terms, enforced.first_day)), numbered=False)
    return [own, *(_of_change(each) for each in enforced.changes)]


def _own(terms: ProgrammeTerms, first_day: date | None) -> Iterator[Sentence]:
    yield _starts(first_day)
    yield say(
        "この要綱は、{until}限り、その効力を失う。ただし、同日までにした請求に対する支払及び効果の検証については、同日後も、なおその効力を有する。",
        "This guideline lapses after {until}; claims made by then are still paid, and the effect is still judged.",
        until=Told(terms).claims,
    )  # fmt: skip


def _of_change(change: Change) -> Part:
    head = Both("附則(決裁の日改正)", "Supplementary provisions of the amendment")
    if change.first_day is not None:
        head = Both(f"附則({format_date(change.first_day)}改正)", f"{head.en} of {change.first_day.isoformat()}")
    return Part(head, tuple(provisions(change)), numbered=False)


def provisions(change: Change) -> Iterator[Sentence]:
    """Of one amendment: its first day, and what holds for what people got before it."""
    yield _starts(change.first_day)
    yield say(
        "この要綱の施行の日(以下「施行日」という。)前に購入し、又は付与を受けたものについても、施行日以後の使用には、この要綱による改正後の規定を適用する。",
        "What was bought or granted before the first day is spent from that day on by the amended provisions, too.",
    )  # fmt: skip
    yield from _life(change)
    yield from _rounds(change.before, change.after)
    if change.before.demurrage != change.after.demurrage:
        yield say("施行日前に到来した減価の日に係る減価については、なお従前の例による。",
                  "What shrank, or was to shrink, on days before the first day follows the provisions of before.")


def _life(change: Change) -> Iterator[Sentence]:
    match change.before.expiry, change.after.expiry:
        case ExpiresOn(last_day=was), ExpiresOn(last_day=now) if was != now:
            yield say("施行日前に購入し、又は付与を受けたものの使用の期限も、{until}とする。",
                      "What was bought or granted before the first day is good until {until} as well.",
                      until=facts.on("expiry.last_day", now))
        case ExpiresAfter() as was, ExpiresAfter() as now if was != now:
            yield say("施行日前に購入し、又は付与を受けたものの使用の期限については、なお従前の例による。",
                      "What was bought or granted before the first day keeps the last day that it got.")


def _rounds(before: ProgrammeTerms, after: ProgrammeTerms) -> Iterator[Sentence]:
    """What an opened sale sold stands; so it is said wherever a sale is touched."""
    if isinstance(before.obtaining, Sale) and before.obtaining != after.obtaining:
        yield say("施行日前に受付を始めた販売の回については、なお従前の例による。",
                  "Rounds of the sale that opened before the first day follow the provisions of before.")


def _starts(first_day: date | None) -> Sentence:
    if first_day is None:
        return say("この要綱は、決裁の日から施行する。", "This is in force from the day of its approval.")
    return say("この要綱は、{day}から施行する。", "This is in force from {day}.", day=facts.on(STARTS, first_day))
