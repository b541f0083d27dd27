"""The platform with the probe app, on the embedded servers below MIDSTREAM_VAR; for fault tests and benchmarks."""

import os

from kombu import Exchange, Queue

from b2b.settings.dev import *  # noqa: F403
from b2b.settings.dev import CELERY_BROKER_TRANSPORT_OPTIONS, CELERY_BROKER_URL, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.probe.apps.Probe"]
OUTBOX_LEASE_SECONDS = float(os.environ.get("PROBE_LEASE_SECONDS", "25"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}

# On a broker that others use too, a queue of our own that vanishes when nobody has used it for a minute.
if _own := os.environ.get("PROBE_QUEUE"):
    QUEUES = (_own,)
    CELERY_TASK_DEFAULT_QUEUE = _own
    CELERY_TASK_ROUTES: dict[str, object] = {}
    _arguments = (
        {"x-queue-type": "quorum", "x-expires": 60_000} if CELERY_BROKER_URL.startswith("amqp") else {}
    )
    CELERY_TASK_QUEUES = [Queue(_own, Exchange(_own), routing_key=_own, queue_arguments=_arguments)]
    CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS}
