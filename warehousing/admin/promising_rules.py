"""What promises go by, kept by hand: what it costs to serve from where, how long goods must last, which go first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.validators import MaxValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from b2b.admin import columns
from b2b.admin.base import ReferenceAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.core import clock
from warehousing.models import RotationRule, ShelfLifeTerm, SourcingCost
from warehousing.services import shelf_life
from warehousing.services.shelf_life import MOST_DAYS


@admin.register(SourcingCost, site=operator_site)
class SourcingCosts(ReferenceAdmin):
    """What it costs to serve from a warehouse; without any, warehouses are asked by their priority."""

    nav = Nav("data", 66, "payments")
    list_display = ("warehouse", "currency", "leg_amount", "km_amount", "kg_amount", "split_amount")
    list_select_related = ("warehouse",)


@admin.register(RotationRule, site=operator_site)
class RotationRules(ReferenceAdmin):
    """Which goods go first, by product and owner; without a rule the first expired."""

    nav = Nav("data", 67, "low_priority")
    list_display = ("method", "product", "owner")
    list_select_related = ("product", "owner")
    raw_id_fields = ("product", "owner")


@admin.register(ShelfLifeTerm, site=operator_site)
class ShelfLifeTerms(ReferenceAdmin):
    """How long goods must still last for a dealer: a history, a new term takes the place of the last."""

    nav = Nav("data", 68, "hourglass_bottom")
    ordering = ("-pk",)
    fields = ("dealer", "product", "min_remaining_days", "valid_from")
    list_display = (
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        columns.text("product.sku", gettext_lazy("SKU"), "product__sku"),
        "min_remaining_days",
        "valid_from",
        "set_by",
    )
    list_select_related = ("dealer", "product")
    search_fields = ("dealer__code__startswith", "product__sku__startswith")
    raw_id_fields = ("dealer", "product")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody write history anew."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take no more days than may be agreed."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "min_remaining_days":
            field.validators.append(MaxValueValidator(MOST_DAYS))
        return field

    def save_model(self, request: HttpRequest, obj: ShelfLifeTerm, form: Any, change: bool) -> None:
        """Agree the term; what is promised already is bound by it too."""
        made = shelf_life.agree(
            obj.dealer_id,
            min_remaining_days=obj.min_remaining_days,
            product_id=obj.product_id,
            valid_from=obj.valid_from,
            by=actor_of(request),
            at=clock.now(),
        )
        obj.pk, obj.set_by, obj.set_at = made.pk, made.set_by, made.set_at
