"""What arms are, without a database: conditions, the dearest unit, and a draw that anybody repeats."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes import arms, cost, timing
from meguri.programmes.arms import Unit
from meguri.programmes.forecasting import Expectation, Group
from meguri.programmes.parts import ExpiresOn, FacePart, Sale
from meguri.programmes.preview import preview
from meguri.programmes.terms import digest, from_tree, read_terms, to_tree, write_terms
from meguri.programmes.trial import Arm, Trial
from meguri.programmes.vocabularies import DECLARED
from meguri.words import draw
from meguri.words.refusal import Refusal
from tests.programmes.trials import CONTROL, arm, trial, voucher, voucher_tree

LATER = {"kind": "on", "last_day": date(2026, 2, 28)}
SEED = draw.Seed(secret="s" * 64, list_hash="l" * 64, public_value="38,915.87")
RICH = trial(
    arm("more", share_bp=2_000, premium=[{"purse": "premium", "yen": 3_500}]),
    arm("reminded", share_bp=3_000, reminder_days=14, expiry=LATER),
)


def of_shares(*shares: int) -> Trial:
    names = [CONTROL["name"]] * len(shares)
    tree = trial()
    tree["arms"] = [
        {"code": f"arm-{place}", "name": name, "share_bp": share}
        for place, (share, name) in enumerate(zip(shares, names, strict=True))
    ]
    found = from_tree(voucher_tree(tree)).trial
    assert found is not None
    return found


# --- the document ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_trial_goes_into_a_file_and_comes_back_the_same(form: Any) -> None:
    terms = voucher(RICH)
    again = read_terms(write_terms(terms, form), form)
    assert again == terms
    assert digest(again) == digest(terms)
    assert again.trial is not None
    assert [each.code for each in again.trial.arms] == ["as-written", "more", "reminded"]


def test_a_document_without_a_trial_keeps_its_digest_and_says_nothing_of_one() -> None:
    assert "trial" not in to_tree(voucher(None))
    assert digest(voucher(None)) != digest(voucher(RICH))


def test_any_change_of_an_arm_changes_the_digest() -> None:
    changes: list[dict[str, Any]] = [
        {"trial.arms.1.premium.0.yen": 3_501}, {"trial.arms.2.reminder_days": 13}, {"trial.arms.1.share_bp": 2_001},
        {"trial.per": "household"}, {"trial.strata": "ward"}, {"trial.arms.2.expiry.last_day": date(2026, 2, 27)},
    ]  # fmt: skip
    digests = {digest(from_tree(voucher_tree(trial_of(RICH), change))) for change in changes}
    assert len(digests | {digest(voucher(RICH))}) == len(changes) + 1


def trial_of(tree: dict[str, Any]) -> dict[str, Any]:
    """A copy that may be changed."""
    copy: dict[str, Any] = {**tree, "arms": [dict(each) for each in tree["arms"]]}
    for each in copy["arms"]:
        if "premium" in each:
            each["premium"] = [dict(part) for part in each["premium"]]
        if "expiry" in each:
            each["expiry"] = dict(each["expiry"])
    return copy


@pytest.mark.parametrize(("path", "value", "field"), [
    ("trial.arms.1.share_bp", 0, "trial.arms[1].share_bp"),
    ("trial.arms.1.share_bp", 0.5, "trial.arms[1].share_bp"),
    ("trial.arms.1.reminder_days", 31, "trial.arms[1].reminder_days"),
    ("trial.arms.1.reminder_days", -1, "trial.arms[1].reminder_days"),
    ("trial.per", "street", "trial.per"),
    ("trial.arms.1.bonus", 5, "trial.arms[1].bonus"),
    ("trial.arms.1.expiry", {"kind": "never"}, "trial.arms[1].expiry.kind"),
])  # fmt: skip
def test_a_part_that_no_arm_can_have_is_refused_at_its_place(path: str, value: object, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        from_tree(voucher_tree(trial_of(RICH), {path: value}))
    assert refusal.value.field == field


# --- what an arm makes of the terms -------------------------------------------------------------------------------


def test_who_is_in_no_arm_lives_as_the_control_does() -> None:
    terms = voucher(RICH)
    assert terms.trial is not None
    assert isinstance(terms.obtaining, Sale)
    control = terms.trial.arms[0]
    assert control.is_control
    for one in (None, control):
        assert arms.expiry_of(terms, one) == terms.expiry
        assert arms.face_of(terms.obtaining.face, one) == terms.obtaining.face
        assert arms.rate_bp(terms, one) == 0


def test_an_arm_changes_what_it_says_and_nothing_else() -> None:
    terms = voucher(RICH)
    assert terms.trial is not None
    assert isinstance(terms.obtaining, Sale)
    _, more, reminded = terms.trial.arms
    assert arms.face_of(terms.obtaining.face, more) == (
        FacePart(purse="paid", yen=10_000), FacePart(purse="premium", yen=3_500),
    )  # fmt: skip
    assert arms.expiry_of(terms, more) == terms.expiry
    assert arms.expiry_of(terms, reminded) == ExpiresOn(last_day=date(2026, 2, 28))
    assert arms.face_of(terms.obtaining.face, reminded) == terms.obtaining.face
    assert [path for path, _ in arms.expiries(terms)] == ["expiry", "trial.arms.reminded.expiry"]


def test_value_may_live_as_long_as_in_the_arm_where_it_lives_longest() -> None:
    window = {"spending.window.last_day": date(2026, 2, 28)}
    assert timing.last_spending_day(voucher(None)) == date(2026, 1, 31)
    assert timing.last_spending_day(voucher(RICH, window)) == date(2026, 2, 28)


def test_budget_and_preview_reckon_with_the_dearest_unit() -> None:
    plain, drawn = voucher(None), voucher(RICH)
    assert dict(cost.promised(plain)) == {"premium": 3_000 * 1_000, "buyers": 10_000 * 1_000}
    assert dict(cost.promised(drawn)) == {"premium": 3_500 * 1_000, "buyers": 10_000 * 1_000}
    seen = preview(
        drawn, residents=[Group({"resident": True}, 2_000)], shops=[], vocabularies=DECLARED, expectation=Expectation()
    )
    (fund,) = [each for each in seen.funds if each.fund == "premium"]
    assert fund.most_yen == 3_500_000
    assert "3,500円" in fund.most_how.ja
    assert seen.figure("peak_outstanding").value == 13_500_000


@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=6))
def test_no_arm_ever_costs_more_than_the_dearest(premiums: list[int]) -> None:
    terms = voucher(trial(*(arm(f"a{n}", premium=[{"purse": "premium", "yen": yen}])
                            for n, yen in enumerate(premiums))))  # fmt: skip
    assert isinstance(terms.obtaining, Sale)
    dearest = {part.purse: part.yen for part in arms.dearest_face(terms, terms.obtaining.face)}
    assert dearest == {"paid": 10_000, "premium": max(3_000, *premiums)}
    for each in (None, *arms.arms_of_document(terms)):
        assert all(part.yen <= dearest[part.purse] for part in arms.face_of(terms.obtaining.face, each))


# --- the draw ---------------------------------------------------------------------------------------------------------

shares = st.lists(st.integers(1, 40), min_size=1, max_size=5).map(
    lambda parts: [part * 10_000 // sum(parts) or 1 for part in parts]
)
people = st.lists(
    st.tuples(st.uuids().map(str), st.sampled_from(["", "north", "south", "old town"])), max_size=120,
    unique_by=lambda each: each[0],
)  # fmt: skip


@settings(deadline=None)
@given(shares, people, st.randoms())
def test_the_draw_is_the_same_in_whatever_order_people_come(
    parts: list[int], entries: list[tuple[str, str]], chance: random.Random
) -> None:
    units = [Unit(*each) for each in entries]
    drawn = of_shares(*parts)
    first = arms.assign(drawn, units, seed=SEED)
    chance.shuffle(units)
    again = arms.assign(drawn, units, seed=SEED)
    assert (again.arms, again.digest, list(again.arms)) == (first.arms, first.digest, list(first.arms))
    assert arms.list_hash(units) == arms.list_hash(sorted(units, key=lambda unit: unit.id))
    assert first.arms.keys() == {unit.id for unit in units}


@settings(deadline=None)
@given(shares, people)
def test_every_arm_gets_its_share_rounded_up_or_down_and_in_each_stratum_within_two(
    parts: list[int], entries: list[tuple[str, str]]
) -> None:
    units, drawn = [Unit(*each) for each in entries], of_shares(*parts)
    whole = sum(each.share_bp for each in drawn.arms)
    found = arms.assign(drawn, units, seed=SEED).arms
    for each in drawn.arms:
        mine = [unit for unit in units if found[unit.id] == each.code]
        assert abs(len(mine) * whole - len(units) * each.share_bp) < whole
        for stratum in {unit.stratum for unit in units}:
            inside = sum(unit.stratum == stratum for unit in units)
            assert abs(sum(unit.stratum == stratum for unit in mine) * whole - inside * each.share_bp) < 2 * whole


def test_another_secret_or_public_value_gives_another_draw() -> None:
    units, drawn = [Unit(f"unit-{n}", "") for n in range(400)], of_shares(5_000, 5_000)
    first = arms.assign(drawn, units, seed=SEED)
    for other in (
        draw.Seed(secret="t" * 64, list_hash=SEED.list_hash, public_value=SEED.public_value),
        draw.Seed(secret=SEED.secret, list_hash=SEED.list_hash, public_value="38,915.88"),
    ):
        again = arms.assign(drawn, units, seed=other)
        moved = sum(first.arms[each] != again.arms[each] for each in first.arms)
        assert 120 < moved < 280  # half of them, give or take


def test_over_many_draws_everybody_has_the_odds_of_the_shares() -> None:
    units, drawn = [Unit(f"unit-{n}", "east" if n < 7 else "west") for n in range(20)], of_shares(2_500, 7_500)
    times: Counter[str] = Counter()
    for number in range(600):
        seed = draw.Seed(secret=f"{number:064d}", list_hash="l" * 64, public_value="v")
        found = arms.assign(drawn, units, seed=seed).arms
        times.update(id_ for id_, code in found.items() if code == "arm-0")
    assert sum(times.values()) == 600 * 5
    assert all(100 < times[unit.id] < 200 for unit in units)  # 150 expected, standard deviation 11


def test_the_published_results_are_hashed_line_by_line_in_drawn_order() -> None:
    units, drawn = [Unit(f"unit-{n}", "") for n in range(5)], of_shares(5_000, 5_000)
    found = arms.assign(drawn, units, seed=SEED)
    text = "".join(f"{rank} {id_} {code}\n" for rank, (id_, code) in enumerate(found.arms.items(), start=1))
    assert found.digest == hashlib.sha256(text.encode()).hexdigest()
    assert [unit.line for unit in (Unit("a", ""), Unit("b", "old town"))] == ["a", "b old town"]


def test_nobody_in_the_list_gives_nobody_an_arm() -> None:
    assert arms.assign(of_shares(5_000, 5_000), [], seed=SEED).arms == {}


def test_arms_differ_in_what_they_say() -> None:
    terms = voucher(RICH)
    assert terms.trial is not None
    said = {name: [each.code for each in arms.differing(terms.trial, name=name)]
            for name in ("reminder_days", "expiry", "premium", "demurrage_bp")}  # fmt: skip
    assert said == {"reminder_days": ["reminded"], "expiry": ["reminded"], "premium": ["more"], "demurrage_bp": []}
    silent = Arm(code="x", name=terms.name, share_bp=1, reminder_days=0)
    assert not silent.is_control  # no reminder at all is a difference
