"""Many at once on a real server. Each race is run twice: with the lock broken it must be seen, then with the lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from drill.unlocked import rewrite, without_lock, without_lock_and_wall
from msgspec.structs import replace

from meguri.ledger import audit, operations, poster, queries
from meguri.ledger.rules import Leg, Limit, Posting, Verdict
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def town(transactional_db: None) -> Books:
    return open_books()


def at_once(work: Callable[[int], object], *, times: int) -> list[object]:
    """Run `work(0..times-1)` on eight connections, released together."""
    gate = threading.Barrier(THREADS)

    def share(number: int) -> list[object]:
        gate.wait()
        try:
            return [work(index) for index in range(number, times, THREADS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return [answer for part in pool.map(share, range(THREADS)) for answer in part]


def attempt(posting: Posting, *, municipality: int) -> Verdict | Refusal:
    return operations.post_batch([posting], municipality=municipality)[0]


def grants(town: Books, *, amount: int, limits: tuple[Limit, ...] = ()) -> Callable[[int], object]:
    leg = town.leg("fund", "wallet", amount, lots=(town.own_lot,), credit_lot=town.lot, limits=limits)
    return lambda _: attempt(town.posting("grant_points", leg), municipality=town.municipality)


def made(answers: list[object]) -> int:
    return sum(isinstance(answer, Verdict) for answer in answers)


@pytest.fixture
def no_lock() -> Iterator[None]:
    with without_lock():
        yield


@pytest.fixture
def no_guard(town: Books) -> Iterator[None]:
    with without_lock_and_wall(town.municipality):
        yield


def test_the_alarm_rings_when_lock_and_place_are_broken(town: Books, no_guard: None) -> None:
    """The control: without them a budget for ten grants pays for more."""
    town.appropriate(1000)
    assert made(at_once(grants(town, amount=100), times=80)) > 10


def test_without_the_lock_the_place_still_saves_the_budget(town: Books, no_lock: None) -> None:
    """Whoever reads too early does not find the balance where it lay, and writes nothing."""
    town.appropriate(1000)
    try:
        answers = at_once(grants(town, amount=100), times=80)
    except OperationalError:  # the door gives up after ten tries: no money has moved
        answers = []
    assert made(answers) <= 10
    assert 0 <= town.holds(town.fund, "fund") <= 1000


def test_a_budget_is_never_overspent(town: Books) -> None:
    town.appropriate(1000)
    assert made(at_once(grants(town, amount=100), times=80)) == 10
    assert town.holds(town.fund, "fund") == 0


def test_a_ceiling_opened_by_many_at_once_opens_once(town: Books) -> None:
    ceiling = operations.allowance_lot(municipality=town.municipality, allowed=uuid4(), unit="yen", opening=300)
    limit = Limit(town.account(town.holder, "allowance"), ceiling)
    town.appropriate(100_000)
    assert made(at_once(grants(town, amount=100, limits=(limit,)), times=80)) == 3
    assert queries.balance(limit.account, lot=ceiling, municipality=town.municipality) == 0


def test_a_hundred_duplicates_post_once(town: Books) -> None:
    town.appropriate(1000)
    leg = town.leg("fund", "wallet", 100, lots=(town.own_lot,), credit_lot=town.lot)
    request = town.posting("grant_points", leg, key="grant:once")
    answers = at_once(lambda _: attempt(request, municipality=town.municipality), times=100)
    assert made(answers) == 100
    assert len({answer.posting for answer in answers if isinstance(answer, Verdict)}) == 1
    assert sum(isinstance(answer, Verdict) and not answer.replayed for answer in answers) == 1
    assert town.holds(town.holder, "wallet") == 100


def test_money_going_round_in_circles_stays_the_same(town: Books) -> None:
    """Transfers in both directions at once: opposite lock orders would deadlock, a lost update would make money."""
    other = uuid4()
    operations.open_accounts([town.account(other, "wallet")], municipality=town.municipality)
    town.appropriate(10_000)
    town.grant(10_000)

    def pass_on(index: int) -> object:
        ends = (town.holder, other) if index % 2 else (other, town.holder)
        debit, credit = (town.account(end, "wallet") for end in ends)
        leg = type(town.leg("wallet", "shop", 1))(debit, credit, 1 + index % 7, (town.lot,))
        return attempt(town.posting("transfer", leg), municipality=town.municipality)

    at_once(pass_on, times=400)
    assert town.holds(town.holder, "wallet") + town.holds(other, "wallet") == 10_000


def test_the_poster_judges_each_alone(town: Books) -> None:
    town.appropriate(1000)
    leg = town.leg("fund", "wallet", 100, lots=(town.own_lot,), credit_lot=town.lot)
    own = poster.Poster()
    outcomes = own.post([town.posting("grant_points", leg) for _ in range(25)], municipality=town.municipality)
    own.close()
    assert [isinstance(outcome, Refusal) for outcome in outcomes] == [False] * 10 + [True] * 15
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Refusal)} == {"insufficient"}
    assert town.holds(town.holder, "wallet") == 1000


def test_the_poster_posts_again_after_a_lost_connection(town: Books) -> None:
    """Its connection is cut from the server's side; the same batch is posted once, by its key."""
    town.appropriate(1000)
    own = poster.Poster()
    leg = town.leg("fund", "wallet", 100, lots=(town.own_lot,), credit_lot=town.lot)

    def replayed(key: str) -> bool:
        (answer,) = own.post([town.posting("grant_points", leg, key=key)], municipality=town.municipality)
        assert not isinstance(answer, Refusal)
        return answer.replayed

    assert not replayed("one")
    assert own._connection is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [own._connection.info.backend_pid])
    assert not replayed("two")
    assert replayed("one")
    assert town.holds(town.holder, "wallet") == 200
    own.close()


