"""Note on a cycle how far its purchase orders have come."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle
from orders.services import savings_settlement

# A cycle is confirmed once every factory has answered, and closed once nothing more comes of any purchase order.
_REACHED: Final = """
    SELECT cycle.id, CASE WHEN bool_and(purchase.status IN ('CLOSED', 'REJECTED')) THEN 'close' ELSE 'confirm' END
    FROM orders_ordercycle cycle JOIN orders_purchaseorder purchase ON purchase.cycle_id = cycle.id
    WHERE cycle.status IN ('SENT', 'CONFIRMED') AND (%(cycle)s::uuid IS NULL OR cycle.id = %(cycle)s)
    GROUP BY cycle.id
    HAVING bool_and(purchase.status IN ('CLOSED', 'REJECTED'))
        OR (cycle.status = 'SENT' AND bool_and(purchase.status NOT IN ('DRAFT', 'AWAITING_APPROVAL', 'SENT')))
"""


@unit_of_work()
def settle(cycle_id: UUID | None = None, *, by: Actor, at: datetime) -> int:
    """Confirm and close a cycle, or all, as their purchase orders allow; return how many moved, none when repeated.

    What a closed cycle saved is settled with it.
    """
    with acting_as(system("orders")):
        reached = dict(fetch(_REACHED, {"cycle": cycle_id}))
        cycles = lock(OrderCycle.objects.filter(pk__in=reached))
        moved = 0
        for verb in ("confirm", "close"):
            moving = [
                one
                for one in cycles
                if reached[one.pk] == verb and OrderCycle.machine.allows(one.status, verb)
            ]
            advance_all(moving, verb, by=by, at=at)
            if verb == "close":
                savings_settlement.settle(moving, at=at)
            moved += len(moving)
        return moved
