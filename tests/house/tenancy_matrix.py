"""Who may do what at each route of the API; tests/house/test_tenancy.py tries it as everybody.

A line says how to make an object of an owner and which parties may see and change it. Parties: `owner` (the world's
organisation of kind `Line.owner`), `rival` (another of that kind), the world's organisations of the other kinds,
`operator`, `anonymous`. Everybody who is not named must be refused: a rival with 404, others with 403 or 404, and a
list must not hold the `marker` of the owner's object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from b2b.contracts.orders import OrderConfirmed, OrderedLine
from b2b.core import clock
from b2b.core.actor import CARRIER, DEALER, FACTORY, FUNDER, KINDS, OPERATOR, acting_as, system
from b2b.core.ids import uuid7
from b2b.tower import handlers as tower
from tests.factories import catalog, directory

ALL = frozenset({"owner", "rival", *KINDS})


class World:
    """One organisation of each kind and a rival of each."""

    def __init__(self) -> None:
        self.parties = {kind: directory.organization(kind) for kind in KINDS}
        self.rivals = {kind: directory.organization(kind) for kind in KINDS}

    def __getitem__(self, kind: str) -> Any:
        return self.parties[kind]

    def callers(self, owner: str) -> dict[str, Any]:
        """Return every party that tries, by its name in a line."""
        others = {kind: party for kind, party in self.parties.items() if kind != owner}
        return {"owner": self.parties[owner], "rival": self.rivals[owner], **others, "anonymous": None}


@dataclass(frozen=True)
class Case:
    """An object of the owner: the values of its URL, and a text that only those who may see it ever read."""

    values: Mapping[str, Any] = field(default_factory=dict)
    marker: str = ""
    query: str = ""


@dataclass(frozen=True)
class Line:
    """What a route is about; `sees` may read, `changes` may call POST, PATCH, PUT and DELETE."""

    make: Callable[[World], Case]
    owner: str = DEALER
    sees: frozenset[str] = frozenset({"owner", OPERATOR})
    changes: frozenset[str] = frozenset()
    body: Callable[[World], Any] = lambda world: {}


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


def _value(world: World) -> Case:
    return Case(query="?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z")


def _events(world: World) -> Case:
    """Own events only: tests/exchange shows it with commits, without which the feed is empty."""
    return Case()


def _me(world: World) -> Case:
    return Case(marker=world[DEALER].code)


MATRIX: dict[str, Line] = {
    "products/": Line(_products, sees=ALL),
    "products/<str:sku>/": Line(_product, sees=ALL),
    "organizations/me/": Line(_me, sees=frozenset({"owner"})),
    "events/": Line(_events, sees=ALL),
    "orders/<uuid:order_id>/timeline/": Line(_timeline),
    "value/": Line(_value, sees=frozenset({"owner", "rival", OPERATOR})),
    "sites/": Line(_sites),
    "sites/<slug:code>/": Line(_site),
}

__all__ = ["ALL", "CARRIER", "DEALER", "FACTORY", "FUNDER", "MATRIX", "OPERATOR", "Case", "Line", "World"]
