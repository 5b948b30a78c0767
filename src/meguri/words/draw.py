r"""Draws that anybody can recompute: lotteries, even shares, the arms of a trial, the order of a roll-out.

The recipe, for a third party with nothing but SHA-256 (all text is UTF-8, hashes are lower-case hexadecimal):

1. Before applications close, the office publishes `commitment` = SHA-256 of the secret (a text of one line).
2. After they close it publishes the list: every entry on a line of its own, the lines sorted by their bytes,
   each ended by one line feed. `list_hash` = SHA-256 of that file.
3. A public value that nobody could know before (agreed beforehand: such as the closing price of a named day) is noted.
4. The secret is published. Each entry's ticket = SHA-256 of these five lines joined by single line feeds,
   without one at the end:

       meguri-draw-1
       <secret>
       <list_hash>
       <public value>
       <id of the entry>

5. The ranking is the ids in ascending order of their tickets. Nothing else decides.

On a command line: `printf 'meguri-draw-1\n%s\n%s\n%s\n%s' "$secret" "$list_hash" "$value" "$id" | sha256sum`.
The office cannot choose the winners, because it is bound by 1 and 2 before 3 is known; and nobody else can choose
them through 3, because the secret is mixed in. One person entering twice is another matter: the identity check's.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from meguri.words.yen import divide

RECIPE = "meguri-draw-1"
"""Names the recipe above inside every ticket; a changed recipe gets another name."""


@dataclass(frozen=True, slots=True)
class Request:
    """One entry of a list: who asks, for how many units (at least one)."""

    id: str
    units: int


@dataclass(frozen=True, slots=True)
class Award:
    """What an entry got. `rank` counts from 1 and orders the waiting list, too."""

    id: str
    rank: int
    units_asked: int
    units_won: int


@dataclass(frozen=True, slots=True)
class Seed:
    """What decides a draw: the three published texts of the recipe, one line each."""

    secret: str
    list_hash: str
    public_value: str

    def __post_init__(self) -> None:
        for text in (self.secret, self.list_hash, self.public_value):
            _require_one_line(text)


def new_secret() -> str:
    """A fresh secret: 64 hexadecimal digits (256 bits). Kept sealed until the draw."""
    return secrets.token_hex(32)


def commitment(secret: str) -> str:
    """What is published beforehand: SHA-256 of the secret (step 1)."""
    _require_one_line(secret)
    return _sha256(secret)


def published_list(lines: Iterable[str]) -> str:
    """The list as it is published and hashed (step 2): sorted by bytes, one line feed after each line.

    The order in which the entries came does not matter. Raises ValueError for equal lines or line feeds inside.
    """
    entries = list(lines)
    for line in entries:
        _require_one_line(line)
    _require_distinct(entries)
    return "".join(f"{line}\n" for line in sorted(entries, key=str.encode))


def hash_of_list(lines: Iterable[str]) -> str:
    """SHA-256 of the published list."""
    return _sha256(published_list(lines))


def ticket(id_: str, seed: Seed) -> str:
    """One entry's ticket (step 4), so that a resident can recompute just their own."""
    _require_one_line(id_)
    return _sha256(f"{RECIPE}\n{seed.secret}\n{seed.list_hash}\n{seed.public_value}\n{id_}")


def ranking(ids: Iterable[str], *, secret: str, list_hash: str, public_value: str) -> tuple[str, ...]:
    """The ids in drawn order (step 5). Raises ValueError for an id that stands twice or has a line feed inside."""
    seed = Seed(secret=secret, list_hash=list_hash, public_value=public_value)
    entries = list(ids)
    _require_distinct(entries)
    return tuple(sorted(entries, key=lambda id_: ticket(id_, seed)))


def lottery(
    requests: Sequence[Request], *, order: Sequence[str], stock: int, partial: bool = True,
) -> tuple[Award, ...]:
    """Serve the requests in drawn order while stock lasts; all awards in that order, losers with 0 units.

    `partial=True`: the first request that does not fit gets what is left, so all stock is used.
    `partial=False`: it gets nothing and ends the draw (smaller requests behind it would otherwise have had better
    odds than the rules say); what is left waits for the next round.
    Raises ValueError when `order` and `requests` do not name the same entries.
    """
    asked = _asked(requests, order=order, stock=stock)
    awards, left = [], stock
    for rank, id_ in enumerate(order, start=1):
        won = min(asked[id_], left)
        if won < asked[id_] and not partial:
            won, left = 0, 0
        left -= won
        awards.append(Award(id=id_, rank=rank, units_asked=asked[id_], units_won=won))
    return tuple(awards)