def test_the_auditor_proves_the_committed_books(town: Books) -> None:
    town.appropriate(1000)
    town.grant(10)
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")}
    with psycopg.connect(**parameters) as own:
        proofs = list(audit.prove(own))
    assert [proof.claim.name for proof in proofs if not proof.holds] == []
    assert {proof.claim.name: proof.looked_at for proof in proofs}["whole"] > 0


def test_one_key_by_different_payers_is_one_posting(town: Books) -> None:
    """They share no balance, so no row lock meets; only the key's unique index tells them apart."""
    town.appropriate(100_000)
    payers = [uuid4() for _ in range(THREADS)]
    shops = [uuid4() for _ in range(THREADS)]
    ends = [town.account(payer, "wallet") for payer in payers] + [town.account(shop, "shop") for shop in shops]
    operations.open_accounts(ends, municipality=town.municipality)
    for payer in payers:
        leg = Leg(town.account(town.fund, "fund"), town.account(payer, "wallet"), 1_000, (town.own_lot,), town.lot)
        town.post("grant_points", leg)

    def pay(index: int) -> object:
        who, key = index % THREADS, f"shared:{index // THREADS}"
        leg = Leg(town.account(payers[who], "wallet"), town.account(shops[who], "shop"), 10, (town.lot,))
        return attempt(town.posting("pay", leg, key=key), municipality=town.municipality)

    answers = at_once(pay, times=THREADS * 20)
    assert made(answers) == 20
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"key_reused"}
    assert sum(town.holds(payer, "wallet") for payer in payers) == THREADS * 1_000 - 200


def test_batches_that_cross_wait_for_each_other_and_both_end(town: Books) -> None:
    """Each thread pays its way through the same keys and wallets in an order of its own; nothing is posted twice."""
    town.appropriate(100_000)
    town.grant(50_000)
    legs = [town.leg("wallet", "shop", 1 + number % 7) for number in range(40)]
    wanted = [town.posting("pay", leg, key=f"cross:{number}") for number, leg in enumerate(legs)]

    def post(index: int) -> object:
        turned = wanted[index:] + wanted[:index]
        return operations.post_batch(turned if index % 2 else turned[::-1], municipality=town.municipality)

    batches = at_once(post, times=40)
    verdicts = [answer for batch in batches if isinstance(batch, list) for answer in batch]
    assert len(verdicts) == 1_600
    assert sum(isinstance(answer, Verdict) and not answer.replayed for answer in verdicts) == 40
    assert town.holds(town.shop, "shop") == sum(leg.amount for leg in legs)


def test_one_reversal_by_many_at_once_is_made_once(town: Books) -> None:
    """Straight through the door, without the key that `reverse` uses: the table itself knows."""
    town.appropriate(1000)
    town.grant(1000)
    paid = town.pay(600)
    town.pay(400)  # so that the shop could pay back more than once
    back = town.leg("shop", "wallet", 600, lots=(town.takings(),), credit_lot=town.lot)
    answers = at_once(
        lambda _: attempt(
            replace(town.posting("refund_payment", back), reverses=paid.posting), municipality=town.municipality
        ),
        times=24,
    )
    assert made(answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"already_reversed"}
    assert town.holds(town.holder, "wallet") == 600


@pytest.mark.parametrize("looks_again", [False, True])
def test_who_waited_does_not_miss_what_moved_into_a_balance_that_was_not_there(town: Books, looks_again: bool) -> None:  # noqa: FBT001 - one of the two
    """Within a wallet, to a lot that lives longer: seen by its old row or its new one, and never in neither."""
    later = operations.money_lot(
        municipality=town.municipality, fund=town.fund, purse_kind=town.kind, expires_at=AT + timedelta(days=900)
    )
    town.appropriate(500)
    town.grant(100)
    wallet = town.account(town.holder, "wallet")
    before = "" if looks_again else rewrite("read_spots", ("NOT s.arrives", "false"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger.account WHERE owner = %s AND role = 'wallet'", [town.holder])
        (account,) = cursor.fetchone()

    def waiting() -> object:
        asked = [town.municipality, [account, account], [town.lot, later], [False, False]]
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT amount FROM ledger.read_spots(true, %s, %s::bigint[], %s::bigint[], %s)", asked)
                return cursor.fetchone()[0]
        except OperationalError as again:
            return str(again).split("\n")[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            town.post("extend", Leg(wallet, wallet, 100, (town.lot,), credit_lot=later))
            answer = pool.submit(waiting)
            until_somebody_waits()
        seen = answer.result()
    if before:
        with connection.cursor() as cursor:
            cursor.execute(before)
    assert seen == ("a balance appeared" if looks_again else [0, 0])


def until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")
