"""Every document that ships yields five sound texts; what one kind of programme says stands in its text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from meguri.programmes.shipped import templates
from meguri.programmes.sources import _ancestors, _whole, leaves
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.texts import Fact, TextKind, draft, drifts, heading, marked, plain
from meguri.programmes.texts.sentences import say
from meguri.words.refusal import Language
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, changed, put

LANGUAGES: tuple[Language, ...] = ("ja", "en")
ALL = [(name, kind) for name in templates() for kind in TextKind]


def text(terms: ProgrammeTerms, kind: TextKind = TextKind.ORDINANCE, language: Language = "ja") -> str:
    return plain(draft(terms, kind), language)


def city(name: str, changes: dict[str, Any]) -> ProgrammeTerms:
    tree = to_tree(templates()[name])
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


def places(terms: ProgrammeTerms) -> set[str]:
    """Every path of a document, a window's days and a text's own place among them."""
    known = {above for leaf, _ in leaves(_whole(terms), "") for above in _ancestors(leaf)}
    return known | {f"{path}.{day}" for path in known for day in ("first_day", "last_day")}


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_every_shipped_document_yields_a_sound_text(name: str, kind: TextKind) -> None:
    drafted = draft(templates()[name], kind)
    assert drafted.parts
    for language in LANGUAGES:
        written = plain(drafted, language)
        for wrong in ("{", "}", "None", "。。", "、、", "..", "  ", "()", "<per>"):
            assert wrong not in written, (language, wrong, written)
        assert all(part.sentences for part in drafted.parts)
    for sentence in drafted.sentences():
        if sentence is not drafted.title:
            assert sentence.plain("ja").endswith("。")
            assert sentence.plain("en").endswith(".")


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_every_fact_has_its_place_in_the_document(name: str, kind: TextKind) -> None:
    known = places(templates()[name])
    assert {fact.path for fact in draft(templates()[name], kind).facts()} - known == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "kind"), ALL)
def test_a_draft_has_not_drifted_from_itself(name: str, kind: TextKind, language: Language) -> None:
    drafted = draft(templates()[name], kind)
    assert drifts(drafted, plain(drafted, language), language=language) == ()
    assert drifts(drafted, marked(drafted, language), language=language) == ()


def test_a_voucher_s_ordinance_says_price_face_premium_and_days() -> None:
    written = text(templates()[VOUCHER])
    for said in (
        "商品券は、1口につき、販売価格を10,000円、額面を13,000円とする。", "3,000円は、販売価格の30%に相当する",
        "1人につき5口まで",
        "2,000口を抽選により販売する", "令和7年7月26日から令和7年8月17日まで受け付ける", "令和8年1月31日", "車検",
        "プロパンガス",
        "令和7年度予算の6,000,000円", "他人に譲渡し、又は転売してはならない", "第1条(趣旨)",
    ):  # fmt: skip
        assert said in written, said


def test_a_bundle_is_sold_beside_the_unit() -> None:
    written = text(templates()["ebina-2023"], TextKind.CALL)
    assert "「個店限定券」1冊1,500円で、3,000円分のお買い物ができます。" in written
    assert "1口4,000円で、5,000円分" in written
    assert "売場面積が500平方メートル未満" in written


def test_a_unit_that_no_round_sells_is_not_offered() -> None:
    only = city("ebina-2023", {"obtaining.rounds.0.bundle": "small"})
    assert "4,000円" not in text(only, TextKind.CALL)


def test_leftovers_and_outsiders_are_said() -> None:
    written = text(templates()["nagasaki-2023"], TextKind.QUESTIONS)
    assert "3次販売(残り): 前の回の残りを先着順で販売します。" in written
    assert "500口と前の回の残りを抽選で" in written
    assert "住民でない者も購入することができる" in text(templates()["meguro-2020"])
    assert "町の外の人も買えます" in text(templates()["meguro-2020"], TextKind.QUESTIONS)


def test_a_code_by_letter_a_reward_and_a_benefit_have_their_own_words() -> None:
    assert "お送りするコードを入力すると、10,000円分が使えます。" in text(templates()["katsuyama-2026"], TextKind.CALL)
    assert "令和8年3月23日の議決等(繰越明許費)" in text(templates()["katsuyama-2026"])
    reward = text(templates()["setagaya-2024"])
    assert "「中小個店(商店街加盟)」での支払に対する付与の率は、支払った額の20%とする。" in reward
    assert "受け取った日から6か月後の日の属する月の末日を過ぎた分は" in reward
    exact = city("setagaya-2024", {"expiry.to_the_day": True})
    assert "受け取った日から6か月後の日を過ぎた分は" in text(exact, TextKind.QUESTIONS)
    benefit = text(templates()[BENEFIT], TextKind.CALL)
    assert "「0歳」: 1人につき50,000円。" in benefit
    assert "2,500円が上乗せされます" in benefit
    assert "選ばない人は口座への振込みになります" in benefit


def test_points_say_each_action_with_its_own_ceiling() -> None:
    written = text(templates()[POINT])
    assert "1回につき、" in written
    assert "負担協定" not in text(templates()[VOUCHER])
    assert "により、" in written
    assert "70%を負担する" in written


def test_odd_documents_are_said_too() -> None:
    odd = changed(VOUCHER, {
        "eligibility.who": {"kind": "all", "of": []}, "spending.excluded": [], "limits": {"transfer_max_yen": 5_000},
        "expiry": {"kind": "never"}, "demurrage": {"every_days": 30, "rate_bp": 150}, "obtaining.per": "household",
        "refunds.payment_cancel_days": 7, "notice": GONE, "obtaining.rounds.0.who": {
            "kind": "compare", "field": "age", "op": ">=", "value": 18},
    })  # fmt: skip
    formal, kind = text(odd), text(odd, TextKind.QUESTIONS)
    for said in ("すべての者を対象とする", "有効期限は、設けない", "30日ごとに1.5%ずつ減ずる", "1世帯につき5口",
                 "支払の日から7日以内",
                 "1回につき5,000円まで", "年齢が18歳以上"):
        assert said in formal, said
    for said in ("どなたでも", "有効期限はありません", "30日ごとに1.5%", "使えないものは、特に決めていません",
                 "上限はありません",
                 "1回5,000円まで、ほかの人に"):
        assert said in kind, said
    assert "The granted part shrinks by 1.5% every 30 days." in text(odd, language="en")


def test_a_shared_fund_says_its_cap_and_a_ceiling_on_holding() -> None:
    capped = changed(POINT, {
        "agreements.0.shares": [{"fund": "town", "share_bp": 7_000, "cap_yen": 70_000},
                                {"fund": "sponsor", "share_bp": 3_000}],
        "limits.balance_max_yen": 40_000,
    })  # fmt: skip
    written = text(capped)
    assert "70,000円を上限とする" in written
    assert "保有することができる額は、40,000円までとする" in written
    assert "1人が持てるのは40,000円まで" in text(capped, TextKind.CALL)


def test_a_free_unit_has_no_rate() -> None:
    free = changed(VOUCHER, {"obtaining.unit_price_yen": 0, "obtaining.face": [{"purse": "premium", "yen": 3_000}]})
    assert "上乗せして" not in text(free)


def test_headings_number_articles_and_questions() -> None:
    drafted = draft(templates()[VOUCHER], TextKind.QUESTIONS)
    assert heading(drafted, drafted.parts[0], number=1, language="ja") == "Q1 だれが参加できますか"
    assert plain(draft(templates()[VOUCHER], TextKind.SHOP_TERMS), "en").count("Article ") == 8
    assert "■ 日程" in text(templates()[VOUCHER], TextKind.PRESS)
    assert "\n- " in text(templates()[VOUCHER], TextKind.PRESS, "en")


def test_markdown_names_the_place_of_each_fact_once() -> None:
    written = marked(draft(templates()[VOUCHER], TextKind.CALL), "ja")
    assert written.startswith("# ")
    assert "`obtaining.unit_price_yen`" in written
    notes = [line.partition(":")[0] for line in written.splitlines() if line.startswith("[^")]
    assert len(notes) == len(set(notes))
    assert all(note in written.replace(f"\n{note}:", "") for note in notes), "every note is called somewhere"


def test_both_languages_name_the_same_facts() -> None:
    one = Fact("x", draft(templates()[VOUCHER], TextKind.CALL).facts()[0].said)
    with pytest.raises(ValueError, match="are not those of"):
        say("{one}。", "Nothing.", one=one)
    with pytest.raises(ValueError, match="are not those of"):
        say("{one}。", "{one}.")


def test_words_with_braces_stay_as_they_are() -> None:
    odd = changed(VOUCHER, {"name": {"ja": "商品{券}", "en": "Vou{cher}"}})
    assert "「商品{券}」" in text(odd)


def test_days_of_before_and_after_are_those_of_the_document() -> None:
    later = changed(VOUCHER, {"spending.window.last_day": date(2025, 12, 24)})
    assert "令和7年12月24日" in text(later)


def said(changes: dict[str, Any]) -> str:
    """Ordinance and questions of Nagoya's document with these changes, in Japanese."""
    terms = city("nagoya-2025", changes)
    return text(terms) + text(terms, TextKind.QUESTIONS)


