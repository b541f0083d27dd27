"""Payments: money that came in, and the invoices it settled."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from finance.models import Payment


class PaymentPages(ReadOnlyAdmin):
    """A list of payments; the page of one with what it settled."""

    nav = Nav("money", 20, "payments")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    detail_select_related = ("dealer",)

    def facts(self, request: HttpRequest, obj: Payment) -> Iterable[Fact]:
        """Say who paid how much when."""
        yield Fact(_("Dealer"), obj.dealer.name)
        yield Fact(_("Value date"), cells.day(obj.value_date))
        yield Fact(_("Amount"), cells.money(obj.amount, obj.currency))
        yield Fact(_("Not yet allocated"), cells.money(obj.open_amount, obj.currency))
        yield Fact(_("Remittance text"), obj.remittance_text or cells.NOTHING)

    def tables(self, request: HttpRequest, obj: Payment) -> Iterable[Table]:
        """Show what it settled."""
        yield paged(
            request,
            obj.allocations.select_related("invoice").order_by("pk"),
            _("Settled"),
            headings(_("Invoice"), _("When"), (_("Amount, %(currency)s") % {"currency": obj.currency},)),
            lambda part: (
                cells.link(part.invoice.number, f"../../invoice/{part.invoice_id}/"),
                cells.moment(part.at),
                cells.amount(part.amount, obj.currency),
            ),
            empty=_("It is kept as an advance."),
        )


LIST = (
    columns.status(),
    columns.day("value_date", gettext_lazy("Value date"), "value_date"),
    columns.money("amount", gettext_lazy("Amount"), order="amount"),
    columns.money("open_amount", gettext_lazy("Not allocated"), order="open_amount"),
)


@admin.register(Payment, site=dealer_site)
class DealerPayments(PaymentPages):
    """The dealer's own payments."""

    list_display = ("number", *LIST)


@admin.register(Payment, site=operator_site)
class OperatorPayments(PaymentPages):
    """The payments of all dealers."""

    list_display = ("number", columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"), *LIST)
    list_select_related = ("dealer",)
