"""What is where, and how it came there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from b2b.core.actor import OPERATOR, Actor
from b2b.http.views import CommandView, ListView
from warehousing.rest.filters import MovementFilter, StockFilter
from warehousing.rest.shapes import AdjustInput, AdjustShape, MovementShape, StockShape
from warehousing.selectors import stock
from warehousing.services import count


class Stock(ListView):
    """List what is on the shelves, place by place."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = stock.quants
    serializer = StockShape
    filterset = StockFilter


class Movements(ListView):
    """List the entries of the stock ledger."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = stock.movements
    serializer = MovementShape
    filterset = MovementFilter


class Counts(CommandView):
    """Set the books of one place to what was counted there."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output, status = AdjustInput, AdjustShape, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        where = stock.place(
            by,
            warehouse=data["warehouse"],
            location=data["location"],
            sku=data["sku"],
            lot_number=data["lot_number"],
        )
        difference = count.adjust(
            where.location_id,
            product_id=where.product_id,
            lot_id=where.lot_id,
            counted=data["counted"],
            reason=data["reason"],
            at=at,
        )
        return {"difference": difference}
