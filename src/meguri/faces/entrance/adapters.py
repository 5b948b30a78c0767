"""What allauth asks this town: phone numbers, ways out for messages, the steps of a sign-in, the keeping of secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from meguri.faces.design.language import as_language
from meguri.faces.entrance.forms import PhoneField
from meguri.faces.entrance.people import municipality_here
from meguri.notices import operations as notices
from meguri.notices.rules import Wording
from meguri.parties.queries import hats
from meguri.parties.rules import Both
from meguri.vault import operations as vault
from meguri.vault import queries as vault_queries
from meguri.vault.sealing import lock_text, unlock_text
from meguri.vault.town_key import town_keys
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now

CODE = Wording(
    "確認コード", "Your code",
    "確認コードは {code} です。10分以内に入力してください。だれにも教えないでください。職員が聞くことはありません。",
    "Your code is {code}. Please enter it within 10 minutes. Never tell it to anybody; staff will never ask for it.",
)
STOPPED = Both(
    "違う入力が続いたため、ここで止めました。届いた番号はもう使えません。新しい番号を受け取るか、少し待ってやり直してください。",
    "There were too many wrong tries, so we stopped here and the code no longer works. Please ask for a new code, "
    "or wait a little and begin again.",
)
WRONG_CODE = Both("番号が違います。もう一度確かめてください。", "That is not the code. Please look again.")
PASSKEY = Both("パスキー{n}", "Passkey {n}")
CHATTER = {f"account/messages/{name}.txt" for name in ("logged_in", "logged_out", "login_code_sent")}
"""Messages of allauth's that this face's pages make needless."""
CHANGED = {
    "webauthn_added": Both("パスキーを作りました", "A passkey was created"),
    "webauthn_removed": Both("パスキーを消しました", "A passkey was removed"),
    "totp_activated": Both("認証アプリを使うようにしました", "An authenticator app was switched on"),
    "totp_deactivated": Both("認証アプリを使うのをやめました", "The authenticator app was switched off"),
    "password_changed": Both("パスワードを変えました", "The password was changed"),
}
"""Changes to somebody's ways in, by the last part of allauth's name for them: said on the page and sent."""
WARNING = Both(
    "サインインの方法が変わりました: {what}。心当たりがないときは、すぐに窓口へ連絡してください。",
    "Your ways to sign in have changed: {what}. If this was not you, please tell the desk at once.",
)
AGAIN = {
    "reauthenticate": Both("パスワードで確かめる", "Confirm with the password"),
    "mfa_reauthenticate": Both("認証アプリで確かめる", "Confirm with the authenticator app"),
    "mfa_reauthenticate:webauthn": Both("パスキーで確かめる", "Confirm with a passkey"),
}
"""Ways to show once more that it is you, by allauth's name."""
NEWCOMER = "newcomer"
"""Session key: the person is here for the first time."""
SECRET_KEYS = 0
"""Secrets of ways in belong to the installation, not to one municipality."""


def is_officer(login: Any) -> bool:
    """Whether the login's person holds an officer's role now (real time: a rehearsal has no passwords)."""
    return any(hat.is_officer for hat in hats(login.party, municipality=login.municipality, at=now()))


def _in_language(both: Both) -> str:
    return both.en if as_language(get_language()) == "en" else both.ja


