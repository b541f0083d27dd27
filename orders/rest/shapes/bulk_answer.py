"""The answer to a bulk order: the order, what it comes to, and the result of every row."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from rest_framework import serializers

from orders.policies.row_result import RowResult
from orders.rest.shapes import fields
from orders.rest.shapes.bulk import RowShape, members
from orders.rest.shapes.order import OrderShape

_CHUNK: Final = 2_000


class BulkHeadShape(serializers.Serializer[Any]):
    """What the rows come to; `order` is null in a preview, `credit_left` what remains after this order."""

    order = OrderShape(allow_null=True)
    currency = serializers.CharField(source="preview.currency")
    total_net = fields.amount(source="preview.total_net")
    total_tax = fields.amount(source="preview.total_tax")
    total_gross = fields.amount(source="preview.total_gross")
    is_within_credit = serializers.BooleanField(source="preview.is_within_credit")
    credit_left = fields.amount(source="preview.credit_left", allow_null=True)


class BulkShape(BulkHeadShape):
    """The result of every row too."""

    rows = RowShape(many=True, source="preview.rows")


def answer(head: dict[str, Any], rows: tuple[RowResult, ...]) -> bytes:
    """Return a BulkShape as JSON, encoded a few thousand rows at a time."""
    encode = msgspec.json.Encoder().encode
    parts = [encode(list(map(members, rows[at : at + _CHUNK])))[1:-1] for at in range(0, len(rows), _CHUNK)]
    return encode(head)[:-1] + b',"rows":[' + b",".join(parts) + b"]}"
