"""Whose conditions lot has decided, what they are, and how anybody can draw them anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from meguri.programmes.arms import Expiry, Unit, assign, expiry_of, list_hash, rate_bp
from meguri.programmes.models import ArmMember, ArmsDraw, ArmUnit, ProgrammeState
from meguri.programmes.queries.documents import terms
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Arm, Trial
from meguri.words import draw
from meguri.words.refusal import declare

ARMS_NOT_DRAWN = declare(
    "arms_not_drawn",
    ja="この事業は条件の一部を抽選で決めます。抽選がまだなので、もう少しお待ちください。",
    en="Lot decides a part of this programme's conditions, and it has not been drawn yet. Please wait a little.",
)
NO_TRIAL = declare(
    "programme_draws_no_arms", status=404,
    ja="この事業では、条件を抽選で決めていません。", en="No conditions are drawn by lot in this programme.",
)
_DRAWN: set[UUID] = set()
"""Programmes whose arms are drawn: that never changes, so a process asks no more."""


@dataclass(frozen=True, slots=True)
class OwnConditions:
    """What holds for one person where lot decides. `pseudonym`: their name in the list; empty for who is not in it.

    Whoever was not in the list lives under the terms as they are, as the control does. `reminder_days` None: as usual.
    """

    arm: Arm | None
    pseudonym: str
    expiry: Expiry
    reminder_days: int | None
    rate_bp: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One unit of a trial, as evidence keeps it. `probability`: the share of its arm, in 1/100 %."""

    pseudonym: str
    people: int
    stratum: str
    arm: str
    probability: int
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class ArmsPage:
    """All that may be known of a draw of arms; `lines`, `secret`, `assigned` are empty until the programme is closed.

    `units`: how many are in the list. `agrees`: computed anew for this answer, the results are the published ones.
    """

    programme: UUID
    trial: Trial
    recipe: str
    commitment: str
    committed_at: datetime
    list_hash: str
    listed_at: datetime | None
    units: int
    public_value: str
    drawn_at: datetime | None
    results_digest: str
    is_open: bool
    secret: str
    lines: tuple[str, ...]
    assigned: tuple[tuple[str, str], ...]
    agrees: bool | None


def arms_of(programme: UUID, people: Collection[UUID], *, municipality: int) -> dict[UUID, Arm]:
    """The arms of these people; who is not in the list, or in a programme without a trial, is missing."""
    trial = terms(programme, municipality=municipality).trial
    if trial is None or not people:
        return {}
    arms = {arm.code: arm for arm in trial.arms}
    rows = ArmMember.objects.filter(municipality=municipality, programme=programme, person__in=people)
    return {person: arms[code] for person, code in rows.exclude(unit__arm="").values_list("person", "unit__arm")}


def arm_of(programme: UUID, person: UUID, *, municipality: int) -> Arm | None:
    """One person's arm."""
    return arms_of(programme, [person], municipality=municipality).get(person)


@dataclass(frozen=True, slots=True)
class DrawnTerms:
    """What lot says for one arm of a programme. `reminder_days` before an expiry, 0: never; None: as for everybody."""

    programme: UUID
    arm: str
    reminder_days: int | None
    demurrage_bp: int | None


def drawn_terms(programmes: Collection[UUID], *, municipality: int) -> list[DrawnTerms]:
    """The arms that are reminded of an expiry, or lose on a demurrage day, otherwise than the terms say."""
    trials = [(each, terms(each, municipality=municipality).trial) for each in programmes]
    return [
        DrawnTerms(each, arm.code, arm.reminder_days, arm.demurrage_bp)
        for each, trial in trials if trial for arm in trial.arms
        if arm.reminder_days is not None or arm.demurrage_bp is not None
    ]


def require_arms_drawn(programme: UUID, document: ProgrammeTerms) -> None:
    """Nothing is obtained before lot has decided: else who came early would choose an arm. Raises `arms_not_drawn`."""
    if document.trial is None or programme in _DRAWN:
        return
    if not ArmsDraw.objects.filter(programme=programme, drawn_at__isnull=False).exists():
        raise ARMS_NOT_DRAWN.refusal()
    _DRAWN.add(programme)


def own_conditions(programme: UUID, person: UUID, *, municipality: int) -> OwnConditions | None:
    """What lot has decided for a person; None where nothing is drawn, or not yet."""
    document = terms(programme, municipality=municipality)
    if document.trial is None or not ArmsDraw.objects.filter(programme=programme, drawn_at__isnull=False).exists():
        return None
    rows = ArmMember.objects.filter(municipality=municipality, programme=programme, person=person)
    found = rows.values_list("unit_id", "unit__arm").first()
    arm = next((each for each in document.trial.arms if found and each.code == found[1]), None)
    return OwnConditions(
        arm=arm, pseudonym=str(found[0]) if found else "", expiry=expiry_of(document, arm),
        reminder_days=arm.reminder_days if arm else None, rate_bp=rate_bp(document, arm),
    )


