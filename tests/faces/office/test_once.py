"""A double click is one deed: each form of the office counts once, and a refused form may be mended and sent again."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from meguri.faces.office import frame
from meguri.ledger.operations import set_clock_offset
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.points import queries as points
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import write_terms
from meguri.strategy import queries as strategy
from meguri.words.clock import now
from tests.faces.office.lived import Office, found_office
from tests.faces.office.reading import ACCOUNTANT, OPERATOR, fund, number_of, page, send, words

TEMPLATES = Path(frame.__file__).parent / "templates" / "office"
ONLY_READ = {"commuters.html": "finds a word by the name on a card; a name goes into no address",
             "books.html": "proves and changes nothing", "settlement.html": "the file may be fetched again",
             "texts.html": "an edited text is checked and not kept",
             "counting.html": "its delivery is the number: a note sent again is counted once",
             "residents.html": "a person is looked for"}  # fmt: skip
TAKEN = "すでに受け付けています"


def test_every_form_that_changes_something_carries_a_number() -> None:
    bare = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        count = text.count("{% csrf_token %}") - text.count("{% csrf_token %}{% once %}")
        allowed = 1 if path.name in ONLY_READ else 0
        if path.name != "reveal.html" and count != allowed:  # a reveal is logged each time it is asked for
            bare[path.name] = count
    assert bare == {}


def test_each_form_of_a_page_has_a_number_of_its_own(lived: Office) -> None:
    text = page(lived.browser("maker:planning"), "points")
    numbers = re.findall(r'name="once" value="([^"]+)"', text)
    assert len(numbers) > 5
    assert len(set(numbers)) == len(numbers)


def test_a_budget_pressed_twice_is_appropriated_once(office: Office) -> None:
    checker, before = office.browser("checker:commerce"), fund(office, "voucher")
    number = number_of(page(checker, "programme", office.programme("voucher")))
    form = {"act": "appropriate", "fund": before.id, "amount_yen": "500,000", "decided_on": "2025-11-11",
            "reason": "補正予算", "once": number}  # fmt: skip
    first = send(checker, "programme", office.programme("voucher"), **form)
    assert "500,000円を配当しました" in words(first)
    second = send(checker, "programme", office.programme("voucher"), **form)
    assert TAKEN in words(second)
    assert "500,000円を配当しました" not in words(second)
    assert fund(office, "voucher").budget.left_yen == before.budget.left_yen + 500_000
    form["once"] = str(uuid4())
    send(checker, "programme", office.programme("voucher"), **form)
    assert fund(office, "voucher").budget.left_yen == before.budget.left_yen + 1_000_000, "a new form is a new deed"


def test_a_refused_form_keeps_its_number_free(office: Office) -> None:
    checker, before = office.browser("checker:commerce"), fund(office, "voucher")
    form = {"act": "appropriate", "fund": before.id, "amount_yen": "百", "decided_on": "2025-11-11", "reason": "補正",
            "once": str(uuid4())}  # fmt: skip
    assert send(checker, "programme", office.programme("voucher"), **form).status_code == 422
    mended = send(checker, "programme", office.programme("voucher"), **(form | {"amount_yen": "１００"}))
    assert "100円を配当しました" in words(mended)
    assert fund(office, "voucher").budget.left_yen == before.budget.left_yen + 100


def test_the_same_number_in_other_hands_is_another_form(office: Office) -> None:
    number, before = str(uuid4()), fund(office, "voucher")
    form = {"act": "appropriate", "fund": before.id, "amount_yen": "100", "decided_on": "2025-11-11", "reason": "補正",
            "once": number}  # fmt: skip
    for key in ("checker:commerce", ACCOUNTANT):
        send(office.browser(key), "programme", office.programme("voucher"), **form)
    assert fund(office, "voucher").budget.left_yen == before.budget.left_yen + 200


@pytest.mark.parametrize("number", ["", "one", "00000000"])
def test_a_number_that_is_none_binds_nothing(office: Office, number: str) -> None:
    before = fund(office, "voucher")
    form = {"act": "appropriate", "fund": before.id, "amount_yen": "100", "decided_on": "2025-11-11", "reason": "補正",
            "once": number}  # fmt: skip
    checker = office.browser("checker:commerce")
    for _ in range(2):
        send(checker, "programme", office.programme("voucher"), **form)
    assert fund(office, "voucher").budget.left_yen == before.budget.left_yen + 200


def test_a_draft_pressed_twice_is_one_draft(office: Office) -> None:
    maker, number = office.browser("maker:commerce"), str(uuid4())
    document = write_terms(shipped()["nagoya-2025"]).replace(b'code = "premium-voucher"', b'code = "twice"', 1).decode()
    first = send(maker, "programme_new", document=document, once=number)
    assert "下書きを保存しました" in words(first)
    assert TAKEN in words(send(maker, "programme_new", document=document, once=number))
    again = send(maker, "programme_new", document=document, once=str(uuid4()))
    assert "下書きを保存しました" in words(again), "the code says which draft is meant: the same one is kept again"
    codes = [each.code for each in programmes.programmes(office.number)]
    assert codes.count("twice") == 1


def test_a_shop_pressed_twice_is_one_shop_with_one_till(office: Office) -> None:
    maker, number = office.browser("maker:commerce"), str(uuid4())
    form = {"name_ja": "喫茶めぐる", "name_en": "Cafe Meguru", "trade": "76", "area": "minato", "size_class": "small",
            "once": number}  # fmt: skip
    assert "店を登録しました" in words(send(maker, "new_shop", **form))
    assert TAKEN in words(send(maker, "new_shop", **form))
    assert len(parties.shops(municipality=office.number, text="喫茶めぐる")) == 1


def test_a_place_pressed_twice_is_one_place(lived: Office) -> None:
    maker, number = lived.browser("maker:planning"), str(uuid4())
    action = points.action_by_code(lived.programme("point"), "bus", municipality=lived.number)
    assert action is not None
    form = {"act": "place", "action": action, "name_ja": "港の停留所", "name_en": "Harbour stop", "rotating": "yes",
            "host": "", "once": number}  # fmt: skip
    before = len(points.places(action, municipality=lived.number))
    for _ in range(3):
        send(maker, "points", **form)
    assert len(points.places(action, municipality=lived.number)) == before + 1


def test_an_officer_enrolled_twice_gets_one_link(office: Office) -> None:
    operator, number = office.browser(OPERATOR), str(uuid4())
    form = {"act": "enrol", "email": "new@town.example", "role": "maker", "department": "commerce", "once": number}
    first, second = send(operator, "people", **form), send(operator, "people", **form)
    assert words(first).count("/enter/invitation/") == 1
    assert TAKEN in words(second)
    assert "/enter/invitation/" not in words(second)


def test_a_cost_and_a_goal_tree_count_once(office: Office) -> None:
    maker = office.browser("maker:commerce")
    form = {"act": "book", "month": "2025-11-01", "amount_yen": "120,000", "kind": "system", "source": "invoice",
            "note": "運用費", "programme": "", "allocation": "even", "once": str(uuid4())}  # fmt: skip
    send(maker, "strategy", **form)
    assert TAKEN in words(send(maker, "strategy", **form))
    assert [each.amount_yen for each in strategy.costs(office.number)] == [120_000]


def test_an_import_pressed_twice_leads_to_the_lists(office: Office) -> None:
    office.family()
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    maker = office.browser("maker:welfare")
    form = {"act": "import", "programme": office.programme("benefit"), "name": "11月分", "declared_count": "1",
            "declared_total_yen": "１０，０００", "content": office.csv().decode(), "once": str(uuid4())}  # fmt: skip
    assert "1人・10,000円の名簿を取り込みました" in words(send(maker, "import_list", **form))
    second = send(maker, "import_list", **form)
    assert TAKEN in words(second)
    assert second.redirect_chain[-1][0] == reverse("office:benefits")  # type: ignore[attr-defined]


def test_the_warning_is_said_in_english_too(office: Office) -> None:
    checker, seen = office.browser("checker:commerce"), fund(office, "voucher")
    checker.get(reverse("office:desk"), {"lang": "en"})
    form = {"act": "appropriate", "fund": seen.id, "amount_yen": "100", "decided_on": "2025-11-11", "reason": "more",
            "once": str(uuid4())}  # fmt: skip
    send(checker, "programme", office.programme("voucher"), **form)
    second = send(checker, "programme", office.programme("voucher"), **form)
    assert "This form has been taken already" in words(second)
    assert "notice--warning" in second.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_one_moment_are_one(transactional_db: None) -> None:
    """Two connections, two transactions: the second press waits for the first and then finds it taken."""
    office = found_office()
    set_clock_offset(municipality=office.number, offset=office.town.at - now() + timedelta(hours=1))
    before, first = fund(office, "voucher"), office.browser("checker:commerce")
    other = Client()
    other.cookies = first.cookies
    programme, number = office.programme("voucher"), str(uuid4())
    form = {"act": "appropriate", "fund": before.id, "amount_yen": "500", "decided_on": "2025-11-11", "reason": "補正",
            "once": number}  # fmt: skip

    def press(client: Client) -> int:
        try:
            return client.post(reverse("office:programme", args=[programme]), form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(press, (first, other))) == [302, 302]
    assert fund(office, "voucher").budget.left_yen == before.budget.left_yen + 500