def even_share(requests: Sequence[Request], *, order: Sequence[str], stock: int) -> tuple[Award, ...]:
    """Lower everybody's ceiling until all requests fit; units left below the next ceiling go one each, in drawn order.

    So nobody's units differ by more than one from another's who asked for as many, and all usable stock is used.
    Awards come in drawn order. Raises ValueError as `lottery` does.
    """
    asked = _asked(requests, order=order, stock=stock)
    cap = even_cap(asked.values(), stock=stock)
    left = stock - sum(min(units, cap) for units in asked.values())
    awards = []
    for rank, id_ in enumerate(order, start=1):
        extra = 1 if left > 0 and asked[id_] > cap else 0
        left -= extra
        awards.append(Award(id=id_, rank=rank, units_asked=asked[id_], units_won=min(asked[id_], cap) + extra))
    return tuple(awards)


def even_cap(units: Iterable[int], *, stock: int) -> int:
    """The largest ceiling under which all requests fit the stock; the largest request when all fit as asked."""
    left, cap = stock, 0
    asked = sorted(units)
    for index, want in enumerate(asked):
        sharers = len(asked) - index
        if (want - cap) * sharers > left:
            return cap + left // sharers
        left -= (want - cap) * sharers
        cap = want
    return cap


def arms(
    order: Sequence[str], *, weights: Mapping[str, int], strata: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Assign drawn entries to arms in proportion to `weights`, evenly inside each stratum: {id: arm}.

    The strata are lined up by name, inside each the drawn order rules; position after position goes to an arm so that
    the count of every arm at every point of the line differs from its fair share by less than one (the chairman
    assignment of Tijdeman). So totals are the fair share rounded up or down, inside a stratum within two.
    """
    names = list(weights)
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError(f"arms need weights that add up to more than nothing: {dict(weights)}")
    line = sorted(order, key=lambda id_: strata[id_]) if strata else list(order)  # a stable sort keeps the drawn order
    _require_distinct(line)
    taken = dict.fromkeys(names, 0)
    assigned = {}
    for position, id_ in enumerate(line, start=1):
        arm = _next_arm(position, weights=weights, taken=taken, whole=whole)
        taken[arm] += 1
        assigned[id_] = arm
    return assigned


def _next_arm(position: int, *, weights: Mapping[str, int], taken: Mapping[str, int], whole: int) -> str:
    """Among the arms that may already take this position, the one that must take one soonest; ties go to the first."""
    candidates = [arm for arm, weight in weights.items() if weight]
    slack = 2 * len(candidates) - 2  # an arm may run ahead of its fair share by 1 - 1/slack at most
    if slack == 0:
        return candidates[0]
    ready = [arm for arm in candidates if (weights[arm] * position - whole * taken[arm]) * slack >= whole]

    def deadline(arm: str) -> tuple[int, int]:
        """Compared as fractions: the position by which the arm must have one more."""
        return (whole * (slack * (taken[arm] + 1) - 1), weights[arm])

    soonest = ready[0]
    for arm in ready[1:]:
        (top, bottom), (best_top, best_bottom) = deadline(arm), deadline(soonest)
        if top * best_bottom < best_top * bottom:
            soonest = arm
    return soonest


def roll_out(order: Sequence[str], *, waves: int) -> tuple[tuple[str, ...], ...]:
    """Cut the drawn order into `waves` of sizes that differ by at most one (earlier waves larger)."""
    _require_distinct(order)
    sizes = divide(len(order), [1] * waves)
    starts = [sum(sizes[:index]) for index in range(waves)]
    return tuple(tuple(order[start: start + size]) for start, size in zip(starts, sizes, strict=True))


def redraw(
    ids: Sequence[str], *, seed: Seed, accept: Callable[[tuple[str, ...]], bool], attempts_max: int,
) -> tuple[int, tuple[str, ...]]:
    """Re-randomise until a rule fixed beforehand accepts the order (such as balanced arms): (attempt, order).

    Attempt n (from 1) is the ranking with `#n` appended to the public value, so others can repeat the search.
    Raises ValueError when none of `attempts_max` is accepted: the rule is then too strict.
    """
    for attempt in range(1, attempts_max + 1):
        value = f"{seed.public_value}#{attempt}"
        order = ranking(ids, secret=seed.secret, list_hash=seed.list_hash, public_value=value)
        if accept(order):
            return attempt, order
    raise ValueError(f"none of {attempts_max} draws was accepted")


def _asked(requests: Sequence[Request], *, order: Sequence[str], stock: int) -> dict[str, int]:
    asked = {request.id: request.units for request in requests}
    if len(asked) != len(requests) or asked.keys() != set(order) or len(order) != len(asked):
        raise ValueError("requests and order must name the same entries, each once")
    if stock < 0 or any(units < 1 for units in asked.values()):
        raise ValueError("a draw needs a stock of at least nothing and requests for at least one unit")
    return asked


def _require_one_line(text: str) -> None:
    if "\n" in text or "\r" in text or not text:
        raise ValueError(f"one line of text is needed: {text!r}")


def _require_distinct(entries: Sequence[str]) -> None:
    if len(set(entries)) != len(entries):
        raise ValueError("an entry stands twice in the list")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
