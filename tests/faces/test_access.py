"""Every address of every face, asked by every role: one explicit expected answer each, and no other.

A new address without a line in TABLE fails. What the API answers to whom stands in tests/faces/api.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.conf import LazySettings
from django.contrib.staticfiles.finders import get_finders
from django.http import HttpResponse
from django.test import Client

from meguri.faces.entrance.strength import DEMO_ENTRY
from meguri.ledger.operations import set_clock_offset
from meguri.programmes import queries as programmes
from meguri.vault.models import Login
from meguri.words.clock import now
from tests.faces.lived_town import OFFICERS, Everybody, gather, routes
from tests.faces.office.lived import found_office, live

Answers = dict[str, str]
"""By role: `open` (200), `sign-in`, `elsewhere` (any other redirect), or a status."""

RESIDENTS, SHOP, OWNERS = ("resident", "neighbour"), ("clerk", "owner", "other_owner"), ("owner", "other_owner")
MAKERS, CHECKERS = ("maker:commerce", "maker:planning", "maker:welfare"), (
    "checker:commerce", "checker:planning", "checker:welfare",
)  # fmt: skip
ACCOUNTANT, ANALYST, OPERATOR = OFFICERS[6:]
SIGNED_IN = (*RESIDENTS, *SHOP, *OFFICERS, "partner")
EVERYBODY = ("visitor", *SIGNED_IN)


def only(*roles: str, answer: str = "open", **other: str) -> Answers:
    """Open to `roles`; visitors sign in, all others are told no; `other`: somebody to whom the object is not theirs."""
    named = {name.replace("__", ":"): said for name, said in other.items()}
    return {**dict.fromkeys(SIGNED_IN, "403"), "visitor": "sign-in", **dict.fromkeys(roles, answer), **named}


def everybody(answer: str = "open", *, visitor: str = "") -> Answers:
    return {**dict.fromkeys(EVERYBODY, answer), "visitor": visitor or answer}


def department(code: str) -> Answers:
    return only(f"maker:{code}", f"checker:{code}")


STRENGTH, WHOSE = AUTHENTICATION_METHODS_SESSION_KEY, _AUTHENTICATION_METHODS_USER_SESSION_KEY
"""Where allauth keeps, in the session, by what somebody came in, and who."""
MY_LOGIN = everybody(visitor="sign-in")
"""A page about one's own way of signing in."""
NOBODYS = everybody("403")
"""Allauth's page that this town does not mean: addresses and lost passwords are the desk's matter."""