def assignments(programme: UUID, *, municipality: int) -> tuple[Assignment, ...]:
    """Every unit of a drawn trial by pseudonym. For the evidence; nobody else is told while the programme runs."""
    trial = terms(programme, municipality=municipality).trial
    if trial is None:
        return ()
    shares = {arm.code: arm.share_bp for arm in trial.arms}
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNED_SQL, [municipality, programme])
        rows = cursor.fetchall()
    return tuple(Assignment(str(id_), people, stratum, arm, shares[arm], at) for id_, people, stratum, arm, at in rows)


_ASSIGNED_SQL = """
    SELECT u.id, (SELECT count(*) FROM programmes_armmember m WHERE m.unit_id = u.id), u.stratum, u.arm, d.drawn_at
      FROM programmes_armunit u JOIN programmes_armsdraw d ON d.id = u.draw_id
     WHERE d.municipality = %s AND d.programme_id = %s AND d.drawn_at IS NOT NULL ORDER BY u.id
"""


def arms_page(programme: UUID, *, municipality: int) -> ArmsPage:
    """The draw of a programme's arms. Raises Refusal `programme_unknown`, `programme_draws_no_arms`."""
    trial = terms(programme, municipality=municipality).trial
    kept = ArmsDraw.objects.select_related("programme").filter(municipality=municipality, programme=programme).first()
    if trial is None or kept is None:
        raise NO_TRIAL.refusal()
    is_open = kept.programme.state == ProgrammeState.CLOSED and kept.drawn_at is not None
    units = listed(kept) if is_open else []
    again = _drawn_again(kept, trial, units=units) if is_open else None
    return ArmsPage(
        programme=programme, trial=trial, recipe=draw.RECIPE, commitment=kept.commitment,
        committed_at=kept.committed_at, list_hash=kept.list_hash, listed_at=kept.listed_at, units=kept.units.count(),
        public_value=kept.public_value, drawn_at=kept.drawn_at, results_digest=kept.results_digest, is_open=is_open,
        secret=kept.secret if is_open else "", lines=tuple(sorted(unit.line for unit in units)),
        assigned=again[0] if again else (), agrees=again[1] if again else None,
    )  # fmt: skip


def disagreeing(municipality: int) -> list[UUID]:
    """The programmes whose drawn arms are not those that their draw gives."""
    drawn = ArmsDraw.objects.filter(municipality=municipality, drawn_at__isnull=False).order_by("programme_id")
    trials = ((kept, terms(kept.programme_id, municipality=municipality).trial) for kept in drawn)
    return [
        kept.programme_id for kept, trial in trials
        if trial is None or not _drawn_again(kept, trial, units=listed(kept))[1]
    ]


def undrawn(municipality: int) -> list[UUID]:
    """Running programmes whose arms wait for their draw."""
    waiting = ArmsDraw.objects.filter(
        municipality=municipality, drawn_at=None, programme__state=ProgrammeState.LAUNCHED
    )
    return list(waiting.order_by("programme_id").values_list("programme_id", flat=True))


def listed(kept: ArmsDraw) -> list[Unit]:
    """Everything in the list of a draw."""
    rows = ArmUnit.objects.filter(draw=kept).values_list("id", "stratum")
    return [Unit(str(id_), stratum) for id_, stratum in rows]


def drawn_into(programme: UUID, *, municipality: int) -> Counter[str]:
    """How many units each arm has."""
    rows = ArmUnit.objects.filter(municipality=municipality, draw__programme=programme).exclude(arm="")
    return Counter(rows.values_list("arm", flat=True))


ARMS_SQL = """
    SELECT m.programme, m.person, u.arm FROM programmes_armmember m JOIN programmes_armunit u ON u.id = m.unit_id
     WHERE u.arm <> ''
"""
"""Everybody's arm, for questions about many people at once."""


def _drawn_again(
    kept: ArmsDraw, trial: Trial, *, units: Sequence[Unit]
) -> tuple[tuple[tuple[str, str], ...], bool]:
    """The arms as they stand, in drawn order, and whether the draw gives just these."""
    seed = draw.Seed(secret=kept.secret, list_hash=kept.list_hash, public_value=kept.public_value)
    again = assign(trial, units, seed=seed)
    arms = {str(id_): arm for id_, arm in ArmUnit.objects.filter(draw=kept).values_list("id", "arm")}
    agrees = (
        draw.commitment(kept.secret) == kept.commitment and list_hash(units) == kept.list_hash
        and again.digest == kept.results_digest and dict(again.arms) == arms
    )  # fmt: skip
    return tuple((id_, arms[id_]) for id_ in again.arms), agrees
