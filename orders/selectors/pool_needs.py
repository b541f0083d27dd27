"""What the pools of cycles want of products, for the rules that guard them; never shown to a party as it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch
from orders.policies.box_fill import Need


@dataclass(frozen=True, slots=True)
class Pool:
    """What all dealers want of a product in a cycle, and how many they are; `others` without the asking one."""

    need: Need
    dealers: int
    others: int


EMPTY = Pool(Need(0), 0, 0)


def of_cycles(
    cycle_ids: Collection[UUID], product_ids: Collection[int], *, dealer_id: int | None
) -> dict[tuple[UUID, int], Pool]:
    """Return the pool of each cycle and product that somebody wants, in one query."""
    with acting_as(system("orders")):
        rows = fetch(
            """
            SELECT line.cycle_id, line.product_id, sum(line.requested - line.cancelled - line.covered)::bigint,
                sum(line.flex_up)::bigint, count(DISTINCT line.dealer_id),
                count(DISTINCT line.dealer_id) FILTER (WHERE line.dealer_id IS DISTINCT FROM %(dealer)s)
            FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id
            WHERE line.cycle_id = ANY(%(cycles)s) AND line.product_id = ANY(%(products)s)
                AND parent.status = 'CONFIRMED' AND line.requested > line.cancelled + line.covered
            GROUP BY line.cycle_id, line.product_id
            """,
            {"cycles": list(cycle_ids), "products": list(product_ids), "dealer": dealer_id},
        )
    return {
        (cycle_id, product_id): Pool(Need(quantity, tolerance), dealers, others)
        for cycle_id, product_id, quantity, tolerance, dealers, others in rows
    }
