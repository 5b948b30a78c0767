"""People come in: by code, by password and app, by invitation. What they may do depends on how they came."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import allauth
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from meguri.faces.entrance.adapters import CHANGED
from meguri.faces.entrance.operations import renew_way_in
from meguri.faces.entrance.strength import ENTERED, SEEN
from meguri.notices.models import Notice
from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.parties.operations import ShopEntry
from meguri.vault.queries import login_with_email, login_with_phone
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.faces.entrance.conftest import PASSWORD, SYSTEM

Make = Callable[..., Any]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


def ask(browser: Client, contact: str, **more: str) -> Any:
    return browser.post("/accounts/login/code/", {"contact": contact, **more}, follow=True)


def sent_code() -> str:
    """The code of the newest notice, read from the outbox as the demo shows it."""
    found = re.search(r"\b(\d{6})\b", Notice.objects.order_by("-id").first().text_ja)  # type: ignore[union-attr]
    assert found is not None
    return found[1]


def enter(browser: Client, code: str, **more: str) -> Any:
    return browser.post("/accounts/login/code/confirm/", {"code": code, **more}, follow=True)


def give_app(user: Any) -> None:
    TOTP.activate(user, SECRET)


def app_code() -> str:
    return format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))


def sign_in_as_staff(browser: Client, user: Any) -> Any:
    return browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD}, follow=True)


@pytest.mark.parametrize(("contact", "channel"), [("090-1234-5678", "sms"), ("Hanako@Example.jp", "mail")])
def test_a_newcomer_needs_only_a_code(contact: str, channel: str, town: int, browser: Client) -> None:
    page = ask(browser, contact)
    assert page.redirect_chain[-1][0].startswith("/accounts/login/code/confirm/")
    assert Notice.objects.get().channel == channel
    page = enter(browser, sent_code())
    assert page.redirect_chain[-1][0] == "/enter/after"
    assert "ようこそ" in page.content.decode()
    actor = browser.get("/enter/hats").wsgi_request.actor
    assert (actor.role, actor.municipality) == (ActorRole.RESIDENT, town)
    login = login_with_phone(contact, municipality=1) or login_with_email(contact, municipality=1)
    assert login is not None
    assert login.party == actor.party


def test_the_second_visit_finds_the_same_person(town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    enter(browser, sent_code())
    first = browser.get("/enter/hats").wsgi_request.actor
    browser.post("/enter/leave")
    ask(browser, "+81 90 1234 5678")
    wide = sent_code().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    page = enter(browser, f"{wide[:3]} {wide[3:]}")  # as a Japanese keyboard writes it
    assert "ようこそ" not in page.content.decode()
    assert browser.get("/enter/hats").wsgi_request.actor == first


def test_a_wrong_code_does_not_open_and_three_end_it(town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    right = sent_code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(2):
        assert "番号が違います" in enter(browser, wrong).content.decode()
    enter(browser, wrong)
    enter(browser, right)
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.VISITOR


def test_a_code_works_once(town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    code = sent_code()
    enter(browser, code)
    browser.post("/enter/leave")
    enter(browser, code)
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.VISITOR


def test_known_and_unknown_people_see_the_same_page(town: int, person: Make) -> None:
    person(email="known@example.jp")
    pages = [ask(Client(), contact) for contact in ("known@example.jp", "new@example.jp")]
    shown = [re.sub(r"known|new|value=\"[^\"]+\"|csrf\w+&quot;: &quot;\w+", "", p.content.decode()) for p in pages]
    hidden = [re.sub(r"\"X-CSRFToken\": \"\w+\"|content=\"20[^\"]+\"", "", text) for text in shown]
    assert hidden[0] == hidden[1]


def test_a_closed_login_gets_no_code(town: int, person: Make, browser: Client) -> None:
    person(email="closed@example.jp")
    get_user_model().objects.update(is_active=False)
    page = ask(browser, "closed@example.jp")
    assert page.redirect_chain[-1][0].startswith("/accounts/login/code/confirm/"), "the same page as for anybody"
    assert not Notice.objects.exists()


@pytest.mark.parametrize("contact", ["", "12", "でんわ", "a@b"])
def test_what_is_no_contact_is_said_kindly(contact: str, town: int, browser: Client) -> None:
    page = browser.post("/accounts/login/code/", {"contact": contact})
    assert page.status_code == 200
    assert not get_user_model().objects.exists()
    if contact:
        assert "読めません" in page.content.decode()


def test_asking_again_and_again_is_limited(town: int, browser: Client) -> None:
    for _ in range(8):
        ask(browser, "090-1234-5678")
    assert Notice.objects.count() <= 4


def test_one_comes_back_to_where_one_wanted_to_go(town: int, browser: Client) -> None:
    browser.get("/accounts/login/code/?next=/enter/hats")
    ask(browser, "090-1234-5678", next="/enter/hats")
    page = enter(browser, sent_code(), next="/enter/hats")
    assert page.redirect_chain[-1][0] == "/enter/hats"


def test_there_is_no_sign_up_form(town: int, browser: Client) -> None:
    page = browser.post("/accounts/signup/", {"email": "x@example.jp", "password1": PASSWORD}, follow=True)
    assert page.status_code == 200
    assert not get_user_model().objects.exists()


def test_an_officer_with_password_and_app_has_the_role(officer: Make, browser: Client) -> None:
    user = officer("checker")
    give_app(user)
    page = sign_in_as_staff(browser, user)
    assert page.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert browser.get("/enter/").wsgi_request.actor.role is ActorRole.VISITOR, "half a sign-in is none"
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    actor = browser.get("/enter/hats").wsgi_request.actor
    assert (actor.role, actor.department, actor.party) == (ActorRole.CHECKER, "commerce", user.party)


def test_an_officer_with_a_password_alone_has_no_role_yet(officer: Make, browser: Client) -> None:
    user = officer("checker")
    page = sign_in_as_staff(browser, user)
    assert page.redirect_chain[-1][0] == "/enter/second-factor"
    request = browser.get("/enter/second-factor").wsgi_request
    assert (request.actor.role, request.hats) == (ActorRole.VISITOR, ())
    assert [hat.key for hat in request.withheld_hats] == ["checker:commerce"]


def test_a_code_by_mail_is_no_weaker_way_into_an_office(officer: Make, browser: Client) -> None:
    user = officer("checker")
    ask(browser, user.email)
    page = enter(browser, sent_code())
    assert page.redirect_chain[-1][0] == "/enter/second-factor"
    give_app(user)
    browser.post("/enter/leave")
    ask(browser, user.email)
    page = enter(browser, sent_code())
    assert page.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    assert browser.get("/enter/second-factor").wsgi_request.actor.role is ActorRole.VISITOR, "mail + app: no password"


def test_a_residents_app_is_asked_for_but_a_passkey_is_no_second_step(person: Make, browser: Client) -> None:
    user = person(phone="090-1234-5678")
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "k", "credential": {}})
    ask(browser, "090-1234-5678")
    assert enter(browser, sent_code()).wsgi_request.actor.role is ActorRole.RESIDENT
    browser.post("/enter/leave")
    Authenticator.objects.all().delete()  # it was only the mark of a key; no page could read it
    give_app(user)
    ask(browser, "090-1234-5678")
    assert enter(browser, sent_code()).redirect_chain[-1][0] == "/accounts/2fa/authenticate/"


def test_wrong_passwords_are_refused_alike_and_then_paused(officer: Make, browser: Client) -> None:
    user = officer()
    for login in (user.email, "nobody@town.example"):
        page = browser.post("/accounts/login/", {"login": login, "password": "wrong wrong wrong"})
        assert "サインインできませんでした" in page.content.decode()
    for _ in range(6):
        browser.post("/accounts/login/", {"login": user.email, "password": "wrong wrong wrong"})
    sign_in_as_staff(browser, user)
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated, "too many tries pause even the right one"


def test_one_officers_mistakes_do_not_lock_out_the_town_hall(officer: Make) -> None:
    clumsy, other = officer(), officer()
    for _ in range(5):
        Client().post("/accounts/login/", {"login": clumsy.email, "password": "wrong wrong wrong"})
    browser = Client()  # behind the same address
    sign_in_as_staff(browser, other)
    assert browser.get("/enter/").wsgi_request.user.is_authenticated


def test_the_apps_seed_lies_locked_in_the_table(officer: Make) -> None:
    user = officer()
    give_app(user)
    stored = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
    assert SECRET not in stored


@pytest.mark.parametrize(
    ("entered_ago", "seen_ago", "ends"),
    [(timedelta(hours=1), timedelta(minutes=29), False), (timedelta(hours=1), timedelta(minutes=31), True),
     (timedelta(hours=13), timedelta(minutes=1), True)],
)
def test_an_officers_session_ends_by_itself(
    *, entered_ago: timedelta, seen_ago: timedelta, ends: bool, officer: Make, browser: Client, at: datetime
) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    session = browser.session
    session[ENTERED], session[SEEN] = (at - entered_ago).timestamp(), (at - seen_ago).timestamp()
    session.save()
    page = browser.get("/enter/hats", follow=True)
    assert page.wsgi_request.user.is_authenticated is not ends
    if ends:
        assert "しばらく操作がなかった" in page.content.decode()
        assert "next=%2Fenter%2Fhats" in page.redirect_chain[-1][0]


def test_a_closed_officer_is_out_at_once(officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    assert browser.get("/enter/").wsgi_request.actor.role is ActorRole.VISITOR


def test_an_ended_appointment_takes_the_hat_off_at_once(officer: Make, browser: Client, at: datetime) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    (appointment,) = queries.officers(municipality=1, at=at)
    parties.end_appointment(appointment.id, by=SYSTEM, at=at + timedelta(seconds=1))
    request = browser.get("/enter/hats").wsgi_request
    assert [hat.key for hat in request.hats][:1] in ([], ["resident"], ["maker:commerce"])
    later = queries.hats(user.party, municipality=1, at=at + timedelta(seconds=2))
    assert [hat.key for hat in later] == ["resident"]


def test_an_officer_comes_by_invitation(town: int, browser: Client, at: datetime) -> None:
    enrolled = parties.enrol_officer(
        email="aoki@town.example", role=ActorRole.MAKER, department="commerce", by=SYSTEM, at=at
    )
    link = f"/enter/invitation/{enrolled.token}"
    assert "commerce課の起票者として招待されています" in browser.get(link).content.decode()
    assert browser.post(link, {"password": "short"}).status_code == 422
    assert browser.post(link, {"password": PASSWORD}).headers["location"] == "/accounts/login/"
    user = get_user_model().objects.get(email="aoki@town.example")
    assert sign_in_as_staff(browser, user).redirect_chain[-1][0] == "/enter/second-factor"
    again = browser.get(link)
    assert (again.status_code, "使えません" in again.content.decode()) == (404, True)


def test_a_lost_app_is_renewed_by_invitation(officer: Make, browser: Client, at: datetime) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    (appointment,) = queries.officers(municipality=1, at=at)
    for by in (Actor(1, ActorRole.CHECKER, uuid4(), "welfare"), Actor(1, ActorRole.OPERATOR, user.party)):
        with pytest.raises(Refusal):
            renew_way_in(appointment.id, by=by, at=at)
    token = renew_way_in(appointment.id, by=SYSTEM, at=at)
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated, "open sessions end"
    assert not Authenticator.objects.exists()
    browser.post(f"/enter/invitation/{token}", {"password": "another calm password"})
    browser.post("/accounts/login/", {"login": user.email, "password": "another calm password"}, follow=True)
    assert browser.get("/enter/").wsgi_request.user.is_authenticated
    with pytest.raises(Refusal, match="appointment_unknown"):
        renew_way_in(uuid4(), by=SYSTEM, at=at)


def test_a_clerk_signs_in_and_then_joins_the_shop(town: int, browser: Client, at: datetime) -> None:
    shop = parties.register_shop(ShopEntry("八百屋まるは", "Maruha", "58", "中町"), by=SYSTEM, at=at)
    token = parties.invite_member(role=ActorRole.CLERK, shop=shop, by=SYSTEM, at=at)
    page = browser.post(f"/enter/invitation/{token}", follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/code/"
    ask(browser, "090-1234-5678")
    page = enter(browser, sent_code())
    assert page.redirect_chain[-1][0] == f"/enter/invitation/{token}"
    assert browser.post(f"/enter/invitation/{token}").headers["location"] == "/till/"
    actor = browser.get("/enter/hats").wsgi_request.actor
    assert (actor.role, actor.shop) == (ActorRole.CLERK, shop)


@pytest.mark.parametrize(("language", "words"), [
    ("ja", "八百屋まるはの店員として招待されています"), ("en", "You are invited to Maruha as shop clerk"),
])  # fmt: skip
def test_an_invitation_names_shop_and_role_in_the_readers_language(
    language: str, words: str, town: int, browser: Client, at: datetime
) -> None:
    shop = parties.register_shop(ShopEntry("八百屋まるは", "Maruha", "58", "中町"), by=SYSTEM, at=at)
    token = parties.invite_member(role=ActorRole.CLERK, shop=shop, by=SYSTEM, at=at)
    assert words in browser.get(f"/enter/invitation/{token}", {"lang": language}).content.decode()


def resident_by_code(browser: Client, contact: str = "090-1234-5678") -> None:
    ask(browser, contact)
    enter(browser, sent_code())


def is_in(browser: Client) -> bool:
    return bool(browser.get("/enter/sign-in").wsgi_request.user.is_authenticated)


def test_a_resident_signs_out_everywhere_and_nobody_else_does(town: int, browser: Client) -> None:
    other_phone, neighbour = Client(), Client()
    for client, contact in ((browser, "090-1234-5678"), (other_phone, "090-1234-5678"), (neighbour, "090-8765-4321")):
        resident_by_code(client, contact)
    assert "/enter/leave-everywhere" in browser.get("/accounts/2fa/").content.decode()
    page = browser.post("/enter/leave-everywhere", follow=True)
    assert "すべての端末からサインアウトしました" in page.content.decode()
    assert [is_in(each) for each in (browser, other_phone, neighbour)] == [False, False, True]
    resident_by_code(browser)
    assert [is_in(browser), is_in(other_phone)] == [True, False]
    assert is_in(browser), "a session of the new turn stays"


def test_an_officer_signs_out_everywhere_and_comes_in_with_the_same_password(officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    desk = Client()
    for client in (desk, browser):
        cache.clear()  # a number of the app works once
        sign_in_as_staff(client, user)
        client.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
        assert client.get("/enter/hats").wsgi_request.actor.role is ActorRole.MAKER
    browser.post("/enter/leave-everywhere")
    assert desk.get("/enter/hats").wsgi_request.actor.role is ActorRole.VISITOR
    assert sign_in_as_staff(desk, user).redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")


def test_a_clerk_who_left_the_till_open_ends_it_from_the_phone(town: int, browser: Client, at: datetime) -> None:
    shop = parties.register_shop(ShopEntry("八百屋まるは", "Maruha", "58", "中町"), by=SYSTEM, at=at)
    token = parties.invite_member(role=ActorRole.CLERK, shop=shop, by=SYSTEM, at=at)
    till = Client()
    till.post(f"/enter/invitation/{token}")
    resident_by_code(till)
    till.post(f"/enter/invitation/{token}")
    resident_by_code(browser)
    assert [each.get("/enter/hats").wsgi_request.actor.role for each in (till, browser)] == [ActorRole.CLERK] * 2
    browser.post("/enter/leave-everywhere")
    assert till.get("/enter/hats").wsgi_request.actor == Actor(1, ActorRole.VISITOR)


def test_signing_out_everywhere_needs_the_pages_own_token_and_no_session(town: int, browser: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    resident_by_code(browser)
    strict.cookies = browser.cookies
    assert strict.post("/enter/leave-everywhere").status_code == 403
    assert browser.get("/enter/leave-everywhere").status_code == 405
    assert is_in(browser)
    assert Client().post("/enter/leave-everywhere").headers["location"] == "/enter/sign-in?everywhere"


def test_hats_are_changed_by_choosing(officer: Make, browser: Client, at: datetime) -> None:
    user = officer("maker")
    parties.appoint(officer=user.party, role=ActorRole.CHECKER, department="welfare", by=SYSTEM, at=at)
    give_app(user)
    sign_in_as_staff(browser, user)
    page = browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    assert page.redirect_chain[-1][0] == "/enter/hats", "who has several hats chooses"
    assert browser.post("/enter/hats", {"hat": "maker:commerce"}).headers["location"] == "/office/"
    assert browser.get("/enter/hats").wsgi_request.actor == Actor(1, ActorRole.MAKER, user.party, "commerce")
    assert browser.post("/enter/hats", {"hat": "accountant:accounting"}).status_code == 200, "no hat of this person's"
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.MAKER


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_host(away: str, officer: Make, browser: Client) -> None:
    user = officer("maker")
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = browser.post("/enter/hats", {"hat": "resident", "next": away})
    assert "evil" not in page.headers.get("location", "")


def test_changes_to_ones_ways_in_are_told(
    officer: Make, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    user = officer("maker")
    sign_in_as_staff(browser, user)
    seed_page = "/accounts/2fa/totp/activate/"
    page = browser.get(seed_page, follow=True)
    page = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": seed_page}, follow=True)
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(seed_page, {"code": code})
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    told = Notice.objects.filter(topic="sign_in.changed")
    assert {n.channel for n in told} == {"in_app", "mail"}
    assert {n.title_ja for n in told} == {"認証アプリを使うようにしました"}
    assert all("窓口へ連絡" in n.text_ja and "tell the desk" in n.text_en for n in told)


def test_every_change_to_ones_ways_in_is_told_in_the_towns_words() -> None:
    """Allauth's own names for what it tells of, but for what this town has no page for."""
    own = Path(allauth.__file__).parent / "templates" / "mfa" / "messages"
    assert {file.stem for file in own.glob("*.txt")} - {"recovery_codes_generated"} <= CHANGED.keys()


def test_an_officer_cannot_take_off_the_last_factor(officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/2fa/totp/deactivate/"})
    browser.post("/accounts/2fa/totp/deactivate/", follow=True)
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def test_the_demos_click_opens_nothing_outside_the_demo(
    officer: Make, browser: Client, settings: LazySettings
) -> None:
    settings.DEMO = False
    user = officer("maker", demo=True)
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = browser.session
    session["demo_entry"] = True
    session.save()
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.VISITOR
    settings.DEMO = True
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.MAKER
    get_user_model().objects.update(demo=False)
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.VISITOR


def test_somebody_unknown_by_id_is_nobody(town: int, browser: Client) -> None:
    session = browser.session
    session["_auth_user_id"] = str(uuid4())
    session.save()
    assert browser.get("/enter/").wsgi_request.actor.role is ActorRole.VISITOR