TABLE: dict[str, Answers] = {
    # for everybody
    "": everybody(), "public/programmes": everybody(), "public/programmes/<uuid:programme>": everybody(),
    **{f"public/arms/<uuid:programme>{page}": everybody("404") for page in ("", "/list.txt", "/arms.json")},
    "public/draws/<uuid:sale>": everybody(), "public/draws/<uuid:sale>/list.txt": everybody(),
    "public/draws/<uuid:sale>/draw.json": everybody(), "public/draws/draw_check.py": everybody(),
    "public/causes": everybody(), "public/shops": everybody(), "public/data": everybody(),
    "public/refusals": everybody(),
    "public/how-we-know": everybody(), "public/log": everybody(), "public/log/head.txt": everybody("404"),
    "public/log/heads.json": everybody(), "public/log/witness.json": everybody("404"),
    "public/log/growth/<int:first>/<int:second>": everybody("404"), "public/log/check": everybody(),
    "public/log/receipts/<uuid:posting>": everybody(), "public/log/receipts/<uuid:posting>/file": everybody("404"),
    "style/": everybody(), "style/screen/<slug:name>": everybody("404"),
    "note": everybody(), "m/<str:code>": everybody() | dict.fromkeys(RESIDENTS, "elsewhere"),
    # coming in
    "enter/": everybody(), "enter/sign-in": everybody(), "enter/as/<slug:key>": everybody("405"),
    "enter/leave": everybody("405"), "enter/leave-everywhere": everybody("405"),
    "enter/hats": MY_LOGIN, "enter/after": everybody("elsewhere", visitor="sign-in"),
    "enter/second-factor": everybody("elsewhere"), "enter/invitation/<str:token>": everybody("404"),
    "enter/outbox": everybody(), "enter/join": everybody("open", visitor="sign-in"),
    "accounts/login/": everybody("elsewhere", visitor="open"), "accounts/logout/": everybody(visitor="elsewhere"),
    "accounts/inactive/": everybody(), "accounts/signup/": everybody("elsewhere", visitor="open"),
    "accounts/reauthenticate/": everybody("403", visitor="sign-in"), "accounts/email/": NOBODYS,
    "accounts/confirm-email/": NOBODYS, "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": NOBODYS,
    "accounts/password/change/": everybody("elsewhere", visitor="sign-in"), "accounts/password/set/": NOBODYS,
    "accounts/password/reset/": NOBODYS, "accounts/password/reset/done/": NOBODYS,
    "accounts/password/reset/key/done/": NOBODYS,
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": NOBODYS,
    "accounts/login/code/": everybody("elsewhere", visitor="open"),
    "accounts/login/code/confirm/": everybody("elsewhere", visitor="sign-in"),
    "accounts/phone/verify/": NOBODYS, "accounts/phone/change/": NOBODYS,
    "accounts/2fa/": MY_LOGIN, "accounts/2fa/authenticate/": everybody("elsewhere", visitor="sign-in"),
    "accounts/2fa/reauthenticate/": everybody("403", visitor="sign-in"), "accounts/2fa/totp/activate/": MY_LOGIN,
    "accounts/2fa/totp/deactivate/": everybody("404", visitor="sign-in"), "accounts/2fa/webauthn/": MY_LOGIN,
    "accounts/2fa/webauthn/add/": MY_LOGIN,
    "accounts/2fa/webauthn/reauthenticate/": everybody("403", visitor="sign-in"),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": everybody("404", visitor="sign-in"),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": everybody("404", visitor="sign-in"),
    "accounts/2fa/webauthn/login/": everybody("elsewhere", visitor="sign-in"),
    # a holder's own
    **{f"wallet/{page}": only(*RESIDENTS) for page in
       ("", "lost", "history", "debt", "notices", "notices/expiry", "shops", "pay", "pay/code", "pay/<str:code>", "get",
        "get/actions", "get/campaigns", "get/coming", "get/missions", "get/steps", "get/commuting",
        "get/vouchers/<uuid:sale>",
        "get/code", "gifts", "gift", "donate")},
    "wallet/donate/<uuid:cause>": only(*RESIDENTS, answer="404"),
    "wallet/donations/<uuid:donation>": only(*RESIDENTS, answer="404"),
    "wallet/donations/<uuid:donation>/undo": only(*RESIDENTS, answer="405"),
    "wallet/get/steps/<uuid:brought>": only("resident", neighbour="404"),
    "wallet/get/photo/<uuid:action>": only(*RESIDENTS),
    "wallet/get/photos/<uuid:deed>": only("resident", neighbour="404"),
    "wallet/gifts/<uuid:gift>": only(*RESIDENTS, answer="404"),
    "wallet/gifts/<uuid:gift>/back": only(*RESIDENTS, answer="405"),
    "wallet/gift/<uuid:gift>": only(*RESIDENTS, answer="elsewhere"),
    "wallet/get/code/<uuid:posting>": only(*RESIDENTS, answer="elsewhere"),
    "wallet/pay/landed": only(*RESIDENTS, answer="286"),
    "wallet/open": only(*RESIDENTS, answer="405"), "wallet/pay/to": only(*RESIDENTS, answer="422"),
    "wallet/receipt/<uuid:payment>": only("resident", neighbour="404"),
    "wallet/paid/<uuid:payment>": only("resident", answer="elsewhere", neighbour="404"),
    "wallet/get/vouchers/withdraw/<uuid:application>": only(*RESIDENTS, answer="405"),
    "wallet/get/vouchers/<uuid:sale>/apply": only(*RESIDENTS, answer="405"),
    "wallet/get/vouchers/purchase/<uuid:application>": only(*RESIDENTS, answer="405"),
    "wallet/get/vouchers/way/<uuid:application>": only(*RESIDENTS, answer="405"),
    "wallet/get/payments/<uuid:order>": only(*RESIDENTS, answer="404"),
    "wallet/get/payments/<uuid:order>/slip": only(*RESIDENTS, answer="404"),
    "wallet/get/payments/<uuid:order>/pretend": only(*RESIDENTS, answer="404"),
    "wallet/get/benefits/<uuid:entitlement>": only("resident", neighbour="elsewhere"),
    # a shop's own
    "till/": only(*SHOP), "till/coming": only(*SHOP), "till/notes": only(*SHOP), "till/notes/back": only(*SHOP),
    "till/campaigns": only(*SHOP),
    "till/latest": only(*SHOP, other_owner="204"),
    "till/day": only(*SHOP), "till/code": only(*SHOP),
    "till/paid/<uuid:payment>": only("clerk", "owner", answer="elsewhere", other_owner="404"),
    "till/payment/<uuid:payment>": only("clerk", "owner", other_owner="404"),
    "till/payment/<uuid:payment>/refund": only("clerk", "owner", other_owner="404"),
    "till/settlement": only(*OWNERS), "till/settlement/<uuid:statement>": only("owner", other_owner="404"),
    "till/members": only(*OWNERS), "till/members/<uuid:member>/leave": only(*OWNERS, answer="405"),
    # the office
    **{f"office/{page}": only(*OFFICERS) for page in
       ("", "programmes/", "programmes/<uuid:programme>", "programmes/<uuid:programme>/runs",
        "programmes/<uuid:programme>.toml", "programmes/<uuid:programme>/texts",
        "programmes/<uuid:programme>/dry_runs", "dry_runs/<uuid:dry_run>",
         "programmes/<uuid:programme>/amendment", "programmes/<uuid:programme>/amendment/told",
         "programmes/<uuid:programme>/amendment/poster", "programmes/<uuid:programme>/versions/<int:number>",
         "programmes/<uuid:programme>/versions/<int:number>.toml", "strategy/", "people", "shops/",
         "shops/<uuid:shop>")},
    "office/programmes/preview": only(*OFFICERS, answer="405"),
    "office/programmes/<uuid:programme>/amend": only("maker:commerce"),
    "office/programmes/new": only(*MAKERS), "office/shops/new": only(*MAKERS, OPERATOR),
    "office/shops/<uuid:shop>/entry": only(*MAKERS, *CHECKERS, OPERATOR),
    "office/commuters/": only(*MAKERS, *CHECKERS, OPERATOR), "office/commuters/list": only(*MAKERS, OPERATOR),
    "office/commuters/record": only(*MAKERS, OPERATOR),
    "office/commuters/<uuid:commuter>": only(*MAKERS, *CHECKERS, OPERATOR),
    "office/shops/areas": only(*MAKERS, *CHECKERS, OPERATOR),
    **{f"office/sponsors/{page}": only(*MAKERS, *CHECKERS, ACCOUNTANT, OPERATOR) for page in
       ("", "<uuid:sponsor>", "applications/<uuid:sponsor_application>")},
    "office/sponsors/proposals": only(*OFFICERS), "office/sponsors/proposals/<uuid:proposal>": only(*OFFICERS),
    "office/causes/": only(*MAKERS, *CHECKERS, ACCOUNTANT, ANALYST, OPERATOR),
    "office/causes/<uuid:cause>": only(*MAKERS, *CHECKERS, ACCOUNTANT, ANALYST, OPERATOR, answer="404"),
    "office/residents": only(*MAKERS, *CHECKERS, OPERATOR),
    "office/people/<uuid:officer>": only(*OFFICERS),
    "office/funds/<uuid:fund>": only(*MAKERS, *CHECKERS, ACCOUNTANT, ANALYST),
    "office/reveals": only(*CHECKERS, OPERATOR),
    "office/settlement/account": only(*CHECKERS, ACCOUNTANT),
    "office/vouchers/": department("commerce"), "office/points/": department("planning"),
    "office/benefits/": department("welfare"),
    "office/vouchers/payments": department("commerce"),
    "office/vouchers/cash": only(*MAKERS, *CHECKERS, ACCOUNTANT, OPERATOR),
    "office/vouchers/receipts/<uuid:receipt>": only(*OFFICERS, answer="404"),
    "office/vouchers/<uuid:sale>": department("commerce"), "office/vouchers/<uuid:sale>/draw": department("commerce"),
    "office/vouchers/<uuid:sale>/apply": only("maker:commerce"),
    "office/vouchers/<uuid:sale>/pile": only("maker:commerce"),
    "office/vouchers/<uuid:sale>/pile/line": only(*OFFICERS, answer="405"),
    "office/vouchers/<uuid:sale>/letters": only("maker:commerce", "checker:commerce"),
    "office/vouchers/<uuid:programme>/codes": only("maker:commerce", "checker:commerce", answer="422"),
    "office/paper/": department("commerce"), "office/paper/counting": only("maker:commerce"),
    **{f"office/paper/{page}": only("maker:commerce", "checker:commerce", OPERATOR) for page in
       ("<uuid:print_run>", "booklet/<uuid:booklet>")},
    "office/points/records": department("planning"), "office/points/records/<uuid:record>": department("planning"),
    "office/points/photos": department("planning"), "office/points/photos/<uuid:photo>": department("planning"),
    "office/points/place/<uuid:place>/screen": department("planning"),
    "office/points/place/<uuid:place>/code": department("planning"),
    "office/benefits/import": only("maker:welfare"), "office/benefits/<uuid:benefit_list>": department("welfare"),
    "office/benefits/entitlement/<uuid:entitlement>": department("welfare"),
    **{f"office/settlement/{page}": only(*CHECKERS, ACCOUNTANT) for page in
       ("", "<uuid:run>", "statement/<uuid:statement>")},
    "office/settlement/<uuid:run>/file": only(*OFFICERS, answer="405"),
    **{f"office/{page}": only(*MAKERS, *CHECKERS, ACCOUNTANT, ANALYST) for page in
       ("books", "years/", "years/<int:year>", "evidence/", "evidence/<uuid:programme>")},
    "office/programmes/<uuid:programme>/campaigns":
        only(*MAKERS, *CHECKERS, ACCOUNTANT, ANALYST, OPERATOR, answer="422"),
    "office/evidence/<uuid:programme>/arms": only(*MAKERS, *CHECKERS, ACCOUNTANT, ANALYST, answer="404"),
    "office/approvals": only(*MAKERS, *CHECKERS, ACCOUNTANT, OPERATOR),
    # a company's own
    **{f"partner/{page}": only("partner") for page in
       ("", "spent", "statement", "members", "webhooks", "proposals", "places", "keys",
        "deposits", "actions")},
    "partner/places/<uuid:place>.<str:kind>": only("partner", answer="404"),
    "partner/webhooks/<uuid:endpoint>": only("partner", answer="404"),
    "partner/apply": everybody(), "partner/apply/<str:token>": everybody("404"),
    # programs; who may call which operation: tests/faces/api
    "api/v1/docs": everybody(), "api/v1/openapi.json": everybody(),
}  # fmt: skip

