"""Who may do what at each route of the API; tests/house/test_tenancy.py tries it as everybody.

A line says how to make an object of an owner and which parties may see and change it. Parties: `owner` (the world's
organisation of kind `Line.owner`), `rival` (another of that kind), the world's organisations of the other kinds,
`operator`, `anonymous`. Everybody who is not named must be refused: a rival with 404, others with 403 or 404, and a
list must not hold the `marker` of the owner's object.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from b2b.contracts.orders import OrderConfirmed, OrderedLine
from b2b.core import clock
from b2b.core.actor import CARRIER, DEALER, FACTORY, FUNDER, OPERATOR, acting_as, system
from b2b.core.ids import uuid7
from b2b.tower import handlers as tower
from orders.models import DespatchAdvice, ProductionSignal, PurchaseOrder, SavingsStatement
from orders.services import despatch_advice, order_cycle, purchase_order
from orders.services.despatch_advice import Despatched
from tests.factories import catalog, directory, warehousing
from tests.factories import orders as ordering
from tests.house import (
    tenancy_agreements,
    tenancy_changes,
    tenancy_counts,
    tenancy_finance,
    tenancy_http,
    tenancy_logistics,
    tenancy_orders,
    tenancy_outbound,
    tenancy_planning,
    tenancy_prices,
    tenancy_receiving,
    tenancy_returns,
    tenancy_sharing,
    tenancy_trace,
    tenancy_value,
    tenancy_webhooks,
)
from tests.house.tenancy_line import ALL, Case, Line, World
from tests.support.order_ports import answered


def _product(world: World) -> Case:
    made = catalog.product()
    return Case({"sku": made.sku})


def _products(world: World) -> Case:
    return Case(marker=catalog.product().sku)


def _site(world: World) -> Case:
    return Case({"code": directory.site(world[DEALER]).code})


def _sites(world: World) -> Case:
    return Case(marker=directory.site(world[DEALER]).code)


def _confirmed(world: World) -> OrderConfirmed:
    line = OrderedLine(
        line_id=1,
        line_number=1,
        product_id=1,
        quantity=1,
        unit_price=Decimal(1),
        tax_rate=Decimal(0),
        ship_to_site_id=1,
    )
    return OrderConfirmed(
        occurred_at=clock.now(),
        order_id=uuid7(),
        number="DO-OWN-1",
        version=1,
        dealer_id=world[DEALER].pk,
        currency="CNY",
        payment_terms_days=30,
        lines=(line,),
    )


def _timeline(world: World) -> Case:
    event = _confirmed(world)
    with acting_as(system("test")):
        tower.note_confirmed_order(event)
    return Case({"order_id": event.order_id}, marker=event.number)


def _me(world: World) -> Case:
    return Case(marker=world[DEALER].code)


def _market(world: World) -> ordering.Trade:
    return ordering.trade(maker=world[FACTORY], buyers=[world[DEALER]])


def _trunk(world: World) -> ordering.Trade:
    """Let the dealer order, the cycle close, the factory answer and send."""
    market, now = _market(world), clock.now()
    with answered(), acting_as(system("test")) as platform:
        cycle = ordering.cycle(market, at=now)
        ordering.order(market, [10], at=now)
        [placed] = order_cycle.close(cycle, early=True, by=platform, at=now)
        purchase_order.respond(placed, by=platform, at=now)
        despatch_advice.receive(
            placed, lines=[Despatched(1, 5)], expected_at=now, external_reference="D-OWN", by=platform, at=now
        )
    return market


def _order(world: World) -> Case:
    market, now = _market(world), clock.now()
    with answered():
        made = ordering.order(market, [10], at=now)
    return Case({"order_id": made.pk}, marker=made.number)


def _order_lines(world: World) -> Case:
    case = _order(world)
    return Case(case.values, marker="entered_quantity")


def _history(world: World) -> Case:
    case = _order(world)
    return Case(case.values, marker="confirm")


def _orders(world: World) -> Case:
    return Case(marker=_order(world).marker)


def _cycle(world: World) -> Case:
    made = ordering.cycle(_market(world), at=clock.now())
    return Case({"cycle_id": made.pk}, marker=made.number)


def _progress(world: World) -> Case:
    return Case(_cycle(world).values)


def _cycles(world: World) -> Case:
    return Case(marker=_cycle(world).marker)


def _made(model: Any, name: str, marker: str = "number") -> Callable[[World], Case]:
    def make(world: World) -> Case:
        _trunk(world)
        with acting_as(system("test")):
            found = model.objects.latest("pk")
        return Case({name: found.pk} if name else {}, marker=str(getattr(found, marker)))

    return make


def _responses(world: World) -> Case:
    case = _made(PurchaseOrder, "purchase_order_id")(world)
    return Case(case.values, marker="ACCEPTED")


def _wanted(world: World) -> Any:
    return {"ship_to": "nowhere", "lines": [{"sku": "none", "quantity": 1}]}


_ORDERING = frozenset({"owner", "rival", OPERATOR})
_DEALERS = {"sees": frozenset({"owner", OPERATOR}), "changes": frozenset({"owner", OPERATOR})}
_FACTORIES: dict[str, Any] = {"owner": FACTORY, **_DEALERS}
_KNOWN = frozenset({"owner", DEALER, OPERATOR})


def _house(make: Callable[[warehousing.World], Case]) -> Callable[[World], Case]:
    """Make an object in a warehouse of the world's operator, for its dealer, from its factory."""

    def made(world: World) -> Case:
        with acting_as(system("test")):
            return make(
                warehousing.World.build(
                    operator=world[OPERATOR], dealer=world[DEALER], factory=world[FACTORY]
                )
            )

    return made


