"""Take EPCIS documents that partners send: good events in, wrong ones named, and what they mean for us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from b2b.contracts.warehousing import GoodsShipped, ShippedLine
from b2b.core.actor import CARRIER, DEALER, FACTORY, Actor, acting_as, system
from b2b.core.epcis import check, document, event, fingerprint, uris, vocabulary
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from warehousing.models import EpcisCapture
from warehousing.services import epcis

_LEAVING: Final = ("shipping", "departing")
_KNOWN: Final = """
SELECT event_id, is_error FROM warehousing_epcisevent WHERE event_id = ANY(%(ids)s)
"""
_LOTS: Final = """
SELECT product.gtin, product.sku, lot.number, lot.id
FROM warehousing_lot lot JOIN catalog_product product ON product.id = lot.product_id
WHERE (product.gtin = ANY(%(gtins)s) OR product.sku = ANY(%(skus)s)) AND lot.number = ANY(%(numbers)s)
"""
_UNITS: Final = "SELECT sscc, id FROM warehousing_handlingunit WHERE sscc = ANY(%(codes)s)"
_PRODUCTS: Final = (
    "SELECT gtin, sku, id FROM catalog_product WHERE gtin = ANY(%(gtins)s) OR sku = ANY(%(skus)s)"
)


@unit_of_work()
def capture(sent: Any, *, behaviour: str, by: Actor, at: datetime) -> EpcisCapture:
    """Take a document and return the job that says what became of it.

    With `rollback` one wrong event keeps all out, with `proceed` the good ones are taken. An event that is known is
    refused with 409 in its job; a declaration that a known event was an error is taken once. What a factory says of its
    shipping for a purchase order is published as GoodsShipped.

    :raises Invalid: when it is no EPCIS document at all; no job is made.
    """
    faults = check.envelope(sent)
    if faults:
        raise Invalid("This is no EPCIS 2.0 document.", problems=faults)
    namespaces = document.namespaces(sent["@context"])
    events: list[dict[str, Any]] = sent["epcisBody"]["eventList"]
    errors: list[dict[str, Any]] = []
    good: list[dict[str, Any]] = []
    for index, one in enumerate(events):
        pointer = f"/epcisBody/eventList/{index}"
        problems = check.event(one, pointer, namespaces)
        errors += [_error(problem, 400) for problem in problems]
        if not problems:
            good.append(_named(one, namespaces, pointer))
    with acting_as(system("epcis")):  # our own keys of lots and units are nobody else's to see
        fresh = _unknown(good, errors)
        if errors and behaviour == EpcisCapture.Behaviour.ROLLBACK:
            fresh = []
        _write(fresh, by)
        for one in fresh:
            _tell(one, by, at)
    return EpcisCapture.objects.create(
        captured_by_id=by.organization_id,
        behaviour=behaviour,
        created_at=at,
        finished_at=at,
        is_success=not errors,
        event_count=len(events),
        taken_count=len(fresh),
        errors=errors[:100],
    )


def _error(problem: Problem, status: int) -> dict[str, Any]:
    kind = "ResourceAlreadyExistsException" if status == 409 else "ValidationException"
    return {
        "type": f"epcisException:{kind}",
        "title": problem.code,
        "status": status,
        "detail": problem.message,
        "instance": problem.pointer,
    }


def _named(one: Mapping[str, Any], namespaces: Mapping[str, str], pointer: str) -> dict[str, Any]:
    """Give an event without identity the one its content makes, and write its words bare."""
    made = {name: value for name, value in one.items() if name not in ("recordTime", "@context")}
    for name in ("bizStep", "disposition"):
        if name in made:
            made[name] = vocabulary.bare(name, made[name])
    made.setdefault("eventID", fingerprint.event_id(one, namespaces))
    return {"event": made, "pointer": pointer}


def _unknown(good: Sequence[dict[str, Any]], errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events that are told for the first time; others hold the identity until they are done."""
    ids = sorted({one["event"]["eventID"] for one in good})
    execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(key, 16)) FROM unnest(%(ids)s::text[]) AS given(key)"
        " ORDER BY key",
        {"ids": ids},
    )
    seen = {(event_id, is_error) for event_id, is_error in fetch(_KNOWN, {"ids": ids})}
    fresh = []
    for one in good:
        key = (one["event"]["eventID"], "errorDeclaration" in one["event"])
        if key in seen:
            told = Problem(
                "known", "an event of this identity was captured before", f"{one['pointer']}/eventID"
            )
            errors.append(_error(told, 409))
        else:
            seen.add(key)
            fresh.append(one["event"])
    return fresh


