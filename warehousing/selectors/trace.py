"""Follow lots and units back to the factory and forward to every dealer, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.epcis import uris
from b2b.core.errors import Invalid, NotFound, Problem
from b2b.db.bulk import fetch
from warehousing.models import HandlingUnit, Lot

# From the ledger: what came in with which receipt, and from whom.
_ORIGINS: Final = """
SELECT receipt.id, receipt.number, receipt.purchase_order_id, receipt.purchase_order_number,
    receipt.despatch_advice_number, factory.code, receipt.received_at, entry.lot_id, sum(entry.quantity)::bigint
FROM warehousing_stockledgerentry entry
JOIN warehousing_location place ON place.id = entry.location_id AND place.kind NOT IN ('SUPPLIER', 'CUSTOMER', 'LOSS')
JOIN warehousing_receipt receipt ON receipt.id = entry.document_id
JOIN directory_organization factory ON factory.id = receipt.factory_id
WHERE entry.lot_id = ANY(%(lots)s) AND entry.document_type = 'receipt' AND entry.kind = 'RECEIPT'
GROUP BY receipt.id, factory.code, entry.lot_id ORDER BY receipt.received_at, receipt.number
"""
_ON_HAND: Final = """
SELECT house.code, place.code, place.kind, quant.lot_id, coalesce(unit.sscc, ''), quant.status, quant.on_hand,
    quant.reserved
FROM warehousing_quant quant JOIN warehousing_location place ON place.id = quant.location_id
JOIN warehousing_warehouse house ON house.id = place.warehouse_id
LEFT JOIN warehousing_handlingunit unit ON unit.id = quant.handling_unit_id
WHERE quant.lot_id = ANY(%(lots)s) AND quant.on_hand > 0 ORDER BY house.code, place.code, quant.id
"""
_RESERVED: Final = """
SELECT dealer.code, mirror.number, demand.order_id, quant.lot_id, kept.status, sum(kept.quantity)::bigint
FROM warehousing_reservation kept JOIN warehousing_quant quant ON quant.id = kept.quant_id
JOIN warehousing_demand demand ON demand.id = kept.demand_id
JOIN directory_organization dealer ON dealer.id = demand.dealer_id
LEFT JOIN warehousing_demandorder mirror ON mirror.order_id = demand.order_id
WHERE quant.lot_id = ANY(%(lots)s) AND kept.status = 'ACTIVE'
GROUP BY dealer.code, mirror.number, demand.order_id, quant.lot_id, kept.status ORDER BY 1, 2
"""
# From the table beside the events: every unit the goods were ever in, and the units those were in.
_UNITS: Final = """
WITH RECURSIVE inside(unit_id) AS (
    SELECT parent_unit_id FROM warehousing_epcismention
    WHERE lot_id = ANY(%(lots)s) AND parent_unit_id IS NOT NULL
    UNION
    SELECT found.unit_id FROM inside CROSS JOIN LATERAL (
        SELECT mention.parent_unit_id AS unit_id FROM warehousing_epcismention mention
        WHERE mention.handling_unit_id = inside.unit_id AND mention.role = 'CHILD'
            AND mention.parent_unit_id IS NOT NULL
        UNION ALL SELECT unit.parent_id FROM warehousing_handlingunit unit
        WHERE unit.id = inside.unit_id AND unit.parent_id IS NOT NULL
    ) found
)
SELECT unit.id, unit.sscc FROM inside JOIN warehousing_handlingunit unit ON unit.id = inside.unit_id ORDER BY unit.sscc
"""
# What a unit holds and held, its own units included.
_CONTENTS: Final = """
WITH RECURSIVE inside(unit_id) AS (
    SELECT id FROM warehousing_handlingunit WHERE sscc = ANY(%(codes)s)
    UNION
    SELECT found.unit_id FROM inside CROSS JOIN LATERAL (
        SELECT mention.handling_unit_id AS unit_id FROM warehousing_epcismention mention
        WHERE mention.parent_unit_id = inside.unit_id AND mention.handling_unit_id IS NOT NULL
        UNION ALL SELECT child.id FROM warehousing_handlingunit child WHERE child.parent_id = inside.unit_id
    ) found
)
SELECT DISTINCT mention.lot_id FROM inside JOIN warehousing_epcismention mention
    ON mention.parent_unit_id = inside.unit_id AND mention.lot_id IS NOT NULL
