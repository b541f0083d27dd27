"""The tests: fast password hashes, no pool, and the addresses that tests/conftest.py fills in."""

from b2b.embedded import databases, roles
from b2b.embedded.postgres import Postgres
from b2b.embedded.secret import kept_key
from b2b.settings.base import *  # noqa: F403
from b2b.settings.base import VAR_DIR

SECRET_KEY = kept_key(VAR_DIR)
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Thousands of tests sign in and ask a few times each; tests/http/test_credentials.py tries the sessions of production.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
CELERY_BROKER_URL = "memory://"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
API_KEY_TRUST_SECONDS = 0.0
API_RATE_PER_MINUTE = API_SIGN_IN_RATE_PER_MINUTE = 10**6
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}

_server = Postgres(VAR_DIR / "test-postgres")
DATABASES = {
    alias: databases.finish(databases.on_server(_server, "not_a_test_database", role))
    for alias, role in (("default", roles.APPLICATION), ("owner", roles.OWNER))
}
# Tests travel hours ahead with one sign-in; tests/admin/test_second_factor.py tries the silence of production.
SESSION_IDLE_SECONDS: dict[str, int] = {}
