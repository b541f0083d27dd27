"""When goods that are ordered now may be with a dealer: when they are bought, and how long the warehouse needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch
from orders.policies.order_facts import Arrival
from orders.selectors.handling import DEFAULT_DAYS
from orders.states import BEFORE_CUTOFF

# What joins no open cycle waits for the next one that closes, whether it has opened yet or not.
_NEXT: Final = f"""
    SELECT DISTINCT ON (cycle.factory_id, cycle.category) cycle.factory_id, cycle.category, cycle.cutoff_at,
        coalesce(term.handling_days, {DEFAULT_DAYS})
    FROM orders_ordercycle cycle LEFT JOIN orders_handlingterm term ON term.site_id = cycle.warehouse_site_id
    WHERE cycle.status IN {BEFORE_CUTOFF} AND cycle.currency = %(currency)s AND cycle.cutoff_at > midstream_now()
        AND (cycle.factory_id = ANY(%(factories)s) OR cycle.category = ANY(%(categories)s))
        AND (cycle.region = '' OR cycle.region = (SELECT region FROM directory_site WHERE id = %(site)s))
    ORDER BY cycle.factory_id, cycle.category, cycle.cutoff_at
"""


def of_goods(
    factories: Collection[int], categories: Collection[str], *, ship_to_site_id: int | None, currency: str
) -> dict[int | str, Arrival]:
    """Return the next cut-off and the handling days by factory, and by category; what no cycle buys is missing.

    One query.
    """
    if not factories:
        return {}
    with acting_as(system("orders")):
        rows = fetch(
            _NEXT,
            {
                "currency": currency,
                "factories": list(factories),
                "categories": [one for one in categories if one],
                "site": ship_to_site_id,
            },
        )
    return {
        category or factory_id: Arrival(cutoff.date(), days) for factory_id, category, cutoff, days in rows
    }
