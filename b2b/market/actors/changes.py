"""Second thoughts: dealers change what they ordered, at any stage until it is shipped, and factories answer."""

from __future__ import annotations

from datetime import timedelta

from b2b.market.stage import Stage
from orders.models import Order, PurchaseOrderChange
from orders.policies.order_change import LineEdit
from orders.services import order_change, purchase_order_change
from orders.services.order import CreditRefused
from orders.services.order_change import InvalidChange
from orders.services.purchase_order_change import AlreadyDespatched

CHANGES = 0.05  # chance, each day, that a dealer changes an order of the last days
CANCELS_LINE = 0.3  # share of changes that take a line out
ACCEPTED = 0.8  # share of requests that a factory agrees to
DAYS = timedelta(days=5)


def change_minds(stage: Stage) -> None:
    """Let some dealers order more or less of a line, or do without it; an order is changed once a day at most."""
    with stage.at(14.5) as now:
        for dealer in stage.world.dealers:
            with stage.acting(dealer) as by:
                recent = Order.objects.visible_to(by).filter(
                    status="CONFIRMED", created_at__range=(now - DAYS, now)
                )
                for order in recent.exclude(changes__created_at__gte=stage.moment(0)).order_by("pk"):
                    chance = stage.chance_of(order.number)
                    if chance.random() >= CHANGES:
                        continue
                    line = chance.choice(list(order.lines.order_by("line_number")))
                    gone = chance.random() < CANCELS_LINE
                    wanted = 0 if gone else max(1, round(line.quantity * chance.uniform(0.4, 1.6)))
                    try:
                        order_change.change(order, edits=[LineEdit(line.line_number, wanted)], by=by, at=now)
                    except (InvalidChange, CreditRefused):
                        stage.counts["changes refused"] += 1
                    else:
                        stage.counts["orders changed"] += 1


def answer(stage: Stage) -> None:
    """Let factories agree to make less, or not."""
    for factory in stage.world.factories:
        with stage.at(15.75) as now, stage.acting(factory) as by:
            asked = PurchaseOrderChange.objects.visible_to(by).filter(status="REQUESTED").order_by("pk")
            for request in asked:
                agreed = stage.chance.random() < ACCEPTED
                try:
                    purchase_order_change.answer(request, is_accepted=agreed, by=by, at=now)
                except AlreadyDespatched:
                    purchase_order_change.answer(
                        request, is_accepted=False, reason="on its way", by=by, at=now
                    )
                stage.counts["changes answered by factories"] += 1
