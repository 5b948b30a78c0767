"""A line on paper: its order alone decides, and no unit is made or lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meguri.rehearsal.paper_line import PaperLine


def line(units: int, **asked: int) -> PaperLine:
    found = PaperLine(units)
    for who, wanted in asked.items():
        found.come(who, units=wanted)
    found.move()
    return found


def test_units_are_kept_in_the_order_of_coming_and_the_last_gets_what_is_left() -> None:
    found = line(5, a=3, b=3, c=1)
    assert found.kept == {"a": 3, "b": 2}
    assert (found.left, found.waiting) == (0, ["c"])


def test_who_comes_twice_has_one_place() -> None:
    found = line(5, a=1)
    found.come("a", units=5)
    assert found.places == {"a": 1}


def test_what_is_not_paid_goes_to_the_next_and_not_back_to_the_sleeper() -> None:
    found = line(3, a=3, b=2)
    found.lapse("a")
    found.move()
    assert (found.kept, found.left) == ({"b": 2}, 1)
    assert found.buy("a") == 0


def test_a_slip_keeps_its_units_while_it_waits_to_be_paid() -> None:
    found = line(3, a=3, b=2)
    assert found.order("a")
    assert not found.order("b")
    found.lapse("a")
    assert found.kept == {"a": 3}
    assert found.buy("a") == 3


def test_the_counter_sells_all_or_nothing_and_to_nobody_twice() -> None:
    found = line(3)
    assert [found.buy_at_once("a", units=n) for n in (4, 2, 1)] == [0, 2, 0]
    assert found.left == 1


def test_a_withdrawn_slip_gives_its_units_back_once() -> None:
    found = line(3, a=3)
    found.buy("a")
    assert [found.withdraw("a"), found.withdraw("a")] == [3, 0]
    assert (found.left, found.waiting) == (3, [])


STEPS = st.lists(st.tuples(
    st.sampled_from(["come", "move", "lapse", "order", "buy", "counter", "withdraw"]), st.sampled_from("abcde"),
    st.integers(1, 4),
))  # fmt: skip


@given(st.integers(0, 12), STEPS)
def test_no_order_of_steps_makes_or_loses_a_unit(stock: int, steps: list[tuple[str, str, int]]) -> None:
    found = PaperLine(stock)
    for step, who, units in steps:
        {
            "come": lambda w=who, u=units: found.come(w, units=u), "move": found.move,
            "lapse": lambda w=who: found.lapse(w), "order": lambda w=who: found.order(w),
            "buy": lambda w=who: found.buy(w), "counter": lambda w=who, u=units: found.buy_at_once(w, units=u),
            "withdraw": lambda w=who: found.withdraw(w),
        }[step]()
        assert found.left + sum(found.kept.values()) + sum(found.bought.values()) == stock
        assert found.left >= 0
