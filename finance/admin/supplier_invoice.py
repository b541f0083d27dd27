"""Bills of factories: what each says, what it was held against, and what a person may decide."""

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
from b2b.admin.sites import actor_of, factory_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from finance.models import SupplierInvoice
from finance.policies.three_way_match import RELEASABLE
from finance.selectors import supplier_invoice as selectors
from finance.services import three_way_match

VERDICTS = {
    "MATCHED": gettext_lazy("Agrees with order and receipt"),
    "GOODS_AWAITED": gettext_lazy("Waits for goods"),
    "OVER_ORDERED": gettext_lazy("More than was ordered"),
    "CANCELLED": gettext_lazy("The order was cancelled"),
    "PRICE_ABOVE": gettext_lazy("Too dear"),
    "CHARGES_ABOVE": gettext_lazy("Charges that were not agreed"),
}


class BillPages(ReadOnlyAdmin):
    """Bills and what each was held against."""

    nav = Nav("money", 50, "receipt")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("supplier_number", gettext_lazy("Factory's number")),
        columns.status(),
        columns.day("due_date", gettext_lazy("Due"), "due_date"),
        columns.money("gross_amount", gettext_lazy("Total"), order="gross_amount"),
        columns.money("open_amount", gettext_lazy("Open"), order="open_amount"),
    )
    list_select_related = ("factory",)
    list_filter = ("status", "verdict")
    search_fields = ("number__startswith", "supplier_number__startswith", "factory__code__startswith")
    detail_select_related = ("factory", "looks_like")

    def facts(self, request: HttpRequest, obj: SupplierInvoice) -> Iterable[Fact]:
        """Say who asks for how much, and how it stands."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Factory's number"), obj.supplier_number)
        yield Fact(_("Verdict"), VERDICTS.get(obj.verdict, cells.NOTHING))
        yield Fact(_("Issued"), cells.day(obj.issue_date))
        yield Fact(_("Due"), cells.day(obj.due_date))
        yield Fact(_("Net"), cells.money(obj.net_amount, obj.currency))
        if obj.extra_amount:
            yield Fact(_("Allowances and charges in it"), cells.money(obj.extra_amount, obj.currency))
        yield Fact(_("Tax"), cells.money(obj.tax_amount, obj.currency))
        yield Fact(_("Total"), cells.money(obj.gross_amount, obj.currency))
        yield Fact(_("Open"), cells.money(obj.open_amount, obj.currency))
        if obj.fapiao_number:
            yield Fact(_("Fapiao"), obj.fapiao_number)
        if obj.looks_like is not None:
            yield Fact(
                _("Looks like a copy of"),
                cells.link(f"{obj.looks_like.number} ({obj.looks_like.supplier_number})",
                           f"../{obj.looks_like_id}/"),
            )  # fmt: skip

    def tables(self, request: HttpRequest, obj: SupplierInvoice) -> Iterable[Table]:
        """Show each line beside what was ordered, accepted and billed before."""
        yield paged(
            request,
            selectors.last_matches(actor_of(request), obj),
            _("Lines"),
            headings(
                _("Purchase order"), _("Product"), (_("Ordered"),), (_("Accepted"),), (_("Billed before"),),
                (_("Billed"),), (_("Agreed price"),), (_("Billed price"),), (_("Net"),), _("Verdict"),
            ),
            lambda one: (
                f"{one.terms.purchase_order_number}/{one.terms.line_number}",
                cells.two_lines(one.terms.product.name, one.terms.product.sku),
                cells.quantity(one.ordered),
                cells.quantity(one.accepted),
                cells.quantity(one.invoiced_before),
                cells.quantity(one.quantity),
                cells.unit_price(one.agreed_price, obj.currency),
                cells.unit_price(one.line.unit_price, obj.currency),
                cells.amount(one.line.net_amount, obj.currency),
                cells.two_lines(VERDICTS.get(one.verdict, one.verdict), one.reason),
            ),
        )  # fmt: skip


@admin.register(SupplierInvoice, site=factory_site)
class FactoryBills(BillPages):
    """The factory's own."""

    list_display = (
        columns.text("supplier_number", gettext_lazy("Your number")),
        "number",
        columns.status(),
        "stands",
        columns.day("due_date", gettext_lazy("Due"), "due_date"),
        columns.money("gross_amount", gettext_lazy("Total"), order="gross_amount"),
        columns.money("open_amount", gettext_lazy("Open"), order="open_amount"),
    )
    search_fields = ("supplier_number__startswith", "number__startswith")

    @admin.display(description=gettext_lazy("What was found"))
    def stands(self, obj: SupplierInvoice) -> Any:
        """Say what the last comparison with order and receipt found."""
        return VERDICTS.get(obj.verdict, cells.NOTHING)


@admin.register(SupplierInvoice, site=operator_site)
class SupplierInvoices(BillPages):
    """The bills of all factories."""

    buttons = ("release", "reject")

    @service_action(
        gettext_lazy("Release"), verb="release", form=ReasonForm, when=lambda bill: bill.verdict in RELEASABLE
    )
    def release(self, call: Call) -> Any:
        """Approve it although it is too dear."""
        three_way_match.release(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is approved.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Reject"), verb="reject", form=ReasonForm, danger=True)
    def reject(self, call: Call) -> Any:
        """Send it back."""
        three_way_match.reject(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is sent back.") % {"number": call.obj.number}
