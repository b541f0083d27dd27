"""Goods on their way in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.http.views import CommandView, DetailView, ListView
from warehousing.rest.filters import ReceiptFilter
from warehousing.rest.receiving_shapes import CallOffInput
from warehousing.rest.shapes import ReceiptDetail, ReceiptShape, ReceiveInput
from warehousing.selectors import work
from warehousing.services import receipt


class Receipts(ListView):
    """List receipts: an operator all, a factory those of its own goods."""

    scope, kinds = "warehousing", {FACTORY, OPERATOR}
    selector = work.receipts
    serializer = ReceiptShape
    filterset = ReceiptFilter


class OneReceipt(DetailView):
    """Show a receipt with what was expected and what was found."""

    scope, kinds = "warehousing", {FACTORY, OPERATOR}
    selector = work.receipts_with_lines
    serializer = ReceiptDetail


class Receive(CommandView):
    """Take the goods of a receipt in: accepted ones into stock, rejected ones into quarantine."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.receipts
    input, output = ReceiveInput, ReceiptDetail

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        counts = [receipt.Count(**line) for line in data["lines"]] if "lines" in data else None
        receipt.receive(receipt_id, counts=counts, by=by, at=at)
        return work.receipt(by, receipt_id)


class CallOff(CommandView):
    """Call off a receipt of which nothing came; what it was to bring is bought again."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.receipts
    input, output = CallOffInput, ReceiptDetail

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        receipt.cancel(receipt_id, reason=data["reason"], by=by, at=at)
        return work.receipt(by, receipt_id)
