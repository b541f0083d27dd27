"""Keep what currencies were worth, row by row or from a file; told again, the later one counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.transactions import unit_of_work
from finance.models import ExchangeRate
from finance.policies import exchange
from finance.policies.exchange import Rate


@unit_of_work()
def keep(rates: Sequence[Rate], *, source: str, by: Actor, at: datetime) -> list[ExchangeRate]:
    """Keep rates of a source, all or none; one statement. What is known already word for word is not kept again.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a source, or naming each faulty rate.
    """
    if not by.sees_all:
        raise Forbidden("exchange rates are the operator's")
    if not source.strip():
        raise Invalid(
            "say who tells the rates",
            problems=[Problem("no_source", "say who tells them", pointer="/source")],
        )
    problems = [
        Problem(f"bad_{field}", what, pointer=f"/rates/{place}/{field}", remedy=remedy)
        for place, one in enumerate(rates)
        for field, what, remedy in exchange.faults(one)
    ]
    if problems or not rates:
        raise Invalid("No rate was kept.", problems=problems)
    days = {one.date for one in rates}
    known = {
        (one.date, one.base, one.quote): (one.rate, one.source)
        for one in ExchangeRate.objects.filter(date__in=days).order_by("pk")
    }
    return ExchangeRate.objects.bulk_create(
        ExchangeRate(
            date=one.date, base=one.base, quote=one.quote, rate=one.rate, source=source.strip()[:80],
            set_by=str(by)[:150], set_at=at,
        )
        for one in dict.fromkeys(rates)
        if known.get((one.date, one.base, one.quote)) != (one.rate, source.strip()[:80])
    )  # fmt: skip


def take_file(content: bytes, *, source: str, by: Actor, at: datetime) -> list[ExchangeRate]:
    """Keep the rates of a CSV file (date, base, quote, rate), all or none.

    :raises Forbidden: for anyone but the operator. :raises UnreadableRates: with every fault.
    """
    return keep(exchange.read(content), source=source, by=by, at=at)
