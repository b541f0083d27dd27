"""In production: nothing is guessed, everything is encrypted on the way."""

import os

from django.core.exceptions import ImproperlyConfigured

from b2b.http.doors import SHARED_MONEY_AND_GOODS
from b2b.settings.base import *  # noqa: F403
from b2b.settings.base import SECRET_KEY


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ImproperlyConfigured(message)


_require(
    len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 5 and not SECRET_KEY.startswith("django-insecure-"),
    "Set SECRET_KEY to a random text of at least 50 characters "
    "(python -c 'import secrets; print(secrets.token_urlsafe(64))'); the platform does not start without.",
)
_require(bool(os.environ.get("ALLOWED_HOSTS")), "Set ALLOWED_HOSTS to the host names, separated by commas.")
_require("*" not in ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts; '*' would accept any.")
_require(
    bool(os.environ.get("DATABASE_URL")),
    "Set DATABASE_URL to a PostgreSQL 15 or newer; the embedded one serves a single machine (b2b.settings.dev).",
)
_require(
    bool(os.environ.get("CELERY_BROKER_URL")),
    "Set CELERY_BROKER_URL to a RabbitMQ, Valkey or Redis; the embedded one serves a single machine.",
)

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [
    f"https://{host}" for host in os.environ["ALLOWED_HOSTS"].split(",") if host and not host.startswith("[")
]
# Who sees everybody's orders and moves everybody's money signs in with two factors.
SECOND_FACTOR_REQUIRED = SHARED_MONEY_AND_GOODS
