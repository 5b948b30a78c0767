"""What people are told about their points: how many, why fewer, what became of them, in both languages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.parts import Evidence
from meguri.programmes.points import rules, wording

WALK = Both("あるく", "Walk")
MONTH = Both("1か月の上限1,000円", "the limit of 1,000 yen a month")
UNTIL = Both("2026年3月31日", "31 March 2026")
yen = st.integers(1, 10**6)
maybe_cut, maybe_until = st.none() | st.just(MONTH), st.none() | st.just(UNTIL)


@given(yen, maybe_cut, maybe_until, st.integers(0, 10**6))
def test_a_grant_says_its_yen_and_just_what_else_there_is_to_say(
    amount: int, cut_by: Both | None, until: Both | None, repaid: int
) -> None:
    told = wording.granted(WALK, yen=amount, cut_by=cut_by, until=until, repaid_yen=repaid)
    assert told.title_ja.startswith(f"{amount:,}円分")
    assert f"「{WALK.ja}」で{amount:,}円分" in told.text_ja
    assert f"{amount:,} yen in points for “{WALK.en}”." in told.text_en
    for said, is_said in (
        (f"{MONTH.ja}に届いたため", cut_by), (f"うち{repaid:,}円分は", repaid), (f"{UNTIL.ja}まで使えます", until),
    ):  # fmt: skip
        assert (said in told.text_ja) == bool(is_said)
    for said, is_said in (
        (f"reached {MONTH.en}", cut_by), (f" {repaid:,} yen of it made up", repaid), (f"until {UNTIL.en}.", until),
    ):  # fmt: skip
        assert (said in told.text_en) == bool(is_said)


@given(yen, st.integers(0, 10**6))
def test_a_withdrawal_says_what_was_taken_and_what_is_still_owed(back: int, owed: int) -> None:
    told = wording.withdrawn(WALK, reason="二重の記録", back_yen=back, owed_yen=owed)
    assert f"{back:,}円分を財布から戻しました" in told.text_ja
    assert told.text_en.startswith(f"{back:,} yen of your points for “Walk” were taken back.")
    assert (f"残りの{owed:,}円分は" in told.text_ja) == (owed > 0)
    assert (f" {owed:,} yen were spent already" in told.text_en) == (owed > 0)
    assert told.text_ja.endswith("理由: 二重の記録")
    assert told.text_en.endswith("Reason: 二重の記録")


def test_who_was_not_confirmed_hears_the_reason() -> None:
    told = wording.refused(WALK, reason="名簿にお名前がありません")
    assert told.text_ja == "「あるく」を確認できませんでした。理由: 名簿にお名前がありません"
    assert told.text_en == "“Walk” could not be confirmed. Reason: 名簿にお名前がありません"


def test_who_vouches_for_each_kind_of_evidence_is_said() -> None:
    assert set(wording.ATTESTED) == set(Evidence)
    for evidence, words in wording.ATTESTED.items():
        nobody = evidence in (Evidence.DEVICE, Evidence.SELF_REPORT)
        assert ("自己申告" in words.ja) == ("your own report" in words.en) == nobody, evidence
        assert ("上限があります" in words.ja) == ("are limited" in words.en) == nobody, evidence


def test_a_record_that_was_withdrawn_has_a_word_beside_the_others() -> None:
    assert set(wording.STATES) == {*rules.STATES, "withdrawn"}
    assert wording.STATES["withdrawn"] == Both("取り消されました", "withdrawn")
