"""The answer to a bulk order: the order, what it comes to, and the result of every row."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from rest_framework import serializers

from orders.policies.row_result import RowResult
from orders.rest.shapes import fields
from orders.rest.shapes.bulk import RowShape, members
from orders.rest.shapes.order import OrderShape

# Members in which rows of one kind differ; the others are written once for each kind.
_OF_A_ROW: Final = ("row", "entered_quantity", "quantity", "net_amount", "same_as_row", "problems")
_encode: Final = msgspec.json.Encoder().encode


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
    """Return a BulkShape as JSON; a row without problems costs no more than its numbers."""
    shared: dict[object, str] = {}
    parts = []
    for row in rows:
        if row.problems or row.kind is None:
            parts.append(_encode(members(row)).decode())
            continue
        rest = shared.get(row.kind)
        if rest is None:
            rest = shared[row.kind] = _shared(row)
        parts.append(
            f'{{"row":{row.row},"entered_quantity":{row.entered_quantity},"quantity":{row.quantity},'
            f'"net_amount":"{row.net_amount:.3f}","same_as_row":{row.same_as_row or "null"},"problems":[],{rest}'
        )
    return b'%s,"rows":[%s]}' % (_encode(head)[:-1], ",".join(parts).encode())


def _shared(row: RowResult) -> str:
    """Return what is left of a row's JSON behind the members that are its own."""
    rest = {name: value for name, value in members(row).items() if name not in _OF_A_ROW}
    return _encode(rest).decode()[1:]
