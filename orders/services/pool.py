"""Gather what waits for a cycle, let stock cover what it can, and sum up the rest; everything in SQL.

A closing cycle works on temporary tables: the orders it locked, their waiting lines, and what is needed of each line.
Python sees the sums alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from b2b.contracts.warehousing import DemandLine
from b2b.db.bulk import execute, fetch, fetch_value, temporary, transpose, unnest
from b2b.db.locks import LOCK_TIMEOUT_MS
from orders import ports
from orders.models import OrderCycle
from orders.selectors import handling, leftover, terms
from orders.selectors.terms import Supply

# Lines that joined this cycle, and confirmed lines before its cut-off that belong to none, or to one that closed and
# left them over: all are found by an index.
_WAITING: Final = """
    FROM orders_orderline line
    JOIN orders_order parent ON parent.id = line.order_id
    JOIN directory_site site ON site.id = line.ship_to_site_id
    JOIN catalog_product product ON product.id = line.product_id
    WHERE parent.status = 'CONFIRMED' AND parent.currency = %(currency)s
        AND line.requested > line.cancelled + line.covered + line.pooled
        AND line.factory_id IS NOT NULL
        AND (line.cycle_id = %(cycle)s OR ((line.cycle_id IS NULL OR line.cycle_id = ANY(%(leftovers)s))
            AND (line.factory_id = %(factory)s OR product.category = nullif(%(category)s, ''))
            AND %(region)s IN ('', site.region) AND parent.confirmed_at < %(cutoff)s))
"""
# Whoever holds an order holds its lines, but for those with a past: a factory's answer, a delivery and a change of
# another order reach them by their pegs, or because they belong to no cycle.
_PAST: Final = f"""
    SELECT count(*) FROM (
        SELECT line.id {_WAITING} AND line.order_id IN (SELECT id FROM {{orders}})
            AND (line.cycle_id IS DISTINCT FROM %(cycle)s OR line.covered + line.pooled > 0)
        ORDER BY line.id FOR NO KEY UPDATE OF line) held
"""
# A ceiling counts while the line's own price is above it; `owed` is all that is served from stock or factory.
_LINES: Final = f"""
    SELECT line.id, line.order_id, line.dealer_id, line.factory_id, line.product_id, line.covered,
        line.quantity - line.cancelled AS priced_quantity,
        line.requested - line.cancelled - line.covered - line.pooled AS waiting,
        line.requested - line.cancelled AS owed, line.requested - line.cancelled - line.pooled AS wanted,
        line.flex_up, least(line.flex_down, line.requested - line.cancelled - line.pooled - line.covered) AS flex_down,
        line.need_by_date, line.unit_price, line.solo_unit_price, line.tax_rate,
        CASE WHEN line.unit_price > line.max_unit_price THEN line.max_unit_price END AS ceiling
    {_WAITING} AND line.order_id IN (SELECT id FROM {{orders}})
"""
# Dates the factory cannot keep are as soon as possible: window 0. No date at all is -1: it goes with the earliest.
_NEEDS: Final = """
    SELECT line.*, line.wanted - cover.quantity AS need, cover.quantity - line.covered AS newly_covered,
        supply.lead_time_days IS NOT NULL AS is_on_sale, 0::bigint AS taken, 0::numeric AS taken_cost,
        CASE WHEN line.need_by_date IS NULL THEN -1
            WHEN %(window_days)s::int IS NULL OR line.need_by_date <= %(soonest)s::date + supply.lead_time_days THEN 0
            ELSE 1 + (line.need_by_date - %(soonest)s::date - supply.lead_time_days - 1) / %(window_days)s::int
        END AS window_number
    FROM {lines} line
    LEFT JOIN {supply} ON supply.on_sale_factory = line.factory_id AND supply.on_sale_product = line.product_id
    LEFT JOIN {cover} ON kept.line_id = line.id
    CROSS JOIN LATERAL (SELECT least(line.wanted, greatest(line.covered, kept.quantity)) AS quantity) cover
