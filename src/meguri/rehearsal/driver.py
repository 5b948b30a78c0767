"""Lives a town through the public API: people side by side, each in their own order, officers alone.

Happenings are taken in slots of town time, to whose beginning the town's clock is set. All answers of a slot are told
before the next one begins, and all of a day before the next day is planned (`DayEnds`), as `life.Life` asks. Answers
are told in the stream's order, not in that of their arrival: how many act side by side changes nothing but the time
that it takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from threading import Lock
from typing import Any

from meguri.rehearsal.client import ApiClient, Refused
from meguri.rehearsal.driver_calls import Calls, clock_body, token_body
from meguri.rehearsal.happenings import (
    HALL,
    Acts,
    AppropriatesBudget,
    ApprovesPayouts,
    BooksCost,
    DayEnds,
    Happening,
    LinksProgramme,
    Pays,
    RunsSettlement,
    SellsAtCounter,
    SendsPayouts,
    SetsGoals,
    UploadsSpending,
)
from meguri.rehearsal.journal import Journal
from meguri.rehearsal.knowledge import Answer, Knowledge
from meguri.rehearsal.rules import Rules
from meguri.rehearsal.town import Town
from meguri.rehearsal.voices import OPERATOR, Json, Voice
from meguri.words.clock import JST

BEARABLE = (
    AppropriatesBudget, ApprovesPayouts, BooksCost, LinksProgramme, RunsSettlement, SellsAtCounter, SendsPayouts,
    SetsGoals, UploadsSpending,
)  # fmt: skip
"""Requests of officers after whose refusal life can go on."""

WORKERS = 12
"""People who act side by side: a little fewer than the requests that one server process takes at a time."""
STEP = timedelta(minutes=20)
"""The usual length of a slot."""
DELIVERY_MAX = 1_000
"""As many deeds as the server takes in one delivery."""
CROWD_PER_WORKER = 4
"""A slot with fewer happenings than this for each worker is worth waiting for more, to the end of its hour."""
PATIENCE_S = 60.0
"""After so long (real seconds) without a line, one says how far the town is: a large town's week takes hours."""
KEPT_S = 20.0
"""For so long (real seconds) what a place shows is read off once by all: it changes by the minute."""


class CannotGoOn(RuntimeError):
    """The town hall was refused something without which nothing follows."""


class Tokens:
    """One token per voice, asked for when first needed."""

    def __init__(self, client: ApiClient, *, key: str) -> None:
        self._client, self._key = client, key
        self._known: dict[Voice, str] = {}
        self._lock = Lock()

    def of(self, voice: Voice) -> str:
        """Two threads may ask for the same token at once; the later one is kept, both are good."""
        if voice == OPERATOR:
            return self._key
        with self._lock:
            known = self._known.get(voice)
        if known is None:
            known = str(self._client.call("rehearsal_token", token_body(voice), token=self._key)["token"])
            with self._lock:
                self._known[voice] = known
        return known

    def forget(self, voice: Voice) -> None:
        with self._lock:
            self._known.pop(voice, None)


class Kept:
    """Answers that stay good until the clock moves, or for `seconds`: what a place shows in its minute."""

    def __init__(self, *, seconds: float = KEPT_S, tick: Callable[[], float] = time.monotonic) -> None:
        self._answers: dict[str, tuple[float, Any]] = {}
        self._seconds, self._tick = seconds, tick
        self._lock = Lock()

    def forget(self) -> None:
        with self._lock:
            self._answers.clear()

    def of(self, question: str, ask: Callable[[], Any]) -> Any:
        """The known answer, or that of `ask`; while one asks the others wait."""
        with self._lock:
            since, known = self._answers.get(question, (None, None))
            if since is None or self._tick() - since > self._seconds:
                since, known = self._tick(), ask()
                self._answers[question] = since, known
            return known


@dataclass(frozen=True, slots=True)
class Saying:
    """Makes the requests of one happening (see `voices.Say`)."""

    client: ApiClient
    tokens: Tokens
    life: str
    key: str  # names the happening; with the life it stands in every idempotency key
    answers: Kept

    def __call__(self, operation: str, body: Json, *, by: Voice, part: str = "") -> Any:
        key = self.number(f"{self.key}/{part}" if part else self.key)
        try:
            return self.client.call(operation, body, token=self.tokens.of(by), key=key)
        except Refused as refused:
            if refused.status != 401:
                raise
        self.tokens.forget(by)  # the token ran out
        return self.client.call(operation, body, token=self.tokens.of(by), key=key)

    def kept(self, operation: str, body: Json, *, by: Voice) -> Any:
        return self.answers.of(f"{operation} {body} {by}", lambda: self(operation, body, by=by, part=operation))

    def has(self, operation: str) -> bool:
        return self.client.has(operation)

    def number(self, key: str) -> str:
        return f"{self.life}/{key}"


