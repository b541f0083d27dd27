"""Which span of time, goods and parties a page of the value view is about, from its address and back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import urlencode

from b2b.admin.sites import actor_of
from b2b.core import clock
from b2b.directory.selectors import organization
from b2b.tower.selectors.value import DEFAULT_DAYS, Span, last

LONGEST_DAYS: Final = 3660
NARROWING: Final = ("dealer_id", "factory_id", "category")


def of_request(request: HttpRequest) -> Span:
    """Read a span; what does not parse is the last quarter of a year in the reader's currency."""
    given = request.GET
    actor = actor_of(request)
    own = organization.by_id([actor.organization_id] if actor.organization_id else [])
    default = next((one.currency for one in own.values()), "CNY")
    whole = last(DEFAULT_DAYS, currency=default, today=clock.today(settings.TIME_ZONE))
    since, until = _day(given.get("since")), _day(given.get("until"))
    until = until + timedelta(days=1) if until else whole.until
    since = since or until - timedelta(days=DEFAULT_DAYS)
    if not timedelta(0) < until - since <= timedelta(days=LONGEST_DAYS):
        since, until = whole.since, whole.until
    currency = given.get("currency", "").upper()
    return Span(
        since,
        until,
        currency if len(currency) == 3 and currency.isascii() and currency.isalpha() else default,
        dealer_id=_key(given.get("dealer_id")) if actor.sees_all else None,
        factory_id=_key(given.get("factory_id")),
        category=_text(given.get("category")),
    )


def query(span: Span, **more: Any) -> str:
    """Write a span as the query of an address."""
    told: dict[str, Any] = {
        "since": span.since.isoformat(),
        "until": (span.until - timedelta(days=1)).isoformat(),
        "currency": span.currency,
        **{name: value for name in NARROWING if (value := getattr(span, name)) is not None},
        **more,
    }
    return urlencode({name: value for name, value in told.items() if value is not None})


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _text(text: str | None) -> str | None:
    return text[:80].replace("\0", "") if text else None
