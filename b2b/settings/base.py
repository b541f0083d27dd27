"""Everything Midstream needs to know, for every environment; the others only override."""

import os

from kombu import Exchange, Queue

from b2b.admin.navigation import (  # noqa: F401 - Unfold reads them here
    UNFOLD,
    UNFOLD_DEALER,
    UNFOLD_FACTORY,
    UNFOLD_FUNDER,
    UNFOLD_OPERATOR,
)
from b2b.embedded import databases, provision
from b2b.http.conventions import *  # noqa: F403
from b2b.http.doors import *  # noqa: F403
from b2b.http.doors import policy

BASE_DIR = provision.BASE
VAR_DIR = provision.var_directory()

SECRET_KEY = os.environ.get("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "import_export",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "b2b.db",
    "b2b.outbox",
    "b2b.catalog",
    "b2b.directory",
    "b2b.http",
    "b2b.admin",
    "orders",
    "warehousing",
    "logistics",
    "finance",
    "b2b.exchange",
    "b2b.tower",
    "b2b.embedded",
    "b2b.market",
    "b2b.wiring.Wiring",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "b2b.http.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "b2b.urls"
WSGI_APPLICATION = "b2b.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "directory.User"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "b2b" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "media"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "b2b" / "admin" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Dispatch board -----------------------------------------------------------------------------------------
# Address of map tiles with {z}, {x} and {y}; empty: the board draws its own ground and asks nobody for maps.
DISPATCH_TILE_URL = os.environ.get("DISPATCH_TILE_URL", "")
CONTENT_SECURITY_POLICY = policy(pictures_from=DISPATCH_TILE_URL)

# --- Database -----------------------------------------------------------------------------------------------
DATABASES = databases.configure(os.environ, VAR_DIR)

# --- Jobs: the outbox holds the truth, the broker only wakes the workers -------------------------------------
QUEUES = ("default", "orders", "warehousing", "logistics", "finance", "exchange", "tower", "bulk")

CELERY_BROKER_URL = provision.broker_url(os.environ)
CACHES = caches(CELERY_BROKER_URL, os.environ.get("CACHE_URL", ""))
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# A task whose child was killed is sent again with a counter, so that one that always kills its child ends.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 20 * 60
CELERY_TASK_TIME_LIMIT = 25 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 512 * 1024  # KiB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
# The one entry of beat: what is due is decided in the database (b2b.outbox.schedule), so two beats do no harm.
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "b2b.outbox.tasks.tick",
        "schedule": 5.0,
        "options": {"queue": "default", "expires": 15},
    },
}
# What a worker has not answered for after so long is sent again; its work may take longer and is still done once.
OUTBOX_LEASE_SECONDS = 25
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {
    **{f"{app}.*": {"queue": app} for app in ("orders", "warehousing", "logistics", "finance")},
    "b2b.exchange.*": {"queue": "exchange"},
    "b2b.tower.*": {"queue": "tower"},
}
if CELERY_BROKER_URL.startswith("amqp"):
    # Quorum queues survive the loss of a node. A message that was given back ten times is dropped: the outbox holds
    # the truth, sends again, and parks what keeps failing where a person sees it.
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
    _arguments = {"x-queue-type": "quorum", "x-delivery-limit": 10}
    CELERY_TASK_QUEUES = [
        Queue(name, Exchange(name), routing_key=name, queue_arguments=_arguments) for name in QUEUES
    ]
else:
    # What a killed worker had taken comes back after the timeout, which is above the longest task; the sweep
    # that looks for it runs every 5 s instead of every 100 s.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 30 * 60,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
    CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]

# --- Webhooks: only the public internet is sent to, by https, but for the networks named here -----------------
WEBHOOK_PRIVATE_NETWORKS = os.environ.get("WEBHOOK_PRIVATE_NETWORKS", "").split()
WEBHOOK_CA_FILE = os.environ.get("WEBHOOK_CA_FILE", "")

# --- Log: one line per fact, to the terminal or whatever collects it -----------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # A line for each received and finished task would drown what an operator looks for.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}

# How long it is kept where vehicles were, and who drove them (logistics.services.privacy), in days.
POSITION_DAYS = int(os.environ.get("POSITION_DAYS", "90"))
DRIVER_DAYS = int(os.environ.get("DRIVER_DAYS", "90"))
