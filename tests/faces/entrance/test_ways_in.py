"""Changing how one comes in: what real people may do, what nobody may, and that the demo's people stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from meguri.faces.entrance.demo import ROSTER, demo_id, settle_demo_people
from meguri.faces.entrance.middleware import COMING_IN, SHUT
from meguri.faces.entrance.operations import renew_way_in
from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.parties.models import OfficerAppointment
from meguri.parties.operations import ResidentEntry, ShopEntry
from meguri.vault.models import Login
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.faces.entrance.conftest import PASSWORD, SYSTEM
from tests.faces.entrance.test_sign_in import app_code, ask, enter, give_app, sent_code, sign_in_as_staff

Make = Callable[..., Any]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ARGUMENTS = {"mfa_remove_webauthn": {"pk": 1}, "mfa_edit_webauthn": {"pk": 1}, "account_confirm_email": {"key": "a"},
             "account_reset_password_from_key": {"uidb36": "1", "key": "a-b"}}
CHANGING = sorted(
    {name for name in get_resolver("allauth.urls").reverse_dict if isinstance(name, str)} - COMING_IN
    - {"account_logout"}
)
"""Every page of allauth's but those by which one comes in and goes out: what stands there is about changing."""


def address(name: str) -> str:
    return reverse(name, kwargs=ARGUMENTS.get(name))


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def demo(town: int, settings: LazySettings, at: datetime) -> int:
    """A demo with every part but the residents', who are found in a lived town."""
    settings.DEMO = True
    parties.register_shop(ShopEntry("八百屋まるは", "Maruha", "58", "中町", "street"), by=SYSTEM, at=at)
    parties.register_sponsor(name_ja="架空電力", name_en="Invented Power", by=SYSTEM, at=at)
    parties.register_residents([ResidentEntry(date(1990, 1, 1), "中町", date(2021, 1, 1), "H1")], by=SYSTEM, at=at)
    settle_demo_people(municipality=town, at=at)
    return town


def ways_of_everybody() -> list[dict[str, Any]]:
    """All that a change of a way in could touch."""
    return [*Login.objects.order_by("id").values("id", "email", "phone", "password", "is_active", "party"),
            *Authenticator.objects.values()]


def test_the_list_of_pages_is_not_empty() -> None:
    """Else the tests below would look at nothing."""
    assert {"mfa_index", "mfa_add_webauthn", "mfa_activate_totp", "account_change_password", "account_email"} <= set(
        CHANGING
    )
    assert set(SHUT) <= set(CHANGING)


# --- the demo's people -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize("key", ["owner", "commerce-maker"])
def test_nobody_changes_how_a_demo_person_comes_in(name: str, key: str, demo: int, browser: Client) -> None:
    browser.post(f"/enter/as/{key}")
    before = ways_of_everybody()
    for answer in (
        browser.get(address(name)),
        browser.post(address(name), {"email": "visitor@town.example", "action_add": "", "phone": "09012345678",
                                     "password1": PASSWORD, "password2": PASSWORD, "oldpassword": PASSWORD,
                                     "code": app_code(), "credential": "{}"}),
    ):  # fmt: skip
        assert answer.status_code == 403
        assert ("demo_ways_stay" in answer.text) or (name in SHUT and "way_shut" in answer.text)
        assert "Location" not in answer
    assert ways_of_everybody() == before
    assert browser.get("/enter/hats").wsgi_request.user.demo, "still playing"


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "次の方も同じ人になれるように"), ("en", "so that the next visitor")]
)
def test_the_demo_says_why(language: str, words: str, demo: int, browser: Client) -> None:
    browser.post("/enter/as/owner")
    assert words in browser.get(f"/accounts/2fa/?lang={language}").text
    assert "サインインの方法を変える" not in browser.get("/enter/hats?lang=ja").text


@pytest.mark.parametrize(
    "path",
    ["/enter/sign-in?next=/wallet/", "/accounts/login/", "/accounts/login/code/", "/accounts/2fa/webauthn/login/"],
)
def test_who_wants_to_come_in_for_real_stops_playing(path: str, demo: int, browser: Client) -> None:
    browser.post("/enter/as/commerce-maker")
    page = browser.get(path, follow=True)
    assert (page.status_code, page.redirect_chain[0]) == (200, (path, 302))
    assert not page.wsgi_request.user.is_authenticated


def test_going_out_works_in_the_demo(demo: int, browser: Client) -> None:
    browser.post("/enter/as/owner")
    browser.post("/accounts/logout/")
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated


