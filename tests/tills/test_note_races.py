"""One note scanned a hundred times at once; blocks that race payments. A control shows that the alarm rings."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, connections

from meguri.tills import scans
from meguri.tills.deliveries import Counted
from meguri.tills.operations import refund_payment
from meguri.wallets import booklets
from meguri.wallets.booklets import Blocked
from tests.paper import BOOKLET_YEN, FACE_YEN, NOTES, Paper, found_paper, states

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
T = TypeVar("T")


@pytest.fixture
def sold(transactional_db: None) -> Paper:
    found = found_paper(4)
    found.sell(1, 2)
    return found


def at_once(work: Callable[[int], T], *, times: int) -> list[T]:
    """Run `work(0..times-1)` on eight connections, released together."""
    gate = threading.Barrier(THREADS)

    def share(number: int) -> list[T]:
        gate.wait()
        try:
            return [work(index) for index in range(number, times, THREADS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for part in pool.map(share, range(THREADS)) for answer in part]


def shops(sold: Paper) -> Callable[[int], Counted]:
    """The same note, in turn at both shops, each time in a delivery of its own."""
    code = sold.code(1, 1)
    tills = (sold.town.at_small_shop, sold.town.at_large_shop)
    return lambda index: sold.count([code], by=tills[index % 2])


def counted(answers: list[Counted]) -> int:
    return sum(each.counted_yen for each in answers)


def test_one_note_at_once_everywhere_pays_once(sold: Paper) -> None:
    answers = at_once(shops(sold), times=100)
    assert sorted(state for each in answers for state in states(each)) == ["counted"] + ["note_paid_before"] * 99
    assert counted(answers) == FACE_YEN
    assert sold.takings() + sold.takings(sold.town.large_shop) == FACE_YEN
    assert sold.held(sold.booklet(1)) == BOOKLET_YEN - FACE_YEN


def test_the_alarm_rings_where_a_note_has_no_key_of_its_own(sold: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with a fresh key for every scan the same paper pays again and again."""
    number = itertools.count()
    monkeypatch.setattr(scans, "payment_key", lambda booklet, note, **_: f"{booklet}:{note}:{next(number)}")
    answers = at_once(shops(sold), times=100)
    assert counted(answers) > FACE_YEN


def test_a_note_that_came_back_pays_once_more_at_once_everywhere(sold: Paper) -> None:
    """Its next key follows from the payment that was given back: all tills find the same one."""
    (paid,) = sold.count([sold.code(1, 1)]).verdicts
    assert paid.payment is not None
    refund_payment(by=sold.town.at_small_shop, at=sold.town.at, shop=sold.town.small_shop, payment=paid.payment,
                   reason="返品")  # fmt: skip
    answers = at_once(shops(sold), times=40)
    assert sorted(state for each in answers for state in states(each)) == ["counted"] + ["note_paid_before"] * 39
    assert sold.held(sold.booklet(1)) == BOOKLET_YEN - FACE_YEN


def test_giving_back_and_scanning_at_once_never_pays_twice(sold: Paper) -> None:
    """A shop gives the payment back while both shops scan the note: it is paid once more or not at all."""
    (paid,) = sold.count([sold.code(1, 1)]).verdicts
    payment = paid.payment
    assert payment is not None
    scan = shops(sold)

    def work(index: int) -> Counted | None:
        if index == 3:
            refund_payment(by=sold.town.at_small_shop, at=sold.town.at, shop=sold.town.small_shop, payment=payment,
                           reason="返品")  # fmt: skip
            return None
        return scan(index)

    answers = [each for each in at_once(work, times=40) if each is not None]
    again = sum(state == "counted" for each in answers for state in states(each))
    assert again <= 1
    assert sold.takings() + sold.takings(sold.town.large_shop) == again * FACE_YEN
    assert sold.held(sold.booklet(1)) == BOOKLET_YEN - again * FACE_YEN


def test_one_delivery_sent_many_times_counts_every_note_once(sold: Paper) -> None:
    delivery, codes = uuid4(), sold.codes(1)
    answers = at_once(lambda _: sold.count(codes, delivery=delivery), times=24)
    assert counted(answers) == BOOKLET_YEN
    assert {(each.notes, each.yen) for each in answers} == {(NOTES, BOOKLET_YEN)}
    assert sold.takings() == BOOKLET_YEN


def test_two_piles_that_share_notes_never_wait_for_each_other_crosswise(sold: Paper) -> None:
    codes = [*sold.codes(1), *sold.codes(2)]
    answers = at_once(lambda index: sold.count(codes if index % 2 else codes[::-1]), times=32)
    assert counted(answers) == 2 * BOOKLET_YEN
    assert sold.takings() == 2 * BOOKLET_YEN


def test_a_note_is_paid_or_blocked_and_never_both(sold: Paper) -> None:
    """Payments and blocks of the same notes at once: every note ends as one or the other, and both sides know which."""
    serials = [sold.cover(1).of(note) for note in range(1, NOTES + 1)]

    def work(index: int) -> list[str] | list[Blocked]:
        if index % 2:
            return booklets.block(serials=serials, because="盗難", by=sold.maker, at=sold.town.at)
        return states(sold.count(sold.codes(1)[:: -1 if index % 4 else 1]))

    answers = at_once(work, times=16)
    paid = sum(state == "counted" for each in answers for state in each)
    told = next(each for each in answers if isinstance(each[0], Blocked))
    blocked = sum(isinstance(each, Blocked) and each.paid_by is None for each in told)
    assert paid + blocked == NOTES
    assert sold.takings() == paid * FACE_YEN
    assert sold.held(sold.booklet(1)) == blocked * FACE_YEN


def test_several_processes_scan_one_note_and_it_pays_once(sold: Paper) -> None:
    """Four processes of their own, each with its own connection to this database."""
    dsn = connection.get_connection_params()
    told = {key: str(dsn[key]) for key in ("host", "port", "user", "dbname") if dsn.get(key)}
    program = _program(told, sold)
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = [each.communicate(timeout=120)[0].split() for each in running]
    assert sum(words.count("counted") for words in said) == 1
    assert sum(words.count("note_paid_before") for words in said) == 4 * 25 - 1
    assert sold.takings() == FACE_YEN


def _program(dsn: dict[str, str], sold: Paper) -> str:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    values = {names[key]: value for key, value in dsn.items()}
    town = sold.town
    return f"""
import os, uuid, datetime
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
from django.conf import settings
settings.DATABASES["default"].update({values!r})
settings.VAULT_KEY = {settings.VAULT_KEY!r}
import django
django.setup()
from meguri.ledger.wall import name_municipality
from meguri.tills.deliveries import count_notes
from meguri.words.actor import Actor, ActorRole
name_municipality({town.municipality})
shop = uuid.UUID({str(town.small_shop)!r})
by = Actor({town.municipality}, ActorRole.CLERK, uuid.uuid4(), "", shop)
at = datetime.datetime.fromisoformat({town.at.isoformat()!r})
for _ in range(25):
    made = count_notes(shop=shop, delivery=uuid.uuid4(), notes=[{sold.code(1, 1)!r}], by=by, at=at)
    each = made.verdicts[0]
    print(each.refusal.code if each.refusal else each.state)
"""

