"""Steps that the service tests share."""

from __future__ import annotations

import json
from datetime import timedelta

from b2b.core import clock
from b2b.core.actor import system
from b2b.outbox.models import OutboxEvent
from orders.models import OrderLine
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW

LATER = NOW + timedelta(hours=25)


def told(event):
    return [
        event.from_json(json.dumps(one.payload))
        for one in OutboxEvent.objects.filter(topic=event.topic).order_by("id")
    ]


def close(cycle):
    with clock.travel(LATER):
        return order_cycle.close(cycle, by=system("test"), at=LATER)


def lines_of(*orders):
    return list(OrderLine.objects.filter(order__in=orders).order_by("pk"))


def short_cycle(confirmed):
    market = made.trade(dealers=3, breaks=((1, "10"),))
    cycle = made.cycle(market)
    orders = [made.order(market, [wanted], dealer=index) for index, wanted in enumerate((25, 35, 40))]
    placed = close(cycle)
    purchase_order.respond(placed, answers=[Answer(1, confirmed)], by=market.factory_actor, at=LATER)
    return market, orders, placed
