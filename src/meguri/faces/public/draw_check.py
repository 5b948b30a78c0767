"""抽選を計算し直す / Compute a draw anew, from the published files alone, without the town's program.

    python3 draw_check.py draw.json list.txt [受付番号 / receipt number]

The same for a draw that decides conditions: its arms.json in place of draw.json, and one's own name in that list.
Needs Python 3 and nothing else. Says each step it checked; ends with 0 when all agree and with 1 at the first that
does not. It shares no code with the program that made the draw.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

Facts = dict[str, Any]


class DoesNotAgreeError(Exception):
    """What was found, in both languages."""


def main(arguments: list[str]) -> int:
    """Gives the exit code."""
    if len(arguments) not in (2, 3):
        say(__doc__)
        return 2
    try:
        published, listed = _read(arguments[0], arguments[1])
        if "arms" in published:
            drawn = check_arms(published, listed)
            lines = [drawn_into(drawn, name) for name in arguments[2:]]
        else:
            ranked = check(published, listed)
            lines = [mine(ranked, number) for number in arguments[2:]]
    except DoesNotAgreeError as found:
        say(f"✗ {found}")
        return 1
    for line in lines:
        say(line)
    return 0


def check(published: Facts, listed: bytes) -> list[tuple[str, int, int]]:
    """The drawn order as (receipt number, units asked, units won). Raises DoesNotAgreeError at the first wrong step."""
    _promised(published, listed)
    asked = {number: int(units) for number, units in (line.split(" ") for line in listed.decode().splitlines())}
    order = sorted(asked, key=lambda number: _ticket(published, number))
    won = SHARES[published["allocation"]]([asked[number] for number in order], published["units"])
    _same(order, [number for _, number, _ in published["results"]], ja="順位", en="order")
    _same(won, [units for _, _, units in published["results"]], ja="当せん口数", en="units won")
    served = [(number, asked[number], won[place]) for place, number in enumerate(order)]
    rows = "".join(f"{rank} {number} {units}\n" for rank, (number, _, units) in enumerate(served, start=1))
    _same(_hash(rows.encode()), published["results_digest"], ja="結果", en="results")
    say(f"✓ {len(order)}件、{sum(won)}口。公表のとおりです。 / {len(order)} entries, {sum(won)} units: all agree.")
    return served


def check_arms(published: Facts, listed: bytes) -> dict[str, str]:
    """The arm of everybody in the list, in drawn order. Raises DoesNotAgreeError at the first wrong step."""
    _promised(published, listed)
    strata = {name: stratum for name, _, stratum in (line.partition(" ") for line in listed.decode().splitlines())}
    order = sorted(strata, key=lambda name: _ticket(published, name))
    shares = {arm: Fraction(share, 10_000) for arm, share in published["arms"]}
    arms = dict(zip(sorted(order, key=lambda name: strata[name]), _line_up(shares, len(order)), strict=True))
    _same(order, [name for _, name, _ in published["results"]], ja="順位", en="order")
    _same([arms[name] for name in order], [arm for _, _, arm in published["results"]], ja="群", en="arms")
    rows = "".join(f"{rank} {name} {arms[name]}\n" for rank, name in enumerate(order, start=1))
    _same(_hash(rows.encode()), published["results_digest"], ja="結果", en="results")
    say(f"✓ {len(order)}件。公表のとおりです。 / {len(order)} entries: all agree.")
    return {name: arms[name] for name in order}


def _line_up(shares: dict[str, Fraction], places: int) -> list[str]:
    """An arm for each place of the line, so that at every place no arm is one whole person off its share.

    Among the arms that would not run ahead too far, the one that must come soonest; of equals the first.
    """
    ahead = Fraction(1, max(2 * len(shares) - 2, 1))
    taken, line = dict.fromkeys(shares, 0), []
    for place in range(1, places + 1):
        ready = [arm for arm in shares if len(shares) == 1 or shares[arm] * place - taken[arm] >= ahead]
        line.append(min(ready, key=lambda arm: (taken[arm] + 1 - ahead) / shares[arm]))
        taken[line[-1]] += 1
    return line


def drawn_into(arms: dict[str, str], name: str) -> str:
    """One's own line of a draw that decides conditions."""
    found = arms.get(name.strip().lower())
    return f"  {name}: {found}" if found else f"  {name}: 名簿にありません / not in the list"


def mine(ranked: list[tuple[str, int, int]], number: str) -> str:
    """One's own line of the result."""
    for rank, (each, asked, won) in enumerate(ranked, start=1):
        if each == number.strip().upper():
            return f"  {each}: {rank}番目、{asked}口のうち{won}口 / place {rank}, {won} of {asked} units"
    return f"  {number}: 名簿にありません / not in the list"


def _lottery(asked: list[int], units: int) -> list[int]:
    """In drawn order while units last; the last to win gets what is left."""
    won = []
    for each in asked:
        won.append(min(each, units))
        units -= won[-1]
    return won


def _even_share(asked: list[int], units: int) -> list[int]:
    """Round after round one unit for everybody who still wants one, in drawn order, until none is left."""
    won = [0] * len(asked)
    while units and won != asked:
        for place, each in enumerate(asked):
            if units and won[place] < each:
                won[place] += 1
                units -= 1
    return won


SHARES = {"lottery": _lottery, "even_share": _even_share}


def _promised(published: Facts, listed: bytes) -> None:
    """What was bound before the draw: the recipe, the secret, the list."""
    _same(published["recipe"], "meguri-draw-1", ja="計算のしかたの名前", en="name of the recipe")
    _same(_hash(published["secret"].encode()), published["commitment"], ja="先に公表した約束", en="commitment")
    _same(_hash(listed), published["list_hash"], ja="名簿", en="list")


def _ticket(published: Facts, number: str) -> str:
    lines = [published["recipe"], published["secret"], published["list_hash"], published["public_value"], number]
    return _hash("\n".join(lines).encode())


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def _same(computed: object, told: object, *, ja: str, en: str) -> None:
    if computed != told:
        raise DoesNotAgreeError(f"{ja}が公表と違います / the {en} differs from what was published")
    say(f"✓ {ja} / {en}")


def say(line: str | None) -> None:
    sys.stdout.write(f"{line}\n")


def _read(facts: str, listed: str) -> tuple[Facts, bytes]:
    published: Facts = json.loads(Path(facts).read_text(encoding="utf-8"))
    if not published["secret"]:
        raise DoesNotAgreeError("まだ抽選されていません / not drawn yet")
    return published, Path(listed).read_bytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
