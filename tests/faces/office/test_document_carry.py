"""How money is carried over the year's end: recorded by form, put behind its fund, and the launch is lawful again."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.document_carry import KINDS, budgets, with_carry_over
from meguri.faces.office.document_form import filled_in, form_groups
from meguri.programmes import queries as programmes
from meguri.programmes.parts import CarryOverKind
from meguri.programmes.shipped import templates
from meguri.programmes.terms import read_terms, write_terms
from tests.faces.office.lived import Office
from tests.faces.office.reading import MAKERS, page, send, words
from tests.faces.office.test_document_form import form_of

KIND, DAY = "funds[0].carry_over.kind", "funds[0].carry_over.resolved_on"
BARE = write_terms(templates()["nagoya-2025"]).decode()
CARRIED = write_terms(templates()["katsuyama-2026"]).decode()
RESOLVED = date(2026, 3, 20)


def typed(kind: str, day: str, *, was: tuple[str, str] = ("", "")) -> dict[str, str]:
    return {KIND: kind, DAY: day, f"was:{KIND}": was[0], f"was:{DAY}": was[1]}


def test_the_form_names_every_lawful_way() -> None:
    assert set(KINDS) - {""} == {kind.value for kind in CarryOverKind}


@pytest.mark.parametrize("name", templates())
def test_every_fund_but_the_buyers_has_the_two_fields(name: str) -> None:
    text = write_terms(templates()[name]).decode()
    shown = {field.name: field for group in form_groups(text, language="ja") for field in group["fields"]}
    for place, fund in enumerate(templates()[name].funds):
        kind = shown.get(f"funds[{place}].carry_over.kind")
        assert (kind is None) == (fund.funder == "buyers")
        if kind is not None:
            assert kind.value == (fund.carry_over.kind if fund.carry_over else "")
            assert not kind.required


def test_what_was_not_there_is_put_behind_its_fund_and_nothing_else_changes() -> None:
    odd = BARE.replace("[[funds]]", "# 財源\n[[funds]]", 1).replace("[eligibility]", "# だれが\n[eligibility]", 1)
    found, refusals = filled_in(odd, typed("carried_forward", "令和8年3月20日"))
    assert refusals == {}
    terms = read_terms(found.encode())
    assert terms.funds[0].carry_over
    assert terms.funds[0].carry_over.resolved_on == RESOLVED
    assert terms.funds[1].carry_over is None
    assert "# 財源" in found
    assert "# だれが" in found
    assert found.index("[funds.carry_over]") < found.index('code = "buyers"')


def test_it_is_changed_and_taken_out() -> None:
    was = ("carried_forward", "2026-03-23")
    found, _ = filled_in(CARRIED, typed("reserve_fund", "2026-03-23", was=was))
    assert found == CARRIED.replace('"carried_forward"', '"reserve_fund"')
    gone, _ = filled_in(CARRIED, typed("", "", was=was))
    assert read_terms(gone.encode()).funds[0].carry_over is None
    assert filled_in(CARRIED, typed(*was, was=was)) == (CARRIED, {})


@pytest.mark.parametrize(("kind", "day", "field"), [
    ("carried_forward", "", DAY), ("carried_forward", "いつか", DAY), ("", "2026-03-20", KIND),
    ("gift", "2026-03-20", KIND),
])  # fmt: skip
def test_half_a_carry_over_is_told_at_its_field(kind: str, day: str, field: str) -> None:
    found, refusals = filled_in(BARE, typed(kind, day))
    assert found == BARE
    assert refusals.keys() == {field}


@pytest.mark.parametrize("text", [
    'funds = [{ code = "a", funder = "department" }, { code = "b", funder = "national" }]\n',
    '[[ funds ]]\ncode = "a"\n[[ funds ]]\ncode = "b"\n', '[[funds]]\ncode = "a"\n[[funds]]\ncode = "b"',
    '[[funds]]\ncode = "a"\nnote = """\n[x]\n"""\n[[funds]]\ncode = "b"\n[after]\nx = 1\n',
])  # fmt: skip
def test_however_funds_are_written_the_right_one_is_carried_over(text: str) -> None:
    for place in (0, 1):
        tree = tomllib.loads(with_carry_over(text, {place: ("unavoidable", RESOLVED)}))
        assert tree["funds"][place].pop("carry_over") == {"kind": "unavoidable", "resolved_on": RESOLVED}
        assert tree == tomllib.loads(text)


@pytest.mark.parametrize("said", ['"none"', "3", "[]", '{ kind = "gift" }', "{ resolved_on = 3 }"])
def test_an_odd_carry_over_is_replaced_and_breaks_nothing(said: str) -> None:
    odd = BARE.replace('code = "premium"', f'code = "premium"\ncarry_over = {said}', 1)
    assert form_groups(odd, language="en")
    fields = {field.name: field.was for group in form_groups(odd, language="ja") for field in group["fields"]}
    found, refusals = filled_in(odd, typed("debt_burden", "2026-03-20", was=(fields[KIND], fields[DAY])))
    assert refusals == {}
    assert tomllib.loads(found)["funds"][0]["carry_over"] == {"kind": "debt_burden", "resolved_on": RESOLVED}


@given(st.sampled_from(sorted(templates())), st.sampled_from([kind.value for kind in CarryOverKind]), st.dates())
def test_a_carry_over_recorded_and_taken_out_leaves_the_document(name: str, kind: str, day: date) -> None:
    text = write_terms(templates()[name]).decode()
    places = [place for place, fund in budgets(tomllib.loads(text)) if "carry_over" not in fund]
    there = with_carry_over(text, dict.fromkeys(places, (kind, day)))
    back = with_carry_over(there, dict.fromkeys(places, None))
    assert tomllib.loads(back) == tomllib.loads(text)
    assert [fund.get("carry_over") for place, fund in budgets(tomllib.loads(there)) if place in places] == [
        {"kind": kind, "resolved_on": day} for _ in places
    ]


def test_an_officer_makes_a_late_programme_lawful_by_form_alone(office: Office) -> None:
    maker = office.browser(MAKERS["voucher"])
    late = {"spending.window.last_day": "2026-04-30", "expiry.last_day": "2026-04-30",
            "refunds.shop_claims_until": "2026-06-15", "obtaining.rounds[0].purchase.last_day": "2025-12-31",
            "code": "late"}  # fmt: skip
    form = form_of(page(maker, "programme_new", model="nagoya-2025")) | {KIND: ""} | late
    seen = send(maker, "programme_preview", **form).content.decode()
    beside = seen.partition('id="beside-funds-0-carry_over-kind"')[2].partition("</div>")[0]
    assert "繰越などの議決を書くか" in words(beside)
    mended = form | {KIND: "carried_forward", DAY: "2026-03-20"}
    assert "繰越などの議決を書くか" not in words(send(maker, "programme_preview", **mended))
    send(maker, "programme_new", **mended)
    found = programmes.programme_by_code("late", municipality=office.number)
    assert found
    assert "承認を求めました" in words(send(maker, "programme", found.id, act="submit"))


def test_without_it_the_launch_is_refused(office: Office) -> None:
    maker = office.browser(MAKERS["voucher"])
    form = form_of(page(maker, "programme_new", model="nagoya-2025")) | {"code": "late"}
    send(maker, "programme_new", **form | {"spending.window.last_day": "2026-04-30", "expiry.last_day": "2026-04-30",
                                           "refunds.shop_claims_until": "2026-06-15"})
    found = programmes.programme_by_code("late", municipality=office.number)
    assert found
    answer = send(maker, "programme", found.id, act="submit")
    assert answer.status_code == 422
    assert "繰越などの議決を書くか" in words(answer)
