"""Orders of one line with what a pool has to heed: a ceiling, a date, flexibility."""

from __future__ import annotations

from b2b.core.actor import acting_as
from orders.models import Order, OrderLine
from orders.services import bulk_order
from tests.factories import orders as made
from tests.factories.orders import NOW


def wish(
    market: made.Trade, quantity: int, *, dealer: int = 0, product: int = 0, at=NOW, **row: object
) -> Order:
    """A dealer orders `quantity` of one product; the other columns of a row go along."""
    who = market.dealer_actor(dealer)
    rows = bulk_order.rows_of([{"sku": market.products[product].sku, "quantity": quantity, **row}])
    with acting_as(who):
        return bulk_order.submit(
            rows, dealer=market.dealers[dealer], ship_to=market.shops[dealer], by=who, at=at
        ).order


def line(order: Order) -> OrderLine:
    """The order's one line as it now stands."""
    return OrderLine.objects.get(order=order)