@dataclass
class Week:
    """What one week came to, for the line that is printed."""

    payments: int = 0
    yen: int = 0
    refused: int = 0
    sent_before: int = 0  # requests of the weeks before
    began: float = field(default_factory=time.monotonic)
    said_at: float = field(default_factory=time.monotonic)  # when the last line was said


class Driver:
    """Turns a stream of happenings into API calls."""

    def __init__(
        self, client: ApiClient, *, town: Town, rules: Rules, knowledge: Knowledge, journal: Journal, key: str,
        life: str, step: timedelta = STEP, workers: int = WORKERS, say: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        """`life` names this life in idempotency keys, `key` opens `rehearsal_token`, `step` is the length of a slot."""
        self._crowd = CROWD_PER_WORKER * workers if workers > 1 else 1
        self.client, self.known, self.journal = client, knowledge, journal
        self.tokens, self.life, self.step, self.say = Tokens(client, key=key), life, step, say
        self.calls = Calls(town, knowledge.ids, rules)
        self._kept = Kept()
        self.week = Week()
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="rehearsal")
        self._clock: datetime | None = None
        self._key = key

    def run(self, stream: Iterable[Happening]) -> None:
        """Live the whole stream. Raises CannotGoOn, client.Unreachable."""
        try:
            for slot in slots(stream, step=self.step, crowd=self._crowd):
                self._live(slot)
        finally:
            self._pool.shutdown(cancel_futures=True)
            self.journal.close()

    def _live(self, slot: list[Happening]) -> None:
        fresh = [happening for happening in slot if happening.key not in self.journal.answers]
        answers = self._ask(fresh)
        for happening in slot:
            answer = answers.get(happening.key) or self.journal.answers[happening.key]
            self.known.told(happening, answer)
            self._count(happening, answer)
        last = slot[-1]
        if isinstance(last, DayEnds) and last.last_of_week:
            self._report(last)
        elif time.monotonic() - self.week.said_at > PATIENCE_S:
            self.week.said_at = time.monotonic()
            self.say(f"{last.at.astimezone(JST):%m-%d %H:%M} … {self._sent()}")

    def _ask(self, fresh: list[Happening]) -> dict[str, Answer]:
        """Ask the API about new happenings: different people side by side, one person's in order.

        Each answer is in the journal as soon as it is known. Raises CannotGoOn, client.Unreachable, when all others of
        the slot have been answered.
        """
        if not fresh:
            return {}
        if not isinstance(fresh[0], DayEnds):
            self._set_clock(fresh[0].at)
        by_person: dict[str, list[Happening]] = {}
        for happening in fresh:
            by_person.setdefault(happening.who, []).append(happening)
        deeds = [deed for mine in by_person.values() for deed in self._delivered(mine)]
        delivering = self._pool.submit(self._deliver, deeds)
        later = {deed.who for deed in deeds}
        asked = [self._ask_for(mine) for who, mine in by_person.items() if who not in later]
        wait([delivering])
        if delivering.exception() is None:
            rest = [by_person[who][len(self._delivered(by_person[who])) :] for who in sorted(later)]
            asked += [self._ask_for(mine) for mine in rest if mine]
        wait(asked)
        answers = delivering.result()
        for each in asked:
            answers |= each.result()
        return answers

    def _ask_for(self, happenings: list[Happening]) -> Future[dict[str, Answer]]:
        return self._pool.submit(self._one_after_another, happenings)

    def _delivered(self, happenings: list[Happening]) -> list[Acts]:
        """The deeds with which a person's slot begins and that others send in: before anything else of that person, so
        that everybody's order stays.
        """
        saying = self._saying("delivery")
        return [
            deed for deed in takewhile(lambda each: self.calls.delivers(each, saying), happenings)
            if isinstance(deed, Acts)
        ]  # fmt: skip

    def _deliver(self, deeds: list[Acts]) -> dict[str, Answer]:
        """Send these deeds in, as many with one request as the server takes."""
        answers: dict[str, Answer] = {}
        for first in range(0, len(deeds), DELIVERY_MAX):
            part = deeds[first : first + DELIVERY_MAX]
            try:
                given = self.calls.deliver(part, self._saying(f"deliver:{part[0].key}"))
            except Refused as refused:
                given = [Answer(refusal=refused.code, sentence=refused.sentence)] * len(part)
            for deed, answer in zip(part, given, strict=True):
                answers[deed.key] = answer
                self.journal.note(deed.key, answer)
        return answers

    def _saying(self, key: str) -> Saying:
        return Saying(self.client, self.tokens, self.life, key, self._kept)

    def _one_after_another(self, happenings: list[Happening]) -> dict[str, Answer]:
        answers = {}
        for happening in happenings:
            answers[happening.key] = self._answer(happening)
            self.journal.note(happening.key, answers[happening.key])
        return answers

    def _answer(self, happening: Happening) -> Answer:
        try:
            return self.calls.make(happening, self._saying(happening.key))
        except Refused as refused:
            if happening.who == HALL and not isinstance(happening, BEARABLE):
                raise CannotGoOn(f"{happening.key}: {refused}") from refused
            return Answer(refusal=refused.code, sentence=refused.sentence)

    def _set_clock(self, at: datetime) -> None:
        """The town's clock only ever goes ahead."""
        if self._clock is None or at > self._clock:
            self.client.call(
                "rehearsal_set_clock", clock_body(at), token=self._key, key=f"{self.life}/clock/{at.timestamp():.0f}"
            )
            self._clock = at
            self._kept.forget()

    def arrive(self, at: datetime) -> None:
        """Let the town's clock run from `at`, the present, unless it is further already or nothing was lived now."""
        if self._clock is not None:
            self._set_clock(at)

    def _count(self, happening: Happening, answer: Answer) -> None:
        self.week.refused += not answer.ok
        if isinstance(happening, Pays) and answer.ok:
            self.week.payments += 1
            self.week.yen += sum(part.yen for part in answer.taken)

    def _report(self, end: DayEnds) -> None:
        week = self.week
        line = week_line(end, wallets=len(self.known.open), payments=week.payments, yen=week.yen, refused=week.refused)
        self.say(f"{line} · {self._sent()}")
        self.week = Week(sent_before=self.client.timings.requests)

    def _sent(self) -> str:
        """The requests of this week so far, and how many in a second."""
        seconds = max(1e-9, time.monotonic() - self.week.began)
        sent = self.client.timings.requests - self.week.sent_before
        return f"要求 / requests {sent:,} [{sent / seconds:,.0f}/s]"


