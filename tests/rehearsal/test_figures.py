"""Every number says where it comes from."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from meguri.rehearsal import figures, streets

ORIGIN = re.compile(r"\b(source|memory|guess)\b")


def unsourced(text: str) -> list[str]:
    """Names of constants that are not followed by a string which says source, memory or guess."""
    body = ast.parse(text).body
    found = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and str(after.value.value)
            if not (said and ORIGIN.search(said)):
                found.append(node.target.id)
    return found


def test_every_figure_names_its_origin() -> None:
    assert unsourced(Path(figures.__file__).read_text(encoding="utf-8")) == []


def test_the_search_for_figures_without_origin_finds_one() -> None:
    assert unsourced('A: Final = 1\n"""guess."""\nB: Final = 2\nC: Final = 3\n"""nothing said."""\n') == ["B", "C"]


def test_the_table_of_trades_names_the_origin_of_each_column() -> None:
    text = (Path(figures.__file__).parent / "data" / "trades.toml").read_text(encoding="utf-8")
    head = text[: text.index("[supermarket]")]
    for column in ("shops", "yen", "ticket", "large", "opens"):
        described = head[head.index(f"# {column}") :].split("\n# ")
        assert any(ORIGIN.search(part) for part in described[:4]), column


def test_shares_of_trades_are_whole() -> None:
    table = streets.trades().values()
    assert sum(trade.shops for trade in table) == 100
    assert 95 <= sum(trade.yen for trade in table) <= 100


def test_groups_of_shops_are_those_of_the_source() -> None:
    groups: dict[str, float] = {}
    for trade in streets.trades().values():
        groups[trade.group] = groups.get(trade.group, 0) + trade.shops
    assert groups == {"retail": 52, "food": 21, "service": 16, "construction": 7, "other": 4}
