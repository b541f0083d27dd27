"""Receipts: what factories sent, counted at the gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing.models import Receipt
from warehousing.services import receipt as receipts
from warehousing.services import rejected_goods
from warehousing.services.rejected_goods import Disposal, undecided

COUNTED_LINES = 200  # a form carries at most a thousand fields


def count_form(request: HttpRequest, receipt: Receipt) -> type[forms.Form]:
    """Return a form that asks for the accepted and rejected quantity of each line."""
    fields: dict[str, forms.Field] = {}
    for line in receipt.lines.select_related("product").order_by("line_number")[:COUNTED_LINES]:
        product = f"{line.line_number}. {line.product.name} ({line.product.sku})"
        fields[f"accepted_{line.line_number}"] = forms.IntegerField(
            label=_("%(product)s: accepted") % {"product": product}, min_value=0, initial=line.expected_quantity,
            help_text=_("advised: %(quantity)s") % {"quantity": cells.quantity(line.expected_quantity)},
        )  # fmt: skip
        fields[f"rejected_{line.line_number}"] = forms.IntegerField(
            label=_("%(product)s: rejected") % {"product": product}, min_value=0, initial=0
        )
    fields["reason"] = forms.CharField(label=_("Why rejected"), required=False, max_length=200)
    return type("CountForm", (forms.Form,), fields)


def dispose_form(request: HttpRequest, receipt: Receipt) -> type[forms.Form]:
    """Return a form that asks what becomes of the rejected goods of each line."""
    fields: dict[str, forms.Field] = {}
    for line in receipt.lines.select_related("product").order_by("line_number"):
        if (left := undecided(line)) and len(fields) < 2 * COUNTED_LINES:
            product = f"{line.line_number}. {line.product.name} ({line.product.sku})"
            for name, label in (("back", _("send back")), ("destroy", _("destroy"))):
                fields[f"{name}_{line.line_number}"] = forms.IntegerField(
                    label=f"{product}: {label}", min_value=0, max_value=left, initial=0, required=False
                )
    fields["reason"] = forms.CharField(label=_("Why"), required=False, max_length=200)
    return type("DisposeForm", (forms.Form,), fields)


@admin.register(Receipt, site=operator_site)
class Receipts(ReadOnlyAdmin):
    """Deliveries from factories, expected and received."""

    nav = Nav("stock", 10, "move_to_inbox")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("warehouse.code", gettext_lazy("Warehouse")),
        columns.text("purchase_order_number", gettext_lazy("Purchase order")),
        columns.status(),
        columns.moment("expected_at", gettext_lazy("Expected"), "expected_at"),
        columns.moment("received_at", gettext_lazy("Received"), "received_at"),
    )
    list_select_related = ("factory", "warehouse")
    list_filter = ("status", "warehouse")
    search_fields = ("number__startswith", "purchase_order_number__startswith")
    detail_select_related = ("factory", "warehouse")
    buttons = ("count_at_gate", "receive_as_advised", "receive_counted", "release_rejected", "call_off")

    def facts(self, request: HttpRequest, obj: Receipt) -> Iterable[Fact]:
        """Say whose goods come where and when."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Warehouse"), str(obj.warehouse))
        yield Fact(_("Purchase order"), obj.purchase_order_number or cells.NOTHING)
        yield Fact(_("Despatch advice"), obj.despatch_advice_number or cells.NOTHING)
        yield Fact(_("Expected"), cells.moment(obj.expected_at))
        yield Fact(_("Received"), cells.moment(obj.received_at))

    def tables(self, request: HttpRequest, obj: Receipt) -> Iterable[Table]:
        """Show the lines: advised, accepted, rejected."""
        yield paged(
            request,
            obj.lines.select_related("product").order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                _("Lot"),
                _("Expires"),
                (_("Advised"),),
                (_("Accepted"),),
                (_("Rejected"),),
            ),
            lambda line: (
                line.line_number,
                cells.two_lines(line.product.name, line.product.sku),
                line.lot_number or cells.NOTHING,
                cells.day(line.expiry_date),
                cells.quantity(line.expected_quantity),
                cells.quantity(line.accepted_quantity),
                cells.quantity(line.rejected_quantity),
            ),
        )

    @service_action(
        gettext_lazy("Scan at the gate"), when=lambda receipt: receipt.status in ("EXPECTED", "RECEIVING")
    )
    def count_at_gate(self, call: Call) -> Any:
        """Open the page of the gate."""
        return HttpResponseRedirect(reverse("operator:gate", args=[call.obj.pk]))

    @service_action(
        gettext_lazy("Dispose of rejected goods"), form=dispose_form, danger=True,
        when=lambda receipt: receipt.status in ("RECEIVING", "RECEIVED") and any(map(undecided, receipt.lines.all())),
    )  # fmt: skip
    def release_rejected(self, call: Call) -> Any:
        """Send rejected goods back, or destroy them."""
        lines = [int(name.removeprefix("back_")) for name in call.data if name.startswith("back_")]
        disposals = [
            Disposal(line, call.data[f"back_{line}"] or 0, call.data[f"destroy_{line}"] or 0)
            for line in lines
            if call.data[f"back_{line}"] or call.data[f"destroy_{line}"]
        ]
        rejected_goods.dispose(call.obj.pk, disposals=disposals, reason=call.data["reason"], at=call.at)
        return _("The rejected goods are disposed of.")

    @service_action(
        gettext_lazy("Receive as advised"),
        verb="receive",
        confirm=gettext_lazy("Everything arrived as the factory said, and nothing is damaged."),
    )
    def receive_as_advised(self, call: Call) -> Any:
        """Take everything in as advised."""
        receipts.receive(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is received and in stock.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Count and receive"), verb="receive", form=count_form)
    def receive_counted(self, call: Call) -> Any:
        """Take in what was counted."""
        lines = [name.removeprefix("accepted_") for name in call.data if name.startswith("accepted_")]
        counts = [
            receipts.Count(
                line_number=int(line),
                accepted_quantity=call.data[f"accepted_{line}"],
                rejected_quantity=call.data[f"rejected_{line}"],
                rejection_reason=call.data["reason"] if call.data[f"rejected_{line}"] else "",
            )
            for line in lines
        ]
        receipts.receive(call.obj.pk, counts=counts, by=call.by, at=call.at)
        return _("%(number)s is received as counted.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Call off"), verb="cancel", form=ReasonForm, danger=True)
    def call_off(self, call: Call) -> Any:
        """Give up goods that do not come."""
        receipts.cancel(call.obj.pk, reason=call.data["reason"][:200], by=call.by, at=call.at)
        return _("%(number)s is called off; what it was to bring is bought again.") % {
            "number": call.obj.number
        }
