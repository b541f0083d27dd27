"""Book what was counted of a receipt, in parts over hours, and close it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.collector import collecting_later
from b2b.core.errors import Invalid
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import Receipt, ReceiptLine, ReceiptScan
from warehousing.selectors import receiving
from warehousing.services import receipt_booking


@collecting_later()
@unit_of_work()
def book(receipt_id: UUID, *, by: Actor, at: datetime) -> Receipt:
    """Book what is counted so far into stock, so that it can be put away and promised; the rest may come later.

    :raises IllegalTransition: when nothing is being counted. :raises Invalid: when nothing is counted and not booked.
    """
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    Receipt.machine.next(receipt.status, "book")
    found = _to_book(receipt)
    if not found:
        raise Invalid("Nothing is counted that is not booked already.")
    receipt.advance("book", by=by, at=at)
    _book(receipt, found, missing={}, by=by, at=at)
    return receipt


@collecting_later()
@unit_of_work()
def close(receipt_id: UUID, *, by: Actor, at: datetime) -> Receipt:
    """Book the rest and close the receipt: what was advised and not found is told as missing, and orders buys it again.

    :raises IllegalTransition: when nothing was counted, or it is closed.
    """
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    Receipt.machine.next(receipt.status, "close")
    found = _to_book(receipt)
    lines = list(receipt.lines.select_related("product").order_by("line_number"))
    missing = _missing(lines, receiving.progress(receipt))
    named = {one.line.pk for one in found}
    found += [
        receipt_booking.Found(line, 0) for line in lines
        if line.pk not in named and (missing.get(line.pk) or line.accepted_quantity is None)
    ]  # fmt: skip
    receipt.advance("close", by=by, at=at, received_at=at)
    _book(receipt, found, missing=missing, by=by, at=at)
    return receipt


def _book(
    receipt: Receipt,
    found: Sequence[receipt_booking.Found],
    *,
    missing: dict[int, int],
    by: Actor,
    at: datetime,
) -> None:
    waiting = ReceiptScan.objects.filter(receipt=receipt, part=None, is_void=False)
    waiting.update(part=receipt.parts + 1)
    receipt_booking.book(receipt, found, missing=missing, by=by, at=at)


def _to_book(receipt: Receipt) -> list[receipt_booking.Found]:
    """Return what is counted and not booked, line by line."""
    found: dict[int, receipt_booking.Found] = {}
    waiting = receipt.scans.filter(part=None, is_void=False).select_related("line").order_by("pk")
    for one in waiting:
        entry = found.setdefault(one.line_id, receipt_booking.Found(one.line, 0))
        if one.condition == ReceiptScan.Condition.DAMAGED:
            entry.rejected += one.quantity
            entry.reason = entry.reason or one.reason
        else:
            entry.accepted += one.quantity
    return list(found.values())


def _missing(lines: Sequence[ReceiptLine], counted: dict[int, int]) -> dict[int, int]:
    """Return what is missing per line: lots of one purchase line make up for each other."""
    groups: dict[int, list[ReceiptLine]] = defaultdict(list)
    for line in lines:
        groups[line.purchase_order_line_id].append(line)
    missing: dict[int, int] = {}
    for group in groups.values():
        lost = sum(line.expected_quantity for line in group) - sum(counted.get(line.pk, 0) for line in group)
        for line in group:
            part = max(0, min(lost, line.expected_quantity - counted.get(line.pk, 0)))
            if part:
                missing[line.pk] = part
                lost -= part
    return missing
