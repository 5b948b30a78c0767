"""Everybody who waits at one moment is served together, and each gets the own answer at the own place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from meguri.ledger.rules import KEY_LENGTH_MAX
from meguri.parties import operations as parties
from meguri.tills import codes, operations
from meguri.tills.knowledge import Knowledge
from meguri.tills.paying import _Books, _Desk
from meguri.tills.rules import Asked, Payment
from meguri.wallets import operations as wallets
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town
from tests.walled import opening_as_program


class Desk(_Desk, _Books):
    """Both steps of paying in the test's own thread."""

    def __init__(self) -> None:
        knowledge = Knowledge()
        _Desk.__init__(self, knowledge)
        _Books.__init__(self, knowledge)

    def pay(self, batch: list[Asked]) -> list[Payment | Exception]:
        prepared = self.prepare(batch)
        paid = iter(self.serve([each for each in prepared if not isinstance(each, Exception)]))
        return [each if isinstance(each, Exception) else next(paid) for each in prepared]


@pytest.fixture
def desk() -> Iterator[Desk]:
    served = Desk()
    yield served
    served.close()


def tap(town: Town, yen: int = 10, **other: object) -> Asked:
    asked = operations.ask_at_shop(
        by=town.resident, at=town.at, holder=town.holder, shop=town.small_shop, amount_yen=yen, request=str(uuid4())
    )
    return replace(asked, **other)  # type: ignore[arg-type]


def told(answers: list[Payment | Exception]) -> list[object]:
    """Yen of a payment, the code of a refusal, the kind of any other error."""
    codes_said = [answer.code if isinstance(answer, Refusal) else type(answer) for answer in answers]
    return [
        answer.amount_yen if isinstance(answer, Payment) else said
        for answer, said in zip(answers, codes_said, strict=True)
    ]


def test_a_mixed_batch_of_two_towns_is_answered_place_by_place(town: Town, desk: Desk) -> None:
    neighbour = found_town()
    for one in (town, neighbour):
        one.give("points", 100)
    code, _ = operations.mint_holder_code(by=town.resident, at=town.at, holder=town.holder)
    stopped = town.actor(ActorRole.RESIDENT, party=town.other)
    wallets.report_lost_phone(town.other, by=stopped, at=town.at)
    read = replace(tap(town, 7), holder=None, code_digest=code.digest)
    foreign = replace(read, municipality=neighbour.municipality, shop=neighbour.small_shop, request="f")
    batch = [
        tap(town, 11), tap(neighbour, 22), tap(town, 90_000), tap(town, shop=uuid4()), tap(town, holder=uuid4()),
        tap(town, holder=town.other), read, replace(read, request="again"), foreign,
        replace(read, code_digest=codes.new_holder_code().digest), tap(town, request="x" * KEY_LENGTH_MAX),
        tap(neighbour, 33),
    ]
    assert told(desk.pay(batch)) == [
        11, 22, "payment_short", "shop_not_registered", "wallet_unknown", "wallet_suspended", 7, "code_used_here",
        "code_unknown", "code_unknown", "text_unusable", 33,
    ]
    assert desk.pay([]) == []


def test_one_request_twice_in_a_batch_is_one_payment(town: Town, desk: Desk) -> None:
    town.give("points", 100)
    sale = tap(town, 60)
    first, second, other = desk.pay([sale, sale, replace(sale, amount_yen=61)])
    assert isinstance(first, Payment)
    assert isinstance(second, Payment)
    assert (first.id, first.repeated, second.repeated) == (second.id, False, True)
    assert told([other]) == ["key_reused"]


def test_a_batch_pays_in_its_order_until_the_purse_is_empty(town: Town, desk: Desk) -> None:
    town.give("points", 100)
    assert told(desk.pay([tap(town, 60), tap(town, 60), tap(town, 40), tap(town, 1)])) == [
        60, "payment_short", 40, "payment_short"
    ]


def test_what_was_paid_is_found_again_though_everything_has_changed(town: Town, desk: Desk) -> None:
    """Code run out, wallet stopped, shop closed: whoever did not hear the answer still gets it, with its purses."""
    town.give("points", 100)
    code, _ = operations.mint_holder_code(by=town.resident, at=town.at, holder=town.holder)
    sale = replace(tap(town, 30), holder=None, code_digest=code.digest)
    (made,) = desk.pay([sale])
    wallets.report_lost_phone(town.holder, by=town.resident, at=town.at)
    parties.set_shop_status(town.small_shop, "closed", by=town.actor(ActorRole.OPERATOR))
    late = replace(sale, at=sale.at + timedelta(days=2))
    again, fresh = desk.pay([late, replace(late, request="another")])
    assert isinstance(made, Payment)
    assert again == replace(made, repeated=True)
    assert told([fresh]) == ["code_used_here"]


def test_a_request_repeated_while_it_is_still_being_posted_is_found_though_its_code_has_run_out(
    town: Town, desk: Desk
) -> None:
    """The next batch is looked at while the one before is on its way to the books."""
    town.give("points", 100)
    code, _ = operations.mint_holder_code(by=town.resident, at=town.at, holder=town.holder)
    sale = replace(tap(town, 30), holder=None, code_digest=code.digest)
    late = replace(sale, at=sale.at + timedelta(days=2))
    first, again, fresh = (desk.prepare([each])[0] for each in (sale, late, replace(late, request="another")))
    assert not isinstance(first, Exception)
    assert not isinstance(again, Exception)
    assert not isinstance(fresh, Exception)
    (made,) = desk.serve([first])
    assert isinstance(made, Payment)
    repeated, refused = desk.serve([again, fresh])
    assert repeated == replace(made, repeated=True)
    assert told([refused]) == ["code_used_here"]


def test_what_is_asked_of_one_town_while_posting_leaves_the_next_batch_its_own(town: Town) -> None:
    """Whoever was paid before is asked about on the same connection, and that names another town."""
    neighbour = found_town()
    for each in (town, neighbour):
        each.give("points", 100)
    first = [tap(town), tap(neighbour)]
    with opening_as_program():
        desk = Desk()
        assert told(desk.pay(first)) == [10, 10]
        for again in first:
            assert told(desk.pay([again, tap(town), tap(neighbour)])) == [10, 10, 10]
            assert told(desk.pay([tap(town)])) == [10]
            assert told(desk.pay([again, tap(town), tap(neighbour)])) == [10, 10, 10]
            assert told(desk.pay([tap(neighbour)])) == [10]
        desk.close()


def test_paying_on_an_event_loop_is_the_same_paying(town: Town) -> None:
    town.give("points", 100)

    async def together() -> list[Payment | BaseException]:
        wishes = (operations.pay_soon(tap(town, yen)) for yen in (30, 80, 50))
        return list(await asyncio.gather(*wishes, return_exceptions=True))

    paid = asyncio.run(together())
    assert sum(one.amount_yen for one in paid if isinstance(one, Payment)) == 80, "80 alone, or 30 and 50"
    assert {one.code for one in paid if isinstance(one, Refusal)} == {"payment_short"}
