"""What recipients are told: the yen, the day and the way, in both languages, and nothing that a swindler could use."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.benefits import rules, wording

PROGRAMME = Both("子育て応援給付", "Child benefit")
UNTIL = Both("2025年10月31日", "31 October 2025")
BANK, LOCAL = rules.RECEIPTS["bank"], rules.RECEIPTS["local_money"]
yen = st.integers(1, 10**7)


@given(yen, st.none() | st.just(UNTIL), st.sampled_from([BANK, LOCAL]))
def test_whoever_may_choose_hears_until_when_and_what_happens_otherwise(
    amount: int, choose_by: Both | None, otherwise: Both
) -> None:
    told = wording.decided(PROGRAMME, yen=amount, choose_by=choose_by, otherwise=otherwise)
    assert f"「{PROGRAMME.ja}」{amount:,}円の支給" in told.text_ja
    assert f"{amount:,} yen from “{PROGRAMME.en}”" in told.text_en
    assert otherwise.ja in told.text_ja
    assert otherwise.en in told.text_en
    assert (UNTIL.ja in told.text_ja) == ("お選びください" in told.text_ja) == (choose_by is not None)
    assert (UNTIL.en in told.text_en) == ("Please choose" in told.text_en) == (choose_by is not None)


def test_every_decision_warns_of_swindlers() -> None:
    for choose_by in (None, UNTIL):
        told = wording.decided(PROGRAMME, yen=1, choose_by=choose_by, otherwise=BANK)
        assert "ATMの操作をお願いすることはありません" in told.text_ja
        assert "Nobody will phone you" in told.text_en


@given(yen, st.integers(0, 10**6))
def test_what_came_into_the_wallet_is_the_benefit_and_the_bonus(amount: int, bonus: int) -> None:
    told = wording.paid(PROGRAMME, yen=amount, bonus_yen=bonus)
    assert f"{amount + bonus:,}円分" in told.text_ja
    assert told.text_en.startswith(f"{amount + bonus:,} yen")
    assert (f"(うち上乗せ{bonus:,}円)" in told.text_ja) == (bonus > 0)
    assert (f"({bonus:,} yen of it on top)" in told.text_en) == (bonus > 0)


def test_a_transfer_is_announced_before_it_arrives() -> None:
    told = wording.on_its_way(PROGRAMME, yen=50_000)
    assert "「子育て応援給付」50,000円の振込手続きに入りました" in told.text_ja
    assert told.text_en.startswith("50,000 yen from “Child benefit” are being transferred.")
    assert "数営業日" in told.text_ja
    assert "business days" in told.text_en
