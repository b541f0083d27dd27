"""What a factory answers to a purchase order, line by line and delivery by delivery."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.policies.order_answer import Answer, Substitute
from orders.policies.order_response import Delivery
from orders.policies.response_code import CODES
from orders.rest.shapes import fields

_NUMBER = {"min_value": 1, "max_value": 10**6}


class DeliveryInput(serializers.Serializer[Any]):
    """A delivery of a line; without a number it fills what was asked for next."""

    schedule_number = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=30_000
    )
    confirmed_quantity = fields.quantity()
    promised_date = serializers.DateField(required=False, allow_null=True, default=None)
    code = fields.text(16)


class SubstituteInput(serializers.Serializer[Any]):
    """Another product offered: `quantity` base units in all, `units` of it for every `replaced_units` ordered."""

    sku = serializers.CharField(max_length=40)
    quantity = fields.quantity(min_value=1)
    unit_price = fields.unit_price(min_value=0)
    units = serializers.IntegerField(default=1, **_NUMBER)
    replaced_units = serializers.IntegerField(default=1, **_NUMBER)


class AnswerInput(serializers.Serializer[Any]):
    """What the factory promises for a line; `schedules` divide it into deliveries. Codes of X12 855 are taken too."""

    line_number = serializers.IntegerField(**_NUMBER)
    confirmed_quantity = fields.quantity(required=False, allow_null=True, default=None)
    promised_date = serializers.DateField(required=False, allow_null=True, default=None)
    unit_price = fields.unit_price(required=False, allow_null=True, default=None, min_value=0)
    code = fields.text(16)
    reason = fields.text(200)
    schedules = DeliveryInput(many=True, default=list)
    substitute = SubstituteInput(required=False, allow_null=True, default=None)


class ResponseInput(serializers.Serializer[Any]):
    """An order response. Open lines that are not named stay open, unless `rest` says otherwise or no line is named.

    Once there is an answer, name the `response_version` this one shall be (or send the order's ETag as If-Match).
    """

    response_version = serializers.IntegerField(required=False, allow_null=True, default=None, **_NUMBER)
    rest = serializers.ChoiceField(choices=("LEAVE", "ACCEPT", "REJECT"), allow_null=True, default=None)
    external_reference = fields.text()
    note = fields.text(2000)
    lines = AnswerInput(many=True, default=list)


class AnswerShape(serializers.Serializer[Any]):
    """An answered line, or the part of one of its schedule lines."""

    line_number = serializers.IntegerField(source="purchase_order_line.line_number")
    schedule_number = serializers.IntegerField()
    sku = serializers.CharField(source="purchase_order_line.product.sku")
    code = serializers.CharField()
    ubl_code = serializers.SerializerMethodField()
    x12_code = serializers.SerializerMethodField()
    confirmed_quantity = serializers.IntegerField()
    promised_date = serializers.DateField()
    unit_price = fields.unit_price(allow_null=True)
    substitute_sku = serializers.CharField(source="substitute.sku", default=None, allow_null=True)
    reason = serializers.CharField()

    def get_ubl_code(self, answer: Any) -> str:
        """Return the LineStatusCode of UBL (UN/ECE 1229)."""
        return CODES[answer.code].ubl

    def get_x12_code(self, answer: Any) -> str:
        """Return the line item status of X12 855 (ACK01)."""
        return CODES[answer.code].x12


class ResponseShape(serializers.Serializer[Any]):
    """An order response as it was taken; `code` is the UBL OrderResponseCode. By line, the highest version holds."""

    id = serializers.UUIDField()
    purchase_order = serializers.CharField(source="purchase_order.number")
    response_version = serializers.IntegerField()
    code = serializers.CharField()
    external_reference = serializers.CharField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    lines = AnswerShape(many=True, source="lines.all")


def answer_of(line: dict[str, Any]) -> Answer:
    """Turn a checked line into an answer."""
    substitute = line["substitute"]
    return Answer(
        **{
            **line,
            "schedules": tuple(Delivery(**one) for one in line["schedules"]),
            "substitute": Substitute(**substitute) if substitute else None,
        }
    )
