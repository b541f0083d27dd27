"""Who may see and change answers of factories and changes of orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from b2b.core import clock
from b2b.core.actor import FACTORY, OPERATOR, acting_as, system
from orders.models import PurchaseOrder
from orders.services import order_cycle, purchase_order_response
from orders.services.purchase_order_response import Answer
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import answered


def _priced(world: World) -> Case:
    """Let the factory ask for another price."""
    market, now = ordering.trade(maker=world[FACTORY], buyers=[world["dealer"]]), clock.now()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        order_cycle.close(cycle, early=True, by=platform, at=now)
        placed = PurchaseOrder.objects.get(cycle=cycle)
        purchase_order_response.respond(
            placed, answers=[Answer(1, unit_price=Decimal(77))], by=platform, at=now
        )
    return Case({"purchase_order_id": placed.pk}, marker="77.000000")


LINES: Mapping[str, Line] = {
    "purchase-orders/<uuid:purchase_order_id>/price-answers/": Line(
        _priced, owner=FACTORY, changes=frozenset({OPERATOR})
    ),
}
