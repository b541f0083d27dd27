"""Invoices of carriers, as the operator decides on those that differ from their trips."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
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
from logistics import states
from logistics.models import FreightInvoice
from logistics.policies.freight_match import FINDINGS
from logistics.services import freight_invoice


@admin.register(FreightInvoice, site=operator_site)
class FreightInvoices(ReadOnlyAdmin):
    """What carriers ask to be paid."""

    nav = Nav("carry", 64, "receipt")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("carrier.name", gettext_lazy("Carrier"), "carrier__name"),
        columns.status(),
        "issue_date",
        columns.money("gross_amount", gettext_lazy("Asked"), order="gross_amount"),
    )
    list_select_related = ("carrier",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "carrier__code__startswith")
    detail_select_related = ("carrier",)
    buttons = ("accept", "reject")

    def facts(self, request: HttpRequest, obj: FreightInvoice) -> Iterable[Fact]:
        """Say who asks for how much, and what was expected."""
        yield Fact(_("Carrier"), str(obj.carrier))
        yield Fact(_("Issued"), cells.day(obj.issue_date))
        yield Fact(_("Net"), cells.money(obj.net_amount, obj.currency))
        yield Fact(_("Expected, net"), cells.money(obj.expected_amount, obj.currency))
        yield Fact(_("Tax"), cells.money(obj.tax_amount, obj.currency))
        yield Fact(_("Gross"), cells.money(obj.gross_amount, obj.currency))

    def tables(self, request: HttpRequest, obj: FreightInvoice) -> Iterable[Table]:
        """Show each trip with what is wrong."""
        yield paged(
            request,
            obj.lines.order_by("pk"),
            _("Trips"),
            headings(_("Trip"), (_("Asked"),), (_("Expected"),), _("Finding")),
            lambda line: (
                line.trip_number,
                cells.amount(line.amount, obj.currency),
                cells.amount(line.expected_amount, obj.currency),
                FINDINGS.get(line.finding, cells.NOTHING),
            ),
        )

    @service_action(
        gettext_lazy("Owe it as it is"),
        verb="accept",
        form=ReasonForm,
        when=lambda invoice: invoice.status == states.DISPUTED,
    )
    def accept(self, call: Call) -> Any:
        """Owe what was asked."""
        freight_invoice.accept(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is owed.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Reject"), verb="reject", form=ReasonForm, danger=True)
    def reject(self, call: Call) -> Any:
        """Refuse it."""
        freight_invoice.reject(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is rejected; its trips may be billed anew.") % {"number": call.obj.number}
