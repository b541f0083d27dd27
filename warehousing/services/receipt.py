"""Expect goods and take them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from b2b.catalog.models import Product
from b2b.contracts.orders import DespatchAdvised
from b2b.contracts.warehousing import GoodsReceived, ReceivedLine
from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db import sequences
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from warehousing.models import Location, Receipt, ReceiptLine
from warehousing.policies import tolerance
from warehousing.selectors import location
from warehousing.services import lot, movement, supply, warehouse


class OverReceipt(DomainError):
    """More was counted than was advised and the warehouse tolerates."""

    code = "over_receipt"


@dataclass(frozen=True, slots=True)
class Count:
    """What was found of one receipt line, in base units; lot and expiry only where they differ from the advice."""

    line_number: int
    accepted_quantity: int
    rejected_quantity: int = 0
    lot_number: str = ""
    expiry_date: date | None = None
    rejection_reason: str = ""


COUNTED = {
    "line_id": "bigint",
    "accepted": "bigint",
    "rejected": "bigint",
    "lot_id": "bigint",
    "lot_number": "text",
    "expiry_date": "date",
    "reason": "text",
}
WRITE_COUNTS = f"""
UPDATE warehousing_receiptline line SET accepted_quantity = given.accepted, rejected_quantity = given.rejected,
    lot_id = given.lot_id, lot_number = given.lot_number, expiry_date = given.expiry_date,
    rejection_reason = given.reason