LEAVING = ("accounts/logout/", "enter/leave")
"""Asked last: they may end the sign-in."""

SHUT = frozenset({"sign-in", "403", "404"})
FRAGMENTS = frozenset({"wallet/pay/code", "wallet/pay/landed", "till/latest", "office/points/place/<uuid:place>/code"})
"""Parts of a page that stands there already."""


@pytest.fixture
def everyone(db: None, settings: LazySettings) -> Everybody:
    settings.DEMO = True
    office = found_office()
    settings.MUNICIPALITY = office.number
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    live(office)
    office.banked()
    office.settled()
    everybody = gather(office)
    officer = office.officer("maker:commerce").party
    fund = next(fund.id for fund in programmes.funds(office.number))
    everybody.objects.update(officer=officer, fund=fund)
    Login.objects.update(demo=False)
    for key in OFFICERS:
        come_in_for_real(everybody.browsers[key])
    return everybody


def come_in_for_real(client: Client) -> None:
    """As a password and an app's number do: the demo's people may not change how they come in, real ones may."""
    session = client.session
    del session[DEMO_ENTRY]
    session[WHOSE] = session["_auth_user_id"]
    session[STRENGTH] = [{"method": "password", "at": 0}, {"method": "mfa", "type": "totp", "at": 0}]
    session.save()