"""
_PARCELS: Final = """
SELECT package.sscc, dealer.id, dealer.code, mirror.number, demand.order_id, line.lot_id, line.quantity,
    package.status, package.shipment_id, package.departed_at, proof.event_time,
    proof.document -> 'bizTransactionList' -> 0 ->> 'bizTransaction', house.code, shop.code
FROM warehousing_packageline line JOIN warehousing_package package ON package.id = line.package_id
JOIN warehousing_demand demand ON demand.id = line.demand_id
JOIN directory_organization dealer ON dealer.id = package.dealer_id
JOIN directory_site shop ON shop.id = package.ship_to_site_id
JOIN warehousing_warehouse house ON house.id = package.warehouse_id
LEFT JOIN warehousing_demandorder mirror ON mirror.order_id = demand.order_id
LEFT JOIN LATERAL (
    SELECT event.event_time, event.document FROM warehousing_epcisevent event
    WHERE event.document_id = package.shipment_id AND event.biz_step = 'accepting' AND NOT event.is_error
    ORDER BY event.id DESC LIMIT 1
) proof ON package.status = 'DEPARTED'
WHERE line.lot_id = ANY(%(lots)s) AND package.status NOT IN ('UNPACKED', 'PULLED')
ORDER BY package.departed_at NULLS LAST, package.sscc, line.line_number
"""
_BACK: Final = """
SELECT dealer.code, receipt.number, receipt.status, line.lot_id, sum(line.expected_quantity)::bigint,
    sum(coalesce(line.received_quantity, 0))::bigint
FROM warehousing_returnreceiptline line JOIN warehousing_returnreceipt receipt ON receipt.id = line.receipt_id
JOIN directory_organization dealer ON dealer.id = receipt.dealer_id
WHERE line.lot_id = ANY(%(lots)s) AND receipt.status <> 'CANCELLED'
GROUP BY dealer.code, receipt.number, receipt.status, line.lot_id ORDER BY receipt.number
"""
_HEARSAY: Final = """
SELECT mention.uri, party.code, event.event_id, event.event_time, mention.role
FROM warehousing_epcismention mention
JOIN warehousing_epcisevent event ON event.id = mention.event_key AND event.event_time = mention.event_time
JOIN directory_organization party ON party.id = event.captured_by_id
WHERE NOT mention.is_verified AND mention.uri = ANY(%(uris)s::text[]) ORDER BY event.event_time, event.id LIMIT 500
"""
_LOTS: Final = """
SELECT lot.id, lot.number, lot.status, product.id, product.sku, product.name
FROM warehousing_lot lot JOIN catalog_product product ON product.id = lot.product_id
WHERE lot.id = ANY(%(lots)s) ORDER BY product.sku, lot.number
"""


@dataclass(frozen=True, slots=True)
class TracedLot:
    """A lot that is followed."""

    lot_id: int
    lot_number: str
    status: str
    product_id: int
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Goods that came in: from which factory, on which papers; base units."""

    receipt_id: UUID
    receipt: str
    purchase_order_id: UUID
    purchase_order: str
    despatch_advice: str
    factory: str
    received_at: datetime | None
    lot_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Goods on hand."""

    warehouse: str
    location: str
    kind: str
    lot_id: int
    sscc: str
    status: str
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Goods reserved for a dealer's order."""

    dealer: str
    order: str | None
    order_id: UUID
    lot_id: int
    status: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """Goods packed for a dealer; staged until `departed_at`, under way until `delivered_at`."""

    sscc: str
    dealer_id: int
    dealer: str
    order: str | None
    order_id: UUID
    lot_id: int
    quantity: int
    status: str
    shipment_id: UUID | None
    departed_at: datetime | None
    delivered_at: datetime | None
    proof: str | None
    warehouse: str
    ship_to: str

    @property
    def stage(self) -> str:
        """STAGED, UNDER_WAY or DELIVERED."""
        if self.status != "DEPARTED":
            return "STAGED"
        return "DELIVERED" if self.delivered_at else "UNDER_WAY"


