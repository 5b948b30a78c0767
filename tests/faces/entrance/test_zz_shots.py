from __future__ import annotations
import re
import pytest
from tests.faces.entrance.test_browser import chromium, page, give_authenticator
from tests.faces.entrance.conftest import *
from meguri.notices.models import Notice

@pytest.mark.django_db(transaction=True)
def test_shots(page, settings, officer):
    settings.DEMO=True
    def shot(name, w=360):
        page.set_viewport_size({"width":w,"height":760}); page.screenshot(path=f"/tmp/shots/{name}-{w}.png", full_page=True)
    for lang in ("ja","en"):
        page.goto(f"/enter/?lang={lang}"); shot(f"people-{lang}"); shot(f"people-{lang}",1280)
        page.goto("/enter/sign-in"); shot(f"signin-{lang}"); shot(f"signin-{lang}",1280)
        page.goto("/accounts/login/code/"); shot(f"code-{lang}")
    page.goto("/accounts/login/code/?lang=ja")
    page.locator("#contact").fill("abc"); page.locator("main form button").first.click(); shot("code-error")
    page.locator("#contact").fill("090-1234-5678"); page.locator("main form button").first.click(); page.wait_for_url("**/confirm/"); shot("confirm")
    code=re.search(r"\d{6}",Notice.objects.get().text_ja)[0]
    page.locator("#code").fill(code); page.get_by_role("button",name="サインイン").click(); page.get_by_role("heading", name="ようこそ").wait_for(); shot("welcome")
    page.goto("/accounts/2fa/webauthn/add/"); shot("addkey")
    page.goto("/accounts/2fa/totp/activate/"); shot("totp"); 
    page.goto("/accounts/2fa/"); shot("mfa")
    page.goto("/enter/hats"); shot("hats")
    page.goto("/refuse"); shot("refusal"); shot("refusal",1280)
    page.goto("/enter/outbox"); shot("outbox")
    page.emulate_media(color_scheme="dark"); page.goto("/enter/"); shot("people-dark",1280)
    user=officer("checker"); page.goto("/accounts/login/"); shot("login")
