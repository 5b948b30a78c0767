"""A donation undone and passed on at once, and one purse donated many times at once. A control rings the alarm."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet
from msgspec.structs import replace

from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.wallets import checks, donations
from meguri.wallets.models import Donation
from meguri.words.ids import named_id
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books
from tests.wallets.donating import Donating, donating

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def race(town: Donating, donation: UUID) -> list[object]:
    """The giver changes their mind in the last moment while the task passes it on."""
    until = Donation.objects.get(id=donation).until
    last = until - (until - town.town.at) / 1_000

    def undo() -> str:
        town.undo(donation, at=last)
        return "undone"

    return at_once(undo, lambda: town.pass_on(at=until), undo, lambda: town.pass_on(at=until))


def test_a_donation_is_undone_or_arrives_and_never_both() -> None:
    town = donating()
    arrived = 0
    for _ in range(ROUNDS):
        made = town.donate(100)
        answers = race(town, made)
        assert all(isinstance(each, Refusal | int | str) for each in answers), answers
        town.pass_on(at=Donation.objects.get(id=made).until)
        row = Donation.objects.get(id=made)
        assert (row.outcome == "undone") == ("undone" in answers)
        arrived += 100 * (row.outcome == "passed")
    assert town.held(town.receiver, AccountRole.PAYABLE) == arrived
    assert town.held(town.town.holder) == 12_000 - arrived
    assert checks.donations_hold_what_they_say(town.town.municipality) == []
    prove_committed_books()


def test_the_alarm_rings_without_the_lock_the_key_and_an_account_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one pot for all, no key, no waiting for each other. Then one donation is undone and arrives."""
    pot, closing = named_id("one pot for all donations"), donations._closing
    monkeypatch.setattr(donations, "_put_aside", lambda _: Account(pot, AccountRole.HELD))
    monkeypatch.setattr(
        donations, "_closing", lambda *given, **asked: replace(closing(*given, **asked), key=str(uuid4()), once=None)
    )
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    town = donating()
    for _ in range(ROUNDS):
        town.donate(100)  # what the others' donations put into the pot
    assert checks.donations_hold_what_they_say(town.town.municipality), "the night's check sees the pot"
    both = 0
    for _ in range(ROUNDS):
        made = town.donate(100)
        before = town.held(town.town.holder), town.held(town.receiver, AccountRole.PAYABLE)
        race(town, made)
        after = town.held(town.town.holder), town.held(town.receiver, AccountRole.PAYABLE)
        both += after[0] - before[0] + after[1] - before[1] > 100
    assert both, "the test sees it when a donation goes two ways"


def test_one_purse_is_never_donated_beyond_what_it_holds() -> None:
    town = donating()
    answers = at_once(*[partial(town.donate, 500) for _ in range(6)])
    made = [each for each in answers if isinstance(each, UUID)]
    refused = [each.kind.code for each in answers if isinstance(each, Refusal)]
    assert (len(made), refused) == (4, ["insufficient"] * 2)
    assert town.held(town.town.holder) == 10_000, "the paid part is untouched"
