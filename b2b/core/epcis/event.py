"""Build events: what, when, where, why, as EPCIS 2.0 JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from b2b.core.epcis import fingerprint

OBJECT: Final = "ObjectEvent"
AGGREGATION: Final = "AggregationEvent"
TRANSACTION: Final = "TransactionEvent"
TRANSFORMATION: Final = "TransformationEvent"
ASSOCIATION: Final = "AssociationEvent"
TYPES: Final = (OBJECT, AGGREGATION, TRANSACTION, TRANSFORMATION, ASSOCIATION)


@dataclass(frozen=True, slots=True)
class Goods:
    """A quantity (base units) of a class of goods; `unit` is a UN/ECE code, empty where pieces are counted."""

    epc_class: str
    quantity: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an event says besides its goods; URIs throughout, empty for what is not known.

    `source` and `destination` are the places goods went from and to, `transactions` (type, document) pairs.
    """

    at: datetime
    step: str
    disposition: str = ""
    action: str = "OBSERVE"
    read_point: str = ""
    location: str = ""
    source: str = ""
    destination: str = ""
    owners: tuple[str, str] = ("", "")
    transactions: Sequence[tuple[str, str]] = field(default_factory=tuple)
    offset: str = "+00:00"


def object_event(facts: Facts, *, epcs: Iterable[str] = (), goods: Iterable[Goods] = ()) -> dict[str, Any]:
    """Say what was seen, or came to be, or ceased to be."""
    made = _head(OBJECT, facts)
    _put(made, "epcList", list(epcs))
    _put(made, "quantityList", quantities(goods))
    return _sealed(_tail(made, facts))


def aggregation_event(
    facts: Facts, *, parent: str, epcs: Iterable[str] = (), goods: Iterable[Goods] = ()
) -> dict[str, Any]:
    """Say what was put into a logistic unit (ADD) or taken out of it (DELETE)."""
    made = {**_head(AGGREGATION, facts), "parentID": parent}
    _put(made, "childEPCs", list(epcs))
    _put(made, "childQuantityList", quantities(goods))
    return _sealed(_tail(made, facts))


def quantities(goods: Iterable[Goods]) -> list[dict[str, Any]]:
    """Write goods as quantity elements."""
    return [
        {"epcClass": one.epc_class, "quantity": one.quantity} | ({"uom": one.unit} if one.unit else {})
        for one in goods
    ]


def _head(kind: str, facts: Facts) -> dict[str, Any]:
    return {
        "type": kind,
        "eventTime": fingerprint.stamp(facts.at),
        "eventTimeZoneOffset": facts.offset,
    }


def _tail(made: dict[str, Any], facts: Facts) -> dict[str, Any]:
    made["action"] = facts.action
    _put(made, "bizStep", facts.step)
    _put(made, "disposition", facts.disposition)
    _put(made, "readPoint", {"id": facts.read_point} if facts.read_point else None)
    _put(made, "bizLocation", {"id": facts.location} if facts.location else None)
    _put(
        made,
        "bizTransactionList",
        [{"type": kind, "bizTransaction": document} for kind, document in facts.transactions],
    )
    _put(made, "sourceList", _ends("source", facts.source, facts.owners[0]))
    _put(made, "destinationList", _ends("destination", facts.destination, facts.owners[1]))
    return made


def _ends(name: str, place: str, party: str) -> list[dict[str, str]]:
    ends = (("possessing_party", party), ("location", place))
    return [{"type": kind, name: uri} for kind, uri in ends if uri]


def _put(made: dict[str, Any], name: str, value: Any) -> None:
    if value:
        made[name] = value


def _sealed(made: dict[str, Any]) -> dict[str, Any]:
    """Name the event by its content."""
    return {**made, "eventID": fingerprint.event_id(made)}


@dataclass(frozen=True, slots=True)
class Mention:
    """An identifier an event names, and in which part; `quantity` is null for identified things."""

    uri: str
    role: str
    quantity: float | None = None


_LISTS: Final = (
    ("epcList", "EPC"),
    ("childEPCs", "CHILD"),
    ("inputEPCList", "INPUT"),
    ("outputEPCList", "OUTPUT"),
)
_QUANTITIES: Final = (
    ("quantityList", "EPC"),
    ("childQuantityList", "CHILD"),
    ("inputQuantityList", "INPUT"),
    ("outputQuantityList", "OUTPUT"),
)


def mentions(event: Mapping[str, Any]) -> list[Mention]:
    """Return what an event names, as it is written there."""
    found = [Mention(event["parentID"], "PARENT")] if event.get("parentID") else []
    found += [Mention(uri, role) for name, role in _LISTS for uri in event.get(name, ())]
    return found + [
        Mention(one["epcClass"], role, one.get("quantity"))
        for name, role in _QUANTITIES
        for one in event.get(name, ())
    ]
