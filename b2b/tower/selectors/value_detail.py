"""The value of cycles and of products, and how fast stock and money turn: from the facts themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from b2b.core.actor import Actor
from b2b.db.bulk import fetch, fetch_dicts
from b2b.tower.policies import value as policy
from b2b.tower.policies.value import Value
from b2b.tower.selectors.value import SAVINGS, Group, Span

SHOWN: Final = 100
_OF_DEALER: Final = "(%(dealer_id)s::bigint IS NULL OR dealer_id = %(dealer_id)s)"
_OF_FACTORY: Final = "(%(factory_id)s::bigint IS NULL OR factory_id = %(factory_id)s)"
_DAYS: Final = "currency = %(currency)s AND day >= %(since)s AND day < %(until)s"
_SAVED: Final = ", ".join(f"sum({name}) AS {name}" for name in SAVINGS)
PRODUCTS: Final = f"""
    WITH ordered AS (
        SELECT product_id, count(*) AS lines, count(DISTINCT dealer_id) AS dealers,
            sum(ordered_quantity)::bigint AS ordered_quantity, sum(delivered_quantity)::bigint AS delivered_quantity,
            sum(ordered_amount) AS ordered_amount, sum(freight_amount) AS freight_amount,
            count(*) FILTER (WHERE in_full) AS lines_in_full,
            count(*) FILTER (WHERE in_full AND (need_by_date IS NULL OR delivered_date <= need_by_date))
                AS lines_on_time_in_full,
            coalesce(sum(extract(epoch FROM delivered_at - ordered_at)) FILTER (WHERE in_full), 0)::bigint AS cycle_s
        FROM (SELECT *, delivered_at IS NOT NULL AND delivered_quantity >= ordered_quantity AS in_full
              FROM tower_orderlinefact) fact
        WHERE cancelled_at IS NULL AND {_DAYS} AND {_OF_DEALER} AND {_OF_FACTORY}
            AND (%(category)s::text IS NULL OR category = %(category)s)
        GROUP BY 1
    ), saved AS (
        SELECT product_id, {_SAVED} FROM tower_savinglinefact
        WHERE {_DAYS} AND {_OF_DEALER} AND {
    _OF_FACTORY
} AND (%(category)s::text IS NULL OR category = %(category)s)
        GROUP BY 1
    )
    SELECT product_id::text AS key, product.sku || ' ' || product.name AS label,
        {
    ", ".join(
        f"coalesce({name}, 0) AS {name}"
        for name in (
            "lines",
            "dealers",
            "ordered_quantity",
            "delivered_quantity",
            "ordered_amount",
            "freight_amount",
            "lines_in_full",
            "lines_on_time_in_full",
            "cycle_s",
            *SAVINGS,
        )
    )
}
    FROM ordered FULL JOIN saved USING (product_id) LEFT JOIN catalog_product product ON product.id = product_id
    ORDER BY coalesce(ordered_amount, 0) DESC, product_id LIMIT %(shown)s
"""
CYCLES: Final = f"""
    WITH saved AS (
        SELECT cycle_id, min(day) AS day, count(DISTINCT dealer_id) AS dealers, {_SAVED} FROM tower_savinglinefact
        WHERE {_DAYS} AND {_OF_DEALER} AND {_OF_FACTORY} AND (%(category)s::text IS NULL OR category = %(category)s)
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(shown)s
    ), settled AS (
        SELECT cycle_id, sum(amount) FILTER (WHERE kind = 'DEALER_SHARE') AS settled_dealer_share,
            sum(amount) FILTER (WHERE kind = 'PLATFORM_SHARE') AS settled_platform_share,
            sum(amount) FILTER (WHERE kind = 'FACTORY_SHARE') AS settled_factory_share
        FROM tower_flowfact WHERE cycle_id IN (SELECT cycle_id FROM saved) AND {_OF_DEALER} GROUP BY 1
    ), named AS (
        SELECT cycle_id, max(cycle_number) AS label FROM tower_savingfact
        WHERE cycle_id IN (SELECT cycle_id FROM saved) GROUP BY 1
    )
    SELECT saved.cycle_id::text AS key, named.label, dealers, {", ".join(SAVINGS)},
        coalesce(settled_dealer_share, 0) AS settled_dealer_share,
        coalesce(settled_platform_share, 0) AS settled_platform_share,
        coalesce(settled_factory_share, 0) AS settled_factory_share
    FROM saved LEFT JOIN settled USING (cycle_id) LEFT JOIN named USING (cycle_id) ORDER BY saved.day DESC, 1
"""
OWED: Final = f"""
    SELECT coalesce(sum(CASE kind WHEN 'BILLED' THEN amount ELSE -amount END), 0) AS owed,
        coalesce(sum(amount) FILTER (WHERE kind = 'BILLED' AND day >= %(since)s), 0) AS billed
    FROM tower_flowfact
    WHERE kind IN ('BILLED', 'SETTLED') AND currency = %(currency)s AND day < %(until)s AND {_OF_DEALER}
