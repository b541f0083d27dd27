"""What is said about rows before and after they are ordered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.policies.row_result import RowResult
from orders.rest.shapes import fields


class ProblemShape(serializers.Serializer[Any]):
    """A fault of a row and how to mend it."""

    code = serializers.CharField()
    message = serializers.CharField()
    row = serializers.IntegerField()
    field = serializers.CharField()
    remedy = serializers.CharField()


class BreakShape(serializers.Serializer[Any]):
    """A price that holds from a quantity upwards."""

    min_quantity = serializers.IntegerField()
    unit_price = fields.unit_price()


class RowShape(serializers.Serializer[Any]):
    """What became of a row; quantities in base units. `same_as_row` orders the same goods to the same place."""

    row = serializers.IntegerField()
    sku = serializers.CharField()
    ok = serializers.BooleanField()
    entered_quantity = serializers.IntegerField()
    entered_unit = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = fields.unit_price(allow_null=True)
    net_amount = fields.amount()
    available = serializers.IntegerField()
    expected_date = serializers.DateField(allow_null=True)
    next_break = BreakShape(allow_null=True)
    units_to_next_break = serializers.IntegerField(allow_null=True)
    same_as_row = serializers.IntegerField(allow_null=True)
    problems = ProblemShape(many=True)

    def to_representation(self, row: RowResult) -> dict[str, Any]:
        """Write the members out as the fields above would."""
        return members(row)


def members(row: RowResult) -> dict[str, Any]:
    """Return the members of RowShape, written out: a file may have a hundred thousand rows."""
    step = row.next_break
    return {
        "row": row.row,
        "sku": row.sku,
        "ok": not row.problems,
        "entered_quantity": row.entered_quantity,
        "entered_unit": row.entered_unit,
        "quantity": row.quantity,
        "unit_price": None if row.unit_price is None else f"{row.unit_price:.6f}",
        "net_amount": f"{row.net_amount:.3f}",
        "available": row.available,
        "expected_date": row.expected_date and row.expected_date.isoformat(),
        "next_break": step and {"min_quantity": step.min_quantity, "unit_price": f"{step.unit_price:.6f}"},
        "units_to_next_break": row.units_to_next_break,
        "same_as_row": row.same_as_row,
        "problems": ProblemShape(row.problems, many=True).data if row.problems else [],
    }