FROM {unnest(COUNTED)} WHERE line.id = given.line_id
"""


@unit_of_work()
def expect(advice: DespatchAdvised, *, by: Actor, at: datetime) -> Receipt:
    """Write the expected receipt of a despatch advice and return it; an advice already known is not written twice.

    :raises NotFound: when the goods go to a site that keeps no stock.
    """
    known = Receipt.objects.filter(despatch_advice_id=advice.despatch_advice_id).first()
    if known is not None:
        return known
    house = warehouse.open_at(advice.warehouse_site_id)
    factory = organization.by_id([advice.factory_id])[advice.factory_id]
    [serial] = sequences.take("RECEIPT", factory.pk)
    receipt = Receipt.objects.create(
        number=sequences.number("GR", factory.code, serial),
        created_at=at,
        updated_at=at,
        warehouse=house,
        factory_id=advice.factory_id,
        purchase_order_id=advice.purchase_order_id,
        purchase_order_number=advice.purchase_order_number,
        despatch_advice_id=advice.despatch_advice_id,
        despatch_advice_number=advice.number,
        expected_at=advice.expected_at,
    )
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            line_number=number,
            purchase_order_line_id=line.purchase_order_line_id,
            product_id=line.product_id,
            lot_number=line.lot_number,
            expiry_date=line.expiry_date,
            sscc=line.sscc,
            expected_quantity=line.quantity,
        )
        for number, line in enumerate(advice.lines, start=1)
    )
    record([(receipt, "expect", "", receipt.status)], by=by, at=at)
    return receipt


@unit_of_work()
def receive(receipt_id: UUID, *, counts: Sequence[Count] | None = None, by: Actor, at: datetime) -> Receipt:
    """Take goods in: accepted ones into stock and kept for their shares, rejected ones into quarantine.

    Without `counts` everything arrived as advised; with them every line is counted. Publishes GoodsReceived.

    :raises IllegalTransition: when it was received or cancelled before.
    :raises Invalid: when a line is not counted, counted twice, unknown or negative.
    :raises OverReceipt: when more came than advised and tolerated; nothing is written.
    """
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    Receipt.machine.next(receipt.status, "receive")
    lines = list(receipt.lines.order_by("line_number"))
    found = _as_advised(lines) if counts is None else _check(lines, counts)
    _refuse_excess(lines, found, receipt.warehouse.over_receipt_percent)
    _name_lots(receipt, lines, found)
    _put_away(receipt, lines, at=at)
    receipt.advance("receive", by=by, at=at, received_at=at)
    supply.settle(receipt.purchase_order_id, at=at)
    publish(
        GoodsReceived(
            occurred_at=at,
            receipt_id=receipt.pk,
            number=receipt.number,
            purchase_order_id=receipt.purchase_order_id,
            factory_id=receipt.factory_id,
            warehouse_site_id=receipt.warehouse.site_id,
            lines=tuple(
                ReceivedLine(
                    purchase_order_line_id=line.purchase_order_line_id,
                    product_id=line.product_id,
                    accepted_quantity=line.accepted_quantity or 0,
                    rejected_quantity=line.rejected_quantity or 0,
                    lot_number=line.lot_number,
                    missing_quantity=_missing(line),
                )
                for line in lines
            ),
        )
    )
    return receipt


def _missing(line: ReceiptLine) -> int:
    lost: int = line.expected_quantity - (line.accepted_quantity or 0) - (line.rejected_quantity or 0)
    return max(0, lost)


def _as_advised(lines: Sequence[ReceiptLine]) -> dict[int, Count]:
    return {line.line_number: Count(line.line_number, line.expected_quantity) for line in lines}


def _check(lines: Sequence[ReceiptLine], counts: Sequence[Count]) -> dict[int, Count]:
    """Return the counts by line number, or say everything that is wrong with them at once."""
    problems: list[Problem] = []
    found: dict[int, Count] = {}
    known = {line.line_number for line in lines}
    for index, count in enumerate(counts):
        at = f"/lines/{index}"
        if count.line_number not in known:
            problems.append(Problem("unknown_line", f"the receipt has no line {count.line_number}", at))
        elif count.line_number in found:
            problems.append(Problem("counted_twice", f"line {count.line_number} is counted twice", at))
        elif count.accepted_quantity < 0 or count.rejected_quantity < 0:
            problems.append(Problem("negative_quantity", "a count is never negative", at))
        found[count.line_number] = count
    problems += [
        Problem("not_counted", f"line {number} is not counted", "/lines", remedy="count it, if only as 0")
        for number in sorted(known - found.keys())
    ]
    if problems:
        raise Invalid("the count does not fit the receipt", problems=problems)
    return found


def _refuse_excess(lines: Sequence[ReceiptLine], found: dict[int, Count], percent: int) -> None:
    problems = [
        Problem(
            "over_receipt",
            f"line {line.line_number}: {came} counted, {line.expected_quantity} advised, at most {most} accepted",
            f"/lines/{line.line_number}",
        )
        for line in lines
        if (came := found[line.line_number].accepted_quantity + found[line.line_number].rejected_quantity)
        > (most := tolerance.most(line.expected_quantity, percent))
    ]
    if problems:
        raise OverReceipt(problems=problems)


def _name_lots(receipt: Receipt, lines: Sequence[ReceiptLine], found: dict[int, Count]) -> None:
    """Write the counts into the lines, each with its lot; goods tracked by lot without one get the receipt's number."""
    tracked = set(
        Product.objects.filter(pk__in={line.product_id for line in lines})
        .exclude(tracking=Product.Tracking.NONE)
        .values_list("pk", flat=True)
    )
    for line in lines:
        count = found[line.line_number]
        line.accepted_quantity, line.rejected_quantity = count.accepted_quantity, count.rejected_quantity
        line.rejection_reason = count.rejection_reason
        line.lot_number = count.lot_number or line.lot_number
        line.expiry_date = count.expiry_date or line.expiry_date
        if not line.lot_number and (line.product_id in tracked or line.expiry_date):
            line.lot_number = receipt.number
    lots = lot.ensure(
        {(line.product_id, line.lot_number): line.expiry_date for line in lines if line.lot_number}
    )
    for line in lines:
        line.lot_id = lots.get((line.product_id, line.lot_number))
    rows = (
        (
            line.pk,
            line.accepted_quantity,
            line.rejected_quantity,
            line.lot_id,
            line.lot_number,
            line.expiry_date,
            line.rejection_reason,
        )
        for line in lines
    )
    execute(WRITE_COUNTS, transpose(list(COUNTED), rows))


def _put_away(receipt: Receipt, lines: Sequence[ReceiptLine], *, at: datetime) -> None:
    """Post accepted goods into storage and rejected ones into quarantine."""
    kinds, house = Location.Kind, receipt.warehouse_id
    places = location.by_kind([house])
    moves = [
        movement.Move(
            product_id=line.product_id,
            source_id=places[house, kinds.SUPPLIER],
            destination_id=places[house, kind],
            quantity=quantity,
            lot_id=line.lot_id,
        )
        for line in lines
        for kind, quantity in (
            (kinds.STORAGE, line.accepted_quantity),
            (kinds.QUALITY, line.rejected_quantity),
        )
        if quantity
    ]
    movement.post(moves, at=at, document_type="receipt", document_id=receipt.pk)
