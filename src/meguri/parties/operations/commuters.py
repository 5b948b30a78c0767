"""Who works or studies in the town: the person says so, an officer looks at the proof, and it ends with a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from meguri.parties import commuting
from meguri.parties.commuting import PLACES, read_list, require_days, require_word
from meguri.parties.models import Commuter, CommuterKind, CommuterProof, CommuterState, Resident
from meguri.parties.queries.commuters import (
    CommuterView,
    Matched,
    commuter_view,
    known_alike,
    match_list,
    waiting_alike,
)
from meguri.parties.rules import Both, require
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7

NAME, BIRTH = Both("氏名", "your name"), Both("生年月日", "your date of birth")
WHERE = {
    "work": Both("勤め先の名前", "the name of your workplace"), "study": Both("学校の名前", "the name of your school"),
}


@transaction.atomic
def declare_commuter(
    *, kind: str, place: str, by: Actor, at: datetime, name: str = "", birth_date: date | None = None
) -> UUID:
    """A person says to work or study in the town (`kind`); gives the id of what now waits for an officer.

    Who stands in the register needs to give no name and date of birth: the register's own stay. Saying it again while
    it waits is a new word, and the old one is withdrawn: no officer confirms what they have not seen.
    Order: permission, words, the person alone, the one waiting row, the sealed names.
    Raises Refusal `not_allowed`, `commuter_kind_missing`, `commuter_word_wrong`, `subject_forgotten`.
    """
    person = by.party
    require(by, "party.declare_commuter", owner=person)
    assert person is not None  # noqa: S101 - a permission of scope OWN has an owner
    if kind not in CommuterKind.values:
        raise commuting.COMMUTER_KIND_MISSING.refusal(field="kind")
    sealed = {PLACES[kind]: require_word(place, field="place", what=WHERE[kind])}
    known = Resident.objects.filter(id=person, municipality=by.municipality).first()
    if known is None:
        sealed |= _own_name(person, name, municipality=by.municipality)
    born = birth_date if known is None else known.birth_date
    born = _require_birth(born, at=at)
    _hold(f"of:{person}")
    mine = Commuter.objects.filter(municipality=by.municipality, person=person, kind=kind, state=CommuterState.WAITING)
    mine.update(state=CommuterState.WITHDRAWN)
    fresh = Commuter.objects.create(
        id=uuid7(at), municipality=by.municipality, person=person, kind=kind, birth_date=born, said_at=at
    )
    seal(person, sealed, by=by, at=at)
    return fresh.id


def _own_name(person: UUID, name: str, *, municipality: int) -> dict[Field, str]:
    """The typed name to be sealed; none once an officer has compared the one that lies there with a card."""
    typed = require_word(name, field="name", what=NAME)
    rows = Commuter.objects.filter(municipality=municipality, person=person, state=CommuterState.CONFIRMED)
    return {} if rows.exists() else {Field.NAME: typed}


@transaction.atomic
def withdraw_commuter(commuter: UUID, *, by: Actor) -> None:
    """Take back what one said, before anybody looked into it.

    Raises Refusal `commuter_unknown`, `not_allowed`, `commuter_decided`.
    """
    row = _locked(commuter, by.municipality)
    require(by, "party.declare_commuter", owner=row.person)
    _require_state(row, CommuterState.WAITING)
    row.state = CommuterState.WITHDRAWN
    row.save(update_fields=["state"])


@transaction.atomic
def confirm_commuter(
    commuter: UUID, *, proof: str, first_day: date, last_day: date, by: Actor, at: datetime, is_another: bool = False
) -> CommuterView:
    """An officer has seen the proof: it holds from its first day to its last (which still counts).

    `is_another`: the officer made sure that somebody of the same name and date of birth is another person.
    Order: one confirmation at a time in a town (so that two of one person see each other), the row, permission, still
    waiting, not one's own, days and proof, nobody known twice, write.
    Raises Refusal `commuter_unknown`, `not_allowed`, `commuter_decided`, `commuter_own`, `commuter_days_wrong`,
    `commuter_proof_wrong`, `commuter_twice`.
    """
    _hold(f"in:{by.municipality}")
    row = _locked(commuter, by.municipality)
    _require_officer(by, row)
    _require_state(row, CommuterState.WAITING)
    _require_proof(proof, first_day, last_day, at=at)
    _require_unknown(row, is_another=is_another, at=at)
    _confirm(row, proof=proof, first_day=first_day, last_day=last_day, by=by, at=at)
    return commuter_view(row)


@transaction.atomic
def record_commuter(
    *, kind: str, place: str, name: str, birth_date: date, proof: str, first_day: date, last_day: date, by: Actor,
    at: datetime, is_another: bool = False,
) -> CommuterView:
    """Somebody without a phone stands at the desk with the paper: an officer writes it down, and it is confirmed.

    The row says who wrote it down, who confirmed it (the same officer, who saw the paper) and by what; the person gets
    a pseudonym of their own. Who came forward by phone is confirmed in that word instead.
    Order: permission, words, days and proof, one confirmation at a time in a town, the sealed names, nobody known
    twice, write.
    Raises Refusal `not_allowed`, `commuter_kind_missing`, `commuter_word_wrong`, `commuter_days_wrong`,
    `commuter_proof_wrong`, `commuter_said_already`, `commuter_twice`.
    """
    require(by, "party.confirm_commuter", municipality=by.municipality)
    if by.party is None:
        raise commuting.COMMUTER_OWN.refusal()
    if kind not in CommuterKind.values:
        raise commuting.COMMUTER_KIND_MISSING.refusal(field="kind")
    sealed = {PLACES[kind]: require_word(place, field="place", what=WHERE[kind]),
              Field.NAME: require_word(name, field="name", what=NAME)}  # fmt: skip
    _require_birth(birth_date, at=at)
    _require_proof(proof, first_day, last_day, at=at)
    _hold(f"in:{by.municipality}")
    row = Commuter(
        id=uuid7(at), municipality=by.municipality, person=uuid4(), kind=kind, birth_date=birth_date, said_at=at,
        recorded_by=by.party,
    )
    seal(row.person, sealed, by=by, at=at)
    if waiting_alike(row.person, birth_date=birth_date, municipality=row.municipality):
        raise commuting.COMMUTER_SAID_ALREADY.refusal(field="name")
    _require_unknown(row, is_another=is_another, at=at)
    _decide(row, proof=proof, first_day=first_day, last_day=last_day, by=by, at=at)
    row.save(force_insert=True)
    return commuter_view(row)


@transaction.atomic
def confirm_listed(text: str, *, by: Actor, at: datetime) -> tuple[Matched, ...]:
    """Confirm everybody who waits and stands in a company's or school's list (CSV text); gives what each line met.

    The list itself is kept nowhere. Order: permission, every line judged, one confirmation at a time in a town, the
    matching rows in the order of their ids, then all of them written. One wrong line refuses the whole list.
    Raises Refusal `not_allowed`, `commuter_own`, and those of `commuting.read_list`.
    """
    require(by, "party.confirm_commuter")
    listed = read_list(text, today=day(at))
    _hold(f"in:{by.municipality}")
    matches = match_list(listed, municipality=by.municipality, on=day(at))
    found = {match.commuter: match.listed for match in matches if match.commuter is not None}
    rows = Commuter.objects.select_for_update().filter(id__in=list(found), state=CommuterState.WAITING)
    for row in rows.order_by("id"):
        _require_officer(by, row)
        days = found[row.id]
        _confirm(row, proof=CommuterProof.LIST, first_day=days.first_day, last_day=days.last_day, by=by, at=at)
    return matches


@transaction.atomic
def refuse_commuter(commuter: UUID, *, reason: str, by: Actor, at: datetime) -> CommuterView:
    """Not accepted; what was confirmed by mistake or by a forged proof is taken back like this, from its first day.

    What the person bought meanwhile stays. Order: lock, permission, state, not one's own, reason, write.
    Raises Refusal `commuter_unknown`, `not_allowed`, `commuter_decided`, `commuter_own`, `commuter_reason_missing`.
    """
    row = _locked(commuter, by.municipality)
    _require_officer(by, row)
    _require_state(row, CommuterState.WAITING, CommuterState.CONFIRMED)
    if not reason.strip():
        raise commuting.COMMUTER_REASON_MISSING.refusal(field="reason")
    row.state, row.reason, row.decided_by, row.decided_at = CommuterState.REFUSED, reason.strip(), by.party, at
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    return commuter_view(row)


@transaction.atomic
def end_commuter(commuter: UUID, *, last_day: date, by: Actor) -> CommuterView:
    """Somebody left the company or school: it holds no longer than to this day, which still counts.

    Raises Refusal `commuter_unknown`, `not_allowed`, `commuter_decided`, `commuter_own`, `commuter_days_wrong`.
    """
    row = _locked(commuter, by.municipality)
    _require_officer(by, row)
    _require_state(row, CommuterState.CONFIRMED)
    ends = last_day + timedelta(days=1)
    assert row.valid_from is not None and row.valid_until is not None  # noqa: S101, PT018 - confirmed, by constraint
    if not row.valid_from < ends <= row.valid_until:
        raise commuting.COMMUTER_DAYS_WRONG.refusal(field="ends_on", years=commuting.LASTS_MOST_YEARS)
    row.valid_until = ends
    row.save(update_fields=["valid_until"])
    return commuter_view(row)


def _hold(what: str) -> None:
    """Alone with it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('parties_commuter:' || %s, 0))", [what])