@dataclass(frozen=True, slots=True)
class Back:
    """Goods that came back, or are expected back."""

    dealer: str
    receipt: str
    status: str
    lot_id: int
    expected: int
    received: int


@dataclass(frozen=True, slots=True)
class Hearsay:
    """What a partner said of a unit it has nothing to do with; the trace does not follow it."""

    sscc: str
    party: str
    event_id: str
    event_time: datetime
    role: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is known of some lots, and apart from it what is not verified of the units they were in."""

    lots: list[TracedLot]
    origins: list[Origin]
    on_hand: list[Standing]
    reserved: list[Kept]
    units: list[str]
    parcels: list[Parcel]
    returns: list[Back]
    unverified: list[Hearsay]


def of_lots(actor: Actor, lot_ids: Collection[int]) -> Trace:
    """Follow lots both ways; for operators, others find nothing.

    :raises NotFound: when a lot is not known, or the actor is no operator.
    """
    given: dict[str, Any] = {"lots": sorted(set(lot_ids))}
    lots = [TracedLot(*row) for row in fetch(_LOTS, given)] if actor.sees_all else []
    if len(lots) < len(given["lots"]) or not lots:
        raise NotFound("there is no such lot")
    units = [sscc for _, sscc in fetch(_UNITS, given)]
    uris_of = {uris.unit(sscc): sscc for sscc in units}
    return Trace(
        lots=lots,
        origins=[Origin(*row) for row in fetch(_ORIGINS, given)],
        on_hand=[Standing(*row) for row in fetch(_ON_HAND, given)],
        reserved=[Kept(*row) for row in fetch(_RESERVED, given)],
        units=units,
        parcels=[Parcel(*row) for row in fetch(_PARCELS, given)],
        returns=[Back(*row) for row in fetch(_BACK, given)],
        unverified=[Hearsay(uris_of[uri], *rest) for uri, *rest in fetch(_HEARSAY, {"uris": list(uris_of)})],
    )


def lots_in(actor: Actor, sscc: str) -> list[int]:
    """Return the lots a unit holds or held, units within it included.

    :raises NotFound: when there is no such unit, or the actor is no operator.
    """
    if not actor.sees_all or not HandlingUnit.objects.filter(sscc=sscc).exists():
        raise NotFound(f"there is no unit {sscc}")
    return [lot_id for (lot_id,) in fetch(_CONTENTS, {"codes": [sscc]})]


def named(actor: Actor, *, sku: str, lot_number: str) -> int:
    """Return the key of a lot by what people call it.

    :raises NotFound: when there is none, or the actor is no operator.
    """
    found = Lot.objects.filter(product__sku=sku, number=lot_number).values_list("pk", flat=True).first()
    if found is None or not actor.sees_all:
        raise NotFound(f"{sku} has no lot {lot_number}")
    return int(found)


def all_named(actor: Actor, wanted: Sequence[tuple[str, str]]) -> list[int]:
    """Return the keys of lots, each given as SKU and lot number; one statement.

    :raises Invalid: naming every lot that is unknown, as all are to who is no operator.
    """
    skus, numbers = ({pair[part] for pair in wanted} for part in (0, 1))
    rows = (
        Lot.objects.filter(product__sku__in=skus, number__in=numbers)
        if actor.sees_all
        else Lot.objects.none()
    )
    known = {(sku, number): key for sku, number, key in rows.values_list("product__sku", "number", "pk")}
    problems = [
        Problem(
            "unknown_lot", f"{sku} has no lot {number}", f"/lots/{index}", remedy="look at the list of lots"
        )
        for index, (sku, number) in enumerate(wanted)
        if (sku, number) not in known
    ]
    if problems:
        raise Invalid("The recall names lots that are unknown.", problems=problems)
    return [known[pair] for pair in dict.fromkeys(wanted)]
