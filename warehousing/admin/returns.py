"""Return receipts: what comes back, counted into quarantine, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing.models import ReturnReceipt
from warehousing.services import disposition, returns

FORM_LINES = 200  # a form carries at most a thousand fields
WAYS = ("restock", "scrap", "send_back")


def _lines(receipt: ReturnReceipt) -> Any:
    return receipt.lines.select_related("product", "lot").order_by("line_number")[:FORM_LINES]


def count_form(request: HttpRequest, receipt: ReturnReceipt) -> type[forms.Form]:
    """Return a form that asks how much of each line came back."""
    fields = {
        f"line_{line.line_number}": forms.IntegerField(
            label=f"{line.line_number}. {line.product.name} ({line.product.sku})",
            min_value=0,
            max_value=line.expected_quantity,
            initial=line.expected_quantity,
        )
        for line in _lines(receipt)
    }
    return type("ReturnCountForm", (forms.Form,), fields)


def disposition_form(request: HttpRequest, receipt: ReturnReceipt) -> type[forms.Form]:
    """Return a form that asks what becomes of each line that stands in quarantine."""
    labels = {"restock": _("back into stock"), "scrap": _("scrap"), "send_back": _("back to the factory")}
    fields: dict[str, forms.Field] = {}
    for line in _lines(receipt):
        left = disposition.undecided(line)
        for way in WAYS if left else ():
            fields[f"{way}_{line.line_number}"] = forms.IntegerField(
                label=f"{line.line_number}. {line.product.name} ({line.product.sku}): {labels[way]}",
                min_value=0,
                max_value=left,
                initial=0,
                help_text=_("in quarantine: %(quantity)s") % {"quantity": cells.quantity(left)},
            )
    return type("DispositionForm", (forms.Form,), fields)


@admin.register(ReturnReceipt, site=operator_site)
class ReturnReceipts(ReadOnlyAdmin):
    """Goods expected back from dealers, received and inspected."""

    nav = Nav("stock", 15, "assignment_return")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        columns.text("warehouse.code", gettext_lazy("Warehouse")),
        columns.text("source_number", gettext_lazy("Return or shipment")),
        columns.status(),
        columns.moment("created_at", gettext_lazy("Expected since"), "created_at"),
        columns.moment("received_at", gettext_lazy("Received"), "received_at"),
    )
    list_select_related = ("dealer", "warehouse")
    list_filter = ("status", "warehouse")
    search_fields = ("number__startswith", "source_number__startswith")
    detail_select_related = ("dealer", "warehouse")
    buttons = ("receive_all", "receive_counted", "dispose")

    def facts(self, request: HttpRequest, obj: ReturnReceipt) -> Iterable[Fact]:
        """Say whose goods come back where, and why."""
        yield Fact(_("Dealer"), str(obj.dealer))
        yield Fact(_("Warehouse"), str(obj.warehouse))
        yield Fact(_("Return or shipment"), obj.source_number)
        yield Fact(_("Why"), _("Returned by leave") if obj.return_id else _("Not taken at the door"))
        yield Fact(_("Received"), cells.moment(obj.received_at))

    def tables(self, request: HttpRequest, obj: ReturnReceipt) -> Iterable[Table]:
        """Show the lines: expected, counted, and what became of them."""
        yield paged(
            request,
            obj.lines.select_related("product", "lot").order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                _("Lot"),
                _("Reason"),
                (_("Expected"),),
                (_("Counted"),),
                (_("Restocked"),),
                (_("Scrapped"),),
                (_("To the factory"),),
            ),
            lambda line: (
                line.line_number,
                cells.two_lines(line.product.name, line.product.sku),
                line.lot.number if line.lot else cells.NOTHING,
                line.reason.capitalize(),
                cells.quantity(line.expected_quantity),
                cells.quantity(line.received_quantity),
                cells.quantity(line.restocked_quantity),
                cells.quantity(line.scrapped_quantity),
                cells.quantity(line.sent_back_quantity),
            ),
        )

    @service_action(
        gettext_lazy("Everything came back"),
        verb="receive",
        confirm=gettext_lazy(
            "All of it goes into quarantine, and the dealer is credited for what was billed."
        ),
    )
    def receive_all(self, call: Call) -> Any:
        """Count everything as expected."""
        returns.receive(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is in quarantine.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Count what came back"), verb="receive", form=count_form)
    def receive_counted(self, call: Call) -> Any:
        """Take in what was counted."""
        counts = [
            returns.Count(int(name.removeprefix("line_")), quantity)
            for name, quantity in call.data.items()
            if name.startswith("line_")
        ]
        returns.receive(call.obj.pk, counts=counts, by=call.by, at=call.at)
        return _("%(number)s is received as counted.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Decide what becomes of it"), verb="dispose", form=disposition_form)
    def dispose(self, call: Call) -> Any:
        """Restock, scrap or send back."""
        numbers = sorted({int(name.rpartition("_")[2]) for name in call.data})
        parts = [
            disposition.Disposition(number, **{way: call.data[f"{way}_{number}"] for way in WAYS})
            for number in numbers
            if any(call.data[f"{way}_{number}"] for way in WAYS)
        ]
        disposition.dispose(call.obj.pk, dispositions=parts, by=call.by, at=call.at)
        return _("It is done as decided.")
