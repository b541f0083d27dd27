"""Plan what a factory should make next: once for each period, whoever asks and however many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import execute, fetch, fetch_dicts, transpose
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from orders import ports
from orders.models import PlanRun, SignalTerms
from orders.policies import buffer, production_plan
from orders.policies.demand import monday_of
from orders.policies.production_plan import Fences
from orders.selectors import net_flow
from orders.services import plan_exceptions, plan_outlook, plan_signals
from orders.services.cycle_plan import operators_only
from orders.services.plan_signals import Wanted

# A buffer uses a day what the forecast of its lead time says, unless somebody set it.
_USAGE: Final = """
    UPDATE orders_buffer buffer SET daily_usage = found.usage
    FROM (SELECT one.id, round(sum(line.mean[week])::numeric / 7 / min(ahead.weeks), 4) AS usage
        FROM orders_buffer one
        CROSS JOIN LATERAL (SELECT greatest(1, (one.lead_time_days + 6) / 7) AS weeks) ahead
        JOIN orders_forecastline line ON line.product_id = one.product_id AND line.run_id = (
            SELECT id FROM orders_forecastrun WHERE first_week_date <= %(today)s ORDER BY first_week_date DESC LIMIT 1)
        CROSS JOIN LATERAL generate_series(1, least(ahead.weeks, cardinality(line.mean))) week
        WHERE one.factory_id = %(factory)s AND NOT one.usage_is_set GROUP BY one.id) found
    WHERE buffer.id = found.id AND buffer.daily_usage <> found.usage
"""
_SNAPSHOTS: Final = f"""
    INSERT INTO orders_buffersnapshot (run_id, buffer_id, daily_usage, lead_time_days, zone_factor, horizon, red_base,
        red_safety, yellow, green, on_hand, on_order, qualified_demand, shortfall)
    SELECT %(run)s, found.* FROM ({net_flow.NET_FLOW}) found
"""
_LACKING: Final = """
    SELECT buffer.product_id, buffer.moq, buffer.order_multiple, profile.lead_time_factor::text,
        profile.variability_factor::text, profile.order_cycle_days, profile.spike_horizon_days,
        profile.spike_basis_points, shot.daily_usage::text, shot.lead_time_days::text, shot.zone_factor::text,
        shot.horizon AS horizon_days, shot.on_hand, shot.on_order, shot.shortfall, source.weekly_capacity
    FROM orders_buffersnapshot shot JOIN orders_buffer buffer ON buffer.id = shot.buffer_id
    JOIN orders_bufferprofile profile ON profile.id = buffer.profile_id
    LEFT JOIN orders_supplysource source ON source.product_id = buffer.product_id
        AND source.factory_id = buffer.factory_id
    WHERE shot.run_id = %(run)s AND shot.shortfall > 0 ORDER BY buffer.product_id
"""
_DUE: Final = f"""
    SELECT product_id, due_date, sum(quantity)::bigint FROM ({net_flow.WAITING}) waiting
    WHERE product_id = ANY(%(products)s) GROUP BY 1, 2 ORDER BY 1, 2
"""
HORIZON_WEEKS: Final = 13


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run knows of its factory: the day, its Mondays, the fences, and what each week can still make."""

    run: PlanRun
    today: date
    mondays: list[date]
    terms: SignalTerms
    fences: Fences

    @property
    def params(self) -> dict[str, Any]:
        """What the SQL texts of a run name."""
        return {
            "run": self.run.pk,
            "factory": self.run.factory_id,
            "today": self.today,
            "monday": self.mondays[0],
        }


