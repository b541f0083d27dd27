"""Who may see how a shortage was shared, and who may withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from b2b.core import clock
from b2b.core.actor import OPERATOR, acting_as, system
from orders.models import AllocationRun, Order, OrderCycle
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import answered


def _short(world: World) -> Any:
    """Let the dealer's factory confirm less than was ordered."""
    market, now = ordering.trade(maker=world["factory"], buyers=[world["dealer"]]), clock.now()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        [placed] = order_cycle.close(cycle, early=True, by=platform, at=now)
        purchase_order.respond(placed, answers=[Answer(1, 7)], by=platform, at=now)
    return placed


def _order(world: World) -> Case:
    placed = _short(world)
    with acting_as(system("test")):
        order = Order.objects.get(lines__pegs__purchase_order_line__purchase_order=placed)
    return Case({"order_id": order.pk}, marker=order.number)


def _run(world: World) -> Case:
    placed = _short(world)
    with acting_as(system("test")):
        run = AllocationRun.objects.get(purchase_order=placed)
    return Case({"run_id": run.pk})


def _runs(world: World) -> Case:
    return Case(marker=_short(world).number)


def _cycle(world: World) -> Case:
    placed = _short(world)
    with acting_as(system("test")):
        cycle = OrderCycle.objects.get(pk=placed.cycle_id)
    return Case({"cycle_id": cycle.pk})


_BOTH = frozenset({"owner", OPERATOR})
_DESK = frozenset({"owner", "rival"})

LINES: Mapping[str, Line] = {
    "orders/<uuid:order_id>/explain/": Line(_order),
    "orders/<uuid:order_id>/withdraw/": Line(
        _order, sees=frozenset(), changes=_BOTH, body=lambda world: {"lines": [1]}
    ),
    "allocation-runs/": Line(_runs, owner=OPERATOR, sees=_DESK),
    "allocation-runs/<uuid:run_id>/": Line(_run, owner=OPERATOR, sees=_DESK),
    "allocation-runs/<uuid:run_id>/results/": Line(_run, owner=OPERATOR, sees=_DESK),
    "allocation-runs/<uuid:run_id>/replay/": Line(_run, owner=OPERATOR, sees=_DESK),
    "order-cycles/<uuid:cycle_id>/equal-treatment/": Line(_cycle, owner=OPERATOR, sees=_DESK),
}
