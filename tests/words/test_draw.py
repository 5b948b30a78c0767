"""Draws: recomputed by somebody else's SHA-256, indifferent to the order of entries, exact in stock, and fair."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.words.draw import (
    Award,
    Request,
    Seed,
    arms,
    commitment,
    even_cap,
    even_share,
    hash_of_list,
    lottery,
    new_secret,
    published_list,
    ranking,
    redraw,
    roll_out,
    ticket,
)

SECRET = "6d656775726920696e76656e7465642073656372657420666f722074657374730a"
SEED = Seed(secret=SECRET, list_hash="ab" * 32, public_value="日経平均終値 2025-05-30 37965.10")
IDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=8),
               unique=True, max_size=30)


def ranked(ids: list[str], seed: Seed = SEED) -> tuple[str, ...]:
    return ranking(ids, secret=seed.secret, list_hash=seed.list_hash, public_value=seed.public_value)


class TestRecipe:
    """The figures stand here as another program computed them."""

    def test_commitment_is_the_plain_hash_of_the_secret(self) -> None:
        assert commitment("secret") == "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

    def test_the_list_is_sorted_by_bytes_with_a_line_feed_after_each_line(self) -> None:
        assert published_list(["b,2", "あ,1", "B,3", "a,10"]) == "B,3\na,10\nb,2\nあ,1\n"
        assert hash_of_list(["b", "a"]) == hashlib.sha256(b"a\nb\n").hexdigest()
        assert hash_of_list([]) == hashlib.sha256(b"").hexdigest()

    @pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here to be the third party")
    def test_a_third_party_recomputes_a_ticket_on_the_command_line(self) -> None:
        line = r"printf 'meguri-draw-1\n%s\n%s\n%s\n%s' " + '"$1" "$2" "$3" "$4" | sha256sum'
        arguments = [SEED.secret, SEED.list_hash, SEED.public_value, "世帯-0042"]
        done = subprocess.run(["sh", "-c", line, "sh", *arguments], capture_output=True, check=True, text=True)
        assert done.stdout.split()[0] == ticket("世帯-0042", SEED)

    @given(IDS)
    def test_a_third_party_recomputes_the_ranking(self, ids: list[str]) -> None:
        before = f"meguri-draw-1\n{SEED.secret}\n{SEED.list_hash}\n{SEED.public_value}\n".encode()
        tickets = {hashlib.sha256(before + id_.encode()).digest(): id_ for id_ in ids}
        assert list(ranked(ids)) == [tickets[digest] for digest in sorted(tickets)]

    def test_every_part_of_the_seed_matters(self) -> None:
        ids = [str(number) for number in range(20)]
        others = [Seed("x", SEED.list_hash, SEED.public_value), Seed(SECRET, "x", SEED.public_value),
                  Seed(SECRET, SEED.list_hash, "x")]
        assert len({ranked(ids), *(ranked(ids, other) for other in others)}) == 4

    def test_parts_cannot_run_into_each_other(self) -> None:
        for secret, list_hash in (("a\nb", "c"), ("", "c"), ("a", "b\r")):
            with pytest.raises(ValueError, match="one line"):
                Seed(secret=secret, list_hash=list_hash, public_value="v")
        with pytest.raises(ValueError, match="one line"):
            ranked(["a\nb"])
        with pytest.raises(ValueError, match="one line"):
            commitment("a\n")
        with pytest.raises(ValueError, match="one line"):
            published_list(["a\nb"])

    def test_an_entry_stands_once(self) -> None:
        for draw in (ranked, published_list):
            with pytest.raises(ValueError, match="twice"):
                draw(["a", "b", "a"])

    def test_secrets_are_long_and_never_the_same(self) -> None:
        made = {new_secret() for _ in range(50)}
        assert len(made) == 50
        assert {len(bytes.fromhex(secret)) for secret in made} == {32}


class TestRanking:
    @given(IDS, st.randoms(use_true_random=False))
    def test_the_order_of_entries_does_not_matter(self, ids: list[str], chance: random.Random) -> None:
        shuffled = ids.copy()
        chance.shuffle(shuffled)
        assert ranked(shuffled) == ranked(ids)
        assert hash_of_list(shuffled) == hash_of_list(ids)

    @given(IDS.filter(bool))
    def test_one_entry_less_leaves_the_others_in_order(self, ids: list[str]) -> None:
        assert ranked(ids[1:]) == tuple(id_ for id_ in ranked(ids) if id_ != ids[0])

    def test_every_place_is_equally_likely_for_everybody(self) -> None:
        """Chi-square over 3,000 draws of 6 entries on fixed seeds, against the 1 % points for 5 and 25 degrees."""
        draws, ids = 3_000, [f"id{number}" for number in range(6)]
        places = Counter(
            (id_, place)
            for draw in range(draws)
            for place, id_ in enumerate(ranking(ids, secret=f"s{draw}", list_hash="l", public_value="v")))
        winners = [places[id_, 0] for id_ in ids]
        assert chi_square(winners, draws / 6) < 15.09
        cells = [places[id_, place] for id_ in ids for place in range(6)]
        assert chi_square(cells, draws / 6) * 5 / 6 < 44.31  # rows and columns have fixed sums: 25 degrees, not 30

    def test_the_chi_square_would_see_a_loaded_draw(self) -> None:
        """The same measure on a draw in which the first entry gets a second ticket."""
        draws, ids = 3_000, [f"id{number}" for number in range(6)]
        winners: Counter[str] = Counter()
        for draw in range(draws):
            (first, *_) = ranking([*ids, "again"], secret=f"s{draw}", list_hash="l", public_value="v")
            winners["id0" if first == "again" else first] += 1
        assert chi_square([winners[id_] for id_ in ids], draws / 6) > 15.09


def chi_square(counts: list[int], expected: float) -> float:
    return sum((count - expected) ** 2 / expected for count in counts)


@st.composite
def requests_and_stock(draw: st.DrawFn) -> tuple[list[Request], list[str], int]:
    asked = draw(st.lists(st.integers(1, 7), max_size=12))
    requests = [Request(f"a{number}", units) for number, units in enumerate(asked)]
    order = draw(st.permutations([request.id for request in requests]))
    return requests, list(order), draw(st.integers(0, 60))


Case = tuple[list[Request], list[str], int]


class TestLottery:
    REQUESTS = (Request("a", 3), Request("b", 2), Request("c", 1), Request("d", 2))

    @pytest.mark.parametrize(("stock", "partial", "won"), [
        (5, True, [2, 2, 1, 0]), (4, True, [2, 2, 0, 0]), (5, False, [2, 3, 0, 0]), (4, False, [2, 0, 0, 0]),
        (0, True, [0, 0, 0, 0]), (99, False, [2, 3, 2, 1]),
    ])
    def test_by_hand(self, *, stock: int, partial: bool, won: list[int]) -> None:
        order = ["b", "a", "d", "c"] if not partial else ["b", "d", "a", "c"]
        assert [award.units_won for award in lottery(self.REQUESTS, order=order, stock=stock, partial=partial)] == won

    def test_awards_tell_rank_and_request(self) -> None:
        first, second = lottery(self.REQUESTS[:2], order=["b", "a"], stock=4)
        assert first == Award(id="b", rank=1, units_asked=2, units_won=2)
        assert second == Award(id="a", rank=2, units_asked=3, units_won=2)

    @given(requests_and_stock())
    def test_partial_uses_exactly_the_stock(self, case: Case) -> None:
        requests, order, stock = case
        awards = lottery(requests, order=order, stock=stock)
        assert sum(award.units_won for award in awards) == min(stock, sum(request.units for request in requests))
        assert [award.id for award in awards] == order
        partly = [award for award in awards if 0 < award.units_won < award.units_asked]
        assert len(partly) <= 1

    @given(requests_and_stock())
    def test_whole_requests_win_from_the_top_without_a_gap(self, case: Case) -> None:
        requests, order, stock = case
        awards = lottery(requests, order=order, stock=stock, partial=False)
        assert all(award.units_won in {0, award.units_asked} for award in awards)
        runs = [won for won, _ in groupby(award.units_won > 0 for award in awards)]
        assert runs in ([], [True], [False], [True, False])
        lost = [award for award in awards if award.units_won == 0]
        left = stock - sum(award.units_won for award in awards)
        assert left >= 0
        assert not lost or lost[0].units_asked > left

    @given(requests_and_stock(), st.integers(0, 10), st.booleans())
    def test_more_stock_takes_nothing_from_anybody(self, case: Case, more: int, partial: bool) -> None:  # noqa: FBT001 - given
        requests, order, stock = case
        before = lottery(requests, order=order, stock=stock, partial=partial)
        after = lottery(requests, order=order, stock=stock + more, partial=partial)
        assert all(first.units_won <= second.units_won for first, second in zip(before, after, strict=True))

    @pytest.mark.parametrize("order", [["a"], ["a", "b", "b"], ["a", "c"], ["a", "b", "c"]])
    @pytest.mark.parametrize("draw", [lottery, even_share])
    def test_order_and_requests_must_be_of_one_list(self, draw: object, order: list[str]) -> None:
        with pytest.raises(ValueError, match="same entries"):
            draw([Request("a", 1), Request("b", 1)], order=order, stock=1)  # type: ignore[operator]

    @pytest.mark.parametrize(("units", "stock"), [(0, 1), (-1, 1), (1, -1)])
    def test_nothing_below_nothing(self, units: int, stock: int) -> None:
        with pytest.raises(ValueError, match="at least"):
            lottery([Request("a", units)], order=["a"], stock=stock)

    def test_equal_requests_win_equally_often(self) -> None:
        """Chi-square on fixed seeds: 8 households ask for 2 of 6 units, so 3 win in each of 2,000 draws."""
        requests = [Request(f"h{number}", 2) for number in range(8)]
        won: Counter[str] = Counter()
        for draw in range(2_000):
            order = ranking([request.id for request in requests], secret=f"t{draw}", list_hash="l", public_value="v")
            won.update(award.id for award in lottery(requests, order=order, stock=6) if award.units_won)
        counts = [won[request.id] for request in requests]
        assert sum(counts) == 6_000
        assert chi_square(counts, 750) * 7 / (8 - 3) < 18.48  # drawn without putting back: variance 750 * 5/8


class TestEvenShare:
    @pytest.mark.parametrize(("asked", "stock", "cap", "won"), [
        ([5, 1, 5, 2], 9, 3, [3, 1, 3, 2]),
        ([5, 1, 5, 2], 10, 3, [4, 1, 3, 2]),
        ([5, 5, 5], 7, 2, [3, 2, 2]),
        ([5, 5, 5], 2, 0, [1, 1, 0]),
        ([1, 2], 9, 2, [1, 2]),
        ([4], 4, 4, [4]),
        ([4], 0, 0, [0]),
    ])
    def test_by_hand(self, asked: list[int], stock: int, cap: int, won: list[int]) -> None:
        requests = [Request(str(number), units) for number, units in enumerate(asked)]
        assert even_cap(asked, stock=stock) == cap
        order = [request.id for request in requests]
        assert [award.units_won for award in even_share(requests, order=order, stock=stock)] == won

    @given(requests_and_stock())
    def test_uses_exactly_the_stock_and_parts_nobody_by_more_than_one(self, case: Case) -> None:
        requests, order, stock = case
        awards = even_share(requests, order=order, stock=stock)
        assert sum(award.units_won for award in awards) == min(stock, sum(request.units for request in requests))
        assert all(0 <= award.units_won <= award.units_asked for award in awards)
        cut = [award.units_won for award in awards if award.units_won < award.units_asked]
        assert max(award.units_won for award in awards) <= min(cut) + 1 if cut else True

    @given(requests_and_stock())
    def test_the_cap_is_the_largest_that_fits(self, case: Case) -> None:
        requests, _, stock = case
        asked = [request.units for request in requests]
        cap = even_cap(asked, stock=stock)
        assert sum(min(units, cap) for units in asked) <= stock
        assert cap == max(asked, default=0) or sum(min(units, cap + 1) for units in asked) > stock

    @given(requests_and_stock(), st.integers(0, 10))
    def test_more_stock_takes_nothing_from_anybody(self, case: Case, more: int) -> None:
        requests, order, stock = case
        before = even_share(requests, order=order, stock=stock)
        after = even_share(requests, order=order, stock=stock + more)
        assert all(first.units_won <= second.units_won for first, second in zip(before, after, strict=True))

    @given(requests_and_stock())
    def test_asking_for_more_never_brings_less(self, case: Case) -> None:
        requests, order, stock = case
        won = {award.id: award.units_won for award in even_share(requests, order=order, stock=stock)}
        for request in requests:
            greedy = [Request(other.id, other.units + (other.id == request.id)) for other in requests]
            again = {award.id: award.units_won for award in even_share(greedy, order=order, stock=stock)}
            assert again[request.id] >= won[request.id]


WEIGHTS = st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 9), min_size=1).filter(lambda w: sum(w.values()) > 0)


class TestArms:
    def test_halves_alternate_after_the_drawn_order(self) -> None:
        assert arms(["x", "y", "z", "w"], weights={"treated": 1, "control": 1}) == {
            "x": "treated", "y": "control", "z": "treated", "w": "control"}

    @given(st.integers(0, 60), WEIGHTS)
    def test_every_beginning_is_within_one_of_its_fair_share(self, size: int, weights: dict[str, int]) -> None:
        order = [str(number) for number in range(size)]
        assigned = arms(order, weights=weights)
        assert list(assigned) == order
        whole = sum(weights.values())
        for end in range(1, size + 1):
            counts = Counter(assigned[id_] for id_ in order[:end])
            assert all(abs(counts[arm] * whole - weight * end) < whole for arm, weight in weights.items())

    @given(st.lists(st.sampled_from(["minato", "yama", "eki"]), max_size=60), WEIGHTS)
    def test_every_stratum_is_within_two(self, wards: list[str], weights: dict[str, int]) -> None:
        strata = {str(number): ward for number, ward in enumerate(wards)}
        assigned = arms(list(strata), weights=weights, strata=strata)
        whole = sum(weights.values())
        for ward in set(wards):
            members = [id_ for id_ in strata if strata[id_] == ward]
            counts = Counter(assigned[id_] for id_ in members)
            assert all(abs(counts[arm] * whole - weight * len(members)) < 2 * whole for arm, weight in weights.items())

    def test_inside_a_stratum_the_drawn_order_rules(self) -> None:
        strata = {"a": "2", "b": "1", "c": "2", "d": "1"}
        assert list(arms(["c", "d", "a", "b"], weights={"x": 1}, strata=strata)) == ["d", "b", "c", "a"]

    def test_an_arm_of_no_weight_gets_nobody(self) -> None:
        assert set(arms([str(n) for n in range(20)], weights={"off": 0, "on": 2}).values()) == {"on"}

    @pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 2, "b": -1}])
    def test_refuses_weights_without_a_sum(self, weights: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="weights"):
            arms(["x"], weights=weights)

    def test_refuses_an_entry_that_stands_twice(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            arms(["x", "x"], weights={"a": 1})


class TestRollOut:
    @given(st.integers(0, 40), st.integers(1, 12))
    def test_waves_keep_the_order_and_differ_by_one_at_most(self, size: int, waves: int) -> None:
        order = [str(number) for number in range(size)]
        cut = roll_out(order, waves=waves)
        assert [id_ for wave in cut for id_ in wave] == order
        sizes = [len(wave) for wave in cut]
        assert len(sizes) == waves
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] - sizes[-1] <= 1

    def test_needs_a_wave(self) -> None:
        with pytest.raises(ValueError, match="cannot divide"):
            roll_out(["a"], waves=0)


class TestRedraw:
    IDS = tuple(f"w{number}" for number in range(8))

    def test_takes_the_first_accepted_order_which_others_can_repeat(self) -> None:
        attempt, order = redraw(self.IDS, seed=SEED, accept=lambda order: order[0] == "w3", attempts_max=200)
        again = [ranking(self.IDS, secret=SECRET, list_hash=SEED.list_hash, public_value=f"{SEED.public_value}#{n}")
                 for n in range(1, attempt + 1)]
        assert again[-1] == order
        assert [candidate[0] == "w3" for candidate in again] == [False] * (attempt - 1) + [True]
        assert attempt > 1

    def test_gives_up_on_a_rule_that_nothing_meets(self) -> None:
        with pytest.raises(ValueError, match="none of 5 draws"):
            redraw(self.IDS, seed=SEED, accept=lambda _: False, attempts_max=5)

    def test_the_last_attempt_that_is_allowed_counts_and_no_other_is_made(self) -> None:
        seen: list[tuple[str, ...]] = []

        def third(order: tuple[str, ...]) -> bool:
            seen.append(order)
            return len(seen) == 3

        assert redraw(self.IDS, seed=SEED, accept=third, attempts_max=3) == (3, seen[2])
        assert len(set(seen)) == 3
        seen.clear()
        with pytest.raises(ValueError, match="none of 2 draws"):
            redraw(self.IDS, seed=SEED, accept=third, attempts_max=2)
        assert len(seen) == 2
