"""The door, seen from outside: what is posted, what is refused and why, and that a request happens once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from meguri.ledger import operations, queries
from meguri.ledger.rules import LEGS_MAX, Leg, Limit, Posting, Verdict, check_form
from meguri.ledger.templates import AccountRole
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_value_flows_from_the_budget_to_the_bank(books: Books) -> None:
    books.appropriate(1000)
    books.grant(400)
    books.pay(150)
    takings = books.takings()
    books.post("settle", books.leg("shop", "payable", 150, lots=(takings,)))
    books.post("pay_out", books.leg("payable", "paid_out", 150, lots=(takings,)))
    assert books.holds(books.fund, "appropriation") == -1000
    assert books.holds(books.fund, "fund") == 600
    assert books.holds(books.holder, "wallet") == 250
    assert books.holds(books.shop, "shop") == books.holds(books.shop, "payable") == 0
    assert books.holds(books.shop, "paid_out") == 150
    trial = queries.trial_balance(municipality=books.municipality)
    assert sum(row.amount for row in trial) == 0
    assert {row.fund for row in trial} == {books.fund}


def test_a_budget_cannot_be_overdrawn(books: Books) -> None:
    books.appropriate(100)
    with refused("insufficient") as caught:
        books.grant(101)
    assert caught.value.facts == {"available": 100, "wanted": 101}
    assert caught.value.limit == f"fund:{books.fund}"
    assert books.holds(books.fund, "fund") == 100


def test_the_database_refuses_an_overdraft_even_without_the_door(books: Books) -> None:
    books.appropriate(100)
    overdraft = "UPDATE ledger.balance SET amount = -1 WHERE municipality_id = %s AND NOT outside"
    refused_by_name = pytest.raises(IntegrityError, match="a balance never falls below zero")
    with refused_by_name, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(overdraft, [books.municipality])


def test_the_database_refuses_a_second_reversal_even_without_the_door(books: Books) -> None:
    books.appropriate(100)
    books.grant(100)
    paid = books.pay(60)
    operations.reverse(
        paid.posting, municipality=books.municipality, template="refund_payment", key="back", at=AT, by="test", about={}
    )
    twice = (
        "INSERT INTO ledger.posting SELECT municipality_id, gen_random_uuid(), template, template_version,"
        " effective_at, recorded_at, by, about, reverses FROM ledger.posting"
        " WHERE municipality_id = %s AND reverses = %s"
    )
    refused_by_name = pytest.raises(IntegrityError, match="a posting is reversed at most once")
    with refused_by_name, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(twice, [books.municipality, paid.posting])


@pytest.mark.parametrize("book", ["posting", "entry", "posting_key"])
@pytest.mark.parametrize(
    "change", ["UPDATE ledger.{} SET municipality_id = 0", "DELETE FROM ledger.{}", "TRUNCATE ledger.{} CASCADE"]
)
def test_the_books_are_append_only(books: Books, book: str, change: str) -> None:
    books.appropriate(100)
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(book))


def test_a_repeated_request_posts_once_for_ever(books: Books) -> None:
    books.appropriate(1000)
    first = books.grant(400, key="grant:1")
    again = books.grant(400, key="grant:1")
    assert again.replayed
    assert not first.replayed
    assert (again.posting, again.taken, again.recorded_at) == (first.posting, first.taken, first.recorded_at)
    assert books.holds(books.holder, "wallet") == 400


def test_a_key_with_one_yen_changed_is_refused(books: Books) -> None:
    books.appropriate(1000)
    books.grant(400, key="grant:1")
    with refused("key_reused"):
        books.grant(401, key="grant:1")
    assert books.holds(books.holder, "wallet") == 400


def test_a_refusal_is_not_remembered(books: Books) -> None:
    with refused("insufficient"):
        books.grant(400, key="grant:1")
    books.appropriate(400)
    assert books.grant(400, key="grant:1").amount(1) == 400


def test_a_closed_key_never_posts(books: Books) -> None:
    books.appropriate(400)
    assert operations.look_up("grant:1", municipality=books.municipality, close=True) is None
    with refused("key_closed"):
        books.grant(400, key="grant:1")
    made = books.grant(400, key="grant:2")
    assert operations.look_up("grant:2", municipality=books.municipality, close=True) == made.posting
    assert operations.look_up("grant:3", municipality=books.municipality) is None


def test_lots_are_taken_in_the_given_order_and_takings_keep_fund_and_kind(books: Books) -> None:
    later = operations.money_lot(
        municipality=books.municipality, fund=books.fund, purse_kind=uuid4(), expires_at=AT + timedelta(days=300)
    )
    books.appropriate(1000)
    books.grant(100)
    books.post("grant_points", books.leg("fund", "wallet", 200, lots=(books.own_lot,), credit_lot=later))
    verdict = books.post("pay", books.leg("wallet", "shop", 150, lots=(books.lot, later)))
    assert [(taken.debit_lot, taken.amount) for taken in verdict.taken] == [(books.lot, 100), (later, 50)]
    held = queries.balances([books.shop], AccountRole.SHOP, municipality=books.municipality)
    assert [balance.lot.expires_at for balance in held] == [None, None]
    assert {(balance.lot.fund, balance.amount) for balance in held} == {(books.fund, 100), (books.fund, 50)}


def test_expired_lots_cannot_be_spent_but_can_be_swept(books: Books) -> None:
    books.appropriate(100)
    books.grant(100)
    after = AT + timedelta(days=200)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger.municipality SET clock_offset = '1 year' WHERE id = %s", [books.municipality])
    with refused("insufficient"):
        books.post("pay", books.leg("wallet", "shop", 1), at=after)
    books.post("expire", books.leg("wallet", "fund", 100), at=after)
    assert books.holds(books.fund, "fund") == 100
    assert books.holds(books.holder, "wallet") == 0


def test_a_leg_up_to_takes_what_its_limits_still_give(books: Books) -> None:
    ceiling = operations.allowance_lot(municipality=books.municipality, allowed=uuid4(), unit="yen", opening=50)
    limit = Limit(books.account(books.holder, "allowance"), ceiling)
    books.appropriate(1000)
    assert books.grant(30, limits=(limit,), up_to=True).amount(1) == 30
    cut = books.grant(30, limits=(limit,), up_to=True)
    assert (cut.amount(1), cut.bit, cut.cut_leg) == (20, limit, 1)
    with refused("limit_reached") as caught:
        books.grant(30, limits=(limit,), up_to=True)
    assert str(ceiling) in caught.value.limit
    with refused("limit_reached"):
        books.grant(1, limits=(limit,))
    assert books.holds(books.holder, "wallet") == 50
    assert queries.balance(limit.account, lot=ceiling, municipality=books.municipality) == 0


def test_an_allowance_is_opened_once_also_behind_locks(books: Books) -> None:
    """One key twice in a batch is judged with care: the balances lie there, untouched, before anything is judged."""
    ceiling = operations.allowance_lot(municipality=books.municipality, allowed=uuid4(), unit="yen", opening=50)
    limit = Limit(books.account(books.holder, "allowance"), ceiling)
    books.appropriate(1000)
    leg = books.leg("fund", "wallet", 30, lots=(books.own_lot,), credit_lot=books.lot, limits=(limit,))
    twice = [books.posting("grant_points", leg, key="twice")] * 2
    first, again = operations.post_batch(twice, municipality=books.municipality)
    assert isinstance(first, Verdict)
    assert isinstance(again, Verdict)
    assert (first.replayed, again.replayed) == (False, True)
    assert books.grant(30, limits=(limit,), up_to=True).amount(1) == 20


def test_a_refused_posting_does_not_open_an_allowance(books: Books) -> None:
    ceiling = operations.allowance_lot(municipality=books.municipality, allowed=uuid4(), unit="yen", opening=50)
    limit = Limit(books.account(books.holder, "allowance"), ceiling)
    with refused("insufficient"):
        books.grant(30, limits=(limit,))
    assert queries.balance(limit.account, lot=ceiling, municipality=books.municipality) == 0
    books.appropriate(100)
    assert books.grant(50, limits=(limit,)).amount(1) == 50


def test_a_payment_never_fails_because_of_a_reward(books: Books) -> None:
    """The reward's fund is empty: the payment's own leg is made all the same, the reward leg takes nothing."""
    books.appropriate(100)
    books.grant(100)
    answers = operations.post_batch(
        [
            books.posting(
                "grant_points", books.leg("fund", "wallet", 5, lots=(books.own_lot,), credit_lot=books.lot, up_to=True)
            )
        ],
        municipality=books.municipality,
    )
    assert isinstance(answers[0], Refusal)
    assert books.pay(100).amount(1) == 100


def test_a_batch_refuses_one_and_posts_the_rest(books: Books) -> None:
    books.appropriate(1000)
    good = [
        books.posting("grant_points", books.leg("fund", "wallet", n, lots=(books.own_lot,), credit_lot=books.lot))
        for n in (1, 2)
    ]
    bad = [
        books.posting("grant_points", books.leg("fund", "wallet", 5000, lots=(books.own_lot,), credit_lot=books.lot)),
        books.posting("grant_points", books.leg("fund", "wallet", 0, lots=(books.own_lot,))),
        books.posting("pay", books.leg("wallet", "shop", 5, lots=(987654321,))),
        books.posting("pay", books.leg("fund", "wallet", 5, lots=(books.own_lot,))),
        books.posting("pay", Leg(books.account(uuid4(), "wallet"), books.account(books.shop, "shop"), 5, (books.lot,))),
        books.posting("grant_points"),
        books.posting(
            "grant_points", books.leg("fund", "wallet", 1, lots=(books.own_lot,)),
            at=datetime.now(UTC) + timedelta(days=2),
        ),
    ]
    answers = operations.post_batch([good[0], *bad, good[1]], municipality=books.municipality)
    codes = [answer.code if isinstance(answer, Refusal) else "posted" for answer in answers]
    assert codes == [
        "posted", "insufficient", "amount_not_positive", "unknown_lot", "template_forbids", "unknown_account",
        "empty_posting", "effective_in_future", "posted",
    ]  # fmt: skip
    assert books.holds(books.holder, "wallet") == 3


def test_a_batch_may_spend_what_it_received_and_repeat_itself(books: Books) -> None:
    give = books.posting("appropriate", books.leg("appropriation", "fund", 10, lots=(books.own_lot,)), key="a")
    grant = books.posting(
        "grant_points", books.leg("fund", "wallet", 10, lots=(books.own_lot,), credit_lot=books.lot), key="b"
    )
    pay = books.posting("pay", books.leg("wallet", "shop", 10), key="c")
    other = books.posting("pay", books.leg("wallet", "shop", 9), key="c")
    answers = operations.post_batch([grant, give, grant, pay, pay, other], municipality=books.municipality)
    told = [a.code if isinstance(a, Refusal) else ("replayed" if a.replayed else "posted") for a in answers]
    assert told == ["insufficient", "posted", "posted", "posted", "replayed", "key_reused"]
    assert books.holds(books.shop, "shop") == 10


def test_funds_never_mix(books: Books) -> None:
    other = operations.fund_lot(uuid4(), municipality=books.municipality)
    books.appropriate(100)
    with refused("funds_mixed"):
        books.post("grant_points", books.leg("fund", "wallet", 5, lots=(books.own_lot,), credit_lot=other))


def test_a_reversal_turns_every_entry_round_once(books: Books) -> None:
    books.appropriate(100)
    books.grant(100)
    paid = books.pay(60)
    asked = {"municipality": books.municipality, "template": "refund_payment", "at": AT, "by": "test", "about": {}}
    back = operations.reverse(paid.posting, key="refund:1", **asked)  # type: ignore[arg-type]
    assert books.holds(books.holder, "wallet") == 100
    assert operations.reverse(paid.posting, key="refund:1", **asked).posting == back.posting  # type: ignore[arg-type]
    with refused("already_reversed"):
        operations.reverse(paid.posting, key="refund:2", **asked)  # type: ignore[arg-type]
    assert books.holds(books.shop, "shop") == 0


def test_only_an_invented_town_may_shift_its_clock(db: None) -> None:
    operations.open_municipality(municipality=9001, code="real", name_ja="実町", name_en="Real", kind="real")
    with pytest.raises(IntegrityError, match="only an invented municipality"), transaction.atomic():
        operations.set_clock_offset(municipality=9001, offset=timedelta(days=1))
    operations.set_clock_offset(municipality=9001, offset=timedelta(0))
    found = queries.municipality(9001)
    assert found is not None
    assert found.kind == "real"


def test_a_statement_pages_by_a_stable_cursor(books: Books) -> None:
    books.appropriate(1000)
    for step in range(7):
        books.post(
            "grant_points",
            books.leg("fund", "wallet", 10 + step, lots=(books.own_lot,), credit_lot=books.lot),
            at=AT + timedelta(minutes=step),
        )
    wallet = books.account(books.holder, "wallet")
    first = queries.statement(wallet, municipality=books.municipality, limit=4)
    books.post("pay", books.leg("wallet", "shop", 5), at=AT + timedelta(hours=1))  # arrives between the two pages
    rest = queries.statement(wallet, municipality=books.municipality, limit=4, after=first[-1].posting)
    assert [line.amount for line in first + rest] == [16, 15, 14, 13, 12, 11, 10]


def test_a_thousand_postings_in_one_batch(books: Books) -> None:
    books.appropriate(1_000_000)
    leg = books.leg("fund", "wallet", 3, lots=(books.own_lot,), credit_lot=books.lot)
    answers = operations.post_batch(
        [books.posting("grant_points", leg) for _ in range(1000)], municipality=books.municipality
    )
    assert not any(isinstance(answer, Refusal) for answer in answers)
    assert books.holds(books.holder, "wallet") == 3000


def test_what_is_used_up_once_serves_one_posting_only(books: Books) -> None:
    """A till code: the same request again is the same payment, another request with the same code is refused."""
    books.appropriate(100)
    books.grant(100)

    def pay(key: str) -> Posting:
        return replace(books.posting("pay", books.leg("wallet", "shop", 10), key=key), once="code:1")

    first = operations.post(pay("sale:1"), municipality=books.municipality)
    assert operations.post(pay("sale:1"), municipality=books.municipality).posting == first.posting
    with refused("used_once"):
        operations.post(pay("sale:2"), municipality=books.municipality)
    answers = operations.post_batch(
        [replace(pay("sale:3"), once="code:2"), replace(pay("sale:4"), once="code:2")], municipality=books.municipality
    )
    assert [answer.code if isinstance(answer, Refusal) else "posted" for answer in answers] == ["posted", "used_once"]
    assert books.holds(books.shop, "shop") == 20


def test_a_batch_that_empties_the_wallet_knows_its_own_requests(books: Books) -> None:
    """The second try in one batch is the first one again, and the same code says that it was used: not "too little"."""
    books.appropriate(10)
    books.grant(10)
    pay = replace(books.posting("pay", books.leg("wallet", "shop", 10), key="sale"), once="code:1")
    other = replace(books.posting("pay", books.leg("wallet", "shop", 10), key="other sale"), once="code:1")
    for asked, told in (((pay, pay), "replayed"), ((pay, other), "used_once")):
        with transaction.atomic():
            _, answer = operations.post_batch(asked, municipality=books.municipality)
            transaction.set_rollback(True)
        assert (answer.code if isinstance(answer, Refusal) else "replayed" if answer.replayed else "made") == told


def test_a_key_named_three_times_in_a_batch_is_judged_by_what_was_made_before(books: Books) -> None:
    """Refused, refused, made, repeated, reused: a refusal leaves the key free for the next that names it."""
    books.appropriate(1000)
    books.grant(100)
    amounts = (900, 500, 60, 60, 61)
    asked = [books.posting("pay", books.leg("wallet", "shop", amount), key="till:1") for amount in amounts]
    answers = operations.post_batch(asked, municipality=books.municipality)
    told = [answer.code if isinstance(answer, Refusal) else answer.replayed for answer in answers]
    assert told == ["insufficient", "insufficient", False, True, "key_reused"]
    assert answers[2].posting == answers[3].posting  # type: ignore[union-attr]
    assert (books.holds(books.holder, "wallet"), books.holds(books.shop, "shop")) == (40, 60)


def test_a_statement_of_some_templates_only(books: Books) -> None:
    books.appropriate(1000)
    books.grant(500)
    paid = [books.pay(yen).posting for yen in (10, 20, 30)]
    books.post("settle", books.leg("shop", "payable", 25, lots=(books.takings(),)))
    account = books.account(books.shop, "shop")
    lines = queries.statement(account, municipality=books.municipality, limit=2, templates=("pay",))
    assert [(line.posting, line.amount) for line in lines] == [(paid[2], 30), (paid[1], 20)]
    rest = queries.statement(account, municipality=books.municipality, limit=2, templates=("pay",), after=paid[1])
    assert [line.posting for line in rest] == [paid[0]]
    assert len(queries.statement(account, municipality=books.municipality)) == 4
    assert queries.statement(account, municipality=books.municipality, templates=("transfer",)) == []


def test_money_is_good_until_its_last_moment_and_not_in_the_next(books: Books) -> None:
    last = datetime(2026, 9, 30, 15, tzinfo=UTC)
    lot = operations.money_lot(
        municipality=books.municipality, fund=books.fund, purse_kind=uuid4(), expires_at=last
    )  # fmt: skip
    books.appropriate(100)
    books.post("grant_points", books.leg("fund", "wallet", 100, lots=(books.own_lot,), credit_lot=lot))
    books.post("pay", books.leg("wallet", "shop", 40, lots=(lot,)), at=last - timedelta(microseconds=1))
    with refused("insufficient"):
        books.post("pay", books.leg("wallet", "shop", 40, lots=(lot,)), at=last)


def test_what_expires_can_be_granted_again(books: Books) -> None:
    books.appropriate(100)
    books.grant(100)
    books.post("expire", books.leg("wallet", "fund", 100))
    assert books.grant(100).amount(1) == 100


def test_a_repeated_request_is_the_same_though_the_wallet_is_empty_now(books: Books) -> None:
    books.appropriate(100)
    books.grant(100)
    first = books.pay(60, key="sale")
    books.pay(40)
    again = books.pay(60, key="sale")
    assert (again.posting, again.replayed, again.taken) == (first.posting, True, first.taken)


def test_the_answer_names_the_limit_that_bit(books: Books) -> None:
    wide, tight = (
        Limit(
            books.account(books.holder, "allowance"),
            operations.allowance_lot(municipality=books.municipality, allowed=uuid4(), unit="yen", opening=opening),
        )
        for opening in (500, 30)
    )
    books.appropriate(1000)
    assert books.grant(100, limits=(wide, tight), up_to=True).bit == tight
    with refused("limit_reached") as caught:
        books.grant(100, limits=(wide, tight))
    assert caught.value.limit == f"allowance:{books.holder}:{tight.lot}"


def test_an_invented_town_records_in_its_own_time(books: Books) -> None:
    operations.set_clock_offset(municipality=books.municipality, offset=timedelta(days=40))
    books.appropriate(100)
    (line,) = queries.statement(books.account(books.fund, "fund"), municipality=books.municipality)
    assert abs(line.recorded_at - (datetime.now(UTC) + timedelta(days=40))) < timedelta(hours=1)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_arrives_as_it_was(books: Books, texts: list[str]) -> None:
    budget = books.leg("appropriation", "fund", 1, lots=(books.own_lot,))
    asked = [
        Posting(key=f"{uuid4()} {text}", template="appropriate", legs=(budget,), at=AT, by=text, about={"for": text})
        for text in texts
    ]
    for made in operations.post_batch(asked, municipality=books.municipality):
        assert isinstance(made, Verdict)
    fund = books.account(books.fund, "fund")
    lines = queries.statement(fund, municipality=books.municipality, limit=len(texts))
    assert sorted(str(line.about["for"]) for line in lines) == sorted(texts)


@pytest.mark.parametrize("change", [
    {"about": {"shop": "another"}}, {"template": "transfer"}, {"reverses": UUID(int=7)},
], ids=["what it was for", "template", "what it reverses"])  # fmt: skip
def test_a_key_binds_everything_but_the_moment(books: Books, change: dict[str, Any]) -> None:
    books.appropriate(100)
    books.grant(100)
    first = replace(books.posting("pay", books.leg("wallet", "shop", 10), key="sale"), about={"shop": "one"})
    made = operations.post(first, municipality=books.municipality)
    later = replace(first, at=AT + timedelta(hours=1), by="somebody else")
    assert operations.post(later, municipality=books.municipality).posting == made.posting
    with refused("key_reused"):
        operations.post(replace(first, **change), municipality=books.municipality)


def test_two_postings_cannot_reverse_the_same_one(books: Books) -> None:
    """The books themselves know, also when no key of `reverse` decides."""
    books.appropriate(100)
    books.grant(100)
    books.pay(40)
    paid, back = books.pay(60), books.leg("shop", "wallet", 60, lots=(books.takings(),), credit_lot=books.lot)
    first, second = (replace(books.posting("refund_payment", back), reverses=paid.posting) for _ in range(2))
    assert operations.post(first, municipality=books.municipality).amount(1) == 60
    with refused("already_reversed"):
        operations.post(second, municipality=books.municipality)
    assert books.holds(books.shop, "shop") == 40


def test_each_of_a_batch_is_answered_for_itself(books: Books) -> None:
    books.appropriate(1000)
    asked = [
        books.posting("grant_points", books.leg("fund", "wallet", yen, lots=(books.own_lot,), credit_lot=books.lot))
        for yen in (1, 20, 300)
    ]
    answers = operations.post_batch(asked, municipality=books.municipality)
    assert [answer.amount(1) for answer in answers if isinstance(answer, Verdict)] == [1, 20, 300]


def test_a_posting_may_have_as_many_legs_as_it_says_and_not_one_more(books: Books) -> None:
    leg = books.leg("wallet", "shop", 1)
    check_form(books.posting("pay", *[leg] * LEGS_MAX))
    with refused("too_many_legs"):
        check_form(books.posting("pay", *[leg] * (LEGS_MAX + 1)))


# --- many in one look ------------------------------------------------------------------------------------------------


def test_many_balances_are_found_in_one_look(books: Books) -> None:
    books.appropriate(1000)
    books.grant(400)
    books.pay(150)
    found = queries.amounts(
        [books.holder, books.shop, uuid4()], AccountRole.WALLET, lots=[books.lot, books.own_lot],
        municipality=books.municipality,
    )  # fmt: skip
    assert found == {(books.holder, books.lot): 250}
    assert queries.amounts([], AccountRole.WALLET, lots=[], municipality=books.municipality) == {}
    assert queries.amounts(
        [books.holder], AccountRole.WALLET, lots=[books.lot], municipality=books.municipality + 1
    ) == {}  # fmt: skip


def test_ceilings_are_found_by_what_they_allow_and_never_made_by_looking(books: Books) -> None:
    yen, times, never = uuid4(), uuid4(), uuid4()
    town = books.municipality
    made = {
        yen: operations.allowance_lot(municipality=town, allowed=yen, unit="yen", opening=10),
        times: operations.allowance_lot(municipality=town, allowed=times, unit="piece"),
    }
    assert queries.allowance_lots([yen, times, never], municipality=town) == made
    assert queries.allowance_lots([yen], municipality=town + 1) == {}
    assert queries.allowance_lots([never], municipality=town) == {}


def test_a_fund_s_lots_are_its_budget_and_what_purses_hold_of_it(books: Books) -> None:
    takings = books.takings()
    found = {lot.id: lot for lot in queries.lots_of_funds([books.fund, uuid4()], municipality=books.municipality)}
    assert {books.own_lot, books.lot, takings} == found.keys()
    assert {lot.fund for lot in found.values()} == {books.fund}
    assert found[books.own_lot].purse_kind is None
    assert queries.lots_of_funds([uuid4()], municipality=books.municipality) == []
