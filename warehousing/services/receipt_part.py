"""Tell the others what came in with one part of a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from b2b.contracts.warehousing import GoodsReceived, ReceivedLine
from b2b.outbox.publish import publish
from warehousing.models import Receipt, ReceiptLine


def tell(
    receipt: Receipt,
    lines: Sequence[tuple[ReceiptLine, int, int, int]],
    *,
    part: int,
    inspection_id: UUID | None = None,
    at: datetime,
) -> None:
    """Publish GoodsReceived of one part: (line, accepted, rejected, missing); nothing when nothing was found."""
    parts = tuple(
        ReceivedLine(
            purchase_order_line_id=line.purchase_order_line_id,
            product_id=line.product_id,
            accepted_quantity=accepted,
            rejected_quantity=rejected,
            lot_number=line.lot_number,
            missing_quantity=missing,
        )
        for line, accepted, rejected, missing in lines
        if accepted or rejected or missing
    )
    if not parts:
        return
    publish(
        GoodsReceived(
            occurred_at=at,
            receipt_id=part_id(receipt.pk, part),
            number=receipt.number if part == 1 else f"{receipt.number}-{part}",
            purchase_order_id=receipt.purchase_order_id,
            factory_id=receipt.factory_id,
            warehouse_site_id=receipt.warehouse.site_id,
            lines=parts,
            inspection_id=inspection_id,
        )
    )


def part_id(receipt_id: UUID, part: int) -> UUID:
    """Return under which identity a part is told: the receipt's own for the first, derived from it for the others."""
    return receipt_id if part == 1 else uuid5(receipt_id, str(part))
