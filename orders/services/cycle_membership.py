"""Which cycle a line joins, decided by the database's clock in the writing transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import execute, fetch, fetch_value, transpose, unnest
from orders.models import Order
from orders.states import BEFORE_CUTOFF


class CutoffPassed(DomainError):
    """The cut-off has passed: the goods are being bought for this order."""

    code = "cutoff_passed"


class Wish(NamedTuple):
    """What decides which cycle a line joins: who makes the goods, where they go, and the product's category."""

    factory_id: int | None
    ship_to_site_id: int | None
    category: str


def open_for(wishes: Collection[Wish], *, currency: str) -> dict[Wish, UUID]:
    """Return for each wish the open cycle of its factory or category that closes next; one without is missing.

    The cycles are locked against closing until the order commits: who joined before the cut-off is in. Two statements.
    """
    if not wishes:
        return {}
    with acting_as(system("orders")):
        cycles = fetch(
            """
            SELECT cycle.factory_id, cycle.category, cycle.region, cycle.cutoff_at, cycle.id
            FROM orders_ordercycle cycle
            WHERE cycle.status IN ('DRAFT', 'OPEN', 'BOXFILL') AND cycle.currency = %(currency)s
                AND cycle.opens_at <= midstream_now() AND cycle.cutoff_at > midstream_now()
                AND (cycle.factory_id = ANY(%(factories)s) OR cycle.category = ANY(%(categories)s))
            ORDER BY cycle.id FOR SHARE
            """,
            {
                "currency": currency,
                "factories": list({wish.factory_id for wish in wishes}),
                "categories": list({wish.category for wish in wishes} - {""}),
            },
        )
        if not cycles:
            return {}
        regions = {}
        if any(region for _, _, region, _, _ in cycles):
            sites = list({wish.ship_to_site_id for wish in wishes})
            regions = dict(fetch("SELECT id, region FROM directory_site WHERE id = ANY(%s)", [sites]))
    found = {}
    for wish in wishes:
        fitting = [
            (cutoff_at, cycle_id)
            for factory_id, category, region, cutoff_at, cycle_id in cycles
            if (wish.category == category if category else wish.factory_id == factory_id)
            and region in ("", regions.get(wish.ship_to_site_id))
        ]
        if fitting and wish.factory_id is not None:
            found[wish] = min(fitting)[1]
    return found


def wishes_of(order: Order) -> list[Wish]:
    """Return what decides which cycles the lines of an order join."""
    rows = fetch(
        """
        SELECT DISTINCT line.factory_id, line.ship_to_site_id, product.category
        FROM orders_orderline line JOIN catalog_product product ON product.id = line.product_id
        WHERE line.order_id = %s
        """,
        [order.pk],
    )
    return [Wish(*row) for row in rows]


def join(order: Order) -> int:
    """Let the lines of a draft join the next open cycle of their factory or category and return how many did.

    A line without a fitting cycle waits for the next one.
    """
    cycles = open_for(wishes_of(order), currency=order.currency)
    columns = {"factory_id": "bigint", "site_id": "bigint", "category": "text", "cycle_id": "uuid"}
    rows = transpose(list(columns), ((*wish, cycle_id) for wish, cycle_id in cycles.items()))
    with acting_as(system("orders")):
        return execute(
            f"""
            UPDATE orders_orderline line SET cycle_id = given.cycle_id
            FROM {unnest(columns)} JOIN catalog_product product ON product.category = given.category
            WHERE line.order_id = %(order)s AND line.factory_id = given.factory_id
                AND line.ship_to_site_id = given.site_id AND line.product_id = product.id
            """,
            {**rows, "order": order.pk},
        )


def check_free(order: Order) -> None:
    """Check that no line of a locked order is pooled, shipped or past the cut-off of its cycle.

    :raises CutoffPassed: when one is.
    """
    with acting_as(system("orders")):
        bound = fetch_value(
            f"""
            SELECT count(*) FROM orders_orderline line
            LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id
            WHERE line.order_id = %s
                AND (line.pooled > 0 OR line.shipped > 0
                    OR cycle.cutoff_at <= midstream_now() AND (cycle.status IN {BEFORE_CUTOFF}
                        OR line.requested <= line.cancelled + line.covered + line.pooled))
            """,
            [order.pk],
        )
    if bound:
        raise CutoffPassed(f"{bound} lines of {order.number} are past the cut-off", lines=bound)
