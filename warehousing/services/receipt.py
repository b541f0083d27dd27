"""Expect goods and take them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from b2b.contracts.orders import DespatchAdvised
from b2b.core.actor import Actor
from b2b.core.collector import collecting_later
from b2b.core.errors import Invalid, Problem
from b2b.db import sequences
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.selectors import organization
from warehousing.models import Receipt, ReceiptLine
from warehousing.services import over_receipt, promise_overdue, receipt_booking, receipt_part, warehouse
from warehousing.services.over_receipt import OverReceipt


@dataclass(frozen=True, slots=True)
class Count:
    """What was found of one receipt line, in base units; lot and expiry only where they differ from the advice."""

    line_number: int
    accepted_quantity: int
    rejected_quantity: int = 0
    lot_number: str = ""
    expiry_date: date | None = None
    rejection_reason: str = ""

    @property
    def total(self) -> int:
        """What came of the line."""
        return self.accepted_quantity + self.rejected_quantity


UNITS: Final = {"sscc": "text", "parent_sscc": "text", "kind": "text"}
ANNOUNCE: Final = f"""
INSERT INTO warehousing_handlingunit (sscc, kind, status, created_at)
SELECT sscc, kind, 'EXPECTED', %(at)s FROM {unnest(UNITS)} ORDER BY sscc
ON CONFLICT (sscc) DO UPDATE SET status = 'EXPECTED' WHERE warehousing_handlingunit.status = 'CANCELLED'
"""
# Units that were to come with a receipt alone, and those all of whose units were.
UNANNOUNCE: Final = """
WITH named AS (
    SELECT unit.id, unit.parent_id FROM warehousing_receiptline line
    JOIN warehousing_handlingunit unit ON unit.sscc = line.sscc AND unit.status = 'EXPECTED'
    WHERE line.receipt_id = %(receipt_id)s
)
UPDATE warehousing_handlingunit unit SET status = 'CANCELLED'
WHERE unit.status = 'EXPECTED' AND (unit.id IN (SELECT id FROM named)
    OR unit.id IN (SELECT parent_id FROM named) AND NOT EXISTS (
        SELECT FROM warehousing_handlingunit other WHERE other.parent_id = unit.id
            AND other.status <> 'CANCELLED' AND other.id NOT IN (SELECT id FROM named)))
"""
NEST: Final = f"""
UPDATE warehousing_handlingunit unit SET parent_id = above.id
FROM {unnest(UNITS)} JOIN warehousing_handlingunit above ON above.sscc = given.parent_sscc
WHERE unit.sscc = given.sscc AND unit.status = 'EXPECTED' AND unit.parent_id IS DISTINCT FROM above.id
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
    _announce(advice, at=at)
    record([(receipt, "expect", "", receipt.status)], by=by, at=at)
    return receipt


def _announce(advice: DespatchAdvised, *, at: datetime) -> None:
    """Write the handling units on their way, each within the one it stands on; a code that is known stays as it is."""
    units = {line.sscc: ("", "CARTON") for line in advice.lines if line.sscc}
    for unit in advice.units:
        units[unit.sscc] = (unit.parent_sscc, unit.kind)
        if unit.parent_sscc:
            units.setdefault(unit.parent_sscc, ("", "PALLET"))
    if units:
        rows = transpose(list(UNITS), ((sscc, *rest) for sscc, rest in units.items()))
        execute(ANNOUNCE, {**rows, "at": at})
        execute(NEST, rows)


@collecting_later()
@unit_of_work()
def receive(receipt_id: UUID, *, counts: Sequence[Count] | None = None, by: Actor, at: datetime) -> Receipt:
    """Take goods in: accepted ones into stock and kept for their shares, rejected ones into quarantine.

    Without `counts` everything arrived as advised; with them every line is counted. Publishes GoodsReceived. Counting
    in parts is `services.receipt_scan`.

    :raises IllegalTransition: when it was received or cancelled before, or is being counted in parts.
    :raises Invalid: when a line is not counted, counted twice, unknown or negative.
    :raises OverReceipt: when more came than advised and tolerated; nothing is written.
    """
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    Receipt.machine.next(receipt.status, "receive")
    lines = list(ReceiptLine.objects.filter(receipt_id=receipt_id).order_by("line_number"))
    found = _as_advised(lines) if counts is None else _check(lines, counts)
    over_receipt.refuse(receipt, [(line, found[line.line_number].total) for line in lines])
    for line in lines:
        count = found[line.line_number]
        line.lot_number = count.lot_number or line.lot_number
        line.expiry_date = count.expiry_date or line.expiry_date
    receipt.advance("receive", by=by, at=at, received_at=at)
    receipt_booking.book(
        receipt,
        [_found(line, found[line.line_number]) for line in lines],
        missing={line.pk: max(0, line.expected_quantity - found[line.line_number].total) for line in lines},
        by=by,
        at=at,
    )
    return receipt


@unit_of_work()
def cancel(receipt_id: UUID, *, reason: str, by: Actor, at: datetime) -> Receipt:
    """Call off a receipt of which nothing came: all of it is told as missing, orders buys it again.

    Its units are not expected any more, and what was promised of goods that are to come is given up as far as nothing
    else brings them.

    :raises Invalid: without a reason. :raises IllegalTransition: when something was counted, or it has ended.
    """
    if not reason.strip():
        raise Invalid("a receipt is called off for a reason", remedy="give a reason")
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    receipt.advance("cancel", by=by, at=at, reason=reason.strip())
    lines = list(receipt.lines.order_by("line_number"))
    execute(UNANNOUNCE, {"receipt_id": receipt.pk})
    receipt_part.tell(receipt, [(line, 0, 0, line.expected_quantity) for line in lines], part=1, at=at)
    promise_overdue.give_up(receipt, at=at)
    return receipt


def _found(line: ReceiptLine, count: Count) -> receipt_booking.Found:
    return receipt_booking.Found(
        line, count.accepted_quantity, count.rejected_quantity, count.rejection_reason
    )


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


__all__ = ["Count", "OverReceipt", "cancel", "expect", "receive"]
