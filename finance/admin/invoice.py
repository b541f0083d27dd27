"""Invoices: what dealers owe for what arrived."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from finance.admin import debit_note
from finance.models import Invoice


def files(kind: str, key: object) -> SafeString:
    """Link the document as PDF and as UBL."""
    links = (cells.link(name, reverse(f"{kind}-{name.lower()}", args=[key])) for name in ("PDF", "UBL"))
    return format_html("{} {}", *links)


class InvoicePages(ReadOnlyAdmin):
    """A list of invoices; the page of one with its lines, taxes and what settled it."""

    nav = Nav("money", 10, "request_quote")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "shipment_number__startswith")
    detail_select_related = ("dealer", "seller", "corrects")

    def facts(self, request: HttpRequest, obj: Invoice) -> Iterable[Fact]:
        """Say who owes how much until when, and for which delivery."""
        yield Fact(_("Dealer"), obj.dealer.name)
        yield Fact(_("Shipment"), obj.shipment_number)
        yield Fact(_("Delivered"), cells.moment(obj.delivered_at))
        yield Fact(_("Issued"), cells.day(obj.issue_date))
        yield Fact(_("Due"), cells.day(obj.due_date))
        yield Fact(_("Net"), cells.money(obj.net_amount, obj.currency))
        yield Fact(_("Tax"), cells.money(obj.tax_amount, obj.currency))
        yield Fact(_("Total"), cells.money(obj.gross_amount, obj.currency))
        yield Fact(_("Still open"), cells.money(obj.open_amount, obj.currency))
        if obj.corrects_id:
            yield Fact(_("Corrects"), cells.link(obj.corrects.number, f"../{obj.corrects_id}/"))
            yield Fact(_("Why"), obj.reason)
        yield Fact(_("Quote this when you pay"), cells.code(obj.number))
        yield Fact(_("Document"), files("invoice", obj.pk))

    def _delivered(self, request: HttpRequest, obj: Invoice) -> Table:
        return paged(
            request,
            obj.lines.order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"),
                _("Product"),
                _("Order"),
                (_("Quantity"),),
                (_("Unit price, %(currency)s") % {"currency": obj.currency},),
                (_("Tax rate"),),
                (_("Net, %(currency)s") % {"currency": obj.currency},),
            ),
            lambda line: (
                line.line_number,
                cells.two_lines(line.product_name, line.sku),
                line.order_number,
                cells.quantity(line.quantity),
                cells.unit_price(line.unit_price, obj.currency),
                cells.percent(line.tax_rate),
                cells.amount(line.net_amount, obj.currency),
            ),
        )

    def tables(self, request: HttpRequest, obj: Invoice) -> Iterable[Table]:
        """Show the lines and what settled them."""
        if obj.corrects_id:
            yield debit_note.charged(request, obj)
        else:
            yield self._delivered(request, obj)
        due = obj.open_instalments()
        if len(due) > 1:
            yield Table(
                _("Instalments"),
                headings(_("Due"), (_("Amount, %(currency)s") % {"currency": obj.currency},), (_("Open"),)),
                [
                    (
                        cells.day(part.due_date),
                        cells.amount(part.amount, obj.currency),
                        cells.amount(part.open_amount, obj.currency),
                    )
                    for part in due
                ],
            )
        yield paged(
            request,
            obj.allocations.select_related("payment").order_by("pk"),
            _("Settled by"),
            headings(_("Payment"), _("When"), (_("Amount, %(currency)s") % {"currency": obj.currency},)),
            lambda part: (
                cells.link(part.payment.number, f"../../payment/{part.payment_id}/"),
                cells.moment(part.at),
                cells.amount(part.amount, obj.currency),
            ),
            parameter="payments",
            empty=_("Nothing has been paid yet."),
        )


LIST = (
    columns.status(),
    columns.day("issue_date", gettext_lazy("Issued"), "issue_date"),
    columns.day("due_date", gettext_lazy("Due"), "due_date"),
    columns.money("gross_amount", gettext_lazy("Total"), order="gross_amount"),
    columns.money("open_amount", gettext_lazy("Open"), order="open_amount"),
)


@admin.register(Invoice, site=dealer_site)
class DealerInvoices(InvoicePages):
    """The dealer's own invoices."""

    list_display = ("number", *LIST)


@admin.register(Invoice, site=operator_site)
class OperatorInvoices(InvoicePages):
    """The invoices of all dealers."""

    list_display = ("number", columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"), *LIST)
    list_select_related = ("dealer",)
    search_fields = (*InvoicePages.search_fields, "dealer__code__startswith")
    buttons = ("debit", "take_back")
    debit = debit_note.debit
    take_back = debit_note.take_back
