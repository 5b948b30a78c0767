"""The last walls: what the tables refuse by name, who may do what, and what another town sees of all this: nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint

from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Application, Draw, Place, Sale
from meguri.words.actor import Actor, ActorRole
from tests.programmes.vouchers.conftest import APPLYING, BUYING, CLOSED, DRAWN, OPENED, OVER, VALUE, Fair
from tests.programmes.vouchers.lived_town import refused, told

UNSOLD: dict[str, object] = {"state": "applied", "units_bought": 0, "posting": None, "purchased_at": None}

WALLS: list[tuple[type[Any], str, dict[str, object]]] = [
    (Sale, "an_allocation_is_known", {"allocation": "auction"}),
    (Sale, "a_unit_limit_counts_a_holder", {"per": "dog"}),
    (Sale, "a_sale_has_units", {"units": 0}),
    (Sale, "a_sale_window_ends_after_it_begins", {"apply_until": OPENED - timedelta(days=30)}),
    (Sale, "a_sale_that_closed_has_a_time", {"state": "closed", "closed_at": None}),
    (Sale, "a_sale_passes_on_at_most_its_units", {"state": "ended", "units_passed_on": 11}),
    (Sale, "only_a_sale_that_ended_passes_units_on", {"units_passed_on": 1}),
    (Draw, "a_draw_is_committed_before_it_is_drawn", {"commitment": "later"}),
    (Draw, "a_draw_shows_all_it_rests_on", {"public_value": ""}),
    (Draw, "a_draw_shows_all_it_rests_on", {"results_digest": ""}),
    (Draw, "a_commitment_comes_before_its_draw", {"committed_at": OVER}),
    (Application, "an_application_asks_for_a_unit", {**UNSOLD, "units_applied": 0, "units_won": 0}),
    (Application, "nobody_wins_more_than_they_asked_for", {"units_won": 9}),
    (Application, "nobody_buys_more_than_they_won", {"units_bought": 4}),
    (Application, "a_purchase_has_its_posting", {"posting": None}),
    (Application, "only_winners_have_units", UNSOLD),
    (Application, "a_reservation_has_an_end", {"pay_before": OVER}),
    (Application, "a_reservation_has_an_end", {"reserved_by": uuid4()}),
    (Application, "who_moves_up_was_drawn_without_units_and_has_time",
     {"moved_up_at": BUYING, "moved_up_until": OVER}),
    (Application, "who_moves_up_was_drawn_without_units_and_has_time",
     {"units_drawn": 0, "moved_up_at": OVER, "moved_up_until": OVER}),
    (Place, "a_place_asks_for_a_unit", {"units": 0}),
    (Place, "a_place_asks_for_a_unit", {"number": 0}),
    (Place, "a_settled_place_says_how", {"settled_at": OVER}),
    (Place, "a_settled_place_says_how", {"state": "refused", "settled_at": OVER, "told_ja": "はい"}),
    (Place, "a_settled_place_says_how", {"state": "allotted", "settled_at": OVER}),
]


@pytest.fixture
def sold(small: Fair) -> Fair:
    person = small.town.person()
    applied = small.won(person, 2)
    operations.purchase(application=applied.application, by=person, at=BUYING)
    Place.objects.create(
        id=uuid4(), municipality=small.town.municipality, sale_id=small.sale, number=1, resident=uuid4(),
        household=uuid4(), counted=uuid4(), units=1, entered_at=BUYING,
    )  # fmt: skip
    return small


@pytest.mark.parametrize(("table", "name", "values"), WALLS, ids=[f"{name}-{'-'.join(v)}" for _, name, v in WALLS])
def test_the_tables_refuse_by_name(sold: Fair, table: type[Any], *, name: str, values: dict[str, object]) -> None:
    rows = table.objects.filter(municipality=sold.town.municipality)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows.update(**values)


def test_every_wall_is_tried() -> None:
    checks = {
        constraint.name
        for table in (Sale, Draw, Application, Place)
        for constraint in table._meta.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == {name for _, name, _ in WALLS}


def attempts(sale: Fair, application: UUID, owner: UUID) -> dict[str, Callable[[Actor], object]]:
    """Every operation, as an actor would try it, under the name of its permission."""
    return {
        "voucher.draw open": lambda by: operations.open_sale(
            programme=sale.made.programme, round_code="first", by=by, at=OPENED
        ),
        "voucher.draw close": lambda by: operations.close_applications(sale=sale.sale, by=by, at=CLOSED),
        "voucher.draw": lambda by: operations.draw_lottery(sale=sale.sale, public_value=VALUE, by=by, at=DRAWN),
        "voucher.draw lapse": lambda by: operations.lapse_unpaid(sale=sale.sale, by=by, at=OVER),
        "voucher.apply": lambda by: operations.apply(sale=sale.sale, units=1, by=by, at=APPLYING, resident=owner),
        "voucher.apply withdraw": lambda by: operations.withdraw_application(
            application=application, by=by, at=APPLYING
        ),
        "voucher.purchase": lambda by: operations.purchase(application=application, by=by, at=BUYING),
        "voucher.sell_at_counter": lambda by: operations.sell_at_counter(application=application, by=by, at=BUYING),
    }


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_do_what_is_the_table_and_nothing_else(small: Fair, role: ActorRole) -> None:
    person = small.town.person()
    assert person.party
    applied = small.apply(person, 2)
    for department, party in (("commerce", uuid4()), ("welfare", uuid4()), ("", person.party)):
        actor = Actor(small.town.municipality, role, party, department)
        for name, attempt in attempts(small, applied.application, person.party).items():
            scope = PERMISSIONS[name.split(" ")[0]].grants.get(role)
            may = {
                Scope.ANY: True,
                Scope.OWN: party == person.party,
                Scope.OWN_DEPARTMENT: department == "commerce",
                None: False,
            }[scope]
            with transaction.atomic():
                assert (told(attempt, actor) != "not_allowed") is may, (name, actor)
                transaction.set_rollback(True)


def test_another_town_sees_nothing(sold: Fair) -> None:
    other = sold.town.municipality + 500
    applied = Application.objects.get(sale=sold.sale)
    for ask in (
        lambda: queries.sale_page(sold.sale, municipality=other),
        lambda: queries.draw_page(sold.sale, municipality=other),
    ):
        with refused("voucher_sale_unknown"):
            ask()
    assert queries.sales(other) == ()
    assert queries.applications(sold.sale, municipality=other) == ()
    assert queries.applications_of(applied.resident, municipality=other) == ()
    assert queries.application_by_number(applied.number, sale=sold.sale, municipality=other) is None
    assert not any(queries.counts(sold.sale, municipality=other).values())


def test_the_published_list_names_nobody(sold: Fair) -> None:
    """Receipt numbers are random: neither the resident nor the application's id can be read out of them."""
    row = Application.objects.get(sale=sold.sale)
    page = queries.draw_page(sold.sale, municipality=sold.town.municipality)
    published = repr((page.lines, page.awards))
    for secret in (row.resident, row.household, row.id):
        assert str(secret) not in published
        assert secret.hex[:8] not in published
