"""Prices a factory asks for instead of the agreed ones."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.rest.shapes import fields


class PriceAnswerShape(serializers.Serializer[Any]):
    """Another price for a line: taken within the tolerance, or PROPOSED until the operator accepts or refuses it."""

    line_number = serializers.IntegerField(source="purchase_order_line.line_number")
    response_version = serializers.IntegerField()
    agreed_unit_price = fields.unit_price()
    offered_unit_price = fields.unit_price()
    status = serializers.CharField()
    updated_at = serializers.DateTimeField()


def _numbers() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10**6), default=list, max_length=100_000
    )


class PriceDecisionInput(serializers.Serializer[Any]):
    """Line numbers whose proposed price is accepted, and whose is refused."""

    accept = _numbers()
    refuse = _numbers()


class PriceDecisionShape(serializers.Serializer[Any]):
    """What was decided."""

    price_answers = PriceAnswerShape(many=True)