def answered(response: HttpResponse) -> str:
    if response.status_code in (301, 302):
        goes = response["Location"]
        entrance = goes == "/enter/" or goes.startswith(("/enter/?", "/enter/sign-in", "/accounts/login/"))
        return "sign-in" if entrance else "elsewhere"
    return "open" if response.status_code == 200 else str(response.status_code)


def test_no_address_is_missing_and_none_is_left_over() -> None:
    known = {route for route in routes() if not route.startswith("api/v1/")} | {"api/v1/docs", "api/v1/openapi.json"}
    assert sorted(known ^ TABLE.keys()) == []


def test_no_role_is_missing() -> None:
    assert all(answers.keys() == set(EVERYBODY) for answers in TABLE.values())


def test_everybody_sees_what_is_theirs_and_nothing_else_and_no_page_leads_to_a_shut_one(everyone: Everybody) -> None:
    unexpected, shut, leads = [], set(), {}
    for route in sorted(TABLE, key=lambda route: route in LEAVING):
        for role, expected in TABLE[route].items():
            path = everyone.path(route)
            response = everyone.browsers[role].get(path)
            got = answered(response)
            if got != expected:
                unexpected.append(f"{role} at {route}: {got}, not {expected}")
            if got == "403":
                shut.add((role, path))
            if got == "open" and not route.startswith(FOR_ALL):
                leads |= {(role, to): route for to in links(response)}
    assert unexpected == [], "\n".join(unexpected)
    assert [f"{role}: {leads[role, path]} leads to {path}" for role, path in sorted(leads.keys() & shut)] == []


