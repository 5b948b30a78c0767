"""What the office reads of a document: how buyers pay, what becomes of a win nobody pays for, and of what is left."""

from __future__ import annotations

from typing import Any

import pytest

from meguri.faces.office.document import sections
from meguri.programmes.shipped import templates
from meguri.programmes.terms import from_tree, to_tree
from meguri.words.refusal import Language
from tests.programmes.builders import put


def facts(changes: dict[str, Any], *, name: str = "nagoya-2025", language: Language = "ja") -> dict[str, str]:
    tree = to_tree(templates()[name])
    for path, value in changes.items():
        put(tree, path, value)
    return {label: value for section in sections(from_tree(tree), language) for label, value in section.facts}


def test_all_ways_of_paying_are_told_with_their_terms() -> None:
    told = facts({})
    assert told["支払い方"] == "窓口での現金、コンビニエンスストアの払込票、クレジットカード"
    assert told["渡すとき"] == "速報で(取り消されたら戻す)"
    assert told["払込票の期限"] == "14日"
    assert told["期限を過ぎたお金"] == "返金"
    assert "繰上当選" not in told


def test_a_sale_at_the_counter_alone_says_nothing_of_slips() -> None:
    told = facts({"obtaining.payment": {"ways": ["counter"]}})
    assert told["支払い方"] == "窓口での現金"
    assert not {"渡すとき", "払込票の期限", "期限を過ぎたお金"} & told.keys()


def test_who_moves_up_and_what_comes_late() -> None:
    payment = {"ways": ["slip"], "issued_on": "final", "late": "units_if_left", "slip_days": 7}
    told = facts({"obtaining.payment": payment, "obtaining.waiting_list": {"days_to_pay": 10}}, language="en")
    assert told["Handed out"] == "on the final notice"
    assert told["Paid too late"] == "units, if some are left"
    assert told["A slip is good for"] == "7 days"
    assert told["Moving up"] == "10 days for whoever was drawn next"


@pytest.mark.parametrize(("whose", "said"), [("kept", "財源に残る"), ("refunded", "本人に返す")])
def test_what_is_left_at_the_end_is_told(whose: str, said: str) -> None:
    assert facts({"refunds.unspent_paid": whose})["終わりに残る有償分"] == said


@pytest.mark.parametrize("name", templates())
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_document_is_told_in_whole_sentences_without_a_hole(name: str, language: Language) -> None:
    for label, value in facts({}, name=name, language=language).items():
        assert label, name
        assert value, (name, label)
        assert not {"None", "{", "}"} & set(value.split()), (name, label, value)