def test_one_visitor_of_the_demo_signs_no_other_out(demo: int, browser: Client) -> None:
    other = Client()
    for each in (browser, other):
        each.post("/enter/as/owner")
    assert browser.post("/enter/leave-everywhere").status_code == 403
    for each in (browser, other):
        assert each.get("/enter/").wsgi_request.user.is_authenticated


@pytest.mark.parametrize("key", [part.key for part in ROSTER if part.department])
def test_an_ended_appointment_is_given_back_when_the_part_is_played_again(
    key: str, demo: int, browser: Client, at: datetime
) -> None:
    part = next(part for part in ROSTER if part.key == key)
    party = demo_id(key, municipality=demo, what="party")
    held = [one for one in queries.officers(municipality=demo, at=at) if one.officer == party]
    for one in held:
        _end(one.id, at)
    assert browser.post(f"/enter/as/{key}").headers["location"] == "/office/"
    actor = browser.get("/enter/hats").wsgi_request.actor
    assert (actor.role, actor.department, actor.party) == (part.role, part.department, party)


def _end(appointment: UUID, at: datetime) -> None:
    """As an operator would, but without those who must stay in office."""
    OfficerAppointment.objects.filter(id=appointment).update(valid_until=at + timedelta(microseconds=1))


def test_a_clerk_who_was_let_go_is_back_for_the_next_visitor(demo: int, browser: Client, at: datetime) -> None:
    browser.post("/enter/as/clerk")
    shop = browser.get("/enter/hats").wsgi_request.actor.shop
    clerk = demo_id("clerk", municipality=demo, what="party")
    owner = Actor(demo, ActorRole.OWNER, demo_id("owner", municipality=demo, what="party"), shop=shop)
    parties.end_membership(member=clerk, by=owner, at=at + timedelta(seconds=1), shop=shop)
    assert [hat.key for hat in queries.hats(clerk, municipality=demo, at=at + timedelta(days=1))] == ["resident"]
    again = Client()
    assert again.post("/enter/as/clerk").headers["location"] == "/till/"
    actor = again.get("/enter/hats").wsgi_request.actor
    assert (actor.role, actor.shop) == (ActorRole.CLERK, shop)


def test_another_role_beside_it_does_not_hide_the_part(demo: int, browser: Client, at: datetime) -> None:
    party = demo_id("commerce-maker", municipality=demo, what="party")
    parties.appoint(officer=party, role=ActorRole.MAKER, department="welfare", by=SYSTEM, at=at)
    browser.post("/enter/as/commerce-maker")
    assert browser.get("/enter/hats").wsgi_request.actor.department == "commerce"


def test_a_demo_person_takes_no_invitation_but_the_visitor_may(demo: int, browser: Client, at: datetime) -> None:
    (shop, *_) = queries.shops(municipality=demo, limit=1)
    token = parties.invite_member(role=ActorRole.OWNER, shop=shop.id, by=SYSTEM, at=at)
    browser.post("/enter/as/clerk")
    clerk = demo_id("clerk", municipality=demo, what="party")
    before = [hat.key for hat in queries.hats(clerk, municipality=demo, at=at)]
    assert browser.post(f"/enter/invitation/{token}").headers["location"] == "/accounts/login/code/"
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated
    assert [hat.key for hat in queries.hats(clerk, municipality=demo, at=at + timedelta(days=1))] == before
    ask(browser, "visitor@town.example")
    assert enter(browser, sent_code()).redirect_chain[-1][0] == f"/enter/invitation/{token}"
    assert browser.post(f"/enter/invitation/{token}").headers["location"] == "/till/"


def test_the_operator_renews_no_demo_persons_way_in(demo: int, at: datetime) -> None:
    before = ways_of_everybody()
    party = demo_id("welfare-maker", municipality=demo, what="party")
    (held,) = [one for one in queries.officers(municipality=demo, at=at) if one.officer == party]
    with pytest.raises(Refusal, match="demo_ways_stay"):
        renew_way_in(held.id, by=SYSTEM, at=at)
    assert ways_of_everybody() == before


def test_an_older_invitation_sets_no_password_of_a_demo_person(demo: int, browser: Client, at: datetime) -> None:
    party = demo_id("welfare-maker", municipality=demo, what="party")
    (held,) = [one for one in queries.officers(municipality=demo, at=at) if one.officer == party]
    token = parties.reinvite_officer(held.id, by=SYSTEM, at=at)
    before = ways_of_everybody()
    answer = browser.post(f"/enter/invitation/{token}", {"password": PASSWORD})
    assert (answer.status_code, "demo_ways_stay" in answer.text) == (403, True)
    assert ways_of_everybody() == before