_said = lazy(_in_language, str)
"""A sentence that waits for the language of who reads it."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by phone or e-mail."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _said(STOPPED), "incorrect_code": _said(WRONG_CODE),
    }  # fmt: skip

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody fills in a sign-up form: the first code makes the login, an invitation gives the role."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Remember a first visit, for the page that welcomes."""
        if user.self_made and user.last_login is None:
            request.session[NEWCOMER] = True
        return super().pre_login(request, user, **kwargs)

    def clean_email(self, email: str) -> str:
        return email.strip().lower()

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:  # noqa: FBT001 - allauth's signature
        vault.set_phone(user.pk, phone, verified=verified)
        user.phone, user.phone_verified = phone, verified  # the sign-in goes on with this same object

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user: Any, phone: str) -> None:
        self.set_phone(user, phone, verified=True)

    def get_user_by_phone(self, phone: str) -> Any:
        found = vault_queries.login_with_phone(phone, municipality=municipality_here())
        return get_user_model().objects.filter(pk=found.id, is_active=True).first() if found else None

    def send_verification_code_sms(
        self, user: Any, phone: str, code: str, **_: Any  # noqa: ARG002 - the outbox takes the number from the vault
    ) -> None:
        _send(user.party, _with_code(code), municipality=user.municipality, channel="sms", secret=True)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, so that the demo shows it and a mail server that is down loses nothing."""
        found = vault_queries.login_with_email(email, municipality=municipality_here())
        if found is None:
            super().send_mail(template_prefix, email, context)
            return
        code = str(context.get("code", ""))
        wording = _with_code(code) if code else _told(template_prefix, context)
        _send(found.party, wording, municipality=found.municipality, channel="mail", secret=bool(code))

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Changes to somebody's ways in are told in the app, and by mail or SMS outside it."""
        facts = {"user": user, "timestamp": now(), "ip": "", "user_agent": "", **(context or {})}
        wording = _told(template_prefix, facts)
        channels = ["in_app", "mail"] if user.email or email else ["in_app", "sms"]
        for channel in channels:
            _send(user.party, wording, municipality=user.municipality, channel=channel, secret=False)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """The pages themselves say that a code was sent or that somebody is in; saying it twice only takes room."""
        change = CHANGED.get(Path(message_template or "").stem)
        if change is not None:
            super().add_message(request, level, message=_in_language(change))
        elif message_template not in CHATTER:
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Allauth's ways to confirm oneself, in our words."""
        ways = super().get_reauthentication_methods(user)
        return [{**way, "description": _in_language(AGAIN[way["id"]])} for way in ways]

    def get_login_stages(self) -> list[str]:
        """Allauth's steps, with our own judgement of who needs a second factor."""
        ours = "meguri.faces.entrance.stages.SecondFactorStage"
        stages = cast("list[str]", super().get_login_stages())
        return [ours if stage.endswith(".AuthenticateStage") else stage for stage in stages]


def _with_code(code: str) -> Wording:
    return Wording(CODE.title_ja, CODE.title_en, CODE.text_ja.format(code=code), CODE.text_en.format(code=code))


def _told(prefix: str, context: dict[str, Any]) -> Wording:
    """What is sent on an occasion of allauth's: our words for a change, else its own in both languages."""
    change = CHANGED.get(Path(prefix).name)
    if change is not None:
        said = (WARNING.ja.format(what=change.ja), WARNING.en.format(what=change.en))
        return Wording(change.ja, change.en, *said)
    texts = []
    for part in ("subject", "message"):
        for language in ("ja", "en"):
            with override(language):
                texts.append(render_to_string(f"{prefix}_{part}.txt", context).strip())
    title_ja, title_en, text_ja, text_en = texts
    return Wording(" ".join(title_ja.split()), " ".join(title_en.split()), text_ja, text_en)


def _send(party: Any, wording: Wording, *, municipality: int, channel: str, secret: bool) -> None:
    by = Actor(municipality, ActorRole.SYSTEM)
    topic = "sign_in.code" if secret else "sign_in.changed"
    notices.send(party, wording, channel=channel, topic=topic, by=by, at=now(), secret=secret)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys and authenticator apps. Their secrets lie locked with the town's key."""

    def encrypt(self, text: str) -> str:
        return lock_text(text, purpose="second_factor", keys=town_keys(SECRET_KEYS))

    def decrypt(self, encrypted_text: str) -> str:
        return unlock_text(encrypted_text, purpose="second_factor", keys=town_keys(SECRET_KEYS))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """An officer keeps at least one passkey or authenticator app."""
        if not is_officer(authenticator.user):
            return True
        factors = Authenticator.objects.filter(
            user=authenticator.user, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        )
        return bool(factors.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's signature
        """The name that stands in the form for a new passkey."""
        return _in_language(PASSKEY).format(n=Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1)

    def get_totp_label(self, user: Any) -> str:
        return str(user.email or user.phone or "Meguri")

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        entity = cast("dict[str, Any]", super().get_public_key_credential_user_entity(user))
        label = self.get_totp_label(user)
        return {**entity, "name": label, "display_name": label}
