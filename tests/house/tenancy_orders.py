"""Who may judge, order and order again."""

from __future__ import annotations

from typing import Any

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, acting_as, system
from tests.factories import catalog
from tests.factories import orders as ordering
from tests.house.tenancy_line import Case, Line, World
from tests.support.order_ports import answered

_ORDERING = frozenset({"owner", "rival", OPERATOR})
_OWN = frozenset({"owner", OPERATOR})


def _rows(world: World) -> Any:
    return {"lines": [{"sku": catalog.product().sku, "quantity": 1}]}


def _earlier(world: World) -> Case:
    with acting_as(system("test")), answered():
        market = ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]])
        return Case({"order_id": ordering.order(market, [5], at=clock.now()).pk})


LINES: dict[str, Line] = {
    "orders/bulk/result/": Line(lambda world: Case(), sees=frozenset(), changes=_ORDERING, body=_rows),
    "orders/<uuid:order_id>/reorder/": Line(_earlier, sees=frozenset(), changes=_OWN),
}
