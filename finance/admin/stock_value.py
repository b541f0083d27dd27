"""What stock is worth, the layers it is made of, and the methods as they were declared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.catalog.selectors import product
from b2b.core.money import Money
from b2b.directory.models import Site
from b2b.directory.selectors import site
from finance.models import StockMethod, StockValue
from finance.selectors import stock_value
from finance.services import stock_method


def _money(minor: int, currency: str) -> str:
    return cells.money(Money.from_minor(minor, currency).amount, currency)


@admin.register(StockValue, site=operator_site)
class StockValues(ReadOnlyAdmin):
    """The platform's own stock by product and warehouse, and what was paid for it."""

    nav = Nav("money", 60, "inventory")
    ordering = ("-value",)
    list_display = (
        columns.text("product.name", gettext_lazy("Product"), "product__name"),
        columns.text("product.sku", gettext_lazy("SKU"), "product__sku"),
        columns.text("warehouse_site.code", gettext_lazy("Warehouse"), "warehouse_site__code"),
        columns.quantity("quantity", gettext_lazy("Units"), "quantity"),
        columns.minor("value", gettext_lazy("Value"), order="value"),
        columns.text("method", gettext_lazy("Method")),
    )
    list_filter = ("warehouse_site",)
    search_fields = ("product__sku__startswith",)
    detail_select_related = ("product", "warehouse_site")
    list_before_template = "finance/method_link.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockValue]:
        """Show what the operator may see, with the method each stock has."""
        return stock_value.worth(actor_of(request))

    def facts(self, request: HttpRequest, obj: StockValue) -> Iterable[Fact]:
        """Say how much there is and what it is worth."""
        yield Fact(_("Product"), f"{obj.product.name} ({obj.product.sku})")
        yield Fact(_("Warehouse"), obj.warehouse_site.code)
        yield Fact(_("Units"), cells.quantity(obj.quantity))
        yield Fact(_("Value"), _money(obj.value, obj.currency))
        yield Fact(_("Movements"), cells.quantity(obj.movements))

    def tables(self, request: HttpRequest, obj: StockValue) -> Iterable[Table]:
        """Show the layers, oldest first, and what moved."""
        moved = stock_value.movements(actor_of(request), obj)
        layers = moved.filter(pk__in=obj.layer_sources).order_by("position")
        held = dict(
            zip(
                obj.layer_sources,
                zip(obj.layer_quantities, obj.layer_values, obj.layer_taken, strict=True),
                strict=True,
            )
        )
        yield paged(
            request,
            layers,
            _("Layers"),
            headings(_("Came"), _("With"), (_("Units"),), (_("Worth"),), (_("Left"),)),
            lambda one: (
                cells.moment(one.effective_at),
                one.document_type.replace("_", " "),
                cells.quantity(held[one.pk][0]),
                _money(held[one.pk][1], obj.currency),
                cells.quantity(held[one.pk][0] - held[one.pk][2]),
            ),
            empty=_("Nothing is there."),
        )
        yield paged(
            request,
            moved,
            _("Movements"),
            headings(_("When"), _("What"), (_("Units"),), (_("Value"),), _("Taken back")),
            lambda one: (
                cells.moment(one.effective_at),
                one.kind.replace("_", " ").lower(),
                cells.quantity(one.quantity),
                _money(one.value, obj.currency),
                _("yes") if one.is_void else "",
            ),
        )


class MethodForm(forms.Form):
    """By which method to value what, and why."""

    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=StockMethod.Method.choices)
    sku = forms.CharField(
        label=gettext_lazy("SKU"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Empty: every product."),
    )
    warehouse = forms.TypedChoiceField(
        label=gettext_lazy("Warehouse"), coerce=int, empty_value=None, required=False
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        places = site.visible(by).filter(kind=Site.Kind.WAREHOUSE).order_by("code")
        self.fields["warehouse"].choices = [
            ("", _("every warehouse")),
            *((one.pk, one.code) for one in places),
        ]

    def clean_sku(self) -> int | None:
        """Return the product's key."""
        sku = self.cleaned_data["sku"]
        if not sku:
            return None
        found = product.keys_by_sku(self.by, [sku])
        if sku not in found:
            raise forms.ValidationError(_("There is no such product."))
        return found[sku]


@operator_site.page("finance/stock-method/", name="declare_stock_method")
def declare_stock_method(request: HttpRequest) -> HttpResponse:
    """Ask for a method and declare it."""
    form = MethodForm(request.POST or None, by=actor_of(request))
    return asking_page(
        request, _("Declare a method"), form, _declare, "operator:finance_stockmethod_changelist"
    )


def _declare(call: Call) -> str:
    stock_method.declare(
        method=call.data["method"],
        product_id=call.data["sku"],
        warehouse_site_id=call.data["warehouse"],
        reason=call.data["reason"],
        by=call.by,
        at=call.at,
    )
    return _("What moves from now on is valued by it.")


@admin.register(StockMethod, site=operator_site)
class StockMethods(ReadOnlyAdmin):
    """Methods as they were declared; the narrowest counts."""

    nav = Nav("money", 61, "tune")
    ordering = ("-pk",)
    list_display = (
        columns.text("product.sku", gettext_lazy("SKU"), "product__sku"),
        columns.text("warehouse_site.code", gettext_lazy("Warehouse"), "warehouse_site__code"),
        "method",
        columns.moment("since_at", gettext_lazy("Since"), "since_at"),
        "reason",
        "declared_by",
    )
    list_select_related = ("product", "warehouse_site")
    search_fields = ("product__sku__startswith",)
    detail_select_related = ("product", "warehouse_site")
    list_before_template = "finance/method_link.html"

    def facts(self, request: HttpRequest, obj: StockMethod) -> Iterable[Fact]:
        """Say who declared what when and why."""
        yield Fact(_("Product"), obj.product.sku if obj.product else _("every product"))
        yield Fact(_("Warehouse"), obj.warehouse_site.code if obj.warehouse_site else _("every warehouse"))
        yield Fact(_("Method"), obj.get_method_display())
        yield Fact(_("Why"), obj.reason)
        yield Fact(_("Declared"), f"{cells.moment(obj.since_at)}, {obj.declared_by}")
