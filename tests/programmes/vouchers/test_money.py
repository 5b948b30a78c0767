"""Whatever people ask for, buy and leave: the yen and the units add up."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.programmes.vouchers import operations, queries
from tests.programmes.vouchers.conftest import BUYING, OVER, fair
from tests.programmes.vouchers.lived_town import prove_books

WISHES = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["app", "counter", "fewer", "never"])), min_size=1, max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=WISHES,
    stock=st.integers(1, 12),
    premium=st.sampled_from([1_500, 2_000, 3_000]),
    price=st.sampled_from([5_000, 10_000]),
)
def test_units_and_yen_add_up(db: None, wishes: list[tuple[int, str]], stock: int, premium: int, price: int) -> None:
    sale = fair(
        obtaining__rounds__0__units=stock,
        obtaining__unit_price_yen=price,
        obtaining__face__0__yen=price,
        obtaining__face__1__yen=premium,
    ).open()
    town = sale.town
    people = [(town.person(), units, way) for units, way in wishes]
    asked = {person: sale.apply(person, units) for person, units, _ in people}
    sale.draw()
    sold = 0
    for person, _, way in people:
        view = queries.application(asked[person].application, municipality=town.municipality)
        assert view
        if way == "never" or not view.units_won:
            assert town.held(person) == {}
            continue
        wanted = 1 if way == "fewer" else view.units_won
        by, act = (sale.maker, operations.sell_at_counter) if way == "counter" else (person, operations.purchase)
        act(application=view.id, by=by, at=BUYING, units=wanted)
        assert town.held(person) == {"paid": wanted * price, "premium": wanted * premium}
        sold += wanted
    page = queries.sale_page(sale.sale, municipality=town.municipality)
    assert (page.units_bought, page.units_left) == (sold, stock - sold)
    assert town.fund(sale.made, "premium").budget.left_yen == 6_000_000 - sold * premium
    assert town.fund(sale.made, "buyers").budget.reserved_yen == sold * price
    operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER)
    counts = queries.counts(sale.sale, municipality=town.municipality)
    assert counts["won"] == counts["applied"] == 0
    prove_books()
