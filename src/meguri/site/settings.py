"""Django's settings, from few typed choices of the operator (environment variables) and the rest fixed here."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from meguri.faces.entrance.sign_in import ENTRANCE_CONTEXT, ENTRANCE_MIDDLEWARE, ENTRANCE_SETTINGS
from meguri.site.postgres import PROGRAM, EmbeddedPostgres, data_directory


class Choices(BaseSettings):
    """What an operator may choose. Every name is an environment variable with the prefix MEGURI_."""

    model_config = SettingsConfigDict(env_prefix="MEGURI_")

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """A PostgreSQL server of the operator's own; empty: the embedded one."""
    pg_bin: Path | None = None
    """The directory of PostgreSQL's programs for the embedded server; none: the wheel's, else installed ones."""
    data: Path = Field(default_factory=data_directory)
    secret_key: str = ""
    """Signs sessions and tokens; empty: the one kept in the data directory."""
    vault_key: str = ""
    """The town's key that wraps each person's key (32 bytes as hex); empty: the one kept in the data directory."""
    log_key: str = ""
    """Signs the heads of the log (32 bytes as hex); `away`: nothing is signed; empty: the one in the data directory."""
    municipality: int = 1
    """The municipality shown to people who are not signed in."""
    hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    official_host: str = "localhost:8000"
    """Host (and port) in the addresses of printed codes; a scanned address of any other host is refused."""
    sale_address: str = ""
    """Where the line of a sale is served by a process of its own (`https://sale.example.jp`); empty: with all else."""
    slip_secret: str = ""
    """Signs the notices of convenience-store payments; empty: slips are paid in invented towns only."""
    slip_maker: str = Field(default="", pattern=r"^([0-9]{6})?$")
    """The six digits that the collecting agency's barcodes begin with; empty: slips show their number alone."""
    slip_company: str = Field(default="", pattern=r"^[0-9]{0,10}$")
    """The number by which the agency knows the town; stands in the barcode before each slip's own."""
    slip_agency: str = ""
    """The agency's name as it stands on the slips."""
    card_key: str = ""
    """The secret key of the card provider (Stripe); cards stay off until it and `card_secret` are there."""
    card_secret: str = ""
    """Signs the card provider's notices (its webhook's secret)."""
    card_address: str = "https://api.stripe.com"
    """Where the card provider answers."""
    webhooks_to_loopback: bool = False
    """Whether partners' webhooks may lead to this very machine, without TLS. The demo allows it."""
    https: bool = False
    """Whether people reach the server by TLS: cookies are then marked secure."""
    debug: bool = False
    demo: bool = False
    """Whether invented people may be entered without a password. Never for a real municipality."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"


def kept_secret(name: str, *, create: bool = False) -> str:
    """The secret `name` of this installation (64 hex digits), kept in the data directory.

    Reading settings writes nothing: without a kept file an unkept random value is returned, unless `create`.
    """
    path = MEGURI.data / f"{name}.secret"
    try:
        return path.read_text().strip()
    except FileNotFoundError:  # and nothing else: an unreadable secret must never be replaced
        value = secrets.token_hex(32)
    if not create:
        return value
    with NamedTemporaryFile("w", dir=MEGURI.data) as fresh:  # readable by its owner alone
        fresh.write(value)
        fresh.flush()
        with suppress(FileExistsError):  # another process was first: its secret counts
            os.link(fresh.name, path)
    return path.read_text().strip()


MEGURI = Choices()

DEMO_MARK = "demo.json"
"""A file of this name in the data directory says that everything in it is invented."""

BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = MEGURI.secret_key or kept_secret("session")
SECRET_KEY_FALLBACKS: list[str] = []
VAULT_KEY = MEGURI.vault_key or kept_secret("vault")
LOG_KEY = MEGURI.log_key or kept_secret("log")
DEBUG = MEGURI.debug
DEMO = MEGURI.demo or (MEGURI.data / DEMO_MARK).exists()
ALLOWED_HOSTS = MEGURI.hosts
WEBHOOKS_TO_LOOPBACK = MEGURI.webhooks_to_loopback or DEMO
MUNICIPALITY = MEGURI.municipality
OFFICIAL_HOST = MEGURI.official_host
SALE_ADDRESS = MEGURI.sale_address
SLIP_SECRET = MEGURI.slip_secret
SLIP_MAKER, SLIP_COMPANY, SLIP_AGENCY = MEGURI.slip_maker, MEGURI.slip_company, MEGURI.slip_agency
CARD_KEY, CARD_SECRET, CARD_ADDRESS = MEGURI.card_key, MEGURI.card_secret, MEGURI.card_address

INSTALLED_APPS = [
    "meguri.site",  # first: its `migrate` stands before Django's
    "meguri.ledger",
    "meguri.vault",
    "meguri.parties",
    "meguri.notices",
    "meguri.programmes",
    "meguri.programmes.vouchers",
    "meguri.programmes.points",
    "meguri.programmes.benefits",
    "meguri.wallets",
    "meguri.tills",
    "meguri.settlement",
    "meguri.evidence",
    "meguri.strategy",
    "meguri.faces.design",
    "meguri.faces.entrance",
    "meguri.faces.resident",
    "meguri.faces.merchant",
    "meguri.faces.office",
    "meguri.faces.partner",
    "meguri.faces.public",
    "meguri.faces.api",
    "meguri.rehearsal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "meguri.site.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    *ENTRANCE_MIDDLEWARE,
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "meguri.site.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                ENTRANCE_CONTEXT,
            ],
        },
    },
]


AS_PROGRAM = f" -c role={PROGRAM}"
"""Among a connection's options: it opens in the role of the living program, whatever login it comes with."""


def database(dsn: str, *, role: str = "") -> dict[str, Any]:
    """Django's description of the database at a libpq URL. `role`: AS_PROGRAM, else as the login itself."""
    parts = conninfo_to_dict(dsn)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": {**parts, "options": f"-c search_path=public,vault,ledger{role}"},
        "ATOMIC_REQUESTS": True,
        # Requests run in a fixed pool of threads, so a connection per thread is a bounded pool already.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {
    "default": database(MEGURI.database_url or EmbeddedPostgres(MEGURI.data, MEGURI.pg_bin).dsn, role=AS_PROGRAM)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

AUTH_USER_MODEL = "vault.Login"
globals().update(ENTRANCE_SETTINGS)  # how people sign in is written where it is done: in the entrance
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", *ENTRANCE_SETTINGS["AUTHENTICATION_BACKENDS"]]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGOUT_REDIRECT_URL = "/"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # no collecting step: files are served from where the rooms keep them
WHITENOISE_AUTOREFRESH = DEBUG

SESSION_COOKIE_SECURE = MEGURI.https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = MEGURI.https
CSRF_COOKIE_HTTPONLY = False  # htmx sends it back in a header
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if MEGURI.https else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "form-action": [SELF, *filter(None, [SALE_ADDRESS])],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"brief": {"()": "meguri.site.faults.Brief"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["brief"]}},
    "root": {"handlers": ["terminal"], "level": MEGURI.log_level},
    "loggers": {"django.request": {"level": "ERROR"}},  # a refusal or a wrong address is no news
}
SILENCED_SYSTEM_CHECKS: list[str] = []
