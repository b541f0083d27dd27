"""A dealer changes its mind along the way: reservations, credit, bill and what the factory is owed follow."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as
from finance.models import CreditHold, Invoice, PurchaseTerms
from orders.models import Order, PurchaseOrderChange
from orders.policies.order_change import LineEdit
from orders.services import order_change, purchase_order_change
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound
from warehousing.models import Demand

pytestmark = pytest.mark.django_db


def changes(chain: Chain, order: Order, quantity: int) -> int:
    """The dealer changes its only line; return the number of statements it took."""
    known = Order.objects.select_related("dealer").get(pk=order.pk)
    with clock.travel(chain.now), CaptureQueriesContext(connection) as queries:
        order_change.change(known, edits=[LineEdit(1, quantity)], by=PLATFORM, at=chain.now)
    chain.settled()
    return len([one for one in queries if "SAVEPOINT" not in one["sql"]])


def follows(order: Order, quantity: int) -> None:
    """Check that the other apps know what the order wants now."""
    order.refresh_from_db()
    assert Demand.objects.get(order_id=order.pk).quantity == quantity
    held = CreditHold.objects.get(order_id=order.pk).held
    assert held == order.total_gross * 100


def test_warehouse_credit_and_bill_follow_every_change() -> None:
    chain = Chain.of(make.trade(dealers=2))
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade)
        mine, other = chain.wants(60), chain.wants(50, dealer=1)
        assert changes(chain, mine, 70) <= 15
        follows(mine, 70)
        changes(chain, mine, 55)
        follows(mine, 55)
        placed = chain.closes(cycle)
        chain.answers(placed)

        changes(chain, mine, 30)
        follows(mine, 55)
        asked = PurchaseOrderChange.objects.get()
        purchase_order_change.answer(asked, is_accepted=True, by=PLATFORM, at=chain.now)
        chain.settled()
        follows(mine, 30)
        assert PurchaseTerms.objects.get().quantity == 80

        chain.sends(placed, 80)
        chain.receives()
        chain.packs()
        chain.departs()
        chain.delivers()
        assert [chain.line_of(order).delivered for order in (mine, other)] == [30, 50]
        billed = sum(invoice.net_amount for invoice in Invoice.objects.filter(dealer=mine.dealer))
        mine.refresh_from_db()
        assert billed == mine.total_net
        assert isinstance(billed, Decimal)
        assert sound()
