"""Price agreements, rules and proposals."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import FACTORY
from orders.rest.shapes import fields
from orders.rest.shapes.order import BreakShape


class AudienceShape(serializers.Serializer[Any]):
    """Who sells to whom; both null: to everyone. A factory knows a dealer by its pseudonym."""

    id = serializers.IntegerField()
    seller = serializers.CharField(source="seller.code")
    buyer = serializers.SerializerMethodField()
    buyer_group = serializers.CharField(source="buyer_group.code", allow_null=True, default=None)

    def get_buyer(self, row: Any) -> str | None:
        """Return the dealer as the caller may know it."""
        if row.buyer is None:
            return None
        to_factory = self.context["view"].actor.kind == FACTORY
        return str(row.buyer.pseudonym if to_factory else row.buyer.code)


class AgreementShape(AudienceShape):
    """A break table and the days it holds; `valid_to` is the last, null for no end. The lower priority number wins."""

    sku = serializers.CharField(source="product.sku")
    currency = serializers.CharField()
    priority = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    breaks = BreakShape(many=True)


class OrderRuleShape(AudienceShape):
    """What a dealer must keep to; null is inherited from the next rule, `sku` null is for all products."""

    sku = serializers.CharField(source="product.sku", allow_null=True, default=None)
    priority = serializers.IntegerField()
    min_quantity = serializers.IntegerField(allow_null=True)
    order_multiple = serializers.IntegerField(allow_null=True)
    max_quantity = serializers.IntegerField(allow_null=True)
    min_amount = fields.amount(allow_null=True)
    currency = serializers.CharField()


class TermsChangeShape(serializers.Serializer[Any]):
    """Who changed terms when and why, as they were and as they were since."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    actor_name = serializers.CharField()
    reason = serializers.CharField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class ProposalShape(serializers.Serializer[Any]):
    """A price list that waits for the operator, or what became of it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    seller = serializers.CharField(source="seller.code")
    row_count = serializers.IntegerField()
    agreement_count = serializers.IntegerField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ProposalDetail(ProposalShape):
    """A proposal with its rows: pairs of row number and texts by column."""

    rows = serializers.ListField(child=serializers.ListField())


class ProposalDecisionInput(serializers.Serializer[Any]):
    """Why."""

    reason = fields.text(500)


class PricesPlacedShape(serializers.Serializer[Any]):
    """How many agreements are new, changed, as they were, and ended by one that follows."""

    created = serializers.IntegerField()
    replaced = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    ended = serializers.IntegerField()


class PriceFaultShape(serializers.Serializer[Any]):
    """What is wrong in which row and field, and how to mend it."""

    code = serializers.CharField()
    message = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    field = serializers.CharField()
    remedy = serializers.CharField()


class PriceListShape(serializers.Serializer[Any]):
    """What came of a price list: judged, put in force (`placed`), or proposed (`proposal`)."""

    agreements = serializers.IntegerField()
    problems = PriceFaultShape(many=True)
    placed = PricesPlacedShape(allow_null=True)
    proposal = ProposalShape(allow_null=True)
