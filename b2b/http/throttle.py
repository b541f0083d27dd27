"""No organisation takes the platform for itself: requests a minute, counted in the shared cache.

A process takes portions of the limit from the cache and spends them by itself, so that most requests cost no call. All
processes together never answer more than the limit; what a process has not spent is lost with the minute.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.http.address import of_caller

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60
PORTIONS: Final = 200  # of the limit, so that a process holds back half a per cent of it
_MOST_HELD: Final = 10_000

_held: dict[str, int] = {}  # requests that are left of the portion, by key of name and minute
_guard = Lock()


class TooMany(DomainError):
    """Too many requests in this minute; slow down."""

    code = "too_many_requests"
    status = 429


def count(actor: Actor, request: HttpRequest, *, refused: bool) -> None:
    """Count one request of an organisation, or of an address nobody vouches for.

    :raises TooMany: above the limit, with the seconds to wait. Without the cache nobody is refused.
    """
    if actor.is_anonymous or refused:
        name, limit = f"address:{of_caller(request)}", settings.API_SIGN_IN_RATE_PER_MINUTE
    else:
        name, limit = f"organization:{actor.organization_id}", settings.API_RATE_PER_MINUTE
    moment = clock.now().timestamp()
    key = f"rate:{name}:{limit}:{int(moment // WINDOW_SECONDS)}"
    with _guard:
        left = _held.get(key, 0)
        if left > 0:
            _held[key] = left - 1
            return
    try:
        granted = _take(key, max(1, limit // PORTIONS), limit)
    except Exception:
        log.exception("the cache is away; nobody is throttled")
        return
    if granted < 1:
        wait = int(WINDOW_SECONDS - moment % WINDOW_SECONDS) + 1
        raise TooMany(f"more than {limit} requests in a minute; wait {wait} s", retry_after=wait)
    with _guard:
        if len(_held) >= _MOST_HELD:
            _held.clear()
        _held[key] = _held.get(key, 0) + granted - 1


def _take(key: str, portion: int, limit: int) -> int:
    """Take a portion from the shared count and return how much of it is within the limit."""
    cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
    taken: int = cache.incr(key, portion)
    return min(portion, limit - taken + portion)
