"""What the warehouse does when others tell it something: one service call each."""

from __future__ import annotations

from b2b.contracts.logistics import DeliveryConfirmed, DeliveryFailed, Departed
from b2b.contracts.orders import (
    DespatchAdvised,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    SupplyAllocated,
)
from b2b.contracts.returns import ReturnAuthorised
from b2b.contracts.warehousing import GoodsReceived
from b2b.core.actor import current
from b2b.outbox.registry import on
from warehousing.services import cross_docking, demand, epcis_transport, issue, receipt, returns, supply


@on(OrderConfirmed)
def reserve_for_order(event: OrderConfirmed) -> None:
    """Mirror the order and reserve free stock for it."""
    demand.record(event, at=event.occurred_at)


@on(OrderChanged)
def follow_change(event: OrderChanged) -> None:
    """Mirror the order as it now stands."""
    demand.record(event, at=event.occurred_at)


@on(OrderCancelled)
def release_order(event: OrderCancelled) -> None:
    """Give back what the order held."""
    demand.cancel(event)


@on(GoodsReceived)
def pick_at_dock(event: GoodsReceived) -> None:
    """Send pickers for what came in and is waited for."""
    cross_docking.release(event, by=current())


@on(SupplyAllocated)
def share_supply(event: SupplyAllocated) -> None:
    """Keep to the sharing of a purchase order, also for goods that are in already."""
    supply.allocate(event, at=event.occurred_at)


@on(DespatchAdvised)
def expect_receipt(event: DespatchAdvised) -> None:
    """Expect the goods that were despatched."""
    receipt.expect(event, by=current(), at=event.occurred_at)


@on(Departed)
def issue_goods(event: Departed) -> None:
    """Issue what left."""
    issue.depart(event, by=current(), at=event.occurred_at)


@on(Departed)
def tell_loading(event: Departed) -> None:
    """Tell that packages were loaded."""
    epcis_transport.loaded(event, at=event.occurred_at)


@on(DeliveryConfirmed)
def tell_delivery(event: DeliveryConfirmed) -> None:
    """Tell that a dealer took goods over."""
    epcis_transport.delivered(event)


@on(DeliveryFailed)
def take_goods_back(event: DeliveryFailed) -> None:
    """Take back what could not be delivered."""
    issue.take_back(event, by=current(), at=event.occurred_at)


@on(DeliveryConfirmed)
def expect_refused_goods(event: DeliveryConfirmed) -> None:
    """Expect back what was not taken at the door."""
    returns.expect_refused(event, by=current(), at=event.occurred_at)


@on(ReturnAuthorised)
def expect_return(event: ReturnAuthorised) -> None:
    """Expect what a dealer may send back."""
    returns.expect(event, by=current(), at=event.occurred_at)
