"""Goods rejected, missing, undeliverable or refused: whatever is lost, every order, hold and cycle comes to its end."""

from __future__ import annotations

import pytest

from b2b.core.actor import acting_as
from b2b.core.money import Money
from b2b.db.reconcilers import RECONCILERS
from finance import facade
from finance.models import CreditHold
from logistics.models import Shipment
from logistics.policies.acceptance import Outcome
from logistics.services import delivery, shipment
from orders.models import OrderCycle, PurchaseOrder
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound
from warehousing.models import Quant
from warehousing.services.receipt import Count

pytestmark = pytest.mark.django_db


def nobody_is_home(chain: Chain) -> None:
    """Every delivery fails once; the goods come back and wait for the next plan."""
    for one in Shipment.objects.filter(status="IN_TRANSIT"):
        delivery.fail(one.pk, reason="closed", by=PLATFORM, at=chain.now)
    chain.settled()
    for one in Shipment.objects.filter(status="FAILED"):
        shipment.retry(one.pk, by=PLATFORM, at=chain.now)
    chain.settled()


def test_whatever_is_lost_nothing_waits_for_ever() -> None:
    chain = Chain.of(make.trade(dealers=2))
    with acting_as(PLATFORM):
        first = make.cycle(chain.trade, recurrence={"every": "days", "interval": 2})
        orders = [chain.wants(60, dealer=0), chain.wants(60, dealer=1)]
        placed = chain.closes(first)
        chain.answers(placed)
        chain.sends(placed, 120)
        chain.receives([Count(1, 101, 4)])
        assert sorted(chain.line_of(order).received for order in orders) == [50, 51]
        placed.refresh_from_db()
        assert (placed.status, placed.cycle.status) == ("CLOSED", "CLOSED")
        chain.packs()
        chain.departs()
        nobody_is_home(chain)
        chain.departs()
        chain.delivers(Outcome(1, short_quantity=7))

        again = chain.closes(OrderCycle.objects.filter(status="OPEN").get())
        assert again.lines.get().quantity == 19
        chain.answers(again)
        chain.sends(again, 19)
        chain.receives()
        chain.packs()
        chain.departs()
        chain.delivers()

        lines = [chain.line_of(order) for order in orders]
        assert [(line.delivered, line.returned, line.invoiced) for line in lines] == [(53, 7, 53)] * 2
        for order in orders:
            order.refresh_from_db()
            assert order.status == "COMPLETED"
            held = facade.position(dealer_id=order.dealer_id, currency=order.currency).reserved
            assert held == Money.of(0, order.currency)
        assert not CreditHold.objects.filter(status="HELD").exists()
        assert not PurchaseOrder.objects.exclude(status="CLOSED").exists()
        assert not Quant.objects.filter(location__kind="STAGING", on_hand__gt=0).exists()
        assert sound()
        assert not [one for compare in RECONCILERS.values() for one in compare().differences]
