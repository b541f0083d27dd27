"""Goods on their way back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.http.views import CommandView, DetailView, ListView
from warehousing.rest.filters import ReturnReceiptFilter
from warehousing.selectors import work
from warehousing.services import disposition, returns
from warehousing.services.disposition import Disposition
from warehousing.services.returns import Count

_LINE: dict[str, Any] = {"min_value": 1, "max_value": 10**6}
_QUANTITY: dict[str, Any] = {"min_value": 0, "max_value": 10**12}


class ReturnCountInput(serializers.Serializer[Any]):
    """What was found of a line."""

    line_number = serializers.IntegerField(**_LINE)
    quantity = serializers.IntegerField(**_QUANTITY)


class ReturnCountsInput(serializers.Serializer[Any]):
    """Without `lines` everything came back; with them a line that is not named did not come."""

    lines = ReturnCountInput(many=True, required=False)


class DispositionInput(serializers.Serializer[Any]):
    """What is to become of goods of a line."""

    line_number = serializers.IntegerField(**_LINE)
    restock = serializers.IntegerField(**_QUANTITY, default=0)
    scrap = serializers.IntegerField(**_QUANTITY, default=0)
    send_back = serializers.IntegerField(**_QUANTITY, default=0)


class DispositionsInput(serializers.Serializer[Any]):
    """What is to become of goods in quarantine, all of them or some."""

    lines = DispositionInput(many=True, allow_empty=False)


class ReturnReceiptLineShape(serializers.Serializer[Any]):
    """A line of a return receipt."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    shipment_id = serializers.UUIDField()
    reason = serializers.CharField()
    expected_quantity = serializers.IntegerField()
    received_quantity = serializers.IntegerField(allow_null=True)
    restocked_quantity = serializers.IntegerField()
    scrapped_quantity = serializers.IntegerField()
    sent_back_quantity = serializers.IntegerField()


class ReturnReceiptShape(serializers.Serializer[Any]):
    """Goods expected back, what was found, and what became of it; `return_id` is null for goods refused at the door."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    dealer = serializers.CharField(source="dealer.code")
    return_id = serializers.UUIDField(allow_null=True)
    shipment_id = serializers.UUIDField(allow_null=True)
    source_number = serializers.CharField()
    received_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    lines = ReturnReceiptLineShape(many=True, source="lines.all")


class ReturnReceipts(ListView):
    """List return receipts: an operator all, a dealer those of its own goods."""

    scope, kinds = "warehousing", {DEALER, OPERATOR}
    selector = work.return_receipts
    serializer = ReturnReceiptShape
    filterset = ReturnReceiptFilter


class OneReturnReceipt(DetailView):
    """Show a return receipt with its lines."""

    scope, kinds = "warehousing", {DEALER, OPERATOR}
    selector = work.return_receipts
    serializer = ReturnReceiptShape


class ReceiveReturn(CommandView):
    """Count returned goods into quarantine."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.return_receipts
    input, output = ReturnCountsInput, ReturnReceiptShape

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        counts = [Count(**line) for line in data["lines"]] if "lines" in data else None
        returns.receive(receipt_id, counts=counts, by=by, at=at)
        return self.find()


class DisposeReturn(CommandView):
    """Restock, scrap or send back goods in quarantine."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.return_receipts
    input, output = DispositionsInput, ReturnReceiptShape

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        dispositions = [Disposition(**line) for line in data["lines"]]
        disposition.dispose(receipt_id, dispositions=dispositions, by=by, at=at)
        return self.find()
