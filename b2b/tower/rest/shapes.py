"""How the tower's figures look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.tower.selectors.documents import FIGURES


class StepShape(serializers.Serializer[Any]):
    """One step in the life of an order; `quantity` in base units."""

    at = serializers.DateTimeField()
    step = serializers.CharField()
    text = serializers.CharField()
    quantity = serializers.IntegerField(allow_null=True)
    document_id = serializers.UUIDField()
    document_number = serializers.CharField()


class SpanInput(serializers.Serializer[Any]):
    """A span of time and a currency; figures are of whole days in the platform's time zone."""

    since = serializers.DateTimeField(help_text="the days from this moment's on")
    until = serializers.DateTimeField(help_text="and before this moment")
    currency = serializers.RegexField(r"^[A-Z]{3}$", default="CNY", help_text="ISO 4217")
    category = serializers.CharField(required=False, max_length=80, help_text="only goods of this category")
    factory_id = serializers.IntegerField(required=False, help_text="only goods of this factory")
    dealer_id = serializers.IntegerField(
        required=False, help_text="only this dealer's; operators only, a dealer always reads its own"
    )


class DocumentsInput(SpanInput):
    """A figure, and the span and goods it is of."""

    figure = serializers.ChoiceField(
        [(one, one) for one in FIGURES], help_text="whose documents; `late`: lines not whole and in time"
    )
    product_id = serializers.IntegerField(required=False, help_text="only this product")


def _amount() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=3)


def _rate() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=4)


class ValueShape(serializers.Serializer[Any]):
    """What circulation cost, what pooling saved and who got the saving; shares sum to the saving.

    `settled_*` are the shares of closed cycles as the ledger has them. `circulation_cost` is the sum of its parts;
    `shrinkage_amount` and `claims_amount` are the platform's own and 0 for a dealer.
    """

    currency = serializers.CharField()
    dealers = serializers.IntegerField()
    orders = serializers.IntegerField()
    lines = serializers.IntegerField()
    ordered_quantity = serializers.IntegerField()
    delivered_quantity = serializers.IntegerField()
    ordered_amount = _amount()
    baseline = _amount()
    pooled = _amount()
    saving = _amount()
    dealer_share = _amount()
    platform_share = _amount()
    factory_share = _amount()
    settled_dealer_share = _amount()
    settled_platform_share = _amount()
    settled_factory_share = _amount()
    freight_amount = _amount()
    inbound_amount = _amount()
    duty_amount = _amount()
    storage_amount = _amount()
    fee_amount = _amount()
    financing_amount = _amount()
    shrinkage_amount = _amount()
    claims_amount = _amount()
    circulation_cost = _amount()
    cost_per_unit = _rate()
    freight_per_unit = _rate()
    shared_costs = _amount()
    saved_after_costs = _amount()
    fill_rate = _rate()
    on_time_in_full = _rate()
    lines_in_full = serializers.IntegerField()
    lines_on_time_in_full = serializers.IntegerField()
    cycle_time_s = serializers.IntegerField(help_text="mean, of the lines that came in full")


class PaceShape(serializers.Serializer[Any]):
    """How fast money and goods turn; null where nothing tells it or it is the platform's own."""

    owed_amount = _amount()
    days_sales_outstanding = serializers.DecimalField(max_digits=12, decimal_places=1, allow_null=True)
    inventory_turns = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    average_on_hand = serializers.IntegerField(allow_null=True)
    bullwhip = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)


class ValueTotalShape(ValueShape):
    """The same with the pace of money and goods."""

    pace = PaceShape()


class ValueGroupShape(serializers.Serializer[Any]):
    """The figures of one period, cycle, category, product, dealer or factory."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = ValueShape()


class ValueGroupsShape(serializers.Serializer[Any]):
    """Figures cut by something."""

    by = serializers.CharField()
    groups = ValueGroupShape(many=True)


class ValueDocumentShape(serializers.Serializer[Any]):
    """A document that is part of a figure; quantity in base units."""

    kind = serializers.CharField(source="shown_kind")
    id = serializers.UUIDField(source="shown_id")
    number = serializers.CharField(source="shown_number", allow_null=True)
    day = serializers.DateField(source="shown_day")
    dealer_id = serializers.IntegerField(source="shown_dealer_id", allow_null=True)
    quantity = serializers.IntegerField(source="shown_quantity")
    amount = serializers.DecimalField(source="shown_amount", max_digits=24, decimal_places=3)


class SupplyValueShape(serializers.Serializer[Any]):
    """What a factory sold through the platform: bought of it, received from it, and its share of the savings."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    purchased_quantity = serializers.IntegerField()
    purchased_amount = _amount()
    received_quantity = serializers.IntegerField()
    fill_rate = _rate()
    saving_share = _amount()
    claimed_amount = _amount()
    financing_amount = _amount()


class SupplyValuesShape(serializers.Serializer[Any]):
    """A factory's figures: the whole, and cut by something."""

    currency = serializers.CharField()
    by = serializers.CharField()
    total = SupplyValueShape()
    groups = SupplyValueShape(many=True)
