"""Who may see and change answers of factories and changes of orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from orders.models import PurchaseOrder, PurchaseOrderChange, Substitution
from orders.services import order_change, order_cycle, purchase_order_response
from orders.services.order_change import LineEdit
from orders.services.purchase_order_response import Answer, Substitute
from tests.factories import catalog
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import answered


def _priced(world: World) -> Case:
    """Let the factory ask for another price."""
    market, now = ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]]), clock.now()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        order_cycle.close(cycle, early=True, by=platform, at=now)
        placed = PurchaseOrder.objects.get(cycle=cycle)
        purchase_order_response.respond(
            placed, answers=[Answer(1, unit_price=Decimal(77))], by=platform, at=now
        )
    return Case({"purchase_order_id": placed.pk}, marker="77.000000")


def _changed(world: World) -> tuple[Any, Any]:
    """Let the dealer give up what is being bought, and return its order and the request to the factory."""
    market, now = ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]]), clock.now()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        made = ordering.order(market, [10], at=now)
        order_cycle.close(cycle, early=True, by=platform, at=now)
        order_change.change(made, edits=[LineEdit(1, 4)], reason="MY-REASON", by=platform, at=now)
        return made, PurchaseOrderChange.objects.get(purchase_order__cycle=cycle)


def _changes(world: World) -> Case:
    made, _ = _changed(world)
    return Case({"order_id": made.pk}, marker="MY-REASON")


def _requests(world: World) -> Case:
    _, change = _changed(world)
    return Case({"purchase_order_id": change.purchase_order_id}, marker=change.number)


def _offered(world: World, name: str = "substitution_id") -> Case:
    """Let the factory offer a substitute to the dealer."""
    market, now = ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]]), clock.now()
    other = catalog.product()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        order_cycle.close(cycle, early=True, by=platform, at=now)
        offer = Substitute(other.sku, 10, Decimal(5))
        purchase_order_response.respond(
            PurchaseOrder.objects.get(cycle=cycle), answers=[Answer(1, substitute=offer)], by=platform, at=now
        )
        made = Substitution.objects.get(dealer=world[DEALER])
    return Case({name: made.pk} if name else {}, marker=other.sku)


_OWN = frozenset({"owner", OPERATOR})

LINES: Mapping[str, Line] = {
    "purchase-orders/<uuid:purchase_order_id>/price-answers/": Line(_priced, owner=FACTORY),
    "purchase-orders/<uuid:purchase_order_id>/price-answers/decide/": Line(
        _priced,
        owner=FACTORY,
        sees=frozenset(),
        changes=frozenset({OPERATOR}),
        body=lambda world: {"accept": [1]},
    ),
    "purchase-orders/<uuid:purchase_order_id>/changes/": Line(_requests, owner=FACTORY, changes=_OWN),
    "orders/<uuid:order_id>/changes/": Line(_changes, changes=_OWN),
    "substitutions/": Line(lambda world: _offered(world, "")),
    "substitutions/<uuid:substitution_id>/": Line(_offered),
    "substitutions/<uuid:substitution_id>/accept/": Line(_offered, sees=frozenset(), changes=_OWN),
    "substitutions/<uuid:substitution_id>/decline/": Line(_offered, sees=frozenset(), changes=_OWN),
}
