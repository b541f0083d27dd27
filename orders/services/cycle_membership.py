"""Which cycle a line joins, decided by the database's clock in the writing transaction."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from b2b.core.actor import acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import execute, fetch, fetch_value, transpose, unnest
from orders.models import Order


class CutoffPassed(DomainError):
    """The cut-off has passed: the goods are being bought for this order."""

    code = "cutoff_passed"


def open_for(
    pairs: Collection[tuple[int | None, int | None]], *, currency: str
) -> dict[tuple[int | None, int | None], UUID]:
    """Return for pairs of factory and ship-to site the open cycle that closes next; a pair without one is missing.

    The cycles are locked against closing until the order commits: who joined before the cut-off is in. Two statements.
    """
    if not pairs:
        return {}
    with acting_as(system("orders")):
        cycles = fetch(
            """
            SELECT cycle.factory_id, cycle.region, cycle.cutoff_at, cycle.id FROM orders_ordercycle cycle
            WHERE cycle.status = 'OPEN' AND cycle.currency = %(currency)s
                AND cycle.opens_at <= midstream_now() AND cycle.cutoff_at > midstream_now()
                AND cycle.factory_id = ANY(%(factories)s)
            ORDER BY cycle.id FOR SHARE
            """,
            {"currency": currency, "factories": list({factory for factory, _ in pairs})},
        )
        if not cycles:
            return {}
        sites = list({site for _, site in pairs})
        regions = dict(fetch("SELECT id, region FROM directory_site WHERE id = ANY(%s)", [sites]))
    found = {}
    for factory_id, site_id in pairs:
        fitting = [
            (cutoff_at, cycle_id)
            for of_factory, region, cutoff_at, cycle_id in cycles
            if of_factory == factory_id and region in ("", regions.get(site_id))
        ]
        if fitting:
            found[factory_id, site_id] = min(fitting)[1]
    return found


def join(order: Order) -> int:
    """Let the lines of a draft join the next open cycle of their factory and return how many did.

    A line without a fitting cycle waits for the next one.
    """
    pairs = fetch(
        "SELECT DISTINCT factory_id, ship_to_site_id FROM orders_orderline WHERE order_id = %s", [order.pk]
    )
    cycles = open_for([(factory, site) for factory, site in pairs], currency=order.currency)
    columns = {"factory_id": "bigint", "site_id": "bigint", "cycle_id": "uuid"}
    rows = transpose(list(columns), ((*pair, cycle_id) for pair, cycle_id in cycles.items()))
    with acting_as(system("orders")):
        return execute(
            f"""
            UPDATE orders_orderline line SET cycle_id = given.cycle_id FROM {unnest(columns)}
            WHERE line.order_id = %(order)s AND line.factory_id = given.factory_id
                AND line.ship_to_site_id = given.site_id
            """,
            {**rows, "order": order.pk},
        )


def check_free(order: Order) -> None:
    """Check that no line of a locked order is pooled, shipped or past the cut-off of its cycle.

    :raises CutoffPassed: when one is.
    """
    with acting_as(system("orders")):
        bound = fetch_value(
            """
            SELECT count(*) FROM orders_orderline line
            LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id
            WHERE line.order_id = %s
                AND (line.pooled > 0 OR line.shipped > 0 OR cycle.cutoff_at <= midstream_now())
            """,
            [order.pk],
        )
    if bound:
        raise CutoffPassed(f"{bound} lines of {order.number} are past the cut-off", lines=bound)
