"""A whole town lived through an API: as on paper, in parallel, over a bad line, and once only."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from meguri.rehearsal import happenings as h
from meguri.rehearsal.client import ApiClient, Unreachable
from meguri.rehearsal.driver import CannotGoOn, slots
from meguri.rehearsal.driver_calls import OPTIONAL
from meguri.rehearsal.journal import AnotherLife, Journal
from meguri.rehearsal.knowledge import Answer
from meguri.rehearsal.rehearsing import Wish, prepare, rehearse, rehearse_on_paper
from meguri.rehearsal.timetable import moment
from tests.rehearsal.conftest import START, TEMPLATES
from tests.rehearsal.fake_api import KEY, FakeApi
from tests.rehearsal.lines import ToApp

WISH = Wish(start=START, size=150, weeks=4, seed=11)
TABLES = ("truth.json", "outcomes.csv", "household_spending.csv", "activity.csv", "shop_sales.csv", "households.csv")


def wish(folder: Path) -> Wish:
    return Wish(start=START, size=WISH.size, weeks=WISH.weeks, seed=WISH.seed, folder=folder)


def live(
    folder: Path, api: FakeApi, *, line: ToApp | None = None, workers: int = 1, step_minutes: int = 10
) -> list[str]:
    said: list[str] = []
    rehearse(
        wish(folder), base_url="http://town", key=KEY, line=line or ToApp(api), say=said.append, workers=workers,
        step_minutes=step_minutes,
    )  # fmt: skip
    return said


@pytest.fixture(scope="module")
def on_paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paper")
    rehearse_on_paper(wish(folder), templates=TEMPLATES, say=lambda _: None)
    return folder


@pytest.fixture
def api() -> FakeApi:
    return FakeApi(prepare(WISH, templates=TEMPLATES))


def same_tables(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in TABLES)


# --- the whole town --------------------------------------------------------------------------------------------------


def test_through_the_api_the_town_lives_as_on_paper(api: FakeApi, on_paper: Path, tmp_path: Path) -> None:
    live(tmp_path, api)
    assert same_tables(tmp_path, on_paper)


def test_people_side_by_side_live_the_same(api: FakeApi, on_paper: Path, tmp_path: Path) -> None:
    live(tmp_path, api, workers=8, step_minutes=120)
    assert same_tables(tmp_path, on_paper)


def test_a_bad_line_changes_nothing(api: FakeApi, on_paper: Path, tmp_path: Path) -> None:
    """Every fifth answer is lost after the server did its work; the repeated request finds the first one's answer."""
    patient(ToApp(api, cut=lambda number: number > 1 and number % 5 == 0))(api, tmp_path)
    assert same_tables(tmp_path, on_paper)


def patient(line: ToApp) -> Callable[[FakeApi, Path], None]:
    """Lives with a client that does not really wait."""

    def run(api: FakeApi, folder: Path) -> None:
        connect = ApiClient.connect.__func__  # type: ignore[attr-defined]

        def without_waiting(cls: type[ApiClient], base_url: str, **options: object) -> ApiClient:
            found: ApiClient = connect(cls, base_url, **options)
            found._sleep = lambda _: None
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ApiClient, "connect", classmethod(without_waiting))
            live(folder, api, line=line)

    return run


def test_tokens_that_run_out_are_renewed(api: FakeApi, on_paper: Path, tmp_path: Path) -> None:
    api.expire_tokens_after = 7
    live(tmp_path, api)
    assert same_tables(tmp_path, on_paper)


def test_losers_who_are_not_told_learn_it_by_trying(tmp_path: Path) -> None:
    api = FakeApi(prepare(WISH, templates=TEMPLATES), publishes_winners=False)
    said = live(tmp_path, api)
    assert any("「not_won」の文 / sentence of not_won" in line for line in said)
    assert api.hall.won == {} or len(api.hall.won) < 3  # only winners who never meant to buy are left


# --- once only -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [3, 40, 400, 900])
def test_a_second_start_goes_on_and_lives_nothing_twice(
    api: FakeApi, on_paper: Path, tmp_path: Path, after: int
) -> None:
    with pytest.raises(Unreachable):
        patient(ToApp(api, cut=lambda number: number > after))(api, tmp_path)
    live(tmp_path, api)
    assert same_tables(tmp_path, on_paper)
    assert len(api.rows) == len({(row["household"], row["week"]) for row in api.rows})


