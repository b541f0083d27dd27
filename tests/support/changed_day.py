"""What factories answer and dealers change, for tests that work through the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import OrderLine, Substitution
from orders.services import bulk_order, order_cycle, purchase_order
from orders.services.purchase_order_response import Answer, Substitute
from tests.support.trade_day import TEST, Market


def offer_to_dealer(market: Market) -> Substitution:
    """Let the dealer order drills, and the factory offer another product in their place."""
    now = clock.now()
    with acting_as(TEST):
        cycle = order_cycle.open(
            market.maker, warehouse=market.house, opens_at=now - timedelta(hours=1),
            cutoff_at=now + timedelta(hours=2), by=TEST, at=now,
        )  # fmt: skip
        placed = bulk_order.submit(
            bulk_order.rows_of([{"sku": market.skus[2], "quantity": 240}]),
            dealer=market.dealer,
            ship_to=market.dealer.sites.get(),
            by=TEST,
            at=now,
        ).order
        order_cycle.close(cycle, early=True, by=TEST, at=now)
        peg = (
            OrderLine.objects.get(order=placed)
            .pegs.select_related("purchase_order_line__purchase_order")
            .get()
        )
        bought = peg.purchase_order_line
        other = Substitute(market.skus[1], 24, Decimal(5))
        answer = Answer(bought.line_number, 0, substitute=other)
        purchase_order.respond(bought.purchase_order, answers=[answer], by=TEST, at=now)
        return Substitution.objects.filter(dealer=market.dealer).latest("pk")