"""
# What was on hand at the end of each day, from all movements until then.
STOCK: Final = """
    WITH moved AS (
        SELECT greatest(day, %(since)s - 1) AS day, sum(flow.quantity)::bigint AS quantity,
            coalesce(-sum(flow.quantity) FILTER (WHERE kind = 'ISSUED'), 0)::bigint AS issued
        FROM tower_flowfact flow LEFT JOIN catalog_product product ON product.id = flow.product_id
        WHERE kind IN ('ISSUED', 'STOCK') AND day < %(until)s
            AND (%(category)s::text IS NULL OR product.category = %(category)s)
        GROUP BY 1
    ), closing AS (
        SELECT span.day::date AS day, coalesce(moved.issued, 0) AS issued,
            sum(coalesce(moved.quantity, 0)) OVER (ORDER BY span.day) AS on_hand
        FROM generate_series(%(since)s - 1, %(until)s - 1, interval '1 day') span(day)
        LEFT JOIN moved ON moved.day = span.day::date
    )
    SELECT coalesce(sum(issued), 0)::bigint, coalesce(avg(on_hand), 0) FROM closing WHERE day >= %(since)s
"""
WEEKS: Final = f"""
    WITH week AS (
        SELECT day::date AS week
        FROM generate_series(date_trunc('week', %(since)s::date), %(until)s::date - 1, interval '7 days') day
    ), bought AS (
        SELECT date_trunc('week', day)::date AS week, sum(flow.quantity)::bigint AS quantity
        FROM tower_flowfact flow LEFT JOIN catalog_product product ON product.id = flow.product_id
        WHERE kind = 'PURCHASED' AND {_DAYS} AND {_OF_FACTORY}
            AND (%(category)s::text IS NULL OR product.category = %(category)s) GROUP BY 1
    ), wanted AS (
        SELECT date_trunc('week', day)::date AS week, sum(ordered_quantity)::bigint AS quantity
        FROM tower_valueday
        WHERE {_DAYS} AND {_OF_FACTORY} AND (%(category)s::text IS NULL OR category = %(category)s) GROUP BY 1
    )
    SELECT week, coalesce(bought.quantity, 0)::bigint, coalesce(wanted.quantity, 0)::bigint
    FROM week LEFT JOIN bought USING (week) LEFT JOIN wanted USING (week) ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast money and goods turn in a span; None where there is nothing to tell it by, or it is not the reader's."""

    owed_amount: Decimal
    days_sales_outstanding: Decimal | None
    inventory_turns: Decimal | None = None
    average_on_hand: int | None = None
    bullwhip: Decimal | None = None


def by_product(actor: Actor, span: Span) -> list[Group]:
    """Return the figures of the hundred products that were ordered most; one query."""
    return [_group(row, span) for row in fetch_dicts(PRODUCTS, {**span.params(actor), "shown": SHOWN})]


def by_cycle(actor: Actor, span: Span) -> list[Group]:
    """Return what the latest hundred cycles saved and how it was settled, the newest first; one query."""
    return [_group(row, span) for row in fetch_dicts(CYCLES, {**span.params(actor), "shown": SHOWN})]


def _group(row: dict[str, Any], span: Span) -> Group:
    return Group(row.pop("key"), row.pop("label") or "", Value(span.currency, **row))


def pace(actor: Actor, span: Span) -> Pace:
    """Return how fast money turns, and to those who see all how fast goods do; one query or three.

    What goods do is the platform's own: it says nothing of one dealer, and nothing when it is narrowed to one.
    """
    params = span.params(actor)
    [(owed, billed)] = fetch(OWED, params)
    days = policy.days_outstanding(owed, billed, span.days)
    if not actor.sees_all or span.dealer_id is not None:
        return Pace(owed, days)
    [(issued, on_hand)] = fetch(STOCK, params)
    weeks = fetch(WEEKS, params)
    return Pace(
        owed,
        days,
        policy.turns(issued, Decimal(on_hand), span.days),
        int(on_hand),
        policy.bullwhip([row[1] for row in weeks], [row[2] for row in weeks]),
    )


def flow_of_day(actor: Actor, day: date) -> dict[str, tuple[int, int]]:
    """Return how many documents of each kind a day saw, and their units, to those who see all; one query."""
    if not actor.sees_all:
        return {}
    rows = fetch(
        """
        SELECT kind, count(DISTINCT source_id), sum(quantity)::bigint FROM tower_flowfact
        WHERE day = %s GROUP BY 1
        """,
        [day],
    )
    return {kind: (documents, units) for kind, documents, units in rows}
