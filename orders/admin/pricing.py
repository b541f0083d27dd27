"""Price agreements, order rules and supply sources, as the operator keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from b2b.admin.base import ReferenceAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from orders.models import OrderRule, PriceAgreement, PriceBreak, SupplySource


class BreakInline(TabularInline):
    """The steps of the price table."""

    model = PriceBreak
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Follow the site's door."""
        return operator_site.has_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(PriceAgreement, site=operator_site)
class Agreements(ReferenceAdmin):
    """What a seller asks for a product, from which quantity, from when to when."""

    nav = Nav("data", 70, "sell")
    list_display = ("product", "seller", "buyer", "currency", "valid_from", "valid_to")
    list_select_related = ("product", "seller", "buyer")
    list_filter = ("currency",)
    search_fields = ("product__sku__startswith", "seller__code__startswith", "buyer__code__startswith")
    autocomplete_fields = ("seller", "buyer", "product")
    ordering = ("product__sku", "-valid_from")
    inlines = (BreakInline,)
    fieldsets = (
        (None, {"fields": (("seller", "buyer"), ("product", "currency"))}),
        (_("Time"), {"fields": (("valid_from", "valid_to"),)}),
    )


@admin.register(OrderRule, site=operator_site)
class Rules(ReferenceAdmin):
    """What a dealer must keep to when ordering a product."""

    nav = Nav("data", 80, "rule")
    list_display = ("product", "seller", "buyer", "min_quantity", "order_multiple", "max_quantity")
    list_select_related = ("product", "seller", "buyer")
    search_fields = ("product__sku__startswith", "buyer__code__startswith")
    autocomplete_fields = ("seller", "buyer", "product")
    ordering = ("product__sku",)


@admin.register(SupplySource, site=operator_site)
class Sources(ReferenceAdmin):
    """Which factory makes what, and on what terms."""

    nav = Nav("data", 90, "precision_manufacturing")
    list_display = ("product", "factory", "lead_time_days", "moq", "order_multiple", "priority", "is_active")
    list_select_related = ("product", "factory")
    list_filter = ("is_active",)
    search_fields = ("product__sku__startswith", "factory__code__startswith")
    autocomplete_fields = ("factory", "product")
    ordering = ("product__sku", "priority")