"""
_SUPPLY: Final = {"on_sale_factory": "bigint", "on_sale_product": "bigint", "lead_time_days": "integer"}
_COVER: Final = {"line_id": "bigint", "quantity": "bigint"}
# For sorts and hashes over all lines of a cycle, in one transaction at a time.
WORK_MEM: Final = "64MB"


@dataclass(frozen=True, slots=True)
class Demand:
    """What waits for a cycle: the needs of the lines it holds (a FROM item and its parameters), and how many they are.

    `supplies` says on what terms each (factory, product) is bought; those that are not on sale are missing. `leftovers`
    are the earlier cycles that left some of the lines over.
    """

    needs: str
    given: dict[str, Any]
    lines: int
    handling_days: int
    supplies: dict[tuple[int, int], Supply]
    leftovers: list[UUID]


def collect(cycle: OrderCycle, *, kept: bool = False, at: datetime) -> Demand:
    """Lock the orders and lines that wait for a frozen cycle and let stock cover what it can.

    A constant number of statements; nothing is written to the lines yet. The needs are a table of their own when they
    are to be `kept` for somebody who changes them.
    """
    handling_days = handling.days_of(cycle.warehouse_site_id)
    leftovers = leftover.cycles([cycle.factory_id] if cycle.factory_id else [], category=cycle.category)
    key = {
        "factory": cycle.factory_id,
        "category": cycle.category,
        "currency": cycle.currency,
        "cycle": cycle.pk,
        "region": cycle.region,
        "cutoff": cycle.cutoff_at,
        "leftovers": leftovers,
    }
    execute(
        "SELECT set_config('lock_timeout', %s, true), set_config('work_mem', %s, true)",
        [f"{LOCK_TIMEOUT_MS}ms", WORK_MEM],
    )
    orders = temporary(
        f"""
        SELECT id, dealer_id FROM orders_order
        WHERE id IN (SELECT line.order_id {_WAITING}) AND status = 'CONFIRMED' ORDER BY id FOR NO KEY UPDATE
        """,
        key,
        name="pool_order",
    )
    execute(_PAST.format(orders=orders), key)
    lines = temporary(_LINES.format(orders=orders), key, name="pool_line")
    execute(f"ANALYZE {lines} (id, factory_id, product_id)")
    found = fetch(f"SELECT factory_id, product_id, count(*) FROM {lines} GROUP BY 1, 2")
    pairs = [(factory_id, product_id) for factory_id, product_id, _ in found]
    supplies = terms.of_supply(pairs, currency=cycle.currency, day=at.date())
    covered = _cover(lines, [product_id for _, product_id in pairs], at)
    leads = transpose(list(_SUPPLY), ((*pair, one.lead_time_days) for pair, one in supplies.items()))
    given = {
        **leads,
        **transpose(list(_COVER), covered.items()),
        "window_days": cycle.window_days,
        "soonest": at.date() + timedelta(days=handling_days),
    }
    needs = _NEEDS.format(lines=lines, supply=unnest(_SUPPLY, "supply"), cover=unnest(_COVER, "kept"))
    count = sum(count for *_, count in found)
    if kept:
        return Demand(
            temporary(needs, given, name="pool_need"), {}, count, handling_days, supplies, leftovers
        )
    return Demand(f"({needs})", given, count, handling_days, supplies, leftovers)


def _cover(lines: str, product_ids: Sequence[int], at: datetime) -> dict[int, int]:
    """Return what stock serves of lines, in all; only lines of products that have free stock are asked for anew.

    A line whose price is above its ceiling waits for the pool: stock would cost it more. The question names all that
    is owed on a line, so that stock never takes the part of a line for the whole.
    """
    firm = fetch_value(f"SELECT coalesce(array_agg(id), '{{}}') FROM {lines} WHERE ceiling IS NULL")
    if not firm:
        return {}
    stock = ports.stock()
    # In this order: what was free and is promised to one of these lines between the two looks is then seen as kept.
    free = [product_id for product_id, quantity in stock.available(product_ids).items() if quantity > 0]
    covered = stock.kept(firm)
    if free:
        rows = fetch(
            f"""
            SELECT line.order_id, parent.version, line.id, line.dealer_id, line.product_id, source.ship_to_site_id,
                line.owed, line.need_by_date
            FROM {lines} line JOIN orders_order parent ON parent.id = line.order_id
            JOIN orders_orderline source ON source.id = line.id
            WHERE line.ceiling IS NULL AND line.product_id = ANY(%s) ORDER BY line.id
            """,
            [free],
        )
        covered |= stock.cover([DemandLine(*row) for row in rows], at=at)
    return covered


@dataclass(frozen=True, slots=True)
class Sum:
    """The needs of one factory, product and window that share a ceiling; `need_by_date` is the earliest of them."""

    factory_id: int
    product_id: int
    window_number: int
    ceiling: Any
    quantity: int
    flex_up: int
    flex_down: int
    need_by_date: date | None


def sums(demand: Demand) -> list[Sum]:
    """Return what is needed of whom, in key order; one statement."""
    return [
        Sum(*row)
        for row in fetch(
            f"""
            SELECT factory_id, product_id, window_number, ceiling, sum(need)::bigint, sum(flex_up)::bigint,
                sum(flex_down)::bigint, min(need_by_date)
            FROM {demand.needs} line WHERE need > 0 AND is_on_sale
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """,
            demand.given,
        )
    ]


def requested_date(
    lead_time_days: int, needed: date | None, window_number: int, *, handling_days: int, at: datetime
) -> date:
    """Return when the factory is asked to deliver: as soon as it can, or in time for the earliest of a later window."""
    soonest = at.date() + timedelta(days=lead_time_days)
    if window_number <= 0 or needed is None:
        return soonest
    return max(soonest, needed - timedelta(days=handling_days))
