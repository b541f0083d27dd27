"""From a request for quotation to delivered goods: asked, awarded, agreed, called off, pooled, carried home."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts import agreements, orders
from b2b.core import clock
from b2b.core.actor import acting_as
from finance.models import Invoice
from orders.models import BlanketOrder, Order, PurchaseOrder, Quotation, QuotationRequest
from orders.policies.pricing import Break
from orders.selectors import blanket as standings
from orders.services import (
    approval_decision,
    blanket_order,
    blanket_release,
    quotation,
    quotation_award,
)
from orders.services.quotation_award import Award
from tests.factories import agreements as agreed
from tests.factories import directory
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Chain:
    """Two dealers and a factory whose list price is 10 and never less."""
    return Chain.of(make.trade(breaks=((1, "10"),), dealers=2))


def test_quoted_agreed_released_pooled_and_delivered(chain: Chain) -> None:
    with acting_as(PLATFORM):
        upstream = _awarded(chain)
        downstream = _agreed(chain)
        cycle = make.cycle(chain.trade, hours=24, recurrence={"every": "days", "interval": 2})
        first = _released(chain, downstream, 60)
        second = _approved(chain, downstream, 40)
        placed = _pooled(chain, cycle, upstream)
        _delivered(chain, placed, first, second)
        _nothing_left(downstream)
        assert sound()


def _awarded(chain: Chain) -> BlanketOrder:
    """Two factories quote under seal; the cheaper one wins all and becomes a blanket order."""
    rival = directory.factory_organization()
    request = agreed.ask(chain.trade, [chain.trade.maker, rival], [500])
    offer = _quotes(chain, request, "6")
    with acting_as(directory.actor(rival)) as by:
        lost = quotation.submit(
            request,
            lines=[quotation.Offered(1, (Break(1, Decimal(7)),), lead_time_days=3)],
            valid_until=chain.now.date() + timedelta(days=30),
            by=by,
            at=chain.now,
        )
    chain.settled()
    with clock.travel(chain.now):
        quotation_award.award(
            request, [Award(offer.pk, 1, 500)], becomes="blanket", by=PLATFORM, at=chain.now
        )
    chain.settled()
    assert told(agreements.QuotationAwarded) == 2
    assert [Quotation.objects.get(pk=one.pk).status for one in (offer, lost)] == ["AWARDED", "LOST"]
    return BlanketOrder.objects.get(factory=chain.trade.maker)


def _quotes(chain: Chain, request: QuotationRequest, price: str) -> Quotation:
    with clock.travel(chain.now), acting_as(chain.trade.factory_actor) as by:
        return quotation.submit(
            request,
            lines=[quotation.Offered(1, (Break(1, Decimal(price)),), lead_time_days=7)],
            valid_until=chain.now.date() + timedelta(days=30),
            by=by,
            at=chain.now,
        )


def _agreed(chain: Chain) -> BlanketOrder:
    with clock.travel(chain.now):
        made = blanket_order.agree(
            chain.trade.dealers[0],
            lines=[blanket_order.Wanted(chain.trade.products[0].sku, 100, Decimal(8))],
            valid_from=chain.now.date() - timedelta(days=30),
            valid_to=chain.now.date() + timedelta(days=30),
            ship_to=chain.trade.shops[0],
            by=PLATFORM,
            at=chain.now,
        )
    chain.settled()
    assert told(agreements.BlanketOrderAgreed) == 2
    return made


def _released(chain: Chain, blanket: BlanketOrder, quantity: int, who: object = None) -> Order:
    by = who or chain.trade.dealer_actor()
    with clock.travel(chain.now), acting_as(by):
        made = blanket_release.release(blanket, quantities={1: quantity}, by=by, at=chain.now)
    chain.settled()
    assert made.order is not None
    return made.order


def _approved(chain: Chain, blanket: BlanketOrder, quantity: int) -> Order:
    """A release above the dealer's limit waits for its administrator."""
    rule = agreed.approval_rule(chain.trade.dealers[0], amount_from=300)
    buyer, head = (agreed.member(chain.trade.dealers[0], role) for role in ("BUYER", "ADMIN"))
    order = _released(chain, blanket, quantity, buyer)
    assert (order.status, told(orders.OrderConfirmed)) == ("AWAITING_APPROVAL", 1)
    with clock.travel(chain.now), acting_as(head):
        approval_decision.approve(order, by=head, at=chain.now)
    chain.settled()
    assert told(orders.OrderConfirmed) == 2
    rule.is_active = False
    rule.save()
    return order


def _pooled(chain: Chain, cycle: object, upstream: BlanketOrder) -> PurchaseOrder:
    placed = chain.closes(cycle)
    line = placed.lines.get()
    assert (line.quantity, line.unit_price) == (100, Decimal(6)), "bought at the price of the award"
    [standing] = standings.statement([upstream.pk])[upstream.pk]
    assert (standing.standing.released, standing.standing.left) == (100, 400)
    return placed


def _delivered(chain: Chain, placed: PurchaseOrder, *released: Order) -> None:
    chain.answers(placed)
    chain.sends(placed, 100)
    chain.receives()
    chain.packs()
    chain.departs()
    chain.delivers()
    for order in released:
        order.refresh_from_db()
        assert order.status == "COMPLETED"
        assert Invoice.objects.filter(dealer_id=order.dealer_id).exists()


def _nothing_left(blanket: BlanketOrder) -> None:
    [line] = standings.statement([blanket.pk])[blanket.pk]
    assert (line.standing.released, line.standing.left) == (100, 0)
    assert told(agreements.BlanketOrderReleased) == 3
