"""The line of a sale over HTTP, as programs and people meet it: places, tickets, the page, the turn."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connections
from django.test import Client

from meguri.faces.api import lean, line_page, tickets
from meguri.faces.api.lookups import lookups
from meguri.faces.api.tickets import Ticket, mint_ticket, read_ticket
from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import line, operations, serving
from meguri.programmes.vouchers.models import Place
from meguri.programmes.vouchers.rules import LINE_BUSY
from meguri.words.actor import Actor
from meguri.words.clock import now
from meguri.words.refusal import Refusal
from tests.faces.api.conftest import keep_promise, token
from tests.programmes.vouchers.conftest import BUYING, OPENED, Fair, fair
from tests.programmes.vouchers.test_life import FIRST_COME

pytestmark = pytest.mark.django_db(transaction=True)
Message = dict[str, Any]


class Answer:
    def __init__(self, sent: list[Message]) -> None:
        start, end = sent
        self.status: int = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.text: str = end["body"].decode()

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(
    path: str, *, method: str = "GET", body: bytes = b"", by: Actor | None = None, kind: str = "application/json",
) -> Answer:  # fmt: skip
    address = urlsplit(path)
    headers = [(b"content-type", kind.encode())] if body else []
    if by is not None:
        headers.append((b"authorization", f"Bearer {token(by)}".encode()))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http", "method": method, "path": address.path, "query_string": address.query.encode(),
        "headers": headers,
    }  # fmt: skip
    asyncio.run(lean.app(scope, receive, send))
    answer = Answer(sent)
    if answer.headers.get("content-type") == "application/problem+json" and address.path.startswith("/api/"):
        keep_promise(method, address.path, answer.json["code"])
    return answer


@pytest.fixture
def sale(transactional_db: None, settings: LazySettings) -> Iterator[Fair]:
    """Five units in a town whose clock stands in the sale; the threads let go of the database at the end."""
    found = fair(**FIRST_COME, obtaining__rounds__0__units=5).open()
    settings.MUNICIPALITY = found.town.municipality
    stand_at(found, BUYING)
    yield found
    serving.stop()
    line_page._frame.cache_clear()
    for _ in range(8):
        lookups.submit(connections.close_all).result()


def stand_at(found: Fair, at: Any) -> None:
    set_clock_offset(municipality=found.town.municipality, offset=at - now())


def api(sale: Fair) -> str:
    return f"/api/v1/line/{sale.sale}"


def come(sale: Fair, person: Actor, units: int | str = 1) -> Answer:
    return ask(api(sale), method="POST", body=json.dumps({"units": units}).encode(), by=person)


def own(sale: Fair, ticket: str) -> Any:
    return ask(f"{api(sale)}/place?{urlencode({'ticket': ticket})}").json


def settled(sale: Fair, ticket: str) -> Any:
    """One's place as soon as the line has reached it."""
    for _ in range(100):
        found = own(sale, ticket)
        if found["state"] != "waiting":
            return found
        time.sleep(0.1)
    raise AssertionError("the line does not move")


def test_who_comes_gets_a_place_and_then_units_to_pay_for(sale: Fair) -> None:
    person = sale.town.person()
    made = come(sale, person, "２口")
    assert (made.status, made.json["number"], made.headers["cache-control"]) == (201, 1, "no-store")
    turn = settled(sale, made.json["ticket"])
    assert (turn["state"], turn["units_won"], turn["number"]) == ("allotted", 2, 1)
    operations.purchase(application=turn["application"], by=person, at=BUYING + timedelta(minutes=1))
    assert sale.town.held(person) == {"paid": 20_000, "premium": 6_000}


def test_a_hundred_requests_from_many_sessions_are_one_place(sale: Fair) -> None:
    person, other = sale.town.person(), sale.town.person()
    answers = [come(sale, person) for _ in range(60)]
    assert [each.status for each in answers] == [201] + [200] * 59
    serving.stop()  # another process, which knows nothing of these
    answers += [come(sale, person) for _ in range(40)]
    assert {each.json["number"] for each in answers} == {1}
    assert {each.json["ticket"] for each in answers} == {answers[0].json["ticket"]}
    assert come(sale, other).json["number"] == 2
    assert Place.objects.filter(sale=sale.sale).count() == 2


def test_the_state_of_the_line_is_the_same_for_everybody_and_keeps_for_a_second(sale: Fair) -> None:
    made = come(sale, sale.town.person(), 2)
    settled(sale, made.json["ticket"])
    seen = ask(api(sale))
    assert (seen.status, seen.headers["cache-control"]) == (200, "public, max-age=1")
    assert {name: seen.json[name] for name in ("units", "left", "reserved", "served", "last")} == {
        "units": 5, "left": 3, "reserved": 2, "served": 1, "last": 1,
    }  # fmt: skip
    assert ask(f"{api(sale)}?town={sale.town.municipality}").json == seen.json
    assert ask(f"{api(sale)}?town=999999").status == 404


