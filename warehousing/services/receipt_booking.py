"""Book what was found of a receipt into stock: the one way in, for a whole delivery or a part of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.db.bulk import execute, fetch, transpose, unnest
from warehousing.models import Location, Receipt, ReceiptLine, ReceivingRule, StockStatus
from warehousing.policies import tolerance
from warehousing.selectors import location
from warehousing.services import inspection, lot, movement, promise_overdue, putaway, receipt_part, supply

COUNTED: Final = {
    "line_id": "bigint",
    "accepted": "bigint",
    "rejected": "bigint",
    "held": "bigint",
    "lot_id": "bigint",
    "lot_number": "text",
    "expiry_date": "date",
    "reason": "text",
}
WRITE_COUNTS: Final = f"""
UPDATE warehousing_receiptline line SET accepted_quantity = coalesce(line.accepted_quantity, 0) + given.accepted,
    rejected_quantity = coalesce(line.rejected_quantity, 0) + given.rejected,
    held_quantity = line.held_quantity + given.held,
    lot_id = given.lot_id, lot_number = given.lot_number, expiry_date = given.expiry_date,
    rejection_reason = CASE WHEN given.reason = '' THEN line.rejection_reason ELSE given.reason END
FROM {unnest(COUNTED)} WHERE line.id = given.line_id
"""
# Units come to the dock as they are; where nobody is sent to put away they are unpacked at once.
ARRIVE: Final = """
UPDATE warehousing_handlingunit unit SET status = %(status)s, location_id = %(location)s
WHERE unit.sscc = ANY(%(codes)s) AND unit.status = 'EXPECTED' RETURNING unit.sscc, unit.id
"""


@dataclass(slots=True)
class Found:
    """What was found of a receipt line since the last booking, in base units; `held` waits for an inspection."""

    line: ReceiptLine
    accepted: int
    rejected: int = 0
    reason: str = ""
    held: int = 0


class Kind(NamedTuple):
    """What a product is to whom receives it."""

    is_tracked: bool
    category: str


def book(
    receipt: Receipt,
    found: Sequence[Found],
    *,
    missing: Mapping[int, int],
    by: Actor,
    at: datetime,
) -> None:
    """Post goods found of a receipt, keep them for their shares and publish GoodsReceived for this part.

    Accepted goods go to the dock or into storage, rejected ones into quarantine; goods that a rule wants inspected are
    held there first. `missing` says per line key what will not come any more. The caller holds the receipt.

    :raises NoSuchPlace: when the warehouse has no open place of a kind.
    """
    part = receipt.parts + 1
    products = _kinds({one.line.product_id for one in found})
    _hold(receipt, found, products)
    _name_lots(receipt, found, products)
    _post(receipt, found, at=at)
    inspection.open_for(receipt, [(one.line, one.held) for one in found if one.held], by=by, at=at)
    Receipt.objects.filter(pk=receipt.pk).update(parts=part)
    receipt.parts = part
    supply.settle(receipt.purchase_order_id, at=at)
    if receipt.status == "RECEIVED":
        promise_overdue.give_up(receipt, at=at)
    if receipt.warehouse.directs_putaway:
        putaway.plan(receipt.warehouse_id, document_id=receipt.pk, at=at)
    receipt_part.tell(
        receipt,
        [(one.line, one.accepted, one.rejected, missing.get(one.line.pk, 0)) for one in found],
        part=part,
        at=at,
    )


def _kinds(product_ids: Collection[int]) -> dict[int, Kind]:
    rows = Product.objects.filter(pk__in=product_ids).values_list("pk", "tracking", "category")
    return {key: Kind(tracking != Product.Tracking.NONE, category) for key, tracking, category in rows}


def _hold(receipt: Receipt, found: Sequence[Found], products: Mapping[int, Kind]) -> None:
    """Hold back what a rule wants inspected."""
    rules = list(ReceivingRule.objects.exclude(inspection_level=""))
    if not rules:
        return
    for one in found:
        key = one.line.product_id
        rule = tolerance.narrowest(
            rules, product_id=key, category=products[key].category, factory_id=receipt.factory_id
        )
        if rule is not None:
            one.accepted, one.held = 0, one.accepted


def _name_lots(receipt: Receipt, found: Sequence[Found], products: Mapping[int, Kind]) -> None:
    """Write the counts into the lines, each with its lot; goods tracked by lot without one get the receipt's number."""
    for one in found:
        line = one.line
        if not line.lot_number and (line.expiry_date or products[line.product_id].is_tracked):
            line.lot_number = receipt.number
    lots = lot.ensure(
        {
            (one.line.product_id, one.line.lot_number): one.line.expiry_date
            for one in found
            if one.line.lot_number
        },
        origin_factory_id=receipt.factory_id,
    )
    rows = []
    for one in found:
        line = one.line
        line.lot_id = lots.get((line.product_id, line.lot_number))
        line.accepted_quantity = (line.accepted_quantity or 0) + one.accepted
        line.rejected_quantity = (line.rejected_quantity or 0) + one.rejected
        line.held_quantity += one.held
        line.rejection_reason = one.reason or line.rejection_reason
        rows.append(
            (
                line.pk,
                one.accepted,
                one.rejected,
                one.held,
                line.lot_id,
                line.lot_number,
                line.expiry_date,
                one.reason,
            )
        )
    execute(WRITE_COUNTS, transpose(list(COUNTED), rows))


def _post(receipt: Receipt, found: Sequence[Found], *, at: datetime) -> None:
    house, kinds = receipt.warehouse, Location.Kind
    places = location.by_kind([house.pk])
    source = location.place(places, house, kinds.SUPPLIER)
    good = location.place(places, house, kinds.RECEIVING if house.directs_putaway else kinds.STORAGE)
    units = _arrive(receipt, found, places)
    moves = []
    for one in found:
        for kind, status, quantity in (
            (None, StockStatus.AVAILABLE, one.accepted),
            (kinds.QUALITY, StockStatus.DAMAGED, one.rejected),
            (kinds.QUALITY, StockStatus.INSPECTION, one.held),
        ):
            if quantity:
                moves.append(
                    movement.Move(
                        product_id=one.line.product_id,
                        source_id=source,
                        destination_id=good if kind is None else location.place(places, house, kind),
                        quantity=quantity,
                        lot_id=one.line.lot_id,
                        status=status,
                        purchase_order_line_id=one.line.purchase_order_line_id,
                        into_unit_id=units.get(one.line.sscc, movement.SAME)
                        if kind is None
                        else movement.SAME,
                    )
                )
    movement.post(moves, at=at, document_type="receipt", document_id=receipt.pk)


def _arrive(
    receipt: Receipt, found: Sequence[Found], places: Mapping[tuple[int, str], int]
) -> dict[str, int]:
    """Let announced units arrive; return those that stay packed: they are carried to their place as they are."""
    codes = {one.line.sscc for one in found if one.line.sscc}
    if not codes:
        return {}
    house = receipt.warehouse
    stays = house.directs_putaway
    given = {
        "codes": sorted(codes),
        "status": "STORED" if stays else "EMPTY",
        "location": location.place(places, house, Location.Kind.RECEIVING) if stays else None,
    }
    arrived = dict(fetch(ARRIVE, given))
    if not stays:
        return {}
    known = fetch("SELECT sscc, id FROM warehousing_handlingunit WHERE sscc = ANY(%s)", [sorted(codes)])
    return arrived | dict(known)