# --- real people -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SHUT))
@pytest.mark.parametrize("signed_in", [True, False])
def test_addresses_and_lost_passwords_are_no_matter_of_a_form(
    name: str, person: Make, browser: Client, *, signed_in: bool
) -> None:
    """A code for a new number would go to the old one, so anybody could take anybody's number."""
    user = person(email="me@town.example", phone="090-1234-5678")
    if signed_in:
        browser.force_login(user, backend=BACKEND)
    before = ways_of_everybody()
    for answer in (browser.get(address(name)),
                   browser.post(address(name), {"email": "other@town.example", "action_add": "", "phone": "08011112222",
                                                "password1": PASSWORD, "password2": PASSWORD})):
        assert (answer.status_code, "way_shut" in answer.text) == (403, True)
    assert ways_of_everybody() == before


def test_an_officer_changes_the_password_by_knowing_the_old_one(officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    new = "eighteen calm otters swim"
    typed = {"password1": new, "password2": new}
    wrong = browser.post("/accounts/password/change/", {"oldpassword": "guess guess", **typed})
    assert wrong.status_code == 200
    assert get_user_model().objects.get(pk=user.pk).check_password(PASSWORD)
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert get_user_model().objects.get(pk=user.pk).check_password(new)


def test_a_resident_may_switch_on_an_app_and_off_again(town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    enter(browser, sent_code())
    user = browser.get("/enter/hats").wsgi_request.user
    give_app(user)
    assert Authenticator.objects.filter(user=user.pk).exists()
    assert "認証アプリ" in browser.get("/accounts/2fa/").text
    page = browser.post("/accounts/2fa/totp/deactivate/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/accounts/2fa/reauthenticate/"), "whoever holds the phone is asked"
    assert Authenticator.objects.filter(user=user.pk).exists()
    browser.post("/accounts/2fa/reauthenticate/", {"code": app_code()})
    browser.post("/accounts/2fa/totp/deactivate/", follow=True)
    assert not Authenticator.objects.filter(user=user.pk).exists()


def test_a_residents_app_is_asked_for_after_the_code(town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    enter(browser, sent_code())
    give_app(browser.get("/enter/hats").wsgi_request.user)
    browser.post("/enter/leave")
    ask(browser, "090-1234-5678")
    assert enter(browser, sent_code()).redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.RESIDENT


@pytest.mark.parametrize("code", ["000000", "", "12345", "abcdef", "1234567890123"])
def test_a_wrong_number_of_the_app_is_refused(code: str, officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    wrong = code if code != app_code() else "000001"
    answer = browser.post("/accounts/2fa/authenticate/", {"code": wrong})
    assert answer.status_code == 200, "the page again"
    assert browser.get("/enter/").wsgi_request.actor.role is ActorRole.VISITOR
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated


def test_a_number_of_the_app_works_once(officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    code = app_code()
    sign_in_as_staff(browser, user)
    browser.post("/accounts/2fa/authenticate/", {"code": code}, follow=True)
    assert browser.get("/enter/").wsgi_request.user.is_authenticated
    seen = Client()
    sign_in_as_staff(seen, user)
    seen.post("/accounts/2fa/authenticate/", {"code": code}, follow=True)
    assert not seen.get("/enter/").wsgi_request.user.is_authenticated, "read over the shoulder"


def test_guessing_the_apps_number_is_stopped(officer: Make, browser: Client) -> None:
    user = officer("maker")
    give_app(user)
    sign_in_as_staff(browser, user)
    for guess in range(12):
        browser.post("/accounts/2fa/authenticate/", {"code": f"{guess:06d}"})
    browser.post("/accounts/2fa/authenticate/", {"code": app_code()}, follow=True)
    assert not browser.get("/enter/").wsgi_request.user.is_authenticated


@pytest.mark.parametrize("name", sorted({"mfa_index", "mfa_add_webauthn", "mfa_activate_totp", "mfa_list_webauthn"}))
def test_a_visitor_is_sent_to_the_sign_in_first(name: str, town: int, browser: Client) -> None:
    answer = browser.get(address(name))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(("/enter/sign-in", "/accounts/login/"))


def test_somebody_elses_passkey_cannot_be_removed(person: Make, browser: Client) -> None:
    other, me = person(), person()
    key = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "phone"})
    ask(browser, me.email)
    enter(browser, sent_code())
    for act in ("remove", "edit"):
        assert browser.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/", {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get().data == {"name": "phone"}


@pytest.mark.parametrize(("host", "named"), [
    ("127.0.0.1:8123", "http://localhost:8123/enter/sign-in"), ("[::1]:8123", "http://localhost:8123/enter/sign-in"),
    ("localhost:8123", ""), ("meguri.example", ""), ("192.0.2.7:8123", "名前"),
])  # fmt: skip
def test_passkeys_lead_to_an_address_with_a_name(
    host: str, named: str, town: int, browser: Client, settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    page = browser.get("/enter/sign-in", headers={"host": host}).text
    assert ("パスキーは、名前のあるアドレスでだけ使えます" in page) is bool(named)
    if named.startswith("http"):
        assert f'href="{named}"' in page


def test_a_person_of_the_register_is_one_login_only(person: Make) -> None:
    with pytest.raises(Refusal, match="login_taken"):
        person(party=person().party, email=f"{uuid4().hex}@town.example")


# --- the pages about ways in, as their readers see them --------------------------------------------------------------


FOREIGN = ("多要素", "セキュリティキー", "Security Key", "Two-Factor", "Not used.", "アクセス確認", "お忘れですか")
"""Words of the library's own pages that nobody at the counter could explain."""


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ["mfa_index", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_activate_totp"])
def test_the_pages_about_ways_in_speak_the_towns_words(name: str, language: str, town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    enter(browser, sent_code())
    page = browser.get(reverse(name), {"lang": language}, follow=True)
    assert page.status_code == 200
    assert [word for word in FOREIGN if word in page.content.decode()] == []


def test_somebody_is_asked_who_it_is_in_the_towns_words(officer: Make, browser: Client) -> None:
    """The library's page also led to a way that is shut here."""
    sign_in_as_staff(browser, officer())
    page = browser.get(reverse("mfa_activate_totp"), follow=True).content.decode()
    asked = browser.get(reverse("account_reauthenticate")).content.decode()
    for shown in (page, asked):
        assert [word for word in FOREIGN if word in shown] == []
        assert reverse("account_reset_password") not in shown
    wrong = browser.post(reverse("account_reauthenticate"), {"password": "wrong"}).content.decode()
    assert "パスワードが違います" in wrong


def test_an_officer_who_has_just_set_up_the_app_is_told_to_come_in_again(officer: Make, browser: Client) -> None:
    user = officer()
    sign_in_as_staff(browser, user)
    assert "準備ができました" not in browser.get(reverse("mfa_index")).content.decode()
    give_app(user)
    shown = browser.get(reverse("mfa_index")).content.decode()
    assert "準備ができました" in shown
    assert f'action="{reverse("account_logout")}"' in shown
    page = browser.post(reverse("account_logout"), {"next": reverse("account_login")}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("account_login")


def test_a_resident_finds_the_way_on_from_the_ways_in(town: int, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    enter(browser, sent_code())
    assert 'href="/wallet/"' in browser.get(reverse("mfa_index")).content.decode()


@pytest.mark.parametrize(("language", "said"), [("ja", "番号はもう使えません"), ("en", "the code no longer works")])
def test_after_three_wrong_codes_it_is_said_what_to_do(language: str, said: str, town: int, browser: Client) -> None:
    browser.get("/enter/sign-in", {"lang": language})
    ask(browser, "090-1234-5678")
    wrong = "000000" if sent_code() != "000000" else "111111"
    shown = [enter(browser, wrong) for _ in range(3)][-1]
    assert said in shown.content.decode()
    assert shown.redirect_chain[-1][0].startswith(reverse("account_request_login_code"))


def test_a_wrong_number_of_the_app_is_said_kindly(officer: Make, browser: Client) -> None:
    user = officer()
    give_app(user)
    sign_in_as_staff(browser, user)
    wrong = "000000" if app_code() != "000000" else "111111"
    page = browser.post(reverse("mfa_authenticate"), {"code": wrong}).content.decode()
    assert "続けて間違えると" in page
    assert "運営に新しい招待" in page


def test_a_code_that_has_run_out_is_said_to_have_run_out(town: int, settings: LazySettings, browser: Client) -> None:
    ask(browser, "090-1234-5678")
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = -1
    page = enter(browser, sent_code())
    assert browser.get("/enter/hats").wsgi_request.actor.role is ActorRole.VISITOR
    assert page.redirect_chain[-1][0].startswith(reverse("account_request_login_code"))
    assert "新しい番号を受け取って" in page.content.decode()
