"""A file of deeds: read as spreadsheets write it; a wrong line is told alone, a wrong file as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.points.delivering import DEEDS_MAX, Deed, read_deeds
from meguri.words.refusal import Refusal

WHO = "01890a5d-ac96-774b-bcce-b302099a8057"
HEAD = "番号,行動,人,日時"


def read(text: str) -> list[tuple[str, Deed | Refusal]]:
    return read_deeds(text.encode())


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-12-01 10:30", datetime(2026, 12, 1, 1, 30, tzinfo=UTC)),
        ("2026-12-01T10:30:00+00:00", datetime(2026, 12, 1, 10, 30, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 12, 1, 3, 0, tzinfo=UTC)),
        ("令和8年12月1日", datetime(2026, 12, 1, 3, 0, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_moments_as_people_write_them(typed: str, moment: datetime) -> None:
    ((number, deed),) = read(f"{HEAD}\n1,walk,{WHO},{typed}\n")
    assert number == "1"
    assert deed == Deed("1", "walk", UUID(WHO), moment)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_columns_in_any_order_encoding_and_language(encoding: str) -> None:
    text = f"日時,人,メモ,行動,番号\r\n2026-12-01 09:00,{WHO},ありがとう,walk,A-1\r\n\r\n"
    assert [number for number, _ in read_deeds(text.encode(encoding))] == ["A-1"]
    assert read(f"done_at,resident,action,number\n2026-12-01,{WHO},walk,2")[0][0] == "2"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (f",walk,{WHO},2026-12-01", "number"), ("1,walk,花子,2026-12-01", "resident"),
        (f"1,walk,{WHO},きのう", "done_at"), (f"1,walk,{WHO},", "done_at"), ("1", "resident"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_alone(line: str, field: str) -> None:
    wrong, good = read(f"{HEAD}\n{line}\n2,walk,{WHO},2026-12-01\n")
    assert isinstance(wrong[1], Refusal)
    assert (wrong[1].code, wrong[1].field) == ("deed_line_wrong", field)
    assert isinstance(good[1], Deed)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "deeds_unreadable"), (b"\xff\xfe\x00", "deeds_unreadable"),
        ("番号,行動,人\n".encode(), "deeds_unreadable"),
        (b'number,action,resident,done_at\n"open', "deeds_unreadable"), (b"x" * 500_001, "deeds_too_many"),
        ("\n".join([HEAD, *["1,w,x,y"] * (DEEDS_MAX + 1)]).encode(), "deeds_too_many"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as told:
        read_deeds(content)
    assert (told.value.code, told.value.field) == (code, "file")


@given(st.binary(max_size=300))
def test_no_file_breaks_it(content: bytes) -> None:
    code = ""
    try:
        read_deeds(b"number,action,resident,done_at\n" + content)
    except Refusal as refusal:
        code = refusal.code
    assert code in ("", "deeds_unreadable", "deeds_too_many")
