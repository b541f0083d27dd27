"""Vehicles, drivers and tariffs of carriers, as the operator keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from b2b.admin.base import ReferenceAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from logistics.models import Driver, FreightTolerance, Tariff, TariffBreak, Vehicle


@admin.register(Vehicle, site=operator_site)
class Vehicles(ReferenceAdmin):
    """What goods travel in."""

    nav = Nav("carry", 40, "airport_shuttle")
    list_display = ("code", "plate", "carrier", "warehouse_site", "shift_start", "shift_end", "is_active")
    list_select_related = ("carrier", "warehouse_site")
    list_filter = ("is_active",)
    search_fields = ("code", "plate", "carrier__code")
    autocomplete_fields = ("carrier", "warehouse_site")
    ordering = ("carrier__code", "code")


@admin.register(Driver, site=operator_site)
class Drivers(ReferenceAdmin):
    """Who drives."""

    nav = Nav("carry", 50, "badge")
    list_display = ("code", "name", "carrier", "phone", "is_active")
    list_select_related = ("carrier",)
    list_filter = ("is_active",)
    search_fields = ("code", "name", "carrier__code")
    autocomplete_fields = ("carrier",)
    ordering = ("carrier__code", "code")


class Breaks(TabularInline):
    """Rates of heavy loads."""

    model = TariffBreak
    extra = 1
    fields = ("from_kg", "per_kg")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show them to whom the tariff is shown."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those add who may change the tariff."""
        return "VIEWER" not in actor_of(request).roles

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Tariff, site=operator_site)
class Tariffs(ReferenceAdmin):
    """What carriers ask."""

    nav = Nav("carry", 60, "request_quote")
    list_display = ("carrier", "zone", "valid_from_date", "currency", "base", "per_km", "per_kg", "minimum")
    list_select_related = ("carrier",)
    search_fields = ("carrier__code", "zone")
    autocomplete_fields = ("carrier",)
    ordering = ("carrier__code", "zone", "-valid_from_date")
    inlines = (Breaks,)


@admin.register(FreightTolerance, site=operator_site)
class Tolerances(ReferenceAdmin):
    """By how much carriers' invoices may differ."""

    nav = Nav("carry", 62, "straighten")
    list_display = ("id", "carrier", "percent", "amount")
    list_select_related = ("carrier",)
    autocomplete_fields = ("carrier",)
    ordering = ("pk",)
