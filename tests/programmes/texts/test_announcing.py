"""What an amendment changes, said to residents and to shops: only what differs, and to whom it matters."""

from __future__ import annotations

from datetime import date
from typing import Any

from meguri.programmes.shipped import shipped
from meguri.programmes.texts import Change, Differing, for_person, for_residents, for_shop
from meguri.words.predicate import Facts
from tests.programmes.builders import POINT, VOUCHER, changed

FIRST_DAY = date(2025, 12, 1)
LONGER = {"expiry.last_day": date(2026, 3, 1), "spending.window.last_day": date(2026, 3, 1)}
LARGE: Facts = {"trade": "58", "area": "中央", "size_class": "large", "floor_area": 2_000, "street": False,
                "head_office": False}  # fmt: skip
EVERYWHERE = {"kind": "all", "of": []}


def change(name: str, changes: dict[str, Any]) -> Change:
    return Change(shipped()[name], changed(name, changes), FIRST_DAY)


def said(found: tuple[Differing, ...], language: str = "ja") -> dict[str, tuple[list[str], list[str]]]:
    ja = language == "ja"
    return {
        each.heading.ja if ja else each.heading.en: (
            [one.plain("ja" if ja else "en") for one in each.before],
            [one.plain("ja" if ja else "en") for one in each.after],
        )
        for each in found
    }


def own(found: Change, **who: bool) -> list[str]:
    return [each.plain("ja") for each in for_person(found, **{"holds": False, "applied": False, **who})]


def test_only_the_sentences_that_differ_are_told_side_by_side_in_both_languages() -> None:
    found = for_residents(change(POINT, {"limits.payment_max_yen": 5_000}))
    assert said(found) == {
        "お支払いのときに": (["1回のお支払いに上限はありません。"], ["1回のお支払いは5,000円までです。"]),
    }
    assert said(found, "en") == {
        "When paying": (["There is no limit for one payment."], ["One payment may be at most ¥5,000."]),
    }


def test_money_and_goals_behind_it_are_nothing_that_people_are_told() -> None:
    assert for_residents(change(POINT, {"funds.0.amount_yen": 9_000_000, "obtaining.actions.0.goal": 50_000})) == ()
    assert for_residents(change(POINT, {})) == ()


def test_what_comes_anew_or_falls_away_has_nothing_on_its_other_side() -> None:
    (found,) = for_residents(change(POINT, {"demurrage": {"rate_bp": 200, "every_days": 30}}))
    assert (found.before, len(found.after)) == ((), 1)


def test_a_shop_that_may_accept_it_after_on_is_told_so_first() -> None:
    wider = change(POINT, {"purses.0.where": EVERYWHERE})
    assert for_shop(change(POINT, {"limits.payment_max_yen": 5_000}), LARGE) == ()  # it accepts nothing of it
    first, *_ = said(for_shop(wider, LARGE)).items()
    assert first == ("この店で受け取れるもの", (["ありません。"], ["「グリーン・健康ポイント」を受け取れます。"]))
    small = LARGE | {"size_class": "small", "floor_area": 50, "head_office": True}
    told = said(for_shop(wider, small))
    assert "この店で受け取れるもの" not in told  # it does already
    assert told.keys() == {"使用することができる店舗"}
    assert for_shop(change(POINT, {"obtaining.actions.0.yen": 7}), small) == ()


def test_what_it_means_for_me_follows_from_what_i_have() -> None:
    longer = change(VOUCHER, LONGER)
    holding = own(longer, holds=True)
    assert "手続きはいりません" in holding[0]
    assert holding[1] == "いま持っている分も、2026年3月1日まで使えるようになります。"
    assert own(longer, applied=True) == ["申込みはそのまま有効です。手続きはいりません。"]
    assert own(longer) == ["これから受け取る人に当てはまります。いま、することはありません。"]
    dearer = change(VOUCHER, {"obtaining.max_units": 9})
    assert own(dearer, applied=True)[0] == "受付がもう始まっている回は、いまのきまりのままです。"
