"""What was answered is found again by a second start, and nothing of another life is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.rehearsal.journal import AnotherLife, Journal
from meguri.rehearsal.knowledge import Answer, PurseView, Taken

LIFE = {"town": "d1g3st", "seed": 7, "server": "http://127.0.0.1:8000"}
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
answers = st.builds(
    Answer,
    refusal=words,
    sentence=words,
    ids=st.dictionaries(words, words, max_size=3),
    purses=st.none() | st.lists(
        st.builds(
            PurseView, kind=words, family=st.sampled_from(["voucher", "point", "benefit"]), yen=st.integers(0, 10**6),
            small_only=st.booleans(), expires_on=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        ), max_size=3,
    ).map(tuple),
    taken=st.lists(st.builds(Taken, kind=words, family=words, yen=st.integers(-9, 9)), max_size=3).map(tuple),
    won=st.none() | st.lists(words, max_size=3).map(tuple),
)  # fmt: skip


def kept(path: Path, life: dict[str, object] = LIFE) -> dict[str, Answer]:
    journal = Journal(path, life=life)
    journal.close()
    return journal.answers


@given(answers)
def test_any_answer_survives_being_written_as_plain_text(answer: Answer) -> None:
    assert Answer.read(json.loads(json.dumps(answer.plain()))) == answer


def test_a_second_start_knows_the_answers_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.jsonl"
    first = Journal(path, life=LIFE)
    paid = Answer(taken=(Taken("paid", "voucher", 500),))
    first.note("pay:1", paid)
    first.note("pay:2", Answer(refusal="insufficient", sentence="残高が足りません"))
    first.note("pay:1", paid)
    first.close()
    assert kept(path) == {"pay:1": paid, "pay:2": Answer(refusal="insufficient", sentence="残高が足りません")}
    third = Journal(path, life=LIFE)
    third.note("pay:3", Answer())
    third.close()
    assert list(kept(path)) == ["pay:1", "pay:2", "pay:3"]


def test_an_answer_is_in_the_file_before_the_next_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, life=LIFE)
    journal.note("pay:1", Answer())
    assert path.read_text(encoding="utf-8").splitlines()[-1] == '["pay:1", {}]'
    journal.close()


@pytest.mark.parametrize(
    "other", [{**LIFE, "seed": 8}, {**LIFE, "server": "http://127.0.0.1:9000"}, {"town": "d1g3st"}, {}]
)
def test_the_journal_of_another_life_is_left_alone(tmp_path: Path, other: dict[str, object]) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, life=LIFE)
    journal.note("pay:1", Answer())
    journal.close()
    before = path.read_bytes()
    with pytest.raises(AnotherLife, match="another life"):
        Journal(path, life=other)
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_cut_off_anywhere_is_forgotten_and_written_over(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, life=LIFE)
    journal.note("pay:1", Answer())
    journal.note("pay:2", Answer())
    journal.close()
    path.write_bytes(path.read_bytes()[:-cut])
    again = Journal(path, life=LIFE)
    assert list(again.answers) == ["pay:1"]
    again.note("pay:2", Answer(refusal="no"))
    again.close()
    assert kept(path) == {"pay:1": Answer(), "pay:2": Answer(refusal="no")}


def test_a_file_cut_in_its_first_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"town": "d1g', encoding="utf-8")
    assert kept(path) == {}
    assert json.loads(path.read_text(encoding="utf-8")) == LIFE


def test_people_side_by_side_note_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, life=LIFE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.note(f"pay:{number}", Answer(ids={"a": "b" * 200})), range(200)))
    journal.close()
    assert len(kept(path)) == 200
