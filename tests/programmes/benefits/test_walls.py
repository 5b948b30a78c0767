"""The last walls: what the tables refuse by name, who may do what, and what another town sees of all this: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, F

from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.models import BenefitList, Entitlement
from meguri.programmes.parts import Receipt
from meguri.words.actor import Actor, ActorRole
from tests.programmes.benefits.conftest import CHOOSING, DECIDED, IMPORTED, LATER, PAYING, Desk, Row, csv_of
from tests.programmes.vouchers.lived_town import refused, told

WALLS: list[tuple[type[Any], str, dict[str, object]]] = [
    (BenefitList, "a_list_holds_what_was_declared", {"declared_total_yen": 9_999}),
    (BenefitList, "a_list_entitles_somebody", {"total_yen": 0, "declared_total_yen": 0}),
    (BenefitList, "a_list_has_a_reason_for_every_line", {"rows": 7}),
    (BenefitList, "a_list_carries_its_digests", {"digest": "x"}),
    (BenefitList, "a_list_is_decided_only_with_an_approval", {"approval": None}),
    (BenefitList, "a_decision_has_person_and_time", {"decided_at": None}),
    (BenefitList, "nobody_decides_their_own_list", {"imported_by": F("decided_by")}),
    (Entitlement, "an_entitlement_is_a_positive_amount", {"amount_yen": 0}),
    (Entitlement, "a_paid_benefit_has_its_posting", {"posting": None}),
    (Entitlement, "a_benefit_is_paid_in_a_chosen_way", {"receipt": "undecided", "bonus_yen": 0}),
    (Entitlement, "a_bonus_comes_with_local_money_only", {"receipt": "bank"}),
]


@pytest.fixture
def paid(welfare: Desk) -> tuple[Desk, Row]:
    row = welfare.family()
    made = welfare.decided([row])
    welfare.choose(row, "local_money")
    operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    return welfare, row


@pytest.mark.parametrize(("table", "name", "values"), WALLS, ids=[name for _, name, _ in WALLS])
def test_the_tables_refuse_by_name(
    paid: tuple[Desk, Row], table: type[Any], *, name: str, values: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        table.objects.filter(municipality=paid[0].town.municipality).update(**values)


def test_every_wall_is_tried() -> None:
    checks = {
        constraint.name
        for table in (BenefitList, Entitlement)
        for constraint in table._meta.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == {name for _, name, _ in WALLS}


def attempts(welfare: Desk, made: UUID, row: Row) -> dict[str, Callable[[Actor], object]]:
    """Every operation, as an actor would try it, under the name of its permission."""
    entitlement = welfare.entitled(row).id
    content = csv_of([welfare.family()])
    return {
        "benefit.import": lambda by: operations.import_list(
            programme=welfare.made.programme, name="x", content=content, declared_count=1, declared_total_yen=10_000,
            by=by, at=IMPORTED,
        ),
        "benefit.import propose": lambda by: operations.propose_list(benefit_list=made, by=by, at=IMPORTED),
        "benefit.import withdraw": lambda by: operations.withdraw_list(benefit_list=made, by=by, at=IMPORTED),
        "benefit.decide": lambda by: operations.decide(benefit_list=made, by=by, at=DECIDED),
        "benefit.decide back": lambda by: operations.send_back_list(benefit_list=made, note="x", by=by, at=DECIDED),
        "benefit.choose": lambda by: operations.choose_receipt(
            entitlement=entitlement, receipt=Receipt.BANK, by=by, at=CHOOSING
        ),
        "benefit.release": lambda by: operations.disburse(benefit_list=made, by=by, at=PAYING),
    }  # fmt: skip


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_do_what_is_the_table_and_nothing_else(welfare: Desk, role: ActorRole) -> None:
    row = welfare.family()
    guardian = row[1].party
    assert guardian
    made = welfare.take_in([row]).benefit_list
    tried = attempts(welfare, made, row)
    for department, party in (("welfare", uuid4()), ("commerce", uuid4()), ("", guardian)):
        actor = Actor(welfare.town.municipality, role, party, department)
        for name, attempt in tried.items():
            scope = PERMISSIONS[name.split(" ")[0]].grants.get(role)
            may = {
                Scope.ANY: True,
                Scope.OWN: party == guardian,
                Scope.OWN_DEPARTMENT: department == "welfare",
                None: False,
            }[scope]
            with transaction.atomic():
                assert (told(attempt, actor) != "not_allowed") is may, (name, actor)
                transaction.set_rollback(True)


def test_another_town_sees_nothing(paid: tuple[Desk, Row]) -> None:
    welfare, row = paid
    other = welfare.town.municipality + 500
    entitlement = welfare.entitled(row)
    assert queries.benefit(entitlement.id, municipality=other, at=LATER) is None
    assert queries.benefits_of(entitlement.recipient, municipality=other, at=LATER) == ()
    assert queries.entitlements(entitlement.benefit_list_id, municipality=other, at=LATER) == ()
    assert queries.lists(other) == ()
    with refused("benefit_list_unknown"):
        queries.list_page(entitlement.benefit_list_id, municipality=other)
    with refused("programme_unknown"):
        queries.preview_list(welfare.made.programme, content=b"person\n", municipality=other)
    stranger = Actor(other, ActorRole.RESIDENT, entitlement.recipient)
    with refused("benefit_entitlement_unknown"):
        operations.choose_receipt(entitlement=entitlement.id, receipt=Receipt.BANK, by=stranger, at=CHOOSING)


def test_a_list_keeps_no_name(welfare: Desk) -> None:
    """Whatever else stands in the file, only pseudonyms, amounts and the facts of the decision are kept."""
    row = welfare.family()
    welfare.take_in([row], content=csv_of([(*row, "山田太郎", "めぐり町中町1-2-3")], "person,recipient,氏名,住所"))
    kept = repr(list(Entitlement.objects.filter(programme=welfare.made.programme).values()))
    assert "山田" not in kept
    assert "中町1-2-3" not in kept
