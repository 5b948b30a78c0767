"""Own reports of which lot draws some to be looked at: the share, the draw, what the looks tell."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.consistency import contradictions
from meguri.programmes.points import operations, queries, rules
from meguri.programmes.points.models import Action, ActionRecord
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.builders import POINT, changed
from tests.programmes.points.conftest import NOW, Menu, menu

SEED = "ab" * 32


@given(st.uuids(), st.dates())
def test_a_number_is_drawn_once_for_a_person_and_a_day(resident: UUID, on: date) -> None:
    number = rules.spot_number(SEED, resident=resident, on=on)
    assert 0 <= number < 10_000
    assert number == rules.spot_number(SEED, resident=resident, on=on)


def test_the_draw_keeps_to_its_share_and_hangs_on_the_seed() -> None:
    people = [UUID(int=number) for number in range(4_000)]
    drawn = [[rules.spot_number(seed * 32, resident=each, on=NOW.date()) < 2_000 for each in people] for seed in
             ("ab", "cd")]  # fmt: skip
    assert all(700 <= sum(each) <= 900 for each in drawn)
    assert drawn[0] != drawn[1]


@given(st.integers(1, 500), st.integers(0, 500))
def test_the_range_holds_the_share_found_and_narrows(of: int, more: int) -> None:
    hits = min(more, of)
    low, high = rules.share_between(hits, of)
    assert 0 <= low <= round(10_000 * hits / of) <= high <= 10_000
    wide = rules.share_between(hits, of)
    narrow = rules.share_between(hits * 10, of * 10)
    assert narrow[1] - narrow[0] <= wide[1] - wide[0]
    assert rules.share_between(8, 10) == (4_902, 9_433)


def drawing(share: int) -> Menu:
    """Lot looks at so many of the walks (1/100 %)."""
    return menu(obtaining__actions__0__spot_check_bp=share)


def test_who_is_drawn_waits_however_often_they_try_and_the_desk_sees_what_held_true(db: None) -> None:
    points = drawing(10_000)
    walkers = [points.town.person() for _ in range(4)]
    for walker in walkers:
        assert {points.do(walker).state for _ in range(2)} == {"held"}
    held = queries.records(points.made.programme, municipality=points.town.municipality, state="held")
    assert {one.held_for for one in held} == {rules.HELD["spot_check"]}
    assert all(number is not None for number in ActionRecord.objects.values_list("drawn", flat=True))
    for one in held[:3]:
        operations.decline_action(record=one.id, reason="歩いていない", by=points.maker, at=NOW)
    operations.attest_action(record=held[3].id, by=points.maker, at=NOW)
    walk = queries.totals(points.made.programme, municipality=points.town.municipality).by_action[0]
    assert (walk.drawn, walk.drawn_true, walk.verified, walk.yen_per_verified) == (4, 1, 1, 10)
    assert walk.true_bp == rules.share_between(1, 4)
    shown = next(each for each in queries.doable(walkers[0].party or uuid4(), municipality=points.town.municipality,
                                                 at=NOW) if each.code == "walk")  # fmt: skip
    assert "くじで100%を選び" in shown.attested.ja


def test_who_is_not_drawn_is_granted_at_once_and_the_number_says_why(db: None) -> None:
    points = drawing(1)
    Action.objects.update(seed=SEED)
    walker = next(each for each in (points.town.person() for _ in range(9))
                  if rules.spot_number(SEED, resident=each.party or uuid4(), on=NOW.date()) >= 1)  # fmt: skip
    assert points.do(walker).state == "granted"
    (record,) = ActionRecord.objects.all()
    assert (record.drawn, record.held_for) == (
        rules.spot_number(SEED, resident=walker.party or uuid4(), on=NOW.date()), "",
    )  # fmt: skip


def test_steps_and_lot_stand_together_at_a_device() -> None:
    good = changed(POINT, {f"obtaining.actions.0.{each}": 500 for each in ("steps", "spot_check_bp")})
    assert not list(contradictions(good, DECLARED))
