"""A company proposes an action; the department takes it into its document by one press, or declines with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from django.db import connection, transaction

from meguri.parties.operations.members import require_manager
from meguri.parties.queries import sponsor
from meguri.parties.rules import Both, require
from meguri.parties.sponsoring import NOT_KEPT
from meguri.programmes import queries
from meguri.programmes.models import ActionProposal, ProgrammeState
from meguri.programmes.operations.amending import REASON_MOST as AMENDMENT_REASON_MOST
from meguri.programmes.operations.amending import draft_amendment
from meguri.programmes.operations.drafting import draft_programme, locked_programme
from meguri.programmes.parts import Action, Evidence, GrantByAction, Limit, Per, Text, Window
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

NAME_MOST: Final = 100
YEN_MOST: Final = 10_000
REASON_MOST: Final = 400
WAITING_MOST: Final = 20
"""Proposals of one company that may wait at one time."""
STATES: Final = {
    "waiting": Both("町が検討中", "with the town"), "taken": Both("町の文書に入りました", "taken into the document"),
    "declined": Both("見送り", "declined"), "withdrawn": Both("取下げ", "withdrawn"),
}

PROPOSAL_UNKNOWN = declare(
    "proposal_unknown", status=404, ja="この提案は見つかりません。", en="There is no such proposal."
)
PROPOSAL_DECIDED = declare(
    "proposal_decided",
    ja="この提案は、もう検討が終わっています({state:ja})。", en="This proposal was decided ({state:en}).",
)
PROPOSAL_WRONG = declare(
    "proposal_wrong", status=422, ja="{what:ja}を確かめてください。", en="Please check {what:en}."
)
PROPOSALS_TOO_MANY = declare(
    "proposals_too_many",
    ja="検討を待つ提案は{most}件までです。町の答えを待つか、どれかを取り下げてください。",
    en="Up to {most} proposals can wait. Please wait for the town, or withdraw one.",
)
PROPOSAL_UNREASONED = declare(
    "proposal_unreasoned", status=422,
    ja="見送る理由を{most}文字までで書いてください。会社が読みます。",
    en="Please say why in at most {most} characters; the company reads it.",
)
NO_ACTIONS_THERE = declare(
    "proposal_without_actions", status=422,
    ja="この事業は、行動に付与する事業ではありません。", en="This programme does not reward actions.",
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a company would like: `yen` for doing it once, all funders together; both days count."""

    programme: UUID
    name_ja: str
    name_en: str
    yen: int
    first_day: date
    last_day: date
    place: str
    evidence: str


@transaction.atomic
def propose_action(proposed: Proposed, *, by: Actor, at: datetime) -> UUID:
    """Keep a company's proposal for a programme of actions.

    Order: permission, what was entered, the company's lock, so that its proposals are counted one after the other; the
    count, the row.
    Raises Refusal `not_allowed`, `sponsor_manager_needed`, `programme_unknown`, `proposal_without_actions`,
    `proposal_wrong`, `proposals_too_many`.
    """
    owner = by.party or UUID(int=0)
    require(by, "action.propose", owner=owner)
    require_manager(by)
    _actions_of(queries.terms(proposed.programme, municipality=by.municipality))
    _judge(proposed, at=at)
    _lock(owner)
    waiting = ActionProposal.objects.filter(municipality=by.municipality, sponsor=owner, state="waiting")
    if waiting.count() >= WAITING_MOST:
        raise PROPOSALS_TOO_MANY.refusal(most=WAITING_MOST)
    row = ActionProposal.objects.create(
        id=uuid7(at), municipality=by.municipality, programme_id=proposed.programme, sponsor=owner,
        name_ja=proposed.name_ja.strip(), name_en=proposed.name_en.strip() or proposed.name_ja.strip(),
        yen=proposed.yen, first_day=proposed.first_day, last_day=proposed.last_day, place=proposed.place.strip(),
        evidence=proposed.evidence, proposed_at=at,
    )  # fmt: skip
    return row.id


def _lock(owner: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"programmes_actionproposal:{owner}"])


def _judge(proposed: Proposed, *, at: datetime) -> None:
    wrong = {
        "name_ja": (
            not proposed.name_ja.strip() or _is_unfit(proposed.name_ja), Both("行動の名前", "the action's name")
        ),
        "name_en": (_is_unfit(proposed.name_en), Both("英語の名前", "the English name")),
        "yen": (not 1 <= proposed.yen <= YEN_MOST, Both(f"金額(1円から{YEN_MOST:,}円)", f"yen (1 to {YEN_MOST:,})")),
        "last_day": (
            not max(proposed.first_day, day(at)) <= proposed.last_day, Both("おわりの日", "the last day")
        ),
        "place": (_is_unfit(proposed.place), Both("場所", "the place")),
        "evidence": (proposed.evidence not in set(Evidence), Both("確かめ方", "how it is confirmed")),
    }  # fmt: skip
    for field, (is_wrong, what) in wrong.items():
        if is_wrong:
            raise PROPOSAL_WRONG.refusal(field=field, what=what)


