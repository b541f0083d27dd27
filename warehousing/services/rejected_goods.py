"""Send rejected goods back to the factory, or destroy them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from warehousing.models import Location, Receipt, ReceiptLine, StockStatus
from warehousing.selectors import location
from warehousing.services import movement

_COLUMNS: Final = {"line_id": "bigint", "sent_back": "bigint", "destroyed": "bigint"}
_WRITE: Final = f"""
UPDATE warehousing_receiptline line SET sent_back_quantity = line.sent_back_quantity + given.sent_back,
    destroyed_quantity = line.destroyed_quantity + given.destroyed
FROM {unnest(_COLUMNS)} WHERE line.id = given.line_id
"""


@dataclass(frozen=True, slots=True)
class Disposal:
    """What is to become of base units of a line that were rejected."""

    line_number: int
    send_back: int = 0
    destroy: int = 0


def undecided(line: ReceiptLine) -> int:
    """Return the rejected base units of a line that still stand in quarantine."""
    rejected = line.rejected_quantity or 0
    return int(rejected - line.sent_back_quantity - line.destroyed_quantity)


@unit_of_work()
def dispose(receipt_id: UUID, *, disposals: Sequence[Disposal], reason: str = "", at: datetime) -> Receipt:
    """Send rejected goods of a receipt back to the factory, or destroy them: all of them or some.

    :raises Invalid: for an unknown line, or more than stands in quarantine; nothing is written.
    :raises NotEnoughStock: when the goods are not in quarantine any more.
    """
    receipt = lock_one(Receipt.objects.filter(pk=receipt_id).select_related("warehouse"))
    known = {line.line_number: line for line in receipt.lines.all()}
    problems, chosen = [], {}
    for index, one in enumerate(disposals):
        line = known.get(one.line_number)
        there = undecided(line) if line else 0
        if (
            line is None
            or min(one.send_back, one.destroy) < 0
            or not 1 <= one.send_back + one.destroy <= there
        ):
            problems.append(
                Problem(
                    "not_in_quarantine",
                    f"line {one.line_number}: {one.send_back + one.destroy} is not within the {there} in quarantine",
                    f"/lines/{index}",
                )
            )
        elif one.line_number in chosen:
            problems.append(
                Problem("named_twice", f"line {one.line_number} is named twice", f"/lines/{index}")
            )
        else:
            chosen[one.line_number] = (line, one)
    if problems or not chosen:
        raise Invalid("This does not fit what was rejected.", problems=problems)
    places, house, kinds = location.by_kind([receipt.warehouse_id]), receipt.warehouse, Location.Kind
    quality = location.place(places, house, kinds.QUALITY)
    movement.post(
        [
            movement.Move(
                product_id=line.product_id,
                source_id=quality,
                destination_id=location.place(places, house, kind),
                quantity=quantity,
                lot_id=line.lot_id,
                status=StockStatus.DAMAGED,
            )
            for line, one in chosen.values()
            for kind, quantity in ((kinds.SUPPLIER, one.send_back), (kinds.LOSS, one.destroy))
            if quantity
        ],
        at=at,
        document_type="receipt",
        document_id=receipt.pk,
        reason=reason,
    )
    rows = ((line.pk, one.send_back, one.destroy) for line, one in chosen.values())
    execute(_WRITE, transpose(list(_COLUMNS), rows))
    return receipt