def _dealers_stock(house: warehousing.World) -> Case:
    lot = house.lot()
    house.stock(5, lot=lot, owner=house.dealer)
    asked = f"?sku={house.product.sku}&warehouse={house.warehouse.code}&at=2030-01-01T00:00:00Z"
    return Case(marker=lot.number, query=asked)


_RECEIPT = _house(lambda house: Case({"receipt_id": house.expected().pk}))
_RECEIPTS = _house(lambda house: Case(marker=house.expected().number))
_OPERATORS = frozenset({"owner", "rival"})

MATRIX: dict[str, Line] = {
    **tenancy_changes.LINES,
    **tenancy_counts.LINES,
    **tenancy_agreements.LINES,
    **tenancy_sharing.LINES,
    **tenancy_logistics.LINES,
    **tenancy_orders.LINES,
    **tenancy_http.LINES,
    **tenancy_planning.LINES,
    **tenancy_prices.LINES,
    "catalog/prices/": Line(
        lambda world: Case(),
        sees=frozenset(),
        changes=_ORDERING,
        body=lambda world: {"dealer": "", "lines": [{"sku": "none", "quantity": 1}]},
    ),
    "orders/": Line(_orders, sees=frozenset({"owner", OPERATOR}), changes=_ORDERING, body=_wanted),
    "orders/bulk/": Line(lambda world: Case(), sees=frozenset(), changes=_ORDERING, body=_wanted),
    "orders/<uuid:order_id>/": Line(_order),
    "orders/<uuid:order_id>/lines/": Line(_order_lines),
    "orders/<uuid:order_id>/history/": Line(_history),
    "orders/<uuid:order_id>/cancel/": Line(_order, **_DEALERS),
    "orders/<uuid:order_id>/reopen/": Line(_order, **_DEALERS),
    "order-cycles/": Line(_cycles, owner=FACTORY, sees=_KNOWN, changes=frozenset({OPERATOR})),
    "order-cycles/<uuid:cycle_id>/": Line(_cycle, owner=FACTORY, sees=_KNOWN),
    "order-cycles/<uuid:cycle_id>/progress/": Line(_progress, owner=FACTORY, sees=_KNOWN),
    "order-cycles/<uuid:cycle_id>/policy/": Line(
        _cycle,
        owner=FACTORY,
        sees=_KNOWN,
        changes=frozenset({OPERATOR}),
        body=lambda world: {"surplus": "NEXT_CYCLE"},
    ),
    "order-cycles/<uuid:cycle_id>/history/": Line(
        _progress, owner=FACTORY, sees=frozenset({"owner", OPERATOR})
    ),
    "order-cycles/<uuid:cycle_id>/extend/": Line(
        _cycle,
        owner=FACTORY,
        sees=frozenset(),
        changes=frozenset({OPERATOR}),
        body=lambda world: {"cutoff_at": "2100-01-01T00:00:00Z"},
    ),
    "order-cycles/<uuid:cycle_id>/cancel/": Line(
        _cycle, owner=FACTORY, sees=frozenset(), changes=frozenset({OPERATOR})
    ),
    "order-cycles/<uuid:cycle_id>/close/": Line(
        _cycle, owner=FACTORY, sees=frozenset(), changes=frozenset({OPERATOR})
    ),
    "purchase-orders/": Line(_made(PurchaseOrder, ""), owner=FACTORY),
    "purchase-orders/<uuid:purchase_order_id>/": Line(
        _made(PurchaseOrder, "purchase_order_id"), owner=FACTORY
    ),
    "purchase-orders/<uuid:purchase_order_id>/responses/": Line(_responses, **_FACTORIES),
    "despatch-advices/": Line(_made(DespatchAdvice, ""), owner=FACTORY, changes=_ORDERING),
    "despatch-advices/ubl/": Line(
        _made(DespatchAdvice, ""), owner=FACTORY, sees=frozenset(), changes=_ORDERING
    ),
    "despatch-advices/<uuid:advice_id>/": Line(_made(DespatchAdvice, "advice_id"), owner=FACTORY),
    "production-signals/": Line(_made(ProductionSignal, ""), owner=FACTORY),
    "production-signals/<uuid:signal_id>/": Line(_made(ProductionSignal, "signal_id"), owner=FACTORY),
    "production-signals/<uuid:signal_id>/answers/": Line(_made(ProductionSignal, "signal_id"), **_FACTORIES),
    "savings-statements/": Line(_made(SavingsStatement, "")),
    "savings-statements/<uuid:statement_id>/": Line(_made(SavingsStatement, "statement_id")),
    "catalog/products/": Line(_products, sees=ALL),
    "catalog/products/<str:sku>/": Line(_product, sees=ALL),
    "organizations/me/": Line(_me, sees=frozenset({"owner"})),
    "orders/<uuid:order_id>/timeline/": Line(_timeline),
    "sites/": Line(_sites),
    "sites/<slug:code>/": Line(_site),
    "receipts/": Line(_RECEIPTS, FACTORY),
    "receipts/<uuid:receipt_id>/": Line(_RECEIPT, FACTORY),
    "receipts/<uuid:receipt_id>/cancel/": Line(
        _RECEIPT,
        OPERATOR,
        sees=frozenset(),
        changes=_OPERATORS,
        body=lambda world: {"reason": "the truck never came"},
    ),
    "receipts/<uuid:receipt_id>/receive/": Line(_RECEIPT, OPERATOR, sees=frozenset(), changes=_OPERATORS),
    "stock/": Line(_house(lambda house: Case(marker=house.stock(5).product.sku)), OPERATOR, sees=_OPERATORS),
    "stock/movements/": Line(
        _house(lambda house: Case(marker=house.stock(5).product.sku)), OPERATOR, sees=_OPERATORS
    ),
    "availability/": Line(_house(lambda house: Case()), sees=frozenset(), changes=_ORDERING),
    "stock/as-of/": Line(_house(_dealers_stock)),
    "stock/counts/": Line(_house(lambda house: Case()), OPERATOR, sees=frozenset(), changes=_OPERATORS),
    **tenancy_outbound.LINES,
    **tenancy_finance.LINES,
    **tenancy_receiving.LINES,
    **tenancy_returns.LINES,
    **tenancy_trace.LINES,
    **tenancy_value.LINES,
    **tenancy_webhooks.LINES,
}

__all__ = ["ALL", "CARRIER", "DEALER", "FACTORY", "FUNDER", "MATRIX", "OPERATOR", "Case", "Line", "World"]