def _write(fresh: Sequence[dict[str, Any]], by: Actor) -> None:
    party = by.organization_id
    parties = tuple(party if by.kind == kind else None for kind in (DEALER, FACTORY, CARRIER))
    named = [[(m, uris.canonical(m.uri)) for m in event.mentions(one)] for one in fresh]
    lots, units = _keys({uri for one in named for _, uri in one})
    rows, mentions = [], []
    for place, (one, found) in enumerate(zip(fresh, named, strict=True)):
        rows.append(epcis.event_row(place, one, (parties[0], parties[1], parties[2], party)))
        parent = next((units.get(uri) for m, uri in found if m.role == "PARENT"), None)
        mentions += [
            (
                place, uri, m.role, one.get("action", ""), lots.get(uri), units.get(uri),
                parent if m.role == "CHILD" else None, m.quantity,
            )
            for m, uri in found
        ]  # fmt: skip
    epcis.write(rows, mentions, document_type="epcis_capture")


def _keys(named: set[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return our own keys of the lots and units among some URIs."""
    named_lots = [parts for uri in named if (parts := _parts(uri)).lot_number]
    codes = [uri.rsplit("/", 1)[1] for uri in named if uri.startswith(f"{uris.ROOT}/00/")]
    lots: dict[str, int] = {}
    if named_lots:
        asked = {**_asked(named_lots), "numbers": [one.lot_number for one in named_lots]}
        for gtin, sku, number, key in fetch(_LOTS, asked):
            lots[uris.goods(gtin, sku, number)] = key
    units = {uris.unit(code): key for code, key in fetch(_UNITS, {"codes": codes})} if codes else {}
    return lots, units


def _gtins(gtin: str) -> set[str]:
    """A GTIN is kept as long as it was entered: 8, 12, 13 or 14 digits."""
    return {gtin[14 - length :] for length in (8, 12, 13, 14) if not gtin[: 14 - length].strip("0")}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A class of goods taken apart: GTIN or SKU, and the lot where it names one."""

    gtin: str = ""
    sku: str = ""
    lot_number: str = ""


def _parts(uri: str) -> _Parts:
    private = f"{uris.PRIVATE}:class:"
    if uri.startswith(f"{uris.ROOT}/01/"):
        parts = uri.removeprefix(f"{uris.ROOT}/01/").split("/")
        return _Parts(gtin=parts[0], lot_number=unquote(parts[2]) if parts[1:2] == ["10"] else "")
    if uri.startswith(private):
        sku, _, number = uri.removeprefix(private).partition(":")
        return _Parts(sku=unquote(sku), lot_number=unquote(number))
    return _Parts()


def _asked(goods: Iterable[_Parts]) -> dict[str, list[str]]:
    listed = list(goods)
    gtins = {short for one in listed if one.gtin for short in _gtins(one.gtin)}
    return {"gtins": sorted(gtins), "skus": sorted({one.sku for one in listed if one.sku})}


def _tell(one: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """Publish what a factory sends on its way for a purchase order."""
    orders = [
        paper["bizTransaction"] for paper in one.get("bizTransactionList", ()) if paper.get("type") == "po"
    ]
    leaving = by.kind == FACTORY and one["type"] == event.OBJECT and one.get("bizStep") in _LEAVING
    if not leaving or not orders or "errorDeclaration" in one or not one.get("quantityList"):
        return
    units = [uri for uri in map(uris.canonical, one.get("epcList", ())) if uri.startswith(f"{uris.ROOT}/00/")]
    goods = [(uris.canonical(item["epcClass"]), item.get("quantity", 0)) for item in one["quantityList"]]
    products = _products([uri for uri, _ in goods])
    publish(
        GoodsShipped(
            occurred_at=at,
            shipping_id=uuid5(NAMESPACE_URL, one["eventID"]),
            event_id=one["eventID"],
            factory_id=int(by.organization_id or 0),
            purchase_order_number=unquote(orders[0].replace("/", ":").rsplit(":", 1)[1]),
            shipped_at=datetime.fromisoformat(one["eventTime"]),
            lines=tuple(
                ShippedLine(
                    product_id=products[uri],
                    quantity=int(quantity),
                    lot_number=_parts(uri).lot_number,
                    sscc=units[0].rsplit("/", 1)[1] if len(units) == 1 else "",
                )
                for uri, quantity in goods
                if uri in products and quantity >= 1
            ),
        )
    )


def _products(named: Sequence[str]) -> dict[str, int]:
    """Return URI -> product, by GTIN or by the private name of an SKU."""
    parts = {uri: _parts(uri) for uri in named}
    rows = fetch(_PRODUCTS, _asked(parts.values()))
    by_gtin = {gtin.zfill(14): key for gtin, _, key in rows if gtin}
    by_sku = {sku: key for _, sku, key in rows}
    found = {uri: by_gtin.get(one.gtin) or by_sku.get(one.sku) for uri, one in parts.items()}
    return {uri: key for uri, key in found.items() if key is not None}
