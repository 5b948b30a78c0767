"""Programmes in which lot decides a part of the conditions: their documents, and a town that draws them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations, queries
from meguri.programmes.operations import Launched
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.words.actor import Actor
from tests.programmes.builders import GONE, POINT, VOUCHER, put, tree_of
from tests.programmes.vouchers.lived_town import LivedTown

VALUE = "38,915.87"
DRAWN = datetime(2025, 7, 26, 3, 0, tzinfo=UTC)
CONTROL = {"code": "as-written", "name": {"ja": "要綱のまま", "en": "as written"}, "share_bp": 5_000}


def arm(code: str, *, share_bp: int = 5_000, **differs: Any) -> dict[str, Any]:
    return {"code": code, "name": {"ja": f"群 {code}", "en": f"arm {code}"}, "share_bp": share_bp, **differs}


def trial(*arms: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Two arms of half each unless they say otherwise; the control comes first."""
    return {
        "arms": [CONTROL, *arms], "drawn_on": date(2025, 7, 26),
        "public_value": {"ja": "7月25日の日経平均株価の終値", "en": "the Nikkei's close on 25 July"},
        "reason": {"ja": "どのお知らせが役に立つかを確かめるためです。", "en": "To learn which reminder helps."},
        **more,
    }  # fmt: skip


def voucher_tree(drawn: dict[str, Any] | None, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """An electronic voucher, sold to whoever comes first from the day of the draw on."""
    round_ = {
        "code": "first", "name": {"ja": "先着販売", "en": "First come"}, "units": 1_000, "allocation": "first_come",
        "purchase": {"first_day": date(2025, 7, 26), "last_day": date(2025, 10, 31)},
    }  # fmt: skip
    tree = tree_of(VOUCHER, {"obtaining.rounds": [round_], "obtaining.paper_or_electronic": False})
    if drawn is not None:
        tree["trial"] = drawn
    for path, value in (changes or {}).items():
        put(tree, path, value)
    tree["sources"] = []
    return tree


def voucher(drawn: dict[str, Any] | None, changes: dict[str, Any] | None = None) -> ProgrammeTerms:
    return from_tree(voucher_tree(drawn, changes))


def points(drawn: dict[str, Any] | None, changes: dict[str, Any] | None = None) -> ProgrammeTerms:
    """Points for actions; drawn before anybody earns."""
    tree = tree_of(POINT, {"sources": GONE, **(changes or {})})
    if drawn is not None:
        tree["trial"] = drawn
    return from_tree(tree)


def drawn_programme(town: LivedTown, terms: ProgrammeTerms, *, at: datetime = DRAWN) -> Launched:
    """Launched, its list fixed, its arms drawn; whoever registers before is in it."""
    made = town.launch(terms)
    draw(town, made, department=terms.department, at=at)
    return made


def draw(town: LivedTown, made: Launched, *, department: str = "commerce", at: datetime = DRAWN) -> str:
    checker = town.officer("checker", department)
    operations.list_arms(programme=made.programme, by=checker, at=town.at)
    return operations.draw_arms(programme=made.programme, public_value=VALUE, by=checker, at=at)


def arm_code(town: LivedTown, made: Launched, person: Actor) -> str:
    """The code of the person's arm; empty for who was not in the list."""
    assert person.party is not None
    found = queries.arm_of(made.programme, person.party, municipality=town.municipality)
    return found.code if found else ""


def ends(town: LivedTown, holder: UUID) -> dict[datetime | None, int]:
    """What a wallet holds, by expiry."""
    found: dict[datetime | None, int] = {}
    for balance in ledger.balances([holder], AccountRole.WALLET, municipality=town.municipality):
        found[balance.lot.expires_at] = found.get(balance.lot.expires_at, 0) + balance.amount
    return found
