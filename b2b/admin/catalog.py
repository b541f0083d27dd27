"""Products and packs, kept by hand or imported from a file."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportModelAdmin
from import_export.resources import ModelResource
from unfold.admin import TabularInline
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from b2b.admin.base import ReferenceAdmin
from b2b.admin.csv import GuardedCsv
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.catalog.models import Packaging, Product

COLUMNS = (
    "sku", "gtin", "name", "category", "base_unit", "weight_g", "volume_cm3", "shelf_life_days", "tracking",
    "tax_rate", "is_active",
)  # fmt: skip


class ProductResource(ModelResource):
    """The columns of a product file; the SKU says which product a row is about."""

    class Meta:
        model = Product
        import_id_fields = ("sku",)
        fields = COLUMNS
        skip_unchanged = True
        use_bulk = True
        batch_size = 1000
        clean_model_instances = True


class PackagingInline(TabularInline):
    """The packs of a product."""

    model = Packaging
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Follow the site's door."""
        return operator_site.has_permission(request)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Refuse; orders were entered in these packs."""
        return False


@admin.register(Product, site=operator_site)
class ProductAdmin(ReferenceAdmin, ImportExportModelAdmin):
    """What is traded."""

    nav = Nav("data", 50, "category")
    resource_classes = (ProductResource,)
    formats = (GuardedCsv,)
    import_form_class = ImportForm
    export_form_class = ExportForm
    skip_import_confirm = False
    list_display = ("sku", "name", "category", "base_unit", "weight_g", "tax_rate", "tracking", "is_active")
    list_filter = ("is_active", "tracking", "category")
    search_fields = ("sku", "gtin", "name")
    ordering = ("sku",)
    inlines = (PackagingInline,)
    fieldsets = (
        (None, {"fields": (("sku", "gtin"), "name", ("category", "is_active"))}),
        (
            _("Measures"),
            {"fields": (("base_unit", "tracking"), ("weight_g", "volume_cm3"), "shelf_life_days")},
        ),
        (_("Money"), {"fields": ("tax_rate",)}),
        (_("More"), {"fields": ("attributes",), "classes": ("collapse",)}),
    )

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Let operators import who may change."""
        return self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Let everybody export whom the site lets in."""
        return self.has_view_permission(request)


@admin.register(Packaging, site=operator_site)
class PackagingAdmin(ReferenceAdmin):
    """The packs of all products."""

    nav = Nav("data", 60, "package_2")
    list_display = (
        "product",
        "code",
        "units",
        "gtin",
        "length_mm",
        "width_mm",
        "height_mm",
        "gross_weight_g",
    )
    list_select_related = ("product",)
    search_fields = ("product__sku", "code", "gtin")
    autocomplete_fields = ("product",)
    ordering = ("product__sku", "units")
