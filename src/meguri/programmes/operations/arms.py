"""The draw of a trial's arms: promised at the launch, its list fixed, then drawn with the public value of the day.

As in a lottery, whoever runs it is bound to the secret and to the list before the public value is known.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from meguri.parties.queries import RESIDENT_FACTS_SQL
from meguri.parties.rules import Both, require
from meguri.programmes import queries
from meguri.programmes.arms import assign, list_hash
from meguri.programmes.models import ArmsDraw, Programme, ProgrammeState
from meguri.programmes.operations.drafting import locked_programme
from meguri.programmes.parts import Holder
from meguri.programmes.queries.arms import NO_TRIAL, listed
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Strata, Trial
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words import draw, predicate
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_start
from meguri.words.refusal import declare

BATCH = 10_000

ARMS_NOT_RUNNING = declare(
    "arms_of_no_running_programme",
    ja="この事業は動いていないので、条件の抽選はできません。",
    en="This programme is not running, so its arms cannot be drawn.",
)
ARMS_LIST_EMPTY = declare(
    "arms_list_empty", status=422,
    ja="対象になる人が一人もいないので、抽選できません。対象の条件と住民の登録を確かめてください。",
    en="Nobody is eligible, so there is nothing to draw. Please check the condition and the register.",
)
ARMS_NOT_LISTED = declare(
    "arms_not_listed",
    ja="抽選の前に、名簿を確定してください。公開の値が分かってからでは、名簿を選べてしまいます。",
    en="Before the draw, please fix the list: once the public value is known, a list could be chosen to fit it.",
)
ARMS_TOO_EARLY = declare(
    "arms_too_early",
    ja="条件の抽選は{when:ja}からです。公開の値がまだ分かりません。",
    en="The arms are drawn on {when:en} or later: the public value is not known yet.",
)
ARMS_LIST_CHANGED = declare(
    "arms_list_changed",
    ja="名簿が、公表したものと違っています。抽選を止めました。原因を確かめてください。",
    en="The list differs from the one that was published. The draw was stopped; please find out why.",
)
ARMS_VALUE_UNREADABLE = declare(
    "arms_value_unreadable", status=422,
    ja="公開の値を1行、200文字以内で入力してください。",
    en="Please enter the public value on one line of at most 200 characters.",
)
ARMS_DRAWN_OTHERWISE = declare(
    "arms_drawn_otherwise",
    ja="条件の抽選は公開の値「{public_value}」ですでに行われました。引き直しはできません。",
    en="The arms were already drawn with the public value “{public_value}”. They cannot be drawn again.",
)


def promise_arms(terms: ProgrammeTerms, kept: Programme, *, at: datetime) -> None:
    """The secret of a trial's draw, bound by its hash from the launch on; nothing without a trial."""
    if terms.trial is None:
        return
    secret = draw.new_secret()
    ArmsDraw.objects.create(
        id=uuid7(at), municipality=kept.municipality, programme=kept, secret=secret,
        commitment=draw.commitment(secret), committed_at=at,
    )


@transaction.atomic
def list_arms(*, programme: UUID, by: Actor, at: datetime) -> str:
    """Fix who is drawn: everybody eligible now, each person or household under a random name; gives the list's hash.

    A household in which one is eligible is drawn as it lives: a parent may receive what is meant for a child.
    Whoever becomes eligible later lives under the terms as they are. Fixing it again changes nothing.
    Order: the programme alone, permission, the list, its hash.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_draws_no_arms`, `arms_of_no_running_programme`,
    `arms_list_empty`.
    """
    _, terms, trial, kept = _found(programme, by)
    if kept.listed_at is not None:
        return kept.list_hash
    _fill(terms, trial, kept=kept)
    units = listed(kept)
    if not units:
        raise ARMS_LIST_EMPTY.refusal()
    kept.list_hash, kept.listed_at = list_hash(units), at
    kept.save(update_fields=["list_hash", "listed_at"])
    return kept.list_hash


