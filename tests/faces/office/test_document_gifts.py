"""Giving to others in a programme's document: switched on and off by form, told, and every other word left alone."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.document_form import filled_in, form_groups
from meguri.faces.office.document_gifts import gifts_in, with_donations, with_gifts
from meguri.ledger.operations import set_clock_offset
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GiftTerms
from meguri.programmes.shipped import templates
from meguri.programmes.terms import read_terms, write_terms
from meguri.wallets import gifts as deeds
from meguri.words.clock import now
from meguri.words.refusal import Refusal
from tests.faces.office.lived import Office
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_document_form import form_of
from tests.faces.office.test_document_told import facts

BARE = write_terms(templates()["nagoya-2025"]).decode()
WHO = '[gifts.who]\nkind = "compare"\nfield = "age"\nop = ">="\nvalue = 18\n'
NAMES = ("on", "days", "step_yen", "most_yen")


def typed(text: str, **now: str) -> dict[str, str]:
    """A form that was opened on this text and sent with these fields changed."""
    was = gifts_in(tomllib.loads(text))
    sent = {f"gifts.{name}": now.get(name, was[name]) for name in NAMES}
    return sent | {f"was:gifts.{name}": was[name] for name in NAMES}


def gifts(text: str) -> GiftTerms | None:
    return read_terms(text.encode()).gifts


@pytest.mark.parametrize("name", templates())
def test_no_shipped_document_allows_it_and_every_form_offers_it(name: str) -> None:
    text = write_terms(templates()[name]).decode()
    assert gifts(text) is None
    shown = {field.name: field for group in form_groups(text, language="ja") for field in group["fields"]}
    assert {shown[f"gifts.{each}"].value for each in NAMES} == {""}
    assert [option["label"] for option in shown["gifts.on"].options] == ["できない", "コードで贈れる"]


def test_it_is_switched_on_and_nothing_else_changes() -> None:
    odd = BARE.replace("[eligibility]", "# だれが\n[eligibility]", 1)
    found, refusals = filled_in(odd, typed(odd, on="yes", step_yen="500", most_yen="5,000円"))
    assert refusals == {}
    assert gifts(found) == GiftTerms(days=7, step_yen=500, most_yen=5_000)
    assert found.startswith(odd.rstrip())
    assert filled_in(odd, typed(odd)) == (odd, {})


def test_a_number_alone_switches_it_on() -> None:
    found, _ = filled_in(BARE, typed(BARE, days="14"))
    assert gifts(found) == GiftTerms(days=14)


def test_it_is_changed_in_its_place_and_switched_off_again() -> None:
    on = filled_in(BARE, typed(BARE, on="yes", days="5", most_yen="3000"))[0] + "# 終わり\n"
    found, _ = filled_in(on, typed(on, most_yen="4000"))
    assert found == on.replace("most_yen = 3000", "most_yen = 4000")
    fewer, _ = filled_in(on, typed(on, most_yen=""))
    assert gifts(fewer) == GiftTerms(days=5)
    gone, _ = filled_in(on, typed(on, on=""))
    assert gifts(gone) is None
    assert read_terms(gone.encode()) == read_terms(BARE.encode())


def test_who_may_take_it_stays_as_it_was_written() -> None:
    on = f"{BARE}\n[gifts]\ndays = 3\noutsiders = true\n{WHO}"
    before = gifts(on)
    found, _ = filled_in(on, typed(on, days="9", most_yen="700"))
    after = gifts(found)
    assert before is not None
    assert after == GiftTerms(days=9, most_yen=700, outsiders=True, who=before.who)
    assert with_gifts(on, None).rstrip() == BARE.rstrip()


@pytest.mark.parametrize(("name", "value"), [("days", "七"), ("days", "0"), ("most_yen", "-5"), ("step_yen", "1.5")])
def test_what_cannot_be_read_is_said_beside_its_field(name: str, value: str) -> None:
    found, refusals = filled_in(BARE, typed(BARE, on="yes", **{name: value}))
    assert found == BARE
    assert refusals.keys() == {f"gifts.{name}"}


@given(
    days=st.integers(1, 60), step=st.integers(1, 9_999), most=st.none() | st.integers(1, 99_999),
    again=st.integers(1, 60),
)  # fmt: skip
def test_whatever_is_typed_is_what_the_document_says(days: int, step: int, most: int | None, again: int) -> None:
    on, _ = filled_in(BARE, typed(BARE, on="yes", days=str(days), step_yen=str(step), most_yen=str(most or "")))
    assert gifts(on) == GiftTerms(days=days, step_yen=step, most_yen=most)
    changed, _ = filled_in(on, typed(on, days=str(again)))
    assert gifts(changed) == GiftTerms(days=again, step_yen=step, most_yen=most)
    assert filled_in(changed, typed(changed, on=""))[0].rstrip() == BARE.rstrip()


def test_the_office_reads_how_it_may_be_given() -> None:
    assert facts({})["コードで贈る"] == "できない"
    told = {"days": 14, "step_yen": 500, "most_yen": 5_000, "who": {
        "kind": "compare", "field": "age", "op": ">=", "value": 18}}  # fmt: skip
    assert facts({"gifts": told})["コードで贈る"] == (
        "コードは14日、500円ごと、一度に5,000円まで、住民だけが受け取れる、年齢が18歳以上"
    )
    english = facts({"gifts": {"outsiders": True}}, language="en")
    assert english["Giving by a code"] == "a code lasts 7 days, also to outsiders"


@pytest.mark.django_db
def test_an_amendment_switches_it_on_by_form_and_the_wallet_may_give(office: Office) -> None:
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    office.town.give("points", 2_000)
    number, it = office.programme("point"), office.town
    maker, checker = office.browser("maker:planning"), office.browser("checker:planning")
    asked: dict[str, Any] = {
        "by": it.resident, "at": it.at, "holder": it.holder, "purse_kind": it.kind("points").id, "amount_yen": 500,
        "expires_at": it.kind("points").spending.end,
    }  # fmt: skip
    with pytest.raises(Refusal, match="gift_not_permitted"):
        deeds.give(request="1", **asked)
    form = form_of(page(maker, "amend", number)) | {"gifts.on": "yes", "gifts.days": "10", "reason": "家族に渡したい"}
    seen = send(maker, "amend", number, **form).content.decode()
    assert "コードは10日" in words(seen)
    send(maker, "amendment", number, act="submit")
    send(checker, "amendment", number, act="approve")
    view = programmes.terms(number, municipality=office.number)
    assert view.gifts == GiftTerms(days=10), "in force from the approval on"
    deeds.give(request="2", **(asked | {"at": it.at + timedelta(hours=1)}))


# --- donations -------------------------------------------------------------------------------------------------------


def test_the_switch_for_donations_goes_on_and_off_and_leaves_the_rest() -> None:
    plain = 'code = "x"  # a comment\n\n[scheme]\nkind = "point"\n'
    on = with_donations(plain, on=True)
    assert on == 'code = "x"  # a comment\n\ndonations = true\n\n[scheme]\nkind = "point"\n'
    assert with_donations(on, on=True) == on
    assert with_donations(on, on=False) == plain
    assert with_donations('code = "x"\n', on=True) == 'code = "x"\ndonations = true\n\n'
