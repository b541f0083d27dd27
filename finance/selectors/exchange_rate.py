"""Exchange rates as they were told, and those that count between some currencies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from b2b.core.actor import Actor
from finance.models import ExchangeRate
from finance.policies.exchange import OLDEST, Rates


def told(actor: Actor) -> QuerySet[ExchangeRate]:
    """Return the rates as they were told, the newest day first; the operator's alone."""
    return ExchangeRate.objects.visible_to(actor).order_by("-date", "base", "quote", "-pk")


def between(currencies: Collection[str], since: date, until: date) -> Rates:
    """Return the rates that count between some currencies on the days of a span; one statement."""
    rows = (
        ExchangeRate.objects.filter(
            base__in=currencies, quote__in=currencies, date__range=(since - OLDEST, until)
        )
        .order_by("base", "quote", "date", "-pk")
        .distinct("base", "quote", "date")
        .values_list("base", "quote", "date", "rate")
    )
    table: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
    for base, quote, on, rate in rows:
        table.setdefault((base, quote), []).append((on, rate))
    return Rates(table)
