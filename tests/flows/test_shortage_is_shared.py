"""A factory that cannot make all of it: each dealer gets its fair share, and the rest with the next cycle."""

from __future__ import annotations

import pytest

from b2b.contracts.orders import SupplyAllocated
from b2b.core.actor import acting_as
from finance.models import Invoice
from orders.models import OrderCycle, OrderLine, Peg
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound, told

pytestmark = pytest.mark.django_db


def delivered(chain: Chain, placed: object, quantity: int) -> None:
    """Bring what the factory sends to the doors."""
    chain.sends(placed, quantity)
    chain.receives()
    chain.packs()
    chain.departs()
    chain.delivers()


@pytest.mark.parametrize(
    ("wanted", "made", "shares"),
    [
        ([60, 60], 80, [40, 40]),
        ([90, 30], 80, [60, 20]),
        # 70 of 100: 35, 24.5, 10.5; of two equal remainders the larger wish gets the unit
        ([50, 35, 15], 70, [35, 25, 10]),
    ],
)
def test_each_dealer_gets_its_share_and_the_rest_later(
    wanted: list[int], made: int, shares: list[int]
) -> None:
    chain = Chain.of(make.trade(dealers=len(wanted)))
    with acting_as(PLATFORM):
        first = make.cycle(chain.trade, recurrence={"every": "days", "interval": 2})
        orders = [chain.wants(quantity, dealer=index) for index, quantity in enumerate(wanted)]
        placed = chain.closes(first)
        assert placed.lines.get().quantity == sum(wanted)
        chain.answers(placed, made)
        assert told(SupplyAllocated) == 1
        assert [chain.line_of(order).allocated for order in orders] == shares
        delivered(chain, placed, made)
        assert [chain.line_of(order).delivered for order in orders] == shares
        assert [chain.line_of(order).invoiced for order in orders] == shares

        _the_rest_follows(chain, orders, wanted, shares)
        assert sound()


def _the_rest_follows(chain: Chain, orders: list, wanted: list[int], shares: list[int]) -> None:
    second = OrderCycle.objects.filter(status="OPEN").order_by("cutoff_at").first()
    again = chain.closes(second)
    rest = [whole - share for whole, share in zip(wanted, shares, strict=True)]
    pegs = Peg.objects.filter(purchase_order_line__purchase_order=again, order_line__isnull=False)
    asked = dict(pegs.values_list("order_line__order_id", "pegged"))
    assert [asked.get(order.pk, 0) for order in orders] == rest
    chain.answers(again)
    delivered(chain, again, again.lines.get().quantity)
    for order, quantity in zip(orders, wanted, strict=True):
        order.refresh_from_db()
        line = chain.line_of(order)
        assert (order.status, line.delivered, line.invoiced) == ("COMPLETED", quantity, quantity)
        lines = OrderLine.objects.filter(order=order)
        billed = Invoice.objects.filter(lines__order_line_id__in=lines).distinct()
        assert billed.count() == 2, "one invoice for each delivery"
