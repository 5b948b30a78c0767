from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from meguri.words import refusal
from meguri.words.refusal import Refusal, RefusalKind, catalogue, declare


@pytest.fixture(autouse=True)
def own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is forgotten after it."""
    monkeypatch.setattr(refusal, "_CATALOGUE", {})


def shop_closed() -> RefusalKind:
    return declare("shop_closed", ja="{shop}は{days}日間休みです。", en="{shop} is closed for {days} days.")


def test_a_refusal_is_raised_with_its_facts_and_speaks_two_languages() -> None:
    with pytest.raises(Refusal) as caught:
        raise shop_closed().refusal(shop="八百屋まるは", days=1_200, field="shop", limit="opening_hours")
    no = caught.value
    assert (no.code, no.field, no.limit) == ("shop_closed", "shop", "opening_hours")
    assert no.facts == {"shop": "八百屋まるは", "days": 1_200}
    assert no.sentence() == no.sentence("ja") == "八百屋まるはは1,200日間休みです。"
    assert no.sentence("en") == "八百屋まるは is closed for 1,200 days."
    assert str(no) == "shop_closed: 八百屋まるは is closed for 1,200 days."


@pytest.mark.parametrize(("fact", "shown"), [
    (13_796, "13,796"), (-1_000_000, "-1,000,000"), (999, "999"), (0, "0"), ("1280", "1280"), (True, "True"),
])  # fmt: skip
def test_every_number_in_a_sentence_is_easy_to_read(fact: object, shown: str) -> None:
    kind = declare("short", ja="{short}円足りません。", en="{short} yen short.")
    assert kind.refusal(short=fact).sentence("ja") == f"{shown}円足りません。"
    assert kind.refusal(short=fact).sentence("en") == f"{shown} yen short."


def test_a_number_that_is_a_name_says_so() -> None:
    kind = declare("over", ja="{year:d}年度は{yen:,}円でした。", en="Fiscal {year:d}: {yen} yen.")
    assert kind.facts == {"year", "yen"}
    assert kind.refusal(year=2025, yen=1_280).sentence() == "2025年度は1,280円でした。"


def test_a_kind_knows_the_facts_its_sentence_needs() -> None:
    assert shop_closed().facts == {"shop", "days"}
    assert declare("plain", ja="できません。", en="No.").facts == frozenset()


def test_a_sentence_with_a_hole_is_a_programming_error() -> None:
    with pytest.raises(KeyError, match=r"shop_closed needs the facts \['days'\]"):
        shop_closed().refusal(shop="まるは")


def test_further_facts_are_welcome() -> None:
    no = shop_closed().refusal(shop="まるは", days=1, till="3")
    assert no.facts["till"] == "3"
    assert no.sentence("en") == "まるは is closed for 1 days."


def test_a_code_is_declared_once() -> None:
    shop_closed()
    with pytest.raises(ValueError, match="'shop_closed' is declared twice"):
        shop_closed()


def test_both_sentences_name_the_same_facts() -> None:
    with pytest.raises(ValueError, match=r"'uneven'.*different facts"):
        declare("uneven", ja="{shop}は休みです。", en="The shop is closed.")
    assert catalogue() == ()


def test_the_catalogue_is_in_the_order_of_the_codes() -> None:
    later, sooner = declare("b", ja="乙", en="B"), declare("a", ja="甲", en="A", status=404)
    assert catalogue() == (sooner, later)
    assert (sooner.status, later.status) == (404, 409)


def test_a_refusal_passes_unchanged_through_a_context_manager() -> None:
    """Every operation runs inside some: contextlib sets the traceback of what passes, so a Refusal must allow it."""
    @contextmanager
    def transaction() -> Iterator[None]:
        yield

    no = shop_closed().refusal(shop="まるは", days=1)
    with pytest.raises(Refusal) as caught, transaction():
        raise no
    assert caught.value is no


def test_a_refusal_can_be_kept_in_a_set_like_any_exception() -> None:
    kind = shop_closed()
    assert len({kind.refusal(shop="まるは", days=1), kind.refusal(shop="八百辰", days=2)}) == 2


def test_a_kind_knows_the_module_that_declared_it() -> None:
    assert shop_closed().module == __name__