def test_ways_of_paying_the_waiting_list_and_what_is_left_are_said_where_the_document_holds_them() -> None:
    told = said({})
    assert "コンビニエンスストアの払込票" in told
    assert "14日以内" in told
    assert "繰り上げ" not in told
    assert "払い戻すものとする" not in told
    only_cash = said({"obtaining.payment": {"ways": ["counter"]}})
    assert "払込票" not in only_cash
    moving = said({"obtaining.waiting_list": {"days_to_pay": 10}, "refunds.unspent_paid": "refunded"})
    assert "通知の日から10日後" in moving
    assert "お知らせから10日以内" in moving
    assert "本人の口座に払い戻すものとする" in moving


def test_gifts_are_said_with_their_limits_and_never_as_a_sale() -> None:
    giving = changed(VOUCHER, {"gifts": {
        "days": 10, "step_yen": 500, "most_yen": 5_000, "who": {
            "kind": "compare", "field": "age", "op": ">=", "value": 18},
    }})  # fmt: skip
    formal, kind = text(giving), text(giving, TextKind.QUESTIONS)
    for said in ("コードにより、無償で他人に贈ることができる", "贈る日を含めて10日", "500円を単位とする",
                 "5,000円までとする", "年齢が18歳以上", "受け取ることができるのは、住民に限る", "対価を受け取り、"):
        assert said in formal, said
    for said in ("コードを渡して、ほかの人に贈れます", "贈った日から10日です", "5,000円まで", "売ること"):
        assert said in kind, said
    assert "他人に譲渡し、又は転売してはならない" not in formal
    assert "渡したり、売ったりすることはできません" not in kind
    assert "Nothing may be taken in return, and nothing sold." in text(giving, language="en")
    outside = changed(VOUCHER, {"gifts": {"outsiders": True}})
    assert "町外の者も受け取ることができる" in text(outside)
    assert "町に住む人だけ" not in text(outside, TextKind.QUESTIONS)
    assert "他人に譲渡し、又は転売してはならない" in text(templates()[VOUCHER]), "silent documents forbid it"


def test_who_works_or_studies_here_reads_how_to_come_in() -> None:
    """Only where the terms ask for such people; a call says which card to show, and where."""
    told = "「在勤・在学」から申し出て"
    for kind in (TextKind.CALL, TextKind.QUESTIONS):
        assert told in text(city("narita-2015", {}), kind)
        assert "under “Work or study” in the wallet" in text(city("narita-2015", {}), kind, "en")
        assert told not in text(city("meguro-2020", {}), kind)
