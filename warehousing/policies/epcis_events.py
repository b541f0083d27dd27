"""Turn movements into EPCIS events: one for all goods that went the same way for the same party and reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from b2b.core.epcis import event, uris
from b2b.core.epcis.event import Facts, Goods
from warehousing.policies.epcis_steps import Meaning, meaning


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a house; virtual ones (supplier, customer, loss) are not told."""

    kind: str
    uri: str
    house_uri: str
    is_real: bool
    offset: str = "+00:00"


@dataclass(frozen=True, slots=True)
class Paper:
    """Whom a document concerns, and how it is told: party keys and URIs, and (type, document) pairs."""

    dealer_id: int | None = None
    factory_id: int | None = None
    dealer_uri: str = ""
    factory_uri: str = ""
    transactions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """The URIs of keys: product -> (GTIN, SKU, unit), lot -> number, serial -> number, unit -> SSCC."""

    products: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)
    lots: Mapping[int, str] = field(default_factory=dict)
    serials: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, Place] = field(default_factory=dict)
    papers: Mapping[UUID, Paper] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """A quantity that went from one place to another, or into or out of a unit."""

    movement: UUID
    kind: str
    product_id: int
    quantity: int
    source_id: int
    destination_id: int
    document_id: UUID
    lot_id: int | None = None
    serial_id: int | None = None
    owner_id: int | None = None
    unit_id: int | None = None
    into_unit_id: int | None = None
    to_status: str = "AVAILABLE"


@dataclass(frozen=True, slots=True)
class Mention:
    """What an event names, by URI and by our keys."""

    uri: str
    role: str
    action: str
    quantity: int | None = None
    lot_id: int | None = None
    unit_id: int | None = None
    parent_unit_id: int | None = None


@dataclass(slots=True)
class Told:
    """An event and what is kept beside it."""

    document: dict[str, object]
    mentions: list[Mention]
    document_id: UUID
    dealer_id: int | None
    factory_id: int | None


NOBODY = Paper()


def events(moves: Iterable[Moved], names: Names, *, at: datetime) -> Iterator[Told]:
    """Yield the events of movements that took effect together, in the order they happened.

    Promise: added up (b2b.core.epcis.fold) they say of every lot at every real place what the ledger says.
    """
    groups: dict[tuple[object, ...], list[Moved]] = {}
    for move in moves:
        paper = names.papers.get(move.document_id, NOBODY)
        party = paper.dealer_id or paper.factory_id or move.document_id
        key = (move.kind, move.source_id, move.destination_id, move.to_status, party, move.owner_id)
        groups.setdefault(key, []).append(move)
    for group in groups.values():
        yield from _of_group(group, names, at)


def _of_group(moves: Sequence[Moved], names: Names, at: datetime) -> Iterator[Told]:
    first = moves[0]
    source, destination = names.places[first.source_id], names.places[first.destination_id]
    said = meaning(first.kind, source=source.kind, destination=destination.kind, to_status=first.to_status)
    entering = [move for move in moves if move.into_unit_id != move.unit_id]
    for unit_id, part in _by(entering, "unit_id").items():
        yield _packed(part, names, at, unit_id, Meaning("unpacking", said.disposition, "DELETE"))
    if first.kind != "PACK" or first.source_id != first.destination_id:
        yield _moved(moves, names, at, said)
    for unit_id, part in _by(entering, "into_unit_id").items():
        step = said.step if first.kind == "PACK" else "packing"
        yield _packed(part, names, at, unit_id, Meaning(step, said.disposition, "ADD"))


def nested(
    parent_id: int,
    children: Sequence[int],
    names: Names,
    *,
    at: datetime,
    place_id: int,
    is_added: bool,
    document_id: UUID,
    dealer_id: int,
) -> Told:
    """Say that units were put on another, or taken off it, at a place; what is in them stays in them."""
    said = Meaning("packing" if is_added else "unpacking", "in_progress", "ADD" if is_added else "DELETE")
    place = names.places[place_id]
    parent = uris.unit(names.units[parent_id])
    mentions = [
        Mention(uris.unit(names.units[key]), "CHILD", said.action, unit_id=key, parent_unit_id=parent_id)
        for key in children
    ]
    facts = Facts(
        at=at, step=said.step, disposition=said.disposition, action=said.action, read_point=place.uri,
        location=place.house_uri, offset=place.offset,
    )  # fmt: skip
    document = event.aggregation_event(facts, parent=parent, epcs=[one.uri for one in mentions])
    head = Mention(parent, "PARENT", said.action, unit_id=parent_id)
    return Told(document, [head, *mentions], document_id, dealer_id, None)


def _by(moves: Iterable[Moved], name: str) -> dict[int, list[Moved]]:
    found: dict[int, list[Moved]] = {}
    for move in moves:
        unit_id = getattr(move, name)
        if unit_id is not None:
            found.setdefault(unit_id, []).append(move)
    return found