def test_who_must_wait_sees_how_many_are_before_and_is_told_the_end(sale: Fair) -> None:
    first, second, third = (sale.town.person() for _ in range(3))
    turn = settled(sale, come(sale, first, 5).json["ticket"])
    tickets_ = [come(sale, each).json["ticket"] for each in (second, third)]
    assert [own(sale, each)["ahead"] for each in tickets_] == [0, 1]
    operations.purchase(application=turn["application"], by=first, at=BUYING + timedelta(minutes=1))
    told = settled(sale, tickets_[1])
    assert (told["state"], told["why_en"]) == ("refused", "Sold out (0 units left).")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"units": 6}', "voucher_too_many_units"), (b'{"units": 0}', "voucher_too_many_units"),
        (b'{"units": "many"}', "count_unreadable"), (b"{", "malformed_request"), (b'{"unit": 1}', "malformed_request"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_code(sale: Fair, body: bytes, code: str) -> None:
    answer = ask(api(sale), method="POST", body=body, by=sale.town.person())
    assert (answer.json["code"], answer.headers["content-type"]) == (code, "application/problem+json")
    assert not Place.objects.exists()


def test_who_is_not_signed_in_or_not_a_resident_has_no_place(sale: Fair) -> None:
    body = b'{"units": 1}'
    assert ask(api(sale), method="POST", body=body).json["code"] == "not_signed_in"
    assert come(sale, sale.maker).json["code"] == "not_allowed"
    assert come(sale, sale.town.stranger()).json["code"] == "voucher_resident_unknown"
    assert ask(api(sale), method="DELETE").json["code"] == "method_not_allowed"
    assert ask(f"{api(sale)}/place", method="POST", body=body).json["code"] == "method_not_allowed"
    assert ask("/line/nothing").json["code"] == "address_unknown"


def test_before_the_sale_nobody_has_a_place(sale: Fair) -> None:
    stand_at(sale, OPENED)
    assert come(sale, sale.town.person()).json["code"] == "voucher_too_early"


def test_a_ticket_is_good_for_its_own_line_only_and_cannot_be_bent(sale: Fair) -> None:
    ticket = come(sale, sale.town.person()).json["ticket"]
    other = mint_ticket(Ticket(sale.town.municipality, uuid4(), uuid4(), 1))
    assert ask(f"{api(sale)}/place?{urlencode({'ticket': other})}").json["code"] == "address_unknown"
    for bent in ("", "x", ticket[:-1], ticket.replace(":", "."), f"{ticket}x"):
        assert own(sale, bent)["code"] == "ticket_unreadable"
    known = read_ticket(ticket)
    assert (known.number, known.sale) == (1, sale.sale)
    with pytest.raises(Refusal, check=lambda no: no.kind is tickets.TICKET_UNREADABLE):
        read_ticket(token(sale.maker))


def behind(path: str, *, body: Any = None, by: Actor | None = None) -> tuple[int, Any]:
    """The same address asked of Django, as in a process that has no lean routes: status, and what is said."""
    headers = {"Authorization": f"Bearer {token(by)}"} if by else {}
    if body is None:
        answer: Any = Client().get(path, headers=headers)
    else:
        answer = Client().post(path, json.dumps(body), content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_both_doors_of_the_line_say_the_same(sale: Fair) -> None:
    """In front of Django and behind it: places, standing, tickets, and every no."""
    first, second, new, stranger = *(sale.town.person() for _ in range(3)), sale.town.stranger()
    ticket = come(sale, first, 5).json["ticket"]
    settled(sale, ticket)
    status, placed = behind(api(sale), body={"units": "１口"}, by=second)
    assert (status, placed["number"], placed["state"]) == (201, 2, "waiting")
    again = come(sale, second)
    assert (again.status, again.json) == (200, placed)
    assert behind(api(sale), body={"units": 1}, by=second) == (200, placed)
    for each in (ticket, placed["ticket"], "x", mint_ticket(Ticket(sale.town.municipality, uuid4(), uuid4(), 1))):
        address = f"{api(sale)}/place?{urlencode({'ticket': each})}"
        front = ask(address)
        assert behind(address) == (front.status, front.json)
    time.sleep(0.3)  # the front may be a quarter of a second old
    known = behind(f"{api(sale)}?town={sale.town.municipality}")
    assert known == (200, ask(api(sale)).json)
    for units, who in ((6, new), ("many", new), ("", new), (1, stranger), (1, sale.maker), (1, None)):
        front = ask(api(sale), method="POST", body=json.dumps({"units": units}).encode(), by=who)
        assert behind(api(sale), body={"units": units}, by=who) == (front.status, front.json), (units, who)
    nowhere = f"/api/v1/line/{uuid4()}"
    assert behind(nowhere)[1] == ask(nowhere).json


def test_who_must_try_again_is_told_when(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd that is too large, and whatever else passes: programs and browsers read it from the same header."""

    async def busy(*_: object) -> None:
        raise LINE_BUSY.refusal()

    monkeypatch.setattr(serving.Serving, "come", busy)
    program, person = come(sale, sale.town.person()), form(sale, sale.town.person())
    for answer in (program, person):
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert "もう一度お試しください" in person.text


def form(sale: Fair, person: Actor, *, units: str = "1", lang: str = "ja") -> Answer:
    body = urlencode({"token": token(person), "units": units, "lang": lang}).encode()
    return ask(f"/line/{sale.sale}", method="POST", body=body, kind="application/x-www-form-urlencoded")


def test_a_person_comes_by_a_form_and_sees_a_page_that_needs_no_script(sale: Fair) -> None:
    settled(sale, come(sale, sale.town.person(), 5).json["ticket"])
    for lang, words in (("ja", "前に待っている人"), ("en", "People before you")):
        sent = form(sale, sale.town.person(), lang=lang)
        assert sent.status == 303
        page = ask(sent.headers["location"])
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert words in page.text
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
        assert "zz-" not in page.text, "every figure is filled in"
        (there,) = re.findall(r'href="(\?ticket=[^"]*lang=(?:en|ja))" lang=', page.text)
        assert words not in ask(f"/line/{sale.sale}{html.unescape(there)}").text, "the other language, the same place"
        assert f'lang="{lang}"' in page.text
    number = re.search(r"<strong>(\d+)</strong>", page.text)
    assert number is not None
    assert number[1] == "3"


def test_at_ones_turn_the_page_leads_to_the_wallet(sale: Fair) -> None:
    sent = form(sale, sale.town.person(), units="2")
    there = sent.headers["location"]
    (ticket,) = parse_qs(urlsplit(there).query)["ticket"]
    settled(sale, ticket)
    page = ask(there).text
    assert "2口をお取り置きしました" in page
    assert f'href="/wallet/get/vouchers/{sale.sale}"' in page
    assert "It is your turn" in ask(there.replace("lang=ja", "lang=en")).text


def test_when_the_line_lives_elsewhere_its_page_leads_home(sale: Fair, settings: LazySettings) -> None:
    settings.SALE_ADDRESS, settings.OFFICIAL_HOST = "https://sale.example.jp", "meguri.example.jp"
    page = ask(form(sale, sale.town.person()).headers["location"]).text
    assert 'href="http://meguri.example.jp/wallet/' in page


def test_a_person_who_may_not_is_told_kindly_on_a_page(sale: Fair) -> None:
    page = form(sale, sale.town.stranger())
    assert page.status == 404
    assert "担当課の窓口" in page.text
    assert "Please choose" not in page.text
    bent = ask(f"/line/{sale.sale}?ticket=x&lang=en")
    assert (bent.status, "you keep your place" in bent.text) == (401, True)


def test_a_person_who_asked_nothing_is_sent_to_the_wallet(sale: Fair) -> None:
    assert ask(f"/line/{sale.sale}").status == 401
    empty = ask(f"/line/{sale.sale}", method="POST", body=b"units=1", kind="application/x-www-form-urlencoded")
    assert (empty.status, "サインイン" in empty.text or "ログイン" in empty.text) == (401, True)


def test_the_line_is_found_again_after_a_restart_of_the_process(sale: Fair) -> None:
    settled(sale, come(sale, sale.town.person(), 5).json["ticket"])
    waiting = come(sale, sale.town.person()).json["ticket"]
    serving.stop()
    assert own(sale, waiting)["state"] == "waiting"
    assert line.line(sale.sale, municipality=sale.town.municipality).last == 2


def test_a_line_that_is_not_there_is_looked_for_once(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    find = line.line

    def counted(wanted: Any, **town: int) -> line.LineView:
        asked.append(wanted)
        return find(wanted, **town)

    monkeypatch.setattr(line, "line", counted)
    nowhere = uuid4()
    answers = [ask(f"/api/v1/line/{nowhere}") for _ in range(20)]
    assert {(each.status, each.json["code"]) for each in answers} == {(404, "voucher_sale_unknown")}
    assert asked == [nowhere]


@pytest.mark.parametrize(("ahead", "seconds"), [(0, 3), (299, 3), (300, 6), (2_999, 6), (3_000, 15)])
def test_who_is_near_looks_more_often(ahead: int, seconds: int) -> None:
    assert line_page.pace(ahead) == seconds


def test_a_line_nobody_looks_at_is_left_alone(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    come(sale, sale.town.person())
    here = serving.Line(sale.town.municipality, sale.sale)
    assert serving.serving().known(here) is not None
    monkeypatch.setattr(serving, "FORGOTTEN_AFTER_S", 0.0)
    for _ in range(50):
        if here not in serving.serving()._known:
            return
        time.sleep(0.1)
    raise AssertionError("it is still kept in sight")
