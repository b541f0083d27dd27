"""What a factory says of its shipping for a purchase order: read whole, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from b2b.contracts.warehousing import GoodsShipped, ShippedLine
from b2b.core.actor import FACTORY, Actor
from b2b.core.epcis import event, uris
from b2b.core.errors import Problem
from b2b.outbox.publish import publish
from warehousing.selectors import epcis_goods
from warehousing.selectors.epcis_goods import Named

_LEAVING: Final = ("shipping", "departing")


def is_advice(one: Mapping[str, Any], by: Actor) -> bool:
    """Tell whether an event stands for a despatch advice."""
    leaving = by.kind == FACTORY and one["type"] == event.OBJECT and one.get("bizStep") in _LEAVING
    return bool(leaving and _orders(one) and one.get("quantityList") and "errorDeclaration" not in one)


def products(events: Sequence[Mapping[str, Any]]) -> dict[str, Named]:
    """Return what the quantities of events name, by canonical URI; one statement for all of them."""
    return epcis_goods.products(
        {uris.canonical(item["epcClass"]) for one in events for item in one["quantityList"]}
    )


def faults(one: Mapping[str, Any], named: Mapping[str, Named], pointer: str) -> Iterator[Problem]:
    """Yield what keeps an advice from being taken whole: goods nobody knows, parts of units, other units."""
    for index, item in enumerate(one["quantityList"]):
        where, quantity = f"{pointer}/quantityList/{index}", item.get("quantity", 0)
        found = named.get(uris.canonical(item["epcClass"]))
        if found is None:
            yield Problem("unknown_goods", f"no product is {item['epcClass'][:200]}", f"{where}/epcClass")
        elif not found.is_counted_in(item.get("uom", "")):
            yield Problem("wrong_unit", f"these goods are counted in {found.base_unit}", f"{where}/uom")
        if quantity != int(quantity) or quantity < 1:
            yield Problem("not_whole", f"{quantity} is no whole number above zero", f"{where}/quantity")


def tell(events: Sequence[Mapping[str, Any]], named: Mapping[str, Named], by: Actor, *, at: datetime) -> None:
    """Publish GoodsShipped for each advice without faults."""
    publish(*(_shipped(one, named, by, at) for one in events))


def _shipped(one: Mapping[str, Any], named: Mapping[str, Named], by: Actor, at: datetime) -> GoodsShipped:
    units = [uri for uri in map(uris.canonical, one.get("epcList", ())) if uri.startswith(f"{uris.ROOT}/00/")]
    goods = [(uris.canonical(item["epcClass"]), int(item["quantity"])) for item in one["quantityList"]]
    return GoodsShipped(
        occurred_at=at,
        shipping_id=uuid5(NAMESPACE_URL, one["eventID"]),
        event_id=one["eventID"],
        factory_id=int(by.organization_id or 0),
        purchase_order_number=unquote(_orders(one)[0].replace("/", ":").rsplit(":", 1)[1]),
        shipped_at=datetime.fromisoformat(one["eventTime"]),
        lines=tuple(
            ShippedLine(
                product_id=named[uri].product_id,
                quantity=quantity * named[uri].units,
                lot_number=epcis_goods.parts(uri).lot_number,
                sscc=units[0].rsplit("/", 1)[1] if len(units) == 1 else "",
            )
            for uri, quantity in goods
        ),
    )


def _orders(one: Mapping[str, Any]) -> list[str]:
    return [
        paper["bizTransaction"] for paper in one.get("bizTransactionList", ()) if paper.get("type") == "po"
    ]
