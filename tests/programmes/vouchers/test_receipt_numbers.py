"""A receipt number is read off a letter and typed at the counter, with whatever the keyboard has for its hyphens."""

from __future__ import annotations

from uuid import uuid4

import pytest

from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.queries import application_by_number
from meguri.words.typed import without_gaps
from tests.programmes.vouchers.conftest import Fair


@pytest.mark.parametrize("hyphen", ["-", "ー", "－", "−", "—", "", " "])
def test_a_receipt_number_is_found_however_it_is_typed(small: Fair, hyphen: str) -> None:
    applied = small.apply(small.town.person())
    typed = applied.number.replace("-", hyphen).lower()
    found = application_by_number(typed, sale=small.sale, municipality=small.town.municipality)
    assert found is not None
    assert found.id == applied.application
    assert application_by_number(f"{typed}X", sale=small.sale, municipality=small.town.municipality) is None
    assert application_by_number(typed, sale=uuid4(), municipality=small.town.municipality) is None


def test_a_number_that_was_grouped_reads_as_it_was_made() -> None:
    made = rules.receipt_number(123_456_789)
    assert rules.grouped(without_gaps(made)) == made
