"""The only Django settings. Every value that may differ between two machines comes from ``env``.

Nothing here touches the disk or the network: tools import it only to look at it.
"""

from __future__ import annotations

import secrets
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from psycopg import conninfo

from roadworthy.config import env
from roadworthy.config.env import Secret
from roadworthy.config.paths import PACKAGE

django_stubs_ext.monkeypatch()

ROADWORTHY = env.load()

DEBUG = ROADWORTHY.debug
# `roadworthy up` and `roadworthy web` keep a key; a process started otherwise has its own.
SECRET_KEY = ROADWORTHY.secret_key.reveal() if ROADWORTHY.secret_key else secrets.token_urlsafe(48)
ALLOWED_HOSTS = env.host_names(ROADWORTHY)
CSRF_TRUSTED_ORIGINS = [ROADWORTHY.public_url]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "django_countries",  # for the names of countries in Chinese
    "roadworthy.config",  # its command "migrate"
    "roadworthy.domains.ledger",
    "roadworthy.domains.accounts",
    "roadworthy.domains.organisations",
    "roadworthy.domains.documents",
    "roadworthy.domains.notices",
    "roadworthy.domains.standards",
    "roadworthy.domains.vehicles",
    "roadworthy.domains.software",
    "roadworthy.domains.access",
    "roadworthy.domains.disclosure",
    "roadworthy.domains.filings",
    "roadworthy.domains.campaigns",
    "roadworthy.domains.conformity",
    "roadworthy.domains.processing",
    "roadworthy.domains.compliance",
    "roadworthy.domains.recalls",
    "roadworthy.domains.remedies",
    "roadworthy.domains.recall_register",
    "roadworthy.domains.aftersales",
    "roadworthy.domains.incidents",
    "roadworthy.domains.surveillance",
    "roadworthy.domains.rights",
    "roadworthy.domains.exchange",
    "roadworthy.domains.sharing",
    "roadworthy.domains.worklists",
    "roadworthy.domains.insight",
    "roadworthy.portals.shared",
    "roadworthy.portals.manufacturer",
    "roadworthy.portals.authority",
    "roadworthy.portals.institution",
    "roadworthy.portals.owner",
    "roadworthy.portals.public",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "roadworthy.portals.shared.middleware.Preferences",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "roadworthy.api.errors.MethodProblems",
    "roadworthy.portals.shared.middleware.DomainErrors",
]

ROOT_URLCONF = (
    "roadworthy.config.urls"
    if ROADWORTHY.audience == "all"
    else f"roadworthy.config.urls_{ROADWORTHY.audience}"
)
WSGI_APPLICATION = "roadworthy.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "roadworthy.portals.shared.context.shell",
            ],
        },
    },
]


def database_settings(url: Secret | None, pool: int) -> dict[str, Any]:
    """Translate an address into what Django wants."""
    engine: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "NAME": "roadworthy"}
    if url is None:
        return engine  # the embedded server's address is known once it runs: cli/session.py
    parts = conninfo.conninfo_to_dict(url.reveal())
    for name, part in CONNECTION_PARTS.items():
        engine[name] = str(parts.pop(part, ""))
    options: dict[str, Any] = {"connect_timeout": 10, **parts}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {**engine, "OPTIONS": options}


CONNECTION_PARTS = {
    "NAME": "dbname",
    "USER": "user",
    "PASSWORD": "password",
    "HOST": "host",
    "PORT": "port",
}
DATABASES = {"default": database_settings(ROADWORTHY.database_url, ROADWORTHY.database_pool)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # what people see; a legal day is a day there

FILE_UPLOAD_HANDLERS = ["roadworthy.portals.shared.uploads.Bounded"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served out of the installed packages: nothing is collected, so nothing can be out of date.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 300

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ROADWORTHY.is_secure
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "roadworthy.portals.shared.errors.expired"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = ROADWORTHY.is_secure
SECURE_SSL_REDIRECT = ROADWORTHY.is_secure and ROADWORTHY.behind_proxy
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ROADWORTHY.is_secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ROADWORTHY.behind_proxy else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "filters": {"links": {"()": "roadworthy.portals.owner.redaction.Links"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]},
    },
    "root": {"handlers": ["stderr"], "level": ROADWORTHY.log_level},
    "loggers": {
        # Django's own handler would print a second line for each.
        "django": {"handlers": [], "propagate": True},
        "httpx": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # HSTS preload is the operator's decision about the whole domain
    "security.W005",  # so is HSTS for its other hosts
    "security.W008",  # the proxy that speaks TLS redirects
]
