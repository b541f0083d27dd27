"""Returns, claims and shared costs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.models import CostBasis, CostKind
from orders.policies.returns import Reason
from orders.rest.shapes import fields

_LINE: dict[str, Any] = {"min_value": 1, "max_value": 10**6}


class ReturnLineInput(serializers.Serializer[Any]):
    """Base units of an order line to give back; `evidence` names photos or documents."""

    line_number = serializers.IntegerField(**_LINE)
    quantity = fields.quantity(min_value=1)
    reason = serializers.ChoiceField(choices=[str(reason) for reason in Reason])
    note = fields.text(500)
    evidence = serializers.ListField(child=serializers.CharField(max_length=300), max_length=20, default=list)


class ReturnInput(serializers.Serializer[Any]):
    """A request to give delivered goods of one order back."""

    order_id = serializers.UUIDField()
    note = fields.text(500)
    lines = ReturnLineInput(many=True, allow_empty=False)


class DecisionInput(serializers.Serializer[Any]):
    """How much of a return line may come back; zero refuses the line."""

    line_number = serializers.IntegerField(**_LINE)
    quantity = fields.quantity()
    note = fields.text(300)


class ApprovalInput(serializers.Serializer[Any]):
    """A line that is not named may come back in full; `return_to` is the code of a warehouse site."""

    return_to = fields.text(32)
    lines = DecisionInput(many=True, default=list)


class WhyInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=500)


class ReturnLineShape(serializers.Serializer[Any]):
    """A return line, from what was asked for to what became of the goods."""

    line_number = serializers.IntegerField()
    order_line_number = serializers.IntegerField(source="order_line.line_number")
    sku = serializers.CharField(source="order_line.product.sku")
    shipment_id = serializers.UUIDField()
    delivered_at = serializers.DateTimeField()
    reason = serializers.CharField()
    note = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    unit_price = fields.unit_price()
    requested = serializers.IntegerField()
    approved = serializers.IntegerField(allow_null=True)
    decision = serializers.CharField()
    received = serializers.IntegerField()
    credited = serializers.IntegerField()
    restocked = serializers.IntegerField()
    scrapped = serializers.IntegerField()
    sent_back = serializers.IntegerField()


class ReturnShape(serializers.Serializer[Any]):
    """A return with its lines."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code")
    order_id = serializers.UUIDField()
    order = serializers.CharField(source="order.number")
    return_to = serializers.CharField(source="return_to_site.code", default=None, allow_null=True)
    currency = serializers.CharField()
    note = serializers.CharField()
    credited_net = fields.amount()
    credited_gross = fields.amount()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    lines = ReturnLineShape(many=True, source="lines.all")


class ClaimInput(serializers.Serializer[Any]):
    """Claim all that was wrong with a purchase order; the rate is the part of the price for short or rejected goods.

    Null: the part that the source of each product declares for rejected and for missing goods, 0 where none is agreed.
    """

    purchase_order_id = serializers.UUIDField()
    compensation_rate = serializers.DecimalField(
        max_digits=6, decimal_places=5, min_value=0, max_value=1, default=None, allow_null=True
    )
    note = fields.text(500)


class ClaimAnswerLine(serializers.Serializer[Any]):
    """How much of a claim line the factory takes on itself."""

    line_number = serializers.IntegerField(**_LINE)
    accepted_quantity = fields.quantity()
    note = fields.text(300)


class ClaimAnswerInput(serializers.Serializer[Any]):
    """An answer; a line that is not named is accepted."""

    note = fields.text(500)
    lines = ClaimAnswerLine(many=True, default=list)


class ClaimLineShape(serializers.Serializer[Any]):
    """What was wrong with a purchase line for one cause."""

    line_number = serializers.IntegerField()
    purchase_line_number = serializers.IntegerField(source="purchase_order_line.line_number")
    sku = serializers.CharField(source="purchase_order_line.product.sku")
    cause = serializers.CharField()
    unit_price = fields.unit_price()
    rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    claimed_quantity = serializers.IntegerField()
    claimed_amount = fields.amount()
    accepted_quantity = serializers.IntegerField(allow_null=True)
    accepted_amount = fields.amount(allow_null=True)
    answer = serializers.CharField()


class ClaimShape(serializers.Serializer[Any]):
    """A claim with its lines."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    factory = serializers.CharField(source="factory.code")
    purchase_order_id = serializers.UUIDField()
    purchase_order = serializers.CharField(source="purchase_order.number")
    currency = serializers.CharField()
    compensation_rate = serializers.DecimalField(max_digits=6, decimal_places=5, allow_null=True)
    claimed_amount = fields.amount()
    accepted_amount = fields.amount()
    note = serializers.CharField()
    answer_note = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)
    supplier_credit_number = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    lines = ClaimLineShape(many=True, source="lines.all")


class ClaimShareShape(serializers.Serializer[Any]):
    """A dealer's part of a claim; `refunded_by` is the return it was refunded for, null when it is passed on."""

    id = serializers.IntegerField()
    dealer = serializers.CharField(source="dealer.code", default=None, allow_null=True)
    refunded_by = serializers.CharField(
        source="return_line.authorisation.number", default=None, allow_null=True
    )
    quantity = serializers.IntegerField()
    claimed_amount = fields.amount()
    accepted_amount = fields.amount()


class CostVoucherInput(serializers.Serializer[Any]):
    """A cost of exactly one purchase order, cycle or shipment."""

    kind = serializers.ChoiceField(choices=CostKind.values)
    basis = serializers.ChoiceField(choices=CostBasis.values)
    amount = fields.amount()
    currency = serializers.RegexField(r"^[A-Z]{3}$", default="CNY")
    purchase_order_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    cycle_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    shipment_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    reference = fields.text()


class AmountInput(serializers.Serializer[Any]):
    """What a cost comes to after all."""

    amount = fields.amount()
    reason = fields.text(500)


class CostVoucherShape(serializers.Serializer[Any]):
    """A cost and how far it is shared."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    kind = serializers.CharField()
    basis = serializers.CharField()
    amount = fields.amount()
    shared_amount = fields.amount()
    currency = serializers.CharField()
    purchase_order = serializers.CharField(source="purchase_order.number", default=None, allow_null=True)
    cycle = serializers.CharField(source="cycle.number", default=None, allow_null=True)
    shipment_id = serializers.UUIDField(allow_null=True)
    reference = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    shared_at = serializers.DateTimeField(allow_null=True)


class CostShareShape(serializers.Serializer[Any]):
    """What the goods of one order line bear of a cost; `order` is null for the platform's own surplus."""

    id = serializers.IntegerField()
    voucher = serializers.CharField(source="voucher_number")
    kind = serializers.CharField()
    basis = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code", default=None, allow_null=True)
    order = serializers.CharField(source="order_line.order.number", default=None, allow_null=True)
    order_line_number = serializers.IntegerField(
        source="order_line.line_number", default=None, allow_null=True
    )
    sku = serializers.CharField(source="product.sku")
    weight = serializers.DecimalField(max_digits=38, decimal_places=0)
    amount = fields.amount()
    currency = serializers.CharField()
    shared_at = serializers.DateTimeField()
