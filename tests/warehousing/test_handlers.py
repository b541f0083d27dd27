"""The facts others tell, through the outbox, in an order nobody chose."""

from datetime import datetime
from itertools import permutations

import pytest

from b2b.contracts.base import Event
from b2b.contracts.logistics import CarriedShipment, DeliveryFailed, Departed
from b2b.core.ids import uuid7
from b2b.outbox.registry import HANDLERS
from orders import ports
from tests.factories.warehousing import BY, World
from warehousing.models import Demand, Package, PromiseBook, Receipt
from warehousing.services import receipt


def tell(*events: Event) -> None:
    """Have our own handlers act, twice."""
    for event in events:
        for handler in list(HANDLERS.values()):
            if handler.queue == "warehousing" and handler.event is type(event):
                handler.call(event)
                handler.call(event)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_order_change_and_cancellation_end_the_same_in_any_order(
    world: World, order: tuple[int, ...]
) -> None:
    quant = world.stock(20)
    first = world.order((world.product, 5), (world.product, 3))
    facts: list[Event] = [first, world.changed(first, [7]), world.cancelled(first)]
    tell(*(facts[index] for index in order))
    quant.refresh_from_db()
    assert quant.reserved == 0
    assert not Demand.objects.filter(is_cancelled=False).exists()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_order_sharing_and_goods_end_the_same_in_any_order(
    world: World, at: datetime, order: tuple[int, ...]
) -> None:
    confirmed = world.order((world.product, 60))
    advice = world.advice((world.product, 100))
    sharing = world.sharing(advice.purchase_order_id, (confirmed, 60))

    def goods() -> None:
        tell(advice)
        receipt.receive(Receipt.objects.get().pk, by=BY, at=at)

    steps = [lambda: tell(confirmed), lambda: tell(sharing), goods]
    for index in order:
        steps[index]()
    assert PromiseBook.objects.get().promised == 60


def test_departures_and_returns_are_followed(world: World, at: datetime) -> None:
    package = world.packed()
    shipment_id = uuid7()
    departed = Departed(
        occurred_at=at,
        trip_id=uuid7(),
        number="TR-1",
        carrier_id=1,
        warehouse_site_id=world.warehouse.site_id,
        shipments=(
            CarriedShipment(
                shipment_id=shipment_id,
                number="SH-1",
                dealer_id=world.dealer.pk,
                ship_to_site_id=world.shop.pk,
                package_ids=(package.pk,),
                lines=(),
            ),
        ),
    )
    tell(departed)
    assert Package.objects.get().status == "DEPARTED"
    failed = DeliveryFailed(
        occurred_at=at,
        shipment_id=shipment_id,
        number="SH-1",
        dealer_id=world.dealer.pk,
        carrier_id=1,
        reason="closed",
    )
    tell(failed)
    assert Package.objects.get().status == "PACKED"


def test_every_fact_has_its_handler() -> None:
    heard = {handler.event.__name__ for handler in HANDLERS.values() if handler.queue == "warehousing"}
    assert heard == {
        "OrderConfirmed",
        "OrderChanged",
        "OrderCancelled",
        "SupplyAllocated",
        "DespatchAdvised",
        "GoodsReceived",
        "Departed",
        "DeliveryConfirmed",
        "ReturnAuthorised",
        "DeliveryFailed",
    }


def test_orders_are_answered_about_stock(world: World, at: datetime) -> None:
    world.stock(10)
    line = world.demand_line(4)
    assert ports.stock().cover([line], at=at) == {line.order_line_id: 4}
    assert ports.stock().available([world.product.pk, 0]) == {world.product.pk: 6, 0: 0}
