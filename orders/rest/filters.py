"""What the lists of orders can be filtered by."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from orders.models import (
    AllocationRun,
    ApprovalStep,
    BlanketOrder,
    BuyersItem,
    Claim,
    CostShare,
    CostVoucher,
    DespatchAdvice,
    Order,
    OrderCycle,
    OrderRule,
    PriceAgreement,
    PriceProposal,
    ProductionSignal,
    PurchaseOrder,
    PurchaseOrderChange,
    Quotation,
    QuotationRequest,
    ReturnAuthorisation,
    Substitution,
)
from orders.selectors.price_list import live


class OrderFilter(filters.FilterSet):
    """By status, number, own reference, or the moment it was placed."""

    placed_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    placed_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields = ("status", "number", "external_reference", "placed_after", "placed_before")


class BuyersItemFilter(filters.FilterSet):
    """By code, or by the SKU of the product."""

    code = filters.CharFilter(max_length=80)
    sku = filters.CharFilter(field_name="product__sku", max_length=40)

    class Meta:
        model = BuyersItem
        fields = ("code", "sku")


class CycleFilter(filters.FilterSet):
    """By status or factory."""

    factory = filters.CharFilter(field_name="factory__code", max_length=24)

    class Meta:
        model = OrderCycle
        fields = ("status", "factory")


class PurchaseOrderFilter(filters.FilterSet):
    """By status or number."""

    class Meta:
        model = PurchaseOrder
        fields = ("status", "number")


class PurchaseChangeFilter(filters.FilterSet):
    """By status."""

    class Meta:
        model = PurchaseOrderChange
        fields = ("status",)


class SubstitutionFilter(filters.FilterSet):
    """By status."""

    class Meta:
        model = Substitution
        fields = ("status",)


class DespatchFilter(filters.FilterSet):
    """By status, own reference or purchase order."""

    class Meta:
        model = DespatchAdvice
        fields = ("status", "external_reference", "purchase_order")


class SignalFilter(filters.FilterSet):
    """By status; `after` is the id of the last signal a factory has read."""

    after = filters.UUIDFilter(field_name="pk", lookup_expr="gt")

    class Meta:
        model = ProductionSignal
        fields = ("status", "after")


class ReturnFilter(filters.FilterSet):
    """By status, number or order."""

    class Meta:
        model = ReturnAuthorisation
        fields = ("status", "number", "order")


class ClaimFilter(filters.FilterSet):
    """By status, number or purchase order."""

    class Meta:
        model = Claim
        fields = ("status", "number", "purchase_order")


class CostVoucherFilter(filters.FilterSet):
    """By status, kind, purchase order, cycle or shipment."""

    class Meta:
        model = CostVoucher
        fields = ("status", "kind", "purchase_order", "cycle", "shipment_id")


class CostShareFilter(filters.FilterSet):
    """By kind of cost, voucher number or cycle."""

    class Meta:
        model = CostShare
        fields = ("kind", "voucher_number", "cycle")


class BlanketFilter(filters.FilterSet):
    """By status, number or own reference."""

    class Meta:
        model = BlanketOrder
        fields = ("status", "number", "external_reference")


class ApprovalFilter(filters.FilterSet):
    """By status or tier."""

    class Meta:
        model = ApprovalStep
        fields = ("status", "tier")


class QuotationRequestFilter(filters.FilterSet):
    """By status or number."""

    class Meta:
        model = QuotationRequest
        fields = ("status", "number")


class QuotationFilter(filters.FilterSet):
    """By status, number or request."""

    class Meta:
        model = Quotation
        fields = ("status", "number", "request")


class RunFilter(filters.FilterSet):
    """By purchase order, cycle or policy."""

    purchase_order = filters.CharFilter(field_name="purchase_order__number", max_length=40)
    cycle = filters.CharFilter(field_name="purchase_order__cycle__number", max_length=40)

    class Meta:
        model = AllocationRun
        fields = ("policy", "purchase_order", "cycle")


class AgreementFilter(filters.FilterSet):
    """By product, parties, currency, or a day on which it holds."""

    sku = filters.CharFilter(field_name="product__sku", max_length=40)
    seller = filters.CharFilter(field_name="seller__code", max_length=24)
    buyer_group = filters.CharFilter(field_name="buyer_group__code", max_length=24)
    day = filters.DateFilter(method="on_day", help_text="holds on this day")

    class Meta:
        model = PriceAgreement
        fields = ("sku", "seller", "buyer_group", "currency", "day")

    def on_day(self, rows: QuerySet[Any], name: str, day: date) -> QuerySet[Any]:
        """Keep those that hold on a day."""
        return rows.filter(live(day))


class RuleFilter(filters.FilterSet):
    """By product or seller."""

    sku = filters.CharFilter(field_name="product__sku", max_length=40)
    seller = filters.CharFilter(field_name="seller__code", max_length=24)

    class Meta:
        model = OrderRule
        fields = ("sku", "seller")


class ProposalFilter(filters.FilterSet):
    """By status or factory."""

    seller = filters.CharFilter(field_name="seller__code", max_length=24)

    class Meta:
        model = PriceProposal
        fields = ("status", "seller")
