"""The short form of the agreements' drill, with its control."""

from __future__ import annotations

import pytest

from drill import agreements

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", [3, 4])
def test_under_any_agreement_every_fund_and_the_books_say_the_same(seed: int) -> None:
    told = agreements.drilled(seed, agreements=4, grants=100)
    assert told["well"], told["wrong"]
    assert int(str(told["postings"])) > 400


def test_a_yen_that_moves_to_another_funder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the division says one thing, and its account of itself another."""
    divide = agreements.divide_grant

    def slipping(amount: int, shares: list[agreements.ShareState]) -> tuple[list[int], list[agreements.ShareState]]:
        parts, after = divide(amount, shares)
        poor = parts.index(max(parts))
        parts[poor] -= 1
        parts[poor - 1] += 1
        return parts, after

    monkeypatch.setattr(agreements, "divide_grant", slipping)
    assert not agreements.drilled(5, agreements=2, grants=50)["well"]
