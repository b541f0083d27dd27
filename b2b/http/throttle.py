"""No organisation takes the platform for itself: requests a minute, counted in the shared cache."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.http.address import of_caller

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60


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
    key = f"rate:{name}:{int(moment // WINDOW_SECONDS)}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
        hits = cache.incr(key)
    except Exception:
        log.exception("the cache is away; nobody is throttled")
        return
    if hits > limit:
        wait = int(WINDOW_SECONDS - moment % WINDOW_SECONDS) + 1
        raise TooMany(f"more than {limit} requests in a minute; wait {wait} s", retry_after=wait)
