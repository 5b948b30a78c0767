"""Line by line: who of a list is entitled to how much by which row of the table, and who is not and why. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from meguri.parties.queries import ResidentFacts, resident_facts
from meguri.parties.rules import Both
from meguri.programmes.benefits import rules
from meguri.programmes.benefits.models import Entitlement
from meguri.programmes.benefits.offer import Offer
from meguri.programmes.benefits.rules import Fault, ListRow, fault
from meguri.programmes.parts import AmountRow
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.words import predicate
from meguri.words.predicate import Facts, Rule
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Entitled:
    """A line that entitles: `row` is the line of the amount table that applied, `facts` what it was decided on."""

    line: int
    person: UUID
    recipient: UUID
    yen: int
    row: Both
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Judged:
    """A list as judged: every line is in one of the two."""

    entitled: tuple[Entitled, ...]
    faults: tuple[Fault, ...]

    @property
    def total_yen(self) -> int:
        return sum(each.yen for each in self.entitled)


@dataclass
class _Table:
    """What lines are judged by: everybody's facts on the eligibility date, and the rules, each parsed once."""

    offer: Offer
    people: Mapping[UUID, ResidentFacts]
    taken: set[UUID]
    who: Rule
    amounts: Sequence[tuple[AmountRow, Rule]]
    seen: set[UUID] = field(default_factory=set)


def judge_list(offer: Offer, content: bytes) -> Judged:
    """Judge a file against the register, the terms and everybody already entitled in the programme.

    Raises Refusal `benefit_list_unreadable`, `benefit_list_too_long`.
    """
    rows = rules.read_list(content)
    table = _table(offer, rows)
    entitled, faults = [], []
    for row in rows:
        answer = _judge(row, table)
        if isinstance(answer, Fault):
            faults.append(answer)
        else:
            entitled.append(answer)
    return Judged(tuple(entitled), tuple(faults))


def _table(offer: Offer, rows: Sequence[ListRow]) -> _Table:
    named = {row.person for row in rows} | {row.recipient for row in rows}
    people = [person for person in named if person is not None]
    taken = Entitlement.objects.filter(programme=offer.programme, person__in=people).values_list("person", flat=True)
    eligibility = offer.terms.eligibility
    return _Table(
        offer=offer,
        people=resident_facts(people, municipality=offer.municipality, on=eligibility.on),
        taken=set(taken),
        who=predicate.parse(eligibility.who, RESIDENTS),
        amounts=[(each, predicate.parse(each.when, RESIDENTS)) for each in offer.granting.amounts],
    )


def _judge(row: ListRow, table: _Table) -> Entitled | Fault:
    person, recipient = row.person, row.recipient
    if person is None or recipient is None:
        return fault(row.line, "unreadable")
    if person in table.seen:
        return fault(row.line, "twice")
    table.seen.add(person)
    if person not in table.people:
        return fault(row.line, "unknown_person")
    if recipient not in table.people:
        return fault(row.line, "unknown_recipient")
    if person in table.taken:
        return fault(row.line, "already_entitled")
    facts = known(table.people[person], RESIDENTS)
    try:
        return _decide(row, table, person=person, recipient=recipient, facts=facts)
    except Refusal as missing:  # a fact that a condition needs is not on record
        return fault(row.line, "not_eligible", more=Both(missing.sentence("ja"), missing.sentence("en")))


def _decide(row: ListRow, table: _Table, *, person: UUID, recipient: UUID, facts: Facts) -> Entitled | Fault:
    if not predicate.holds(table.who, facts):
        why = Both(
            "、".join(predicate.why_not(table.who, facts)),
            ", ".join(predicate.why_not(table.who, facts, language="en")),
        )
        return fault(row.line, "not_eligible", more=why)
    applying = next((amount for amount, rule in table.amounts if predicate.holds(rule, facts)), None)
    if applying is None:
        return fault(row.line, "no_amount")
    if row.amount_yen is not None and row.amount_yen != applying.yen:
        said, due = f"{row.amount_yen:,}", f"{applying.yen:,}"
        more = Both(f"名簿{said}円・表{due}円", f"list {said}, table {due} yen")
        return fault(row.line, "amount_differs", more=more)
    return Entitled(
        line=row.line,
        person=person,
        recipient=recipient,
        yen=applying.yen,
        row=Both(applying.name.ja, applying.name.en),
        facts={name: _plain(fact) for name, fact in facts.items()},
    )


def _plain(fact: object) -> object:
    """As JSON keeps it."""
    return fact.isoformat() if isinstance(fact, date) else fact
