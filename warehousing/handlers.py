"""What the warehouse does when others tell it something: one service call each."""

from __future__ import annotations

from b2b.contracts.logistics import DeliveryFailed, Departed
from b2b.contracts.orders import (
    DespatchAdvised,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    SupplyAllocated,
)
from b2b.core.actor import current
from b2b.outbox.registry import on
from warehousing.services import demand, issue, receipt, supply


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


@on(DeliveryFailed)
def take_goods_back(event: DeliveryFailed) -> None:
    """Take back what could not be delivered."""
    issue.take_back(event, by=current(), at=event.occurred_at)
