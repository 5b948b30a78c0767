"""Every step has its place: what may be done with a run and a payout in which state, by whom, and in which town."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.settlement import operations, queries
from meguri.settlement.models import Payout, PayoutState, RunState, SettlementRun
from meguri.settlement.rules import PAYOUT_WORDS, RUN_WORDS
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown

CUTOFF = AT + 7 * DAY
APPROVED = {"approved_by": UUID(int=1), "approved_at": AT, "file_digest": "0" * 64}
OF_RUN: dict[str, dict[str, Any]] = {
    "previewed": {}, "run": {}, "approved": APPROVED, "sent": {**APPROVED, "sent_at": AT},
    "withdrawn": {**APPROVED, "withdrawn_at": AT, "withdrawn_because": "期日経過"},
}
OF_PAYOUT: dict[str, dict[str, Any]] = {
    "payable": {}, "ordered": {}, "sent": {"handed_at": AT},
    "returned": {"handed_at": AT, "returned_at": AT, "returned_because": "口座なし"},
}


def run_in(town: SmallTown, state: str) -> UUID:
    return SettlementRun.objects.create(
        id=uuid4(), municipality=town.municipality, cutoff=CUTOFF, state=state, made_at=CUTOFF, **OF_RUN[state]
    ).id


def payout_in(town: SmallTown, state: str) -> UUID:
    return Payout.objects.create(
        id=uuid4(), municipality=town.municipality, run_id=run_in(town, "run"), number=1, payee=uuid4(),
        payee_kind="shop", amount_yen=100, pay_on=CUTOFF.date() + DAY, state=state, **OF_PAYOUT[state],
    ).id


PLACES = {
    "propose": "run", "approve": "run", "hand over": "approved", "withdraw": "approved",
    "hold": "payable", "release": "payable", "return": "sent",
}
"""The one state of a run or a payout in which a step may be taken."""


def steps_of_run(by: Actor, run: UUID) -> dict[str, Callable[[], object]]:
    asked: dict[str, Any] = {"by": by, "at": CUTOFF, "run": run}
    return {
        "propose": lambda: operations.propose_payouts(**asked),
        "approve": lambda: operations.approve_payouts(confirmed_count=0, confirmed_yen=0, **asked),
        "hand over": lambda: operations.mark_sent(**asked),
        "withdraw": lambda: operations.withdraw_file(reason="期日経過", **asked),
    }


def steps_of_payout(by: Actor, payout: UUID) -> dict[str, Callable[[], object]]:
    return {
        "hold": lambda: operations.hold_payout(by=by, payout=payout, reason="差押え"),
        "release": lambda: operations.release_payout(by=by, payout=payout),
        "return": lambda: operations.return_payout(by=by, at=CUTOFF, payout=payout, reason="口座なし"),
    }


def out_of_place(steps: tuple[str, ...], states: Iterable[str]) -> list[tuple[str, str]]:
    return [(step, state) for step in steps for state in states if PLACES[step] != state]


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as no:
        act()
    return no.value


@pytest.mark.parametrize(
    ("step", "state"),
    [*out_of_place(("propose", "approve", "hand over", "withdraw"), RunState),
     *out_of_place(("hold", "release", "return"), OF_PAYOUT)],
)
def test_a_step_out_of_its_place_says_where_things_stand(step: str, state: str, town: SmallTown) -> None:
    of_run = step not in {"hold", "release", "return"}
    table, words = (SettlementRun, RUN_WORDS) if of_run else (Payout, PAYOUT_WORDS)
    number = run_in(town, state) if of_run else payout_in(town, state)
    no = refused((steps_of_run if of_run else steps_of_payout)(town.actor(), number)[step])
    assert (no.code, no.kind.status) == ("settlement_not_ready" if of_run else "payout_not_ready", 409)
    assert words[state].ja in no.sentence("ja")
    assert words[state].en in no.sentence("en")
    assert table.objects.get(id=number).state == state


def test_every_state_has_its_words_in_both_languages() -> None:
    assert set(RUN_WORDS) == set(RunState)
    assert set(PAYOUT_WORDS) == set(PayoutState)
    for words in (RUN_WORDS, PAYOUT_WORDS):
        assert len({unit.ja for unit in words.values()}) == len({unit.en for unit in words.values()}) == len(words)


def test_a_run_or_payout_of_another_town_is_not_there(town: SmallTown) -> None:
    stranger = Actor(town.municipality + 1, ActorRole.ACCOUNTANT, uuid4(), "accounting")
    for state in ("run", "approved"):
        run = run_in(town, state)
        for step, act in steps_of_run(stranger, run).items():
            if PLACES[step] == state:
                no = refused(act)
                assert (no.code, no.kind.status) == ("settlement_run_unknown", 404)
        SettlementRun.objects.filter(id=run).delete()
    for state in ("payable", "sent"):
        payout = payout_in(town, state)
        for step, act in steps_of_payout(stranger, payout).items():
            if PLACES[step] == state:
                assert (refused(act).code, Payout.objects.get(id=payout).state) == ("payout_unknown", state)
        Payout.objects.filter(id=payout).delete()
        SettlementRun.objects.all().delete()


def test_an_unknown_run_has_no_file(town: SmallTown) -> None:
    for run in (uuid4(), run_in(town, "run")):
        no = refused(lambda run=run: operations.read_transfer_file(by=town.actor(), at=AT, run=run))  # type: ignore[misc]
        assert no.code == "settlement_not_ready"
    assert queries.file(uuid4(), municipality=town.municipality) is None
    assert queries.to_confirm(uuid4(), municipality=town.municipality) == (0, 0)


ACCOUNTING_ONLY = {"propose", "approve", "hand over", "withdraw", "preview", "settle", "file", "account", "return"}
SYSTEM_TOO = {"propose", "preview", "settle", "account", "return"}
CHECKER_TOO = {"hold", "release"}


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_take_which_step(role: ActorRole, town: SmallTown) -> None:
    """Permission is asked first: whoever may not is told so, whatever the state, and nothing has changed."""
    by, run, payout = town.actor(role), run_in(town, "previewed"), uuid4()
    acts = steps_of_run(by, run) | steps_of_payout(by, payout)
    acts["preview"] = lambda: operations.preview_settlement(by=by, at=CUTOFF, cutoff=CUTOFF)
    acts["settle"] = lambda: operations.run_settlement(by=by, at=CUTOFF, cutoff=CUTOFF + DAY)  # lies ahead: refused
    acts["file"] = lambda: operations.read_transfer_file(by=by, at=CUTOFF, run=run)
    acts["account"] = lambda: operations.set_paying_account(
        by=by, at=AT, payer_code="1", payer_name="メグリ", bank="0005", branch="001", number="1"
    )
    assert set(acts) == ACCOUNTING_ONLY | CHECKER_TOO
    for name, act in acts.items():
        may = (
            role is ActorRole.ACCOUNTANT or (role is ActorRole.SYSTEM and name in SYSTEM_TOO)
            or (role is ActorRole.CHECKER and name in CHECKER_TOO)
        )
        try:
            act()
            said = ""
        except Refusal as no:
            said = no.code
        assert (said != "not_allowed") is may, name
    assert SettlementRun.objects.get(id=run).state == "previewed"


@pytest.mark.parametrize("reason", ["", " ", "　\n"])
def test_a_step_that_needs_a_reason_gets_one(reason: str, town: SmallTown) -> None:
    payout, by = payout_in(town, "payable"), town.actor()
    no = refused(lambda: operations.hold_payout(by=by, payout=payout, reason=reason))
    assert (no.code, no.field, no.kind.status) == ("settlement_reason_missing", "reason", 422)
    assert "理由" in no.sentence("ja")
    assert "reason" in no.sentence("en")
    run = run_in_next(town)
    no = refused(lambda: operations.withdraw_file(by=by, at=CUTOFF, run=run, reason=reason))
    assert no.code == "settlement_reason_missing"
    assert SettlementRun.objects.get(id=run).state == "approved"


def run_in_next(town: SmallTown) -> UUID:
    """An approved run beside the one of `payout_in`."""
    return SettlementRun.objects.create(
        id=uuid4(), municipality=town.municipality, cutoff=CUTOFF + DAY, state="approved", made_at=CUTOFF, **APPROVED
    ).id


def test_a_hold_keeps_who_and_why_until_it_is_released(town: SmallTown) -> None:
    payout, first, second = payout_in(town, "payable"), town.actor(), town.actor(ActorRole.CHECKER)
    held = operations.hold_payout(by=first, payout=payout, reason=f"  {'差' * 500}  ")
    assert held.held_because == "差" * 400
    assert Payout.objects.get(id=payout).held_by == first.party
    assert operations.hold_payout(by=second, payout=payout, reason="別の理由").held_because == "別の理由"
    assert Payout.objects.get(id=payout).held_by == second.party
    for _ in range(2):  # releasing what is not held is no fault
        assert operations.release_payout(by=first, payout=payout).held_because == ""
    assert Payout.objects.get(id=payout).held_by is None


def test_a_withdrawal_keeps_who_when_and_why_and_lets_its_payouts_wait(town: SmallTown) -> None:
    run, by = run_in(town, "approved"), town.actor()
    states = ("ordered", "payable")
    for number, state in enumerate(states, 1):
        Payout.objects.create(
            id=uuid4(), municipality=town.municipality, run_id=run, number=number, payee=uuid4(), payee_kind="shop",
            amount_yen=100, pay_on=CUTOFF.date(), state=state,
        )
    seen = operations.withdraw_file(by=by, at=CUTOFF + DAY, run=run, reason=" 期日経過 ")
    assert (seen.state, seen.withdrawn_because, seen.withdrawn_at) == ("withdrawn", "期日経過", CUTOFF + DAY)
    assert SettlementRun.objects.get(id=run).withdrawn_by == by.party
    assert {payout.state for payout in queries.payouts(municipality=town.municipality, run=run)} == {"payable"}


def test_what_lies_outside_the_calendar_of_cutoffs_names_both_moments(town: SmallTown) -> None:
    run_in(town, "run")
    by = town.actor()
    early = refused(lambda: operations.run_settlement(by=by, at=CUTOFF + DAY, cutoff=CUTOFF - DAY))
    assert (early.code, early.field) == ("cutoff_before_last", "cutoff")
    assert "2026-06-07 12:00" in early.sentence("ja")
    assert "2026-06-08 12:00" in early.sentence("en")
    ahead = refused(lambda: operations.preview_settlement(by=by, at=CUTOFF, cutoff=CUTOFF + DAY))
    assert (ahead.code, ahead.field) == ("cutoff_in_future", "cutoff")
    assert "2026-06-09 12:00" in ahead.sentence("ja")
    ancient = refused(lambda: operations.run_settlement(by=by, at=CUTOFF, cutoff=CUTOFF.replace(year=1999)))
    assert (ancient.code, ancient.facts["first"]) == ("cutoff_too_early", "2000")
    assert "2000年" in ancient.sentence("ja")
