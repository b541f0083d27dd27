"""Whether every part works: /healthz answers 200 only when all do, and says which does not."""

from __future__ import annotations

import logging
from typing import Any

from django.db import Error
from django.http import HttpRequest, JsonResponse

from b2b.outbox.selectors import health as machinery

log = logging.getLogger(__name__)

# What stands in the way of trade now; parked deliveries wait for a person and are told, but do not stop anything.
VITAL = ("web", "database", "broker", "worker", "relay", "beat")


def parts() -> dict[str, dict[str, Any]]:
    """Return what is known of each part; without the database nothing is known of those that report through it."""
    web = {"ok": True}
    try:
        found = {"web": web, "database": {"ok": True}, **machinery.parts()}
    except Error as error:
        log.warning("the database does not answer: %s", error)
        return {"web": web, "database": {"ok": False}}
    for name, part in found.items():
        if "error" in part:  # may hold addresses, and this page is open to everyone
            log.warning("%s does not answer: %s", name, part.pop("error"))
    return found


def health(_: HttpRequest) -> JsonResponse:
    """Answer 200 when all vital parts work, else 503; never cached."""
    found = parts()
    good = all(part["ok"] for name, part in found.items() if name in VITAL)
    body = {"status": "ok" if good else "degraded", "parts": found}
    return JsonResponse(body, status=200 if good else 503, headers={"Cache-Control": "no-store"})