def _moved(moves: Sequence[Moved], names: Names, at: datetime, said: Meaning) -> Told:
    """Say that goods went, and the units they stayed in."""
    carried = dict.fromkeys(move.unit_id for move in moves if move.unit_id == move.into_unit_id)
    units = [
        Mention(uris.unit(names.units[unit_id]), "EPC", said.action, unit_id=unit_id)
        for unit_id in carried
        if unit_id is not None
    ]
    goods, items = _goods(moves, names, "EPC", said.action)
    document = event.object_event(
        _facts(moves, names, at, said),
        epcs=[one.uri for one in (*units, *items)],
        goods=_elements(goods, moves, names),
    )
    return _told(document, [*units, *items, *goods], moves[0], names)


def _packed(moves: Sequence[Moved], names: Names, at: datetime, unit_id: int, said: Meaning) -> Told:
    """Say that goods were put into a unit, or taken out of it."""
    parent = uris.unit(names.units[unit_id])
    goods, items = _goods(moves, names, "CHILD", said.action, unit_id)
    document = event.aggregation_event(
        _facts(moves, names, at, said, is_move=False),
        parent=parent,
        epcs=[one.uri for one in items],
        goods=_elements(goods, moves, names),
    )
    head = Mention(parent, "PARENT", said.action, unit_id=unit_id)
    return _told(document, [head, *items, *goods], moves[0], names)


def _goods(
    moves: Iterable[Moved], names: Names, role: str, action: str, parent_unit_id: int | None = None
) -> tuple[list[Mention], list[Mention]]:
    """Sum goods by class; pieces with a serial are told one by one."""
    sums: dict[tuple[int, int | None, int | None], int] = {}
    items: list[Mention] = []
    for move in moves:
        within = parent_unit_id or (move.unit_id if move.unit_id == move.into_unit_id else None)
        if move.serial_id is not None:
            gtin, sku, _ = names.products[move.product_id]
            serial = names.serials[move.serial_id]
            uri = uris.item(gtin, serial) if gtin else uris.private("item", sku, serial)
            items.append(Mention(uri, role, action, 1, move.lot_id, parent_unit_id=within))
        else:
            key = (move.product_id, move.lot_id, within)
            sums[key] = sums.get(key, 0) + move.quantity
    goods = []
    for (product_id, lot_id, within), quantity in sums.items():
        gtin, sku, _ = names.products[product_id]
        uri = uris.goods(gtin, sku, names.lots[lot_id] if lot_id is not None else "")
        goods.append(Mention(uri, role, action, quantity, lot_id, parent_unit_id=within))
    return goods, items


def _elements(goods: Iterable[Mention], moves: Iterable[Moved], names: Names) -> list[Goods]:
    """Write goods as an event does; pieces need no unit of measure."""
    units: dict[str, str] = {}
    for move in moves:
        gtin, sku, unit = names.products[move.product_id]
        if unit and unit != "EA":
            lot = names.lots[move.lot_id] if move.lot_id is not None else ""
            units[uris.goods(gtin, sku, lot)] = unit
    sums: dict[str, int] = {}
    for one in goods:
        sums[one.uri] = sums.get(one.uri, 0) + (one.quantity or 0)
    return [Goods(uri, quantity, units.get(uri, "")) for uri, quantity in sums.items()]


def _facts(
    moves: Sequence[Moved], names: Names, at: datetime, said: Meaning, *, is_move: bool = True
) -> Facts:
    first = moves[0]
    source, destination = names.places[first.source_id], names.places[first.destination_id]
    paper = names.papers.get(first.document_id, NOBODY)
    seen = destination if destination.is_real else source
    given = {"RECEIPT": paper.factory_uri, "RETURN": paper.dealer_uri}.get(first.kind, "")
    taken = {"ISSUE": paper.dealer_uri, "SEND_BACK": paper.factory_uri}.get(first.kind, "")
    return Facts(
        at=at,
        step=said.step,
        disposition=said.disposition,
        action=said.action,
        read_point=source.uri if source.is_real and not destination.is_real else seen.uri,
        location=destination.house_uri if destination.is_real else "",
        source=source.uri if source.is_real and is_move else "",
        destination=destination.uri if destination.is_real and is_move else "",
        owners=(given, taken) if is_move else ("", ""),
        transactions=(*paper.transactions, ("urn:midstream:btt:movement", f"urn:uuid:{first.movement}")),
        offset=seen.offset,
    )


def _told(document: dict[str, object], mentions: list[Mention], move: Moved, names: Names) -> Told:
    paper = names.papers.get(move.document_id, NOBODY)
    return Told(document, mentions, move.document_id, paper.dealer_id or move.owner_id, paper.factory_id)
