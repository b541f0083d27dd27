"""Supply sources on the operator's desk, and what the platform pays them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.asking import asking_page
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from orders.admin.terms_pages import (
    BreaksField,
    breaks_table,
    day_field,
    history_table,
    product_field,
    reason_field,
    seller_field,
)
from orders.models import SupplySource
from orders.policies import claiming
from orders.services import supply_source
from orders.services.supply_source import SOURCE, Source

FIELDS = tuple(field.name for field in fields(Source))


class TermsForm(forms.Form):
    """On what terms a factory takes purchase orders."""

    lead_time_days = forms.IntegerField(
        label=gettext_lazy("Lead time, days"), initial=7, min_value=0, max_value=3650
    )
    moq = forms.IntegerField(
        label=gettext_lazy("Minimum order quantity"), initial=1, min_value=1, max_value=10**12
    )
    order_multiple = forms.IntegerField(
        label=gettext_lazy("Order multiple"), initial=1, min_value=1, max_value=10**12
    )
    weekly_capacity = forms.IntegerField(
        label=gettext_lazy("Weekly capacity"), required=False, min_value=0, max_value=10**12
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"), initial=1, min_value=0, max_value=32_767,
        help_text=gettext_lazy("The lowest number is asked first."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("Active"), initial=True, required=False)
    rejection_basis_points = forms.IntegerField(
        label=gettext_lazy("Compensation for rejected goods, basis points"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=gettext_lazy(
            "Of the price, when an inspection rejects goods. Empty: nothing is agreed, 0 %."
        ),
    )
    missing_basis_points = forms.IntegerField(
        label=gettext_lazy("Compensation for missing goods, basis points"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=gettext_lazy(
            "Of the price, when advised goods do not come. Empty: nothing is agreed, 0 %."
        ),
    )
    reason = reason_field()


class SourceForm(TermsForm):
    """A new source."""

    factory = seller_field()
    product = product_field()
    field_order = ("factory", "product")


class PricesForm(forms.Form):
    """What the platform pays from a day on."""

    breaks = BreaksField(
        label=gettext_lazy("From quantity, unit price"), required=False,
        help_text=gettext_lazy("Leave it empty to take back the table of that day."),
    )  # fmt: skip
    currency = forms.RegexField(r"^[A-Z]{3}$", label=gettext_lazy("Currency"), initial="CNY")
    valid_from = day_field(gettext_lazy("Valid from"))
    reason = reason_field()


def _rate(cause: str, declared: int | None) -> str:
    """Write what is claimed for a cause, and that nobody agreed on it where nobody did."""
    part = cells.percent(claiming.rate(cause, declared))
    return _("%(part)s, as nothing is agreed") % {"part": part} if declared is None else part


@operator_site.page("orders/sources/new/", name="new_source")
def new_source(request: HttpRequest) -> HttpResponse:
    """Ask for a source and keep it."""
    form = SourceForm(request.POST or None)
    return asking_page(request, _("Add a source"), form, _make, "operator:orders_supplysource_changelist")


def _make(call: Call) -> str:
    source = Source(**{name: call.data[name] for name in FIELDS})
    supply_source.put(
        call.data["factory"], call.data["product"], source, reason=call.data["reason"], by=call.by, at=call.at
    )
    return _("The source is kept.")


@admin.register(SupplySource, site=operator_site)
class Sources(ReadOnlyAdmin):
    """Which factory makes what, and on what terms."""

    nav = Nav("data", 90, "precision_manufacturing")
    list_display = (
        columns.text("product", gettext_lazy("Product"), "product__sku"),
        columns.text("factory", gettext_lazy("Factory"), "factory__code"),
        "lead_time_days",
        columns.quantity("moq", gettext_lazy("Minimum")),
        columns.quantity("order_multiple", gettext_lazy("Multiple")),
        "priority",
        "is_active",
    )
    list_select_related = ("product", "factory")
    list_filter = ("is_active",)
    search_fields = ("product__sku__startswith", "factory__code__startswith")
    ordering = ("product__sku", "priority")
    list_before_template = "orders/source_links.html"
    detail_select_related = ("product", "factory")
    buttons = ("change", "prices")

    def facts(self, request: HttpRequest, obj: SupplySource) -> Iterable[Fact]:
        """Say who makes what on what terms."""
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Lead time, days"), str(obj.lead_time_days))
        yield Fact(_("Minimum"), cells.quantity(obj.moq))
        yield Fact(_("Multiple"), cells.quantity(obj.order_multiple))
        yield Fact(_("Weekly capacity"), cells.quantity(obj.weekly_capacity))
        yield Fact(_("Compensation for rejected goods"), _rate("REJECTED", obj.rejection_basis_points))
        yield Fact(_("Compensation for missing goods"), _rate("MISSING", obj.missing_basis_points))
        yield Fact(_("Active"), _("yes") if obj.is_active else _("no"))

    def tables(self, request: HttpRequest, obj: SupplySource) -> Iterable[Table]:
        """Show what the platform pays, latest first, and who changed what."""
        breaks = obj.breaks.order_by("-valid_from", "currency", "min_quantity")
        for (day, currency), steps in groupby(breaks, key=lambda step: (step.valid_from, step.currency)):
            yield breaks_table(steps, currency, _("Purchase prices from %(day)s") % {"day": cells.day(day)})
        yield history_table(request, SOURCE, obj.pk)

    @service_action(gettext_lazy("Change"), form=TermsForm)
    def change(self, call: Call) -> str:
        """Change the terms."""
        source = Source(**{name: call.data[name] for name in FIELDS})
        supply_source.put(
            call.obj.factory, call.obj.product, source, reason=call.data["reason"], by=call.by, at=call.at
        )
        return _("The source was changed.")

    @service_action(gettext_lazy("Purchase prices"), form=PricesForm)
    def prices(self, call: Call) -> Any:
        """Write what the platform pays from a day on."""
        data = call.data
        supply_source.put_prices(
            call.obj, data["breaks"], currency=data["currency"], valid_from=data["valid_from"],
            reason=data["reason"], by=call.by, at=call.at,
        )  # fmt: skip
        return _("The purchase prices are kept.")
