"""Which lines of a receipt scanned goods belong to."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date

from django.db.models.base import ModelState

from b2b.core.errors import Invalid, Problem
from warehousing.models import Receipt, ReceiptLine
from warehousing.selectors import scanned_goods as scanned


class NotExpected(Invalid):
    """These goods are not on this receipt."""

    code = "not_expected"


def fault(code: str, message: str, pointer: str, remedy: str) -> Invalid:
    return Invalid(message, problems=[Problem(code, message, pointer, remedy=remedy)])


def of_unit(
    receipt: Receipt, sscc: str, lines: Sequence[ReceiptLine], counted: dict[int, int]
) -> list[tuple[ReceiptLine, int]]:
    """Count everything that is advised in a unit and the units within it."""
    codes = scanned.contents(sscc)
    within = [line for line in lines if line.sscc in codes]
    if not within:
        raise _strange(receipt, sscc, codes)
    parts = [(line, line.expected_quantity - counted.get(line.pk, 0)) for line in within]
    parts = [(line, quantity) for line, quantity in parts if quantity > 0]
    if not parts:
        raise fault(
            "counted_already", f"unit {sscc} is counted already", "/code", "take the earlier scan back first"
        )
    return parts


def _strange(receipt: Receipt, sscc: str, codes: list[str]) -> NotExpected:
    place = scanned.elsewhere(codes)
    house = receipt.warehouse.code
    if place is None:
        code, message = "unknown_sscc", f"unit {sscc} is on no advice"
        remedy = "count what is in it by hand, or record it as found goods"
    elif place[1] != house:
        code, message = "wrong_warehouse", f"unit {sscc} is expected at {place[1]}, not at {house}"
        remedy = f"send it on to {place[1]}, or record it as found goods"
    else:
        code, message, remedy = (
            "other_receipt",
            f"unit {sscc} belongs to {place[0]}",
            f"count it on {place[0]}",
        )
    return NotExpected(message, problems=[Problem(code, message, "/code", remedy=remedy)])


def lines_of_lot(mine: Sequence[ReceiptLine], lot_number: str) -> list[ReceiptLine]:
    """Return the lines goods of a lot may be counted on, the best first; all of the product when none names the lot."""
    own = [line for line in mine if lot_number and line.lot_number == lot_number]
    open_ = [line for line in mine if not line.lot_number or not lot_number]
    return own or open_ or list(mine)


def spread(
    receipt: Receipt,
    chosen: Sequence[ReceiptLine],
    lot_number: str,
    expiry: date | None,
    quantity: int,
    counted: dict[int, int],
) -> list[tuple[ReceiptLine, int]]:
    """Part a quantity of a lot over lines, which learn the lot or get a line beside them; one statement."""
    parts: list[tuple[ReceiptLine, int]] = []
    learned: list[ReceiptLine] = []
    for place, line in enumerate(chosen):
        is_last = place == len(chosen) - 1
        part = (
            quantity if is_last else min(quantity, max(0, line.expected_quantity - counted.get(line.pk, 0)))
        )
        if part:
            parts.append((_with_lot(line, lot_number, expiry, counted, learned), part))
            quantity -= part
    _write(receipt, learned)
    return parts


def _with_lot(
    line: ReceiptLine,
    lot_number: str,
    expiry: date | None,
    counted: dict[int, int],
    learned: list[ReceiptLine],
) -> ReceiptLine:
    """Return the line for a lot: the line itself, which may learn its lot, or a new one beside it for another lot."""
    if not lot_number or line.lot_number == lot_number:
        if expiry and not line.expiry_date:
            line.expiry_date = expiry
            learned.append(line)
        return line
    if not line.lot_number and not counted.get(line.pk):
        line.lot_number, line.expiry_date = lot_number, expiry or line.expiry_date
        learned.append(line)
        return line
    made = ReceiptLine(
        receipt_id=line.receipt_id,
        purchase_order_line_id=line.purchase_order_line_id,
        product_id=line.product_id,
        lot_number=lot_number,
        expiry_date=expiry,
        expected_quantity=0,
    )
    made.product = line.product
    learned.append(made)
    return made


def _write(receipt: Receipt, learned: Sequence[ReceiptLine]) -> None:
    """Write lines that learned something and new ones together; new ones are numbered after all others."""
    if not learned:
        return
    last = 0
    if any(line._state.adding for line in learned):
        last = receipt.lines.order_by("-line_number").values_list("line_number", flat=True)[0]
    rows = []
    for line in learned:
        if line._state.adding:
            last += 1
            line.line_number = last
        row = copy(line)
        row._state, row.pk = (
            ModelState(),
            None,
        )  # without a key all go into one statement, known ones by their number
        rows.append(row)
    written = ReceiptLine.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["receipt", "line_number"],
        update_fields=["lot_number", "expiry_date"],
    )
    for line, row in zip(learned, written, strict=True):
        line.pk, line._state.adding = row.pk, False
