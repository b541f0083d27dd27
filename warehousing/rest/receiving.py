"""Counting at the gate by handhelds: scans, parts, goods nobody expected, rejected goods."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import OPERATOR, Actor
from b2b.http.views import CommandView, ListView
from warehousing.rest.receiving_shapes import (
    CountedShape,
    DisposeRejectedInput,
    FoundGoodsInput,
    FoundGoodsReasonInput,
    FoundGoodsShape,
    ScanInput,
    ScanShape,
    TakeInInput,
)
from warehousing.rest.shapes import ReceiptDetail
from warehousing.selectors import receiving, work
from warehousing.services import found_goods, receipt_closing, receipt_scan, rejected_goods
from warehousing.services.evidence import Photo
from warehousing.services.found_goods import Finding
from warehousing.services.receipt_scan import Seen
from warehousing.services.rejected_goods import Disposal


def photo_of(data: Any) -> Photo | None:
    """Return the photo of an input, if it has one."""
    content = data.pop("photo")
    return Photo(content) if content else None


class Scans(ListView, CommandView):
    """List what was counted of a receipt; POST counts goods by SSCC, GTIN (with lot and expiry) or SKU.

    The same `key` again counts once and answers as before. Goods beyond tolerance are refused, or parked as found
    goods where a rule of the warehouse says so.
    """

    scope, kinds = "warehousing", {OPERATOR}
    serializer = ScanShape
    input, output, status = ScanInput, CountedShape, 201

    def rows(self, actor: Actor) -> Any:
        """Return the scans of the receipt in the URL."""
        return receiving.scans(actor, self.kwargs.get("receipt_id"))

    def find(self) -> Any:
        """Return the receipt in the URL."""
        return work.receipt(self.actor, self.kwargs["receipt_id"])

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        return receipt_scan.scan(receipt_id, Seen(photo=photo_of(data), **data), by=by, at=at)


class TakeBackScan(CommandView):
    """Take back a scan that was a mistake and is not booked yet."""

    scope, kinds = "warehousing", {OPERATOR}
    output = ScanShape

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID, scan_id: int) -> Any:
        """Call the service."""
        work.receipt(by, receipt_id)
        return receipt_scan.take_back(receipt_id, scan_id)


class BookPart(CommandView):
    """Book what is counted so far into stock; the rest may come later."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.receipts
    output = ReceiptDetail

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        receipt_closing.book(receipt_id, by=by, at=at)
        return work.receipt(by, receipt_id)


class CloseReceipt(CommandView):
    """Book the rest and close the receipt: what was advised and not counted is missing."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.receipts
    output = ReceiptDetail

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        receipt_closing.close(receipt_id, by=by, at=at)
        return work.receipt(by, receipt_id)


class DisposeRejected(CommandView):
    """Send rejected goods of a receipt back to the factory, or destroy them."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = work.receipts
    input, output = DisposeRejectedInput, ReceiptDetail

    def call(self, data: Any, *, by: Actor, at: datetime, receipt_id: UUID) -> Any:
        """Call the service."""
        disposals = [Disposal(**line) for line in data["lines"]]
        rejected_goods.dispose(receipt_id, disposals=disposals, reason=data["reason"], at=at)
        return work.receipt(by, receipt_id)


class FoundGoodsList(ListView, CommandView):
    """List goods nobody expected; POST records some: they are no stock until their owner is decided."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = receiving.found_goods
    serializer = output = FoundGoodsShape
    input, status = FoundGoodsInput, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        product = receiving.product(data.pop("sku"))
        photo = photo_of(data)
        finding = Finding(**data, product_id=product.pk if product else None, photo=photo)
        return found_goods.record(finding, by=by, at=at)


class SendBack(CommandView):
    """Say that a carrier took found goods away again."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = receiving.found_goods
    input, output = FoundGoodsReasonInput, FoundGoodsShape

    def call(self, data: Any, *, by: Actor, at: datetime, found_id: UUID) -> Any:
        """Call the service."""
        return found_goods.send_back(found_id, reason=data["reason"], by=by, at=at)


class Destroy(SendBack):
    """Say that found goods were destroyed."""

    def call(self, data: Any, *, by: Actor, at: datetime, found_id: UUID) -> Any:
        """Call the service."""
        return found_goods.destroy(found_id, reason=data["reason"], by=by, at=at)


class TakeIn(CommandView):
    """Take found goods into stock, for an owner or for the platform."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = receiving.found_goods
    input, output = TakeInInput, FoundGoodsShape

    def call(self, data: Any, *, by: Actor, at: datetime, found_id: UUID) -> Any:
        """Call the service."""
        product = receiving.product(data["sku"])
        owner = receiving.owner(data["owner"])
        return found_goods.take_in(
            found_id, owner=owner, product_id=product.pk if product else None, by=by, at=at
        )
