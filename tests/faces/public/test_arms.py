"""The public page of a draw of conditions: nothing of anybody while the programme runs, all of it afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from meguri.faces.public import draw_check
from meguri.programmes import operations, queries
from meguri.programmes.models import ArmUnit
from meguri.programmes.operations import Launched
from meguri.words import draw
from tests.programmes.trials import VALUE, arm, drawn_programme, trial, voucher
from tests.programmes.vouchers.lived_town import LivedTown, moment

Facts = dict[str, Any]
DRAWN_APART = trial(
    arm("early", share_bp=3_000, reminder_days=14), arm("silent", share_bp=2_000, reminder_days=0), strata="ward"
)


@pytest.fixture
def town(db: None, settings: LazySettings) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    settings.MUNICIPALITY = found.municipality
    cache.clear()
    for ward in ("minato", "kita", "nishi"):
        for _ in range(7):
            found.person(ward=ward)
    return found


@pytest.fixture
def made(town: LivedTown) -> Launched:
    return drawn_programme(town, voucher(DRAWN_APART))


def close(town: LivedTown, made: Launched) -> None:
    by = town.officer("checker", "commerce")
    operations.close_programme(programme=made.programme, by=by, at=moment(11, 1))
    cache.clear()


def get(made: Launched, rest: str = "", **query: str) -> str:
    answer = Client().get(f"/public/arms/{made.programme}{rest}", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_while_it_runs_the_page_says_that_lot_decides_and_why_but_not_who(town: LivedTown, made: Launched) -> None:
    page, facts = get(made, lang="en"), json.loads(get(made, "/arms.json"))
    for said in ("Lot decides a part of the conditions", "To learn which reminder helps", "a reminder 14 days before",
                 "no reminder before the expiry", "30%", "20%", "21 entries", VALUE,
                 "Who has which conditions is published once the programme has ended"):  # fmt: skip
        assert said in page, said
    assert get(made, "/list.txt") == ""
    assert (facts["secret"], facts["results"]) == ("", [])
    for each in queries.assignments(made.programme, municipality=town.municipality):
        assert each.pseudonym not in page


def test_before_the_draw_the_promise_alone_is_public(town: LivedTown) -> None:
    page = get(launched := town.launch(voucher(DRAWN_APART)), lang="en")
    assert "Not drawn yet" in page
    assert queries.arms_page(launched.programme, municipality=town.municipality).commitment in page


def test_a_programme_without_a_trial_has_no_such_page(town: LivedTown) -> None:
    plain = town.launch(voucher(None))
    for rest in ("", "/list.txt", "/arms.json"):
        assert Client().get(f"/public/arms/{plain.programme}{rest}").status_code == 404


def test_afterwards_everything_is_public_and_agrees(town: LivedTown, made: Launched) -> None:
    close(town, made)
    page = get(made, lang="en")
    assert "the results agree" in page
    lines = get(made, "/list.txt").splitlines()
    assert len(lines) == 21
    assert {line.partition(" ")[2] for line in lines} == {"minato", "kita", "nishi"}
    facts = json.loads(get(made, "/arms.json"))
    assert draw.commitment(facts["secret"]) == facts["commitment"]
    assert facts["arms"] == [["as-written", 5_000], ["early", 3_000], ["silent", 2_000]]
    assert [rank for rank, _, _ in facts["results"]] == list(range(1, 22))


def test_what_does_not_agree_is_never_passed_over(town: LivedTown, made: Launched) -> None:
    close(town, made)
    unit = ArmUnit.objects.filter(draw__programme=made.programme, arm="silent").first()
    assert unit is not None
    unit.arm = "early"
    unit.save()
    assert "do not agree" in get(made, lang="en")


# --- the script -------------------------------------------------------------------------------------------------------


class Files:
    """What a citizen has saved, as it came over the net."""

    def __init__(self, room: Path, made: Launched) -> None:
        self.room = room
        (room / "arms.json").write_text(get(made, "/arms.json"), encoding="utf-8")
        (room / "list.txt").write_text(get(made, "/list.txt"), encoding="utf-8")
        (room / "draw_check.py").write_bytes(Client().get("/public/draws/draw_check.py").content)

    def run(self, *names: str) -> tuple[int, str]:
        """Apart from this project: no site packages, no path, another directory."""
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "draw_check.py", "arms.json", "list.txt", *names], cwd=self.room,
            capture_output=True, text=True, encoding="utf-8", check=False, env={},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def bend(self, how: Callable[[Facts], object]) -> None:
        facts = json.loads((self.room / "arms.json").read_text(encoding="utf-8"))
        how(facts)
        (self.room / "arms.json").write_text(json.dumps(facts), encoding="utf-8")


def test_the_published_files_alone_give_everybodys_arm(town: LivedTown, made: Launched, tmp_path: Path) -> None:
    close(town, made)
    files = Files(tmp_path, made)
    for each in queries.assignments(made.programme, municipality=town.municipality)[:3]:
        code, told = files.run(each.pseudonym.upper())
        assert code == 0, told
        assert f": {each.arm}" in told
    code, told = files.run("nobody")
    assert (code, "not in the list" in told) == (0, True)
    assert "21 entries: all agree" in told


def test_while_the_programme_runs_there_is_nothing_to_compute(made: Launched, tmp_path: Path) -> None:
    code, told = Files(tmp_path, made).run()
    assert (code, "not drawn yet" in told) == (1, True)


def swapped(facts: Facts) -> None:
    """Two people of different arms change places."""
    one = facts["results"][0]
    other = next(each for each in facts["results"] if each[2] != one[2])
    one[2], other[2] = other[2], one[2]


BENT: dict[str, Callable[[Facts], object]] = {
    "the secret": lambda facts: facts.update(secret="0" * 64),
    "the public value": lambda facts: facts.update(public_value="1"),
    "the list's hash": lambda facts: facts.update(list_hash="0" * 64),
    "two arms": swapped,
    "a share": lambda facts: facts.update(arms=[["as-written", 4_000], ["early", 4_000], ["silent", 2_000]]),
    "the digest": lambda facts: facts.update(results_digest="0" * 64),
    "the order": lambda facts: facts["results"].reverse(),
}


@pytest.mark.parametrize("what", BENT)
def test_whatever_is_bent_is_found(town: LivedTown, made: Launched, tmp_path: Path, what: str) -> None:
    close(town, made)
    files = Files(tmp_path, made)
    files.bend(BENT[what])
    code, told = files.run()
    assert (code, "differs from what was published" in told) == (1, True), told


def test_a_name_more_in_the_list_is_found(town: LivedTown, made: Launched, tmp_path: Path) -> None:
    close(town, made)
    files = Files(tmp_path, made)
    with (tmp_path / "list.txt").open("a", encoding="utf-8") as listed:
        listed.write("zzzz minato\n")
    code, told = files.run()
    assert (code, "the list differs" in told) == (1, True)


@examples(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.integers(0, 200))
def test_the_script_lines_arms_up_as_the_house_does_without_sharing_its_code(weights: list[int], places: int) -> None:
    shares = {f"a{n}": Fraction(weight, sum(weights)) for n, weight in enumerate(weights)}
    names = [str(n) for n in range(places)]
    ours = draw.arms(names, weights={f"a{n}": weight for n, weight in enumerate(weights)}) if names else {}
    assert draw_check._line_up(shares, places) == [ours[name] for name in names]
