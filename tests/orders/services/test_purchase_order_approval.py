"""A purchase order above a limit reaches its factory only once the platform's people agree."""

import pytest

from b2b.contracts.agreements import ApprovalDecided
from b2b.contracts.orders import ProductionSignalRaised, PurchaseOrderPlaced
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from orders.models import OrderCycle, PurchaseOrder
from orders.services import approval_decision, purchase_order, purchase_order_approval
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close, lines_of, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(breaks=((1, "10"),))


@pytest.fixture
def waiting(market):
    """A purchase order of 30 base units that waits for approval, and its order."""
    agreed.approval_rule(market.warehouse.organization, amount_from=100)
    made.cycle(market)
    order = made.order(market, [30])
    return close(OrderCycle.objects.get()), order


def test_a_small_purchase_order_is_sent_at_once(market):
    agreed.approval_rule(market.warehouse.organization, amount_from=100)
    cycle = made.cycle(market)
    made.order(market, [9])
    assert close(cycle).status == "SENT"


def test_the_factory_hears_of_it_once_it_is_approved(market, waiting):
    placed, _ = waiting
    assert (placed.status, placed.cycle.status) == ("AWAITING_APPROVAL", "FROZEN")
    assert told(PurchaseOrderPlaced) == told(ProductionSignalRaised) == []
    boss = agreed.member(market.warehouse.organization)
    with acting_as(boss):
        purchase_order_approval.approve(placed, by=boss, at=LATER)
    placed.refresh_from_db()
    assert (placed.status, placed.cycle.status) == ("SENT", "SENT")
    assert len(told(PurchaseOrderPlaced)) == len(told(ProductionSignalRaised)) == 1
    purchase_order.respond(placed, by=market.factory_actor, at=LATER)
    assert PurchaseOrder.objects.get().status == "CONFIRMED"


def test_declined_its_lines_wait_for_the_next_cycle(market, waiting):
    placed, order = waiting
    boss = agreed.member(market.warehouse.organization)
    with acting_as(boss):
        purchase_order_approval.decline(placed, reason="too much stock", by=boss, at=LATER)
    placed.refresh_from_db()
    assert (placed.status, placed.cycle.status) == ("REJECTED", "CLOSED")
    assert lines_of(order)[0].unpooled == 30
    assert [one.status for one in told(ApprovalDecided)] == ["DECLINED"]
    assert told(PurchaseOrderPlaced) == []


def test_no_factory_and_no_viewer_approves(market, waiting):
    placed, _ = waiting
    viewer = agreed.member(market.warehouse.organization, "VIEWER")
    with pytest.raises(Forbidden):
        purchase_order_approval.approve(placed, by=market.factory_actor, at=LATER)
    with pytest.raises(approval_decision.NotYours), acting_as(viewer):
        purchase_order_approval.approve(placed, by=viewer, at=LATER)
