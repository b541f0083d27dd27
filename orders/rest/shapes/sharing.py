"""Sharings of shortages: why a dealer got what it got, and what the operator sees of it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.rest.shapes import fields


def carry(**options: Any) -> serializers.DecimalField:
    """Return base units owed by rounding, a decimal text of nine places."""
    return serializers.DecimalField(max_digits=24, decimal_places=9, **options)


class SharingShape(serializers.Serializer[Any]):
    """One sharing your line took part in; the entitlement is `numerator` / `denominator` base units.

    `rounding_numerator` is what was allotted beyond it, over the same denominator; `carry_in` and `carry_out` are what
    rounding owed you before and after. When `is_confidential`, so few dealers shared that these members would tell
    another's quantity: they are null.
    """

    cycle = serializers.CharField()
    shared_at = serializers.DateTimeField()
    policy = serializers.CharField()
    policy_hash = serializers.CharField()
    input_hash = serializers.CharField()
    requested = serializers.IntegerField()
    allotted = serializers.IntegerField()
    tier = serializers.IntegerField()
    is_forgone = serializers.BooleanField(help_text="all or nothing was asked, and all was not to be had")
    is_confidential = serializers.BooleanField()
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    rounding_numerator = serializers.IntegerField(allow_null=True)
    carry_in = carry(allow_null=True)
    carry_out = carry(allow_null=True)
    break_quantity = serializers.IntegerField(
        allow_null=True, help_text="the price break of the list that the pool reached"
    )


class ExplainedLineShape(serializers.Serializer[Any]):
    """What a line asked, pays and got, and what becomes of the rest: none, joined (`next_cycle`) or waits."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    covered = serializers.IntegerField()
    pooled = serializers.IntegerField()
    allocated = serializers.IntegerField()
    waiting = serializers.IntegerField()
    unit_price = fields.unit_price()
    solo_unit_price = fields.unit_price()
    price_reason = serializers.ChoiceField(["pooled", "alone"])
    all_or_nothing = serializers.BooleanField()
    rest = serializers.ChoiceField(["none", "joined", "waits"])
    next_cycle = serializers.CharField(allow_null=True)
    next_cutoff_at = serializers.DateTimeField(allow_null=True)
    withdrawable_until = serializers.DateTimeField(allow_null=True)
    sharings = SharingShape(many=True)


class ExplanationShape(serializers.Serializer[Any]):
    """Why the lines of an order got what they got."""

    order = serializers.CharField()
    lines = ExplainedLineShape(many=True)


class WithdrawInput(serializers.Serializer[Any]):
    """Line numbers, and why."""

    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10**6), allow_empty=False, max_length=10_000
    )
    reason = fields.text(500)


class AllocationRunShape(serializers.Serializer[Any]):
    """One sharing of a purchase order's confirmed supply, with the seals of what it was given and gave."""

    id = serializers.UUIDField()
    purchase_order = serializers.CharField(source="purchase_order.number")
    cycle = serializers.CharField(source="purchase_order.cycle.number")
    response_version = serializers.IntegerField()
    policy = serializers.CharField()
    policy_hash = serializers.CharField()
    seed = serializers.IntegerField()
    input_hash = serializers.CharField()
    result_hash = serializers.CharField()
    created_at = serializers.DateTimeField()


class AllocationRowShape(serializers.Serializer[Any]):
    """What one order line was entitled to and got."""

    dealer = serializers.CharField(source="dealer.code")
    order = serializers.CharField(source="peg.order_line.order.number")
    order_line_number = serializers.IntegerField(source="peg.order_line.line_number")
    purchase_line_number = serializers.IntegerField(source="peg.purchase_order_line.line_number")
    sku = serializers.CharField(source="peg.purchase_order_line.product.sku")
    requested = serializers.IntegerField()
    numerator = serializers.IntegerField(source="entitlement_numerator")
    denominator = serializers.IntegerField(source="entitlement_denominator")
    allotted = serializers.IntegerField(source="rounded")
    rank = serializers.IntegerField()
    tier = serializers.IntegerField()
    carry_in = carry()
    carry_out = carry()
    is_forgone = serializers.BooleanField()


class AllocationReplayShape(serializers.Serializer[Any]):
    """The hashes that the kept inputs give when they are shared again."""

    input_hash = serializers.CharField()
    result_hash = serializers.CharField()
    is_same = serializers.BooleanField()


class TreatedShape(serializers.Serializer[Any]):
    """Equal requests for one purchase line, and why what they got differs, if it does."""

    run = serializers.UUIDField(source="run.pk")
    purchase_line_number = serializers.IntegerField(source="line_number")
    sku = serializers.CharField()
    requested = serializers.IntegerField(source="group.requested")
    claims = serializers.IntegerField(source="group.claims")
    entitlement = serializers.CharField(source="group.entitlement", help_text="an exact fraction")
    least = serializers.IntegerField(source="group.least")
    most = serializers.IntegerField(source="group.most")
    verdict = serializers.CharField(source="group.verdict")


class EqualTreatmentShape(serializers.Serializer[Any]):
    """All groups of equal requests of a cycle."""

    is_equal = serializers.BooleanField()
    groups = TreatedShape(many=True)
