"""Tell dealers, at declared moments, in which step the orders of everybody else lie."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.utils.crypto import salted_hmac

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import advisory_lock
from b2b.db.models import array
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle
from orders.policies import progress
from orders.policies.progress import Disclosure
from orders.selectors import terms
from orders.services.cycle_plan import operators_only

# A moment is due when none was told since it came; moments count from the opening of the cycle.
_DUE: Final = """
    SELECT cycle.id FROM orders_ordercycle cycle
    CROSS JOIN LATERAL (SELECT midstream_now() AS now,
        60 * coalesce((cycle.policy -> 'progress' ->> 'every_minutes')::bigint, 60) AS seconds) clock
    WHERE cycle.status IN ('DRAFT', 'OPEN', 'BOXFILL') AND cycle.opens_at <= now AND now < cycle.cutoff_at
        AND (cycle.progress_at IS NULL
            OR floor(extract(epoch FROM now - cycle.opens_at) / seconds)
                > floor(extract(epoch FROM cycle.progress_at - cycle.opens_at) / seconds))
    ORDER BY cycle.id
"""
_STEPS: Final = {"product_id": "bigint", "steps": "text", "width": "bigint", "secret_offset": "bigint"}
# What a dealer is told leaves its own orders out; who has not joined is told of all.
_TELL: Final = f"""
    WITH wanted AS (
        SELECT line.product_id, line.dealer_id, sum(line.requested - line.cancelled - line.covered)::bigint AS quantity
        FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id
        WHERE line.cycle_id = %(cycle)s AND parent.status = 'CONFIRMED'
            AND line.requested > line.cancelled + line.covered
        GROUP BY line.product_id, line.dealer_id),
    pools AS (
        SELECT product_id, sum(quantity)::bigint AS quantity, count(*) AS dealers FROM wanted GROUP BY product_id),
    seen AS (
        SELECT product_id, wanted.dealer_id, pools.quantity - wanted.quantity AS others, dealers
        FROM wanted JOIN pools USING (product_id)
        UNION ALL SELECT product_id, NULL, quantity, dealers FROM pools),
    placed AS (
        SELECT seen.*, given.width, given.steps::bigint[] AS steps,
            width_bucket(others - given.secret_offset, given.steps::bigint[]) AS passed
        FROM seen JOIN {unnest(_STEPS)} USING (product_id))
    INSERT INTO orders_poolprogress (cycle_id, product_id, dealer_id, at_least, below)
    SELECT %(cycle)s, product_id, dealer_id,
        CASE WHEN dealers >= %(fewest)s THEN coalesce(steps[passed], 0) END,
        CASE WHEN dealers >= %(fewest)s THEN steps[passed + 1] + width END
    FROM placed
"""


@unit_of_work()
def tell(cycle: OrderCycle, *, by: Actor, at: datetime) -> int:
    """Write anew what dealers are told of a cycle's pools and return the number of rows; six statements.

    :raises Forbidden: unless the operator or the platform asks.
    """
    operators_only(by)
    with acting_as(system("orders")):
        advisory_lock(f"orders.progress.{cycle.pk}")
        products = [
            product_id
            for (product_id,) in fetch(
                "SELECT DISTINCT product_id FROM orders_orderline WHERE cycle_id = %s ORDER BY 1", [cycle.pk]
            )
        ]
        execute("DELETE FROM orders_poolprogress WHERE cycle_id = %s", [cycle.pk])
        told = Disclosure(**cycle.policy.get("progress", {}))
        given = transpose(list(_STEPS), _steps(cycle, products, told, at)) if products else {}
        rows = execute(_TELL, {**given, "cycle": cycle.pk, "fewest": told.fewest_dealers}) if products else 0
        execute("UPDATE orders_ordercycle SET progress_at = midstream_now() WHERE id = %s", [cycle.pk])
    return rows


def _steps(
    cycle: OrderCycle, products: list[int], told: Disclosure, at: datetime
) -> Iterable[tuple[int, str, int, int]]:
    # The list for everyone: steps are the same for all dealers, and tell of nobody's own terms.
    found = terms.of_products(
        products, buyer_id=None, currency=cycle.currency, day=at.date(), factory_id=cycle.factory_id
    )
    for product_id in products:
        one = found.get(product_id)
        marks = [one.source_minimum, *(step.min_quantity for step in one.breaks)] if one else []
        steps = progress.edges(marks, told)
        width = progress.width(steps)
        yield product_id, array(steps), width, _secret(cycle, product_id) % width


def _secret(cycle: OrderCycle, product_id: int) -> int:
    """Return what moves the steps of a product in a cycle; nobody outside can compute it."""
    key = salted_hmac("orders.pool_progress", f"{cycle.pk}:{product_id}", algorithm="sha256")
    return int.from_bytes(key.digest()[:8], "big")


def tell_due(*, by: Actor, at: datetime) -> list[OrderCycle]:
    """Tell the progress of every cycle whose declared moment has come, each in a transaction of its own.

    Called again before the next moment it does nothing. :raises Forbidden: unless the operator or the platform asks.
    """
    operators_only(by)
    with acting_as(system("orders")):
        due = OrderCycle.objects.in_bulk([cycle_id for (cycle_id,) in fetch(_DUE)])
        for cycle in due.values():
            tell(cycle, by=by, at=at)
    return list(due.values())
