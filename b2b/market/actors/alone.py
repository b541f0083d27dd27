"""Pooling switched off: each order is bought at its factories by itself the moment it is placed."""

from __future__ import annotations

from typing import Final

from b2b.core import clock
from b2b.directory.models import Organization
from b2b.market.actors import desk
from b2b.market.stage import Stage
from orders.models import Order, OrderCycle, OrderLine
from orders.services import order_cycle

OPEN_HOURS: Final = 48


def stand_ready(stage: Stage, *, hour: float) -> None:
    """Let each factory have an open cycle for whoever orders next; nothing while the market pools."""
    if not stage.is_pooling:
        with stage.at(hour):
            desk.reopen_cycles(stage, hours=OPEN_HOURS)


def buy(stage: Stage, dealer: Organization, reference: str) -> None:
    """Close the cycles that an order joined, with nobody else in them, and open new ones for the next order."""
    now = clock.now()
    with stage.acting(stage.world.operator) as by:
        orders = Order.objects.visible_to(by).filter(dealer=dealer, external_reference=reference)
        joined = OrderLine.objects.filter(order__in=orders, cycle__isnull=False).values("cycle")
        for cycle in OrderCycle.objects.visible_to(by).filter(pk__in=joined, status="OPEN").order_by("pk"):
            stage.counts["purchase orders"] += len(order_cycle.close(cycle, early=True, by=by, at=now))
    desk.reopen_cycles(stage, hours=OPEN_HOURS)