FOR_ALL = ("public/", "enter/", "style/")
"""Pages that are the same for everybody may lead to what a resident or a shop does."""


def links(response: HttpResponse) -> list[str]:
    """Where a page's links lead, without what is asked of the page there."""
    page = response.content.decode() if response["Content-Type"].startswith("text/html") else ""
    return [re.split("[?#]", to)[0] for to in re.findall(r'<a [^>]*href="([^"]+)"', page)]


def test_nobody_changes_what_is_shut_to_them(everyone: Everybody) -> None:
    """Whoever may not look may not act either: no answer to a POST says that something was done."""
    done = []
    for route, answers in TABLE.items():
        for role in (role for role, expected in answers.items() if expected in SHUT):
            got = answered(everyone.browsers[role].post(everyone.path(route), {}))
            if got in ("open", "elsewhere") or got.startswith("5"):
                done.append(f"{role} at {route}: {got}")
    assert done == [], "\n".join(done)


# --- what pages load -------------------------------------------------------------------------------------------------


class Loads(HTMLParser):
    """What a page makes a browser fetch without anybody's press, and where its links and forms lead."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        names = ["src", "srcset", "poster", "data", "action", "formaction", "hx-get", "hx-post", "xlink:href"]
        if tag != "a":  # a link to a law's text is pressed, not loaded
            names.append("href")
        self.fetched += [value for name in names if (value := known.get(name))]


FOREIGN = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
IN_SCRIPT = re.compile(
    r"""(?:fetch|import|importScripts|WebSocket|EventSource|open)\(\s*["'`]((?:https?|wss?):[^"'`]*)"""
)


def foreign(addresses: Iterable[str]) -> list[str]:
    return [address for address in addresses if FOREIGN.match(address.strip())]


def fetched(page: str) -> list[str]:
    parser = Loads()
    parser.feed(page)
    return [*parser.fetched, *(a or b for a, b in IN_STYLE.findall(page))]


def test_the_eye_for_foreign_hosts_sees() -> None:
    page = '<script src="https://cdn.example/x.js"></script><style>a{background:url(//x.example/y.png)}</style><a href="https://x">x</a>'
    assert len(foreign(fetched(page))) == 2


def test_pages_load_nothing_from_outside_and_say_that_the_town_is_invented(everyone: Everybody) -> None:
    bad = []
    for route, answers in TABLE.items():
        for role in _some(answers):
            response = everyone.browsers[role].get(everyone.path(route))
            if not response["Content-Type"].startswith("text/html"):
                continue
            page = response.content.decode()
            bad += [f"{route} loads {address}" for address in foreign(fetched(page))]
            if route not in FRAGMENTS and "架空の町" not in page:
                bad.append(f"{route} as {role} ({response.status_code}): no banner")
    assert bad == []


def _some(answers: Answers) -> list[str]:
    """One role to whom it is open, and one to whom it is not."""
    wanted = {expected: role for role, expected in answers.items() if expected not in ("sign-in", "elsewhere", "405")}
    return list(wanted.values())


def test_static_files_load_nothing_from_outside() -> None:
    bad, seen = [], 0
    for finder in get_finders():
        for path, storage in finder.list([]):
            if not path.endswith((".css", ".js", ".svg", ".webmanifest", ".json")):
                continue
            seen += 1
            text = Path(storage.path(path)).read_text()
            loaded = [a or b for a, b in IN_STYLE.findall(text)] + IN_SCRIPT.findall(text)
            if path.endswith(".svg"):
                loaded += fetched(text)
            if not path.startswith("ninja/"):  # not served to anybody: ninja is no app of ours
                bad += [f"{path} loads {address}" for address in foreign(loaded)]
    assert seen > 10
    assert bad == []


def test_an_officer_without_a_second_factor_stays_outside(everyone: Everybody) -> None:
    """The table's officers came in by password and app; the same people by their password alone see no office."""
    client: Client = everyone.browsers["accountant:accounting"]
    session = client.session
    session[STRENGTH] = session[STRENGTH][:1]
    session.save()
    assert answered(client.get("/office/settlement/")) in ("elsewhere", "sign-in")
