"""Role x department: each page answers to those whose work it is, and turns the others away kindly, GET and POST."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from meguri.programmes import queries as programmes
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.points import queries as points
from meguri.programmes.vouchers import queries as vouchers
from tests.faces.office.lived import Office
from tests.faces.office.reading import (
    ACCOUNTANT,
    ANALYST,
    CHECKERS,
    EVERYBODY,
    MAKERS,
    OPERATOR,
    address,
    fund,
    look,
    page,
    send,
    words,
)

DESKS = {"vouchers": "voucher", "points": "point", "benefits": "benefit"}
ALL = frozenset(EVERYBODY)
BOTH = {family: frozenset({MAKERS[family], CHECKERS[family]}) for family in MAKERS}
OPEN_TO: dict[str, frozenset[str]] = {
    "desk": ALL, "programmes": ALL, "strategy": ALL, "people": ALL, "shops": ALL,
    "programme_new": frozenset(MAKERS.values()),
    "vouchers": BOTH["voucher"], "points": BOTH["point"], "benefits": BOTH["benefit"],
    "import_list": frozenset({MAKERS["benefit"]}),
    "settlements": frozenset({*CHECKERS.values(), ACCOUNTANT}),
    "paying_account": frozenset({*CHECKERS.values(), ACCOUNTANT}),
    "books": ALL - {OPERATOR}, "evidence": ALL - {OPERATOR}, "approvals": ALL - {ANALYST},
    "reveals": frozenset({*CHECKERS.values(), OPERATOR}),
    "new_shop": frozenset({*MAKERS.values(), OPERATOR}),
}  # fmt: skip


@pytest.mark.parametrize("key", EVERYBODY)
def test_the_matrix_of_pages_and_officers(office: Office, key: str) -> None:
    client = office.browser(key)
    wrong = {}
    for name, welcome in OPEN_TO.items():
        answer = look(client, name)
        expected = 200 if key in welcome else 403
        if answer.status_code != expected:
            wrong[name] = answer.status_code
        if expected == 403:
            assert "notice--refusal" in answer.content.decode(), name
    assert wrong == {}


@pytest.mark.parametrize("key", EVERYBODY)
def test_the_menu_leads_only_to_pages_that_open(lived: Office, key: str) -> None:
    client = lived.browser(key)
    text = page(client, "desk")
    shown = {name for name in OPEN_TO if f'href="{address(name)}"' in text}
    assert {name for name in shown if key not in OPEN_TO[name]} == set()
    assert {"desk", "programmes", "strategy", "shops", "people"} <= shown
    for name, family in DESKS.items():
        assert (name in shown) == (key in BOTH[family]), name


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("name", "family"), [*DESKS.items(), ("import_list", "benefit")])
def test_another_department_is_told_whose_desk_it_is(office: Office, name: str, family: str, lang: str) -> None:
    for other, key in MAKERS.items():
        if other == family:
            continue
        answer = look(office.browser(key), name, lang=lang)
        assert answer.status_code == 403
        homes = {"voucher": ("商工課", "Commerce"), "point": ("企画課", "Planning"), "benefit": ("福祉課", "Welfare")}
        assert homes[family][lang == "en"] in words(answer)
        assert "other_department_needed" in words(answer)


@pytest.mark.parametrize("key", ["maker:commerce", "maker:planning", "checker:welfare", ACCOUNTANT, ANALYST, OPERATOR])
@pytest.mark.parametrize("act", ["look", "import"])
def test_only_welfare_s_makers_send_a_list(lived: Office, key: str, act: str) -> None:
    form = {"act": act, "programme": lived.programme("benefit"), "name": "よその課の名簿", "declared_count": "1",
            "declared_total_yen": "10000", "content": lived.csv().decode()}  # fmt: skip
    answer = send(lived.browser(key), "import_list", **form)
    assert answer.status_code == 403
    assert str(lived.child) not in answer.content.decode(), "nothing of the file's people is judged or shown"
    assert [each.name for each in benefits.lists(lived.number)] == ["11月分"]


def test_a_list_for_a_programme_of_others_is_not_looked_at(office: Office) -> None:
    answer = send(
        office.browser("maker:welfare"), "import_list", act="look", programme=office.programme("voucher"),
        content=office.csv().decode(),
    )
    assert answer.status_code == 404
    assert "この事業は見つかりません" in words(answer)


def posts(office: Office) -> list[tuple[str, tuple[UUID, ...], dict[str, object], frozenset[str]]]:
    """Every act that belongs to a department: page, its arguments, the form, and who may."""
    (sale,) = vouchers.sales(office.number)
    (listed,) = benefits.lists(office.number)
    (one,) = benefits.entitlements(listed.id, municipality=office.number, at=office.town.at)
    (held,) = points.records(office.programme("point"), municipality=office.number, state="held")
    voucher = office.programme("voucher")
    checks, makes = frozenset({CHECKERS["voucher"]}), frozenset({MAKERS["voucher"]})
    money = {"fund": fund(office, "voucher").id, "amount_yen": "1", "decided_on": "2025-11-11", "reason": "補正"}
    return [
        ("programme", (voucher,), {"act": "appropriate", **money}, checks | {ACCOUNTANT}),
        ("programme", (voucher,), {"act": "return", **money}, checks | {ACCOUNTANT}),
        ("programme", (voucher,), {"act": "close"}, checks),
        ("sale", (sale,), {"act": "lapse"}, checks),
        ("sale", (sale,), {"act": "draw", "public_value": "1"}, checks),
        ("points", (), {"act": "attest", "record": held.id}, BOTH["point"]),
        ("points", (), {"act": "open", "programme": office.programme("point"), "code": "walk"},
         frozenset({MAKERS["point"]})),
        ("benefit_list", (listed.id,), {"act": "propose"}, frozenset({MAKERS["benefit"]})),
        ("benefit_list", (listed.id,), {"act": "decide"}, frozenset({CHECKERS["benefit"]})),
        ("entitlement", (one.id,), {"act": "choose", "receipt": "bank"}, frozenset({MAKERS["benefit"]})),
        ("vouchers", (), {"act": "open", "programme": voucher, "round": "second"}, checks),
        ("sale", (sale,), {"act": "sell", "application": held.id}, makes | {OPERATOR}),
    ]  # fmt: skip


@pytest.mark.parametrize("key", EVERYBODY)
def test_nobody_acts_for_another_department(lived: Office, key: str) -> None:
    """Who may not is refused with 403 and nothing changes; who may gets another answer, whatever the state allows."""
    client = lived.browser(key)
    for name, args, form, welcome in posts(lived):
        if key in welcome:
            continue
        answer = send(client, name, *args, **form)
        assert answer.status_code == 403, (name, form["act"], answer.status_code)
        assert "notice" in answer.content.decode()
    money = {each.id: each.budget for each in programmes.funds(lived.number)}
    assert money[fund(lived, "voucher").id] == fund(lived, "voucher").budget
    assert [each.state for each in programmes.programmes(lived.number)] == ["launched"] * 3


BAD_FORMS = [
    ("programme", "voucher", {"act": "appropriate", "amount_yen": "1", "decided_on": "2025-11-11", "reason": "x"}),
    ("programme", "voucher", {"act": "nothing-like-that"}),
    ("vouchers", "", {"act": "open"}), ("points", "", {"act": "close", "action": "first"}),
    ("points", "", {"act": "attest", "record": "1"}), ("points", "", {"act": "place"}), ("people", "", {"act": "end"}),
    ("people", "", {"act": "appoint", "officer": "me"}), ("strategy", "", {"act": "link"}),
    ("strategy", "", {"act": "withdraw", "line": "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "family", "form"), BAD_FORMS)
def test_a_form_that_no_page_of_ours_sends_is_a_bad_request_not_a_fault(
    lived: Office, name: str, family: str, form: dict[str, str]
) -> None:
    key = {"points": "maker:planning", "people": OPERATOR, "strategy": "maker:commerce"}.get(name, "checker:commerce")
    args = (lived.programme(family),) if family else ()
    assert send(lived.browser(key), name, *args, **form).status_code == 400


def test_a_role_or_receipt_outside_the_list_is_a_bad_request(lived: Office) -> None:
    operator = lived.browser(OPERATOR)
    officer = lived.officer("maker:commerce").party
    form = {"act": "appoint", "officer": officer, "role": "king", "department": "commerce"}
    assert send(operator, "people", **form).status_code == 400
    (listed,) = benefits.lists(lived.number)
    (one,) = benefits.entitlements(listed.id, municipality=lived.number, at=lived.town.at)
    assert send(lived.browser("maker:welfare"), "entitlement", one.id, act="choose", receipt="gold").status_code == 400


def test_a_visitor_is_led_to_the_sign_in_from_every_page(office: Office) -> None:
    for name in OPEN_TO:
        answer = Client().get(address(name))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/enter/"), name
