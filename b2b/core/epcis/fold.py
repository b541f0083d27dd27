"""Add events up: where every class of goods is by them, and what is in which logistic unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from b2b.core.epcis import uris


@dataclass
class Stock:
    """`held` counts (class, place), goods in logistic units included; `contents` what is directly in each unit."""

    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    contents: dict[str, Counter[str]] = field(default_factory=dict)

    def inside(self, unit: str, _seen: frozenset[str] = frozenset()) -> Counter[str]:
        """Return the goods of a unit and of the units in it."""
        found: Counter[str] = Counter()
        for uri, quantity in self.contents.get(unit, Counter()).items():
            if uri.startswith(f"{uris.ROOT}/00/"):
                if uri not in _seen:
                    found.update(self.inside(uri, _seen | {unit}))
            else:
                found[uri] += quantity
        return found


def fold(events: Iterable[Mapping[str, Any]]) -> Stock:
    """Add up events in the order they happened; one that was declared an error counts for nothing.

    An ObjectEvent moves the goods it names from its source place to its destination; one that names units alone moves
    what is in them.
    """
    stock = Stock()
    listed = list(events)
    wrong = {event.get("eventID") for event in listed if event.get("errorDeclaration")}
    for event in listed:
        if event.get("errorDeclaration") or event.get("eventID") in wrong:
            continue
        if event["type"] == "AggregationEvent":
            _aggregate(stock, event)
        elif event["type"] == "ObjectEvent":
            _move(stock, event)
    return stock


def _aggregate(stock: Stock, event: Mapping[str, Any]) -> None:
    held = stock.contents.setdefault(uris.canonical(event["parentID"]), Counter())
    sign = {"ADD": 1, "DELETE": -1}.get(event["action"], 0)
    for uri in event.get("childEPCs", ()):
        held[uris.canonical(uri)] += sign
    for one in event.get("childQuantityList", ()):
        held[uris.canonical(one["epcClass"])] += sign * one["quantity"]
    for uri in [uri for uri, quantity in held.items() if not quantity]:
        del held[uri]


def _move(stock: Stock, event: Mapping[str, Any]) -> None:
    source, destination = _place(event, "source"), _place(event, "destination")
    goods: Counter[str] = Counter()
    for one in event.get("quantityList", ()):
        goods[uris.canonical(one["epcClass"])] += one["quantity"]
    named = {uris.canonical(uri) for uri in event.get("epcList", ())}
    units = {uri for uri in named if uri.startswith(f"{uris.ROOT}/00/")}
    goods.update(named - units)
    if not goods:
        for unit in units:
            goods.update(stock.inside(unit))
    for uri, quantity in goods.items():
        if source:
            stock.held[uri, source] -= quantity
        if destination:
            stock.held[uri, destination] += quantity


def _place(event: Mapping[str, Any], end: str) -> str:
    for one in event.get(f"{end}List", ()):
        if one["type"] == "location":
            return uris.canonical(one[end])
    return ""
