"""Two receivers, the giver's withdrawal and the task at once: exactly one wins. A control shows the alarm ringing."""

from __future__ import annotations

from collections import Counter
from functools import partial
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.wallets import checks, gifts
from meguri.wallets.gifts import GiftTaken
from meguri.wallets.models import Gift
from meguri.words.actor import Actor
from meguri.words.ids import named_id
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books
from tests.wallets.giving import Giving, giving

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def race(town: Giving, gift: UUID, receivers: tuple[Actor, ...]) -> list[object]:
    """All at one moment, on connections of their own; what each was answered."""
    until = Gift.objects.get(id=gift).until
    last = until - (until - town.town.at) / 1_000
    takes = [partial(town.take, gift, by=by, at=last) for by in receivers]

    def back() -> str:
        town.take_back(gift, at=last)
        return "back"

    return at_once(*takes, back, lambda: town.overdue(at=until), *takes)


def winners(answers: list[object]) -> Counter[str]:
    """Who got it by these answers: new receipts, the withdrawal, the task."""
    found = Counter[str]()
    for each in answers:
        found["taken"] += isinstance(each, GiftTaken) and not each.replayed
        found["back"] += each == "back"
        found["task"] += each == 1
        assert isinstance(each, GiftTaken | Refusal | int | str), repr(each)
    return +found


def test_whoever_comes_first_has_it_and_nobody_else() -> None:
    town = giving()
    receivers = (town.other, town.newcomer())
    total, outcomes = 12_000, Counter[str]()
    for _ in range(ROUNDS):
        gift = town.give(500)
        won = winners(race(town, gift, receivers))
        row = Gift.objects.get(id=gift)
        assert won["taken"] == (row.taken_by is not None), "one receipt, and only if it was taken"
        assert bool(won["back"] or won["task"]) == (row.taken_by is None)
        assert town.held(gift, AccountRole.HELD) == 0
        outcomes += won
    parts = [town.held(town.town.holder), *(town.held(by.party) for by in receivers if by.party)]
    assert sum(parts) == total
    assert sum(parts[1:]) == 500 * outcomes["taken"]
    assert checks.gifts_hold_what_they_say(town.town.municipality) == []
    prove_committed_books()


def test_the_alarm_rings_without_the_row_s_lock_the_key_and_an_account_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: one pot for all gifts, no key and no waiting for each other. Then one gift is given twice."""
    pot = named_id("one pot for all")
    free = Gift.objects.filter
    monkeypatch.setattr(gifts, "_put_aside", lambda _: Account(pot, AccountRole.HELD))
    closing = gifts._closing
    monkeypatch.setattr(
        gifts, "_closing", lambda *given, **asked: replace(closing(*given, **asked), key=str(uuid4()), once=None)
    )
    monkeypatch.setattr(
        gifts, "_by_digest", lambda digest, *, municipality: free(municipality=municipality, digest=digest).first()
    )
    town = giving()
    receivers = (town.other, town.newcomer())
    for _ in range(ROUNDS):
        town.give(500)  # what the others' gifts put into the pot
    twice = 0
    for _ in range(ROUNDS):
        gift = town.give(500)
        answers = at_once(*[partial(town.take, gift, by=by) for by in receivers])
        twice += winners(answers)["taken"] == 2
    assert twice, "the test sees it when a gift is taken twice"
    assert checks.gifts_hold_what_they_say(town.town.municipality), "and so does the night's check"


def test_the_lock_or_the_key_alone_keeps_a_gift_single(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the three walls stands by itself: here the row is not locked, and the ledger's key decides."""
    free = Gift.objects.filter
    monkeypatch.setattr(
        gifts, "_by_digest", lambda digest, *, municipality: free(municipality=municipality, digest=digest).first()
    )
    town = giving()
    receivers = (town.other, town.newcomer())
    for _ in range(ROUNDS):
        gift = town.give(500)
        answers = at_once(*[partial(town.take, gift, by=by) for by in receivers])
        assert winners(answers)["taken"] == 1
        assert sum(town.held(by.party) for by in receivers if by.party) % 500 == 0


def test_two_halves_of_one_purse_are_never_given_beyond_it() -> None:
    """Many codes at once out of one purse: as many as it holds, and no more."""
    town = giving()
    works = [lambda: town.give(2_500) for _ in range(8)]
    answers = at_once(*works)
    made = [each for each in answers if isinstance(each, UUID)]
    refused = [each.kind.code for each in answers if isinstance(each, Refusal)]
    assert (len(made), refused) == (4, ["insufficient"] * 4)
    assert town.held(town.town.holder) == 2_000, "the points are another purse"
    assert {town.held(gift, AccountRole.HELD) for gift in made} == {2_500}


def test_guesses_at_once_are_all_counted() -> None:
    town = giving()
    wrong = "2345-6789-ABCD-EFGH"
    answers = at_once(*[lambda: gifts.look(code=wrong, by=town.other, at=town.town.at) for _ in range(16)])
    codes = Counter(each.kind.code for each in answers if isinstance(each, Refusal))
    assert codes == {"gift_code_unknown": 10, "gift_too_many_tries": 6}
