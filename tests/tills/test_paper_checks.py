"""The nightly checks of paper: silent over an honest life, and each rings when its own truth is broken."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection

from meguri.tills import checks as tills
from meguri.tills.models import Delivery
from meguri.tills.operations import refund_payment
from meguri.wallets import booklets
from meguri.wallets import checks as wallets
from meguri.wallets.models import Booklet, NoteBlock
from tests.paper import Paper, found_paper


@pytest.fixture
def lived(db: None) -> Paper:
    """Notes paid, sent twice, given back, blocked; a booklet replaced by another, and one by a wallet."""
    paper = found_paper()
    paper.sell(1, 2, 3)
    delivery = uuid4()
    for _ in range(2):
        paper.count(paper.codes(1, [1, 2, 9]), delivery=delivery)
    (paid,) = paper.count(paper.codes(2, [1])).verdicts
    assert paid.payment
    refund_payment(by=paper.town.at_small_shop, at=paper.town.at, shop=paper.town.small_shop, payment=paid.payment,
                   reason="x")  # fmt: skip
    booklets.block(serials=[paper.cover(3).of(2), paper.cover(9)], because="紛失", by=paper.maker, at=paper.town.at)
    wanted = {"because": "紛失", "by": paper.checker, "at": paper.town.at}
    booklets.replace(booklet=paper.cover(1), onto=paper.cover(4), **wanted)  # type: ignore[arg-type]
    booklets.replace(booklet=paper.cover(2), holder=paper.town.holder, **wanted)  # type: ignore[arg-type]
    paper.count(paper.codes(4))
    return paper


def faults(paper: Paper) -> list[str]:
    number = paper.municipality
    return [
        *wallets.blocked_notes_can_never_pay(number), *wallets.booklets_hold_all_notes(number),
        *tills.deliveries_are_what_was_paid(number),
    ]


def test_an_honest_life_has_no_faults(lived: Paper) -> None:
    assert faults(lived) == []


def test_a_block_that_blocks_nothing_is_found(lived: Paper) -> None:
    NoteBlock.objects.create(
        id=uuid4(), municipality=lived.municipality, booklet_id=lived.booklet(3), note=5, blocked_at=lived.town.at,
        because="x",
    )
    (said,) = faults(lived)
    assert "note 5 of booklet" in said
    assert "can still be paid" in said


def test_a_paid_note_that_is_called_blocked_is_found(lived: Paper) -> None:
    NoteBlock.objects.create(
        id=uuid4(), municipality=lived.municipality, booklet_id=lived.booklet(1), note=1, blocked_at=lived.town.at,
        because="x",
    )
    assert "was paid" in faults(lived)[0]


def test_a_booklet_with_another_filling_is_found(lived: Paper) -> None:
    row = Booklet.objects.get(id=lived.booklet(3))
    row.filled[0]["parts"][0][1] += 1
    row.save()
    (said,) = faults(lived)
    assert "filled with 12001 yen, its notes are worth 12000" in said


@pytest.mark.parametrize("change", ["notes = notes + 1, yen = yen + 1", "yen = yen + 1", "notes = 0, yen = 0"])
def test_a_delivery_that_says_another_sum_is_found(lived: Paper, change: str) -> None:
    row = Delivery.objects.filter(municipality=lived.municipality, notes=3).first()
    assert row is not None
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE tills_delivery SET {change} WHERE id = %s", [row.id])
    (said,) = faults(lived)
    assert "in the books 3 payments, 3000 yen" in said
