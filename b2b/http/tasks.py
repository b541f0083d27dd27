"""Housekeeping of the API."""

from __future__ import annotations

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.http import idempotency, jobs
from b2b.http.oauth import forget_tokens
from b2b.outbox.schedule import daily


@daily("http.forget", at="03:10")
def forget() -> None:
    """Drop answers and jobs nobody will ask for again, and access tokens that have ended."""
    with acting_as(system("http")):
        idempotency.forget(at=clock.now())
        jobs.forget(at=clock.now())
        forget_tokens(at=clock.now())
