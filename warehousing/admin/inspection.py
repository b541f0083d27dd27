"""Inspections of received goods, and goods nobody expected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact
from warehousing.models import FoundGoods, Inspection
from warehousing.selectors import receiving
from warehousing.services import found_goods, inspection


class JudgeForm(forms.Form):
    """What the sample showed."""

    nonconforming = forms.IntegerField(label=gettext_lazy("Bad ones in the sample"), min_value=0)
    finding = forms.CharField(label=gettext_lazy("What was wrong"), required=False, max_length=200)


class SortForm(ReasonForm):
    """How many were good."""

    accepted = forms.IntegerField(label=gettext_lazy("Good ones"), min_value=1)


class TakeInForm(forms.Form):
    """Whose and what the goods are."""

    owner = forms.CharField(
        label=gettext_lazy("Owner's code"), required=False, help_text=gettext_lazy("Empty: the platform.")
    )
    sku = forms.CharField(label=gettext_lazy("SKU"), required=False, max_length=40)


@admin.register(Inspection, site=operator_site)
class Inspections(ReadOnlyAdmin):
    """Lots held until a sample has been looked at."""

    nav = Nav("stock", 12, "fact_check")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("product.sku", gettext_lazy("SKU")),
        columns.text("lot.number", gettext_lazy("Lot")),
        columns.quantity("lot_size", gettext_lazy("Lot size"), "lot_size"),
        columns.quantity("sample_size", gettext_lazy("Sample")),
        columns.status(),
    )
    list_select_related = ("product", "lot")
    list_filter = ("status", "warehouse", "severity")
    search_fields = ("number__startswith",)
    detail_select_related = ("product", "lot", "factory", "receipt")
    buttons = ("judge", "rework", "sort", "reject")

    def facts(self, request: HttpRequest, obj: Inspection) -> Iterable[Fact]:
        """Say what to look at, and what was seen."""
        receipt = reverse("operator:warehousing_receipt_change", args=[obj.receipt_id])
        yield Fact(_("Receipt"), cells.link(obj.receipt.number, receipt))
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Lot"), obj.lot.number if obj.lot else cells.NOTHING)
        yield Fact(_("Lot size"), cells.quantity(obj.lot_size))
        plan = _("%(letter)s: look at %(size)s, accept with at most %(most)s bad ones") % {
            "letter": obj.code_letter,
            "size": cells.quantity(obj.sample_size),
            "most": cells.quantity(obj.acceptance_number),
        }
        yield Fact(_("Sampling plan"), plan)
        yield Fact(_("ISO 2859-1"), f"{obj.level}, AQL {obj.aql.normalize():f} %, {obj.severity.lower()}")
        yield Fact(_("Bad ones"), cells.quantity(obj.nonconforming))
        yield Fact(_("Finding"), obj.finding or cells.NOTHING)

    @service_action(gettext_lazy("Judge the sample"), verb="fail", form=JudgeForm)
    def judge(self, call: Call) -> Any:
        """Note what the sample showed."""
        made = inspection.judge(call.obj.pk, **call.data, by=call.by, at=call.at)
        return _("%(number)s: %(status)s") % {"number": made.number, "status": made.get_status_display()}

    @service_action(gettext_lazy("Rework"), verb="rework", form=ReasonForm)
    def rework(self, call: Call) -> Any:
        """Have the lot mended."""
        inspection.rework(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is inspected again after rework.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Sorted by hand"), verb="sort", form=SortForm)
    def sort(self, call: Call) -> Any:
        """Accept the good ones."""
        data = call.data
        inspection.sort(
            call.obj.pk, accepted=data["accepted"], reason=data["reason"][:200], by=call.by, at=call.at
        )
        return _("The good ones are in stock, the others rejected.")

    @service_action(gettext_lazy("Reject"), verb="reject", form=ReasonForm, danger=True)
    def reject(self, call: Call) -> Any:
        """Reject the lot."""
        inspection.reject(call.obj.pk, reason=call.data["reason"][:200], by=call.by, at=call.at)
        return _("%(number)s is rejected; it can be claimed from the factory.") % {"number": call.obj.number}


@admin.register(FoundGoods, site=operator_site)
class FoundGoodsAdmin(ReadOnlyAdmin):
    """Goods nobody expected, until somebody says whose they are."""

    nav = Nav("stock", 14, "help_center")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("warehouse.code", gettext_lazy("Warehouse")),
        columns.text("product.sku", gettext_lazy("SKU")),
        "description",
        columns.quantity("quantity", gettext_lazy("Quantity"), "quantity"),
        "cause",
        columns.status(),
    )
    list_select_related = ("warehouse", "product")
    list_filter = ("status", "cause", "warehouse")
    search_fields = ("number__startswith",)
    detail_select_related = ("warehouse", "product", "owner")
    buttons = ("take_in", "send_back", "destroy")

    def facts(self, request: HttpRequest, obj: FoundGoods) -> Iterable[Fact]:
        """Say what was found."""
        yield Fact(_("Warehouse"), str(obj.warehouse))
        yield Fact(_("Cause"), obj.get_cause_display())
        yield Fact(_("Product"), str(obj.product) if obj.product else cells.NOTHING)
        yield Fact(_("Description"), obj.description or cells.NOTHING)
        yield Fact(_("Scanned"), obj.code or cells.NOTHING)
        yield Fact(_("Quantity"), cells.quantity(obj.quantity))
        yield Fact(_("Owner"), str(obj.owner) if obj.owner else cells.NOTHING)

    @service_action(gettext_lazy("Take into stock"), verb="take_in", form=TakeInForm)
    def take_in(self, call: Call) -> Any:
        """Take them in."""
        owner, product = receiving.owner(call.data["owner"]), receiving.product(call.data["sku"])
        key = product.pk if product else None
        found_goods.take_in(call.obj.pk, owner=owner, product_id=key, by=call.by, at=call.at)
        return _("%(number)s is in stock.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Sent back"), verb="send_back", form=ReasonForm)
    def send_back(self, call: Call) -> Any:
        """Let the carrier take them."""
        found_goods.send_back(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is sent back.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Destroy"), verb="destroy", form=ReasonForm, danger=True)
    def destroy(self, call: Call) -> Any:
        """Destroy them."""
        found_goods.destroy(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is destroyed.") % {"number": call.obj.number}
