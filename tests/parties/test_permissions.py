"""Every action x every role x own and other objects, against this matrix, which the department signs.

A: any object of the town · O: only where the owner is the actor's party or shop · D: only of the actor's department.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

import meguri
from meguri.parties.permissions import PERMISSIONS
from meguri.parties.rules import Facts, allows, require
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal

SOURCE = Path(meguri.__file__).parent
MATRIX = """
                          vis res cle own mak che acc par ana ope sys
programme.draft            -   -   -   -   D   -   -   -   -   -   -
programme.submit           -   -   -   -   D   -   -   -   -   -   -
programme.try              -   -   -   -   D   D   -   -   -   -   A
programme.launch           -   -   -   -   -   D   -   -   -   -   -
programme.draw_arms        -   -   -   -   -   D   -   -   -   -   A
programme.amend            -   -   -   -   D   -   -   -   -   -   -
programme.approve_amendment -   -   -   -   -   D   -   -   -   -   -
programme.withdraw_amendment -   -   -   -   -   D   -   -   -   -   -
programme.begin_amendment -   -   -   -   -   -   -   -   -   -   A
programme.close            -   -   -   -   -   D   -   -   -   -   A
programme.see              -   -   -   -   A   A   A   -   A   A   A
budget.appropriate         -   -   -   -   -   D   A   -   -   -   -
budget.announce            -   -   -   -   -   -   -   O   -   -   -
budget.see                 -   -   -   -   A   A   A   O   A   -   -
voucher.apply              -   O   -   -   D   -   -   -   -   -   -
voucher.draw               -   -   -   -   -   D   -   -   -   -   A
voucher.purchase           -   O   -   -   -   -   -   -   -   -   -
voucher.sell_at_counter    -   -   -   -   D   -   -   -   -   A   -
voucher.correct_cash       -   -   -   -   -   D   -   -   -   -   -
voucher.take_payment       -   -   -   -   -   -   -   -   -   -   A
voucher.mend_payment       -   -   -   -   -   D   -   -   -   -   -
voucher.see_cash           -   -   -   -   D   D   A   -   -   A   -
voucher.audit_cash         -   -   -   -   -   -   A   -   -   A   -
voucher.issue_codes        -   -   -   -   -   D   -   -   -   -   -
voucher.enter_code         -   O   -   -   -   -   -   -   -   -   -
voucher.see_applications   -   O   -   -   D   D   -   -   -   -   A
action.open                -   -   -   -   D   -   -   -   -   -   -
action.record              -   O   -   -   -   -   -   -   -   -   A
action.attest              -   -   O   O   D   D   -   O   -   -   -
action.propose             -   -   -   -   -   -   -   O   -   -   -
action.take_proposal       -   -   -   -   D   -   -   -   -   -   -
action.reverse             -   -   -   -   -   D   -   -   -   -   -
reward.run                 -   -   -   -   -   D   -   -   -   -   A
benefit.import             -   -   -   -   D   -   -   -   -   -   -
benefit.decide             -   -   -   -   -   D   -   -   -   -   -
benefit.release            -   -   -   -   -   D   -   -   -   -   A
benefit.choose             -   O   -   -   D   -   -   -   -   -   -
benefit.see                -   O   -   -   D   D   -   -   -   -   A
wallet.open                -   O   -   -   A   -   -   -   -   A   A
wallet.see                 -   O   -   -   -   -   -   -   -   -   -
wallet.transfer            -   O   -   -   -   -   -   -   -   -   -
wallet.move                -   O   -   -   -   -   -   -   -   -   A
gift.give                  -   O   -   -   -   -   -   -   -   -   -
gift.take                  -   O   -   -   -   -   -   -   -   -   -
cause.make                 -   -   -   -   D   -   -   -   -   -   -
cause.approve              -   -   -   -   -   D   -   -   -   -   -
cause.see                  -   -   -   -   A   A   A   -   A   A   -
donation.give              -   O   -   -   -   -   -   -   -   -   -
donation.pass_on           -   -   -   -   -   -   -   -   -   -   A
wallet.suspend             -   -   -   -   -   A   -   -   -   A   A
wallet.expire              -   -   -   -   -   D   -   -   -   -   A
paper.order                -   -   -   -   D   -   -   -   -   -   -
paper.approve              -   -   -   -   -   D   -   -   -   -   -
paper.see                  -   -   -   -   D   D   -   -   -   A   -
paper.print                -   -   -   -   D   D   -   -   -   -   -
paper.hand_over            -   -   -   -   D   -   -   -   -   A   -
paper.block                -   -   -   -   D   D   -   -   -   A   -
paper.replace              -   -   -   -   -   D   -   -   -   -   -
till.mint_code             -   O   -   -   -   -   -   -   -   -   -
till.quote                 -   O   O   O   -   -   -   -   -   -   -
till.pay                   -   O   O   O   -   -   -   -   -   -   -
till.count_notes           -   -   O   O   A   -   -   -   -   A   -
till.refund                -   -   O   O   -   -   -   -   -   -   -
till.day                   -   -   O   O   -   -   -   -   -   -   -
settlement.run             -   -   -   -   -   -   A   -   -   -   A
settlement.approve         -   -   -   -   -   -   A   -   -   -   -
settlement.download        -   -   -   -   -   -   A   -   -   -   -
settlement.see             -   -   -   O   -   A   A   -   -   -   A
settlement.pay_in_cash     -   -   -   -   D   -   -   -   -   A   -
settlement.hold            -   -   -   -   -   A   A   -   -   -   -
year.end                   -   -   -   -   -   -   A   -   -   -   -
evidence.see               -   -   -   O   A   A   A   O   A   -   A
evidence.plan              -   -   -   -   D   -   -   -   A   -   -
strategy.edit              -   -   -   -   A   -   -   -   A   -   -
strategy.see               -   -   -   -   A   A   A   A   A   A   -
party.register_resident    -   -   -   -   A   -   -   -   -   A   A
party.see_resident         -   -   -   -   A   A   -   -   -   A   A
party.declare_commuter     -   O   -   -   -   -   -   -   -   -   -
party.confirm_commuter     -   -   -   -   A   -   -   -   -   A   -
party.see_commuter         -   O   -   -   A   A   -   -   -   A   -
party.register_shop        -   -   -   -   A   -   -   -   -   A   A
party.change_shop          -   -   -   -   A   A   -   -   -   A   -
party.suspend_shop         -   -   -   -   -   A   -   -   -   A   A
party.register_sponsor     -   -   -   -   A   -   -   -   -   A   A
party.apply_as_sponsor     A   A   A   A   -   -   -   A   -   -   -
party.approve_sponsor      -   -   -   -   -   D   -   -   -   -   -
party.see_sponsor          -   -   -   -   A   A   A   O   -   A   -
party.invite               -   -   -   O   A   A   -   O   -   A   A
party.invite_resident      -   -   -   -   A   -   -   -   -   A   A
party.appoint              -   -   -   -   -   D   -   -   -   A   A
party.see_officers         -   -   -   -   A   A   A   -   A   A   A
approval.propose           -   -   -   -   D   -   A   -   -   -   A
approval.see               -   -   -   -   A   A   A   -   -   A   A
notice.see                 -   O   O   O   O   O   O   O   O   O   -
notice.see_outbox          -   -   -   -   -   -   -   -   -   A   A
notice.send                -   -   -   -   D   D   A   -   -   A   A
webhook.keep               -   -   -   -   -   -   -   O   -   -   -
event.see                  -   -   -   -   -   -   -   O   -   -   -
event.tell                 -   -   -   -   -   -   -   -   -   -   A
vault.reveal               -   O   -   O   A   A   A   -   -   A   A
vault.forget               -   O   -   -   -   A   -   -   -   -   -
vault.see_log              -   O   -   -   -   A   -   -   -   A   -
api_key.issue              -   -   -   O   -   D   -   O   -   A   A
api_key.revoke             -   -   -   O   -   D   -   O   -   A   -
rehearsal.clock            -   -   -   -   -   -   -   -   -   A   A
rehearsal.mint             -   -   -   -   -   -   -   -   -   A   A
"""

PARTY, SHOP, STRANGER = (UUID(int=n) for n in (1, 2, 3))


def expected() -> dict[tuple[str, ActorRole], str]:
    head, *lines = [line for line in MATRIX.splitlines() if line.strip()]
    roles = {role.value[:3]: role for role in ActorRole}
    columns = [roles[name] for name in head.split()]
    cells = {}
    for line in lines:
        action, *letters = line.split()
        cells.update({(action, role): letter for role, letter in zip(columns, letters, strict=True)})
    return cells


EXPECTED = expected()


def test_the_matrix_covers_every_action_and_every_role() -> None:
    assert set(EXPECTED) == {(action, role) for action in PERMISSIONS for role in ActorRole}


def test_every_action_is_asked_somewhere() -> None:
    """A line that nothing asks promises what the product does not do."""
    table = SOURCE / "parties" / "permissions.py"
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path != table)
    assert [action for action in PERMISSIONS if f'"{action}"' not in text] == []


OBJECTS = {
    # facts of the object: which letters let the actor through
    Facts(department="commerce", owner=PARTY): "AOD",
    Facts(department="commerce", owner=SHOP): "AOD",
    Facts(department="commerce", owner=STRANGER): "AD",
    Facts(department="welfare", owner=PARTY): "AO",
    Facts(department="welfare", owner=STRANGER): "A",
    Facts(): "A",
    Facts(department="commerce", owner=PARTY, municipality=1): "AOD",
    Facts(department="commerce", owner=PARTY, municipality=2): "",
}


@pytest.mark.parametrize("role", list(ActorRole))
def test_every_action_on_own_and_other_objects(role: ActorRole) -> None:
    actor = Actor(1, role, PARTY, "commerce", SHOP)
    wrong = [
        (action, facts)
        for action in PERMISSIONS
        for facts, letters in OBJECTS.items()
        if allows(actor, action, facts=facts) is not (EXPECTED[action, role] in letters)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", list(ActorRole))
def test_an_actor_without_party_and_department_owns_nothing(role: ActorRole) -> None:
    actor = Actor(1, role)
    allowed = {action for action in PERMISSIONS if allows(actor, action)}
    assert allowed == {action for action in PERMISSIONS if EXPECTED[action, role] == "A"}


@pytest.mark.parametrize("action", list(PERMISSIONS))
def test_require_refuses_with_both_sentences_wherever_allows_says_no(action: str) -> None:
    nobody = Actor(1, next(role for role in ActorRole if role not in PERMISSIONS[action].grants))
    with pytest.raises(Refusal) as no:
        require(nobody, action, department="commerce", owner=PARTY)
    refusal = no.value
    assert (refusal.code, refusal.kind.status, refusal.limit) == ("not_allowed", 403, action)
    assert PERMISSIONS[action].ja in refusal.sentence("ja")
    assert PERMISSIONS[action].en in refusal.sentence("en")
    assert not any("\u3040" <= letter <= "\u9fff" for letter in refusal.sentence("en")), "English stays English"


def test_require_lets_through_what_is_allowed() -> None:
    require(Actor(1, ActorRole.MAKER, PARTY, "commerce"), "programme.draft", department="commerce")
    require(Actor(1, ActorRole.CLERK, STRANGER, shop=SHOP), "till.day", owner=SHOP)


def test_an_unknown_action_is_a_mistake_of_the_program_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        require(Actor(1, ActorRole.OPERATOR), "programme.fly")


def test_the_same_person_may_not_hold_both_halves_of_four_eyes_by_one_role() -> None:
    halves = [
        ("programme.submit", "programme.launch"), ("programme.amend", "programme.approve_amendment"),
        ("benefit.import", "benefit.decide"), ("paper.order", "paper.approve"),
        ("cause.make", "cause.approve"),
        ("programme.amend", "programme.withdraw_amendment"),
    ]
    for make, check in halves:
        assert not PERMISSIONS[make].grants.keys() & PERMISSIONS[check].grants.keys()
