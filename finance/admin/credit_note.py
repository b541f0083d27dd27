"""Credit notes for returned goods and debit notes, and what factories bear of claims."""

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
from finance.admin.invoice import files
from finance.models import CreditNote, SupplierCredit

LIST = (
    columns.text("invoice.number", gettext_lazy("Invoice")),
    columns.day("issue_date", gettext_lazy("Issued"), "issue_date"),
    columns.money("gross_amount", gettext_lazy("Total"), order="gross_amount"),
    columns.money("advance_amount", gettext_lazy("To the dealer's credit")),
)


class CreditNotePages(ReadOnlyAdmin):
    """A list of credit notes; the page of one with its lines."""

    nav = Nav("money", 15, "undo")
    ordering = ("-pk",)
    list_select_related: tuple[str, ...] = ("invoice",)
    search_fields: tuple[str, ...] = ("number__startswith", "invoice__number__startswith")
    detail_select_related = ("dealer", "invoice")

    def facts(self, request: HttpRequest, obj: CreditNote) -> Iterable[Fact]:
        """Say what was credited, and how."""
        yield Fact(_("Dealer"), obj.dealer.name)
        yield Fact(_("Invoice"), cells.link(obj.invoice.number, f"../../invoice/{obj.invoice_id}/"))
        yield Fact(_("Issued"), cells.day(obj.issue_date))
        yield Fact(_("Net"), cells.money(obj.net_amount, obj.currency))
        yield Fact(_("Tax"), cells.money(obj.tax_amount, obj.currency))
        yield Fact(_("Total"), cells.money(obj.gross_amount, obj.currency))
        yield Fact(_("Taken off the invoice"), cells.money(obj.settled_amount, obj.currency))
        yield Fact(_("To the dealer's credit"), cells.money(obj.advance_amount, obj.currency))
        if obj.reason:
            yield Fact(_("Why"), obj.reason)
        yield Fact(_("Document"), files("credit-note", obj.pk))

    def tables(self, request: HttpRequest, obj: CreditNote) -> Iterable[Table]:
        """Show what came back, or was charged and is not owed, at which price."""
        yield paged(
            request,
            obj.lines.select_related("invoice_line", "debit_line").order_by("line_number"),
            _("Lines"),
            headings(_("Line"), _("Product"), _("Order"), (_("Quantity"),), (_("Unit price"),), (_("Net"),)),
            lambda line: (
                line.line_number,
                cells.two_lines(
                    line.debit_line.text if line.debit_line else line.invoice_line.product_name,
                    line.invoice_line.sku,
                ),
                line.invoice_line.order_number,
                cells.quantity(line.quantity),
                cells.unit_price(line.unit_price, obj.currency),
                cells.amount(line.net_amount, obj.currency),
            ),
        )


@admin.register(CreditNote, site=dealer_site)
class DealerCreditNotes(CreditNotePages):
    """The dealer's own credit notes."""

    list_display = ("number", *LIST)


@admin.register(CreditNote, site=operator_site)
class OperatorCreditNotes(CreditNotePages):
    """The credit notes of all dealers."""

    list_display = ("number", columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"), *LIST)
    list_select_related = ("dealer", "invoice")
    search_fields = (*CreditNotePages.search_fields, "dealer__code__startswith")


@admin.register(SupplierCredit, site=operator_site)
class SupplierCredits(ReadOnlyAdmin):
    """What factories bear of claims, and whom it went to."""

    nav = Nav("money", 55, "assured_workload")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("claim_number", gettext_lazy("Claim")),
        columns.day("issue_date", gettext_lazy("Issued"), "issue_date"),
        columns.money("amount", gettext_lazy("Amount"), order="amount"),
        columns.money("passed_on_amount", gettext_lazy("Passed on to dealers")),
    )
    list_select_related = ("factory",)
    search_fields = ("number__startswith", "claim_number__startswith")
    detail_select_related = ("factory",)

    def facts(self, request: HttpRequest, obj: SupplierCredit) -> Iterable[Fact]:
        """Say what the factory bears, and what of it is whose."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Claim"), obj.claim_number)
        yield Fact(_("Amount"), cells.money(obj.amount, obj.currency))
        yield Fact(_("Recovered by the platform"), cells.money(obj.recovered_amount, obj.currency))
        yield Fact(_("Passed on to dealers"), cells.money(obj.passed_on_amount, obj.currency))

    def tables(self, request: HttpRequest, obj: SupplierCredit) -> Iterable[Table]:
        """Show the dealers' parts."""
        yield paged(
            request,
            obj.shares.select_related("dealer").order_by("dealer__code"),
            _("Passed on to"),
            headings(_("Dealer"), (_("Amount"),)),
            lambda share: (share.dealer.name, cells.money(share.amount, share.currency)),
            empty=_("All of it is the platform's, which had refunded its dealers."),
        )
