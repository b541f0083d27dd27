"""Dealers' orders, pooled and answered short, become labelled packages: orders and warehousing over the outbox."""

import pytest

from b2b.core.actor import acting_as, system
from b2b.db.invariants import check
from b2b.outbox.dispatch import drain
from b2b.outbox.models import Delivery
from orders import ports
from orders.models import OrderLine
from orders.services import despatch_advice, order_cycle, purchase_order
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer
from tests.factories import orders as ordering
from tests.factories.orders import NOW
from tests.factories.warehousing import World
from tests.support.order_ports import answered
from warehousing.models import PackageLine, Promise, Receipt
from warehousing.services import packing, picking, receipt, warehouse, wave

NAMES = ["stock.quants", "stock.reserved", "stock.demand", "stock.movements"]


def settled() -> bool:
    """Work off all events; true when the warehouse and orders are content with them."""
    drain()
    return not Delivery.objects.filter(queue__in=["orders", "warehousing"]).exclude(status="DONE").exists()


@pytest.mark.django_db
def test_stock_and_supply_reach_whom_they_were_promised_to() -> None:
    real = ports.stock()
    market = ordering.trade(dealers=2)
    by = system("test")
    with answered(stock=real), acting_as(by):
        house = warehouse.open_at(market.warehouse.pk)
        world = World(house, market.dealers[0], market.shops[0], market.maker, market.products[0])
        world.places = {place.kind: place for place in house.locations.all()}
        world.stock(20, at=NOW)
        cycle = ordering.cycle(market)
        first = ordering.order(market, [60], dealer=0)
        second = ordering.order(market, [60], dealer=1)
        assert settled()
        [placed] = order_cycle.close(cycle, early=True, by=by, at=NOW)
        assert settled()
        assert placed.lines.get().quantity == 100
        purchase_order.respond(placed, answers=[Answer(1, 80)], by=by, at=NOW)
        despatch_advice.receive(
            placed, lines=[Despatched(1, 80)], expected_at=NOW, external_reference="D-1", by=by, at=NOW
        )
        assert settled()
        receipt.receive(Receipt.objects.get().pk, by=by, at=NOW)
        assert settled()
        kept = list(Promise.objects.values_list("demand__order_id", "quantity"))
        assert sum(quantity for _, quantity in kept) == 100
        assert {order_id for order_id, _ in kept} == {first.pk, second.pk}
        lines = OrderLine.objects.filter(order__in=[first, second])
        by_order = {line.order_id: line.covered + line.received for line in lines}
        for order_id, promised in by_order.items():
            assert promised == sum(quantity for key, quantity in kept if key == order_id)
        work = picking.confirm(wave.release(house.pk, by=by, at=NOW).pk, by=by, at=NOW)
        assert len(packing.pack(work.pk, by=by, at=NOW)) == 2
        assert sum(PackageLine.objects.values_list("quantity", flat=True)) == 100
        assert check(NAMES) == []
