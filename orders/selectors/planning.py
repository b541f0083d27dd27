"""What plans found and asked for: buffers, exceptions, and a factory's weeks against what it can make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from orders.models import (
    BufferSnapshot,
    ForecastConsumption,
    ForecastLine,
    PlanException,
    PlanRun,
    ProductionSignal,
    SignalReason,
    SignalTerms,
)
from orders.policies import production_plan

_WEEKS: Final = """
    SELECT product.sku, product.name, line.week_start_date,
        sum(line.quantity - line.rejected_quantity)::bigint AS asked,
        sum(line.quantity - line.rejected_quantity) FILTER (WHERE line.commitment = 'FIRM')::bigint AS firm,
        sum(line.committed_quantity)::bigint AS committed, source.weekly_capacity,
        min(parent.created_at + make_interval(hours => coalesce(terms.answer_within_hours, 48)))
            FILTER (WHERE parent.status IN ('SENT', 'ACKNOWLEDGED') AND line.is_order) AS answer_by
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    JOIN catalog_product product ON product.id = line.product_id
    LEFT JOIN orders_supplysource source ON source.product_id = line.product_id AND source.factory_id = line.factory_id
    LEFT JOIN orders_signalterms terms ON terms.factory_id = line.factory_id
    WHERE line.factory_id = %(factory)s AND line.week_start_date >= %(since)s AND parent.run_id IS NOT NULL
        AND parent.status IN ('SENT', 'ACKNOWLEDGED', 'COMMITTED', 'IN_PRODUCTION', 'SHIPPED')
    GROUP BY product.sku, product.name, line.week_start_date, source.weekly_capacity
    ORDER BY line.week_start_date, product.sku
"""
# What a run told of each week, and what was asked for in it.
_ACTUAL: Final = """
    SELECT date_trunc('week', on_date)::date, sum(ordered)::bigint FROM orders_demandbucket
    WHERE product_id = %s AND region = %s AND on_date >= %s GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Week:
    """A product in one week of a factory: what signals ask for, how much of it is firm, what it can make."""

    sku: str
    name: str
    week_start_date: date
    asked: int
    firm: int
    committed: int
    weekly_capacity: int | None
    answer_by: Any

    @property
    def over(self) -> int:
        """What is asked for beyond the capacity."""
        return max(0, self.asked - self.weekly_capacity) if self.weekly_capacity is not None else 0


def weeks_of(actor: Actor, factory_id: int, *, since: date) -> list[Week]:
    """Return what a factory's open signals ask for by week; its own, or anybody's to the operator."""
    if not actor.sees_all and actor.organization_id != factory_id:
        return []
    rows = fetch(_WEEKS, {"factory": factory_id, "since": since})
    return [
        Week(sku, name, week, asked, firm or 0, done or 0, most, by)
        for sku, name, week, asked, firm, done, most, by in rows
    ]


def latest_buffers(actor: Actor) -> QuerySet[BufferSnapshot]:
    """Return every buffer as its last plan found it; the operator's alone."""
    last = BufferSnapshot.objects.filter(buffer_id=OuterRef("buffer_id")).order_by("-pk").values("pk")[:1]
    return (
        BufferSnapshot.objects.visible_to(actor)
        .filter(pk=Subquery(last))
        .select_related("buffer__product", "buffer__factory", "run")
    )


def exceptions(actor: Actor) -> QuerySet[PlanException]:
    """Return what plans would change and may not; the operator's alone."""
    return PlanException.objects.visible_to(actor).select_related("run__factory", "product", "line__signal")


def consumption(actor: Actor) -> QuerySet[ForecastConsumption]:
    """Return which orders took the place of which week's forecast; the operator's alone."""
    return ForecastConsumption.objects.visible_to(actor).select_related(
        "run__factory", "order_line__order", "order_line__product"
    )


def reasons(actor: Actor, signal: ProductionSignal) -> QuerySet[SignalReason]:
    """Return why each line of a signal asks for what it asks; the operator's alone."""
    return (
        SignalReason.objects.visible_to(actor)
        .filter(line__signal=signal)
        .select_related("line")
        .order_by("line__line_number")
    )


def answer_by(actor: Actor, signal: ProductionSignal) -> datetime | None:
    """Return when an open signal of a plan lapses; None when nobody has to answer it."""
    if signal.run_id is None or not signal.is_order or signal.status not in ("SENT", "ACKNOWLEDGED"):
        return None
    agreed = (
        SignalTerms.objects.visible_to(actor).filter(factory_id=signal.factory_id).first() or SignalTerms()
    )
    return signal.updated_at + timedelta(hours=agreed.answer_within_hours)


def plans(actor: Actor) -> QuerySet[PlanRun]:
    """Return plans; a factory its own."""
    return PlanRun.objects.visible_to(actor).select_related("factory")


def against_actual(line: ForecastLine, *, weeks: int = 26) -> list[tuple[date, int | None, Decimal | None]]:
    """Return (Monday, what was asked for, what is forecast) around a forecast: weeks before it, and its own."""
    first = line.run.first_week_date
    since = first - timedelta(weeks=weeks)
    actual = dict(fetch(_ACTUAL, [line.product_id, line.region, since]))
    told = dict(zip(production_plan.weeks_from(first, len(line.mean)), line.mean, strict=True))
    last = max([first - timedelta(weeks=1), *actual])
    return [
        (monday, actual.get(monday, 0) if monday <= last else None, told.get(monday))
        for monday in production_plan.weeks_from(since, weeks + len(line.mean))
    ]
