"""What Django and allauth must be told so that people come in as this face means it; the settings take these over."""

from __future__ import annotations

from typing import Any

ENTRANCE_MIDDLEWARE = (
    "meguri.faces.entrance.middleware.LanguageMiddleware",
    "meguri.faces.entrance.middleware.ActorMiddleware",
    "meguri.faces.entrance.middleware.RefusalMiddleware",
    "meguri.faces.entrance.unusable.UnusableSignMiddleware",
    "meguri.faces.entrance.middleware.WaysInMiddleware",
)
"""In this order, directly after allauth's AccountMiddleware. The first takes the place of Django's LocaleMiddleware."""

ENTRANCE_CONTEXT = "meguri.faces.entrance.context.page"
"""The last of the template context processors."""

ENTRANCE_SETTINGS: dict[str, Any] = {
    "ACCOUNT_ADAPTER": "meguri.faces.entrance.adapters.AccountAdapter",
    "ACCOUNT_EMAIL_NOTIFICATIONS": True,  # people hear of changes to their ways in
    "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
    "ACCOUNT_EMAIL_VERIFICATION": "none",  # an address proves itself by its first code
    "ACCOUNT_FORMS": {
        "confirm_login_code": "meguri.faces.entrance.forms.ConfirmCodeForm",
        "request_login_code": "meguri.faces.entrance.forms.RequestCodeForm",
    },
    "ACCOUNT_LOGIN_BY_CODE_ENABLED": True,
    "ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS": 3,
    "ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND": True,
    "ACCOUNT_LOGIN_BY_CODE_TIMEOUT": 600,  # seconds
    "ACCOUNT_LOGIN_METHODS": {"email", "phone"},
    "ACCOUNT_LOGOUT_REDIRECT_URL": "/",
    "ACCOUNT_PREVENT_ENUMERATION": True,
    "ACCOUNT_SESSION_REMEMBER": True,
    "ACCOUNT_SIGNUP_FIELDS": ["email*", "phone", "password1*"],
    "ACCOUNT_USER_MODEL_EMAIL_FIELD": "email",
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
    "ALLAUTH_USER_CODE_FORMAT": {"numeric": True, "length": 6, "dashed": False},
    # allauth pauses by address and by account. Axes knows our accounts by no name, so it would count everybody behind
    # the town hall's one address together and lock them all out for good after three wrong passwords.
    "AXES_ENABLED": False,
    "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
    "CSRF_FAILURE_VIEW": "meguri.faces.entrance.views.form_too_old",
    "LANGUAGE_COOKIE_NAME": "lang",
    "LOGIN_REDIRECT_URL": "/enter/after",
    "LOGIN_URL": "/enter/sign-in",
    "MFA_ADAPTER": "meguri.faces.entrance.adapters.SecondFactorAdapter",
    "MFA_ALLOW_UNVERIFIED_EMAIL": True,  # our logins prove their address by the code, not by allauth's table
    "MFA_FORMS": {"add_webauthn": "meguri.faces.entrance.forms.AddPasskeyForm"},
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_SUPPORTED_TYPES": ["webauthn", "totp"],  # a lost factor is renewed by invitation, not by a list of codes
    "MFA_TOTP_ISSUER": "Meguri",
    "MFA_TOTP_TOLERANCE": 1,
    "MFA_WEBAUTHN_USER_VERIFICATION": "required",
    "SESSION_COOKIE_AGE": 60 * 60 * 24 * 30,  # seconds; officers' sessions end much sooner, see strength.py
    "USE_TZ": True,
}
