"""Approvals and the rules they come from."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.directory.models import Membership
from orders.rest.shapes import fields


class ApprovalShape(serializers.Serializer[Any]):
    """An approval that an order or a purchase order waits for, or got; `approver` is null when a role decides."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    tier = serializers.IntegerField()
    rule = serializers.CharField(source="rule.name")
    order_id = serializers.UUIDField(allow_null=True)
    purchase_order_id = serializers.UUIDField(allow_null=True)
    amount = fields.amount()
    currency = serializers.CharField()
    role = serializers.CharField()
    approver = serializers.CharField(source="approver.username", default=None, allow_null=True)
    requester = serializers.CharField(source="requester_name")
    created_at = serializers.DateTimeField()
    remind_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(source="decided_by_name")
    changes = serializers.DictField(help_text="by line number: quantity before and after, in base units")


class QuantityInput(serializers.Serializer[Any]):
    """A new quantity of a line in base units; 0 drops it."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity()


class PurchaseApprovalInput(serializers.Serializer[Any]):
    """What a person decides; a decline needs a reason."""

    decision = serializers.ChoiceField(["approve", "decline"])
    reason = fields.text(500)


class OrderApprovalInput(PurchaseApprovalInput):
    """What a person decides on an order; `lines` are changed before it is approved."""

    lines = serializers.ListField(child=QuantityInput(), default=list, max_length=10_000)


class RuleInput(serializers.Serializer[Any]):
    """A rule; exactly one of `role` and `approver` (a username). `organization` is for the operator only."""

    organization = fields.text(24)
    name = serializers.CharField(max_length=80)
    tier = serializers.IntegerField(min_value=1, max_value=9, default=1)
    amount_from = fields.amount(min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    category = fields.text(80)
    site = fields.text(32)
    role = serializers.ChoiceField(Membership.Role.choices, required=False, allow_blank=True, default="")
    approver = fields.text(150)
    allow_requester = serializers.BooleanField(default=False)
    remind_after_hours = serializers.IntegerField(min_value=1, max_value=24 * 90, default=24)


class RuleShape(serializers.Serializer[Any]):
    """A rule of approval."""

    id = serializers.IntegerField()
    organization = serializers.CharField(source="organization.code")
    name = serializers.CharField()
    tier = serializers.IntegerField()
    amount_from = fields.amount()
    currency = serializers.CharField()
    category = serializers.CharField()
    site = serializers.CharField(source="site.code", default=None, allow_null=True)
    role = serializers.CharField()
    approver = serializers.CharField(source="approver.username", default=None, allow_null=True)
    allow_requester = serializers.BooleanField()
    remind_after_hours = serializers.IntegerField()
    is_active = serializers.BooleanField()


class StandInInput(serializers.Serializer[Any]):
    """Who decides for whom, by username, from the first to the last day. `organization` is for the operator only."""

    organization = fields.text(24)
    approver = serializers.CharField(max_length=150)
    substitute = serializers.CharField(max_length=150)
    from_date = serializers.DateField()
    to_date = serializers.DateField()


class StandInShape(serializers.Serializer[Any]):
    """Who decides for whom while they are away."""

    id = serializers.IntegerField()
    organization = serializers.CharField(source="organization.code")
    approver = serializers.CharField(source="approver.username")
    substitute = serializers.CharField(source="substitute.username")
    from_date = serializers.DateField()
    to_date = serializers.DateField()
