"""What may be held at once, where a gift is taken and points are granted at one instant: never more. And a control."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes.points.operations import granting
from meguri.wallets import gifts, queries
from meguri.wallets.gift_codes import code_of
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor
from tests.programmes.points.conftest import NOW, Menu, menu
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 15


@pytest.fixture
def points(transactional_db: None) -> Menu:
    """A ride brings 10 points, a gift is of 10, and nobody may hold more than 15."""
    return menu(limits__balance_max_yen=MOST, gifts={"days": 7, "step_yen": 1, "most_yen": 100})


@pytest.fixture(autouse=True)
def busy_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading what is held and posting, others get their turn."""
    read, room = granting.left_of, gifts.rules.require_room

    def slowly(*args: object, **more: object) -> object:
        left = read(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.2)
        return left

    def slowly_judged(*args: object, **more: object) -> None:
        room(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.2)

    monkeypatch.setattr(granting, "left_of", slowly)
    monkeypatch.setattr(gifts.rules, "require_room", slowly_judged)


def newcomer(points: Menu) -> Actor:
    person = points.town.person()
    assert person.party is not None
    open_wallet(person.party, by=points.town.system, at=NOW)
    return person


def held(person: Actor) -> int:
    assert person.party is not None
    found = books.balances([person.party], AccountRole.WALLET, municipality=person.municipality)
    return sum(each.amount for each in found)


def given(points: Menu) -> UUID:
    """A gift of ten points by somebody else."""
    giver = newcomer(points)
    assert giver.party is not None
    points.ride(giver)
    view = queries.wallet(giver.party, municipality=giver.municipality, at=NOW)
    assert view is not None
    (purse,) = view.purses
    return gifts.give(
        by=giver, at=NOW, holder=giver.party, purse_kind=purse.kind.id, expires_at=purse.expires_at, amount_yen=10,
        request=str(uuid4()),
    )  # fmt: skip


def ridden_and_taken(points: Menu, *, gifts_taken: int = 1) -> int:
    """One person rides and takes gifts at one instant; gives what they hold then."""
    person = newcomer(points)
    codes = [code_of(given(points), person.municipality) for _ in range(gifts_taken)]
    takes = [lambda code=code: gifts.take(code=code, by=person, at=NOW) for code in codes]
    at_once(lambda: points.ride(person), *takes)
    return held(person)


def test_a_gift_and_a_grant_at_one_instant_never_pass_what_may_be_held(points: Menu) -> None:
    found = [ridden_and_taken(points, gifts_taken=1 + turn % 2) for turn in range(6)]
    assert all(10 <= each <= MOST for each in found), found
    prove_committed_books()


def test_the_alarm_rings_without_the_lock(points: Menu, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both read what is held before the other has posted."""
    monkeypatch.setattr(programmes, "wait_for_holding", lambda _: None)
    assert max(ridden_and_taken(points) for _ in range(3)) == 20


def test_many_grants_of_one_batch_and_gifts_crosswise_do_not_wait_for_each_other(points: Menu) -> None:
    """Two batches name the same holdings in opposite orders: one lock order for all."""
    holdings = [(uuid4(), uuid4()) for _ in range(40)]

    def hold(order: list[tuple[UUID, UUID]]) -> str:
        with transaction.atomic():
            programmes.wait_for_holding(order)
            time.sleep(0.05)
        return "done"

    answers = at_once(*[lambda turn=turn: hold(holdings[::turn]) for turn in (1, -1, 1, -1)])
    assert answers == ["done"] * 4


def test_who_may_hold_no_more_waits_for_nobody_else(points: Menu) -> None:
    """Another person's grant does not wait."""
    one, other = newcomer(points), newcomer(points)
    assert one.party is not None

    def ride() -> float:
        begun = time.monotonic()
        points.ride(other)
        return time.monotonic() - begun

    with transaction.atomic():
        programmes.wait_for_holding([(points.made.programme, one.party)])
        (took,) = at_once(ride)
    assert isinstance(took, float)
    assert took < 5