@transaction.atomic
def draw_arms(*, programme: UUID, public_value: str, by: Actor, at: datetime) -> str:
    """Draw the arms with the public value of the day; gives the digest of the results. There is no second draw.

    Order: the programme alone, permission, day, the list against its published hash, the arms.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_draws_no_arms`, `arms_of_no_running_programme`,
    `arms_value_unreadable`, `arms_drawn_otherwise`, `arms_not_listed`, `arms_too_early`, `arms_list_changed`.
    """
    _, _, trial, kept = _found(programme, by)
    value = public_value.strip()
    if not value or len(value) > 200 or len(value.splitlines()) != 1:
        raise ARMS_VALUE_UNREADABLE.refusal(field="public_value")
    if kept.drawn_at is not None:
        if kept.public_value != value:
            raise ARMS_DRAWN_OTHERWISE.refusal(public_value=kept.public_value)
        return kept.results_digest
    if kept.listed_at is None:
        raise ARMS_NOT_LISTED.refusal()
    if at < day_start(trial.drawn_on):
        raise ARMS_TOO_EARLY.refusal(when=_said(trial.drawn_on))
    units = listed(kept)
    if list_hash(units) != kept.list_hash:
        raise ARMS_LIST_CHANGED.refusal()
    seed = draw.Seed(secret=kept.secret, list_hash=kept.list_hash, public_value=value)
    found = assign(trial, units, seed=seed)
    _write(kept, list(found.arms.items()))
    kept.public_value, kept.results_digest, kept.drawn_at, kept.drawn_by = value, found.digest, at, by.party
    kept.save(update_fields=["public_value", "results_digest", "drawn_at", "drawn_by"])
    return found.digest


def _said(day: date) -> Both:
    return Both(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}")


def _found(programme: UUID, by: Actor) -> tuple[Programme, ProgrammeTerms, Trial, ArmsDraw]:
    """A running programme with a trial, held alone."""
    running = locked_programme(programme, by)
    require(by, "programme.draw_arms", department=running.department, municipality=running.municipality)
    terms = queries.terms(programme, municipality=by.municipality)
    kept = ArmsDraw.objects.filter(programme=running).first()
    if running.state != ProgrammeState.LAUNCHED:
        raise ARMS_NOT_RUNNING.refusal()
    if terms.trial is None or kept is None:
        raise NO_TRIAL.refusal()
    return running, terms, terms.trial, kept


def _fill(terms: ProgrammeTerms, trial: Trial, *, kept: ArmsDraw) -> None:
    """Units and members in one statement: a million people never pass through this process."""
    rule = predicate.parse(terms.eligibility.who, RESIDENTS)
    condition, values = predicate.to_sql(rule, {name: name for name in RESIDENTS.names})
    facts = RESIDENT_FACTS_SQL.replace("%(municipality)s", "%s").replace("%(on)s", "%s")
    unit = "household" if trial.per is Holder.HOUSEHOLD else "person"
    stratum = "ward" if trial.strata is Strata.WARD else "''"
    query = _FILL_SQL.format(facts=facts, condition=condition, unit=unit, stratum=stratum)
    asked: list[Any] = [
        *values, kept.municipality, terms.eligibility.on, kept.municipality, kept.id, kept.municipality,
        kept.programme_id,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(query, asked)


_FILL_SQL = """
    WITH listed AS (
        SELECT person, {unit} AS unit, coalesce({stratum}, '') AS stratum, ({condition}) AS meant
          FROM ({facts}) AS register WHERE resident OR works_in_town OR studies_in_town
    ), units AS (
        INSERT INTO programmes_armunit (id, municipality, draw_id, unit, stratum, arm)
        SELECT gen_random_uuid(), %s, %s, unit, min(stratum), '' FROM listed GROUP BY unit HAVING bool_or(meant)
        RETURNING id, unit
    )
    INSERT INTO programmes_armmember (id, municipality, programme, person, unit_id)
    SELECT gen_random_uuid(), %s, %s, listed.person, units.id FROM listed JOIN units USING (unit)
"""


def _write(kept: ArmsDraw, assigned: list[tuple[str, str]]) -> None:
    for start in range(0, len(assigned), BATCH):
        some = assigned[start : start + BATCH]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_SQL, [[id_ for id_, _ in some], [arm for _, arm in some], kept.id])


_WRITE_SQL = """
    UPDATE programmes_armunit u SET arm = now.arm FROM unnest(%s::uuid[], %s::text[]) AS now (id, arm)
     WHERE u.id = now.id AND u.draw_id = %s
"""