def _is_unfit(text: str) -> bool:
    """Too long, or with the sign that the database keeps in no text."""
    return len(text.strip()) > NAME_MOST or NOT_KEPT in text


@transaction.atomic
def withdraw_proposed_action(proposal: UUID, *, by: Actor, at: datetime) -> None:
    """The company takes its proposal back. Raises Refusal `not_allowed`, `proposal_unknown`, `proposal_decided`."""
    row = _waiting(proposal, by)
    require(by, "action.propose", owner=row.sponsor)
    require_manager(by)
    row.state, row.decided_at = "withdrawn", at
    row.save(update_fields=["state", "decided_at"])


@transaction.atomic
def take_proposal(proposal: UUID, *, by: Actor, at: datetime) -> str:
    """Write the action into the draft of the programme, or of its amendment; gives the action's code there.

    Nothing is promised by that: the document goes the way of every other, with its preview and a second person. It is
    paid as the programme's other actions are (by the agreement of its purse), which the maker may change in the draft.
    Order: lock the proposal, the permission, the programme, its document, the draft, the proposal's state.
    Raises Refusal `proposal_unknown`, `proposal_decided`, `not_allowed`, `proposal_without_actions`, and as
    `draft_programme` or `draft_amendment`.
    """
    row = _waiting(proposal, by)
    kept = locked_programme(row.programme_id, by)
    require(by, "action.take_proposal", department=kept.department)
    drafted = queries.amendment(kept.id, municipality=by.municipality)
    number = drafted.number if drafted is not None and drafted.state != "approved" else kept.number
    terms = queries.version_terms(kept.id, number, municipality=by.municipality)
    code = _free_code(terms)
    fresh = with_action(terms, _action(row, code=code))
    if kept.state == ProgrammeState.LAUNCHED:
        draft_amendment(
            programme=kept.id, terms=fresh, reason=_reason(row, drafted.reason if drafted else ""), by=by, at=at,
            starts_at=drafted.starts_at if drafted else None,
        )  # fmt: skip
    else:
        draft_programme(terms=fresh, by=by, at=at)
    row.state, row.action, row.decided_by, row.decided_at = "taken", code, by.party, at
    row.save(update_fields=["state", "action", "decided_by", "decided_at"])
    return code


@transaction.atomic
def decline_proposal(proposal: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """The department does not go along; the company reads why.

    Raises Refusal `proposal_unknown`, `proposal_decided`, `not_allowed`, `proposal_unreasoned`.
    """
    row = _waiting(proposal, by)
    require(by, "action.take_proposal", department=row.programme.department)
    if not 0 < len(reason.strip()) <= REASON_MOST:
        raise PROPOSAL_UNREASONED.refusal(field="reason", most=REASON_MOST)
    row.state, row.reason, row.decided_by, row.decided_at = "declined", reason.strip(), by.party, at
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def with_action(terms: ProgrammeTerms, action: Action) -> ProgrammeTerms:
    """The same document with one action more. Raises Refusal `proposal_without_actions`."""
    obtaining = _actions_of(terms)
    return msgspec.structs.replace(
        terms, obtaining=msgspec.structs.replace(obtaining, actions=(*obtaining.actions, action))
    )


def _actions_of(terms: ProgrammeTerms) -> GrantByAction:
    if not isinstance(terms.obtaining, GrantByAction):
        raise NO_ACTIONS_THERE.refusal(field="programme")
    return terms.obtaining


def _action(row: ActionProposal, *, code: str) -> Action:
    """Once a day, as most actions; the maker may change that in the draft."""
    return Action(
        code=code, name=Text(ja=row.name_ja, en=row.name_en), yen=row.yen, evidence=Evidence(row.evidence),
        window=Window(first_day=row.first_day, last_day=row.last_day), limits=(Limit(per=Per.DAY, times=1),),
    )  # fmt: skip


def _free_code(terms: ProgrammeTerms) -> str:
    taken = {each.code for each in _actions_of(terms).actions}
    return next(code for place in range(1, len(taken) + 2) if (code := f"proposed-{place}") not in taken)


def _reason(row: ActionProposal, before: str) -> str:
    """What the amendment is for; a list of proposals that has become too long for a reason grows no more."""
    company = sponsor(row.sponsor, municipality=row.municipality)
    name = company.name_ja if company else ""
    said = f"{before}\n{name}の提案「{row.name_ja}」を加える".strip()
    return said if len(said) <= AMENDMENT_REASON_MOST else before


def _waiting(proposal: UUID, by: Actor) -> ActionProposal:
    row = ActionProposal.objects.select_for_update(of=("self",)).select_related("programme").filter(
        id=proposal, municipality=by.municipality
    ).first()
    if row is None:
        raise PROPOSAL_UNKNOWN.refusal()
    if row.state != "waiting":
        raise PROPOSAL_DECIDED.refusal(state=STATES[row.state])
    return row
