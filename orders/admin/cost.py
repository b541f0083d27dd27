"""Freight, duty and fees: written down from the page of a purchase order or a cycle, shared over what was received."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.money import Money
from orders.models import CostBasis, CostKind, CostShare, CostVoucher, OrderCycle
from orders.services import cost_voucher


class CostForm(forms.Form):
    """Ask what was spent, and what it is shared by."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=CostKind.choices)
    basis = forms.ChoiceField(label=gettext_lazy("Shared by"), choices=CostBasis.choices)
    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, max_digits=18, decimal_places=3)
    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=80)


class AmountForm(forms.Form):
    """Ask what it comes to after all."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, max_digits=18, decimal_places=3)
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)


class AddsCosts:
    """Adds the button to a list of purchase orders or cycles."""

    @service_action(gettext_lazy("Add a cost"), form=CostForm)
    def add_cost(self, call: Call) -> Any:
        """Write a cost of the document down."""
        about = {"cycle" if isinstance(call.obj, OrderCycle) else "purchase_order": call.obj}
        made = cost_voucher.plan(
            kind=call.data["kind"],
            basis=call.data["basis"],
            amount=Money(call.data["amount"], call.obj.currency),
            reference=call.data["reference"],
            by=call.by,
            at=call.at,
            **about,
        )
        return _("%(number)s is written down; share it once goods were received.") % {"number": made.number}


@admin.register(CostVoucher, site=operator_site)
class CostVouchers(ReadOnlyAdmin):
    """Costs and whom they fall on."""

    nav = Nav("money", 60, "splitscreen")
    ordering = ("-pk",)
    list_display = (
        "number",
        "kind",
        "basis",
        columns.status(),
        columns.money("amount", gettext_lazy("Amount"), order="amount"),
        columns.money("shared_amount", gettext_lazy("Shared")),
        columns.moment("shared_at", gettext_lazy("Shared at"), "shared_at"),
    )
    list_filter = ("status", "kind")
    search_fields = ("number__startswith", "reference__startswith")
    detail_select_related = ("purchase_order", "cycle")
    buttons = ("share", "revise", "close", "cancel")

    def facts(self, request: HttpRequest, obj: CostVoucher) -> Iterable[Fact]:
        """Say what was spent on what."""
        yield Fact(_("Kind"), obj.get_kind_display())
        yield Fact(_("Of"), str(obj.purchase_order or obj.cycle or obj.shipment_id))
        yield Fact(_("Shared by"), obj.get_basis_display())
        yield Fact(_("Amount"), cells.money(obj.amount, obj.currency))
        yield Fact(_("Shared"), cells.money(obj.shared_amount, obj.currency))
        yield Fact(_("Reference"), obj.reference or cells.NOTHING)

    def tables(self, request: HttpRequest, obj: CostVoucher) -> Iterable[Table]:
        """Show whose goods bear how much."""
        yield paged(
            request,
            obj.shares.select_related("dealer", "product", "order_line__order").order_by("pk"),
            _("Shares"),
            headings(_("Dealer"), _("Order"), _("Product"), (_("Measure"),), (_("Bears"),)),
            lambda share: (
                share.dealer.name if share.dealer else _("platform stock"),
                share.order_line.order.number if share.order_line else cells.NOTHING,
                cells.two_lines(share.product.name, share.product.sku),
                cells.quantity(int(share.weight)),
                cells.money(share.amount, share.currency),
            ),
            parameter="shares",
            empty=_("It is not shared yet."),
        )

    @service_action(gettext_lazy("Share it"), verb="share")
    def share(self, call: Call) -> Any:
        """Share the cost over what was received."""
        cost_voucher.share(call.obj, by=call.by, at=call.at)
        return _("%(number)s is shared over the goods received so far.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Change the amount"), verb="revise", form=AmountForm)
    def revise(self, call: Call) -> Any:
        """Change what it comes to."""
        amount = Money(call.data["amount"], call.obj.currency)
        cost_voucher.revise(call.obj, amount=amount, reason=call.data["reason"], by=call.by, at=call.at)
        return _("The amount is changed.")

    @service_action(
        gettext_lazy("Close"),
        verb="close",
        confirm=gettext_lazy("The shares stand as they are, whatever is received later."),
    )
    def close(self, call: Call) -> Any:
        """Let the shares stand."""
        cost_voucher.close(call.obj, by=call.by, at=call.at)
        return _("%(number)s is closed.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Cancel"), verb="cancel", form=ReasonForm, danger=True)
    def cancel(self, call: Call) -> Any:
        """Withdraw the cost and its shares."""
        cost_voucher.cancel(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is cancelled.") % {"number": call.obj.number}


@admin.register(CostShare, site=dealer_site)
class DealerCosts(ReadOnlyAdmin):
    """What the dealer's goods bear of freight, duty and fees."""

    nav = Nav("money", 50, "splitscreen")
    ordering = ("-pk",)
    list_display = (
        "voucher_number",
        "kind",
        columns.text("order_line.order.number", gettext_lazy("Order")),
        columns.text("product.name", gettext_lazy("Product")),
        columns.money("amount", gettext_lazy("Bears"), order="amount"),
        columns.moment("shared_at", gettext_lazy("Shared at"), "shared_at"),
    )
    list_select_related = ("product", "order_line__order")
    list_filter = ("kind",)
    search_fields = ("voucher_number__startswith",)
    detail_select_related = ("product", "order_line__order")

    def facts(self, request: HttpRequest, obj: CostShare) -> Iterable[Fact]:
        """Say what for, by which measure, and how much."""
        yield Fact(_("Kind"), obj.get_kind_display())
        yield Fact(_("Product"), str(obj.product))
        yield Fact(_("Order"), obj.order_line.order.number if obj.order_line else cells.NOTHING)
        yield Fact(_("Shared by"), obj.get_basis_display())
        yield Fact(_("Measure of your goods"), cells.quantity(int(obj.weight)))
        yield Fact(_("Bears"), cells.money(obj.amount, obj.currency))
