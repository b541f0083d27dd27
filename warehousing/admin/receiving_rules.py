"""Rules of the gate and the shelves, kept by hand."""

from __future__ import annotations

from django.contrib import admin

from b2b.admin.base import ReferenceAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from warehousing.models import PickFace, PutawayRule, ReceivingRule


@admin.register(ReceivingRule, site=operator_site)
class ReceivingRules(ReferenceAdmin):
    """Tolerance and inspection by product, category and factory."""

    nav = Nav("data", 60, "rule")
    list_display = (
        "product",
        "category",
        "factory",
        "over_receipt_percent",
        "on_excess",
        "inspection_level",
        "aql",
        "allows_reduced",
    )
    list_select_related = ("product", "factory")
    raw_id_fields = ("product", "factory")


@admin.register(PutawayRule, site=operator_site)
class PutawayRules(ReferenceAdmin):
    """Where goods go."""

    nav = Nav("data", 62, "shelves")
    list_display = (
        "warehouse",
        "priority",
        "product",
        "category",
        "location",
        "zone",
        "only_own_lot",
        "is_active",
    )
    list_select_related = ("warehouse", "product", "location")
    raw_id_fields = ("product", "location")


@admin.register(PickFace, site=operator_site)
class PickFaces(ReferenceAdmin):
    """Picking places and how full they are kept."""

    nav = Nav("data", 64, "dataset")
    list_display = ("location", "product", "minimum", "maximum")
    list_select_related = ("location", "product")
    raw_id_fields = ("product", "location")
