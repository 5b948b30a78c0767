"""People know what they were told."""

from __future__ import annotations

from datetime import date

import pytest

from meguri.rehearsal import happenings as h
from meguri.rehearsal.knowledge import Answer, Knowledge, PurseView, Taken
from meguri.rehearsal.timetable import moment

AT = moment(date(2026, 10, 12), 12)
TODAY = date(2026, 10, 12)
PAID = PurseView("paid", "voucher", 5_000, expires_on=date(2026, 10, 31))
PREMIUM = PurseView("premium", "voucher", 1_500, small_only=True, expires_on=date(2026, 10, 31))
POINT = PurseView("point", "point", 40)


def looked(*purses: PurseView) -> Knowledge:
    known = Knowledge()
    known.told(h.LooksAtWallet(at=AT, key="l", who="r1"), Answer(purses=purses))
    return known


def pays(yen: int, key: str = "p") -> h.Pays:
    return h.Pays(at=AT, key=key, who="r1", shop="s1", yen=yen, means="shop_code")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(), Answer(refusal="no"), Answer(ids={"a": "b"}), Answer(purses=()),
        Answer(purses=(PAID, PREMIUM, POINT)), Answer(taken=(Taken("paid", "voucher", 3),)),
        Answer(won=()), Answer(won=("r1", "r2")),
    ],
)  # fmt: skip
def test_an_answer_goes_to_the_journal_and_back(answer: Answer) -> None:
    assert Answer.read(answer.plain()) == answer


def test_the_balance_counts_what_can_be_paid_there() -> None:
    known = looked(PAID, PREMIUM, POINT)
    assert known.balance("r1", small_shop=True, on=TODAY) == 6_540
    assert known.balance("r1", small_shop=False, on=TODAY) == 5_040
    assert known.balance("r1", small_shop=True, on=date(2026, 10, 31)) == 6_540
    assert known.balance("r1", small_shop=True, on=date(2026, 11, 1)) == 40
    assert known.balance("stranger", small_shop=True, on=TODAY) == 0


def test_a_payment_lowers_the_believed_balance() -> None:
    known = looked(PAID, PREMIUM)
    known.told(pays(2_000), Answer(taken=(Taken("premium", "voucher", 1_500), Taken("paid", "voucher", 500))))
    assert known.balance("r1", small_shop=True, on=TODAY) == 4_500
    assert known.of_key["p"].yen == 2_000


def test_a_purse_that_was_never_shown_is_not_guessed() -> None:
    known = looked(PAID)
    known.told(pays(100), Answer(taken=(Taken("unknown", "point", 100),)))
    assert known.balance("r1", small_shop=True, on=TODAY) == 5_000


def test_a_refund_is_booked_against_the_payment_and_makes_one_look() -> None:
    known = looked(PAID)
    known.told(pays(500), Answer(taken=(Taken("paid", "voucher", 500),)))
    known.told(h.AsksRefund(at=AT, key="f", who="r1", payment="p", shop="s1"), Answer())
    assert sum(paid.yen for paid in known.paid) == 0
    assert known.stale == {"r1"}
    known.told(h.LooksAtWallet(at=AT, key="l2", who="r1"), Answer(purses=(PAID,)))
    assert known.stale == set()


def test_a_refused_payment_makes_one_look() -> None:
    known = looked(PAID)
    known.told(pays(500), Answer(refusal="insufficient"))
    assert known.stale == {"r1"}
    assert known.refusals == {"insufficient": 1}
    assert not known.paid


def test_whoever_lost_does_not_try_to_buy() -> None:
    known = Knowledge()
    for who in ("r1", "r2", "r3"):
        applies = h.Applies(at=AT, key=who, who=who, programme="voucher", units=2)
        known.told(applies, Answer(ids={f"application:voucher:{who}": who}))
    assert known.may_have_won("r1")
    assert not known.may_have_won("r9")
    known.told(h.Purchases(at=AT, key="b", who="r2", programme="v", units=2), Answer(refusal="not_won"))
    assert not known.may_have_won("r2")
    known.told(h.Draws(at=AT, key="d", programme="v", department="commerce", public_value="x"), Answer(won=("r1",)))
    assert [known.may_have_won(who) for who in ("r1", "r2", "r3")] == [True, False, False]


def test_a_wallet_is_open_once_it_was_opened() -> None:
    known = Knowledge()
    opens = h.OpensWallet(at=AT, key="o", who="r1", device="phone")
    known.told(opens, Answer(refusal="no"))
    assert known.open == set()
    known.told(opens, Answer())
    known.told(h.LosesPhone(at=AT, key="x", who="r1"), Answer())
    assert (known.open, known.without_phone) == ({"r1"}, {"r1"})
    known.told(h.FindsNewPhone(at=AT, key="y", who="r1"), Answer())
    assert known.without_phone == set()


def test_names_given_by_the_server_are_kept() -> None:
    known = Knowledge()
    known.told(h.RegistersShops(at=AT, key="s", shops=("s1",)), Answer(ids={"shop:s1": "S"}))
    assert known.ids == {"shop:s1": "S"}
