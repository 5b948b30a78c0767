"""Tables that hold money, and the names of their constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MONEY = ("_yen", "yen", "amount")
"""How a column that holds money is called, or how its name ends."""

VERBS = frozenset(
    re.findall(r"\w+", """
    is are has have never cannot must may stays stay keeps keep adds add equals equal covers cover moves move comes come
    needs need holds hold lies lie belongs belong follows follow exceeds exceed ends end begins begin names name goes go
    leaves leave carries carry gives give counts count says say takes take fits fit starts start falls fall
    """)
)
"""What makes a name a sentence."""


def reads_as_sentence(name: str) -> bool:
    """`balance_never_goes_below_zero` does, with spaces too; `chk_amount_1` and `amount_check` do not."""
    words = re.split("[ _]", name)
    return len(words) >= 3 and any(word in VERBS for word in words) and all(word.isalpha() for word in words)


def holds_money(columns: Iterable[str]) -> list[str]:
    """Those of the integer columns whose names say money."""
    return [column for column in columns if column in MONEY or column.endswith("_yen")]


def silent_tables(columns: Mapping[str, Iterable[str]], constraints: Mapping[str, Iterable[str]]) -> list[str]:
    """Tables with a money column and no check constraint that reads as a sentence."""
    return [
        f"{table} holds {', '.join(money)}; its constraints are {sorted(constraints.get(table, ())) or 'none'}"
        for table, names in sorted(columns.items())
        if (money := holds_money(names)) and not any(map(reads_as_sentence, constraints.get(table, ())))
    ]