def _locked(commuter: UUID, municipality: int) -> Commuter:
    found = Commuter.objects.select_for_update().filter(id=commuter, municipality=municipality).first()
    if found is None:
        raise commuting.COMMUTER_UNKNOWN.refusal()
    return found


def _require_officer(by: Actor, row: Commuter) -> None:
    require(by, "party.confirm_commuter", municipality=row.municipality)
    if by.party is None or by.party == row.person:
        raise commuting.COMMUTER_OWN.refusal()


def _require_state(row: Commuter, *wanted: CommuterState) -> None:
    if row.state not in wanted:
        raise commuting.COMMUTER_DECIDED.refusal(state=commuting.STATES[row.state])


def _require_birth(born: date | None, *, at: datetime) -> date:
    if born is None or not commuting.is_birth_date(born, today=day(at)):
        raise commuting.COMMUTER_WORD_WRONG.refusal(field="birth_date", what=BIRTH, most=commuting.PLACE_MOST)
    return born


def _require_proof(proof: str, *days: date, at: datetime) -> None:
    require_days(*days, today=day(at))
    if proof not in CommuterProof.values:
        raise commuting.COMMUTER_PROOF_WRONG.refusal(field="proof")


def _require_unknown(row: Commuter, *, is_another: bool, at: datetime) -> None:
    known = known_alike(row.person, birth_date=row.birth_date, municipality=row.municipality, on=day(at))
    if known and not is_another:
        raise commuting.COMMUTER_TWICE.refusal(field="is_another", known=len(known))


def _confirm(row: Commuter, *, proof: str, first_day: date, last_day: date, by: Actor, at: datetime) -> None:
    _decide(row, proof=proof, first_day=first_day, last_day=last_day, by=by, at=at)
    row.save(update_fields=["state", "proof", "valid_from", "valid_until", "decided_by", "decided_at"])


def _decide(row: Commuter, *, proof: str, first_day: date, last_day: date, by: Actor, at: datetime) -> None:
    row.state, row.proof, row.valid_from = CommuterState.CONFIRMED, proof, first_day
    row.valid_until, row.decided_by, row.decided_at = last_day + timedelta(days=1), by.party, at