@unit_of_work()
def plan(factory_id: int, *, period_key: str, by: Actor, at: datetime) -> PlanRun:
    """Plan one factory for one period and raise its signals; asked again for the period, the same plan is returned.

    Runs of a factory follow each other: what one has asked for is supply to the next. A constant number of statements.
    Publishes ProductionSignalRaised for what is sent at once. :raises Forbidden: unless the operator or the platform
    asks.
    """
    operators_only(by)
    with acting_as(system("orders")):
        advisory_lock(f"orders.plan.{factory_id}")
        known = PlanRun.objects.filter(factory_id=factory_id, period_key=period_key).first()
        if known is not None:
            return known
        run = PlanRun.objects.create(
            factory_id=factory_id, period_key=period_key, as_of_date=at.date(), created_at=at
        )
        asked = _asked(run, at)
        _look(asked)
        booked = plan_outlook.booked(asked)
        wanted, late = _orders(asked, booked)
        outlook = plan_outlook.wanted(asked, booked)
        plan_signals.raise_(asked, wanted, outlook, by=by, at=at)
        plan_exceptions.write(asked, late)
    return run


def _asked(run: PlanRun, at: datetime) -> Asked:
    terms = SignalTerms.objects.filter(factory_id=run.factory_id).first() or SignalTerms(
        factory_id=run.factory_id
    )
    fences = Fences(
        terms.firm_weeks, terms.make_weeks, terms.material_weeks, terms.deadband_bp, terms.change_bp
    )
    mondays = production_plan.weeks_from(monday_of(at.date()), HORIZON_WEEKS)
    return Asked(run=run, today=at.date(), mondays=mondays, terms=terms, fences=fences)


def _look(asked: Asked) -> None:
    """Keep how every buffer of the factory stands; the hash is over all of it."""
    execute(_USAGE, asked.params)
    products = [
        key
        for (key,) in fetch(
            "SELECT product_id FROM orders_buffer WHERE factory_id = %(factory)s AND is_active ORDER BY product_id",
            asked.params,
        )
    ]
    free = ports.stock().available(products) if products else {}
    execute(_SNAPSHOTS, {**asked.params, **transpose(list(net_flow.STOCK), sorted(free.items()))})
    [(facts,)] = fetch(
        """
        SELECT coalesce(string_agg(concat_ws(',', buffer_id, daily_usage, lead_time_days, zone_factor, on_hand,
            on_order, qualified_demand, shortfall), ';' ORDER BY buffer_id), '')
        FROM orders_buffersnapshot WHERE run_id = %(run)s
        """,
        asked.params,
    )
    asked.run.facts_hash = sha256(facts.encode()).hexdigest()
    asked.run.save(update_fields=["facts_hash"])


def _orders(asked: Asked, booked: Mapping[int, list[int]]) -> tuple[list[Wanted], dict[int, int]]:
    """Return what to make for buffers that lack it, and how much of it comes later than wanted.

    What all regions lack of a product is one shortfall, rounded once; weeks that are full pass it on.
    """
    rows = fetch_dicts(_LACKING, asked.params)
    due: dict[int, dict[str, int]] = {}
    for product, day, quantity in fetch(
        _DUE, {**asked.params, "products": [row["product_id"] for row in rows]}
    ):
        due.setdefault(product, {})[day.isoformat()] = quantity
    wanted: list[Wanted] = []
    late: dict[int, int] = {}
    for row in rows:
        product, capacity = row.pop("product_id"), row.pop("weekly_capacity")
        lacks = row.pop("shortfall")
        facts = {
            **row,
            "today": asked.today.isoformat(),
            "demand": due.get(product, {}),
            "product_id": product,
        }
        quantity = buffer.to_order(lacks, minimum=row["moq"], multiple=row["order_multiple"])
        ready = monday_of(asked.today + timedelta(days=int(float(row["lead_time_days"]) + 0.9999)))
        first = min((ready - asked.mondays[0]).days // 7, HORIZON_WEEKS - 1)
        weeks = [0] * HORIZON_WEEKS
        weeks[first] = quantity
        taken = booked.get(product, [0] * HORIZON_WEEKS)
        room = None if capacity is None else [capacity - one for one in taken[first:]]
        levelled = production_plan.level(weeks[first:], room)
        if levelled[0] < quantity:
            late[product] = quantity - levelled[0]
        wanted += [Wanted(product, first + index, part, facts) for index, part in enumerate(levelled) if part]
    return wanted, late
