"""Whether every part works: /healthz answers 200 only when all do, and says which does not."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse

log = logging.getLogger(__name__)

BROKER_TIMEOUT_SECONDS = 2


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _broker() -> str:
    from kombu import Connection

    with Connection(settings.CELERY_BROKER_URL, connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    return ""


PARTS: dict[str, Callable[[], str]] = {"web": lambda: "", "database": _database, "broker": _broker}


def states() -> dict[str, str]:
    """Return for each part "ok" or a sentence on what ails it; the details go to the log."""
    found = {}
    for name, ask in PARTS.items():
        try:
            found[name] = ask() or "ok"
        except Exception as error:  # noqa: BLE001 - whatever ails a part, the others are told of
            log.warning("%s does not answer: %s", name, error)
            found[name] = "does not answer"
    return found


def health(_: HttpRequest) -> JsonResponse:
    """Answer 200 when all parts work, else 503; never cached."""
    parts = states()
    good = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if good else "degraded", "parts": parts}
    return JsonResponse(body, status=200 if good else 503, headers={"Cache-Control": "no-store"})
