"""Benefits: import a list, have it decided by a second person, let people choose, pay each once."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.api.programmes import ProgrammeAsked
from meguri.faces.entrance.requests import TownRequest
from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.rules import LIST_UNKNOWN
from meguri.programmes.parts import Receipt

router = Router()
LIST_MOST = 100_000


class ListRow(Schema):
    resident: UUID
    recipient: UUID | None = None
    amount_yen: int | None = None


class ImportAsked(Schema):
    """`declared_…`: what the maker expects, from another source than the rows. `propose`: ask the checker at once."""

    programme: UUID
    name: str = ""
    rows: list[ListRow]
    declared_count: int
    declared_total_yen: int
    propose: bool = False


class EntitlementNamed(Schema):
    resident: UUID
    entitlement: UUID
    amount_yen: int


class ImportGiven(Schema):
    benefit_list: UUID
    entitled: int
    total_yen: int
    digest: str
    entitlements: list[EntitlementNamed]


class DecideGiven(Schema):
    entitled: int


class ReleaseGiven(Schema):
    to_wallets: int
    to_wallets_yen: int
    bonus_yen: int
    to_bank: int
    to_bank_yen: int
    waiting: int


class ChooseAsked(Schema):
    entitlement: UUID
    receipt: Receipt


class Done(Schema):
    done: bool = True


def _line(row: ListRow) -> str:
    """As a file would say it; no amount is the programme's own, 0 is a fault that the import names."""
    return f"{row.resident},{row.recipient or row.resident},{'' if row.amount_yen is None else row.amount_yen}"


def _newest_list(request: TownRequest, programme: UUID) -> UUID:
    found = queries.lists(request.actor.municipality, programme=programme)
    if not found:
        raise LIST_UNKNOWN.refusal(field="programme")
    return found[0].id


@router.post("/benefits/lists", operation_id="benefits_import", response=ImportGiven, auth=Bearer("benefit.import"))
def import_list(request: TownRequest, asked: ImportAsked) -> ImportGiven:
    """Freeze a list of people. Any faulty line refuses it whole; the same list again is the same list."""
    lines = ["person,recipient,amount_yen", *(_line(row) for row in asked.rows)]
    made = operations.import_list(
        programme=asked.programme, name=asked.name or "API", content="\n".join(lines).encode(),
        declared_count=asked.declared_count, declared_total_yen=asked.declared_total_yen, by=request.actor,
        at=request.at,
    )  # fmt: skip
    if asked.propose and not made.replayed:
        operations.propose_list(benefit_list=made.benefit_list, by=request.actor, at=request.at)
    named = queries.entitlements(
        made.benefit_list, municipality=request.actor.municipality, at=request.at, limit=LIST_MOST
    )
    return ImportGiven(
        benefit_list=made.benefit_list, entitled=made.entitled, total_yen=made.total_yen, digest=made.digest,
        entitlements=[EntitlementNamed(resident=e.person, entitlement=e.id, amount_yen=e.amount_yen) for e in named],
    )  # fmt: skip


@router.post("/benefits/decide", operation_id="benefits_decide", response=DecideGiven, auth=Bearer("benefit.decide"))
def decide(request: TownRequest, asked: ProgrammeAsked) -> DecideGiven:
    """Decide the programme's newest proposed list: another person than the one who imported it."""
    entitled = operations.decide(benefit_list=_newest_list(request, asked.programme), by=request.actor, at=request.at)
    return DecideGiven(entitled=entitled)


@router.post(
    "/benefits/release", operation_id="benefits_release", response=ReleaseGiven,
    auth=Bearer("benefit.release"),
)  # fmt: skip
def release(request: TownRequest, asked: ProgrammeAsked) -> ReleaseGiven:
    """Pay what is due of the newest list; run again, it pays what has become due since."""
    made = operations.disburse(benefit_list=_newest_list(request, asked.programme), by=request.actor, at=request.at)
    return ReleaseGiven(**asdict(made))


@router.post("/benefits/choose", operation_id="benefits_choose", response=Done, auth=Bearer("benefit.choose"))
def choose(request: TownRequest, asked: ChooseAsked) -> Done:
    """Choose how to receive: to the bank, or as local money with its bonus; until the deadline."""
    operations.choose_receipt(entitlement=asked.entitlement, receipt=asked.receipt, by=request.actor, at=request.at)
    return Done()
