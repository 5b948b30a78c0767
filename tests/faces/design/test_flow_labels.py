from __future__ import annotations

import pytest

from meguri.faces.design.charts.drawing import text_width, wrapped
from meguri.faces.design.charts.flow_labels import APART, LINE, block, hung, settled


def test_a_name_and_its_amount_share_a_line_where_there_is_room() -> None:
    assert block("口座", "65万円", size=14, room=200).lines == ("口座 65万円",)
    assert block("口座", "65万円", size=14, room=60).lines == ("口座", "65万円")


@pytest.mark.parametrize("name", ["Clothes, appliances, drugs, books", "服・電気・薬・本などのお店でのお買い物"])
def test_a_long_name_is_parted_into_lines_and_nothing_of_it_is_lost(name: str) -> None:
    lines = wrapped(name, size=14, room=130)
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")
    assert all(text_width(line, 14) <= 130 for line in lines)
    assert not any(line.startswith(("・", "、", " ")) for line in lines)


def test_the_lines_are_about_equally_long() -> None:
    first, second = wrapped("めぐり町子育て応援給付金のお知らせ", size=14, room=200)
    assert abs(text_width(first, 14) - text_width(second, 14)) <= 28


def test_a_word_longer_than_the_room_is_kept_whole() -> None:
    assert wrapped("Donaudampfschiff", size=14, room=40) == ["Donaudampfschiff"]


def test_blocks_stay_at_their_middles_until_they_would_touch() -> None:
    assert settled([(20, 10), (80, 10)], room=100) == [15, 75]
    first, second = settled([(50, 20), (52, 20)], room=100)
    assert second - first == 20 + APART
    assert settled([(98, 20)], room=100) == [80]


def test_names_over_each_other_hang_in_rows_the_rightmost_nearest() -> None:
    blocks = [block("A name", "¥1", size=13, room=300) for _ in range(3)]
    found = hung(blocks, [0.0, 5.0, 10.0], lengths=[5.0, 5.0, 5.0], room=340)
    assert [one.row for one in found] == [2 * LINE, LINE, 0]


def test_only_a_far_name_has_a_line_to_its_place() -> None:
    blocks = [block("A name", "¥1", size=13, room=300) for _ in range(2)]
    far, near = hung(blocks, [0.0, 5.0], lengths=[5.0, 5.0], room=340)
    assert "<line" in far.draw(100, upright=False)
    assert "<line" not in near.draw(100, upright=False)


def test_a_name_at_the_edge_is_shifted_into_the_picture() -> None:
    (one,) = hung([block("A long name", "¥1", size=13, room=300)], [335.0], lengths=[5.0], room=340)
    assert one.left + one.block.width <= 340
