"""Note goods bought, received, moved and lost."""

from __future__ import annotations

from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import PurchaseOrderPlaced
from b2b.contracts.value import StockLost
from b2b.contracts.warehousing import GoodsReceived, StockMoved
from b2b.core.money import round_to_currency
from b2b.db.transactions import unit_of_work
from b2b.tower.models import FlowKind
from b2b.tower.services import flows
from b2b.tower.services.flows import Flow


@unit_of_work()
def note_purchase(event: PurchaseOrderPlaced | PurchaseOrderChanged) -> None:
    """Keep each line of a purchase order as it now stands; it stays on the day it was placed."""
    version = event.version if isinstance(event, PurchaseOrderChanged) else 0
    flows.note(
        Flow(
            kind=FlowKind.PURCHASED,
            source_id=event.purchase_order_id,
            part=str(line.line_id),
            version=version,
            number=event.number,
            at=event.occurred_at,
            currency=event.currency,
            factory_id=event.factory_id,
            product_id=line.product_id,
            quantity=line.quantity,
            amount=round_to_currency(line.unit_price * line.quantity, event.currency),
        )
        for line in event.lines
    )


@unit_of_work()
def note_receipt(event: GoodsReceived) -> None:
    """Keep what was accepted of a purchase order; its worth is with the purchase."""
    flows.note(
        Flow(
            kind=FlowKind.RECEIVED,
            source_id=event.receipt_id,
            part=f"{line.purchase_order_line_id}/{place}",
            number=event.number,
            at=event.occurred_at,
            currency="",
            factory_id=event.factory_id,
            product_id=line.product_id,
            quantity=line.accepted_quantity,
        )
        for place, line in enumerate(event.lines)
    )


@unit_of_work()
def note_stock(event: StockMoved) -> None:
    """Keep how much movements changed of the platform's own stock."""
    flows.note(
        Flow(
            kind=FlowKind.ISSUED if line.kind == "ISSUE" else FlowKind.STOCK,
            source_id=line.document_id,
            part=f"{line.movement}/{line.warehouse_site_id}",
            number=event.document_type,
            at=event.occurred_at,
            currency="",
            product_id=line.product_id,
            quantity=line.quantity,
        )
        for line in event.lines
    )


@unit_of_work()
def note_lost(event: StockLost) -> None:
    """Keep what lost goods cost, on the day it was booked."""
    flows.note(
        Flow(
            kind=FlowKind.SHRINKAGE,
            source_id=event.entry_id,
            part=str(line.product_id),
            number=event.kind,
            at=event.occurred_at,
            day=event.day,
            currency=event.currency,
            product_id=line.product_id,
            amount=line.amount,
        )
        for line in event.lines
    )