@pytest.mark.parametrize("after", [60, 700])
def test_a_crowd_cut_off_goes_on_as_if_nothing_had_happened(
    api: FakeApi, on_paper: Path, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several answers are lost at once; the server did the work and does none of it again."""
    monkeypatch.setattr("meguri.rehearsal.client.WAIT_MOST_SECONDS", 0.0)
    cut = ToApp(api, cut=lambda number: number > after)
    with pytest.raises(Unreachable):
        live(tmp_path, api, line=cut, workers=8, step_minutes=60)
    live(tmp_path, api, workers=8, step_minutes=60)
    assert same_tables(tmp_path, on_paper)
    assert len(api.rows) == len({(row["household"], row["week"]) for row in api.rows})


def test_a_third_start_asks_nothing(api: FakeApi, tmp_path: Path) -> None:
    live(tmp_path, api)
    before = api.calls.total()
    said = live(tmp_path, api)
    assert api.calls.total() == before
    assert said[-2].startswith("終わり") or said[-1].startswith("終わり")


def test_another_town_does_not_go_on_with_this_one_s_journal(api: FakeApi, tmp_path: Path) -> None:
    live(tmp_path, api)
    other = Wish(start=START, size=WISH.size, weeks=WISH.weeks, seed=12, folder=tmp_path)
    with pytest.raises(AnotherLife):
        rehearse(other, base_url="http://town", key=KEY, line=ToApp(api), say=lambda _: None)


# --- refused and missing ---------------------------------------------------------------------------------------------


def test_a_server_without_a_needed_operation_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    api = FakeApi(prepare(WISH, templates=TEMPLATES), lacks=["vouchers_draw", "codes_mint"])
    with pytest.raises(CannotGoOn, match="codes_mint, vouchers_draw"):
        live(tmp_path, api)
    assert not api.calls


def test_a_server_without_the_optional_operations_will_do(on_paper: Path, tmp_path: Path) -> None:
    api = FakeApi(prepare(WISH, templates=TEMPLATES), lacks=OPTIONAL)
    live(tmp_path, api)
    assert same_tables(tmp_path, on_paper)


def test_without_a_launch_there_is_no_life(api: FakeApi, tmp_path: Path) -> None:
    api.refuses["programmes_launch"] = "programme_has_errors"
    with pytest.raises(CannotGoOn, match="programme_has_errors"):
        live(tmp_path, api)


def test_a_refused_settlement_is_counted_and_life_goes_on(api: FakeApi, tmp_path: Path) -> None:
    api.refuses["settlement_run"] = "nothing_to_settle"
    said = live(tmp_path, api)
    assert any(line.startswith("断り / refused 4: 「nothing_to_settle」") for line in said)
    assert any("refused 8" in line and "settle:" in line for line in said)  # nothing to approve, nothing to send
    assert api.calls["settlement_approve"] == api.calls["settlement_hand_over"] == 0


def test_a_wrong_key_opens_nothing(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="not_signed_in"):
        rehearse(wish(tmp_path), base_url="http://town", key="wrong", line=ToApp(api), say=lambda _: None)


# --- what the server sees --------------------------------------------------------------------------------------------


def test_the_clock_only_goes_ahead(api: FakeApi, tmp_path: Path) -> None:
    live(tmp_path, api, workers=4)
    assert all(one < next_one for one, next_one in itertools.pairwise(api.clock))
    assert api.clock[0] == moment(START, 7)


def test_residents_come_with_sealed_parts_that_are_invented(api: FakeApi, tmp_path: Path) -> None:
    live(tmp_path, api)
    assert len(api.people) == WISH.size
    for row in api.people.values():
        assert set(row) == {
            "key",
            "number",
            "household_number",
            "birth_date",
            "ward",
            "moved_in",
            "tax_class",
            "shielded",
            "sealed",
        }
        assert set(row["sealed"]) == {"name", "kana", "address", "phone", "email", "bank_account"}
        assert row["sealed"]["phone"].startswith("000-")
        assert row["sealed"]["email"].endswith(".example")
        assert set(row["sealed"]["bank_account"]) == {"bank", "branch", "kind", "number", "holder_kana"}


def test_documents_name_the_sponsor_as_the_server_does(api: FakeApi, tmp_path: Path) -> None:
    live(tmp_path, api)
    payers = {fund.get("payer", "") for terms in api.documents.values() for fund in terms["funds"]}
    assert payers == {"", "commerce", "planning", "welfare", "P-p1"}


def test_progress_is_said_week_by_week(api: FakeApi, tmp_path: Path) -> None:
    said = live(tmp_path, api)
    assert "架空" in said[0]
    assert said[1].startswith("めぐり町 / Meguri-cho: 住民 / residents 150 · ")
    weeks = [line for line in said if line.startswith("第")]
    assert [line.split(" (")[0] for line in weeks] == [f"第{week}週 / week {week}" for week in range(1, 5)]
    assert "支払い / payments" in weeks[2]


def test_a_week_that_takes_long_is_told_of_in_between(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.rehearsal.driver.PATIENCE_S", 0.0)
    said = live(tmp_path, api)
    between = [line for line in said if "…" in line]
    assert between[0].startswith(f"{START:%m-%d} 07:00 … 要求 / requests ")
    assert len(between) > 4 * 7
    assert not [line for line in between if "week" in line or "第" in line]  # the demo listens for the first week's end


def test_every_line_of_the_terminal_is_in_both_languages(api: FakeApi, tmp_path: Path) -> None:
    for line in live(tmp_path, api):
        assert re.search("[ぁ-んァ-ヶ一-龠]", line), line
        assert re.search("[A-Za-z]{4}", line), line


def test_refusals_are_said_with_their_sentence_also_after_a_second_start(api: FakeApi, tmp_path: Path) -> None:
    api.refuses["notices_complain"] = "complaint_empty"
    first, second = live(tmp_path, api), live(tmp_path, api)
    (said,) = [line for line in first if "complaint_empty" in line]
    assert re.fullmatch(r"断り / refused \d+: 「complaint_empty」の文 / sentence of complaint_empty", said)
    assert said in second


def test_what_others_send_in_goes_out_together(api: FakeApi, tmp_path: Path) -> None:
    """Each deed once, under a number of this life; what its person did before it in the same slot stays before it."""
    live(tmp_path, api, workers=8, step_minutes=120)
    numbers = [row["number"] for row in api.delivered]
    assert len(numbers) == len(set(numbers)) > 100
    assert {row["action"] for row in api.delivered} == {"walk", "my-bottle"}
    assert api.calls["points_deliver"] < len(numbers) / 2
    assert api.calls["points_record_action"] > 0, "a place's code is shown by who is there"


def test_a_delivery_that_is_refused_whole_is_refused_to_each(api: FakeApi, tmp_path: Path) -> None:
    api.refuses["points_deliver"] = "programme_not_launched"
    said = live(tmp_path, api)
    assert any("programme_not_launched" in line for line in said)
    assert api.delivered == []


# --- slots -----------------------------------------------------------------------------------------------------------


def look(minute: int, who: str = "r1") -> h.Happening:
    return h.LooksAtWallet(at=moment(START, 9, minute=minute), key=f"{who}{minute}", who=who)


def hall(minute: int) -> h.Happening:
    return h.RunsSettlement(at=moment(START, 9, minute=minute), key=f"h{minute}", cutoff=moment(START, 0))


def test_slots_hold_people_within_a_step_and_the_town_hall_alone() -> None:
    stream = [look(0), look(9), look(10), hall(11), look(11), hall(12), hall(12)]
    found = [[happening.key for happening in slot] for slot in slots(stream, step=timedelta(minutes=10))]
    assert found == [["r10", "r19"], ["r110"], ["h11"], ["r111"], ["h12"], ["h12"]]


def test_the_end_of_a_day_is_given_out_before_more_is_asked() -> None:
    def stream() -> itertools.chain[h.Happening]:
        end = h.DayEnds(at=moment(START, 23), key="end", on=START, week=0, last_of_week=False)
        return itertools.chain([look(0), end], (pytest.fail("asked too early") for _ in range(1)))

    found = slots(stream(), step=timedelta(days=2))
    assert [happening.key for happening in next(found)] == ["r10"]
    assert [happening.key for happening in next(found)] == ["end"]


# --- the journal -----------------------------------------------------------------------------------------------------


def test_a_line_that_was_cut_off_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, life={"seed": 1})
    journal.note("a", Answer(ids={"x": "1"}, won=()))
    journal.close()
    with path.open("a") as file:
        file.write('["b", {"ids": {"y"')
    again = Journal(path, life={"seed": 1})
    assert again.answers == {"a": Answer(ids={"x": "1"}, won=())}
    again.note("b", Answer(refusal="no"))
    again.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {"seed": 1}
    assert [line[0] for line in lines[1:]] == ["a", "b"]