def week_line(end: DayEnds, *, wallets: int, payments: int, yen: int, refused: int) -> str:
    """What a week came to, in few words of both languages."""
    return (
        f"第{end.week + 1}週 / week {end.week + 1} (–{end.on:%m-%d}): 財布 / wallets {wallets:,} · "
        f"支払い / payments {payments:,}, ¥{yen:,} · 断り / refused {refused:,}"
    )


def slots(stream: Iterable[Happening], *, step: timedelta, crowd: int = 1) -> Iterator[list[Happening]]:
    """Cut a stream into slots: people within `step`, each deed of the town hall alone.

    A slot with fewer than `crowd` happenings goes on beyond `step`, but never beyond the full hour: the hours at which
    people act stay true, whatever the size of the town. A slot that ends a day is given out before anything further is
    asked of the stream.
    """
    slot: list[Happening] = []
    for happening in stream:
        alone = happening.who == HALL
        if slot and (alone or _is_later(happening, slot, step=step, crowd=crowd)):
            yield slot
            slot = []
        slot.append(happening)
        if alone:
            yield slot
            slot = []
    if slot:
        yield slot


def _is_later(happening: Happening, slot: list[Happening], *, step: timedelta, crowd: int) -> bool:
    """Whether a happening belongs to the slot after this one."""
    began = slot[0].at
    hour = began.replace(minute=0, second=0, microsecond=0)  # whole in Japan, too: its offset is nine hours
    if happening.at >= hour + timedelta(hours=1):
        return True
    return len(slot) >= crowd and happening.at >= began + step


def first_days(stream: Iterable[Happening], days: int) -> Iterator[Happening]:
    """The stream's first days, each with its end."""
    for happening in stream:
        yield happening
        days -= isinstance(happening, DayEnds)
        if days <= 0:
            return
