"""Every error, hint, refusal and reason of campaigns is reached, and says the same with its facts in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.parties.rules import Both
from meguri.programmes import findings
from meguri.programmes import operations as programmes
from meguri.programmes.campaign_checks import CAMPAIGNS_MOST
from meguri.programmes.campaign_terms import Drawer
from meguri.programmes.campaign_trial import as_live
from meguri.programmes.campaigns import CampaignCeiling, Earned, Wish, earned, stop_words
from meguri.programmes.operations import NO_CAMPAIGNS_HERE
from meguri.programmes.parts import Per
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import TextKind, draft
from meguri.programmes.texts.campaigns import band_words, in_words, limit_words, when_of
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.words.actor import ActorRole
from tests.programmes.builders import POINT, TownHall, document
from tests.programmes.campaigning import campaign, campaigns, compare
from tests.programmes.vouchers.lived_town import refused

DECEMBER = datetime(2025, 12, 5, tzinfo=UTC)


def odd(**said: Any) -> ProgrammeTerms:
    return campaigns(campaign("odd", **said))


SAID: list[tuple[str, ProgrammeTerms, str, str, str]] = [
    ("campaign_band_unclear", odd(bands=[{"rate_bp": 0}]), "obtaining.campaigns.odd.bands[0]",
     "「oddの日」の段", "A band of “Odd”"),
    ("campaign_rate_above_whole", odd(bands=[{"rate_bp": 12_050}]), "obtaining.campaigns.odd.bands[0].rate_bp",
     "(120.5%)", "(120.5 %)"),
    ("campaign_yen_above_payment", odd(bands=[{"from_yen": 99, "yen": 100}]), "obtaining.campaigns.odd.bands[0].yen",
     "99円の支払いに100円", "100 yen for a payment of 99 yen"),
    ("campaign_bands_overlap", odd(bands=[{"from_yen": 300, "yen": 3}, {"below_yen": 301, "yen": 1}]),
     "obtaining.campaigns.odd.bands", "(300円)", "(at 300 yen)"),
    ("campaign_band_empty", odd(bands=[{"from_yen": 9, "below_yen": 8, "yen": 3}]), "obtaining.campaigns.odd.bands[0]",
     "(9円以上8円未満)", "(from 9 to below 8 yen)"),
    ("campaign_without_bands", odd(bands=[]), "obtaining.campaigns.odd.bands",
     "「oddの日」には、いくら", "“Odd” does not say"),
    ("campaigns_missing", campaigns(), "obtaining.campaigns", "一つもありません", "no campaign"),
    ("campaigns_too_many", campaigns(*(campaign(f"c{number}") for number in range(CAMPAIGNS_MOST + 1))),
     "obtaining.campaigns", "200件まで", "At most 200"),
    ("campaign_outside_window",
     odd(window={"first_day": date(2025, 10, 1), "last_day": date(2026, 2, 1)}),
     "obtaining.campaigns.odd.window", "(2025-10-01から2026-01-31)", "(2025-10-01 to 2026-01-31)"),
    ("campaign_paid_purse", campaigns(campaign("odd"), changes={"purses.0.part": "paid"}), "obtaining.purse",
     "有償分の財布", "a purse of paid value"),
    ("campaign_limit_twice", odd(limits=[{"of": "shop", "per": "month", "yen": yen} for yen in (5, 6, 7)]),
     "obtaining.campaigns.odd.limits", "(1店1か月)", "(a shop a month)"),
    ("campaign_never_asked", campaigns(campaign("all", stacking="exclusive", bands=[{"yen": 1}]), campaign("odd")),
     "obtaining.campaigns.odd", "前にある重ねない「allの日」", "the exclusive “All”"),
    ("campaign_without_ceiling", odd(limits=[{"of": "shop", "per": "day", "yen": 9}]), "obtaining.campaigns.odd.limits",
     "1人の上限がありません", "no limit per person"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "terms", "path", "ja", "en"), SAID, ids=[case[0] for case in SAID])
def test_each_is_found_once_at_its_place(code: str, terms: ProgrammeTerms, path: str, ja: str, en: str) -> None:
    (only,) = (each for each in validate(terms, DECLARED) if each.code == code)
    assert only.path == path
    assert ja in only.sentence("ja"), only.sentence("ja")
    assert en in only.sentence("en"), only.sentence("en")
    assert "{" not in only.sentence("ja") + only.sentence("en")
    is_lint = code in ("campaign_never_asked", "campaign_without_ceiling")
    assert only.is_error is not is_lint


def test_no_kind_of_finding_is_left_out() -> None:
    declared = {kind.code for kind in findings.catalogue() if kind.code.startswith("campaign")}
    assert declared == {case[0] for case in SAID}


def test_a_limit_twice_over_all_campaigns_is_found_too() -> None:
    twice = campaigns(campaign("one"), limits=[{"per": "day", "yen": 100}, {"per": "day", "yen": 70}])
    (only,) = (each for each in validate(twice, DECLARED) if each.is_error)
    assert (only.code, only.path) == ("campaign_limit_twice", "obtaining.limits")
    whole = campaigns(campaign("one", limits=[{"per": "day", "yen": 100}]), limits=[{"per": "day", "yen": 70}])
    assert not [each for each in validate(whole, DECLARED) if each.is_error], "one each is two ceilings"
    spans = campaigns(campaign("one", limits=[{"of": of, "per": per, "yen": 9} for of in Drawer for per in Per]))
    assert not [each for each in validate(spans, DECLARED) if each.is_error]


def test_a_document_of_another_kind_has_no_campaigns_to_find() -> None:
    other = document(POINT)
    assert not [each for each in validate(other, DECLARED) if each.code.startswith("campaign")]
    assert as_live(other) == ()


@pytest.mark.django_db
def test_only_a_programme_of_campaigns_can_be_tried_and_by_whom_may_see_it(hall: TownHall) -> None:
    points = hall.launch(document(POINT))
    view_by = hall.officer("maker", "planning")
    with refused("programme_has_no_campaigns"):
        programmes.campaigns_tried(programme=points.programme, by=view_by, at=DECEMBER)
    with refused("programme_unknown"):
        programmes.campaigns_tried(programme=uuid4(), by=view_by, at=DECEMBER)
    bought = hall.launch(campaigns(campaign("one")))
    with refused("not_allowed"):
        programmes.campaigns_tried(programme=bought.programme, by=hall.officer("clerk", ""), at=DECEMBER)
    said = NO_CAMPAIGNS_HERE.refusal()
    assert said.kind.status == 422
    assert ("キャンペーンがありません" in said.sentence("ja"), "no campaigns" in said.sentence("en")) == (True, True)


# --- why no more came ------------------------------------------------------------------------------------------------

NAME = Both("朝市", "Morning")
WHOSE = {
    Drawer.PERSON: ("「朝市」の", "your"), Drawer.HOUSEHOLD: ("ご家族の", "your household's"),
    Drawer.SHOP: ("この店の", "this shop's"), Drawer.AREA: ("この地区の", "this area's"),
    Drawer.CAMPAIGN: ("「朝市」の", "the"),
}  # fmt: skip
WHEN = {
    Per.DAY: ("今日の", "for today"), Per.MONTH: ("今月の", "for this month"),
    Per.PROGRAMME: ("期間全体の", "for the whole time"),
}  # fmt: skip


@pytest.mark.parametrize("of", list(Drawer))
@pytest.mark.parametrize("per", list(Per))
def test_every_ceiling_has_its_sentence(of: Drawer, per: Per) -> None:
    said = stop_words(NAME, CampaignCeiling(of, per, uuid4(), uuid4(), 100))
    assert said.ja.startswith("「朝市」の")
    assert f"{WHEN[per][0]}ポイントは上限に達しました。" in said.ja
    assert WHOSE[of][0] in said.ja
    assert said.en == f"“Morning”: {WHOSE[of][1]} limit {WHEN[per][1]} has been reached."


def test_an_empty_budget_and_a_full_grant() -> None:
    (live,) = as_live(campaigns(campaign("odd")))
    wish = Wish(live, 50)
    whole, none, part = (earned(wish, yen, bit=None) for yen in (50, 0, 20))
    assert whole.stop is None
    for cut in (none, part):
        assert cut.stop == Both("「oddの日」は、いま予算が終わっています。", "“Odd” has no budget left for now.")
        assert cut.wished_yen == 50


def test_what_a_shop_reads_says_nothing_of_a_household() -> None:
    (live,) = as_live(campaigns(campaign("odd")))

    def cut_by(of: Drawer) -> Earned:
        return earned(Wish(live, 50), 20, bit=CampaignCeiling(of, Per.DAY, UUID(int=1), UUID(int=2), 20))

    told = cut_by(Drawer.HOUSEHOLD).for_the_shop()
    assert (told.yen, told.wished_yen, told.of_household) == (20, 50, False)
    assert told.stop == Both("「oddの日」のポイントは上限に達しました。", "“Odd”: a limit has been reached.")
    for of in (Drawer.PERSON, Drawer.SHOP, Drawer.AREA, Drawer.CAMPAIGN):
        assert cut_by(of).for_the_shop() == cut_by(of)


# --- the document in words -------------------------------------------------------------------------------------------


def test_bands_limits_and_conditions_in_words() -> None:
    terms = campaigns(campaign(
        "odd", bands=[{"from_yen": 500, "below_yen": 1_000, "yen": 20}, {"from_yen": 1_000, "rate_bp": 250}],
        limits=[{"of": of, "per": "month", "yen": 1_200} for of in Drawer], when=compare("hour", 11, "<"),
    ))  # fmt: skip
    (each,) = (live.terms for live in as_live(terms))
    assert [(band_words(band).ja, in_words(band).ja) for band in each.bands] == [
        ("500円以上1,000円未満", "20円"), ("1,000円以上", "2.5%")]
    assert [(band_words(band).en, in_words(band).en) for band in each.bands] == [
        ("from 500 to below 1,000 yen", "20 yen"), ("from 1,000 yen", "2.5%")]
    assert [limit_words(limit).ja for limit in each.limits] == [
        "1人1か月1,200円", "1世帯1か月1,200円", "1店1か月1,200円", "1地区1か月1,200円", "全体で1か月1,200円"]
    assert limit_words(each.limits[1]).en == "1,200 yen a household a month"
    assert when_of(each) is not None
    (plain,) = (live.terms for live in as_live(campaigns(campaign("plain"))))
    assert when_of(plain) is None
    assert band_words(plain.bands[0]) == Both("すべての額", "of any amount")


def test_people_and_the_ordinance_read_the_same_limits() -> None:
    terms = campaigns(
        campaign("first", most_yen=300, stacking="exclusive", counted="all", limits=[{"per": "day", "yen": 700}]),
        campaign("second"),
    )
    texts = [draft(terms, kind) for kind in TextKind]
    japanese = "".join(sentence.plain("ja") for text in texts for sentence in text.sentences())
    english = " ".join(sentence.plain("en") for text in texts for sentence in text.sentences())
    for said in ("支払1回につき300円まで", "1人1日700円", "これより後に掲げるもの", "1円未満は切り捨て"):
        assert said in japanese, said
    for said in ("at most ¥300 a payment", "700 yen a person a day", "those named behind it do not", "rounded down"):
        assert said in english, said


def test_a_clerk_is_no_officer() -> None:
    """The role that the test above uses exists: a misspelt one would be refused for another reason."""
    assert ActorRole("clerk") is ActorRole.CLERK
